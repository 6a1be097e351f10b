"""Sizes by role, and the shapes that layouts have with them."""

from collections.abc import Mapping

from initport.ir.weights import Layout

DIMS = {
    "in": 14, "out": 22, "groups": 1, "height": 3, "kernel": 15, "mult": 3, "units": 13, "vocabulary": 37, "static": 17,
    "length": 23, "first": 5, "second": 31, "rest": 29, "heads": 2, "head": 7, "key_in": 14, "value_in": 14,
    "kv_heads": 2, "value_head": 7, "positions": 4, "low": 2, "pieces": 3, "depth": 1, "score": 1,
    "axis0": 2, "axis1": 3, "axis2": 5, "axis3": 7,
}  # fmt: skip
RUNS: Mapping[str, tuple[int, ...]] = {"kernel": (3, 5), "rest": (29,), "one": (1, 1), "1": (1, 1), "positions": (2, 2)}


def sizes(layout: Layout, dims: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of a weight."""
    found: list[int] = []
    for axis in layout.axes:
        size = axis.size.evaluate(dims)
        assert size is not None, axis
        assert size == round(size), axis
        found += RUNS.get(str(axis.size), (round(size),)) if axis.many else (round(size),)
    return tuple(found)
