"""The distributions that a weight's elements can start with: what the many names of the frameworks come down to.

``canonical`` brings every initializer to one form, so that ``equal`` is a proof and not a comparison of samples.
"""

from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import assert_never

from initport.ir.distinct import distinct
from initport.ir.scalar import Named, Scalar
from initport.records import NamedTuple

TRUNCATED_VARIANCE = Named("truncated_variance", 0.7737413035499232)
"""The variance of a standard normal variable redrawn until it lies within 2: ``1 - 4 phi(2) / (2 Phi(2) - 1)``."""

ZERO, ONE, TWO = Scalar.of(0), Scalar.of(1), Scalar.of(2)

OUT_OF_REACH = 39
"""Deviations that no generator draws: the least positive double as a probability lies 38.6 deviations out, so that a
normal distribution cut here or further out is an uncut one."""


class Distribution(StrEnum):
    """The shapes of `VarianceScaling`. ``TRUNCATED_NORMAL`` is cut at two parent deviations and has *its own* variance
    scaled, as Keras 2.2+ and TensorFlow 1.10+ do."""

    UNIFORM = "uniform"
    NORMAL = "normal"
    TRUNCATED_NORMAL = "truncated_normal"


@distinct
class Constant(NamedTuple):
    value: Scalar


@distinct
class RandomUniform(NamedTuple):
    minval: Scalar
    maxval: Scalar


@distinct
class RandomNormal(NamedTuple):
    mean: Scalar
    stddev: Scalar


@distinct
class TruncatedNormal(NamedTuple):
    """A normal redrawn until within ``bound`` deviations of its mean; ``stddev`` is the parent's."""

    mean: Scalar
    stddev: Scalar
    bound: Scalar = TWO


class VarianceScaling(NamedTuple):
    """Mean 0 and variance ``scale / fan``; ``mode`` is what people call that fan."""

    scale: Scalar
    fan: Scalar
    distribution: Distribution
    mode: str = "fan"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, VarianceScaling) and self[:3] == other[:3]

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self[:3])


@distinct
class Orthogonal(NamedTuple):
    """``gain`` times a Haar-distributed semi-orthogonal matrix, ``rows`` by ``columns`` or transposed."""

    gain: Scalar
    rows: Scalar
    columns: Scalar


@distinct
class DeltaOrthogonal(NamedTuple):
    """``gain`` times a Haar-distributed semi-orthogonal matrix, ``rows`` by ``columns`` or transposed, at one of a
    kernel's ``places``, and zeros at the others. Of each axis it stands in the middle, of an even size at the first of
    the two."""

    gain: Scalar
    rows: Scalar
    columns: Scalar
    places: Scalar


@distinct
class Identity(NamedTuple):
    """``gain`` times the identity matrix, beyond which there are zeros, or, if ``tiled``, further identity matrices."""

    gain: Scalar
    rows: Scalar
    columns: Scalar
    tiled: bool = False


@distinct
class Bilinear(NamedTuple):
    """Every kernel plane is the same bilinear interpolation kernel (Caffe master's centre)."""

    def __bool__(self) -> bool:
        """An empty tuple is false, and this is something."""
        return True


@distinct
class PositiveUnitball(NamedTuple):
    """Uniform draws, of which each slice of ``size`` elements is divided by its sum; ``slices`` is the size of the axis
    along which the slices lie."""

    slices: Scalar
    size: Scalar


@distinct
class Sparse(NamedTuple):
    """Each element is drawn from ``inner`` and then kept with probability ``probability``, otherwise 0."""

    inner: "Initializer"
    probability: Scalar


@distinct
class Preset(NamedTuple):
    """The values themselves, in the source's element order."""

    values: tuple[Scalar, ...]


@distinct
class Blocks(NamedTuple):
    """Independent parts of equal size side by side along the weight's one composite axis, such as the gates of a
    recurrent layer."""

    parts: "tuple[Initializer, ...]"


@distinct
class Unsupported(NamedTuple):
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
    | DeltaOrthogonal
    | Identity
    | Bilinear
    | PositiveUnitball
    | Sparse
    | Preset
    | Blocks
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
        case TruncatedNormal(mean, stddev, bound) if bound.rational is not None and bound.rational >= OUT_OF_REACH:
            return RandomNormal(mean, stddev)
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
        case DeltaOrthogonal(gain, rows, columns, places):
            first, second = sorted((rows, columns), key=str)
            same = DeltaOrthogonal(gain, first, second, places)
            return Orthogonal(gain, first, second) if places == ONE else same
        case Identity(gain, rows, columns, tiled):
            first, second = sorted((rows, columns), key=str)
            return Identity(gain, first, second, tiled and first != second)
        case Blocks(parts):
            simpler = tuple(canonical(part) for part in parts)
            return simpler[0] if _seamless(simpler) else Blocks(simpler)
        case Preset(values) if len(set(values)) == 1:
            return Constant(values[0])
        case _:
            return initializer


def elementwise(initializer: Initializer) -> bool:
    """Whether the elements are drawn alike and independently, so that any part of the weight has the same law."""
    return isinstance(canonical(initializer), Constant | RandomUniform | RandomNormal | TruncatedNormal | Sparse)


def _seamless(parts: tuple[Initializer, ...]) -> bool:
    return len(set(parts)) == 1 and elementwise(parts[0])


def equal(first: Initializer, second: Initializer) -> bool:
    """Whether two initializers are provably one distribution; an unknown one equals nothing."""
    if _unknown(first) or _unknown(second):
        return False
    return canonical(first) == canonical(second)


def _unknown(initializer: Initializer) -> bool:
    match initializer:
        case Blocks(parts):
            return any(_unknown(part) for part in parts)
        case Sparse(inner, _):
            return _unknown(inner)
    return isinstance(initializer, Unsupported)


def bind(initializer: Initializer, sizes: Mapping[str, int]) -> Initializer:
    """The initializer of a weight that has these sizes by role. Other than `elementwise` ones keep their formulas, as
    which axes make up a row follows from their roles alone."""
    match initializer:
        case VarianceScaling(scale, fan, distribution, mode):
            return VarianceScaling(scale.bind(sizes), fan.bind(sizes), distribution, mode)
        case Constant() | RandomUniform() | RandomNormal() | TruncatedNormal():
            return type(initializer)(*(value.bind(sizes) for value in initializer))
        case Sparse(inner, probability):
            return Sparse(bind(inner, sizes), probability.bind(sizes))
        case Blocks(parts):
            return Blocks(tuple(bind(part, sizes) for part in parts))
    return initializer
