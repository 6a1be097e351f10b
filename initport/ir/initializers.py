"""The distributions that a weight's elements can start with: what the many names of the frameworks come down to.

``canonical`` brings every initializer to one form, so that ``equal`` is a proof and not a comparison of samples.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from initport.ir.scalar import Named, Scalar

TRUNCATED_VARIANCE = Named("truncated_variance", 0.7737413035499232)
"""The variance of a standard normal variable redrawn until it lies within 2: ``1 - 4 phi(2) / (2 Phi(2) - 1)``."""

ZERO, ONE = Scalar.of(0), Scalar.of(1)


class Distribution(StrEnum):
    """The shapes of `VarianceScaling`. ``TRUNCATED_NORMAL`` is cut at two parent deviations and has *its own* variance
    scaled, as Keras 2.2+ and TensorFlow 1.10+ do."""

    UNIFORM = "uniform"
    NORMAL = "normal"
    TRUNCATED_NORMAL = "truncated_normal"


@dataclass(frozen=True, slots=True)
class Constant:
    value: Scalar


@dataclass(frozen=True, slots=True)
class RandomUniform:
    minval: Scalar
    maxval: Scalar


@dataclass(frozen=True, slots=True)
class RandomNormal:
    mean: Scalar
    stddev: Scalar


@dataclass(frozen=True, slots=True)
class TruncatedNormal:
    """A normal redrawn until within ``bound`` deviations of its mean; ``stddev`` is the parent's."""

    mean: Scalar
    stddev: Scalar
    bound: Scalar = field(default_factory=lambda: Scalar.of(2))


@dataclass(frozen=True, slots=True)
class VarianceScaling:
    """Mean 0 and variance ``scale / fan``; ``mode`` is what people call that fan."""

    scale: Scalar
    fan: Scalar
    distribution: Distribution
    mode: str = field(default="fan", compare=False)


@dataclass(frozen=True, slots=True)
class Orthogonal:
    """``gain`` times a Haar-distributed semi-orthogonal matrix, ``rows`` by ``columns`` or transposed."""

    gain: Scalar
    rows: Scalar
    columns: Scalar


@dataclass(frozen=True, slots=True)
class Identity:
    gain: Scalar
    rows: Scalar
    columns: Scalar


@dataclass(frozen=True, slots=True)
class Bilinear:
    """Every kernel plane is the same bilinear interpolation kernel (Caffe master's centre)."""


@dataclass(frozen=True, slots=True)
class PositiveUnitball:
    """Uniform draws, of which each slice of ``size`` elements is divided by its sum; ``slices`` is the size of the axis
    along which the slices lie."""

    slices: Scalar
    size: Scalar


@dataclass(frozen=True, slots=True)
class Sparse:
    """Each element is drawn from ``inner`` and then kept with probability ``probability``, otherwise 0."""

    inner: "Initializer"
    probability: Scalar


@dataclass(frozen=True, slots=True)
class Preset:
    """The values themselves, in the source's element order."""

    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Unsupported:
    """No distribution is known; ``reason`` says why and what the user can do."""

    name: str
    reason: str


Initializer = (
    Constant
    | RandomUniform
    | RandomNormal
    | TruncatedNormal
    | VarianceScaling
    | Orthogonal
    | Identity
    | Bilinear
    | PositiveUnitball
    | Sparse
    | Preset
    | Unsupported
)


def parent(initializer: VarianceScaling) -> RandomUniform | RandomNormal | TruncatedNormal:
    """The distribution behind a variance-scaling rule, its parameters as functions of the weight's sizes."""
    variance = initializer.scale / initializer.fan
    match initializer.distribution:
        case Distribution.UNIFORM:
            bound = (variance * 3).sqrt()
            return RandomUniform(-bound, bound)
        case Distribution.NORMAL:
            return RandomNormal(ZERO, variance.sqrt())
        case Distribution.TRUNCATED_NORMAL:
            return TruncatedNormal(ZERO, (variance / Scalar.of(TRUNCATED_VARIANCE)).sqrt())
        case _ as never:
            assert_never(never)


@lru_cache(maxsize=4096)
def canonical(initializer: Initializer) -> Initializer:
    """The one form that all spellings of a distribution share."""
    match initializer:
        case VarianceScaling():
            return Constant(ZERO) if initializer.scale == ZERO else parent(initializer)
        case RandomUniform(minval, maxval) if minval == maxval:
            return Constant(minval)
        case RandomNormal(mean, stddev) | TruncatedNormal(mean, stddev) if stddev == ZERO:
            return Constant(mean)
        case Sparse(inner, probability):
            simple = canonical(inner)
            if probability == ZERO:
                return Constant(ZERO)
            return simple if probability == ONE or simple == Constant(ZERO) else Sparse(simple, probability)
        case PositiveUnitball(_, size) if size == ONE:
            return Constant(ONE)
        case Orthogonal(gain, rows, columns):
            first, second = sorted((rows, columns), key=str)
            return Orthogonal(gain, first, second)
        case Preset(values) if len(set(values)) == 1:
            return Constant(values[0])
        case _:
            return initializer


def equal(first: Initializer, second: Initializer) -> bool:
    """Whether two initializers are provably one distribution; an unknown one equals nothing."""
    if isinstance(first, Unsupported) or isinstance(second, Unsupported):
        return False
    return canonical(first) == canonical(second)
