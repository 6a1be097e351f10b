"""Initializers in words and formulas, for people."""

from collections.abc import Sequence
from functools import lru_cache
from typing import assert_never

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
from initport.ir.scalar import Dim, InexactError, Scalar


def distribution(initializer: Initializer) -> str:
    """The family's name, such as ``truncated normal``."""
    initializer = _whole(initializer)
    match initializer:
        case VarianceScaling(_, _, shape):
            return shape.value.replace("_", " ")
        case Constant():
            return "constant"
        case RandomUniform():
            return "uniform"
        case RandomNormal():
            return "normal"
        case TruncatedNormal():
            return "truncated normal"
        case Sparse(inner, _):
            return f"sparse {distribution(inner)}"
        case Orthogonal():
            return "orthogonal"
        case DeltaOrthogonal():
            return "delta orthogonal"
        case Identity(tiled=tiled):
            return "identities" if tiled else "identity"
        case Bilinear():
            return "bilinear"
        case PositiveUnitball():
            return "positive unit ball"
        case Preset():
            return "preset"
        case Blocks(parts):
            return f"blocks of {', '.join(distribution(part) for part in parts)}"
        case Unsupported():
            return "unknown"
        case _ as never:
            assert_never(never)


def distribution_of_gates(initializer: Initializer, gates: Sequence[str]) -> str:
    """The same, and of parts that differ what each of the ``gates`` starts with: ``forget gate 1, others 0``."""
    initializer = _whole(initializer)
    parts = initializer.parts if isinstance(initializer, Blocks) else ()
    if len(parts) != len(gates) or not parts:
        return distribution(initializer)
    words = [str(part.value) if isinstance(part, Constant) else distribution(part) for part in parts]
    usual = max(words, key=words.count)
    found = [f"{gate} gate {word}" for gate, word in zip(gates, words, strict=True) if word != usual]
    return ", ".join((*found, f"others {usual}"))


def _whole(initializer: Initializer) -> Initializer:
    """One of parts that are all alike and independent, as the law of the whole; its formula names no fan, which would
    be that of a part."""
    if not isinstance(initializer, Blocks) or isinstance(canonical(initializer), Blocks):
        return initializer
    first = initializer.parts[0]
    return first._replace(mode="fan") if isinstance(first, VarianceScaling) else first


def law(initializer: Initializer) -> str:
    """The family's name, and the variance as a formula where it has a short one."""
    formula = variance_formula(initializer)
    return distribution(initializer) + (f", variance {formula}" if formula not in (None, "0") else "")


def exact_law(initializer: Initializer) -> str:
    """The law, and of a constant its value."""
    simple = canonical(initializer)
    return f"constant {simple.value}" if isinstance(simple, Constant) else law(initializer)


def variance_formula(initializer: Initializer) -> str | None:
    """The variance as a formula in the weight's fans (``2 / fan_in``) or sizes; None where it has no short one."""
    initializer = _whole(initializer)
    if isinstance(initializer, VarianceScaling):  # whose mode is not a part of what it equals
        scale, fan, _, mode = initializer
        named = mode.isidentifier() and mode != "fan"
        if named and "/" not in str(scale):
            return f"{scale} / {mode}"
        return str(scale / (Scalar.of(Dim(mode)) if named else fan))
    return _formula(initializer)


@lru_cache(maxsize=4096)
def _formula(initializer: Initializer) -> str | None:
    match initializer:
        case Constant():
            return "0"
        case RandomUniform(minval, maxval):
            return _of_uniform(minval, maxval)
        case RandomNormal(_, stddev):
            return _square(stddev)
        case TruncatedNormal(_, stddev, bound) if bound == Scalar.of(2):
            above, *below = _square(stddev).split(" / ", 1)
            return " / ".join(("truncated_variance" + f" * {above}" * (above != "1"), *below))
        case Sparse(RandomNormal(mean, stddev), probability) if not mean.sign:
            return f"{probability} * {_square(stddev)}"
        case Orthogonal(gain, rows, columns):
            return f"{gain * gain} / max({rows}, {columns})"
        case _:
            return None


def _of_uniform(minval: Scalar, maxval: Scalar) -> str | None:
    try:
        width = maxval - minval
    except InexactError:
        return None
    if width.rational is not None:
        return f"{_square(width)} / 12"
    return str(maxval * maxval / 3) if minval == -maxval else str(width * width / 12)


def _square(stddev: Scalar) -> str:
    return str(stddev * stddev) if stddev.rational in (None, 1) or "/" in str(stddev) else f"{stddev} ** 2"
