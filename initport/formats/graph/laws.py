"""The laws that a number may follow: in a graph, glorot_uniform's bound is a number as any other.

For a weight of two axes or more a number identifies its law among those of the table in nearly all sizes, but where
sizes are powers of two, several laws come to one number. So a law is named only where it is the only one, and a number
of three digits may be its author's own.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import NamedTuple

from initport.formats.graph.table import table
from initport.grammar.call import default_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.version import parse_version
from initport.ir.initializers import TRUNCATED_VARIANCE, Distribution, Initializer, VarianceScaling
from initport.ir.weights import Layout

PRECISION = 2.5e-7
"""The relative error of a float32's square, of one rounding more than the number's own."""

_DIGITS = 3
"""Digits of a number that people may well write out."""


class Candidates(NamedTuple):
    """The laws that come to the number, and whether the number may as well be the author's own."""

    names: tuple[str, ...] = ()
    plain: bool = False

    def choose(self, laws: Collection[str]) -> str | None:
        """The law that is meant: the only one, or the only one of those that the user names."""
        named = [name for name in self.names if name in laws]
        if len(named) == 1:
            return named[0]
        return self.names[0] if len(self.names) == 1 and not self.plain else None

    def __str__(self) -> str:
        return " or ".join(self.names)


def candidates(law: str, width: float, text: str, shape: tuple[int, ...]) -> Candidates:
    """Of a draw about zero in a weight of that shape: ``width`` is a uniform law's bound or a normal one's deviation,
    which is written as ``text``."""
    if len(shape) < 2 or 0 in shape or not width:
        return Candidates()
    fan_in, fan_out = _fans(shape)
    variance = width * width * _FACTORS[law]
    found = tuple(
        name
        for mode, fan in (("fan_in", fan_in), ("fan_out", fan_out), ("fan_avg", (fan_in + fan_out) / 2))
        for scale, name in _scales().get((law, mode), ())
        if abs(variance * fan / scale - 1) < PRECISION
    )
    digits = text.lower().partition("e")[0].lstrip("-0.").replace(".", "")
    return Candidates(found, len(digits) <= _DIGITS)


def _fans(shape: tuple[int, ...]) -> tuple[float, float]:
    """As init_ops.py computes them: all axes but the last two are the receptive field."""
    field = 1.0
    for size in shape[:-2]:
        field *= size
    return field * shape[-2], field * shape[-1]


_FACTORS = {"uniform": 1 / 3, "normal": 1.0, "truncated_normal": TRUNCATED_VARIANCE.value}
"""Variances by the squares of bounds and deviations."""

_SHAPES = {
    Distribution.UNIFORM: "uniform",
    Distribution.NORMAL: "normal",
    Distribution.TRUNCATED_NORMAL: "truncated_normal",
}


@cache
def _scales() -> Mapping[tuple[str, str], tuple[tuple[float, str], ...]]:
    """By the shape of the law and the fan that it takes: the scale, and the law's name."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = {}
    for name in table().laws:
        meaning = law(name, parse_layout("in, out"))
        assert isinstance(meaning, VarianceScaling), f"{name} is not a law of the fans"
        mode = next(word for word in ("fan_in", "fan_out", "fan_avg") if word in _mode(name))
        found.setdefault((_SHAPES[meaning.distribution], mode), []).append((meaning.scale.evaluate({}) or 0.0, name))
    return {key: tuple(laws) for key, laws in found.items()}


def _mode(name: str) -> str:
    meaning = law(name, parse_layout("in, out"))
    assert isinstance(meaning, VarianceScaling)
    return meaning.mode


@cache
def law(name: str, layout: Layout) -> Initializer:
    """What the law makes of a weight with that layout, in the sizes of its roles."""
    row = table().laws[name]
    call = default_call(row.call)
    assert call is not None
    known = vocabulary(row.grammar, parse_version(row.version) if row.version else None)
    return known.meaning(call, layout)
