"""Where an initializer stands in a module, and how many weights can come to share it.

An object that is an argument of a call which is known to make one weight of it is used once. Any other place (a name, a
dict, a default parameter, an attribute, a scope's defaults, a call of something unknown) may hand it to several.
"""

import ast
from collections.abc import Mapping
from dataclasses import replace

from initport.grammar.call import Argument
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.python.arguments import literal
from initport.python.references import loads
from initport.python.scope import Comprehension, Scope, resolve
from initport.python.sites.site import Place, Reach
from initport.python.text import Text
from initport.python.vocabulary import Layer, Layers

_TRANSPARENT = ast.IfExp | ast.BoolOp
"""Expressions that may give the initializer on unchanged."""

_BARE = ast.Assign | ast.AnnAssign | ast.Return | ast.keyword | ast.Dict | ast.Tuple | ast.List | ast.arguments
"""Where a lambda needs no parentheses."""

PARTITIONER = "partitioner"
"""In a module with this word a weight may be made in parts, for each of which its initializer is called."""


def place(
    node: ast.expr, around: tuple[ast.AST, ...], scope: Scope, layers: Layers, keys: tuple[str, ...] = ()
) -> Place:
    """The place of an expression, ``around`` it outermost first; ``keys`` is what it is called in a dict that it stands
    for."""
    bare = isinstance(around[-1], _BARE) or (isinstance(around[-1], ast.Call) and node in around[-1].args)
    child, holders = given_on(node, around)
    what = _words(holders[-1])
    attribute = scope.is_class and isinstance(holders[-1], ast.Assign | ast.AnnAssign)
    held, holders, keys = _out_of_dicts(child, holders, keys, scope)
    parent, found = holders[-1], None
    if isinstance(parent, ast.keyword) and isinstance(holders[-2], ast.Call):
        found = _argument(holders[-2], parent.arg, scope, layers)
    elif isinstance(parent, ast.Call) and held is not parent.func:
        found = _argument(parent, parent.args.index(held), scope, layers)  # type: ignore[arg-type]
    if found is not None and keys:
        found = replace(found, key=".".join(keys))
        found = replace(found, what=f"{found.key} in {found.what}") if weights(found) else None
    return Place(what, bare=bare, attribute=attribute) if found is None else replace(found, bare=bare)


def given_on(node: ast.AST, around: tuple[ast.AST, ...]) -> tuple[ast.AST, tuple[ast.AST, ...]]:
    """The outermost expression that gives this one on unchanged, and what is around that."""
    while around and isinstance(around[-1], _TRANSPARENT):
        if isinstance(around[-1], ast.IfExp) and around[-1].test is node:
            break
        node, around = around[-1], around[:-1]
    return node, around


def _out_of_dicts(
    node: ast.AST, around: tuple[ast.AST, ...], keys: tuple[str, ...], scope: Scope
) -> tuple[ast.AST, tuple[ast.AST, ...], tuple[str, ...]]:
    """The dict that an expression is an entry of, if it is one, what is around that, and the keys that lead there."""
    while around:
        parent = around[-1]
        if isinstance(parent, ast.Dict) and node in parent.values:
            key = parent.keys[parent.values.index(node)]
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                break
            around, keys = around[:-1], (key.value, *keys)
        elif isinstance(parent, ast.keyword) and parent.arg and _is_dict(around[-2], scope):
            around, keys = around[:-1], (parent.arg, *keys)
            parent, around = around[-1], around[:-1]
        else:
            break
        node, around = given_on(parent, around)
    return node, around, keys


def _is_dict(node: ast.AST, scope: Scope) -> bool:
    """Whether an expression is ``dict(...)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "dict"
        and not node.args
        and scope.home("dict") is None
    )


def _argument(call: ast.Call, argument: str | int | None, scope: Scope, layers: Layers) -> Place:
    """The place of an argument, which a known call's row names where it is positional."""
    path = min(resolve(call.func, scope), default=None)
    layer = fitting(layers.get(path or "", ()), call)
    plain = not any(isinstance(item, ast.Starred) for item in call.args)
    if isinstance(argument, int):
        parameters = layer.row.parameters if layer is not None and plain else []
        argument = parameters[argument] if argument < len(parameters) else None
    parts = any(item.arg in (None, PARTITIONER) for item in call.keywords)
    what = f"{f'argument {argument}' if argument else 'an argument'} of {ast.unparse(call.func)}"
    return Place(what, layer, argument, call, path or "", parts=parts, scope=scope)


