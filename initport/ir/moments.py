"""The true mean, variance, support and sparsity of every initializer: the oracle of all tests.

Sources: the textbook moments of the uniform, the normal and the symmetrically truncated normal distribution; a Haar
matrix of m by n has mean square gain² / max(m, n); of `PositiveUnitball` the second moment is the integral below.
"""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple, assert_never

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

Dims = Mapping[str, int]


class Moments(NamedTuple):
    """Of one element of the weight: mean, variance, the bounds of the support (infinite where it has none) and the
    probability of an exact zero. For deterministic tensors the mean and variance are over the elements."""

    mean: float
    variance: float
    low: float
    high: float
    zero_fraction: float = 0.0


def moments(initializer: Initializer, dims: Dims) -> Moments | None:
    """The moments for the given sizes by role; None where a size that they depend on is missing or nothing is known."""
    match initializer:
        case Constant(value):
            return _evaluate(lambda c: Moments(c, 0.0, c, c, float(c == 0)), dims, value)
        case RandomUniform(minval, maxval):
            return _evaluate(lambda a, b: Moments((a + b) / 2, (b - a) ** 2 / 12, a, b), dims, minval, maxval)
        case RandomNormal(mean, stddev):
            return _evaluate(lambda m, s: Moments(m, s * s, -math.inf, math.inf), dims, mean, stddev)
        case TruncatedNormal(mean, stddev, bound):
            return _evaluate(_truncated_normal, dims, mean, stddev, bound)
        case VarianceScaling():
            return moments(canonical(initializer), dims)
        case Sparse() if not isinstance(canonical(initializer), Sparse):
            return moments(canonical(initializer), dims)
        case Sparse(inner, probability):
            within = moments(inner, dims)
            return within and _evaluate(lambda p: _sparse(within, p), dims, probability)
        case Orthogonal() | DeltaOrthogonal():
            return _evaluate(_orthogonal, dims, *initializer)
        case Identity(gain, rows, columns, tiled):
            return _evaluate(_tiled_identity if tiled else _identity, dims, gain, rows, columns)
        case PositiveUnitball(_, size):
            return _evaluate(_unitball, dims, size)
        case Bilinear():
            return _bilinear(dims)
        case Preset(values):
            return _of_values([value.evaluate({}) or 0.0 for value in values])
        case Blocks(parts):
            return _mixture([moments(part, dims) for part in parts])
        case Unsupported():
            return None
        case _ as never:
            assert_never(never)


def _evaluate(rule: Callable[..., Moments], dims: Dims, *parameters: Scalar) -> Moments | None:
    values = [parameter.evaluate(dims) for parameter in parameters]
    return None if None in values else rule(*values)


def truncated_variance(bound: float) -> float:
    """The variance of a standard normal variable redrawn until within ``bound``."""
    density = math.exp(-bound * bound / 2) / math.sqrt(2 * math.pi)
    return 1 - 2 * bound * density / math.erf(bound / math.sqrt(2))


def _truncated_normal(mean: float, stddev: float, bound: float) -> Moments:
    reach = abs(bound * stddev)
    return Moments(mean, stddev**2 * truncated_variance(bound), mean - reach, mean + reach)


def _sparse(inner: Moments, probability: float) -> Moments:
    mean = probability * inner.mean
    variance = probability * (inner.variance + inner.mean**2) - mean**2
    zero = 1 - probability + probability * inner.zero_fraction
    return Moments(mean, variance, min(inner.low, 0.0), max(inner.high, 0.0), zero)


def _orthogonal(gain: float, rows: float, columns: float, places: float = 1.0) -> Moments:
    matrix = Moments(0.0, gain * gain / max(rows, columns), -abs(gain), abs(gain))
    return _sparse(matrix, 1 / places) if places > 1 else matrix


def _tiled_identity(gain: float, rows: float, columns: float) -> Moments:
    return _identity(gain, min(rows, columns), min(rows, columns))


def _identity(gain: float, rows: float, columns: float) -> Moments:
    share = 1 / max(rows, columns)
    low, high = sorted((gain, 0.0)) if share < 1 else (gain, gain)
    return Moments(gain * share, gain * gain * share * (1 - share), low, high, 1 - share)


def _unitball(size: float) -> Moments:
    """Elements are ``u / sum(u)`` over ``size`` uniforms. With phi(t) = E exp(-t u) and 1/s² = ∫ t exp(-t s) dt,
    E (u/s)² = ∫ t E[u² exp(-t u)] phi(t)^(size-1) dt, taken by Simpson's rule over t = exp(x)."""
    steps, start, end = 4000, -30.0, 12.0
    width = (end - start) / steps
    total = 0.0
    for step in range(steps + 1):
        t = math.exp(start + step * width)
        weight = 1 if step in (0, steps) else 4 if step % 2 else 2
        total += weight * t * t * _square_laplace(t) * (-math.expm1(-t) / t) ** (size - 1)
    mean = 1 / size
    return Moments(mean, max(0.0, total * width / 3 - mean * mean), 0.0 if size > 1 else 1.0, 1.0)


def _square_laplace(t: float) -> float:
    """``E[u² exp(-t u)]`` for uniform u; by its series where the closed form cancels."""
    if t < 0.1:
        return sum((-t) ** k / (math.factorial(k) * (k + 3)) for k in range(8))
    return (2 - math.exp(-t) * (t * t + 2 * t + 2)) / t**3


def _mixture(parts: list[Moments | None]) -> Moments | None:
    """Of an element of one of the parts, each as likely as the others."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    mean = math.fsum(part.mean for part in known) / len(known)
    square = math.fsum(part.variance + part.mean**2 for part in known) / len(known)
    low, high = min(part.low for part in known), max(part.high for part in known)
    return Moments(mean, square - mean * mean, low, high, math.fsum(p.zero_fraction for p in known) / len(known))


def _bilinear(dims: Dims) -> Moments | None:
    """Of the kernel plane, whose width is the role ``width``: the outer square of Caffe master's ``1 - |x / f - c|``.

    With f = ceil(width / 2) that row sums to f, its squares to (4 f² - 1) / 6f for even and (2 f² + 1) / 3f for odd
    widths, and it runs from one step above 0 to one below 1, or to 1.
    """
    width = dims.get("width")
    if width is None:
        return None
    factor, odd = (width + 1) // 2, width % 2
    squares = (2 * factor**2 + 1) / (3 * factor) if odd else (4 * factor**2 - 1) / (6 * factor)
    step = 1 / factor if odd else 1 / (2 * factor)
    mean = (factor / width) ** 2
    return Moments(mean, (squares / width) ** 2 - mean**2, step**2, 1.0 if odd else (1 - step) ** 2)


def _of_values(values: list[float]) -> Moments:
    mean = math.fsum(values) / len(values)
    variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
    return Moments(mean, variance, min(values), max(values), values.count(0.0) / len(values))
