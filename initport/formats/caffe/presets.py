"""Weights whose values a network description holds itself, in ``blobs``."""

import math
from fractions import Fraction

from initport.formats.caffe.shapes import Shape
from initport.formats.caffe.tree import Message

_OLD_AXES = ("num", "channels", "height", "width")


def preset(blob: Message, expected: Shape) -> tuple[tuple[Fraction, ...], str]:
    """The values of a BlobProto, and why Caffe rejects it ("" if it does not); ``expected`` is the weight's shape."""
    values = tuple(Fraction(value) for value in blob.numbers("data") or blob.numbers("double_data"))
    shape = blob.message("shape")
    old = tuple(blob.integer(axis) for axis in _OLD_AXES) if any(map(blob.has, _OLD_AXES)) else ()
    dims = shape.integers("dim") if shape is not None else old
    if math.prod(dims) != len(values):
        return values, f"`blobs` has the shape {dims} and {len(values)} values"
    if expected is not None and None not in expected and math.prod(map(int, expected)) != len(values):  # type: ignore[arg-type]
        return values, f"`blobs` has {len(values)} values for a weight of shape {expected}"
    return values, ""
