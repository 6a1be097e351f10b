"""The sizes of a layer's weights by role, as far as its message and the shapes of its bottoms give them.

Source: the LayerSetUp functions of BVLC Caffe (src/caffe/layers). The sizes serve reported numbers and the checks that
Caffe makes of them; what an initializer means never depends on them.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from initport.formats.caffe.shapes import Shape
from initport.formats.caffe.shapes.params import fork_size
from initport.formats.caffe.tree import Message
from initport.ir.scalar import Scalar
from initport.ir.weights import SPATIAL, Kind, Layout
from initport.records import NamedTuple

_KERNEL = Scalar.of(SPATIAL)


class Sizes(NamedTuple):
    """``dims`` are the known sizes by role, ``kernel`` the kernel's sizes, ``scaled`` the axes of the bottom that a
    Scale or Bias covers, or a Parameter's shape; None where unknown."""

    dims: Mapping[str, int] = MappingProxyType({})
    kernel: tuple[int, ...] | None = None
    scaled: Shape = None

    def shape(self, layout: Layout) -> Shape:
        """The weight's shape; None where not even its rank is known."""
        result: list[int | None] = []
        for axis in layout.axes:
            if axis.many:
                run = self.kernel if axis.size == _KERNEL else self.scaled[2:] if self.scaled is not None else None
                if run is None:
                    return None
                result += run
            else:
                size = axis.size.evaluate(self.dims)
                result.append(None if size is None else round(size))
        return tuple(result)


def sizes(kind: Kind, message: Message, bottoms: tuple[Shape, ...]) -> Sizes:
    """The sizes of a layer of a kind with that parameter message and bottoms of those shapes."""
    rule = _RULES.get(kind)
    return Sizes() if rule is None else rule(message, bottoms[0] if bottoms else None, bottoms)


def _known_sizes(**dims: int | None) -> dict[str, int]:
    return {name.rstrip("_"): size for name, size in dims.items() if size is not None and size > 0}


def _at(shape: Shape, axis: int) -> int | None:
    if shape is None or not -len(shape) <= axis < len(shape):
        return None
    return shape[axis]


def _product(shape: Iterable[int | None]) -> int | None:
    known = list(shape)
    return None if None in known else math.prod(size for size in known if size is not None)


def kernel_sizes(message: Message, bottom: Shape) -> tuple[int, ...] | None:
    """A convolution's kernel sizes; None where the number of spatial axes is unknown or the message gives none."""
    if message.has("kernel_h") or message.has("kernel_w"):
        return message.integer("kernel_h"), message.integer("kernel_w")
    given = message.integers("kernel_size")
    if len(given) > 1:
        return given
    spatial = spatial_axes(message, bottom)
    return given * spatial if given and spatial is not None else () if spatial == 0 else None


def spatial_axes(message: Message, bottom: Shape) -> int | None:
    """How many axes of the bottom a convolution runs over: those after its channel axis."""
    if bottom is None:
        return None
    axis = message.integer("axis")
    return len(bottom) - (axis if axis >= 0 else axis + len(bottom)) - 1


def _convolution(message: Message, bottom: Shape, _: tuple[Shape, ...]) -> Sizes:
    kernel = kernel_sizes(message, bottom)
    channels = _at(bottom, message.integer("axis"))
    given = message.integers("kernel_size")
    every = given[0] if kernel is None and len(given) == 1 else None
    dims = _known_sizes(
        in_=channels,
        out=message.integer("num_output"),
        groups=message.integer("group"),
        kernel=None if kernel is None else math.prod(kernel),
        width=kernel[-1] if kernel else every,
        height=kernel[-2] if kernel is not None and len(kernel) > 1 else every,
        rank=None if kernel is None else 2 + len(kernel),
    )
    return Sizes(dims, kernel)


def _depthwise(message: Message, bottom: Shape, bottoms: tuple[Shape, ...]) -> Sizes:
    plain = _convolution(message, bottom, bottoms)
    dims = dict(plain.dims)
    out, channels = dims.pop("out", None), dims.get("in")
    dims.pop("groups", None)
    if out is not None and channels is not None and out % channels == 0:
        dims["mult"] = out // channels
    return Sizes(dims, plain.kernel)


