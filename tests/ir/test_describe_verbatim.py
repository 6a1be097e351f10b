"""Variances in words where the source computes a number."""

import pytest

from initport.ir.describe import variance_formula
from initport.ir.initializers import Initializer, RandomNormal, RandomUniform, TruncatedNormal
from initport.ir.scalar import Scalar, Verbatim

F, ZERO = Scalar.of(Verbatim("FLAGS.f")), Scalar.of(0)


@pytest.mark.parametrize(
    ("initializer", "formula"),
    [
        (RandomUniform(-F, F), "FLAGS.f ** 2 / 3"),
        (RandomUniform(ZERO, F), "FLAGS.f ** 2 / 12"),
        (RandomUniform(Scalar.of(-1), F), "(FLAGS.f + 1) ** 2 / 12"),
        (RandomUniform(Scalar.of(-1), Scalar.of(1)), "2 ** 2 / 12"),
        (RandomNormal(ZERO, F), "FLAGS.f ** 2"),
        (TruncatedNormal(ZERO, F), "truncated_variance * FLAGS.f ** 2"),
    ],
    ids=str,
)
def test_variance(initializer: Initializer, formula: str) -> None:
    assert variance_formula(initializer) == formula
