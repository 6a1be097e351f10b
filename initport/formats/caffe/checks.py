"""Layers that Caffe refuses to set up, as far as their weights are concerned.

Source: the CHECKs of BaseConvolutionLayer, InnerProductLayer, EmbedLayer, RecurrentLayer, PReLULayer, BatchNormLayer
and of Net and Blob, each seen to fail on a build of BVLC Caffe.
"""

import math
from collections.abc import Callable, Iterator, Mapping

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes import Shape
from initport.formats.caffe.sizes import spatial_axes
from initport.formats.caffe.tree import Message
from initport.ir.location import Location
from initport.ir.weights import Kind

Problem = tuple[Location, str]


def problem(kind: Kind, layer: NetLayer, message: Message, bottoms: tuple[Shape, ...]) -> Problem | None:
    """The first reason for which Caffe rejects the layer, and where it stands; None if none is seen."""
    rule = _RULES.get(kind)
    first = bottoms[0] if bottoms else None
    return next(rule(layer, message, first), None) if rule is not None else None


def _outputs(_: NetLayer, message: Message, __: Shape) -> Iterator[Problem]:
    if message.integer("num_output") <= 0:
        yield message.place("num_output"), "`num_output` must be given and above 0"


def _convolution(layer: NetLayer, message: Message, bottom: Shape) -> Iterator[Problem]:
    yield from _outputs(layer, message, bottom)
    yield from _kernel(message, bottom)
    group, out = message.integer("group"), message.integer("num_output")
    if group <= 0:
        yield message.place("group"), "`group` must be above 0"
    elif out % group:
        yield message.place("group"), f"num_output {out} is not a multiple of group {group}"
    else:
        axis = message.integer("axis")
        inside = bottom is not None and -len(bottom) <= axis < len(bottom)
        channels = bottom[axis] if bottom is not None and inside else None
        if channels is not None and channels % group:
            yield message.place("group"), f"the {channels} input channels are not a multiple of group {group}"


def _kernel(message: Message, bottom: Shape) -> Iterator[Problem]:
    given, spatial = message.integers("kernel_size"), spatial_axes(message, bottom)
    height, width = message.integer("kernel_h"), message.integer("kernel_w")
    if message.has("kernel_h") or message.has("kernel_w"):
        if given:
            yield message.place("kernel_size"), "`kernel_size` and `kernel_h`/`kernel_w` exclude each other"
        elif height <= 0 or width <= 0:
            yield (
                message.place("kernel_h" if message.has("kernel_h") else "kernel_w"),
                ("`kernel_h` and `kernel_w` must both be given and above 0"),
            )
    elif any(size <= 0 for size in given):
        yield message.place("kernel_size"), "`kernel_size` must be above 0"
    elif not given and spatial != 0:
        yield message.location, "a kernel size is missing"
    elif spatial is not None and len(given) not in (0, 1, spatial):
        yield message.place("kernel_size"), f"`kernel_size` is given {len(given)} times for {spatial} spatial axes"


def _inner_product(layer: NetLayer, message: Message, bottom: Shape) -> Iterator[Problem]:
    if len(layer.bottoms) < 2:
        yield from _outputs(layer, message, bottom)


def _embed(layer: NetLayer, message: Message, bottom: Shape) -> Iterator[Problem]:
    yield from _outputs(layer, message, bottom)
    if message.integer("input_dim") <= 0:
        yield message.place("input_dim"), "`input_dim` must be given and above 0"


def _channel_axis(layer: NetLayer, _: Message, bottom: Shape) -> Iterator[Problem]:
    if bottom is not None and len(bottom) < 2:
        yield layer.location, f"{layer.type} needs a bottom of at least 2 axes, and this one has {len(bottom)}"


def _batch_norm(layer: NetLayer, message: Message, bottom: Shape) -> Iterator[Problem]:
    yield from _channel_axis(layer, message, bottom)
    if layer.type == "BatchNorm" and len(layer.params) != 3:  # with three, Caffe's upgrade sets them to 0 itself
        for param in layer.params[:3]:
            if param.lr_mult != 0:
                yield param.location, "the statistics of a BatchNorm cannot have an lr_mult other than 0"


Rule = Callable[[NetLayer, Message, Shape], Iterator[Problem]]

_RULES: Mapping[Kind, Rule] = {
    Kind.CONV: _convolution,
    Kind.DEPTHWISE_CONV: _convolution,
    Kind.CONV_TRANSPOSE: _convolution,
    Kind.DENSE: _inner_product,
    Kind.EMBEDDING: _embed,
    Kind.LSTM: _outputs,
    Kind.RNN: _outputs,
    Kind.PRELU: _channel_axis,
    Kind.BATCH_NORM: _batch_norm,
}


def unshareable(own: Shape, owner: Shape, permissive: bool) -> bool:
    """Whether two shapes cannot share memory: Caffe wants them equal, or of one count where sharing is permissive."""
    if own is None or owner is None or None in own or None in owner:
        return False
    if permissive:
        return math.prod(size or 0 for size in own) != math.prod(size or 0 for size in owner)
    return own != owner
