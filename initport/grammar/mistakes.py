"""Names for hand-written initializers: the published law that one follows, or misses by a known mistake.

The laws and the mistakes are data, `grammars/mistakes.yaml`, whose head gives their sources.
"""

from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

from initport.grammar.expression import UnknownNameError, evaluate
from initport.grammar.files import read
from initport.grammar.record import read_row
from initport.ir.initializers import (
    TRUNCATED_VARIANCE,
    Initializer,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    canonical,
)
from initport.ir.scalar import Scalar

FILE = "mistakes"


class Law(NamedTuple):
    """A rule for the variance as a formula of the fans, where ``shape`` is given for that shape alone."""

    name: str
    variance: str
    shape: str | None = None


class Mistake(NamedTuple):
    """A way to miss a law in a distribution of that shape: the variance is ``factor`` times the law's. ``missing`` is
    what both fans lack, which makes a part of that factor; ``code`` is the finding's."""

    shape: str
    factor: int | str
    code: str
    says: str
    missing: str = "1"


class Mistakes(NamedTuple):
    laws: Sequence[Law]
    mistakes: Sequence[Mistake]
    examples: Sequence[Any]


class Recognition(NamedTuple):
    """The law that was meant, and its variance in the fans; ``factor`` is how many times that the distribution has, and
    ``mistake`` how that came about, None where the law is followed."""

    law: Law
    factor: Scalar
    mistake: Mistake | None = None


def recognise(initializer: Initializer, fans: Mapping[str, Scalar]) -> Recognition | None:
    """What a distribution follows, or what it was probably meant to follow; None where nothing is known of its like.

    ``fans`` holds what is known of ``fan_in``, ``fan_out`` and ``kernel``, the area of a convolution's kernel, in the
    symbols that the initializer is written in.
    """
    found = _shape_and_variance(initializer)
    if found is None:
        return None
    shape, variance = found
    known = {**fans, TRUNCATED_VARIANCE.name: Scalar.of(TRUNCATED_VARIANCE)}
    laws = [law for law in rows().laws if law.shape in (None, shape)]
    value = cache(partial(value_at, known=known))
    for law in laws:
        if variance == value(law.variance):
            return Recognition(law, Scalar.of(1))
    for law in laws:
        for mistake in (item for item in rows().mistakes if item.shape == shape):
            missing, wanted = value(mistake.missing), value(law.variance)
            if wanted is not None and missing is not None:
                factor = _factor(law, wanted, mistake, missing, variance, known)
                if factor is not None:
                    return Recognition(law, factor, mistake)
    return None


def _factor(
    law: Law, wanted: Scalar, mistake: Mistake, missing: Scalar, variance: Scalar, known: Mapping[str, Scalar]
) -> Scalar | None:
    """The mistake's factor where it explains the variance; ``wanted`` is that of the law, ``missing`` what the fans
    lack."""
    if missing == Scalar.of(1):
        reached: Scalar | None = wanted
    else:
        short = {name: fan / missing for name, fan in known.items() if name.startswith("fan_")}
        reached = value_at(law.variance, {**known, **short})
    factor = value_at(str(mistake.factor), {**known, "variance": wanted})
    explained = reached is not None and factor is not None and variance == reached * factor / missing
    return factor if explained else None


def value_at(formula: str, known: Mapping[str, Scalar]) -> Scalar | None:
    """The value of a formula of fans; None where one of them is not known."""
    try:
        return evaluate(formula, known)
    except UnknownNameError:
        return None


def variance_of(initializer: Initializer) -> Scalar | None:
    """Of a distribution about zero; None for all others."""
    found = _shape_and_variance(initializer)
    return None if found is None else found[1]


def _shape_and_variance(initializer: Initializer) -> tuple[str, Scalar] | None:
    """Of a distribution about zero."""
    match canonical(initializer):
        case RandomUniform(minval, maxval) if minval == -maxval:
            return "uniform", maxval**2 / 3
        case RandomNormal(mean, stddev) if not mean.sign:
            return "normal", stddev**2
        case TruncatedNormal(mean, stddev, bound) if not mean.sign and bound == Scalar.of(2):
            return "truncated_normal", stddev**2 * Scalar.of(TRUNCATED_VARIANCE)
    return None


@cache
def rows() -> Mistakes:
    """The laws and mistakes. Raises GrammarError naming the file and key."""
    return read_row(Mistakes, read(FILE), f"{FILE}.yaml")
