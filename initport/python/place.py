"""Where an initializer stands in a module, and how many weights can come to share it.

An object that is an argument of a call which is known to make one weight of it is used once. Any other place (a name, a
dict, a default parameter, an attribute, a scope's defaults, a call of something unknown) may hand it to several.
"""

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from initport.diagnostics import Code
from initport.grammar.call import Argument
from initport.grammar.load import vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.scalar import Scalar
from initport.python.arguments import UNKNOWN, literal
from initport.python.follow import NAMES, Follower, Way, first_parameter, loads, outermost_value, parameter
from initport.python.scope import Comprehension, Scope, constant, resolve
from initport.python.sites import Place, Reach
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Layer, Layers

_BARE = ast.Assign | ast.AnnAssign | ast.Return | ast.keyword | ast.Dict | ast.Tuple | ast.List | ast.arguments
"""Where a lambda needs no parentheses."""

PARTITIONER = "partitioner"
"""In a module with this word a weight may be made in parts, for each of which its initializer is called."""


def place(spot: Spot, layers: Layers, keys: tuple[str, ...] = ()) -> Place:
    """The place of an expression; ``keys`` is what it is called in a dict that it stands for."""
    parent = spot.parent
    bare = isinstance(parent, _BARE) or (isinstance(parent, ast.Call) and spot.field == "args")
    child = outermost_value(spot)
    whole, keys = out_of_dicts(child, layers, keys)
    holder, found = whole.holder, None
    if holder is not None and isinstance(holder.node, ast.keyword) and isinstance(holder.parent, ast.Call):
        name = holder.node.arg
        if name is None and keys:  # `**` of a dict
            name, keys = keys[0], keys[1:]
        found = _argument(holder.parent, name, spot.scope, layers)
    elif holder is not None and isinstance(holder.node, ast.Call) and whole.field == "args":
        found = _argument(holder.node, whole.index, spot.scope, layers)
    if found is not None and keys:
        found = found._replace(key=".".join(keys))
        found = found._replace(what=f"{found.key} in {found.what}") if weights(found) else None
    if found is not None:
        return found._replace(bare=bare)
    attribute = spot.scope.is_class and isinstance(child.parent, ast.Assign | ast.AnnAssign)
    return Place(_words(child.parent), bare=bare, attribute=attribute)


def out_of_dicts(spot: Spot, layers: Layers, keys: tuple[str, ...] = ()) -> tuple[Spot, tuple[str, ...]]:
    """The dict that an expression is an entry of, if it is one, and the keys that lead there; or the call that only
    holds it for a layer."""
    while spot.holder is not None:
        holder = spot.holder
        if isinstance(holder.node, ast.Dict) and spot.field == "values":
            key = holder.node.keys[spot.index]
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                break
            keys = (key.value, *keys)
        elif (
            isinstance(holder.node, ast.keyword)
            and holder.node.arg
            and holder.holder is not None
            and _is_dict(holder.holder)
        ):
            keys = (holder.node.arg, *keys)
            holder = holder.holder
        elif (call := _holding_call(spot, layers)) is not None:
            holder = call
        else:
            break
        spot = outermost_value(holder)
    return spot, keys


def _holding_call(spot: Spot, layers: Layers) -> Spot | None:
    """The call that an expression is the argument of which a layer takes from there."""
    holder = spot.holder
    call = holder.holder if holder is not None and isinstance(holder.node, ast.keyword) else holder
    if call is None or not isinstance(call.node, ast.Call):
        return None
    row = holder_row(call.node, spot.scope, layers)
    given = row is not None and given_arguments(row, call.node).get(row.holds)
    return call if given is spot.node else None


def holder_row(call: ast.Call, scope: Scope, layers: Layers) -> SourceLayer | None:
    """The row of a call that only holds an initializer for a layer; None where a call is none."""
    variants = layers.get(min(resolve(call.func, scope), default=""), ())
    return next((layer.row for layer in variants if layer.row.holds), None)


def _is_dict(spot: Spot) -> bool:
    """Whether an expression is ``dict(...)``."""
    node = spot.node
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and not node.args
        and spot.scope.home("dict") is None
    )


class _Callee(NamedTuple):
    """What a call makes, whatever its arguments: ``plain`` is whether none of these is starred, ``parts`` whether what
    it makes may be made in parts."""

    source: str
    path: str
    layer: Layer | None
    plain: bool
    parts: bool


def _callee(call: ast.Call, scope: Scope, layers: Layers) -> _Callee:
    known: tuple[Layers, _Callee] | None = scope.calls.get(call)
    if known is None or known[0] is not layers:
        path = _method_of_layer(call.func, scope, layers) or min(resolve(call.func, scope), default="")
        rows = layers.get(path, ())
        layer = matching_layer(rows, with_constants(rows, call, scope))
        plain = not any(isinstance(item, ast.Starred) for item in call.args)
        of_keras = OF_KERAS.match(path) is not None  # whose weights are never made in parts
        parts = not of_keras and any(item.arg in (None, PARTITIONER) for item in call.keywords)
        known = scope.calls[call] = layers, _Callee(spelling(call.func), path, layer, plain, parts)
    return known[1]


