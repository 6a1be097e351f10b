"""The weights of layer calls for which the call names no initializer, and what starts them: a scope, or a default."""

import ast
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from typing import Any

from initport.grammar import registry
from initport.grammar.call import Call, default_call
from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, UnknownCallError, Vocabulary
from initport.grammar.rows import SourceWeight
from initport.ir.initializers import Blocks, Initializer, Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Weight
from initport.ir.weights import Layout
from initport.python.arg_scope import may_be_set, setting
from initport.python.axes import declared_layouts, rank
from initport.python.follow import Reference, references
from initport.python.place import matching_layer, shape_of
from initport.python.scope import constant
from initport.python.sites.site import Place, Site
from initport.python.syntax import Syntax
from initport.python.text import Text
from initport.python.vocabulary import Layer as KnownLayer
from initport.python.vocabulary import Layers, Names

SCOPED = ", or what an enclosing scope sets"
GIVEN = ", or what `**` or `*` gives"


def default_layers(
    tree: ast.Module, text: Text, names: Names, sites: Mapping[ast.expr, Site], path: str
) -> Iterator[tuple[Layer, Vocabulary | None]]:
    """The layers with the weights that no argument starts, in the order of the source, and what each is written in;
    ``sites`` are those that were found in it. A weight whose start only the running program has is Unsupported."""
    layers = {**names.layers, **_without_initializers(text)}
    words = frozenset(path.rpartition(".")[2] for path in layers)
    with closing(Syntax.of(tree, text)) as syntax:
        for reference in references(syntax, words, layers):
            call = reference.call
            layer = None if call is None else matching_layer(layers[reference.found], call)
            if call is None or layer is None:
                continue
            found = _Call(reference, call, layer, text, names, sites, path)
            weights = tuple(found.weights())
            if weights:
                name = f"{found.callee} ({call.lineno}:{call.col_offset + 1})"
                yield Layer(name, layer.row.kind, found.callee, found.location, weights), layer.speaker


def _without_initializers(text: Text) -> dict[str, tuple[KnownLayer, ...]]:
    """The layers that a text can speak of and that take no initializers."""
    found: dict[str, tuple[KnownLayer, ...]] = {}
    for name in registry.source_grammars():
        if any(root in text.content for root in registry.roots(name)):
            found.update(_own(name))
    return found


@cache
def _own(name: str) -> Layers:
    known, roots = vocabulary(name), registry.roots(name)
    if not known.grammar.own:
        return {}
    speaker = vocabulary(known.grammar.own)
    return {
        path: tuple(KnownLayer(row, speaker, name) for row in rows)
        for path, rows in known.variants.items()
        if path.partition(".")[0] in roots and "." in path
    }


