"""Layouts as text: ``out, in / groups, *kernel``, the axes of a weight first to last, ``*`` before a run of axes."""

import re
from functools import lru_cache

from initport.grammar.expression import ExpressionError, evaluate
from initport.ir.scalar import Dim, Scalar, product, roles
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

SIZES = {
    "count": "number of elements", "rank": "number of axes", "min_rank": "number of axes", "size0": "first size",
    "size1": "second size", "last0": "last size", "last1": "last size but one", "fan_in": "fan_in",
    "fan_out": "fan_out", "fan_avg": "fan_avg",
}  # fmt: skip
"""What formulas may say of a weight, its layout permitting (`Vocabulary.names`), and what people call it."""


def in_words(formula: str) -> str:
    return re.sub(r"[a-z]\w*", lambda found: f"the {SIZES[found[0]]}" if found[0] in SIZES else found[0], formula)


@lru_cache(maxsize=256)
def parse_layout(text: str) -> Layout:
    """Raises ExpressionError for text that is not a layout."""
    return Layout(tuple(_axis(part.strip()) for part in text.split(","))) if text else Layout(())


_OUTER = ((), (), ("height",), ("depth", "height"))
"""What the axes of a kernel but its last are called, by how many it has."""


@lru_cache(maxsize=1024)
def with_rank(layout: Layout, rank: int) -> Layout | None:
    """The layout with so many axes, its run of axes written out where it is a kernel of up to three; None where it can
    have no other number."""
    number = rank - layout.min_rank
    if layout.rank is not None or number < 0:
        return layout if layout.rank == rank else None
    if number >= len(_OUTER):
        return layout
    index = next(index for index, axis in enumerate(layout.axes) if axis.many)
    outer = [ROLES[name] for name in _OUTER[number]]
    run = [*outer, layout.axes[index].size / product(*outer)] if number else []
    sized = Layout((*layout.axes[:index], *map(Axis, run), *layout.axes[index + 1 :]))
    return sized if number else sized.bind({role: 1 for role in roles(layout.axes[index].size)})


def _axis(text: str) -> Axis:
    if not text:
        raise ExpressionError("an axis is empty")
    return Axis(evaluate(text.removeprefix("*"), ROLES), many=text.startswith("*"))
