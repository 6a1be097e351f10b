"""Layers that slide a window: convolutions, pooling and their relatives.

Authority: BVLC/caffe src/caffe/layers/{base_conv,conv,deconv,im2col,pooling,spp}_layer.cpp.
"""

from collections.abc import Callable

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes.dims import MAX_AXES, Dim, Shape, canonical, product, size, unknown
from initport.formats.caffe.shapes.params import foreign, fork_text, param
from initport.formats.caffe.tree import Message

Resize = Callable[[int, int, int, int, int], int]
"""(input, kernel, stride, pad, dilation) -> output, along one axis; the kernel and the stride are positive."""


def _per_axis(message: Message, name: str, axes: int, default: tuple[int, ...]) -> tuple[int, ...] | None:
    """A setting given once, once per spatial axis, or as ``_h`` and ``_w``; ``None`` if it is given in no such way."""
    height, width = ("kernel_h", "kernel_w") if name == "kernel_size" else (f"{name}_h", f"{name}_w")
    given = message.integers(name)
    if message.has(height) or message.has(width):
        return (message.integer(height), message.integer(width)) if axes == 2 and not given else None
    given = given or default
    if len(given) == 1:
        return given * axes
    return given if len(given) == axes else None


def _convolve(message: Message, spatial: tuple[Dim, ...], resize: Resize) -> tuple[Dim, ...]:
    """The spatial sizes after the layer."""
    axes = len(spatial)
    kernel = _per_axis(message, "kernel_size", axes, ())
    stride = _per_axis(message, "stride", axes, (1,))
    pad = _per_axis(message, "pad", axes, (0,))
    dilation = message.integers("dilation") or (1,)
    if kernel is None or stride is None or pad is None or len(dilation) not in (1, axes):
        return (None,) * axes
    if 0 in kernel or 0 in stride or foreign(message):
        return (None,) * axes
    if len(dilation) != axes:
        dilation = dilation * axes
    rows = zip(spatial, kernel, stride, pad, dilation, strict=True)
    return tuple(None if row[0] is None else size(resize(row[0], *row[1:])) for row in rows)


