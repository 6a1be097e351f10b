"""How many draws a check needs, and what it makes of them.

Of n independent draws the variance has the relative standard error sqrt((kurtosis - 1) / n). A check that is to see a
relative error of ``effect`` needs that error to be so many standard errors wide as its threshold and its power ask.
The variance ratio's tails are those of a chi-square with 2 n / (kurtosis - 1) degrees of freedom, by the cube root of
Wilson and Hilferty; the distance of Kolmogorov and Smirnov is judged by the bound of Dvoretzky, Kiefer, Wolfowitz and
Massart, which holds for every n and every law.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

from initport.ir.initializers import (
    Bilinear,
    Constant,
    DeltaOrthogonal,
    Identity,
    Initializer,
    PositiveUnitball,
    Preset,
    RandomUniform,
    Sparse,
    TruncatedNormal,
    canonical,
)
from initport.ir.law import Law, law
from initport.ir.moments import Moments

_NORMAL = NormalDist()

FALSE_ALARM = 5.0
"""Standard errors beyond which the deviation of a single check counts: one false alarm in 1.7 million checks."""

MISS = 3.0
"""Further standard errors that the effect is wide: it is missed once in 740 times."""

LEVEL = math.erfc(FALSE_ALARM / math.sqrt(2))
"""The same as a probability."""

RUN_LEVEL = 0.005
"""How often a run over a whole model reports anything of weights that are all right."""

RUN_MISS = _NORMAL.inv_cdf(0.995)
"""Standard errors for a run: an error of the stated size in one weight is missed once in 200 runs."""

TESTS = 5
"""What is tested of each weight: mean, variance, support, fraction of zeros, shape."""

SPARSE_EFFECT = 0.02
"""The least relative error that is looked for in a sparse weight: most draws of it are zeros, which show nothing."""

MOST_DRAWS = 2**26
"""Elements that are drawn of a weight at most, however sparse; the effect that they can show is reported."""

TRUNCATION_LEAK = math.erfc(math.sqrt(2)) ** 4
"""How often a backend that leaks draws beyond the bounds of a truncated normal:
keras.src.backend.torch.random.truncated_normal draws four normal values, takes the first that
lies within two deviations, and, once in 233,300 times, the first of four that all lie outside."""

EDGES = 128
"""Quantiles of the law at which the distribution function is compared."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Power sums of all draws of a weight about its true mean, the extremes, and the numbers of exact zeros and of
    values outside the support, float32 rounding apart. ``counts`` are pairs (value, number of draws up to it)."""

    n: int
    first: float
    second: float
    fourth: float
    low: float
    high: float
    zeros: int
    outside: int = 0
    counts: tuple[tuple[float, int], ...] = ()

    @property
    def variance(self) -> float:
        """About the true mean."""
        return self.second / self.n

    @property
    def spread(self) -> float:
        """The variance about the sample's own mean."""
        return 0.0 if self.low == self.high else self.variance - (self.first / self.n) ** 2


def level_of(weights: int) -> float:
    """The level of each test so that a run over that many weights keeps RUN_LEVEL (Bonferroni's inequality)."""
    return RUN_LEVEL / (TESTS * max(1, weights))


def width(level: float, miss: float) -> float:
    """The standard errors that an effect must be wide to be seen at that level."""
    return _NORMAL.inv_cdf(1 - level / 2) + miss


def draws(initializer: Initializer, dims: Mapping[str, int], effect: float, errors: float = FALSE_ALARM + MISS) -> int:
    """Elements to draw so that a relative error of ``effect`` in the variance is seen, ``errors`` standard errors wide;
    at most MOST_DRAWS."""
    seen = max(effect, SPARSE_EFFECT) if isinstance(canonical(initializer), Sparse) else effect
    return min(MOST_DRAWS, math.ceil((_kurtosis(initializer, dims) - 1) * (errors / seen) ** 2))


