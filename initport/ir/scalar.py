"""Exact numbers: the root of a rational times powers of symbols.

Every quantity that an initializer is made of (a scale, a fan, a standard deviation, a bound) is one of these, so that
two initializers can be *proved* equal by comparing values. Roots are taken only when a number is printed or sampled.

Sizes of a weight and constants stand for positive numbers, so ``sqrt(s**2)`` is ``s``. A source's own expression may be
negative: there the root is its `Magnitude`.
"""

import math
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Self

from initport.ir import symbols
from initport.ir.symbols import Dim, Magnitude, Named, Sum, Symbol, Verbatim, may_be_negative

__all__ = [
    "Dim", "InexactError", "Magnitude", "Named", "Number", "Scalar", "Sum", "Symbol", "Verbatim", "literal", "product",
    "render",
]  # fmt: skip


class InexactError(ArithmeticError):
    """The result is not the root of a rational times powers of symbols."""


Number = int | Fraction | Decimal


def _root(value: Fraction) -> Fraction | None:
    """The exact square root of a non-negative rational, if it has one."""
    numerator, denominator = math.isqrt(value.numerator), math.isqrt(value.denominator)
    exact = numerator**2 == value.numerator and denominator**2 == value.denominator
    return Fraction(numerator, denominator) if exact else None


class Scalar:
    """``sign * sqrt(square) * product(symbol ** exponent)``, in one canonical form: equality is proof."""

    __match_args__ = ("sign", "square", "powers")

    def __init__(self, sign: int, square: Fraction, powers: tuple[tuple[Symbol, Fraction], ...] = ()) -> None:
        self.sign, self.square, self.powers = sign, square, powers

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Scalar)
            and self._hash == other._hash
            and (self.sign, self.square, self.powers) == (other.sign, other.square, other.powers)
        )

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.sign, self.square, self.powers))

    def __repr__(self) -> str:
        return f"Scalar({self})"

    @classmethod
    def of(cls, value: "Number | Symbol | Scalar") -> "Scalar":
        match value:
            case Scalar():
                return value
            case Dim() | Named() | Verbatim() | Magnitude() | Sum():
                return cls(1, Fraction(1), ((value, Fraction(1)),))
            case _:
                number = Fraction(value)
                return cls((number.numerator > 0) - (number.numerator < 0), number * number)

    @classmethod
    def _make(cls, sign: int, square: Fraction, powers: Mapping[Symbol, Fraction]) -> Self:
        if sign == 0:
            return cls(0, Fraction(0))
        if any(isinstance(symbol, Magnitude) for symbol in powers):
            powers = symbols.without_squares(powers)
        kept = [item for item in powers.items() if item[1]]
        if len(kept) > 1:
            kept.sort(key=lambda item: (str(item[0]), type(item[0]).__name__))
        return cls(sign, square, tuple(kept))

    def __mul__(self, other: "Number | Scalar") -> "Scalar":
        other = Scalar.of(other)
        powers = dict(self.powers)
        for symbol, power in other.powers:
            powers[symbol] = powers[symbol] + power if symbol in powers else power
        return self._make(self.sign * other.sign, self.square * other.square, powers)

    def __pow__(self, exponent: int | Fraction) -> "Scalar":
        """Raises ZeroDivisionError for a negative power of zero, InexactError where the result has no exact form."""
        if exponent == 1:
            return self
        exponent = Fraction(exponent)
        if self.sign == 0 and exponent < 0:
            raise ZeroDivisionError("negative power of zero")
        if exponent.denominator == 1:
            sign, square = self.sign ** (exponent.numerator % 2 or 2), self.square**exponent.numerator
        else:
            if exponent.denominator % 4 == 0:
                return (self ** (exponent * 2)).sqrt()
            root = _root(self.square)
            if self.sign < 0 or root is None or exponent.denominator != 2:
                raise InexactError(f"({self}) ** {exponent}")
            sign, square = self.sign, root**exponent.numerator
        powers: dict[Symbol, Fraction] = {}
        for symbol, power in self.powers:
            result = power * exponent
            base = symbols.principal(symbol, power, result)
            powers[base] = powers[base] + result if base in powers else result
        return self._make(sign if exponent else 1, square, powers)

    def sqrt(self) -> "Scalar":
        return self ** Fraction(1, 2)

    def __truediv__(self, other: "Number | Scalar") -> "Scalar":
        return self * Scalar.of(other) ** -1

    def __neg__(self) -> "Scalar":
        return Scalar(-self.sign, self.square, self.powers)

    def __add__(self, other: "Number | Scalar") -> "Scalar":
        """Rationals add up; anything else becomes a `Sum` symbol with the first term's coefficient factored out."""
        other = Scalar.of(other)
        if not self.sign or not other.sign:
            return self if self.sign else other
        ratio = (other / self).rational
        if ratio is not None:
            return self * (1 + ratio)
        for whole, gone in ((self, -other), (other, -self)):
            if (terms := whole.terms) is not None and gone in terms:
                return terms[terms[0] == gone]
        first, second = sorted((self, other), key=lambda term: str(term.powers))
        if first.coefficient is None:
            raise InexactError(f"{self} + {other}")
        return Scalar.of(Sum(first / first.coefficient, second / first.coefficient)) * first.coefficient

    def __sub__(self, other: "Number | Scalar") -> "Scalar":
        return self + -Scalar.of(other)

    @property
    def terms(self) -> "tuple[Scalar, Scalar] | None":
        """The terms of a sum; None for all else."""
        if len(self.powers) != 1 or not isinstance(total := self.powers[0][0], Sum) or self.powers[0][1] != 1:
            return None
        return total.first * (factor := self / Scalar.of(total)), total.second * factor

    @cached_property
    def coefficient(self) -> Fraction | None:
        """The rational factor; None where it is the root of a rational."""
        root = _root(self.square)
        return None if root is None else self.sign * root

    @property
    def rational(self) -> Fraction | None:
        """The value itself where it is a rational number."""
        return None if self.powers else self.coefficient

    def bind(self, sizes: Mapping[str, int]) -> "Scalar":
        """The same with these sizes in place of their roles. InexactError where the result has no exact form."""
        result = Scalar(self.sign, self.square)
        for symbol, power in self.powers:
            match symbol:
                case Dim(name) if name in sizes:
                    factor = Scalar.of(sizes[name])
                case Sum(first, second):
                    factor = first.bind(sizes) + second.bind(sizes)
                case Magnitude(of):
                    factor = (Scalar.of(of).bind(sizes) ** 2).sqrt()
                case _:
                    factor = Scalar.of(symbol)
            result = result * factor**power
        return result

    @property
    def may_be_negative(self) -> bool:
        """Whether the value is negative for some values of its symbols."""
        return self.sign < 0 or any(power % 2 == 1 and may_be_negative(symbol) for symbol, power in self.powers)

    @property
    def verbatim(self) -> bool:
        """Whether a source expression is part of it, so that its value is known only when that runs."""
        return any(symbols.verbatim(symbol) for symbol, _ in self.powers)

    def evaluate(self, dims: Mapping[str, int]) -> float | None:
        """The value for the given sizes; None where a size is missing or the source computes it, where a size that is
        divided by is 0, or where no float is that large."""
        try:
            value, factors = self._floats
            for symbol, power in factors:
                known = symbols.size(symbol, dims)
                if known is None:
                    return None
                value *= known**power
        except (OverflowError, ZeroDivisionError):
            return None
        return value

    @cached_property
    def _floats(self) -> tuple[float, list[tuple[Symbol, float]]]:
        """The coefficient and the exponents, rounded. Raises OverflowError."""
        return self.sign * math.sqrt(self.square), [(symbol, float(power)) for symbol, power in self.powers]

    def __str__(self) -> str:
        """For people: ``2 / (in * kernel)``."""
        return self._text

    @cached_property
    def _text(self) -> str:
        return render(self, {})


