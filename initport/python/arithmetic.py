"""Arithmetic in the source, as exact scalars in the source's own expressions: how a hand-written bound is computed.

Nothing is proved with it but what is reported of a formula: sizes are taken for positive, and a quotient for a true
one, as Python 2 has none of whole numbers.
"""

import ast
from collections.abc import Callable

from initport.ir.scalar import InexactError, Scalar, product
from initport.ir.symbols import Verbatim
from initport.python.arguments import literal
from initport.python.follow import Part, definition, evaluate
from initport.python.scope import Scope

_UNCHANGED = frozenset({"int", "float", "float32", "float64", "to_float", "cast", "constant", "Dimension", "int_shape"})
"""Functions that give their first argument, as another type."""

_ROOTS = frozenset({"sqrt"})
_PRODUCTS = frozenset({"prod", "reduce_prod"})


_Combine = Callable[[list[Scalar]], Scalar | None]


def exact(node: ast.expr, scope: Scope) -> Scalar:
    """The value: names that stand for one expression are followed, what is not arithmetic stands for itself."""
    return evaluate((node, scope), _step, _itself)


def _step(node: ast.expr, scope: Scope) -> tuple[list[Part], Callable[[list[Scalar]], Scalar]] | None:
    known = _parts_of(node, scope)
    if known is None:
        return None
    inner, combine = known

    def combine_exactly(values: list[Scalar]) -> Scalar:
        try:
            found = combine(values)
        except (InexactError, ZeroDivisionError):
            found = None
        return _itself(node, scope) if found is None else found

    return inner, combine_exactly


def _itself(node: ast.expr, scope: Scope) -> Scalar:
    known = literal(node) if isinstance(node, ast.Constant) else None
    return known if isinstance(known, Scalar) else Scalar.of(Verbatim(ast.unparse(node)))


def _parts_of(node: ast.expr, scope: Scope) -> tuple[list[Part], _Combine] | None:
    """What a value is made of, and how."""
    match node:
        case ast.Name():
            bound, home = definition(node, scope)
            return ([(bound, home)], _first) if bound is not node and _is_arithmetic(bound) else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [(operand, scope)], lambda values: -values[0]
        case ast.BinOp(left=left, op=operator, right=right) if type(operator) in _OPERATORS:
            operation = _OPERATORS[type(operator)]
            return [(left, scope), (right, scope)], lambda values: operation(*values)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return [(left, scope), (right, scope)], _power
        case ast.Attribute(value=value, attr="value"):
            return [(value, scope)], _first
        case ast.Subscript(value=value, slice=index):
            part = _element(value, index, scope)
            return None if part is None else ([part], _first)
        case ast.Call(func=function, args=[first, *rest]):
            return _parts_of_call(_last(function), first, rest, scope)
    return None


_OPERATORS: dict[type[ast.operator], Callable[[Scalar, Scalar], Scalar]] = {
    ast.Add: Scalar.__add__,
    ast.Sub: Scalar.__sub__,
    ast.Mult: Scalar.__mul__,
    ast.Div: Scalar.__truediv__,
}


def _first(values: list[Scalar]) -> Scalar:
    return values[0]


def _is_arithmetic(node: ast.expr) -> bool:
    """Whether an expression says more than the name that it is given."""
    return not isinstance(node, ast.Call) or _last(node.func) in _ROOTS | _UNCHANGED | _PRODUCTS


def _power(values: list[Scalar]) -> Scalar | None:
    base, exponent = values
    return None if exponent.rational is None or abs(exponent.rational) > 4 else base**exponent.rational


def _parts_of_call(
    name: str, first: ast.expr, rest: list[ast.expr], scope: Scope
) -> tuple[list[Part], _Combine] | None:
    if name in _ROOTS and not rest:
        return [(first, scope)], lambda values: values[0].sqrt()
    if name in _UNCHANGED:
        return [(first, scope)], _first
    if name in ("pow", "power") and len(rest) == 1:
        return [(first, scope), (rest[0], scope)], _power
    if name in _PRODUCTS and not rest:
        sizes = _items(first, scope)
        return None if sizes is None else (sizes, lambda values: product(*values))
    return None


def _last(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def elements(node: ast.expr, scope: Scope) -> list[Scalar] | None:
    """The values of a list that is written out, or of a part of it."""
    items = _items(node, scope)
    return None if items is None else [exact(*item) for item in items]


def _items(node: ast.expr, scope: Scope) -> list[Part] | None:
    slices: list[slice] = []
    seen: set[Part] = set()
    while not isinstance(node, ast.List | ast.Tuple):
        if (node, scope) in seen:
            return None
        seen.add((node, scope))
        match node:
            case ast.Name():
                bound, scope = definition(node, scope)
                if bound is node:
                    return None
                node = bound
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=None)):
                first, last = _index(lower), _index(upper)
                if first is False or last is False:
                    return None
                slices.append(slice(first, last))
                node = value
            case _:
                return None
    if any(isinstance(item, ast.Starred) for item in node.elts):
        return None
    items = node.elts
    for part in reversed(slices):
        items = items[part]
    return [(item, scope) for item in items]


def _index(node: ast.expr | None) -> int | bool | None:
    """A whole number that is written out, None where nothing is, False for all else."""
    if node is None:
        return None
    value = literal(node)
    whole = isinstance(value, Scalar) and value.rational is not None and value.rational.denominator == 1
    return int(value.rational) if whole else False


def _element(value: ast.expr, index: ast.expr, scope: Scope) -> Part | None:
    whole, at = _items(value, scope), _index(index)
    if whole is None or at is None or at is False or not -len(whole) <= at < len(whole):
        return None
    return whole[at]
