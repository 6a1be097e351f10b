"""Layouts as text: ``out, in / groups, *kernel``, the axes of a weight first to last, ``*`` before a run of axes."""

from functools import lru_cache

from initport.grammar.expression import ExpressionError, evaluate
from initport.ir.scalar import Dim, Scalar
from initport.ir.weights import Axis, Layout

ROLES = {
    name: Scalar.of(Dim(name))
    for name in (
        "in", "out", "groups", "kernel", "mult", "units", "static", "vocabulary", "length", "first", "second", "rest",
        "height", "depth", "heads", "head", "kv_heads", "key_in", "value_in", "value_head", "pieces",
        "positions", "low",
        "axis0", "axis1", "axis2", "axis3",
    )
} | {"one": Scalar.of(1)}  # fmt: skip
"""Every role that a size can have. ``one`` is the size of axes that only broadcast."""


@lru_cache(maxsize=256)
def parse_layout(text: str) -> Layout:
    """Raises ExpressionError for text that is no layout."""
    return Layout(tuple(_axis(part.strip()) for part in text.split(","))) if text else Layout(())


def _axis(text: str) -> Axis:
    if not text:
        raise ExpressionError("an axis is empty")
    return Axis(evaluate(text.removeprefix("*"), ROLES), many=text.startswith("*"))