def fitting(variants: tuple[Layer, ...], call: ast.Call) -> Layer | None:
    """What a call makes: of the rows whose settings hold, the first that knows most of the call's keywords."""
    given = {item.arg: item.value for item in call.keywords if item.arg is not None}
    possible = [layer for layer in variants if _holds(layer.row, given)]
    return max(possible, key=lambda layer: len(given.keys() & _known(layer.row)), default=None)


def _holds(row: SourceLayer, given: Mapping[str, ast.expr]) -> bool:
    """Whether a call's settings are those that a row is for."""
    settings = {name: literal(given[name]) if name in given else row.defaults.get(name) for name in row.where}
    return all(settings[name] == value for name, value in row.where.items())


def _known(row: SourceLayer) -> set[str]:
    return {*row.parameters, *row.where, *(name for item in row.weights for name in (item.argument, item.when) if name)}


def _words(parent: ast.AST) -> str:
    match parent:
        case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
            return f"assigned to {ast.unparse(target)}"
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
    """Whether TensorFlow makes an instance of an initializer class that is given there; tf.keras does not."""
    return bool(weights(place)) and not place.callee.startswith("keras.") and ".keras." not in place.callee


def uses(
    node: ast.expr, around: tuple[ast.AST, ...], scope: Scope, text: Text, layers: Layers
) -> "tuple[Reach, tuple[Place, ...]]":
    """What becomes of an initializer that a statement or a parameter's default gives a name in a function: the places
    where the name stands, if all are arguments of known calls (else none), and whether it is used just once."""
    child, holders, keys = _out_of_dicts(*given_on(node, around), (), scope)
    name, block = _name_of(child, holders, scope)
    if name is None:
        return Reach.MANY, ()
    statement = holders[-1]
    found: list[Place] = []
    once = True
    for load, inside in loads(block.node, text, name):
        if len(inside) > 1 and inside[1] is getattr(block.node, "args", None):
            continue  # a default of the function itself, where the name is another's
        argument = place(load, inside, _inner(block, inside), layers, keys)
        if not weights(argument):
            return Reach.MANY, ()
        found.append(argument)
        once = reach(argument) is Reach.ONE and _follows(statement, holders[-2], inside)
    return Reach.ONE if once and len(found) == 1 else Reach.MANY, tuple(found)


def _inner(block: Scope, holders: tuple[ast.AST, ...]) -> Scope:
    """The block of a node in a block, in some of whose parts it stands."""
    for holder in holders:
        block = block.inside(holder) if holder is not block.node else block
    return block


def _name_of(child: ast.AST, holders: tuple[ast.AST, ...], scope: Scope) -> tuple[str | None, Scope]:
    """The name, in a function's block, that stands for an expression and for nothing else."""
    match holders[-1]:
        case ast.Assign(targets=[ast.Name(id=name)]) if isinstance(scope.node, ast.FunctionDef):
            return (name if len(scope.bindings.get(name, ())) == 1 else None), scope
        case ast.arguments() as arguments if isinstance(holders[-2], ast.FunctionDef):
            block = scope.children[holders[-2]]
            name = defaults(arguments)[child]
            return (name if len(block.bindings.get(name, ())) == 1 else None), block
    return None, scope


def defaults(arguments: ast.arguments) -> dict[ast.AST, str]:
    """The parameters' names by their defaults."""
    positional = [*arguments.posonlyargs, *arguments.args]
    found: dict[ast.AST, str] = {
        default: item.arg for default, item in zip(reversed(arguments.defaults), reversed(positional), strict=False)
    }
    named = zip(arguments.kw_defaults, arguments.kwonlyargs, strict=True)
    return found | {default: item.arg for default, item in named if default is not None}


def _follows(statement: ast.AST, block: ast.AST, holders: tuple[ast.AST, ...]) -> bool:
    """Whether a place is reached once for each time that the statement is run: it is in a later statement of the same
    list, and no loop or function starts in between."""
    if block not in holders:
        return False
    after = holders[holders.index(block) + 1 :]
    repeated = ast.For | ast.AsyncFor | ast.While | ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef | Comprehension
    if not after or any(isinstance(node, repeated) for node in after):
        return False
    lists = (getattr(block, name, None) for name in ("body", "orelse", "finalbody"))
    return any(isinstance(body, list) and statement in body and after[0] in body for body in lists)


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
