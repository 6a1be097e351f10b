"""The exact law of one element of a weight: distribution function, density, quantiles and kurtosis.

Sources: the textbook forms of the uniform, the normal and the truncated normal distribution; a coordinate of a point
that is uniform on the sphere in n dimensions has a square that is Beta(1/2, (n - 1)/2) distributed.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Protocol, assert_never

from initport.ir.initializers import (
    Bilinear,
    Blocks,
    Constant,
    DeltaOrthogonal,
    Identity,
    Initializer,
    Orthogonal,
    PositiveUnitball,
    Preset,
    RandomNormal,
    RandomUniform,
    Sparse,
    TruncatedNormal,
    Unsupported,
    VarianceScaling,
    canonical,
)
from initport.ir.scalar import Scalar
from initport.records import NamedTuple


def truncated_variance(bound: float) -> float:
    """The variance of a standard normal variable redrawn until within ``bound``."""
    density = math.exp(-bound * bound / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * bound * density / math.erf(bound / math.sqrt(2))


def _normal_cdf(z: float) -> float:
    return math.erfc(-z / math.sqrt(2)) / 2


class Continuous(Protocol):
    """A distribution with a density."""

    @property
    def support(self) -> tuple[float, float]: ...

    def cdf(self, x: float) -> float: ...

    def density(self, x: float) -> float: ...

    def quantile(self, p: float) -> float:
        """For ``p`` strictly between 0 and 1."""

    def moments(self) -> tuple[float, float, float]:
        """The mean, and the second and fourth moment about it; the third is 0."""


class Uniform(NamedTuple):
    low: float
    high: float

    @property
    def support(self) -> tuple[float, float]:
        return self.low, self.high

    def cdf(self, x: float) -> float:
        return min(1.0, max(0.0, (x - self.low) / (self.high - self.low)))

    def density(self, x: float) -> float:
        return 1 / (self.high - self.low) if self.low <= x <= self.high else 0.0

    def quantile(self, p: float) -> float:
        return self.low + p * (self.high - self.low)

    def moments(self) -> tuple[float, float, float]:
        width = self.high - self.low
        return (self.low + self.high) / 2, width**2 / 12, width**4 / 80


class Normal(NamedTuple):
    """A normal cut at ``bound`` deviations; infinite where it is not cut."""

    mean: float
    stddev: float
    bound: float = math.inf

    @property
    def support(self) -> tuple[float, float]:
        return self.mean - self.bound * self.stddev, self.mean + self.bound * self.stddev

    def _outside(self) -> float:
        return _normal_cdf(-self.bound)

    def cdf(self, x: float) -> float:
        z = min(self.bound, max(-self.bound, (x - self.mean) / self.stddev))
        tail = self._outside()
        return min(1.0, max(0.0, (_normal_cdf(z) - tail) / (1 - 2 * tail)))

    def density(self, x: float) -> float:
        z = (x - self.mean) / self.stddev
        scale = math.sqrt(2 * math.pi) * self.stddev * (1 - 2 * self._outside())
        return math.exp(-z * z / 2) / scale if abs(z) <= self.bound else 0.0

    def quantile(self, p: float) -> float:
        from statistics import NormalDist

        tail = self._outside()
        return self.mean + self.stddev * NormalDist().inv_cdf(tail + p * (1 - 2 * tail))

    def moments(self) -> tuple[float, float, float]:
        square, b = self.stddev**2, self.bound
        if not math.isfinite(b):
            return self.mean, square, 3 * square**2
        edge = 2 * math.exp(-b * b / 2) / math.sqrt(2 * math.pi) / math.erf(b / math.sqrt(2))
        return self.mean, square * truncated_variance(b), square**2 * (3 - edge * (b**3 + 3 * b))


class SphereCoordinate(NamedTuple):
    """One coordinate of a uniform point on the sphere of this ``radius`` in ``size`` (two or more) dimensions."""

    radius: float
    size: float

    @property
    def support(self) -> tuple[float, float]:
        return -self.radius, self.radius

    def cdf(self, x: float) -> float:
        share = min(1.0, abs(x) / self.radius)
        half = _incomplete_beta(share * share, 0.5, (self.size - 1) / 2) / 2
        return 0.5 + math.copysign(half, x)

    def density(self, x: float) -> float:
        rest = 1 - (x / self.radius) ** 2
        if rest <= 0:
            return 0.0
        log = math.lgamma(self.size / 2) - math.lgamma((self.size - 1) / 2) - math.log(math.pi) / 2
        return math.exp(log + (self.size - 3) / 2 * math.log(rest)) / self.radius

    def quantile(self, p: float) -> float:
        low, high = -self.radius, self.radius
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.cdf(middle) < p else (low, middle)
        return (low + high) / 2

    def moments(self) -> tuple[float, float, float]:
        n = self.size
        return 0.0, self.radius**2 / n, 3 * self.radius**4 / (n * (n + 2))


def _incomplete_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function, by its continued fraction (Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = math.exp(
        a * math.log(x) + b * math.log1p(-x) - math.lgamma(a) - math.lgamma(b) + math.lgamma(a + b)
    )  # x^a (1 - x)^b / B(a, b)
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    value = d
    for m in range(1, 500):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / (1 + term * d or tiny), 1 + term / c or tiny
            value *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return front * value / a


class Law(NamedTuple):
    """A mixture: ``atoms`` are (value, probability), ``parts`` (probability, continuous distribution).

    ``together`` is how many elements of a weight depend on each other, 1 where they are independent; a law without
    parts is that of a tensor whose values are fixed."""

    atoms: tuple[tuple[float, float], ...]
    parts: tuple[tuple[float, Continuous], ...]
    together: float = 1.0

    @property
    def fixed(self) -> bool:
        return not self.parts

    def cdf(self, x: float) -> float:
        """The probability of a value up to ``x``."""
        return sum(p for value, p in self.atoms if value <= x) + sum(p * part.cdf(x) for p, part in self.parts)

    def density(self, x: float) -> float:
        return sum(p * part.density(x) for p, part in self.parts)

    def edges(self, number: int) -> list[float]:
        """Values at which the distribution function is worth comparing, ascending: ``number`` quantiles, and both sides
        of each atom, further away than float32 rounds."""
        found = {value + side * 1e-6 * abs(value) for value, _ in self.atoms[:64] for side in (-1, 1)}
        share = max(1, number // max(1, len(self.parts)))
        found |= {part.quantile((i + 1) / (share + 1)) for _, part in self.parts for i in range(share)}
        return sorted(found)

    @property
    def kurtosis(self) -> float:
        """The standardized fourth moment; 1 where nothing varies."""
        _, second, fourth = self.moments()
        return fourth / second**2 if second > 0 else 1.0

    def moments(self) -> tuple[float, float, float]:
        """The mean, and the second and fourth moment about it."""
        known = [(p, value, 0.0, 0.0) for value, p in self.atoms] + [(p, *part.moments()) for p, part in self.parts]
        mean = math.fsum(p * m for p, m, _, _ in known)
        second = math.fsum(p * (v + (m - mean) ** 2) for p, m, v, _ in known)
        fourth = math.fsum(p * (f + 6 * v * (m - mean) ** 2 + (m - mean) ** 4) for p, m, v, f in known)
        return mean, second, fourth

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value, infinite where there is none."""
        ends = [(value, value) for value, p in self.atoms if p] + [part.support for p, part in self.parts if p]
        return min(low for low, _ in ends), max(high for _, high in ends)


