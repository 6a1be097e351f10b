"""What shape a layer makes of its inputs' shapes, by its class; None where that is not known.

Source: compute_output_shape of Keras 1, 2 and 3, whose names differ for one setting (`border_mode`, `padding`).
"""

import math
from collections.abc import Sequence

from initport.formats.keras.layer_sizes import Shape, at, channels_axis, first_size, kernel_sizes, rank_of
from initport.formats.keras.node import Node
from initport.regex import Pattern

_SAME = frozenset({
    "Activation", "ActivityRegularization", "AlphaDropout", "BatchNormalization", "Dropout", "ELU", "GaussianDropout",
    "GaussianNoise", "GroupNormalization", "LayerNormalization", "LayerScale", "LeakyReLU", "Masking", "Normalization",
    "PReLU", "ReLU", "Rescaling", "RMSNormalization", "Softmax", "SpatialDropout1D", "SpatialDropout2D",
    "StochasticDepth", "ThresholdedReLU", "Highway", "LRN2D", "MultiHeadAttention",
})  # fmt: skip
_JOIN = frozenset({"Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract"})
_CONV = Pattern(r"(?:Atrous|Depthwise|Separable)?Conv(?:olution)?[123]D")
_POOL = Pattern(r"(?:Max|Average|Avg)Pool(?:ing)?[123]D")


def output_shape(kind: str, config: Node, shapes: Sequence[Shape]) -> Shape:
    """Raises WrongValueError for settings that the layer rejects."""
    shape = shapes[0]
    if kind == "Embedding" and shape is not None:
        return (*shape, config["output_dim"].size())
    if kind in _SAME or shape is None:
        return shape
    if kind in _JOIN:
        return _broadcast(shapes)
    if kind in ("Concatenate", "Merge"):
        return _concatenate(config, shapes)
    if kind in ("Dense", "TimeDistributedDense", "MaxoutDense"):
        return (*shape[:-1], first_size(config, "units", "output_dim"))
    if kind == "Flatten":
        return (shape[0], _product(shape[1:]))
    if kind == "Reshape":
        return _reshape(config["target_shape"], shape)
    if kind == "RepeatVector":
        return (shape[0], config["n"].size(), *shape[1:])
    if kind in ("LSTM", "GRU", "SimpleRNN"):
        units = first_size(config, "units", "output_dim")
        return (*shape[:-1], units) if config["return_sequences"].value is True else (shape[0], units)
    if kind.startswith("Global"):
        return (shape[0], at(shape, channels_axis(config)))
    return _spatial(kind, config, shape)


def _product(sizes: Sequence[int | None]) -> int | None:
    known = [size for size in sizes if size is not None]
    return math.prod(known) if len(known) == len(sizes) else None


def _broadcast(shapes: Sequence[Shape]) -> Shape:
    known = [shape for shape in shapes if shape is not None]
    widest = max(known, key=len)
    same = [shape for shape in known if len(shape) == len(widest)]
    return tuple(max((size or 0 for size in sizes), default=0) or None for sizes in zip(*same, strict=True))


def _concatenate(config: Node, shapes: Sequence[Shape]) -> Shape:
    axis = next((node.value for node in (config["axis"], config["concat_axis"]) if type(node.value) is int), -1)
    known = [shape for shape in shapes if shape is not None and -len(shape) <= axis < len(shape)]
    if len(known) < len(shapes) or len({len(shape) for shape in known}) != 1:
        return None
    if config["mode"].text() not in (None, "concat"):
        return known[0]
    sizes = [shape[axis] for shape in known]
    result = list(known[0])
    result[axis] = sum(size for size in sizes if size is not None) if None not in sizes else None
    return tuple(result)


def _reshape(target: Node, shape: tuple[int | None, ...]) -> Shape:
    value = target.value
    if not isinstance(value, list | tuple) or not all(type(size) is int for size in value):
        return None
    total, rest = _product(shape[1:]), math.prod(size for size in value if size > 0)
    return (shape[0], *(size if size > 0 else total and rest and total // rest for size in value))


def _spatial(kind: str, config: Node, shape: tuple[int | None, ...]) -> Shape:
    """Layers that act on the axes between batch and channels."""
    rank = rank_of(kind)
    if rank is None or len(shape) != rank + 2:
        return None
    last = channels_axis(config) == -1
    inside, channels = (shape[1:-1], shape[-1]) if last else (shape[2:], shape[1])
    if kind.startswith("ZeroPadding") or kind.startswith("Cropping"):
        sign = 1 if kind.startswith("Zero") else -1
        edges = _edges(config["padding" if sign > 0 else "cropping"], rank)
        found = [None if size is None else size + sign * edge for size, edge in zip(inside, edges, strict=True)]
    elif kind.startswith("UpSampling"):
        factors = config["size"].sizes(rank) or (2,) * rank
        found = [None if size is None else size * factor for size, factor in zip(inside, factors, strict=True)]
    elif _CONV.fullmatch(kind) or _POOL.fullmatch(kind):
        found = _windows(kind, config, rank, inside)
        channels = _channels(kind, config, channels)
    else:
        return None
    return (shape[0], *found, channels) if last else (shape[0], channels, *found)


def _channels(kind: str, config: Node, channels: int | None) -> int | None:
    if _POOL.fullmatch(kind):
        return channels
    if kind.startswith("Depthwise"):
        return None if channels is None else channels * (config["depth_multiplier"].size() or 1)
    return first_size(config, "filters", "nb_filter")


def _windows(kind: str, config: Node, rank: int, inside: Sequence[int | None]) -> list[int | None]:
    pool = _POOL.fullmatch(kind) is not None
    window = (_first(config, ("pool_size", "pool_length"), rank) or (2,) * rank) if pool else kernel_sizes(kind, config)
    if window is None:
        return [None] * rank
    names = ("strides", "subsample", "stride", "subsample_length")
    steps = _first(config, names, rank) or (window if pool else (1,) * rank)
    holes = _first(config, ("dilation_rate", "atrous_rate"), rank) or (1,) * rank
    same = (config["padding"].text() or config["border_mode"].text()) in ("same", "causal")
    result: list[int | None] = []
    for size, width, step, hole in zip(inside, window, steps, holes, strict=True):
        reach = 0 if same else (width - 1) * hole
        result.append(None if size is None or size <= reach else (size - reach - 1) // step + 1)
    return result


def _first(config: Node, names: Sequence[str], rank: int) -> tuple[int, ...] | None:
    return next((config[name].sizes(rank) for name in names if config[name].value is not None), None)


def _edges(node: Node, rank: int) -> list[int]:
    """What padding or cropping adds up to on each axis: one number, one an axis, or a pair an axis."""
    value = node.value if isinstance(node.value, list | tuple) else [node.value] * rank
    if rank == 1 and len(value) == 2:
        value = [value]
    pairs = [list(item) if isinstance(item, list | tuple) else [item, item] for item in value]
    good = len(pairs) == rank and all(type(edge) is int for pair in pairs for edge in pair)
    return [sum(pair) for pair in pairs] if good else [0] * rank