def _argument(call: ast.Call, argument: str | int | None, scope: Scope, layers: Layers) -> Place:
    """The place of an argument, which a known call's row names where it is positional."""
    callee = _callee(call, scope, layers)
    if isinstance(argument, int):
        parameters = callee.layer.row.parameters if callee.layer is not None and callee.plain else []
        argument = parameters[argument] if argument < len(parameters) else None
    what = f"{f'argument {argument}' if argument else 'an argument'} of {callee.source}"
    return Place(what, callee.layer, argument, call, callee.path, parts=callee.parts, scope=scope)


OF_KERAS = re.compile(r"(tf_)?keras\.|tensorflow\.(compat\.v\d\.|python\.|contrib\.)?keras\.")
"""The paths of what Keras has, by any of its names."""


def classes_of_keras(scope: Scope) -> Iterator[tuple[ast.ClassDef, str]]:
    """The classes around a block that are derived from one of Keras's, innermost first, with the Keras that it is."""
    block: Scope | None = scope
    while block is not None:
        if isinstance(block.node, ast.ClassDef) and block.parent is not None:
            paths = (path for base in block.node.bases for path in resolve(base, block.parent))
            for found in filter(None, map(OF_KERAS.match, paths)):
                yield block.node, found.group()
        block = block.parent


ADDING = frozenset({"add_weight", "add_variable"})
"""The methods of Keras's layers that make weights."""


def _method_of_layer(function: ast.expr, scope: Scope, layers: Layers) -> str | None:
    """The path of a method that makes a weight, such as ``self.add_weight``, in a layer of the module's own."""
    match function:
        case ast.Attribute(value=ast.Name(id=owner), attr=method):
            block = scope.home(owner)
            if block is None or block.parent is None or not block.parent.is_class:
                return None
            if not isinstance(block.node, ast.FunctionDef) or first_parameter(block.node) != owner:
                return None
            if method in ADDING:
                for node, package in classes_of_keras(block.parent):
                    return f"{package}layers.Layer.{method}" if node is block.parent.node else None
            return _library_method(block.parent, method, layers)
    return None


def _library_method(block: Scope, method: str, layers: Layers) -> str | None:
    """The path of a method of a class of a library that the class of a block is derived from."""
    bases = block.node.bases if isinstance(block.node, ast.ClassDef) and block.parent is not None else []
    paths = (f"{path}.{method}" for base in bases for path in resolve(base, block.parent or block))
    return next((path for path in paths if path in layers), None)


def with_constants(variants: tuple[Layer, ...], call: ast.Call, scope: Scope) -> ast.Call:
    """A call with what its names stand for, where the layer's rows depend on settings; with those that something else
    in the module may set, which are not known."""
    if not any(layer.row.where for layer in variants):
        return call
    named = [ast.keyword(item.arg, constant(item.value, scope)) for item in call.keywords]
    for name in vocabulary(variants[0].framework).grammar.scoped:
        others = {layer.row.where.get(name) for layer in variants} - {variants[0].row.defaults.get(name)}
        if all(item.arg != name for item in named) and others & _texts(scope.module.node):
            named.append(ast.keyword(name, ast.Name(name, ast.Load())))
    return ast.Call(call.func, [constant(item, scope) for item in call.args], named)


@lru_cache(maxsize=1)
def _texts(tree: ast.AST) -> frozenset[object]:
    """The strings that a module writes out."""
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return frozenset(value for value in values if isinstance(value, str))


def matching_layer(variants: tuple[Layer, ...], call: ast.Call) -> Layer | None:
    """What a call makes: of the rows whose settings hold, the first that knows most of the call's keywords."""
    given = {item.arg for item in call.keywords if item.arg is not None}
    possible = [layer for layer in variants if _holds(layer.row, call)]
    return max(possible, key=lambda layer: len(given & _known_arguments(layer.row)), default=None)


def known_later(setting: str) -> str:
    """Why the weights of a layer have no start that depends on a setting which only the running program has."""
    return f"its axes depend on `{setting}`, which is known only when the program runs; write it out"


def undecided_layer(variants: tuple[Layer, ...], call: ast.Call) -> tuple[Layer, str] | None:
    """Where no row's settings surely hold: the first row that may be the one, and the setting on which it depends, that
    only the running program has."""
    for layer in variants:
        given = given_arguments(layer.row, call)
        unknown = [name for name in layer.row.where if name in given and literal(given[name]) is UNKNOWN]
        if unknown and _holds(layer.row, call, unknown):
            return layer, unknown[0]
    return None


