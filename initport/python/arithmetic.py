"""Arithmetic in the source, as exact scalars in the source's own expressions: how a hand-written bound is computed.

Nothing is proved with it but what people are told of a formula: sizes are taken for positive, and a quotient for a true
one, as Python 2 has none of whole numbers.
"""

import ast
from collections.abc import Callable

from initport.ir.scalar import InexactError, Scalar, product
from initport.ir.symbols import Verbatim
from initport.python.arguments import literal
from initport.python.scope import Scope, constant

_DEPTH = 12
"""Names and operators that are followed at most."""

_UNCHANGED = frozenset({"int", "float", "float32", "float64", "to_float", "cast", "constant", "Dimension", "int_shape"})
"""Functions that give their first argument, as another type."""

_ROOTS = frozenset({"sqrt"})
_PRODUCTS = frozenset({"prod", "reduce_prod"})


def exact(node: ast.expr, scope: Scope, depth: int = 0) -> Scalar:
    """The value: names that stand for one expression are followed, what is no arithmetic stands for itself."""
    known = literal(node)
    if isinstance(known, Scalar):
        return known
    try:
        found = _computed(node, scope, depth + 1) if depth < _DEPTH else None
    except (InexactError, ZeroDivisionError):
        found = None
    return found if found is not None else Scalar.of(Verbatim(ast.unparse(node)))


def _computed(node: ast.expr, scope: Scope, depth: int) -> Scalar | None:
    match node:
        case ast.Name(id=name):
            bound, home = constant(node, scope), scope.home(name)
            return None if bound is node or home is None or not _is_arithmetic(bound) else exact(bound, home, depth)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -exact(operand, scope, depth)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            return _OPERATORS[type(operator)](exact(left, scope, depth), exact(right, scope, depth))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return _power(exact(left, scope, depth), exact(right, scope, depth))
        case ast.Attribute(value=value, attr="value"):
            return exact(value, scope, depth)
        case ast.Subscript(value=value, slice=index):
            return _element(value, index, scope, depth)
        case ast.Call(func=function, args=[first, *rest]):
            return _called(_last(function), first, rest, scope, depth)
    return None


_OPERATORS: dict[type[ast.operator], Callable[[Scalar, Scalar], Scalar]] = {
    ast.Add: Scalar.__add__,
    ast.Sub: Scalar.__sub__,
    ast.Mult: Scalar.__mul__,
    ast.Div: Scalar.__truediv__,
}


def _is_arithmetic(node: ast.expr) -> bool:
    """Whether an expression says more than the name that it is given."""
    return not isinstance(node, ast.Call) or _last(node.func) in _ROOTS | _UNCHANGED | _PRODUCTS


def _power(base: Scalar, exponent: Scalar) -> Scalar | None:
    return None if exponent.rational is None or abs(exponent.rational) > 4 else base**exponent.rational


def _called(name: str, first: ast.expr, rest: list[ast.expr], scope: Scope, depth: int) -> Scalar | None:
    if name in _ROOTS and not rest:
        return exact(first, scope, depth).sqrt()
    if name in _UNCHANGED:
        return exact(first, scope, depth)
    if name in ("pow", "power") and len(rest) == 1:
        return _power(exact(first, scope, depth), exact(rest[0], scope, depth))
    if name in _PRODUCTS and not rest:
        sizes = elements(first, scope, depth)
        return None if sizes is None else product(*sizes)
    return None


def _last(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def elements(node: ast.expr, scope: Scope, depth: int = 0) -> list[Scalar] | None:
    """The values of a list that is written out, or of a part of it."""
    node = constant(node, scope)
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            if any(isinstance(item, ast.Starred) for item in items):
                return None
            return [exact(item, scope, depth + 1) for item in items]
        case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=None)):
            whole, bounds = elements(value, scope, depth + 1), [_index(lower), _index(upper)]
            return None if whole is None or False in bounds else whole[slice(*bounds)]
    return None


def _index(node: ast.expr | None) -> int | bool | None:
    """A whole number that is written out, None where nothing is, False for all else."""
    if node is None:
        return None
    value = literal(node)
    whole = isinstance(value, Scalar) and value.rational is not None and value.rational.denominator == 1
    return int(value.rational) if whole else False


def _element(value: ast.expr, index: ast.expr, scope: Scope, depth: int) -> Scalar | None:
    whole, at = elements(value, scope, depth), _index(index)
    if whole is None or at is None or at is False or not -len(whole) <= at < len(whole):
        return None
    return whole[at]
