"""Layers that join, cut or rearrange their bottoms without a sliding window.

Authority: BVLC/caffe src/caffe/layers/{concat,slice,flatten,reshape,crop,reduction,argmax,tile,batch_reindex,filter,
eltwise}_layer.cpp; Permute: weiliu89/caffe (SSD) src/caffe/layers/permute_layer.cpp.
"""

from collections.abc import Sequence

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes.dims import (
    MAX_AXES,
    Dim,
    Shape,
    canonical,
    product,
    same_dim,
    same_shape,
    size,
    sizes,
    unknown,
)
from initport.formats.caffe.shapes.params import foreign, param
from initport.formats.caffe.tree import Message


def eltwise(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """All bottoms and the top have one shape. A fork's field may allow others (MyCaffe: a single batch)."""
    if foreign(param(layer, "eltwise_param")):
        return (bottoms[0] if all(shape == bottoms[0] for shape in bottoms) else None,)
    return (same_shape(bottoms),)


def _axis(message: Message, old_name: str, rank: int) -> int | None:
    """``axis``, or its older name, which does not count from the end; both at once are an error."""
    if not message.has(old_name):
        return canonical(message.integer("axis"), rank)
    old = message.integer(old_name)
    return old if old < rank and not message.has("axis") else None


def concat(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """Sizes add up along the axis; along every other all bottoms agree."""
    ranks = {len(shape) for shape in bottoms if shape is not None}
    if len(ranks) != 1:
        return ()
    rank = ranks.pop()
    axis = _axis(param(layer, "concat_param"), "concat_dim", rank)
    if axis is None:
        return (unknown(rank),)
    columns = list(zip(*(shape or (None,) * rank for shape in bottoms), strict=True))
    joined = None if None in columns[axis] else size(sum(dim or 0 for dim in columns[axis]))
    return (tuple(joined if i == axis else same_dim(column) for i, column in enumerate(columns)),)


def _slices(total: Dim, points: tuple[int, ...], count: int) -> Sequence[Dim]:
    """The sizes of ``count`` parts: equal ones, or cut at ``points``."""
    if not points:
        return (total // count if total is not None and total % count == 0 else None,) * count
    if len(points) != count - 1:
        return (None,) * count
    starts, ends = (0, *points), (*points, total)
    parts = [None if end is None else end - start for start, end in zip(starts, ends, strict=True)]
    return (None,) * count if any(part is not None and part <= 0 for part in parts) else parts


def slice_blob(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """One blob cut along the axis into as many as there are tops."""
    bottom, message = bottoms[0], param(layer, "slice_param")
    axis = None if bottom is None else _axis(message, "slice_dim", len(bottom))
    if bottom is None or axis is None or not layer.tops:
        return ()
    parts = _slices(bottom[axis], message.integers("slice_point"), len(layer.tops))
    return [(*bottom[:axis], size(part), *bottom[axis + 1 :]) for part in parts]


def flatten(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The axes from ``axis`` to ``end_axis``, both included, become one."""
    bottom, message = bottoms[0], param(layer, "flatten_param")
    axis, end_axis = message.integer("axis"), message.integer("end_axis")
    if bottom is None:
        return (unknown(axis + 1),) if axis >= 0 and end_axis == -1 else ()
    start, end = canonical(axis, len(bottom)), canonical(end_axis, len(bottom))
    if start is None or end is None or start > end + 1:
        return ()
    return ((*bottom[:start], product(bottom[start : end + 1]), *bottom[end + 1 :]),)


def _reshape(bottom: tuple[Dim, ...], new: tuple[int, ...], start: int, end: int) -> Shape:
    """``bottom`` with its axes ``start`` to ``end`` replaced by ``new``, where 0 copies and -1 takes what is left."""
    copied = [start + i for i, dim in enumerate(new) if dim == 0]
    if any(i >= len(bottom) for i in copied) or new.count(-1) > 1 or min(new, default=0) < -1:
        return None
    # A size copied from inside the replaced range is a factor on both sides and need not be known.
    whole = product(bottom[i] for i in range(start, end) if i not in copied)
    rest = product([*(dim for dim in new if dim > 0), *(bottom[i] for i in copied if i >= end)])
    left = None if whole is None or rest is None or whole % rest else whole // rest
    middle = [left if dim == -1 else bottom[start + i] if dim == 0 else size(dim) for i, dim in enumerate(new)]
    return (*bottom[:start], *middle, *bottom[end:])


def reshape(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The bottom's elements under other sizes; ``axis`` and ``num_axes`` say which sizes are replaced."""
    bottom, message = bottoms[0], param(layer, "reshape_param")
    shape = message.message("shape")
    new = () if shape is None else shape.integers("dim")
    axis, num_axes = message.integer("axis"), message.integer("num_axes")
    if len(new) > MAX_AXES:
        return ()
    if bottom is None:
        return (sizes(new),) if (axis, num_axes) == (0, -1) else ()
    rank = len(bottom)
    start = axis if axis >= 0 else rank + axis + 1
    end = rank if num_axes == -1 else start + num_axes
    return (_reshape(bottom, new, start, end),) if 0 <= start <= end <= rank else ()


def crop(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The first bottom, with the second one's sizes from ``axis`` on; offsets do not change the shape."""
    if len(bottoms) != 2 or bottoms[0] is None:
        return ()
    source, like = bottoms[0], bottoms[1] or ()
    axis = canonical(param(layer, "crop_param").integer("axis"), len(source))
    if axis is None:
        return ()
    return ((*source[:axis], *(like[i] if i < len(like) else None for i in range(axis, len(source)))),)


def reduction(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The axes before ``axis`` stay."""
    bottom, axis = bottoms[0], param(layer, "reduction_param").integer("axis")
    if bottom is None:
        return (unknown(axis),)
    start = canonical(axis, len(bottom))
    return () if start is None else (bottom[:start],)


def argmax(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """``top_k`` along the axis; without an axis (N, 1, top_k, 1...) or (N, 2, top_k, 1...) of at least three axes."""
    bottom, message = bottoms[0], param(layer, "argmax_param")
    if not bottom:
        return ()
    top_k = size(message.integer("top_k"))
    if not message.has("axis"):
        pair = 2 if message.flag("out_max_val") else 1
        return ((bottom[0], pair, top_k, *(1,) * (len(bottom) - 3)),)
    axis = canonical(message.integer("axis"), len(bottom))
    return () if axis is None else ((*bottom[:axis], top_k, *bottom[axis + 1 :]),)


def tile(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The axis is ``tiles`` times as long."""
    bottom, message = bottoms[0], param(layer, "tile_param")
    axis = None if bottom is None else canonical(message.integer("axis"), len(bottom))
    if bottom is None or axis is None:
        return ()
    return ((*bottom[:axis], product((bottom[axis], message.integer("tiles"))), *bottom[axis + 1 :]),)


def batch_reindex(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """As many items of the first bottom as the second one, (M), lists."""
    if len(bottoms) != 2 or not bottoms[0]:
        return ()
    return (((bottoms[1] or (None,))[0], *bottoms[0][1:]),)


def filter_items(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """Every bottom but the last, which selects: how many items pass depends on its values."""
    return [(None, *shape[1:]) if shape else None for shape in bottoms[:-1]]


def permute(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The axes in the given ``order``, then the others as they were."""
    bottom, order = bottoms[0], param(layer, "permute_param").integers("order")
    if bottom is None or len(set(order)) != len(order) or any(axis >= len(bottom) for axis in order):
        return ()
    rest = (axis for axis in range(len(bottom)) if axis not in order)
    return (tuple(bottom[axis] for axis in (*order, *rest)),)
