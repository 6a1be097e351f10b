"""Exact arithmetic, its canonical form, and its spelling."""

import math
from fractions import Fraction

import pytest

from initport.ir.scalar import Dim, InexactError, Named, Scalar, literal, product, render

X, Y, Z = (Scalar.of(Dim(name)) for name in "xyz")
ONE, TWO, THREE = (Scalar.of(number) for number in (1, 2, 3))

SAME = [
    (X, X),
    (X * Y, Y * X),
    (X / X, ONE),
    (X * 0, Scalar.of(0)),
    (TWO.sqrt() * TWO.sqrt(), TWO),
    (Scalar.of(8).sqrt(), TWO.sqrt() * 2),
    ((X * 4).sqrt(), X.sqrt() * 2),
    ((X * X).sqrt(), X),
    ((-X) * -1, X),
    ((X + Y) * Z / Z, Y + X),
    (X * 2 + Y * 2, (X + Y) * 2),
    (X + Y - Y, X),
    (X * 2 - (X * 2 - Y * 3), Y * 3),
    (X + X, X * 2),
    (X - X, Scalar.of(0)),
    (ONE / 3 + ONE / 6, ONE / 2),
    (X**0, ONE),
    (X**-2, ONE / X / X),
    ((-X) ** 3, -(X * X * X)),
    (product(2, X, Y), X * Y * 2),
]

DIFFERENT = [(X, Y), (X, X * 2), (X, -X), (X + Y, X + Z), (TWO.sqrt(), Scalar.of(Fraction("1.4142135623730951")))]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_equal_values_are_one_value(left: Scalar, right: Scalar) -> None:
    assert left == right
    assert hash(left) == hash(right)


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_values_differ_however_close(left: Scalar, right: Scalar) -> None:
    assert left != right


SPELLED = [
    (Scalar.of(0), "0"),
    (Scalar.of(Fraction("0.02")), "0.02"),
    (Scalar.of(Fraction("-1e-05")), "-1e-05"),
    (X - Y * 2, "(x - 2 * y)"),
    (ONE / 3, "1 / 3"),
    (TWO / X, "2 / x"),
    (X * Y / 2, "0.5 * x * y"),
    (X / 3, "x / 3"),
    (-X, "-x"),
    (X * Y / Z, "x * y / z"),
    (ONE / X / Y, "1 / (x * y)"),
    ((THREE / X).sqrt(), "sqrt(3 / x)"),
    (-(TWO.sqrt()), "-sqrt(2)"),
    (Scalar.of(6) / (X + Y), "6 / (x + y)"),
    (X * X, "x ** 2"),
]


@pytest.mark.parametrize(("value", "text"), SPELLED)
def test_spelling(value: Scalar, text: str) -> None:
    assert str(value) == text


@pytest.mark.parametrize(("value", "_"), SPELLED)
def test_a_spelling_is_python_with_the_same_value(value: Scalar, _: str) -> None:
    sizes = {"x": 7, "y": 11, "z": 13}
    assert eval(render(value, {}, "math.sqrt"), {"math": math, **sizes}) == pytest.approx(
        value.evaluate(sizes), rel=1e-15
    )


def test_unknown_sizes_have_no_value() -> None:
    assert (X * Y).evaluate({"x": 2}) is None
    assert (X + Y).evaluate({"y": 2}) is None
    assert Scalar.of(Named("c", 0.5)).evaluate({}) == 0.5


def test_a_quotient_by_a_size_of_zero_has_no_value() -> None:
    assert (X * Y).evaluate({"x": 2, "y": 0}) == 0
    assert (X / Y).evaluate({"x": 2, "y": 0}) is None


def test_what_has_no_exact_form_is_an_error() -> None:
    with pytest.raises(InexactError):
        TWO.sqrt().sqrt()
    with pytest.raises(InexactError):
        (-ONE).sqrt()
    with pytest.raises(ZeroDivisionError):
        ONE / Scalar.of(0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1", "1"),
        ("0.1", "0.1"),
        ("1e-10", "1e-10"),
        ("123456789.5", "123456789.5"),
        ("1/3", "1 / 3"),
        ("1e30", "1e+30"),
    ],
)
def test_literal(value: str, text: str) -> None:
    assert literal(Fraction(value)) == text
    assert eval(text) == pytest.approx(float(Fraction(value)), rel=1e-15)