def literal(value: Fraction) -> str:
    """A rational as Python source that evaluates to it: the shortest decimal if there is one, else a quotient."""
    if value.denominator == 1 and abs(value.numerator) < 10**17:
        return str(value.numerator)
    try:
        short = repr(float(value))
        if Fraction(short) == value:
            return short
    except (OverflowError, ValueError):
        pass
    return f"{value.numerator} / {value.denominator}"


def render(scalar: Scalar, names: Mapping[Symbol, str], sqrt: str = "sqrt") -> str:
    """Python source for a scalar; ``names`` says how a symbol is spelled, ``sqrt`` what the root function is called."""
    if scalar.coefficient is None or any(power.denominator != 1 for _, power in scalar.powers):
        return _render_root(scalar, names, sqrt)
    above: list[str] = []
    below: list[str] = []
    for symbol, power in scalar.powers:
        spelled = names.get(symbol) or _spell(symbol, names, sqrt)
        factor = spelled if abs(power) == 1 else f"{spelled} ** {abs(power)}"
        (above if power > 0 else below).append(factor)
    coefficient = scalar.coefficient
    short = literal(coefficient)
    if "/" in short:
        short = literal(Fraction(coefficient.numerator))
        below.insert(0, literal(Fraction(coefficient.denominator)))
    if above and short in ("1", "-1"):
        above[0] = ("-" if short == "-1" else "") + above[0]
    else:
        above.insert(0, short)
    top = " * ".join(above)
    return top if not below else f"{top} / {below[0]}" if len(below) == 1 else f"{top} / ({' * '.join(below)})"


def _render_root(scalar: Scalar, names: Mapping[Symbol, str], sqrt: str) -> str:
    """As one root of everything but the factors whose sign a root would lose."""
    outside = {symbol: power for symbol, power in scalar.powers if power % 2 == 1 and may_be_negative(symbol)}
    factors = product(*(Scalar.of(symbol) ** power for symbol, power in outside.items()))
    inside = scalar / factors
    root = f"{sqrt}({render(inside * inside, names, sqrt)})"
    sign = "-" if scalar.sign < 0 else ""
    if not outside:
        return f"{sign}{root}"
    above = product(*(Scalar.of(symbol) ** power for symbol, power in outside.items() if power > 0))
    below = above / factors
    top = f"{render(above, names, sqrt)} * {root}" if above.powers else root
    return f"{sign}{top} / ({render(below, names, sqrt)})" if below.powers else f"{sign}{top}"


def _spell(symbol: Symbol, names: Mapping[Symbol, str], sqrt: str) -> str:
    match symbol:
        case Sum(first, second):
            sign = "-" if second.sign < 0 else "+"
            return f"({render(first, names, sqrt)} {sign} {render(second * second.sign, names, sqrt)})"
        case Magnitude(of):
            return f"abs({_spell(of, names, sqrt).removeprefix('(').removesuffix(')') if isinstance(of, Sum) else of})"
        case _:
            return str(symbol)


def product(*factors: Number | Scalar) -> Scalar:
    result = Scalar.of(1)
    for factor in factors:
        result = result * factor
    return result


def roles(scalar: Scalar) -> set[str]:
    """The names of the sizes that a scalar depends on."""
    found: set[str] = set()
    for symbol, _ in scalar.powers:
        match symbol:
            case Dim(name):
                found.add(name)
            case Sum(first, second):
                found |= roles(first) | roles(second)
            case Magnitude(of):
                found |= roles(Scalar.of(of))
    return found
