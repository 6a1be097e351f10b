"""Where an initializer stands in a module, and how many weights can come to share it.

An object that is an argument of a call which is known to make one weight of it is used once. Any other place (a name, a
dict, a default parameter, an attribute, a scope's defaults, a call of something unknown) may hand it to several.
"""

import ast
from collections.abc import Mapping

from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.rows import SourceLayer
from initport.ir.weights import Layout
from initport.readers.python_source.arguments import literal
from initport.readers.python_source.names import Scope, resolve
from initport.readers.python_source.sites import Place, Reach
from initport.readers.python_source.vocabulary import Named

_TRANSPARENT = ast.IfExp | ast.BoolOp
"""Expressions that may give the initializer on unchanged."""

_BARE = ast.Assign | ast.AnnAssign | ast.Return | ast.keyword | ast.Dict | ast.Tuple | ast.List | ast.arguments
"""Where a lambda needs no parentheses."""

RANKS = (parse_layout("*kernel, in, out"), parse_layout("length"), parse_layout(""))
"""The layouts of a weight of which nothing is known: two axes or more, one, none."""


def place(node: ast.expr, around: tuple[ast.AST, ...], scope: Scope) -> Place:
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
        callee = min(resolve(holders[-2].func, scope), default=None)
        what = f"argument {parent.arg} of {ast.unparse(holders[-2].func)}"
        return Place(what, callee, parent.arg, bare)
    if isinstance(parent, ast.Call) and child is not parent.func:
        callee = min(resolve(parent.func, scope), default=None)
        return Place(f"argument of {ast.unparse(parent.func)}", callee, None, bare)
    return Place(_words(parent), bare=bare)


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


def reach(place: Place, around: tuple[ast.AST, ...], layers: Mapping[str, Named]) -> Reach:
    """Whether the callee makes just one weight of the argument."""
    layer = _layer(place, layers)
    call = next((node for node in reversed(around) if isinstance(node, ast.Call)), None)
    if layer is None or call is None or any(item.arg in (None, "partitioner") for item in call.keywords):
        return Reach.MANY
    return (
        Reach.ONE if len([weight for weight in layer.weights if weight.filler == place.argument]) == 1 else Reach.MANY
    )


def layouts(place: Place, layers: Mapping[str, Named], shape: ast.expr | None) -> tuple[Layout, ...]:
    """The layouts that the weights can have: the layer's own, else those of the rank of a shape that is written out."""
    layer = _layer(place, layers)
    if layer is not None:
        found = {weight.layout for weight in layer.weights if weight.filler == place.argument}
        try:
            known = tuple(parse_layout(text) for text in sorted(found))
        except ExpressionError:
            known = ()
        if known:
            return known
    if isinstance(shape, ast.List | ast.Tuple) and not any(isinstance(item, ast.Starred) for item in shape.elts):
        return (RANKS[0],) if len(shape.elts) > 1 else (RANKS[1],) if shape.elts else (RANKS[2],)
    return RANKS


def shape_of(place: Place, around: tuple[ast.AST, ...]) -> ast.expr | None:
    """The shape that a call beside the initializer gives the weight, where it does."""
    call = next((node for node in reversed(around) if isinstance(node, ast.Call)), None)
    if place.argument != "initializer" or call is None or not (place.callee or "").endswith(".get_variable"):
        return None
    named = next((item.value for item in call.keywords if item.arg == "shape"), None)
    return named or (call.args[1] if len(call.args) > 1 else None)


def _layer(place: Place, layers: Mapping[str, Named]) -> SourceLayer | None:
    named = layers.get(place.callee or "")
    return None if named is None or place.argument is None else named.vocabulary.layers[named.name]


def is_whole_number(node: ast.expr) -> bool:
    """Whether a dtype's expression names an integer type."""
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    return isinstance(last, str) and last.startswith(("int", "uint", "bool"))
