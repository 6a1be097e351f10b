"""Which rule gives the shapes of a layer type's tops, and which types fix how many axes their bottoms have.

Authority: the ``Reshape`` of each layer in BVLC/caffe src/caffe/layers; for the layers of forks, the fork named.
A type that is not listed (Python, HDF5Data, a fork's) has tops of unknown shape.
"""

from collections.abc import Callable, Mapping, Sequence

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes import rearrange, windows
from initport.formats.caffe.shapes.dims import Shape, canonical, same_shape, size, unknown
from initport.formats.caffe.shapes.params import foreign, fork_sizes, param

Rule = Callable[[NetLayer, tuple[Shape, ...]], Sequence[Shape]]
"""(layer, its bottoms' shapes, at least one) -> the shapes of its tops, as many as are known."""


def same(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """Every top has the first bottom's shape."""
    return bottoms[:1] * len(layer.tops)


def inner_product(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """The axes before ``axis``, then (num_output)."""
    bottom, message = bottoms[0], param(layer, "inner_product_param")
    axis = message.integer("axis")
    if foreign(message):
        return ()
    if bottom is None:
        bottom = unknown(axis + 1)
    start = None if bottom is None else canonical(axis, len(bottom))
    if bottom is None or start is None:
        return ()
    return ((*bottom[:start], size(message.integer("num_output"))),)


def embed(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """All axes of the bottom, then (num_output)."""
    if bottoms[0] is None:
        return ()
    return ((*bottoms[0], size(param(layer, "embed_param").integer("num_output"))),)


def recurrent(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """x (T, N, ...) and cont (T, N) -> (T, N, num_output); the exposed states are (1, N, num_output)."""
    first_axes = [shape[:2] for shape in bottoms[:2] if shape is not None and len(shape) >= 2]
    steps, streams = same_shape(first_axes) or (None, None)
    num_output = size(param(layer, "recurrent_param").integer("num_output"))
    return ((steps, streams, num_output), *((1, streams, num_output),) * (len(layer.tops) - 1))


def loss(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """A scalar; the second top, where there is one, holds the probabilities."""
    return (), bottoms[0]


def accuracy(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """A scalar. (The second top, per-class accuracy, feeds no weights.)"""
    return ((),)


def keep_channels(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """(N, C, H, W) -> (N, C, ?, ?)."""
    bottom = bottoms[0]
    return () if bottom is None or len(bottom) != 4 else ((*bottom[:2], None, None),)


def roi_pooling(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """Features (N, C, H, W) and regions (R, 5) -> (R, C, pooled_h, pooled_w)."""
    features = bottoms[0] or unknown(4)
    if len(bottoms) != 2 or features is None or len(features) != 4:
        return ()
    pooled = fork_sizes(layer, "roi_pooling_param", "pooled_h", "pooled_w")
    return (((bottoms[1] or (None,))[0], features[1], *pooled),)


def psroi_pooling(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """Score maps and regions (R, 5) -> (R, output_dim, group_size, group_size)."""
    regions = bottoms[1] if len(bottoms) == 2 else None
    channels, side = fork_sizes(layer, "psroi_pooling_param", "output_dim", "group_size")
    return (((regions or (None,))[0], channels, side, side),)


def prior_box(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """(1, 2, 4 * priors)."""
    return ((1, 2, None),)


_SAME_IN_CAFFE = (
    "AbsVal BNLL BatchNorm Bias Clip Dropout ELU Exp LRN LSTMUnit Log MVN PReLU Power ReLU Scale Sigmoid Softmax Split "
    "Swish TanH Threshold"
)
_LOSSES = (
    "ContrastiveLoss EuclideanLoss HingeLoss InfogainLoss MultinomialLogisticLoss SigmoidCrossEntropyLoss "
    "SoftmaxWithLoss"
)
_FORKS: Mapping[str, Rule] = {
    "BN": same,  # SegNet (alexgkendall/caffe-segnet), yjxiong/caffe
    "ConvolutionDepthwise": windows.convolution,  # MobileNet's; reads convolution_param
    "DepthwiseConvolution": windows.convolution,
    "Interp": keep_channels,  # DeepLab, PSPNet
    "LRN_MAP": same,  # Caffe's own before its first release
    "Normalize": same,  # SSD (weiliu89/caffe)
    "PSROIPooling": psroi_pooling,  # R-FCN (daijifeng001/caffe-rfcn)
    "Permute": rearrange.permute,  # SSD
    "PriorBox": prior_box,  # SSD
    "ROIPooling": roi_pooling,  # Fast R-CNN (rbgirshick/caffe-fast-rcnn)
    "ROI_POOLING": roi_pooling,  # the same in format V1, whose enum Caffe does not know
    "ReLU6": same,
    "SeLu": same,  # soeaver/caffe-model
    "SeLuDropout": same,
    "ShuffleChannel": same,
    "Upsample": keep_channels,  # SegNet
}
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_SAME_IN_CAFFE.split(), same),
    **dict.fromkeys(_LOSSES.split(), loss),
    "Accuracy": accuracy,
    "ArgMax": rearrange.argmax,
    "BatchReindex": rearrange.batch_reindex,
    "Concat": rearrange.concat,
    "Convolution": windows.convolution,
    "Crop": rearrange.crop,
    "Deconvolution": windows.deconvolution,
    "Eltwise": rearrange.eltwise,
    "Embed": embed,
    "Filter": rearrange.filter_items,
    "Flatten": rearrange.flatten,
    "Im2col": windows.im2col,
    "InnerProduct": inner_product,
    "LSTM": recurrent,
    "Pooling": windows.pooling,
    "RNN": recurrent,
    "Reduction": rearrange.reduction,
    "Reshape": rearrange.reshape,
    "SPP": windows.spp,
    "Slice": rearrange.slice_blob,
    "Tile": rearrange.tile,
    **_FORKS,
}
CONVOLUTIONS = frozenset(name for name, rule in RULES.items() if rule in (windows.convolution, windows.deconvolution))
SAME_RANK = CONVOLUTIONS | {name for name, rule in RULES.items() if rule in (same, rearrange.eltwise)} | {
    "Concat", "Im2col", "Permute", "Slice", "Tile",
}  # fmt: skip
FOUR_AXES = frozenset(["Interp", "LRN", "PSROIPooling", "Pooling", "ROIPooling", "ROI_POOLING", "SPP", "Upsample"])
