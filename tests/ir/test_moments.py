"""The moments of every initializer against independent computation, and its canonical form."""

import math
import random
from fractions import Fraction

import pytest

from initport.ir import initializers as ir
from initport.ir.describe import variance_formula
from initport.ir.law import truncated_variance
from initport.ir.moments import Moments, moments
from initport.ir.scalar import Dim, Scalar

ZERO, ONE, TWO = (Scalar.of(number) for number in (0, 1, 2))
N = Scalar.of(Dim("n"))
DIMS = {"n": 50, "width": 4}
UNIFORM, NORMAL, TRUNCATED = ir.Distribution.UNIFORM, ir.Distribution.NORMAL, ir.Distribution.TRUNCATED_NORMAL
STD2 = ir.RandomNormal(ZERO, TWO)

EDGE = 2 * math.sqrt(0.02) / 0.87962566103423978

TABLE: list[tuple[ir.Initializer, Moments]] = [
    (ir.Constant(TWO), Moments(2, 0, 2, 2)),
    (ir.Constant(ZERO), Moments(0, 0, 0, 0, 1)),
    (ir.RandomUniform(ZERO, ONE), Moments(0.5, 1 / 12, 0, 1)),
    (STD2, Moments(0, 4, -math.inf, math.inf)),
    (ir.TruncatedNormal(ONE, TWO), Moments(1, 4 * 0.7737413035499232, -3, 5)),
    (ir.VarianceScaling(TWO, N, NORMAL), Moments(0, 0.04, -math.inf, math.inf)),
    (ir.VarianceScaling(ONE, N, UNIFORM), Moments(0, 0.02, -math.sqrt(0.06), math.sqrt(0.06))),
    (ir.VarianceScaling(ONE, N, TRUNCATED), Moments(0, 0.02, -EDGE, EDGE)),
    (ir.Sparse(STD2, ONE / 4), Moments(0, 1, -math.inf, math.inf, 0.75)),
    (ir.Sparse(ir.RandomNormal(TWO, ONE), ONE / 2), Moments(1, 1.5, -math.inf, math.inf, 0.5)),
    (ir.Sparse(STD2, ZERO), Moments(0, 0, 0, 0, 1)),
    (ir.Orthogonal(TWO, N, ONE), Moments(0, 0.08, -2, 2)),
    (ir.DeltaOrthogonal(TWO, N, ONE, TWO * TWO), Moments(0, 0.02, -2, 2, 0.75)),
    (ir.DeltaOrthogonal(TWO, N, ONE, ONE), Moments(0, 0.08, -2, 2)),
    (ir.Identity(ONE, TWO, TWO), Moments(0.5, 0.25, 0, 1, 0.5)),
    (ir.Identity(ONE, TWO, N), Moments(0.02, 0.0196, 0, 1, 0.98)),
    (ir.PositiveUnitball(N, ONE), Moments(1, 0, 1, 1)),
    (ir.PositiveUnitball(N, TWO), Moments(0.5, 1 - math.log(2) - 0.25, 0, 1)),
    (ir.Bilinear(), Moments(0.25, (0.0625 + 0.5625) ** 2 / 4 - 0.0625, 0.0625, 0.5625)),
    (ir.Preset((ONE, TWO, Scalar.of(3))), Moments(2, 2 / 3, 1, 3)),
]


@pytest.mark.parametrize(("initializer", "expected"), TABLE)
def test_moments(initializer: ir.Initializer, expected: Moments) -> None:
    found = moments(initializer, DIMS)
    assert found is not None
    for name in ("mean", "variance", "low", "high", "zero_fraction"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-8, abs=1e-12), name


def test_unitball_by_simulation() -> None:
    size, draws = 7, 60_000
    generator = random.Random(1)
    squares = 0.0
    for _ in range(draws):
        values = [generator.random() for _ in range(size)]
        squares += sum((value / sum(values) - 1 / size) ** 2 for value in values)
    found = moments(ir.PositiveUnitball(N, Scalar.of(size)), DIMS)
    assert found is not None
    assert squares / draws / size == pytest.approx(found.variance, rel=0.015)


