"""How many draws a check needs, and what it makes of them.

The variance of n independent draws has the relative standard error sqrt((kurtosis - 1) / n). A check that is to see a
relative error of ``effect`` needs that error to be ``FALSE_ALARM + MISS`` standard errors wide.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from initport.ir.initializers import (
    Bilinear,
    Constant,
    Identity,
    Initializer,
    PositiveUnitball,
    Preset,
    RandomUniform,
    Sparse,
    TruncatedNormal,
    canonical,
)
from initport.ir.moments import Moments

FALSE_ALARM = 5.0
"""Standard errors beyond which a deviation counts: one false alarm in 1.7 million checks."""

MISS = 3.0
"""Further standard errors that the effect is wide: it is missed once in 740 times."""


SPARSE_EFFECT = 0.02
"""The least relative error that is looked for in a sparse weight: most draws of it are zeros that tell nothing."""


LEAKING = frozenset({"keras on torch"})
"""What draws some values outside the bounds of a truncated normal."""

TRUNCATION_LEAK = math.erfc(math.sqrt(2)) ** 4
"""How often it does: keras.src.backend.torch.random.truncated_normal draws four normal values, takes the first that
lies within two deviations, and, once in 233,300 times, the first of four that all lie outside."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Power sums of all draws of a weight about its true mean, the extremes, and the numbers of exact zeros and of
    values outside the support, float32 rounding apart."""

    n: int
    first: float
    second: float
    fourth: float
    low: float
    high: float
    zeros: int
    outside: int = 0


def draws(initializer: Initializer, dims: Mapping[str, int], effect: float) -> int:
    """Elements to draw so that a relative error of ``effect`` in the variance is seen."""
    seen = max(effect, SPARSE_EFFECT) if isinstance(canonical(initializer), Sparse) else effect
    return math.ceil((_kurtosis(initializer, dims) - 1) * ((FALSE_ALARM + MISS) / seen) ** 2)


def _kurtosis(initializer: Initializer, dims: Mapping[str, int]) -> float:
    """The fourth standardized moment of an element, or an upper bound of it."""
    match canonical(initializer):
        case Constant() | Bilinear() | Identity() | Preset():
            return 1.0
        case RandomUniform():
            return 1.8
        case TruncatedNormal():
            return 3.0
        case PositiveUnitball():
            return 4.0
        case Sparse(inner, probability):
            return _kurtosis(inner, dims) / (probability.evaluate(dims) or 1.0)
    return 3.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``effect`` is the relative error in the variance that the sample could see; ``problem`` is None if all agrees."""

    effect: float
    problem: str | None


def judge(sample: Sample, truth: Moments, leak: float = 0.0) -> Verdict:
    """Compare a sample with the true moments: mean, variance, support, and fraction of zeros. ``leak`` is how often the
    framework is known to leave the support."""
    if not math.isfinite(sample.first):
        return Verdict(math.inf, "not every element was set")
    second = sample.second / sample.n
    if truth.variance == 0:
        exact = _close(sample.low, truth.low) and _close(sample.high, truth.high)
        return Verdict(0.0, None if exact else f"values {sample.low:g} to {sample.high:g}, not {truth.mean:g}")
    kurtosis = sample.fourth / sample.n / second**2 if second else 1.0
    error = math.sqrt(max(kurtosis - 1, 1e-12) / sample.n)
    deviations = {
        "mean": (sample.first / sample.n) / math.sqrt(truth.variance / sample.n),
        "variance": (second / truth.variance - 1) / error,
        "zero fraction": _zeros(sample, truth),
    }
    problem = next(
        (f"the {name} is {z:+.1f} standard errors off" for name, z in deviations.items() if abs(z) > FALSE_ALARM), None
    )
    return Verdict((FALSE_ALARM + MISS) * error, problem or _outside(sample, truth, leak))


def _zeros(sample: Sample, truth: Moments) -> float:
    expected = truth.zero_fraction
    spread = math.sqrt(expected * (1 - expected) / sample.n)
    found = sample.zeros / sample.n
    return (found - expected) / spread if spread else 0.0 if found < 1e-4 else math.inf


def _outside(sample: Sample, truth: Moments, leak: float) -> str | None:
    """More values beyond the support than a leak explains."""
    if sample.outside <= most(sample.n * leak):
        return None
    return (
        f"{sample.outside} of {sample.n} values, from {sample.low:g} to {sample.high:g}, leave the support "
        f"{truth.low:g} to {truth.high:g}"
    )


def most(expected: float) -> int:
    """The number that rare events which are expected so often exceed no more often than `FALSE_ALARM` allows: a bound
    of Poisson's distribution."""
    count, rest = 0, -math.expm1(-expected)
    while rest > math.erfc(FALSE_ALARM / math.sqrt(2)):
        count += 1
        rest -= math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))
    return count


def _close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-12)
