"""What the weights that a program leaves to a default start with, where the target's own layers start differently."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from initport.emit.settings import Settings
from initport.grammar import registry
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.ir.describe import exact_law
from initport.ir.initializers import Initializer, Unsupported, bind, equal
from initport.ir.location import Location
from initport.ir.weights import Kind, Role
from initport.python.defaults import default
from initport.python.implicit import GIVEN, default_layers
from initport.python.sites import Sites
from initport.python.text import Text
from initport.python.vocabulary import Layer, Names


@dataclass
class Differing:
    """Weights of one kind and role that start with ``source`` by default and with ``target`` in the target."""

    location: Location
    kind: Kind
    role: Role
    source: Initializer
    target: Initializer
    doubt: str
    count: int = 1

    @property
    def words(self) -> str:
        role, kind = (item.value.replace("_", " ") for item in (self.role, self.kind))
        return (
            f"the {role} of {self.count} {kind} layer{'s' * (self.count != 1)} starts by default{self.doubt} as "
            f"{exact_law(self.source)}, there as {exact_law(self.target)}"
        )


def differing_defaults(
    tree: ast.Module, text: Text, settings: Settings, sites: Sites, path: str
) -> Iterator[Differing]:
    """In the order of the source, once a kind, role and start."""
    own = _own_grammar(settings.target)
    if own is None:
        return
    found: dict[tuple[object, ...], Differing] = {}
    known = {site.node: site for site in sites.found}
    for layer, _ in default_layers(tree, text, settings.names, known, path):
        for weight in layer.weights:
            theirs = _start_in(own, layer.kind, weight.role, settings.names)
            ours = weight.initializer
            if theirs is None or isinstance(ours, Unsupported) or equal(_without_groups(ours), _without_groups(theirs)):
                continue
            doubt = GIVEN if GIVEN in weight.source else ""
            key = (layer.kind, weight.role, ours, doubt)
            if key in found:
                found[key].count += 1
            else:
                found[key] = Differing(layer.location, layer.kind, weight.role, ours, theirs, doubt)
    yield from found.values()


def _without_groups(initializer: Initializer) -> Initializer:
    return bind(initializer, {"groups": 1})


def _own_grammar(target: str) -> str | None:
    """The grammar of a target's own layers, which take no initializers."""
    return next((name for name, head in registry.source_grammars().items() if head.own == target), None)


@lru_cache(maxsize=1024)
def _start_in(own: str, kind: Kind, role: Role, names: Names) -> Initializer | None:
    """What a weight of the target's own layer starts with; None where it has none, or its axes are not stated, or what
    the layer computes is not known."""
    if kind is Kind.UNKNOWN:
        return None
    grammar = vocabulary(own)
    speaker = vocabulary(grammar.grammar.head.own)
    for rows in grammar.variants.values():
        for row in rows:
            for weight in row.weights if row.kind is kind else ():
                if weight.role is role and weight.layout != "source":
                    return default(weight, Layer(row, speaker, own), names, parse_layout(weight.layout), None)
    return None