@pytest.mark.parametrize(
    ("width", "row"),
    [
        (1, [1]),
        (2, [0.5, 0.5]),
        (3, [0.5, 1, 0.5]),
        (4, [0.25, 0.75, 0.75, 0.25]),
        (5, [1 / 3, 2 / 3, 1, 2 / 3, 1 / 3]),
        (6, [1 / 6, 1 / 2, 5 / 6, 5 / 6, 1 / 2, 1 / 6]),
    ],
)
def test_bilinear_planes_as_caffe_fills_them(width: int, row: list[float]) -> None:
    plane = [y * x for y in row for x in row]
    mean = sum(plane) / width**2
    variance = sum((value - mean) ** 2 for value in plane) / width**2
    found = moments(ir.Bilinear(), {"width": width})
    assert found is not None
    expected = (mean, variance, min(plane), max(plane))
    assert (found.mean, found.variance, found.low, found.high) == pytest.approx(expected, abs=1e-15)


def test_truncation_constant() -> None:
    assert pytest.approx(truncated_variance(2.0), rel=1e-15) == ir.TRUNCATED_VARIANCE.value
    assert math.sqrt(truncated_variance(2.0)) == pytest.approx(0.87962566103423978, rel=1e-15)


def test_unknown_sizes_and_initializers_have_no_moments() -> None:
    assert moments(ir.VarianceScaling(ONE, N, NORMAL), {}) is None
    assert moments(ir.Bilinear(), {}) is None
    assert moments(ir.Unsupported("x", "y"), DIMS) is None


BOUND = (Scalar.of(3) / N).sqrt()
EQUAL = [
    (ir.VarianceScaling(ONE, N, UNIFORM), ir.RandomUniform(-BOUND, BOUND)),
    (ir.VarianceScaling(TWO, N, NORMAL), ir.RandomNormal(ZERO, (TWO / N).sqrt())),
    (ir.VarianceScaling(TWO, N * 2, NORMAL), ir.VarianceScaling(ONE, N, NORMAL)),
    (ir.RandomUniform(ONE, ONE), ir.Constant(ONE)),
    (ir.Sparse(STD2, ONE), STD2),
    (ir.Sparse(STD2, ZERO), ir.Constant(ZERO)),
    (ir.PositiveUnitball(N, ONE), ir.Constant(ONE)),
    (ir.Orthogonal(ONE, N, TWO), ir.Orthogonal(ONE, TWO, N)),
    (ir.Preset((TWO, TWO)), ir.Constant(TWO)),
]
UNEQUAL = [
    (ir.VarianceScaling(ONE, N, NORMAL), ir.VarianceScaling(ONE, N, TRUNCATED)),
    (ir.VarianceScaling(ONE, N, UNIFORM), ir.VarianceScaling(Scalar.of(Fraction(1000001, 1000000)), N, UNIFORM)),
    (ir.TruncatedNormal(ZERO, ONE, Scalar.of(2)), ir.TruncatedNormal(ZERO, ONE, Scalar.of(3))),
    (ir.Unsupported("a", "b"), ir.Unsupported("a", "b")),
    (ir.PositiveUnitball(N, TWO), ir.PositiveUnitball(TWO, N)),
]


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_one_distribution_has_one_form(left: ir.Initializer, right: ir.Initializer) -> None:
    assert ir.equal(left, right)


@pytest.mark.parametrize(("left", "right"), UNEQUAL)
def test_near_is_not_equal(left: ir.Initializer, right: ir.Initializer) -> None:
    assert not ir.equal(left, right)


@pytest.mark.parametrize("initializer", [row[0] for row in TABLE])
def test_a_variance_formula_evaluates_to_the_variance(initializer: ir.Initializer) -> None:
    formula = variance_formula(initializer)
    if formula is not None:
        names = {"n": 50, "fan": 50, "sqrt": math.sqrt, "truncated_variance": truncated_variance(2.0), "max": max}
        found = moments(initializer, DIMS)
        assert found is not None
        assert eval(formula, names) == pytest.approx(found.variance, rel=1e-12)
