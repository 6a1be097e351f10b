"""The laws against the moments, and their functions against each other."""

import math
from itertools import pairwise

import pytest

from initport.ir import initializers as ir
from initport.ir.law import Law, Normal, SphereCoordinate, Uniform, law
from initport.ir.moments import moments
from initport.ir.scalar import Dim, Scalar
from tests.ir.test_moments import DIMS, TABLE

SAMPLED = [initializer for initializer, _ in TABLE if not isinstance(initializer, ir.PositiveUnitball)]


def known(initializer: ir.Initializer) -> Law:
    found = law(initializer, DIMS)
    assert found is not None
    return found


@pytest.mark.parametrize("initializer", SAMPLED)
def test_the_mean_and_variance_are_those_of_the_moments(initializer: ir.Initializer) -> None:
    """By numbers: the integral of 1 - F and of x (1 - F), between the atoms, at which F jumps."""
    expected, found = moments(initializer, DIMS), known(initializer)
    assert expected is not None
    reach = 60 * math.sqrt(expected.variance) + abs(expected.mean) + 1e-3
    low, high = max(expected.low, -reach), min(expected.high, reach)
    jumps = sorted({low, high, *(value for value, _ in found.atoms if low < value < high)})
    steps = 20_000 // len(jumps)
    first = second = 0.0
    for start, end in pairwise(jumps):
        width = (end - start) / steps
        for step in range(steps):
            x = start + (step + 0.5) * width
            tail = 1 - found.cdf(x)
            first += tail * width
            second += 2 * (x - low) * tail * width
    assert low + first == pytest.approx(expected.mean, abs=1e-4 * (1 + abs(expected.mean)))
    assert second - first**2 == pytest.approx(expected.variance, rel=1e-3, abs=1e-9)
    assert sum(p for value, p in found.atoms if value == 0) == pytest.approx(expected.zero_fraction)


@pytest.mark.parametrize("part", [Uniform(-1, 3), Normal(1, 2), Normal(0, 0.1, 2), SphereCoordinate(2, 5)])
def test_quantile_density_and_distribution_function_agree(part: Uniform | Normal | SphereCoordinate) -> None:
    for p in (0.001, 0.1, 0.5, 0.77, 0.999):
        x = part.quantile(p)
        assert part.cdf(x) == pytest.approx(p, abs=1e-9)
        step = 1e-4 * math.sqrt(part.moments()[1])
        slope = (part.cdf(x + step) - part.cdf(x - step)) / (2 * step)
        assert slope == pytest.approx(part.density(x), rel=2e-2)


@pytest.mark.parametrize(
    "part", [Uniform(-1, 3), Normal(1, 2), Normal(0, 0.1, 2), Normal(0, 1, 0.5), SphereCoordinate(2, 9)]
)
def test_the_fourth_moment_by_numbers(part: Uniform | Normal | SphereCoordinate) -> None:
    mean, second, fourth = part.moments()
    reach = part.quantile(1 - 1e-13) - mean
    width = reach / 10_000
    grid = [mean - reach + (step + 0.5) * width for step in range(20_000)]
    for power, expected in ((2, second), (4, fourth)):
        assert math.fsum((x - mean) ** power * part.density(x) * width for x in grid) == pytest.approx(
            expected, rel=1e-4
        )


@pytest.mark.parametrize(
    ("initializer", "kurtosis"),
    [
        (ir.RandomUniform(Scalar.of(0), Scalar.of(2)), 1.8),
        (ir.RandomNormal(Scalar.of(5), Scalar.of(2)), 3),
        (ir.Sparse(ir.RandomNormal(Scalar.of(0), Scalar.of(2)), Scalar.of(1) / 4), 12),
        (ir.Constant(Scalar.of(2)), 1),
    ],
)
def test_kurtosis(initializer: ir.Initializer, kurtosis: float) -> None:
    assert known(initializer).kurtosis == pytest.approx(kurtosis)


def test_the_edges_see_an_atom_from_both_sides() -> None:
    found = known(ir.Constant(Scalar.of(2)))
    assert [found.cdf(edge) for edge in found.edges(10)] == [0, 1]


def test_what_depends_on_a_missing_size_has_no_law() -> None:
    assert law(ir.VarianceScaling(Scalar.of(1), Scalar.of(Dim("missing")), ir.Distribution.UNIFORM), DIMS) is None
