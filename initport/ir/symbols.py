"""The symbols that exact scalars are made of: sizes, constants, the source's own expressions, sums and magnitudes."""

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, assert_never

from initport.ir.distinct import distinct
from initport.records import NamedTuple

if TYPE_CHECKING:
    from initport.ir.scalar import Scalar


@distinct
class Dim(NamedTuple):
    """The size of a weight along one role: ``in``, ``out``, ``groups``, ``kernel`` (the receptive field) ..."""

    name: str

    def __str__(self) -> str:
        return self.name


@distinct
class Named(NamedTuple):
    """A constant of nature with a name."""

    name: str
    value: float

    def __str__(self) -> str:
        return self.name


@distinct
class Verbatim(NamedTuple):
    """A Python expression of the source, kept as it was written; a number of any sign, unknown until it runs."""

    source: str

    def __str__(self) -> str:
        return self.source if _is_primary(self.source) else f"({self.source})"


@distinct
class Magnitude(NamedTuple):
    """The absolute value of a symbol that may be negative."""

    of: "Verbatim | Sum"

    def __str__(self) -> str:
        return f"abs({self.of})"


@distinct
class Sum(NamedTuple):
    """A sum of two scalars whose first has coefficient 1, as in the mean of two fans."""

    first: "Scalar"
    second: "Scalar"

    def __str__(self) -> str:
        return f"({self.first} - {-self.second})" if self.second.sign < 0 else f"({self.first} + {self.second})"


Symbol = Dim | Named | Verbatim | Magnitude | Sum


@lru_cache(maxsize=1024)
def _is_primary(source: str) -> bool:
    """Whether a Python expression needs no parentheses beside any operator; one that does not parse does."""
    import ast  # a network has none

    try:
        return isinstance(ast.parse(source, mode="eval").body, ast.Name | ast.Attribute | ast.Subscript | ast.Call)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def size(symbol: Symbol, dims: Mapping[str, int]) -> float | None:
    """The symbol's value for the given sizes by role; None where that is not known."""
    match symbol:
        case Dim(name):
            return dims.get(name)
        case Named():
            return symbol.value
        case Verbatim():
            return None
        case Magnitude(of):
            known = size(of, dims)
            return None if known is None else abs(known)
        case Sum(first, second):
            terms = first.evaluate(dims), second.evaluate(dims)
            return None if terms[0] is None or terms[1] is None else terms[0] + terms[1]
        case _ as never:
            assert_never(never)


def may_be_negative(symbol: Symbol) -> bool:
    """Whether the symbol stands for a negative number for some values of what it is made of."""
    match symbol:
        case Verbatim():
            return True
        case Sum(first, second):
            return first.may_be_negative or second.may_be_negative
        case _:
            return False


def verbatim(symbol: Symbol) -> bool:
    """Whether a source expression is part of it."""
    match symbol:
        case Verbatim():
            return True
        case Magnitude(of):
            return verbatim(of)
        case Sum(first, second):
            return first.verbatim or second.verbatim
        case _:
            return False


def principal(symbol: Symbol, power: Fraction, result: Fraction) -> Symbol:
    """The symbol whose power ``result`` is the root of the symbol's ``power``: ``sqrt(x**2)`` is ``abs(x)``."""
    if isinstance(symbol, (Verbatim, Sum)) and may_be_negative(symbol) and power % 2 == 0 and result % 2 != 0:
        return Magnitude(symbol)
    return symbol


def without_squares(powers: Mapping[Symbol, Fraction]) -> Mapping[Symbol, Fraction]:
    """The same with even powers of a symbol in place of those of its magnitude."""
    merged: dict[Symbol, Fraction] = {}
    for symbol, power in powers.items():
        base = symbol.of if isinstance(symbol, Magnitude) and power % 2 == 0 else symbol
        merged[base] = merged.get(base, Fraction(0)) + power
    return merged
