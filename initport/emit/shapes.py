"""The shape of a weight in the target, as far as the source determines it."""

from collections.abc import Mapping, Sequence
from types import EllipsisType

from initport.emit.plan import target_axes
from initport.grammar.layout import parse_layout
from initport.grammar.rows import TargetWeight
from initport.ir.scalar import roles
from initport.ir.weights import Axis, Layout

Shape = tuple[int | EllipsisType | None, ...]
"""Sizes of axes: None for one that is not known, ``...`` for any number of axes."""

_KERNEL = frozenset({"kernel", "height", "depth"})


def shape_in_target(
    source: Layout | None, dims: Mapping[str, int], shape: tuple[int | None, ...] | None, place: TargetWeight
) -> Shape | None:
    """Of a weight with these axes, sizes and shape in the source; None where not even the number of axes is known. Of a
    part of a parameter, the whole parameter's."""
    if place.layout == "source":
        return shape
    layout = target_axes(source, place)
    if layout is None:
        return None
    if source is not None and not source.axes:  # one element, which axes of the target hold as well
        return tuple(... if axis.many else 1 for axis in layout.axes)
    own = {role for axis in (source.axes if source is not None else ()) for role in roles(axis.size)}
    known = dict(dims) if "groups" in own else {**dims, "groups": 1}
    sizes: list[int | EllipsisType | None] = []
    for axis in layout.axes:
        sizes += _run(source, dims, shape, axis) if axis.many else [_size(axis, known)]
    if place.rows:
        rows = [_size(parse_layout(text).axes[0], known) for text in place.rows]
        sizes[0] = None if None in rows else sum(size for size in rows if size is not None)
    elif place.part and isinstance(sizes[0], int):
        sizes[0] *= place.part[1]
    return tuple(sizes)


def _size(axis: Axis, dims: Mapping[str, int]) -> int | None:
    value = axis.size.evaluate(dims)
    return None if value is None else round(value)


def _run(
    layout: Layout | None, dims: Mapping[str, int], shape: tuple[int | None, ...] | None, axis: Axis
) -> Sequence[int | EllipsisType | None]:
    """The sizes of a run of axes: those that the source's weight has in its place."""
    if layout is None:
        return (...,)
    run = next((index for index, item in enumerate(layout.axes) if item.many), None)
    if run is not None and layout.axes[run].size == axis.size and shape is not None:
        return shape[run : run + len(shape) - layout.min_rank]
    named = roles(axis.size)
    if run is None and named and named <= _KERNEL:
        kernel = (item for item in layout.axes if roles(item.size) and roles(item.size) <= _KERNEL)
        return [_size(item, dims) for item in kernel]
    return (...,)
