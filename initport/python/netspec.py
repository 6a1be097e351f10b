"""Caffe networks that a program builds with pycaffe's NetSpec: ``L.Convolution(..., weight_filler=dict(type="msra"))``.

Authority: BVLC Caffe, python/caffe/net_spec.py: the keywords of a call are the fields of the layer's own message, or
that message itself where their names end in ``param``; dicts are messages, and enumerations are numbers.
"""

import ast
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

from initport.grammar.call import Argument, Call, default_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.initializers import Initializer, Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout
from initport.python.arguments import UNKNOWN, literal
from initport.python.arithmetic import exact
from initport.python.follow import Reference, references
from initport.python.scope import Scope, constant
from initport.python.syntax import Syntax
from initport.python.text import Text
from initport.source_initializer import SourceInitializer

MODULES = ("caffe.layers", "caffe.net_spec.layers")

_NORMS = ("FAN_IN", "FAN_OUT", "AVERAGE")
"""FillerParameter.VarianceNorm of caffe.proto, in the order of its numbers."""

Fields = Mapping[str, ast.expr]


class _OpaqueError(Exception):
    """What stands there is known only when the program runs; the message says what to do."""


def layers(tree: ast.Module, text: Text) -> Iterator[Layer]:
    """The layers that hold weights, in the order of the source. Their names are those that the source gives, with the
    line: a helper makes many layers of one call."""
    caffe = vocabulary("caffe")
    wanted = {f"{module}.{name}": row for module in MODULES for name, row in caffe.layers.items()}
    words = frozenset(path.rpartition(".")[2] for path in wanted)
    with closing(Syntax.of(tree, text)) as syntax:
        for reference in references(syntax, words, wanted):
            if reference.call is not None:
                yield _Reader(caffe, reference, reference.call, text).layer(wanted[reference.found])