def _kurtosis(initializer: Initializer, dims: Mapping[str, int]) -> float:
    """The fourth standardized moment of an element, or an upper bound of it."""
    match canonical(initializer):
        case Constant() | Bilinear() | Identity() | Preset():
            return 1.0
        case RandomUniform():
            return 1.8
        case PositiveUnitball():
            return 4.0
        case TruncatedNormal() | Sparse() | DeltaOrthogonal():
            known = law(initializer, dims)
            return known.kurtosis if known is not None else 3.0
    return 3.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``effect`` is the relative error in the variance that the sample could see; ``problem`` is None if all agrees.
    ``ratio`` is that of the variances, each about its own mean, and ``interval`` holds the true one 99 times out of
    100; ``distance`` is that of Kolmogorov and Smirnov, None where the law has no closed form."""

    effect: float
    problem: str | None
    ratio: float | None = None
    interval: tuple[float, float] | None = None
    distance: float | None = None


def judge(
    sample: Sample,
    truth: Moments,
    leak: float = 0.0,
    known: Law | None = None,
    level: float = LEVEL,
    errors: float = FALSE_ALARM + MISS,
    zero_leak: float = 1e-6,
) -> Verdict:
    """Compare a sample with the true moments and, where it is known, the law.

    ``leak`` is how often the framework is known to leave the support, ``zero_leak`` how often a generator with a grid
    draws an exact zero; ``level`` is that of each test."""
    if not math.isfinite(sample.first):
        return Verdict(math.inf, "not every element was set")
    if truth.variance == 0:
        exact = _close(sample.low, truth.low) and _close(sample.high, truth.high)
        return Verdict(0.0, None if exact else f"values {sample.low:g} to {sample.high:g}, not {truth.mean:g}")
    if known is not None and known.fixed:
        return _check_fixed(sample, truth, known)
    kurtosis = known.kurtosis if known is not None else sample.fourth / sample.n / max(sample.variance**2, 1e-300)
    freedom = 2 * sample.n / max(kurtosis - 1, 1e-12)
    ratio = sample.variance / truth.variance
    number = sample.n / (known.together if known is not None else 1.0)
    checks = {
        "mean": _two_sided((sample.first / sample.n) / math.sqrt(truth.variance / sample.n)),
        "variance": _two_sided(_cube_root(ratio, freedom)),
        "fraction of zeros": _zeros(sample, truth, zero_leak),
        "support": _outside(sample, leak),
    }
    distance = distance_from(sample, known) if known is not None else None
    if distance is not None:
        checks["shape"] = min(1.0, 2 * math.exp(-2 * number * distance**2))
    found = {name: p for name, p in checks.items() if p < level}
    own = sample.spread / truth.variance
    words = _words(min(found, key=found.__getitem__), sample, truth, own, distance) if found else None
    effect = errors * math.sqrt(max(kurtosis - 1, 1e-12) / sample.n)
    return Verdict(effect, words, own, _interval(own, freedom), distance)


def distance_from(sample: Sample, known: Law) -> float | None:
    """The greatest difference of the distribution functions at the sample's edges; None where it has none."""
    return max((abs(count / sample.n - known.cdf(edge)) for edge, count in sample.counts), default=None)


def _check_fixed(sample: Sample, truth: Moments, known: Law) -> Verdict:
    """Of a tensor whose values are known: all moments and all counts agree but for rounding."""
    distance = distance_from(sample, known)
    ratio = sample.variance / truth.variance
    agrees = (
        math.isclose(ratio, 1, rel_tol=1e-4)
        and abs(sample.first / sample.n) <= 1e-5 * math.sqrt(truth.variance)
        and (distance is None or distance <= 1e-9)
        and not sample.outside
    )
    words = None if agrees else f"the values are not the expected ones: {sample.low:g} to {sample.high:g}"
    return Verdict(0.0, words, ratio, (ratio, ratio), distance)


def _two_sided(z: float) -> float:
    return math.erfc(abs(z) / math.sqrt(2))


def _cube_root(ratio: float, freedom: float) -> float:
    """The standard score of a ratio of variances (Wilson and Hilferty)."""
    spread = 2 / (9 * freedom)
    return float((max(ratio, 0.0) ** (1 / 3) - (1 - spread)) / math.sqrt(spread))


def _interval(ratio: float, freedom: float, share: float = 0.99) -> tuple[float, float]:
    """That holds the true ratio this often."""
    spread = 2 / (9 * freedom)
    z = _NORMAL.inv_cdf((1 + share) / 2)
    low, high = (max(1e-9, 1 - spread + side * z * math.sqrt(spread)) ** 3 for side in (-1, 1))
    return ratio / high, ratio / low


def _zeros(sample: Sample, truth: Moments, leak: float) -> float:
    expected = truth.zero_fraction
    if expected in (0.0, 1.0):
        odd = sample.zeros if expected == 0 else sample.n - sample.zeros
        return _more_than(odd, sample.n * leak)
    spread = math.sqrt(sample.n * expected * (1 - expected))
    return _two_sided((abs(sample.zeros - sample.n * expected) - 0.5) / spread) if spread > 3 else 1.0


def _outside(sample: Sample, leak: float) -> float:
    """More values beyond the support than a leak explains."""
    return _more_than(sample.outside, sample.n * leak)


def _more_than(count: int, expected: float) -> float:
    """How often a rare event that is expected so often happens ``count`` times or more (Poisson)."""
    if count <= expected:
        return 1.0
    if expected == 0:
        return 0.0
    if count > expected + 60 * math.sqrt(expected) + 60:
        return 0.0
    log = math.log(expected)
    terms = (math.exp(k * log - expected - math.lgamma(k + 1)) for k in range(count, count + 400))
    return min(1.0, math.fsum(terms))


def _words(name: str, sample: Sample, truth: Moments, ratio: float, distance: float | None) -> str:
    match name:
        case "support":
            return (
                f"{sample.outside} of {sample.n} values, from {sample.low:g} to {sample.high:g}, leave the support "
                f"{truth.low:g} to {truth.high:g}"
            )
        case "mean":
            return f"the mean is {truth.mean + sample.first / sample.n:.4g}, not {truth.mean:.4g}"
        case "variance":
            return f"the variance is {ratio:.4g} times what it should be"
        case "fraction of zeros":
            return f"{sample.zeros / sample.n:.4g} of the values are zeros, not {truth.zero_fraction:.4g}"
    return f"the shape differs: Kolmogorov-Smirnov distance {distance or 0.0:.4g} from the exact law"


def most(expected: float) -> int:
    """The number that rare events which are expected so often exceed no more often than `FALSE_ALARM` allows: a bound
    of Poisson's distribution."""
    count, rest = 0, -math.expm1(-expected)
    while rest > LEVEL:
        count += 1
        rest -= math.exp(count * math.log(expected) - expected - math.lgamma(count + 1))
    return count


def _close(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-6, abs_tol=1e-12)
