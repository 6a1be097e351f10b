"""The shape of a weight in the target, as far as the source determines it."""

from collections.abc import Mapping, Sequence
from types import EllipsisType

from initport.emit.plan import Entry, target_axes
from initport.grammar.layout import parse_layout
from initport.ir.model import Weight
from initport.ir.scalar import roles
from initport.ir.weights import Axis

Shape = tuple[int | EllipsisType | None, ...]
"""Sizes of axes: None for one that is not known, ``...`` for any number of axes."""

_KERNEL = frozenset({"kernel", "height", "depth"})


def shape_in_target(entry: Entry) -> Shape | None:
    """None where not even the number of axes is known. Of a part of a parameter, the whole parameter's."""
    weight, place = entry.weight, entry.place
    if place.layout == "source":
        return weight.shape
    layout = target_axes(weight, place)
    if layout is None:
        return None
    own = {role for axis in (weight.layout.axes if weight.layout is not None else ()) for role in roles(axis.size)}
    dims = dict(weight.dims) if "groups" in own else {**weight.dims, "groups": 1}
    sizes: list[int | EllipsisType | None] = []
    for axis in layout.axes:
        sizes += _run(weight, axis) if axis.many else [_size(axis, dims)]
    if place.rows:
        rows = [_size(parse_layout(text).axes[0], dims) for text in place.rows]
        sizes[0] = None if None in rows else sum(size for size in rows if size is not None)
    elif place.part and isinstance(sizes[0], int):
        sizes[0] *= place.part[1]
    return tuple(sizes)


def _size(axis: Axis, dims: Mapping[str, int]) -> int | None:
    value = axis.size.evaluate(dims)
    return None if value is None else round(value)


def _run(weight: Weight, axis: Axis) -> Sequence[int | EllipsisType | None]:
    """The sizes of a run of axes: those that the source's weight has in its place."""
    layout, shape = weight.layout, weight.shape
    if layout is None:
        return (...,)
    run = next((index for index, item in enumerate(layout.axes) if item.many), None)
    if run is not None and layout.axes[run].size == axis.size and shape is not None:
        return shape[run : run + len(shape) - layout.min_rank]
    named = roles(axis.size)
    if run is None and named and named <= _KERNEL:
        kernel = (item for item in layout.axes if roles(item.size) and roles(item.size) <= _KERNEL)
        return [_size(item, weight.dims) for item in kernel]
    return (...,)
