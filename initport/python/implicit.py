"""The weights of layer calls for which the call names no initializer, and what starts them: a scope, or a default."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

from initport.grammar import registry
from initport.grammar.layout import ROLES
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.rows import SourceWeight
from initport.grammar.version import Version, version_text
from initport.ir.initializers import Constant, Initializer, Unsupported, equal
from initport.ir.location import Location
from initport.ir.model import Layer, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Layout
from initport.lexis import one_line
from initport.python.arg_scope import may_be_set, setting
from initport.python.arguments import dtype_name, literal
from initport.python.axes import declared_layouts, rank
from initport.python.defaults import (
    WHOLE,
    Part,
    Setting,
    addition_words,
    all_layers,
    bias_of,
    deciding,
    default,
    default_frameworks,
    join_gates,
    layout_of,
    own_version,
    parts_of,
    paths_of_layers,
    stated_sizes,
    stored_dtype,
    with_addition,
    zeroed_row,
)
from initport.python.follow import BOUND_ANEW, Reference, references
from initport.python.place import (
    given_arguments,
    holder_row,
    known_later,
    matching_layer,
    refusal,
    shape_of,
    stated_arguments,
    undecided_layer,
    with_constants,
)
from initport.python.reachable import may_reach
from initport.python.scope import PATCHED, constant
from initport.python.sites import Place, Site
from initport.python.stack import ALONE, Cell, cells, sizes_in
from initport.python.syntax import Syntax
from initport.python.text import Text
from initport.python.vocabulary import Layer as KnownLayer
from initport.python.vocabulary import Names
from initport.python.vocabulary import names as names_of

SCOPED = ", or what an enclosing scope sets"
JOINT = ", of inputs and state as one matrix"
GIVEN = ", or what `**` or `*` gives"


BY_VERSION = "version"
"""The name of the start of a weight that differs between the versions that the project may use."""


class _Otherwise(NamedTuple):
    """What starts a weight in another release of a package, of which so much is ``known``; "" where the layer has other
    weights there."""

    name: str
    release: str
    package: str
    known: str

    @property
    def reason(self) -> str:
        short = registry.releases()[self.package].short or self.package
        differs = "it starts differently" if self.name else "the layer has other weights"
        return (
            f"{differs} in {self.release}, and the version that this was written for is not known "
            f"({self.known}); pass `--source-version {short}=VERSION`, or require a version in the project"
        )


def may_make_layers(text: Text, names: Names) -> bool:
    """Whether a text can make a layer at all, by what it imports."""
    return may_reach(text, paths_of_layers(names, text.content))


def default_layers(
    tree: ast.Module, text: Text, names: Names, sites: Mapping[ast.expr, Site], path: str
) -> Iterator[tuple[Layer, Vocabulary | None]]:
    """The layers with the weights that no argument starts, in the order of the source, and what each is written in;
    ``sites`` are those that were found in it. A weight whose start only the running program has is Unsupported."""
    layers = all_layers(names, text.content)
    words = frozenset(path.rpartition(".")[2] for path in layers)
    with closing(Syntax.of(tree, text)) as syntax:
        for reference in references(syntax, words, layers):
            call = reference.call
            if call is None:
                continue
            variants = layers[reference.found]
            plain = with_constants(variants, call, reference.scope)
            layer, undecided = matching_layer(variants, plain), ""
            if layer is None and (possible := undecided_layer(variants, plain)) is not None:
                layer, undecided = possible
            if layer is None:
                continue
            found = _Call(reference, call, layer, text, names, sites, path, undecided=undecided, variants=variants)
            for cell in found.cells():
                weights = tuple(join_gates(replace(found, cell=cell).weights()))
                if weights:
                    name = f"{found.callee} ({call.lineno}:{call.col_offset + 1})"
                    one = Layer(name, layer.row.kind, found.callee, found.location, weights, cell.wrapper, cell.number)
                    yield one, layer.speaker


@dataclass(frozen=True, slots=True)
class _Call:
    reference: Reference
    call: ast.Call
    layer: KnownLayer
    text: Text
    names: Names
    sites: Mapping[ast.expr, Site]
    path: str
    cell: Cell = ALONE
    undecided: str = ""
    variants: tuple[KnownLayer, ...] = ()

    @property
    def callee(self) -> str:
        return one_line(ast.unparse(self.reference.node))

    @property
    def location(self) -> Location:
        return Location(self.path, self.call.lineno, self.call.col_offset + 1)

    def cells(self) -> Sequence[Cell]:
        """The layers that the layer is, as far as the call writes their number out."""
        stack, given = self.layer.row.stack, given_arguments(self.layer.row, self.call)
        if stack is None or self._is_starred():
            return (ALONE,)
        layers, ways = given.get(stack.number, ast.Constant(1)), given.get(stack.both, ast.Constant(False))
        number, both = (constant(value, self.reference.scope) for value in (layers, ways))
        known = both.value if isinstance(both, ast.Constant) else None
        try:
            return cells(stack, _whole_number(number), known if isinstance(known, bool) else None)
        except ValueError:
            return (ALONE,)

    def _is_starred(self) -> bool:
        """Whether the call gives more than it writes out."""
        return any(item.arg is None for item in self.call.keywords) or any(
            isinstance(item, ast.Starred) for item in self.call.args
        )

    def weights(self) -> Iterator[tuple[Weight, Sequence[int]]]:
        row = self.layer.row
        given: dict[str | None, ast.expr] = dict(zip(row.parameters, self.call.args, strict=False))
        given.update((item.arg, item.value) for item in self.call.keywords if item.arg is not None)
        off = {name for name, value in row.defaults.items() if not value and name not in given}
        off |= {name for name, node in given.items() if name and isinstance(node, ast.Constant) and not node.value}
        on = {name for name, value in row.defaults.items() if value} | given.keys() - off
        refused = refusal(row, stated_arguments({name: node for name, node in given.items() if name is not None}))
        reason = BOUND_ANEW if PATCHED in self.reference.paths else refused[0] if refused is not None else None
        for weight in row.weights:
            needed = (weight.when or "").split(" and ")
            absent = weight.argument in needed or not off.isdisjoint(needed)
            replaced = weight.unless is not None and weight.unless in on - off
            stated = self._initializer(given.get(weight.argument))
            if not absent and not replaced and weight.default and not _says(stated, weight):
                whole = weight.whole and _is_whole(given.get("dtype"))
                started = weight._replace(default=weight.whole) if whole else weight
                if self.undecided and not self._is_in_all(weight):
                    law = Unsupported(self.reference.found, known_later(self.undecided))
                    found = self._starts(weight, "no start", law, self._layout(weight))
                elif reason is not None:
                    law = Unsupported(self.reference.found, reason)
                    found = self._starts(weight, "no start", law, self._layout(weight))
                else:
                    found = self._weight(started, GIVEN if self._is_starred() else "")
                yield from ((item, weight.gates) for item in found)

    def _is_in_all(self, weight: SourceWeight) -> bool:
        """Whether the layer has a weight like this one in whatever row holds."""
        same = (weight.role, weight.layout)
        return all(any((item.role, item.layout) == same for item in layer.row.weights) for layer in self.variants)

    def _initializer(self, given: ast.expr | None) -> ast.expr | None:
        """What starts a weight of what an argument is given; None where that leaves it to the layer."""
        scope = self.reference.scope
        call = None if given is None else constant(given, scope)
        if isinstance(call, ast.Call) and (row := holder_row(call, scope, self.names.layers)) is not None:
            given = given_arguments(row, call).get(row.holds)
        by_default = vocabulary(self.layer.framework).grammar.none == "default"
        return None if by_default and isinstance(given, ast.Constant) and given.value is None else given

    def _weight(self, weight: SourceWeight, unsure: str) -> Iterator[Weight]:
        reference, layout = self.reference, self._layout(weight)
        found = setting(reference.found, weight, reference.spot, self.names.layers)
        if found is not None and isinstance(found.value, ast.Constant) and found.value.value is None:
            return
        if found is not None and found.value is not None:
            site = self.sites.get(constant(found.value, found.scope))
            source = f"scope: {' '.join(self.text.of(found.value).split())}{unsure}"
            yield from self._starts(weight, source, None if site is None else _meaning(site, layout), layout)
            return
        place = Place("", self.layer, weight.argument, self.call)
        axes = rank(shape_of(place))
        settings = self._settings()
        unknown = deciding(weight) & {name for name, value in settings.items() if value is None}
        numbers = {name: value for name, value in settings.items() if value is not None}
        initializer = None if unknown else default(weight, self.layer, self.names, layout, axes, numbers)
        if layout is None and axes is not None and weight.layout == "source":
            speaker = self.names.functions.get(str(weight.default["type"]))
            declared = declared_layouts(speaker.vocabulary, axes) if speaker is not None else ()
            layout = next(iter(declared), None)
        if weight.by_network and self._is_in_network():
            yield from self._starts(weight, f"default: what the network is given{unsure}", None, layout)
        elif initializer is None and unknown:
            yield from self._starts(weight, f"default, by {' and '.join(sorted(unknown))}{unsure}", None, layout)
        elif initializer is not None:
            other = self._otherwise(weight, initializer, layout, axes)
            unmeasured = self.names.speech.versions.doubt_of(default_frameworks(weight, self.layer, self.names))
            if unmeasured is not None:
                initializer = Unsupported(BY_VERSION, unmeasured)
            elif biased := self._bias(weight, initializer):
                initializer = Unsupported(self.reference.found, biased)
            elif other is not None:
                unsure += f", or {other.name or 'other weights'} in {other.release}"
                initializer = Unsupported(BY_VERSION, other.reason)
            if found is not None or may_be_set(reference.found, weight, self.text.content):
                unsure += SCOPED
            name = str(weight.default["type"]).rpartition(".")[2]
            yield from self._starts(weight, f"default: {name}{unsure}", initializer, layout)

    def _starts(
        self, weight: SourceWeight, source: str, initializer: Initializer | None, layout: Layout | None
    ) -> Iterator[Weight]:
        """A weight that starts so, or those that it is; None where only the running program has it."""
        if initializer is not None and weight.zeroed is not None and self._is_given(weight.zeroed):
            source += f", and its row `{weight.zeroed}` is set to zero"
            initializer = Unsupported("", zeroed_row(weight.zeroed, initializer))
        known = initializer or Unsupported("", "what starts it is known only when the program runs")
        dims, parts = self._sizes(layout), [Part(weight.role, layout, known)]
        if initializer is not None and not isinstance(initializer, Unsupported):
            try:
                if weight.adds is not None:
                    settings = self._settings()
                    value = settings.get(weight.adds.argument)
                    unknown = weight.adds.argument in settings and value is None
                    source += addition_words(weight.adds, value, unknown)
                    if unknown:
                        raise MeaningError(f"`{weight.adds.argument}` is known only when the program runs")
                    parts = [parts[0]._replace(initializer=with_addition(weight.adds, initializer, value))]
                else:
                    parts = list(parts_of(weight, layout, initializer))
            except MeaningError as error:
                parts = [parts[0]._replace(initializer=Unsupported("", str(error)))]
        if len(parts) > 1:
            source += JOINT
        for role, axes, law in parts:
            yield Weight(role, law, self.location, weight.argument or "", source, True, axes, dims)

    def _is_given(self, argument: str) -> bool:
        node = given_arguments(self.layer.row, self.call).get(argument)
        value = None if node is None else constant(node, self.reference.scope)
        return value is not None and not (isinstance(value, ast.Constant) and value.value is None)

    def _bias(self, weight: SourceWeight, initializer: Initializer) -> str:
        """Why a default is not drawn as its law says, in the dtype that the call writes out."""
        given = given_arguments(self.layer.row, self.call).get(stored_dtype(self.layer))
        node = None if given is None else constant(given, self.reference.scope)
        frameworks = default_frameworks(weight, self.layer, self.names)
        return "" if isinstance(initializer, Constant) else bias_of(frameworks, dtype_name(node))

    def _is_in_network(self) -> bool:
        """Whether the program gives a network an initializer for the weights that have none of their own."""
        pattern = vocabulary(self.layer.framework).grammar.network
        return bool(pattern) and re.search(pattern, self.text.content) is not None

    def _settings(self, layer: KnownLayer | None = None) -> Mapping[str, Scalar | None]:
        """What decides formulas of defaults: the numbers that the call writes out, or those that the layer takes
        where it gives none; None for what is known only when the program runs."""
        row = (layer or self.layer).row
        found: dict[str, Scalar | None] = {
            name: Scalar.of(Fraction(str(value)))
            for name, value in row.defaults.items()
            if isinstance(value, int | float) and not isinstance(value, bool) and name not in ROLES
        }
        for name, node in given_arguments(row, self.call).items():
            value = literal(constant(node, self.reference.scope))
            if value is not None and not isinstance(value, bool) and name not in ROLES:
                found[name] = value if isinstance(value, Scalar) else None
        return found

    def _sizes(self, layout: Layout | None) -> Mapping[str, int]:
        """The sizes that the call writes out, by role."""
        row, shape = self.layer.row, shape_of(Place("", self.layer, None, self.call))
        if row.kind is Kind.PARAMETER and layout is not None and isinstance(shape, ast.List | ast.Tuple):
            stated = zip(layout.axes, map(_whole_number, shape.elts), strict=False)
            return {str(axis.size): size for axis, size in stated if size is not None and len(axis.size.powers) == 1}
        settings = {name: _setting(node) for name, node in given_arguments(row, self.call).items()}
        return sizes_in(row.stack, self.cell, stated_sizes(self.layer, self.reference.found, settings))

    def _otherwise(
        self, weight: SourceWeight, found: Initializer, layout: Layout | None, axes: int | None
    ) -> "_Otherwise | None":
        """The version in which a layer without initializers starts differently, if the project may use it."""
        versions = self.names.speech.versions
        for package in self._packages(weight):
            for version in () if versions.exact(package) else versions.candidates(package):
                name = self._other_start(package, version, weight, found, layout, axes)
                if name is not None:
                    release = f"{registry.title(package)} {version_text(version)}"
                    return _Otherwise(name, release, package, versions.describe(package))
        return None

    def _packages(self, weight: SourceWeight) -> Sequence[str]:
        """Those whose versions say what the layer is: the one that it is of, which may not be that of its grammar."""
        named = [self.layer.framework, *default_frameworks(weight, self.layer, self.names)]
        named += [] if self.layer.speaker is None else [self.layer.speaker.framework]
        packages = {registry.heads()[name].package for name in named if name in registry.heads()}
        return sorted(packages & registry.releases().keys())

    def _other_start(
        self, package: str, version: Version, weight: SourceWeight, found: Initializer, layout: Layout | None,
        axes: int | None,
    ) -> str | None:  # fmt: skip
        """What starts the weight in that version, where it is something else; "" where the layer has other weights."""
        layer = matching_layer(self._layers_in(package, version), self.call)
        if layer is None or refusal(layer.row, given_arguments(layer.row, self.call)) is not None:
            return None
        numbers = {name: value for name, value in self._settings(layer).items() if value is not None}
        several = len(vocabulary(self.layer.framework).grammar.speakers) > 1  # packages that store them otherwise
        place = (weight.layout, weight.when, weight.unless)
        for item in layer.row.weights:
            same = item.role is weight.role and (not several or (item.layout, item.when, item.unless) == place)
            other = default(item, layer, self.names, layout, axes, numbers) if same else None
            if other is not None and other != found and not equal(other, found):
                return str(item.default["type"]).rpartition(".")[2]
        decides = self.layer.row.where.keys() & layer.row.where.keys()
        lacks = all((item.role, item.layout) != (weight.role, weight.layout) for item in layer.row.weights)
        return "" if decides and lacks and layer.row.kind is not self.layer.row.kind else None

    def _layers_in(self, package: str, version: Version) -> tuple[KnownLayer, ...]:
        """What the call is in a version of its package."""
        if vocabulary(self.layer.framework).grammar.head.own:
            return own_version(self.layer.framework, version).get(self.reference.found, ())
        speech = self.names.speech
        chosen = speech.versions._replace(chosen={**speech.versions.chosen, package: version})
        return names_of(chosen, roots=speech.roots).layers.get(self.reference.found, ())

    def _layout(self, weight: SourceWeight) -> Layout | None:
        """That of the layer, where it has one."""
        return layout_of(weight)


def _whole_number(node: ast.expr) -> int | None:
    known = isinstance(node, ast.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool)
    return node.value if known and isinstance(node, ast.Constant) else None  # type: ignore[return-value]


def _setting(node: ast.expr) -> Setting | None:
    """A size, or sizes, that an argument writes out."""
    if not isinstance(node, ast.Tuple | ast.List):
        return _whole_number(node)
    sizes = [_whole_number(item) for item in node.elts]
    return tuple(size for size in sizes if size is not None) if sizes and None not in sizes else None


def _is_whole(dtype: ast.expr | None) -> bool:
    """Whether a dtype is written out and one of integers or booleans."""
    name = dtype.id if isinstance(dtype, ast.Name) else dtype_name(dtype)
    return name is not None and WHOLE.fullmatch(name) is not None


def _says(given: ast.expr | None, weight: SourceWeight) -> bool:
    """Whether what an argument is given is the weight's initializer: a dict may leave it out."""
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
