"""The sizes of a layer's weights by role, as far as its config and the shape of its input give them.

Source: the `build` methods of Keras's layers. The sizes serve reported numbers, and targets whose code cannot name a
size; what an initializer means never depends on them.
"""

import math
from collections.abc import Callable, Mapping

from initport.formats.keras.node import Node, WrongValueError
from initport.ir.weights import Kind, Layout

Shape = tuple[int | None, ...] | None

RANK_LIMIT = 64
"""No tensor of any framework has more axes."""


def sizes(kind: Kind, type_: str, config: Node, shape: Shape) -> dict[str, int]:
    """The known sizes by role; ``shape`` is the input's, with its batch axis. Raises WrongValueError."""
    rule = _RULES.get(kind)
    found = {"low": config["lora_rank"].size()} | ({} if rule is None else dict(rule(type_, config, shape)))
    return {name.rstrip("_"): size for name, size in found.items() if size is not None}


def shape_of(layout: Layout | None, known: Mapping[str, int]) -> Shape:
    """The shape of a weight; None where its rank is unknown."""
    if layout is None or layout.rank is None:
        return None
    found = [axis.size.evaluate(known) for axis in layout.axes]
    return tuple(None if size is None else round(size) for size in found)


def channels_axis(config: Node) -> int:
    """The axis of the channels: -1, or 1 where the config says that they come first."""
    first = config["data_format"].text() == "channels_first" or config["dim_ordering"].text() == "th"
    return 1 if first else -1


def at(shape: Shape, axis: int) -> int | None:
    return shape[axis] if shape is not None and -len(shape) <= axis < len(shape) else None


def first_size(config: Node, *names: str) -> int | None:
    """The first of these settings that the config has: each version has its own name for it."""
    return next((config[name].size() for name in names if config[name].value is not None), None)


def rank_of(type_: str) -> int | None:
    """The spatial axes of a layer class, by its name: 2 of ``Conv2DTranspose``."""
    return next((int(digit) for digit in "123" if f"{digit}D" in type_), None)


def kernel_sizes(type_: str, config: Node) -> tuple[int, ...] | None:
    rank = rank_of(type_) or config["rank"].size()
    if rank not in (1, 2, 3):
        return None
    if config["kernel_size"].value is not None:
        return config["kernel_size"].sizes(rank)
    names = (("filter_length",), ("nb_row", "nb_col"), ("kernel_dim1", "kernel_dim2", "kernel_dim3"))[rank - 1]
    found = [config[name].size() for name in names]
    return tuple(size for size in found if size is not None) if None not in found else None


def _kernel(type_: str, config: Node) -> dict[str, int | None]:
    kernel = kernel_sizes(type_, config)
    if kernel is None:
        return {}
    outer = dict(zip(("depth", "height"), kernel, strict=False)) if len(kernel) == 3 else {"height": kernel[0]}
    return {"kernel": math.prod(kernel), **(outer if len(kernel) > 1 else {})}