def _shrink(length: int, kernel: int, stride: int, pad: int, dilation: int) -> int:
    over = length + 2 * pad - (dilation * (kernel - 1) + 1)
    # C++ divides towards zero, so a window that overhangs by less than a stride still fits once.
    return (over // stride if over >= 0 else -(-over // stride)) + 1


def _grow(length: int, kernel: int, stride: int, pad: int, dilation: int) -> int:
    return stride * (length - 1) + dilation * (kernel - 1) + 1 - 2 * pad


def _convolution(layer: NetLayer, bottoms: tuple[Shape, ...], resize: Resize) -> tuple[Shape, ...]:
    bottom = bottoms[0]
    message = param(layer, "convolution_param")
    channel_axis = None if bottom is None else canonical(message.integer("axis"), len(bottom))
    if bottom is None or channel_axis is None:
        return ()
    spatial = _convolve(message, bottom[channel_axis + 1 :], resize)
    top = (*bottom[:channel_axis], size(message.integer("num_output")), *spatial)
    return (top,) * len(layer.tops)


def convolution(layer: NetLayer, bottoms: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """(..., C, spatial...) -> (..., num_output, smaller spatial...), the same for every pair of bottom and top."""
    return _convolution(layer, bottoms, _shrink)


def deconvolution(layer: NetLayer, bottoms: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """(..., C, spatial...) -> (..., num_output, larger spatial...)."""
    return _convolution(layer, bottoms, _grow)


def im2col(layer: NetLayer, bottoms: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """(..., C, spatial...) -> (..., C * kernel, as a convolution's spatial...)."""
    bottom = bottoms[0]
    message = param(layer, "convolution_param")
    channel_axis = None if bottom is None else canonical(message.integer("axis"), len(bottom))
    if bottom is None or channel_axis is None:
        return ()
    inner = bottom[channel_axis + 1 :]
    kernel = _per_axis(message, "kernel_size", len(inner), ())
    channels = None if kernel is None else product((bottom[channel_axis], *kernel))
    return ((*bottom[:channel_axis], channels, *_convolve(message, inner, _shrink)),)


def convolution_rank(layer: NetLayer) -> int | None:
    """How many axes the layer's bottom must have, where the parameters say it."""
    message = param(layer, "convolution_param")
    axis = message.integer("axis")
    if axis < 0:
        return None
    if message.has("kernel_h") or message.has("kernel_w"):
        return axis + 3
    most = max(len(message.integers(name)) for name in ("kernel_size", "stride", "pad", "dilation"))
    return axis + 1 + most if 1 < most <= MAX_AXES else None


def pool_length(length: int, kernel: int, stride: int, pad: int, padded: bool, ceil: bool) -> Dim:
    """The number of windows along one axis; ``padded``: whether *any* axis of the layer has padding."""
    over = length + 2 * pad - kernel
    count = (-(-over // stride) if ceil else over // stride) + 1
    if padded:
        if (count - 1) * stride >= length + pad:
            count -= 1
        if (count - 1) * stride >= length + pad:
            return None
    return size(count)


def _pair(message: Message, name: str) -> tuple[int, int]:
    """A pooling setting for height and width: ``_h`` counts if given, otherwise the one number for both."""
    if message.has(f"{name}_h"):
        return message.integer(f"{name}_h"), message.integer(f"{name}_w")
    both = message.integer(name)
    return both, both


def _pool_kernel(message: Message) -> tuple[int, int]:
    if message.has("kernel_size"):
        both = message.integer("kernel_size")
        return both, both
    return message.integer("kernel_h"), message.integer("kernel_w")


def _roundings(message: Message) -> set[bool]:
    """The roundings that are possible, True being Caffe's CEIL; a fork's ``ceil_mode`` says so too."""
    if any(entry.name == "ceil_mode" for entry in message.unknown):
        text = (fork_text(message, "ceil_mode") or "").lower()
        return {True} if text in ("true", "t", "1") else {False} if text in ("false", "f", "0") else {True, False}
    mode = message.enum("round_mode")
    return {mode == "CEIL"} if mode in ("CEIL", "FLOOR") else {True, False}


def _pool_axes(message: Message, spatial: tuple[Dim, ...]) -> tuple[Dim, ...]:
    kernel, stride, pad = _pool_kernel(message), _pair(message, "stride"), _pair(message, "pad")
    padded = any(pad)
    invalid = 0 in kernel or 0 in stride or (padded and any(p >= k for p, k in zip(pad, kernel, strict=True)))
    if invalid or foreign(message):
        return (None, None)
    sizes: list[Dim] = []
    for length, k, s, p in zip(spatial, kernel, stride, pad, strict=True):
        found = {None if length is None else pool_length(length, k, s, p, padded, ceil) for ceil in _roundings(message)}
        sizes.append(found.pop() if len(found) == 1 else None)
    return tuple(sizes)


def pooling(layer: NetLayer, bottoms: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """(N, C, H, W) -> (N, C, windows, windows); a second top (the mask) has the same shape."""
    bottom = unknown(4) if bottoms[0] is None else bottoms[0]
    if bottom is None or len(bottom) != 4:
        return ()
    message = param(layer, "pooling_param")
    spatial = (1, 1) if message.flag("global_pooling") else _pool_axes(message, bottom[2:])
    return ((*bottom[:2], *spatial),) * len(layer.tops)


def _pyramid_bins(length: Dim, level: int) -> Dim:
    """How many windows SPP's pooling of one level has along one axis: 2**level where Caffe accepts the level."""
    if length is None:
        return None
    bins = 2**level
    kernel = -(-length // bins)
    pad = (kernel * bins - length + 1) // 2
    return None if pad >= kernel else pool_length(length, kernel, kernel, pad, pad > 0, ceil=True)


def _pyramid(spatial: tuple[Dim, ...], height: int) -> Dim:
    """How many windows all levels together have."""
    total = 0
    for level in range(min(height, MAX_AXES)):
        bins = product(_pyramid_bins(length, level) for length in spatial)
        if bins is None:
            return None
        total += bins
    return size(total)


def spp(layer: NetLayer, bottoms: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """(N, C, H, W) -> (N, C * windows of all levels); with one level it stays a pooling, (N, C, 1, 1)."""
    bottom = unknown(4) if bottoms[0] is None else bottoms[0]
    height = param(layer, "spp_param").integer("pyramid_height")
    if bottom is None or len(bottom) != 4 or height < 1:
        return ()
    if height == 1:
        return ((*bottom[:2], 1, 1),)
    return ((bottom[0], product((bottom[1], _pyramid(bottom[2:], height)))),)