def refusal(row: SourceLayer, given: Iterable[str]) -> tuple[str, Code] | None:
    """Why the weights of a layer that is given these arguments, other than as None, start by none of its laws."""
    for argument in given:
        if argument in row.rejects:
            reason = f"the layer takes no such `{argument}`, and the framework raises an error"
            return reason, Code.REJECTED_INITIALIZER
    return None


def stated_arguments(given: Mapping[str, ast.expr]) -> list[str]:
    """Those that are given, other than as None."""
    return [name for name, node in given.items() if not (isinstance(node, ast.Constant) and node.value is None)]


def given_arguments(row: SourceLayer, call: ast.Call) -> dict[str, ast.expr]:
    """What a call writes out, by the names of a row's parameters; nothing by position where a ``*`` is among it."""
    starred = any(isinstance(item, ast.Starred) for item in call.args)
    given: dict[str, ast.expr] = {} if starred else dict(zip(row.parameters, call.args, strict=False))
    return given | {item.arg: item.value for item in call.keywords if item.arg is not None}


def _holds(row: SourceLayer, call: ast.Call, aside: Collection[str] = ()) -> bool:
    """Whether a call's settings are those that a row is for, but for some."""
    if not row.where:
        return True
    given = given_arguments(row, call)
    settings = {name: literal(given[name]) if name in given else row.defaults.get(name) for name in row.where}
    plain = {name: value.rational if isinstance(value, Scalar) else value for name, value in settings.items()}
    return all(plain[name] == value for name, value in row.where.items() if name not in aside)


def _known_arguments(row: SourceLayer) -> set[str]:
    return {*row.parameters, *row.where, *(name for item in row.weights for name in (item.argument, item.when) if name)}


def spelling(node: ast.expr) -> str:
    """An expression as Python spells it, in a fraction of the time where it is a dotted name."""
    names: list[str] = []
    part = node
    while isinstance(part, ast.Attribute):
        names.append(part.attr)
        part = part.value
    return ".".join(reversed([*names, part.id])) if isinstance(part, ast.Name) else ast.unparse(node)


def _words(parent: ast.AST | None) -> str:
    match parent:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return f"assigned to {spelling(target)}"
        case ast.Return():
            return "returned"
        case ast.Dict():
            return "in a dict"
        case ast.arguments():
            return "default of a parameter"
        case ast.Lambda():
            return "result of a lambda"
    return f"in {type(parent).__name__.lower()}"


def reach(place: Place) -> Reach:
    """Whether the call makes just one weight of the argument."""
    started = weights(place)
    alone = len({weight.role for weight in started}) == 1 and not any(weight.shared for weight in started)
    return Reach.ONE if alone and not place.parts else Reach.MANY


def is_instantiated(place: Place) -> bool:
    """Whether TensorFlow makes an instance of an initializer class that is given there: its own Keras does too
    (training/tracking and base_layer_utils.make_variable; measured in 1.15.5), standalone Keras does not."""
    return bool(weights(place)) and not place.callee.startswith("keras.")


def uses(
    spot: Spot, syntax: Syntax, layers: Layers, scoped: Callable[[Place], tuple[Place, ...]] = lambda _: ()
) -> tuple[Reach, tuple[Place, ...]]:
    """What becomes of an initializer that a statement or a parameter's default gives a name in a function: the places
    where the name stands, if all are arguments of known calls (else none), and whether it is used just once. Of one
    that is an argument of a scope, those that it is ``scoped`` for."""
    trail = _Trail(syntax, layers, scoped)
    if any(way.is_lost for way in trail.ways(spot)):
        return Reach.MANY, ()
    return Reach.ONE if trail.once and len(trail.found) == 1 else Reach.MANY, tuple(trail.found)


class _Trail(Follower):
    """Follows an initializer to the arguments that it comes to (``found``), ``once`` being whether it does so each time
    that one is made."""

    def __init__(self, syntax: Syntax, layers: Layers, scoped: Callable[[Place], tuple[Place, ...]]) -> None:
        super().__init__(syntax, lambda _: True, NAMES)
        self.layers, self.scoped = layers, scoped
        self.found: list[Place] = []
        self.once = True

    def _onward(self, way: Way) -> list[Way] | None:
        keys = tuple(map(str, way.keys))
        if way.name and self._ends_at(place(way.spot, self.layers, keys)):
            return None
        whole, keys = out_of_dicts(outermost_value(way.spot), self.layers, keys)
        bound = _name_of(whole, self.syntax)
        by_name = None if bound is None else self._by_name(bound[1], bound[0], way)
        if bound is None or by_name is None:
            return [way.as_lost()]
        self.once = self.once and all(_follows(whole, load) for load in bound[2])
        return [by_name.at(load)._replace(keys=keys) for load in bound[2]]

    def _all_lead_on(self, ways: list[Way]) -> bool:
        """Other modules look no name of a function up."""
        return True

    def _ends_at(self, argument: Place) -> bool:
        if weights(argument):
            self.found.append(argument)
            self.once = self.once and reach(argument) is Reach.ONE
            return True
        several = self.scoped(argument)
        self.found += several
        self.once = self.once and not several
        return bool(several)