@dataclass(frozen=True, slots=True)
class _Reader:
    """One call that makes a layer."""

    caffe: Vocabulary
    reference: Reference
    call: ast.Call
    text: Text

    def layer(self, row: SourceLayer) -> Layer:
        kind = self.reference.found.rpartition(".")[2]
        location = Location("", self.call.lineno, self.call.col_offset + 1)
        try:
            weights = list(self._weights(row, location))
        except _OpaqueError as error:
            weights = [_unknown(spec, error, location) for spec in {spec.role: spec for spec in row.weights}.values()]
        return Layer(f"{self._name(kind)} ({self.call.lineno})", row.kind, kind, location, tuple(weights))

    def _fields(self, row: SourceLayer) -> tuple[Fields, _OpaqueError | None]:
        """The fields of the layer's own message, and why there may be more."""
        fields: dict[str, ast.expr] = {}
        more: _OpaqueError | None = None
        for item in self.call.keywords:
            try:
                given = {item.arg: item.value} if item.arg else self._message(item.value)
                for name, value in given.items():
                    fields.update(self._message(value) if name == row.message else {name: value})
            except _OpaqueError as error:
                more = error
        return fields, more

    def _message(self, node: ast.expr) -> Fields:
        """A dict that is written out, where it stands, under a name or as the default of a parameter."""
        node = self._resolve(node)
        match node:
            case ast.Dict(keys=keys, values=values) if all(isinstance(key, ast.Constant) for key in keys):
                return {str(key.value): value for key, value in zip(keys, values, strict=True)
                        if isinstance(key, ast.Constant)}  # fmt: skip
            case ast.Call(func=ast.Name(id="dict"), args=[], keywords=items) if all(item.arg for item in items):
                return {item.arg: item.value for item in items if item.arg}
        raise _OpaqueError(f"`{ast.unparse(node)}` is known only when the program runs; write it out as a dict")

    def _resolve(self, node: ast.expr) -> ast.expr:
        found = constant(node, self.reference.scope)
        if found is node and isinstance(node, ast.Name):
            home = self.reference.scope.home(node.id)
            found = node if home is None else _default(node.id, home) or node
        return found

    def _weights(self, row: SourceLayer, location: Location) -> Iterator[Weight]:
        """The weights that the layer has."""
        fields, more = self._fields(row)
        for spec in row.weights:
            wanted = {name: self._flag(name, row, fields, more) for name in (spec.when, spec.unless) if name}
            if spec.unless and wanted[spec.unless] is None:
                raise more or _OpaqueError(f"`{spec.unless}` is known only when the program runs; write it out")
            if wanted.get(spec.when or "", True) is False or wanted.get(spec.unless or ""):
                continue
            given = fields.get(spec.argument or "")
            if given is None and more is not None:
                yield _unknown(spec, more, location)
            else:
                yield _weight(spec, self._initializer(spec, given, location), given is None)

    def _flag(self, name: str, row: SourceLayer, fields: Fields, more: _OpaqueError | None) -> bool | None:
        """A condition of the grammar; None where it is known only when the program runs."""
        if name in _BOTTOMS:
            starred = any(isinstance(item, ast.Starred) for item in self.call.args)
            return None if starred else len(self.call.args) > _BOTTOMS[name]
        if name not in fields:
            return None if more is not None else bool(row.defaults.get(name))
        value = literal(fields[name])
        if isinstance(value, Scalar):
            return bool(value.sign)
        return value if isinstance(value, bool) else None

    def _initializer(self, spec: SourceWeight, given: ast.expr | None, location: Location) -> SourceInitializer:
        layout = _layout(spec)
        if given is None:
            default = default_call(spec.default)
            assert default is not None, "every weight of Caffe has a default"
            return SourceInitializer(self.caffe.meaning(default, layout), _words(default), location)
        by_default = isinstance(given, ast.Name) and constant(given, self.reference.scope) is given
        try:
            call = self._filler(given)
        except _OpaqueError as error:
            return SourceInitializer(Unsupported("filler", str(error)), self.text.of(given), location)
        try:
            initializer: Initializer = self.caffe.meaning(call, layout)
        except MeaningError as error:
            initializer = Unsupported(call.name, str(error))
        return SourceInitializer(initializer, _words(call) + ", unless a caller gives another" * by_default, location)

    def _filler(self, node: ast.expr) -> Call:
        """Without the fields that this type of filler does not look at."""
        fields = dict(self._message(node))
        kind = literal(fields.pop("type", ast.Constant("constant")))
        if not isinstance(kind, str):
            raise _OpaqueError("the type of the filler is known only when the program runs; write it out")
        row = self.caffe.initializers.get(kind)
        read = {name: value for name, value in fields.items() if row is None or name in row.parameters}
        return Call(kind, (), tuple(sorted((name, self._value(name, value)) for name, value in read.items())))

    def _value(self, name: str, node: ast.expr) -> Argument:
        if name != "variance_norm":
            return exact(node, self.reference.scope)
        node = self._resolve(node)
        value = node.attr if isinstance(node, ast.Attribute) else literal(node)
        if isinstance(value, Scalar) and value.rational is not None and value.rational in range(len(_NORMS)):
            return _NORMS[int(value.rational)]
        if value is UNKNOWN or value not in _NORMS:
            raise _OpaqueError(f"`variance_norm` is `{ast.unparse(node)}`, known only when the program runs")
        return str(value)

    def _name(self, kind: str) -> str:
        match self.reference.spot.holder.parent if self.reference.spot.holder is not None else None:
            case ast.Assign(targets=[ast.Attribute(attr=name) | ast.Name(id=name)]):
                return name
            case ast.Assign(targets=[ast.Subscript(slice=ast.Constant(value=str() as name))]):
                return name
        return kind


def _unknown(spec: SourceWeight, error: _OpaqueError, location: Location) -> Weight:
    return _weight(spec, SourceInitializer(Unsupported("filler", str(error)), "?", location), False)


def _weight(spec: SourceWeight, filled: SourceInitializer, implicit: bool) -> Weight:
    return Weight(spec.role, filled.initializer, filled.location, spec.argument or "filler", filled.source, implicit,
                  _layout(spec))  # fmt: skip


def _layout(spec: SourceWeight) -> Layout:
    """A weight with the axes of its bottom has any number of them."""
    return parse_layout("first, *rest" if spec.layout == "bottom" else spec.layout)


def _default(name: str, home: Scope) -> ast.expr | None:
    """The default of a function's parameter."""
    if not isinstance(home.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or len(home.bindings[name]) > 1:
        return None
    arguments = home.node.args
    named = [item.arg for item in (*arguments.posonlyargs, *arguments.args)]
    defaults = dict(zip(reversed(named), reversed(arguments.defaults), strict=False))
    defaults.update({item.arg: value for item, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
                     if value is not None})  # fmt: skip
    return defaults.get(name)


_BOTTOMS = {"two_bottoms": 1, "static_input": 2}
"""Conditions that hold of a layer with more bottoms than this."""


def _words(call: Call) -> str:
    return " ".join([call.name, *(f"{name}: {value}" for name, value in call.named)])
