"""The true mean, variance, support and sparsity of every initializer: the oracle of all tests.

They are those of its law. Two have no law in closed form for every size: an element of `PositiveUnitball`, whose second
moment is the integral below, and of `Bilinear`, whose kernels may be large.
"""

import math
from collections.abc import Mapping

from initport.ir.initializers import Bilinear, Initializer, PositiveUnitball
from initport.ir.law import law
from initport.records import NamedTuple

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
        case PositiveUnitball(_, size):
            number = size.evaluate(dims)
            return None if number is None else _unitball(number)
        case Bilinear():
            return _bilinear(dims)
    known = law(initializer, dims)
    if known is None:
        return None
    mean, variance, _ = known.moments()
    return Moments(mean, variance, *known.support, math.fsum(p for value, p in known.atoms if value == 0))


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
