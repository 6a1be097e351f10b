"""Partially known blob shapes, and the few operations on them that every layer's rule is made of.

Authority: ``Blob`` in BVLC/caffe (include/caffe/blob.hpp, src/caffe/blob.cpp), which also sets the limits kept here:
at most 32 axes and fewer than 2**31 elements. A size that Caffe would not accept is treated as unknown.
"""

from collections.abc import Iterable, Sequence

Dim = int | None
"""One size; ``None``: not known."""

Shape = tuple[Dim, ...] | None
"""The sizes of a blob; ``None``: not even their number is known."""

MAX_AXES = 32
MAX_COUNT = 2**31 - 1


def size(value: Dim) -> Dim:
    """``value`` if a blob can have that size, otherwise unknown."""
    return value if value is not None and 0 < value <= MAX_COUNT else None


def sizes(values: Sequence[Dim]) -> Shape:
    return tuple(map(size, values)) if len(values) <= MAX_AXES else None


def unknown(rank: int) -> Shape:
    """A shape of which nothing but the number of axes is known."""
    return (None,) * rank if 0 <= rank <= MAX_AXES else None


def canonical(axis: int, rank: int) -> int | None:
    """``axis`` counted from the front; ``None`` if there is no such axis (``Blob::CanonicalAxisIndex``)."""
    if -rank <= axis < rank:
        return axis % rank
    return None


def product(dims: Iterable[Dim]) -> Dim:
    """The number of elements; of no axes at all it is 1."""
    count = 1
    for dim in dims:
        if dim is None:
            return None
        count *= dim
    return size(count)


def count_from(shape: Shape, axis: int) -> Dim:
    """The number of elements that one index into the axes before ``axis`` leaves: InnerProduct's K."""
    start = None if shape is None else canonical(axis, len(shape))
    return None if shape is None or start is None else product(shape[start:])


def same_dim(dims: Iterable[Dim]) -> Dim:
    """The one size that ``dims``, known to be equal, must have; unknown if none is known or they contradict."""
    known = {dim for dim in dims if dim is not None}
    return known.pop() if len(known) == 1 else None


def same_shape(shapes: Sequence[Shape]) -> Shape:
    """What is certain of ``shapes``, known to be equal: each contributes the sizes that it knows."""
    known = [shape for shape in shapes if shape is not None]
    if not known or any(len(shape) != len(known[0]) for shape in known):
        return None
    if all(shape == known[0] for shape in known):
        return known[0]
    return tuple(map(same_dim, zip(*known, strict=True)))