def _name_of(spot: Spot, syntax: Syntax) -> tuple[str, Scope, list[Spot]] | None:
    """The name, in a function's block, that stands for an expression, and where it does: everywhere, or as far as the
    next statement that gives it another value."""
    bound = None
    if spot.holder is None:
        return None
    match spot.holder.node:
        case ast.Assign(targets=[ast.Name(id=name)]) if isinstance(spot.scope.node, ast.FunctionDef):
            bound = name, spot.scope
        case ast.arguments() if isinstance(spot.holder.parent, ast.FunctionDef):
            bound = parameter(spot)
    if bound is None:
        return None
    if len(bound[1].bindings.get(bound[0], ())) == 1:
        return (*bound, loads(syntax, *bound))
    until = _loads_until_bound_again(spot.holder, *bound, syntax)
    return None if until is None else (*bound, until)


def _loads_until_bound_again(statement: Spot, name: str, scope: Scope, syntax: Syntax) -> list[Spot] | None:
    """Where a name has the value of one of several assignments, all of which stand in the function's own list of
    statements, one after another; None where they do not."""
    body = statement.holder
    if body is None or body.node is not scope.node or statement.field != "body" or name not in scope.bindings:
        return None
    known: dict[tuple[str, Scope], dict[int, list[Spot]] | None] = syntax.memo.setdefault("names bound again", {})
    if (name, scope) not in known:
        known[name, scope] = _loads_by_assignment(name, scope, syntax)
    loads_of = known[name, scope]
    return None if loads_of is None else loads_of[statement.index]


def _loads_by_assignment(name: str, scope: Scope, syntax: Syntax) -> dict[int, list[Spot]] | None:
    """The same of each assignment, by its place in the list."""
    bound = [spot.holder for spot in syntax.spots(name) if spot.scope.home(name) is scope and _is_stored(spot.node)]
    plain = [item for item in bound if item is not None and isinstance(item.node, ast.Assign)]
    if len(plain) != len(scope.bindings[name]) or not all(_is_in_body(item, scope) for item in plain):
        return None
    indices = sorted(item.index for item in plain)
    found: dict[int, list[Spot]] = {index: [] for index in indices}
    for load in loads(syntax, name, scope):
        top = next((item for item in (load, *load.holders()) if _is_of(item, scope)), None)
        if top is None or load.scope is not scope:
            return None
        if before := bisect_left(indices, top.index):
            found[indices[before - 1]].append(load)
    return found


def _is_of(spot: Spot, scope: Scope) -> bool:
    return spot.holder is not None and spot.holder.node is scope.node


def _is_in_body(spot: Spot, scope: Scope) -> bool:
    return _is_of(spot, scope) and spot.field == "body"


def _is_stored(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


_REPEATED = ast.For | ast.AsyncFor | ast.While | ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | Comprehension


def _follows(value: Spot, load: Spot) -> bool:
    """Whether a place is reached once for each time that the statement of a value is run: it is in a later statement of
    the same list, and no loop or function starts in between."""
    statement = value.holder
    if statement is None or statement.holder is None or isinstance(statement.node, ast.arguments):
        return False
    block, field = statement.holder, statement.field
    inner = load
    for holder in load.holders():
        if holder.node is block.node:
            return inner.field == field and not isinstance(inner.node, _REPEATED)
        if isinstance(inner.node, _REPEATED):
            return False
        inner = holder
    return False


def passes(place: Place) -> dict[str, Argument]:
    """The arguments that the layer adds to a call of the initializer."""
    return {name: value for weight in weights(place) for name, value in weight.passes.items()}


def shape_of(place: Place) -> ast.expr | None:
    """The shape that a call beside the initializer gives the weight, where it does."""
    if place.layer is None or place.call is None or "shape" not in place.layer.row.parameters:
        return None
    index = place.layer.row.parameters.index("shape")
    named = next((item.value for item in place.call.keywords if item.arg == "shape"), None)
    return named or (place.call.args[index] if len(place.call.args) > index else None)


def weights(place: Place) -> list[SourceWeight]:
    """The weights that the argument starts."""
    if place.layer is None or place.argument is None:
        return []
    started = (weight for weight in place.layer.row.weights if weight.argument == place.argument)
    return [weight for weight in started if (weight.key or "") == place.key]
