"""What computes with a weight: the operations that a variable comes to show which layer's weight it is, and its axes.

The same variable may go elsewhere too (to a loss, a summary, another module): that makes it no other weight. But where
a function returns variables, each call of it gives another one, and all of them must be visible.
"""

import ast
from dataclasses import dataclass
from typing import NamedTuple

from initport.grammar.layout import parse_layout, with_rank
from initport.python.arguments import literal
from initport.python.axes import rank
from initport.python.follow import ARRAYS, Follower, Way, call_of
from initport.python.place import matching_layer, shape_of
from initport.python.scope import Scope, constant, resolve
from initport.python.sites import Place
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Layer, Names


class Uses(NamedTuple):
    """The operations that the weights of one call come to, each as the place of a layer.

    ``is_whole`` is whether they are those of all weights that the call makes, as far as the module shows, and
    ``functions`` are those that return some to whoever calls them, which other modules can do as well."""

    places: tuple[Place, ...]
    is_whole: bool
    functions: tuple[str, ...] = ()


def uses_of(made: Place, syntax: Syntax, names: Names) -> Uses:
    """Of the variables that a call makes which an initializer is given to (``made``)."""
    if made.call is None or made.scope is None:
        return Uses((), False)
    shape = shape_of(made)
    known = None if shape is None else constant(shape, made.scope)
    found: dict[ast.AST, Place] = {}
    functions: dict[str, None] = {}
    pending: list[tuple[Spot, tuple[object, ...]]] = [(syntax.spot(made.call), ())]
    begun = {spot.node for spot, _ in pending}
    is_whole = True
    while pending:
        spot, keys = pending.pop()
        trail = _Trail(syntax, names, rank(known))
        trail.ways(spot, keys=keys)
        found.update((place.call, place._replace(shape=known)) for place in trail.found if place.call is not None)
        if trail.found:
            continue
        is_whole = is_whole and bool(trail.callers)
        functions.update(dict.fromkeys(trail.functions))
        new = [caller for caller in trail.callers if caller[0].node not in begun]
        begun.update(caller.node for caller, _ in new)
        pending.extend(new)
    return Uses(tuple(found.values()), is_whole and bool(found), tuple(functions))


@dataclass(frozen=True, slots=True)
class _Operand:
    """An argument of an operation: the row's ``layer``, what it calls the ``argument``."""

    layer: Layer
    argument: str