def _local(message: Message, bottom: Shape, _: tuple[Shape, ...]) -> Sizes:
    """Of the layer `Local` of forks, whose message is outside the schema."""
    out, kernel, stride, pad = (fork_size(message, name) for name in ("num_output", "kernel_size", "stride", "pad"))
    channels, *spatial = bottom[1:] if bottom is not None and len(bottom) == 4 else (None, None, None)
    places = None if kernel is None else [_places(size, kernel, stride or 1, pad or 0) for size in spatial]
    return Sizes(
        _known_sizes(
            in_=channels,
            out=out,
            kernel=None if kernel is None else kernel * kernel,
            positions=None if places is None else _product(places),
            rank=4,
        )
    )


def _places(size: int | None, kernel: int, stride: int, pad: int) -> int | None:
    return None if size is None else (size + 2 * pad - kernel) // stride + 1


def _inner_product(message: Message, bottom: Shape, _: tuple[Shape, ...]) -> Sizes:
    axis = message.integer("axis")
    inside = bottom is not None and -len(bottom) <= axis < len(bottom)
    features = _product(bottom[axis:]) if bottom is not None and inside else None
    return Sizes(_known_sizes(in_=features, out=message.integer("num_output"), rank=2))


def _embed(message: Message, _: Shape, __: tuple[Shape, ...]) -> Sizes:
    return Sizes(_known_sizes(vocabulary=message.integer("input_dim"), out=message.integer("num_output"), rank=2))


def static_bottom(message: Message, kind: Kind, bottoms: int) -> int | None:
    """The index of a recurrent layer's static input, which follows x and cont but is not a hidden state."""
    hidden = (2 if kind is Kind.LSTM else 1) if message.flag("expose_hidden") else 0
    return 2 if bottoms - hidden > 2 else None


def _recurrent(kind: Kind) -> "Rule":
    def rule(message: Message, bottom: Shape, bottoms: tuple[Shape, ...]) -> Sizes:
        static = static_bottom(message, kind, len(bottoms))
        beside = bottoms[static] if static is not None else None
        return Sizes(
            _known_sizes(
                in_=None if bottom is None else _product(bottom[2:]),
                units=message.integer("num_output"),
                static=None if beside is None else _product(beside[1:]),
                rank=2,
            )
        )

    return rule


def _scale(message: Message, bottom: Shape, _: tuple[Shape, ...]) -> Sizes:
    count = message.integer("num_axes")
    if bottom is None:
        return Sizes(scaled=(None,) * count if 0 <= count <= 2 else None)
    axis = message.integer("axis")
    start = axis if axis >= 0 else axis + len(bottom)
    part = bottom[start:] if count < 0 else bottom[start : start + count]
    return _of_shape(part if count < 0 or len(part) == count else None)


def _of_shape(shape: Shape) -> Sizes:
    if shape is None:
        return Sizes()
    dims = _known_sizes(
        length=_at(shape, 0) if len(shape) == 1 else None,
        first=_at(shape, 0),
        second=_at(shape, 1),
        rest=_product(shape[2:]),
        width=_at(shape, -1),
        height=_at(shape, -2),
    )
    return Sizes(dims | {"rank": len(shape)}, scaled=shape)


def _channels(_: Message, bottom: Shape, __: tuple[Shape, ...]) -> Sizes:
    return Sizes(_known_sizes(length=_at(bottom, 1)))


def _parameter(message: Message, _: Shape, __: tuple[Shape, ...]) -> Sizes:
    shape = message.message("shape")
    return _of_shape(shape.integers("dim") if shape is not None else ())


Rule = Callable[[Message, Shape, tuple[Shape, ...]], Sizes]

_RULES: Mapping[Kind, Rule] = {
    Kind.CONV: _convolution,
    Kind.CONV_TRANSPOSE: _convolution,
    Kind.DEPTHWISE_CONV: _depthwise,
    Kind.LOCALLY_CONNECTED: _local,
    Kind.DENSE: _inner_product,
    Kind.EMBEDDING: _embed,
    Kind.LSTM: _recurrent(Kind.LSTM),
    Kind.RNN: _recurrent(Kind.RNN),
    Kind.SCALE: _scale,
    Kind.BIAS: _scale,
    Kind.PRELU: _channels,
    Kind.BATCH_NORM: _channels,
    Kind.PARAMETER: _parameter,
}