@dataclass(frozen=True, slots=True)
class _Call:
    reference: Reference
    call: ast.Call
    layer: KnownLayer
    text: Text
    names: Names
    sites: Mapping[ast.expr, Site]
    path: str

    @property
    def callee(self) -> str:
        return " ".join(ast.unparse(self.reference.node).split())

    @property
    def location(self) -> Location:
        return Location(self.path, self.call.lineno, self.call.col_offset + 1)

    def weights(self) -> Iterator[Weight]:
        row = self.layer.row
        given: dict[str | None, ast.expr] = dict(zip(row.parameters, self.call.args, strict=False))
        given.update((item.arg, item.value) for item in self.call.keywords)
        off = {name for name, value in row.defaults.items() if not value and name not in given}
        off |= {name for name, node in given.items() if name and isinstance(node, ast.Constant) and not node.value}
        starred = None in given or any(isinstance(item, ast.Starred) for item in self.call.args)
        on = {name for name, value in row.defaults.items() if value} | given.keys() - off
        for weight in row.weights:
            needed = (weight.when or "").split(" and ")
            absent = weight.argument in needed or not off.isdisjoint(needed)
            replaced = weight.unless is not None and weight.unless in on - off
            if not absent and not replaced and weight.default and not _says(given.get(weight.argument), weight):
                whole = weight.whole and _is_whole(given.get("dtype"))
                started = weight._replace(default=weight.whole) if whole else weight
                yield from self._weight(started, GIVEN if starred else "")

    def _weight(self, weight: SourceWeight, unsure: str) -> Iterator[Weight]:
        reference, layout = self.reference, self._layout(weight)
        found = setting(reference.found, weight, reference.spot, self.names.layers)
        if found is not None and isinstance(found.value, ast.Constant) and found.value.value is None:
            return
        if found is not None and found.value is not None:
            site = self.sites.get(constant(found.value, found.scope))
            source = f"scope: {' '.join(self.text.of(found.value).split())}{unsure}"
            yield self._start(weight, source, None if site is None else _meaning(site, layout), layout)
            return
        initializer = self._default(weight, layout)
        if initializer is not None:
            if found is not None or may_be_set(reference.found, weight, self.text.content):
                unsure += SCOPED
            name = str(weight.default["type"]).rpartition(".")[2]
            yield self._start(weight, f"default: {name}{unsure}", initializer, layout)

    def _start(
        self, weight: SourceWeight, source: str, initializer: Initializer | None, layout: Layout | None
    ) -> Weight:
        """A weight that starts so; None where only the running program has it."""
        known = initializer or Unsupported("", "what starts it is known only when the program runs")
        return Weight(weight.role, known, self.location, weight.argument or "", source, True, layout)

    def _layout(self, weight: SourceWeight) -> Layout | None:
        """That of the layer, where it has one."""
        return None if weight.layout == "source" else parse_layout(weight.layout)

    def _default(self, weight: SourceWeight, layout: Layout | None) -> Initializer | None:
        """What a weight starts with where nothing is said, part by part if it has such."""
        try:
            inside = layout.part(-1, len(weight.blocks)) if layout is not None and weight.blocks else layout
            stated = [weight.default if block is None else block for block in weight.blocks or (None,)]
            parts = tuple(self._meaning(default, weight, inside) for default in stated)
        except (MeaningError, ExpressionError):
            return None
        return parts[0] if len(parts) == 1 else Blocks(parts)

    def _meaning(self, default: Mapping[str, Any], weight: SourceWeight, layout: Layout | None) -> Initializer:
        """That of a string of the layer's framework, or of a dotted path; on a weight of the shape that the call
        gives, a matrix if it gives none, where the layer has no axes of its own.

        Raises MeaningError, ExpressionError."""
        named = self.names.functions.get(str(default["type"]))
        speaker = self.layer.speaker if named is None else named.vocabulary
        if layout is None and speaker is not None:
            place = Place("", self.layer, weight.argument, self.call)
            layout = next(iter(declared_layouts(speaker, rank(shape_of(place)))), None)
        call = default_call(default, {} if layout is None else {"count": layout.count})
        assert call is not None
        if speaker is None:
            raise UnknownCallError(call.name)
        own = call.name if call.name in speaker.initializers else None
        name = named.name if named is not None else own or speaker.named(call.name)
        return speaker.meaning(speaker.passed(Call(name, (), call.named), weight.passes.items()), layout)


_WHOLE = re.compile(r"u?int\d*|bool_?")


def _is_whole(dtype: ast.expr | None) -> bool:
    """Whether a dtype is written out and one of integers or booleans."""
    name = dtype.value if isinstance(dtype, ast.Constant) else getattr(dtype, "attr", getattr(dtype, "id", ""))
    return isinstance(name, str) and _WHOLE.fullmatch(name) is not None


def _says(given: ast.expr | None, weight: SourceWeight) -> bool:
    """Whether what an argument is given tells the weight's initializer: a dict may leave it out."""
    for key in (weight.key or "").split(".") if weight.key else ():
        match given:
            case ast.Dict(keys=keys, values=values):
                entries = {name.value: value for name, value in zip(keys, values, strict=True)
                           if isinstance(name, ast.Constant)}  # fmt: skip
                if None in keys:
                    return True
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords):
                entries = {item.arg: item.value for item in keywords}
                if None in entries:
                    return True
            case _:
                break
        given = entries.get(key)
    return given is not None


def _meaning(site: Site, layout: Layout | None) -> Initializer | None:
    try:
        return site.meaning(layout or site.layouts[0])
    except MeaningError:
        return None
