"""Arithmetic as text, read into exact scalars: ``2 * groups / in``, ``sqrt(3)``, ``std <= 0``.

Grammars state their formulas in it, and emitted code is re-read with it. Only numbers, names, ``+ - * / % **``,
``sqrt`` and comparisons exist; nothing is ever executed.
"""

import ast
import keyword
import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache

from initport.ir.scalar import InexactError, Scalar
from initport.regex import Pattern

Names = Mapping[str, Scalar]

_WORD = Pattern(r"\b[A-Za-z]+\b")


class ExpressionError(ValueError):
    """The text is not an expression of this language, or a name in it means nothing here."""


@lru_cache(maxsize=4096)
def _parse(text: str) -> ast.expr:
    # Roles such as `in` are Python keywords; a trailing underscore makes them names, and `_name` takes it off again.
    try:
        return ast.parse(_WORD.sub(_as_name, text), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionError(f"not an expression: {text!r}") from error


def _as_name(word: re.Match[str]) -> str:
    return f"{word[0]}_" if keyword.iskeyword(word[0]) else word[0]


def evaluate(text: str, names: Names) -> Scalar:
    """The exact value. Raises ExpressionError, or InexactError where the value has no exact form."""
    return value_of(_parse(text), names)


def holds(text: str, names: Names, sizes: Mapping[str, int]) -> bool | None:
    """Whether a comparison is true for the given sizes; None where that depends on something not given.

    Two formulas that differ may have the same value all the same.
    """
    node = _parse(text)
    if not isinstance(node, ast.Compare) or len(node.ops) != 1:
        raise ExpressionError(f"not a comparison: {text!r}")
    if "%" in text:  # remainders have no formula: they are of numbers only
        used = {_name(part) for part in ast.walk(node) if isinstance(part, ast.Name)}
        names = {name: names[name].bind(sizes) for name in used & names.keys()}
    try:
        left, right = value_of(node.left, names), value_of(node.comparators[0], names)
    except UnknownNameError:
        return None
    first, second = _number(left, sizes), _number(right, sizes)
    if first is None or second is None:
        return isinstance(node.ops[0], ast.Eq | ast.LtE | ast.GtE) if left == right else None
    return _compare(node.ops[0], first, second)


def _number(scalar: Scalar, sizes: Mapping[str, int]) -> Fraction | None:
    if scalar.rational is not None:
        return scalar.rational
    value = scalar.evaluate(sizes)
    return None if value is None else Fraction(value)


class UnknownNameError(ExpressionError):
    """A name that is not given here; the message is the name."""


def _compare(operator: ast.cmpop, left: Fraction, right: Fraction) -> bool:
    match operator:
        case ast.Eq():
            return left == right
        case ast.NotEq():
            return left != right
        case ast.Lt():
            return left < right
        case ast.LtE():
            return left <= right
        case ast.Gt():
            return left > right
        case ast.GtE():
            return left >= right
    raise ExpressionError(f"no such comparison: {type(operator).__name__}")


def value_of(node: ast.expr, names: Names) -> Scalar:
    """The value of a parsed expression; a whole sub-expression's source may be a name, such as ``w[0].numel()``."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Scalar.of(number if isinstance(number, int) else Fraction(repr(number)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -value_of(operand, names)
        case ast.BinOp(left=left, op=operator, right=right):
            return _apply(operator, value_of(left, names), value_of(right, names))
        case ast.Call(func=ast.Name(id="sqrt") | ast.Attribute(attr="sqrt"), args=[argument], keywords=[]):
            return value_of(argument, names).sqrt()
    source = _name(node)
    if source not in names:
        raise UnknownNameError(source)
    return names[source]


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id.removesuffix("_") if keyword.iskeyword(node.id.removesuffix("_")) else node.id
    return ast.unparse(node)


def _apply(operator: ast.operator, left: Scalar, right: Scalar) -> Scalar:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.Mod():
            if left.rational is None or not right.rational:
                raise UnknownNameError(f"the remainder of {left} by {right}")
            return Scalar.of(left.rational % right.rational)
        case ast.Pow():
            exponent = right.rational
            if exponent is None or abs(exponent) > 100:
                raise InexactError("exponents are small rationals")
            return left**exponent
    raise ExpressionError(f"no such operator: {type(operator).__name__}")