def law(initializer: Initializer, dims: Mapping[str, int]) -> Law | None:
    """The law for the given sizes by role; None where a size that it depends on is missing or no closed form exists."""
    match initializer:
        case Constant(value):
            return _evaluate(lambda c: Law(((c, 1.0),), ()), dims, value)
        case RandomUniform(minval, maxval):
            return _evaluate(lambda a, b: _continuous(Uniform(*sorted((a, b))), a != b, a), dims, minval, maxval)
        case RandomNormal(mean, stddev):
            return _evaluate(lambda m, s: _continuous(Normal(m, abs(s)), s != 0, m), dims, mean, stddev)
        case TruncatedNormal(mean, stddev, bound):
            return _evaluate(
                lambda m, s, b: _continuous(Normal(m, abs(s), abs(b)), s != 0, m), dims, mean, stddev, bound
            )
        case VarianceScaling():
            return law(canonical(initializer), dims)
        case Sparse(inner, probability):
            within = law(inner, dims)
            return within and _evaluate(lambda p: _thin(within, p), dims, probability)
        case Orthogonal() | DeltaOrthogonal():
            return _evaluate(_orthogonal, dims, *initializer)
        case Identity(gain, rows, columns, tiled):
            return _evaluate(lambda g, r, c: _identity(g, r, c, tiled), dims, gain, rows, columns)
        case Bilinear():
            return _bilinear(dims)
        case Preset(values):
            numbers = [value.evaluate({}) for value in values]
            return None if None in numbers else _fixed_law([number for number in numbers if number is not None])
        case Blocks(parts):
            return _side_by_side([law(part, dims) for part in parts])
        case PositiveUnitball() | Unsupported():
            return None
        case _ as never:
            assert_never(never)


def _evaluate(rule: Callable[..., Law], dims: Mapping[str, int], *parameters: Scalar) -> Law | None:
    values = [parameter.evaluate(dims) for parameter in parameters]
    return None if None in values else rule(*values)


def _continuous(part: Continuous, spread: bool, middle: float) -> Law:
    return Law((), ((1.0, part),)) if spread else Law(((middle, 1.0),), ())


def _fixed_law(values: list[float]) -> Law:
    return Law(tuple((value, number / len(values)) for value, number in sorted(Counter(values).items())), ())


def _thin(inner: Law, probability: float) -> Law:
    atoms = tuple((value, p * probability) for value, p in inner.atoms)
    parts = tuple((p * probability, part) for p, part in inner.parts)
    return Law(((0.0, 1 - probability), *atoms), parts, inner.together)


def _orthogonal(gain: float, rows: float, columns: float, places: float = 1.0) -> Law:
    if places > 1:
        return _thin(_orthogonal(gain, rows, columns), 1 / places)
    size = max(rows, columns)
    if size < 2:
        return Law(((-abs(gain), 0.5), (abs(gain), 0.5)), (), together=size)
    return Law((), ((1.0, SphereCoordinate(abs(gain), size)),), together=size)


def _identity(gain: float, rows: float, columns: float, tiled: bool) -> Law:
    share = 1 / (min(rows, columns) if tiled else max(rows, columns))
    return Law(((gain, 1.0),), ()) if share == 1 else Law(tuple(sorted(((0.0, 1 - share), (gain, share)))), ())


def _bilinear(dims: Mapping[str, int]) -> Law | None:
    """Of the kernel plane, whose row is ``1 - |x / f - c|`` (`moments`)."""
    width = dims.get("width")
    if width is None or width > 256:
        return None
    factor = (width + 1) // 2
    row = [1 - abs(x / factor - (width - 1) / (2 * factor)) for x in range(width)]
    return _fixed_law([round(first * second, 12) for first in row for second in row])


def _side_by_side(parts: list[Law | None]) -> Law | None:
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    share = 1 / len(known)
    return Law(
        tuple((value, p * share) for part in known for value, p in part.atoms),
        tuple((p * share, inside) for part in known for p, inside in part.parts),
        max(part.together for part in known),
    )