class _Trail(Follower):
    """Follows one weight, unchanged and under its keys, to the operations that it comes to (``found``), and to the
    calls of the functions that return it (``callers``)."""

    def __init__(self, syntax: Syntax, names: Names, number: int | None) -> None:
        super().__init__(syntax, lambda _: False, ARRAYS)
        self.names, self.number = names, number
        self.found: list[Place] = []
        self.callers: list[tuple[Spot, tuple[object, ...]]] = []
        self.functions: list[str] = []
        self._keys: tuple[object, ...] = ()

    def _onward(self, way: Way) -> list[Way] | None:
        self._keys, holder = way.keys, way.spot.holder
        if holder is None or way.is_result:
            return None
        match holder.node:
            case ast.BinOp() | ast.UnaryOp() | ast.Lambda():
                return None
            case ast.Dict(keys=keys):
                key = keys[way.spot.index] if way.spot.field == "values" else None
                return None if key is None else [_within(way, _value(key)).at(holder)]
            case ast.List() | ast.Tuple() if isinstance(holder.parent, ast.Assign):
                inside = _within(way, way.spot.index).at(holder)
                return [other for target in holder.parent.targets for other in self._into_target(target, inside)]
            case ast.List() | ast.Tuple():
                return [_within(way, way.spot.index).at(holder)]
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                return [_within(way, _ANY).at(holder)]
            case ast.Subscript(slice=index):
                return [item.at(holder) for item in self._open(way, _value(index)) if way.spot.field == "value"]
            case ast.Attribute(attr=name):
                known = name in _GIVING and call_of(holder) is not None and holder.holder is not None
                inner = self._open(way, _ANY) if known and name in ("items", "values") else [way] * known
                return [_fill(name, item).at(holder.holder) for item in inner if holder.holder is not None]
        return super()._onward(way)

    @staticmethod
    def _open(way: Way, key: object) -> list[Way]:
        """The way out of the outermost container, if it is what the key gives."""
        if not way.keys or not (way.keys[0] == key or _ANY in (way.keys[0], key)):
            return []
        return [way._replace(keys=way.keys[1:])]

    def _into_target(self, target: ast.expr, way: Way) -> list[Way]:
        while isinstance(target, ast.Subscript):
            way = _within(way, _value(target.slice))
            target = target.value
        if isinstance(target, ast.Tuple | ast.List):
            found: list[Way] = []
            for index, item in enumerate(target.elts):
                found += [other for inner in self._open(way, index) for other in self._into_target(item, inner)]
            return found
        return super()._into_target(target, way)

    def _into_loop(self, target: ast.expr, way: Way) -> list[Way]:
        inside = self._open(way, _ANY)
        pairs = [(target, inner) for inner in inside]
        if isinstance(target, ast.Tuple | ast.List):
            parts = enumerate(target.elts)
            pairs = [(item, part) for index, item in parts for inner in inside for part in self._open(inner, index)]
        found: list[Way] = []
        for item, part in pairs:
            found += super()._into_loop(item, part) if isinstance(item, ast.Name) else []
        return found

    def _into_call(self, way: Way) -> list[Way] | None:
        holder = way.spot.holder
        whole = holder.holder if holder is not None and isinstance(holder.node, ast.keyword) else holder
        name = whole.node.func if whole is not None and isinstance(whole.node, ast.Call) else None
        if isinstance(name, ast.Attribute) and name.attr in _ADDERS and way.spot.field == "args":
            return self._into_target(name.value, _within(way, _ANY))
        if isinstance(name, ast.Name) and whole is not None and holder is not None and way.spot.field != "func":
            if name.id == "dict" and isinstance(holder.node, ast.keyword) and holder.node.arg:
                return [_within(way, holder.node.arg).at(whole)]
            if name.id in ("zip", "enumerate") and way.keys:
                index = way.spot.index + (name.id == "enumerate")
                return [way._replace(keys=(way.keys[0], index, *way.keys[1:])).at(whole)]
        return super()._into_call(way)

    def _out_of_function(self, way: Way) -> list[Way]:
        """Where a function returns the weight, what becomes of it is asked of each call."""
        found = super()._out_of_function(way)
        self.callers += [(item.spot, way.keys) for item in found if not item.is_lost]
        block = way.spot.scope
        while block.parent is not None and not isinstance(block.node, ast.FunctionDef):
            block = block.parent
        if isinstance(block.node, ast.FunctionDef) and block.parent is not None and _is_public(block):
            self.functions.append(block.node.name)
        return []

    def _ends(self, argument: Spot) -> bool:
        """Whether an argument is the last that becomes of the weight, which is noted where it shows its kind."""
        holder = argument.holder
        whole = holder.holder if holder is not None and isinstance(holder.node, ast.keyword) else holder
        if whole is None or not isinstance(whole.node, ast.Call):
            return True
        path = min(resolve(whole.node.func, whole.scope), default="")
        if not path:
            return False
        operand = None if self._keys else self._operand(path, whole.node, argument)
        if operand is not None:
            what = f"{operand.argument} of {ast.unparse(whole.node.func)}"
            self.found.append(Place(what, operand.layer, operand.argument, whole.node, path, whole.scope))
        return operand is not None or path not in self.names.unchanged

    def _operand(self, path: str, call: ast.Call, argument: Spot) -> _Operand | None:
        layer = matching_layer(self.names.operations.get(path, ()), call)
        if layer is None or any(isinstance(item, ast.Starred) for item in call.args):
            return None
        parameters = layer.row.parameters
        holder = argument.holder
        if holder is not None and isinstance(holder.node, ast.keyword):
            name = holder.node.arg or ""
        elif parameters and parameters[-1].startswith("*") and argument.index >= len(parameters) - 1:
            name = _axes_of(call, argument.index - len(parameters) + 1)
        else:
            name = parameters[argument.index] if argument.index < len(parameters) else ""
        item = next((item for item in layer.row.weights if item.argument == name), None)
        if item is None:
            return None
        layout = parse_layout(item.layout)
        decides = not item.any_rank if self.number is None else with_rank(layout, self.number) is not None
        return _Operand(layer, name) if decides else None


_ADDERS = ("append", "insert", "add", "setdefault")
"""Methods of containers that put their last argument there."""

_GIVING = ("value", "read_value", "items", "values")
"""Methods of variables and of dicts that give what they are called on, or what is in there."""

_ANY = object()
"""A key that is known only at run time."""


def _within(way: Way, key: object) -> Way:
    return way._replace(keys=(key, *way.keys))


def _fill(method: str, way: Way) -> Way:
    """What a method of a container gives, of which something is a way."""
    if method == "items":
        return _within(_within(way, 1), _ANY)
    return _within(way, _ANY) if method == "values" else way


def _value(node: ast.expr) -> object:
    value = node.value if isinstance(node, ast.Constant) else _ANY
    return value if isinstance(value, str | int) else _ANY


def _is_public(block: Scope) -> bool:
    """Whether other modules can call a function."""
    home = block.parent
    outer = home is not None and (home.parent is None or (home.is_class and home.parent.parent is None))
    return outer and isinstance(block.node, ast.FunctionDef) and not block.node.name.startswith("_")


def _axes_of(call: ast.Call, operand: int) -> str:
    """What an equation does with each axis of an operand: sums over it with others, keeps it, or both at once."""
    equation = literal(call.args[0])
    if not isinstance(equation, str) or equation.count("->") != 1:
        return ""
    given, _, result = equation.replace(" ", "").partition("->")
    operands = given.split(",")
    if operand >= len(operands) or "." in operands[operand]:
        return ""
    others = set("".join(operands[:operand] + operands[operand + 1 :]))
    kinds = {(True, False): "summed", (False, True): "kept", (True, True): "shared", (False, False): "lost"}
    return ", ".join(kinds[axis in others, axis in result] for axis in operands[operand])
