"""Blocks of initializers: their one form, their moments, and sizes put in place of roles."""

import pytest

from initport.grammar.layout import ROLES, parse_layout
from initport.ir.describe import distribution
from initport.ir.initializers import (
    Blocks,
    Constant,
    Distribution,
    Identity,
    Initializer,
    Orthogonal,
    RandomNormal,
    RandomUniform,
    Unsupported,
    VarianceScaling,
    bind,
    canonical,
    elementwise,
    equal,
)
from initport.ir.moments import moments
from initport.ir.scalar import Scalar, roles

ZERO, ONE = Constant(Scalar.of(0)), Constant(Scalar.of(1))
GLOROT = VarianceScaling(Scalar.of(2), ROLES["in"] + ROLES["out"], Distribution.UNIFORM)
SQUARE = Orthogonal(Scalar.of(1), ROLES["units"], ROLES["units"])


@pytest.mark.parametrize(
    ("initializer", "same"),
    [
        (Blocks((ZERO, ZERO)), ZERO),
        (Blocks((GLOROT, GLOROT)), GLOROT),
        (Blocks((ZERO, RandomNormal(Scalar.of(1), Scalar.of(0)))), Blocks((ZERO, ONE))),
        (Identity(Scalar.of(2), ROLES["in"], ROLES["out"]), Identity(Scalar.of(2), ROLES["out"], ROLES["in"])),
    ],
)
def test_one_form(initializer: Initializer, same: Initializer) -> None:
    assert equal(initializer, same)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Blocks((ZERO, ONE)), Blocks((ONE, ZERO))),
        (Blocks((SQUARE, SQUARE)), SQUARE),  # two orthogonal matrices side by side are not an orthogonal matrix
        (Blocks((ZERO, ONE)), ZERO),
        (Blocks((ZERO, Unsupported("x", ""))), Blocks((ZERO, Unsupported("x", "")))),
    ],
)
def test_not_equal(first: Initializer, second: Initializer) -> None:
    assert not equal(first, second)


def test_moments_are_those_of_a_mixture() -> None:
    found = moments(Blocks((ZERO, ONE, ZERO, ZERO)), {})
    assert found is not None
    assert (found.mean, found.variance, found.low, found.high, found.zero_fraction) == (0.25, 0.1875, 0, 1, 0.75)
    assert moments(Blocks((ZERO, SQUARE)), {}) is None
    assert distribution(Blocks((ZERO, SQUARE))) == "blocks of constant, orthogonal"


def test_sizes_in_place_of_roles() -> None:
    bound = bind(GLOROT, {"in": 3})
    assert isinstance(bound, VarianceScaling)
    assert bound.fan == ROLES["out"] + 3
    whole = canonical(bind(GLOROT, {"in": 3, "out": 9}))
    half = (Scalar.of(1) / 2).sqrt()
    assert whole == RandomUniform(-half, half)
    assert bind(SQUARE, {"units": 3}) is SQUARE
    assert bind(Blocks((GLOROT, ZERO)), {"in": 3}) == Blocks((bound, ZERO))
    assert roles(ROLES["in"] / ROLES["units"] + ROLES["out"]) == {"in", "units", "out"}


def test_elementwise() -> None:
    assert [elementwise(item) for item in (ZERO, GLOROT, SQUARE, Blocks((ZERO, ONE)))] == [True, True, False, False]


def test_parts_of_a_layout() -> None:
    layout = parse_layout("units, 4 * units")
    assert layout.part(-1, 4) == parse_layout("units, units")
    assert layout.bind({"units": 3}) == parse_layout("3, 12")
