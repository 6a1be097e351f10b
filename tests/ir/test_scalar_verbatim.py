"""Expressions of the source inside exact scalars: printed as Python of the same value."""

import math

import pytest

from initport.ir.scalar import Dim, Scalar, Verbatim, render

X, S = Scalar.of(Verbatim("x")), Scalar.of(Verbatim("FLAGS.scale"))
TERNARY = Scalar.of(Verbatim("x if x else y"))
IN = Scalar.of(Dim("n"))

PRINTED = [
    (S, "FLAGS.scale"),
    (-S, "-FLAGS.scale"),
    (Scalar.of(Verbatim("x + y")) * 2, "2 * (x + y)"),
    (Scalar.of(Verbatim("-x")) ** 2, "(-x) ** 2"),
    (Scalar.of(Verbatim("f(a, b)[0].c")) ** 2, "f(a, b)[0].c ** 2"),
    (Scalar.of(Verbatim("print x")), "(print x)"),
    (TERNARY / 3, "(x if x else y) / 3"),
    (S / IN, "FLAGS.scale / n"),
    ((S * 3 / IN).sqrt(), "sqrt(3 * FLAGS.scale / n)"),
    (S * Scalar.of(2).sqrt(), "FLAGS.scale * sqrt(2)"),
    (-S * Scalar.of(2).sqrt(), "-FLAGS.scale * sqrt(2)"),
    (Scalar.of(2).sqrt() / S, "sqrt(2) / (FLAGS.scale)"),
    ((S**2).sqrt(), "abs(FLAGS.scale)"),
    ((S**4).sqrt(), "FLAGS.scale ** 2"),
    ((S**2).sqrt() ** 2, "FLAGS.scale ** 2"),
    (((X + IN) ** 2).sqrt(), "abs(n + x)"),
    ((IN**2).sqrt(), "n"),
]


@pytest.mark.parametrize(("scalar", "text"), PRINTED)
def test_prints_as_python(scalar: Scalar, text: str) -> None:
    assert render(scalar, {}) == text


@pytest.mark.parametrize("x", [-3.0, 0.25, 2.0])
@pytest.mark.parametrize(
    ("scalar", "value"),
    [
        (X * Scalar.of(2).sqrt() / 3, lambda x: x * math.sqrt(2) / 3),
        ((X**2 * IN).sqrt() * X, lambda x: math.sqrt(x * x * 7) * x),
        ((X**2).sqrt() / X, lambda x: abs(x) / x),
        (Scalar.of(3).sqrt() / X**3, lambda x: math.sqrt(3) / x**3),
        ((X - IN) * Scalar.of(5).sqrt(), lambda x: (x - 7) * math.sqrt(5)),
        (((X - IN) ** 2).sqrt(), lambda x: abs(x - 7)),
    ],
)
def test_printed_source_has_the_value_whatever_the_sign(scalar: Scalar, value: object, x: float) -> None:
    assert callable(value)
    printed = eval(render(scalar, {}), {"sqrt": math.sqrt, "x": x, "n": 7})
    assert printed == pytest.approx(value(x), rel=1e-12)


def test_value_is_unknown() -> None:
    assert S.evaluate({"n": 3}) is None
    assert (S / S).evaluate({}) == 1
    assert S.verbatim
    assert not IN.verbatim


def test_a_name_of_the_source_is_not_the_role_of_that_name() -> None:
    role, name = Scalar.of(Dim("in")), Scalar.of(Verbatim("in"))
    assert role != name
    assert role * name == name * role
