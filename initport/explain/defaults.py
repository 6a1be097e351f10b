"""The weights of layer calls for which the call names no initializer, and what starts them: a scope, or a default."""

import ast
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from initport.grammar.layout import parse_layout
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.rows import SourceWeight
from initport.ir.initializers import Initializer, Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Weight
from initport.ir.weights import Layout
from initport.python.arg_scope import may_be_set, setting
from initport.python.axes import rank
from initport.python.defaults import WHOLE, default, own_layers, ungrouped
from initport.python.follow import Reference, references
from initport.python.place import matching_layer, shape_of
from initport.python.scope import constant
from initport.python.sites.site import Place, Site
from initport.python.syntax import Syntax
from initport.python.text import Text
from initport.python.vocabulary import Layer as KnownLayer
from initport.python.vocabulary import Names

SCOPED = ", or what an enclosing scope sets"
GIVEN = ", or what `**` or `*` gives"


def default_layers(
    tree: ast.Module, text: Text, names: Names, sites: Mapping[ast.expr, Site], path: str
) -> Iterator[tuple[Layer, Vocabulary | None]]:
    """The layers with the weights that no argument starts, in the order of the source, and what each is written in;
    ``sites`` are those that were found in it. A weight whose start only the running program has is Unsupported."""
    layers = {**names.layers, **own_layers(names, text.content)}
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
        place = Place("", self.layer, weight.argument, self.call)
        initializer = default(weight, self.layer, self.names, layout, rank(shape_of(place)))
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
        dims = ungrouped(self.layer)
        return Weight(weight.role, known, self.location, weight.argument or "", source, True, layout, dims)

    def _layout(self, weight: SourceWeight) -> Layout | None:
        """That of the layer, where it has one."""
        return None if weight.layout == "source" else parse_layout(weight.layout)


def _is_whole(dtype: ast.expr | None) -> bool:
    """Whether a dtype is written out and one of integers or booleans."""
    name = dtype.value if isinstance(dtype, ast.Constant) else getattr(dtype, "attr", getattr(dtype, "id", ""))
    return isinstance(name, str) and WHOLE.fullmatch(name) is not None


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
