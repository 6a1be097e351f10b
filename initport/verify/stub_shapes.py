"""Shapes of weights in a target, for stub models: the source's sizes in the target's layout."""

import math
from collections.abc import Mapping

from initport.emit.plan import Entry
from initport.grammar.layout import parse_layout
from initport.grammar.rows import TargetWeight
from initport.ir.model import Weight
from initport.ir.scalar import roles
from initport.ir.weights import Axis

_ANY_SHAPE = (97, 101)
"""For a weight of which not even the rank is known; its initializer does not depend on it."""

_STAND_INS = {"mult": 2, "in": 7, "out": 11, "units": 13, "static": 17, "vocabulary": 19, "length": 23, "first": 5,
              "second": 3, "rest": 29, "heads": 2, "head": 3}  # fmt: skip
"""Sizes for roles that the source leaves open: distinct primes, so that no role can stand for another."""

_LIKE = {"key_in": "in", "value_in": "in", "value_head": "head", "kv_heads": "heads"}
"""Roles that are mostly as large as another, on which some targets insist."""

_OTHER = 5
"""The size of any other role."""


def complete(weight: Weight) -> dict[str, int]:
    """The weight's sizes by role, with stand-ins for those that the source does not give."""
    dims = {"groups": 1, **weight.dims}
    for name, size in _STAND_INS.items():
        dims.setdefault(name, size * dims["groups"] if name in ("in", "out") else size)
    for name, like in _LIKE.items():
        dims.setdefault(name, dims[like])
    kernel = _kernel(weight)
    dims |= {
        "kernel": math.prod(kernel),
        "depth": kernel[0] if kernel else 1,
        "height": kernel[-2] if len(kernel) > 1 else math.prod(kernel),
        "width": kernel[-1] if kernel else 1,
    }
    for axis in weight.layout.axes if weight.layout is not None else ():
        for name in roles(axis.size):
            dims.setdefault(name, _OTHER)
    return dims


def target_shape(entry: Entry, dims: Mapping[str, int]) -> tuple[int, ...]:
    """The weight's shape in the target, for sizes as `complete` gives them."""
    layout = entry.weight.layout if entry.place.layout == "source" else parse_layout(entry.place.layout or "")
    if layout is None or entry.place.layout is None:
        return _ANY_SHAPE
    places = (dims.get("positions", _OTHER),)
    runs = {"kernel": _kernel(entry.weight), "rest": (dims["rest"],), "one": (1, 1), "positions": places}
    runs |= _runs(entry.weight)
    shape: list[int] = []
    for axis in layout.axes:
        shape += runs[_run(axis)] if axis.many else (round(axis.size.evaluate(dims) or 0),)
    return tuple(shape)


def rows_of(place: TargetWeight, dims: Mapping[str, int]) -> list[int]:
    """The numbers of rows of the weights that are one parameter in the target."""
    return [round(parse_layout(text).axes[0].size.evaluate(dims) or 0) for text in place.rows]


def _kernel(weight: Weight) -> tuple[int, ...]:
    """The sizes of the kernel, by the axes that are distinguished: as many as its layout has."""
    dims, number = weight.dims, _kernel_axes(weight)
    if "kernel" not in dims:
        return _runs(weight).get("kernel", (3,) * (number or 2))
    outer = [dims[name] for name in ("depth", "height") if name in dims]
    left = dims["kernel"] // math.prod(outer)
    while len(outer) + 1 < number:
        size = next(size for size in range(math.isqrt(left), 0, -1) if left % size == 0)
        outer, left = [*outer, size], left // size
    return _runs(weight).get("kernel", (*outer, left))


def _kernel_axes(weight: Weight) -> int:
    """How many axes of a layout are a kernel's; 0 where it does not say."""
    axes = weight.layout.axes if weight.layout is not None else ()
    return sum(not axis.many and not {"kernel", "height", "depth"}.isdisjoint(roles(axis.size)) for axis in axes)


def _run(axis: Axis) -> str:
    return str(axis.size) if axis.size.powers else "one"


def _runs(weight: Weight) -> dict[str, tuple[int, ...]]:
    """The sizes of the run of axes in the weight's own layout, if it has one and its shape is known."""
    layout, shape = weight.layout, weight.shape
    if layout is None or shape is None or layout.rank is not None:
        return {}
    start = next(index for index, axis in enumerate(layout.axes) if axis.many)
    sizes = shape[start : start + len(shape) - layout.min_rank]
    return {} if None in sizes else {_run(layout.axes[start]): tuple(size for size in sizes if size is not None)}
