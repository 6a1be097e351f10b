"""Where an initializer stands in a module, and how many weights can come to share it.

An object that is an argument of a call which is known to make one weight of it is used once. Any other place (a name, a
dict, a default parameter, an attribute, a scope's defaults, a call of something unknown) may hand it to several.
"""

import ast
from collections.abc import Mapping

from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.weights import Layout
from initport.readers.python_source.arguments import literal
from initport.readers.python_source.names import Comprehension, Scope, resolve
from initport.readers.python_source.sites import Place, Reach
from initport.readers.python_source.text import Text
from initport.readers.python_source.walk import loads

_TRANSPARENT = ast.IfExp | ast.BoolOp
"""Expressions that may give the initializer on unchanged."""

_BARE = ast.Assign | ast.AnnAssign | ast.Return | ast.keyword | ast.Dict | ast.Tuple | ast.List | ast.arguments
"""Where a lambda needs no parentheses."""

RANKS = (parse_layout("*kernel, in, out"), parse_layout("length"), parse_layout(""))
"""The layouts of a weight of which nothing is known: two axes or more, one, none."""


PARTITIONER = "partitioner"
"""In a module with this word a weight may be made in parts, for each of which its initializer is called."""

Layers = Mapping[str, SourceLayer]


def place(node: ast.expr, around: tuple[ast.AST, ...], scope: Scope, layers: Layers) -> Place:
    """The place of an expression, ``around`` it outermost first."""
    bare = isinstance(around[-1], _BARE) or (isinstance(around[-1], ast.Call) and node in around[-1].args)
    holders = list(around)
    child: ast.AST = node
    while holders and isinstance(holders[-1], _TRANSPARENT):
        if isinstance(holders[-1], ast.IfExp) and holders[-1].test is child:
            break
        child = holders.pop()
    parent = holders[-1]
    if isinstance(parent, ast.keyword) and isinstance(holders[-2], ast.Call):
        return _argument(holders[-2], parent.arg, scope, layers, bare)
    if isinstance(parent, ast.Call) and child is not parent.func:
        return _argument(parent, parent.args.index(child), scope, layers, bare)  # type: ignore[arg-type]
    attribute = scope.is_class and isinstance(parent, ast.Assign | ast.AnnAssign)
    return Place(_words(parent), bare=bare, attribute=attribute)


def _argument(call: ast.Call, argument: str | int | None, scope: Scope, layers: Layers, bare: bool) -> Place:
    """The place of an argument, which a known call's row names where it is positional."""
    path = min(resolve(call.func, scope), default=None)
    layer = layers.get(path or "")
    plain = not any(isinstance(item, ast.Starred) for item in call.args)
    if isinstance(argument, int):
        argument = layer.parameters[argument] if layer and plain and argument < len(layer.parameters) else None
    opaque = any(item.arg in (None, PARTITIONER) for item in call.keywords)
    what = f"{f'argument {argument}' if argument else 'an argument'} of {ast.unparse(call.func)}"
    return Place(what, None if opaque else layer, argument, call, path or "", bare)


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
    return Reach.ONE if len(started) == 1 and not started[0].shared and not started[0].key else Reach.MANY


def is_instantiated(place: Place) -> bool:
    """Whether TensorFlow makes an instance of an initializer class that is given there; tf.keras does not."""
    return bool(weights(place)) and not place.callee.startswith("keras.") and ".keras." not in place.callee


def uses(around: tuple[ast.AST, ...], scope: Scope, text: Text, layers: Layers) -> "tuple[Reach, tuple[Place, ...]]":
    """What becomes of an initializer that a statement gives a name in a function: the places where the name stands, if
    all are arguments of known calls (else none), and whether it is used just once."""
    statement = around[-1]
    if not isinstance(statement, ast.Assign) or not isinstance(scope.node, ast.FunctionDef):
        return Reach.MANY, ()
    target = statement.targets[0]
    if len(statement.targets) > 1 or not isinstance(target, ast.Name) or len(scope.bindings.get(target.id, ())) != 1:
        return Reach.MANY, ()
    found: list[Place] = []
    once = True
    for node, holders in loads(scope.node, text, target.id):
        argument = place(node, holders, scope, layers)
        if not weights(argument):
            return Reach.MANY, ()
        found.append(argument)
        once = reach(argument) is Reach.ONE and _follows(statement, around[-2], holders)
    return Reach.ONE if once and len(found) == 1 else Reach.MANY, tuple(found)


def _follows(statement: ast.Assign, block: ast.AST, holders: tuple[ast.AST, ...]) -> bool:
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


def layouts(place: Place, shape: ast.expr | None) -> tuple[Layout, ...]:
    """The layouts that the weights can have: the layer's own, else those of the rank of a shape that is written out."""
    try:
        known = tuple(parse_layout(text) for text in sorted({weight.layout for weight in weights(place)}))
    except ExpressionError:
        known = ()
    if known:
        return known
    if isinstance(shape, ast.List | ast.Tuple) and not any(isinstance(item, ast.Starred) for item in shape.elts):
        return (RANKS[0],) if len(shape.elts) > 1 else (RANKS[1],) if shape.elts else (RANKS[2],)
    return RANKS


def shape_of(place: Place) -> ast.expr | None:
    """The shape that a call beside the initializer gives the weight, where it does."""
    if place.layer is None or place.call is None or "shape" not in place.layer.parameters:
        return None
    index = place.layer.parameters.index("shape")
    named = next((item.value for item in place.call.keywords if item.arg == "shape"), None)
    return named or (place.call.args[index] if len(place.call.args) > index else None)


def weights(place: Place) -> list[SourceWeight]:
    """The weights that the argument starts."""
    if place.layer is None or place.argument is None:
        return []
    return [weight for weight in place.layer.weights if weight.filler == place.argument]


def is_whole_number(node: ast.expr) -> bool:
    """Whether a dtype's expression names an integer type."""
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    return isinstance(last, str) and last.startswith(("int", "uint", "bool"))