def _convolution(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    return _kernel(type_, config) | {
        "in": at(shape, channels_axis(config)),
        "out": first_size(config, "filters", "nb_filter"),
        "groups": config["groups"].size() or 1,
    }


def _depthwise(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    return _convolution(type_, config, shape) | {"mult": config["depth_multiplier"].size() or 1}


def _local(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    kernel, known = kernel_sizes(type_, config), _convolution(type_, config, shape)
    if kernel is None or shape is None or len(shape) != len(kernel) + 2:
        return known
    steps = config["strides"].sizes(len(kernel)) or (1,) * len(kernel)
    spatial = shape[1:-1] if channels_axis(config) == -1 else shape[2:]
    found = [None if n is None else (n - k) // s + 1 for n, k, s in zip(spatial, kernel, steps, strict=True)]
    positions = math.prod(size for size in found if size is not None) if None not in found else None
    rows = dict(zip(("first", "second"), found, strict=True)) if len(found) == 2 else {}
    return known | {"positions": positions} | rows


def _dense(_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    return {"in": at(shape, -1) or config["input_dim"].size(), "out": first_size(config, "units", "output_dim")}


def _maxout(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    return _dense(type_, config, shape) | {"pieces": config["nb_feature"].size()}


def _embedding(_: str, config: Node, __: Shape) -> dict[str, int | None]:
    return {"vocabulary": config["input_dim"].size(), "out": config["output_dim"].size()}


def _recurrent(_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    sizes_ = {"in": at(shape, -1) or config["input_dim"].size()}
    return sizes_ | {"units": first_size(config, "units", "output_dim")}


def _conv_recurrent(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    axis = 2 if channels_axis(config) == 1 else -1
    return _kernel(type_, config) | {"in": at(shape, axis), "units": first_size(config, "filters", "nb_filter")}


def _attention(_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    shape = config["query_shape"].shape() or shape
    query, head = at(shape, -1), config["key_dim"].size()
    value = at(config["value_shape"].shape() or shape, -1)
    output = config["output_shape"]
    out = output.size() if isinstance(output.value, int) else at(output.shape(), -1) if output.value else query
    return {
        "in": query,
        "key_in": at(config["key_shape"].shape() or config["value_shape"].shape() or shape, -1),
        "value_in": value,
        "heads": config["num_heads"].size(),
        "head": head,
        "value_head": config["value_dim"].size() or head,
        "out": out,
    }


def _separate_attention(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    if config["num_query_heads"].value is None:
        sizes_ = _attention(type_, config, shape)
        return sizes_ | {"kv_heads": sizes_["heads"]}
    query = at(config["query_shape"].shape() or shape, -1)
    value = at(config["value_shape"].shape() or shape, -1)
    head = config["head_dim"].size()
    return {
        "in": query,
        "key_in": at(config["key_shape"].shape(), -1) or value,
        "value_in": value,
        "heads": config["num_query_heads"].size(),
        "kv_heads": config["num_key_value_heads"].size(),
        "head": head,
        "value_head": head,
        "out": query,
    }


def axes_of(config: Node) -> tuple[int, ...]:
    """The axes that a normalization keeps apart; a list is short for the one that it holds."""
    axis = config["axis"].value
    found = axis if isinstance(axis, list | tuple) else [-1 if axis is None else axis]
    if not 0 < len(found) <= RANK_LIMIT or not all(type(item) is int for item in found):
        raise WrongValueError(config["axis"], "axis numbers are expected")
    return tuple(found)


def _normalization(_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    axes = axes_of(config)
    if len(axes) == 1:
        return {"length": at(shape, axes[0])}
    found = [at(shape, axis) for axis in axes]
    rest = math.prod(size for size in found[2:] if size is not None) if None not in found[2:] else None
    return {"first": found[0], "second": found[1], "rest": rest}


def _layer_scale(type_: str, config: Node, shape: Shape) -> dict[str, int | None]:
    given = config["projection_dim"].size()
    return {"length": given} if given is not None else _normalization(type_, config, shape)


def _channels(_: str, __: Node, shape: Shape) -> dict[str, int | None]:
    """The sizes of the input's axes, its batch apart."""
    outer = enumerate(shape[1:-1]) if shape is not None else ()
    return {"length": at(shape, -1), **{f"axis{index}": size for index, size in outer}}


def _spectral_norm(_: str, config: Node, __: Shape) -> dict[str, int | None]:
    """The vector is as long as the last axis of the kernel, which most layers call so."""
    return {"length": first_size(config["layer"]["config"], "units", "filters", "output_dim")}


Rule = Callable[[str, Node, Shape], Mapping[str, int | None]]

_RULES: Mapping[Kind, Rule] = {
    Kind.CONV: _convolution,
    Kind.CONV_TRANSPOSE: _convolution,
    Kind.DEPTHWISE_CONV: _depthwise,
    Kind.SEPARABLE_CONV: _depthwise,
    Kind.LOCALLY_CONNECTED: _local,
    Kind.CONV_LSTM: _conv_recurrent,
    Kind.DENSE: _dense,
    Kind.HIGHWAY: _dense,
    Kind.MAXOUT: _maxout,
    Kind.ATTENTION: _attention,
    Kind.SEPARATE_ATTENTION: _separate_attention,
    Kind.SCALED_ATTENTION: _channels,
    Kind.EMBEDDING: _embedding,
    Kind.REVERSIBLE_EMBEDDING: _embedding,
    Kind.LSTM: _recurrent,
    Kind.CUDNN_LSTM: _recurrent,
    Kind.GRU: _recurrent,
    Kind.GRU_RESET_BEFORE: _recurrent,
    Kind.SIMPLE_RNN: _recurrent,
    Kind.NORMALIZATION: _normalization,
    Kind.RENORMALIZATION: _normalization,
    Kind.RMS_NORM: _normalization,
    Kind.LAYER_SCALE: _layer_scale,
    Kind.PRELU: _channels,
    Kind.SRELU: _channels,
    Kind.PARAMETRIC_SOFTPLUS: _channels,
    Kind.SPECTRAL_NORM: _spectral_norm,
}
