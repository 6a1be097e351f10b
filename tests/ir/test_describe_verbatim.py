"""Variances in words, where the source computes a number and where a fan has a name."""

import pytest

from initport.ir.describe import variance_formula
from initport.ir.initializers import (
    Distribution,
    Initializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    VarianceScaling,
)
from initport.ir.scalar import Dim, Scalar, Verbatim

F, ZERO = Scalar.of(Verbatim("FLAGS.f")), Scalar.of(0)
IN, OUT = Scalar.of(Dim("in")), Scalar.of(Dim("out"))


def scaling(fan: Scalar, mode: str) -> VarianceScaling:
    return VarianceScaling(Scalar.of(2), fan, Distribution.UNIFORM, mode)


@pytest.mark.parametrize(
    ("initializer", "formula"),
    [
        (RandomUniform(-F, F), "FLAGS.f ** 2 / 3"),
        (RandomUniform(ZERO, F), "FLAGS.f ** 2 / 12"),
        (RandomUniform(Scalar.of(-1), F), "(FLAGS.f + 1) ** 2 / 12"),
        (RandomUniform(Scalar.of(-1), Scalar.of(1)), "2 ** 2 / 12"),
        (RandomNormal(ZERO, F), "FLAGS.f ** 2"),
        (TruncatedNormal(ZERO, F), "truncated_variance * FLAGS.f ** 2"),
        (scaling(IN, "fan_in"), "2 / fan_in"),
        (VarianceScaling(Scalar.of(1) / 3, IN, Distribution.UNIFORM, "fan_in"), "1 / (3 * fan_in)"),
        (scaling(IN * OUT, "fan"), "2 / (in * out)"),
        (scaling(IN + OUT, "last0 + last1"), "2 / (in + out)"),
        (scaling(Scalar.of(1), "1"), "2"),
    ],
    ids=str,
)
def test_variance(initializer: Initializer, formula: str) -> None:
    assert variance_formula(initializer) == formula
