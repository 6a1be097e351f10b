"""Layers of the format V0, `layers { layer { type: "conv" ... } }`, in V2's terms.

Authority: BVLC/caffe, src/caffe/util/upgrade_proto.cpp (UpgradeV0PaddingLayers, UpgradeV0LayerParameter).
"""

from collections.abc import Iterator

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.tree import Message, Unknown, Value
from initport.formats.caffe.upgrade import v1_layer
from initport.ir.location import Location

_TYPES = {
    "accuracy": "ACCURACY",
    "bnll": "BNLL",
    "concat": "CONCAT",
    "conv": "CONVOLUTION",
    "data": "DATA",
    "dropout": "DROPOUT",
    "euclidean_loss": "EUCLIDEAN_LOSS",
    "flatten": "FLATTEN",
    "hdf5_data": "HDF5_DATA",
    "hdf5_output": "HDF5_OUTPUT",
    "im2col": "IM2COL",
    "images": "IMAGE_DATA",
    "infogain_loss": "INFOGAIN_LOSS",
    "innerproduct": "INNER_PRODUCT",
    "lrn": "LRN",
    "multinomial_logistic_loss": "MULTINOMIAL_LOGISTIC_LOSS",
    "pool": "POOLING",
    "relu": "RELU",
    "sigmoid": "SIGMOID",
    "softmax": "SOFTMAX",
    "softmax_loss": "SOFTMAX_LOSS",
    "split": "SPLIT",
    "tanh": "TANH",
    "window_data": "WINDOW_DATA",
}
_MESSAGES = {
    "conv": "convolution_param",
    "innerproduct": "inner_product_param",
    "pool": "pooling_param",
    "concat": "concat_param",
    "data": "data_param",
    "hdf5_data": "hdf5_data_param",
    "images": "image_data_param",
    "window_data": "window_data_param",
}
_DETECTION = ("fg_threshold", "bg_threshold", "fg_fraction", "context_pad", "crop_mode")
# V0 field: (its name in the type's own message, the types that take it)
_FIELDS = {
    "num_output": ("num_output", ("conv", "innerproduct")),
    "biasterm": ("bias_term", ("conv", "innerproduct")),
    "weight_filler": ("weight_filler", ("conv", "innerproduct")),
    "bias_filler": ("bias_filler", ("conv", "innerproduct")),
    "pad": ("pad", ("conv", "pool")),
    "kernelsize": ("kernel_size", ("conv", "pool")),
    "group": ("group", ("conv",)),
    "stride": ("stride", ("conv", "pool")),
    "pool": ("pool", ("pool",)),
    "source": ("source", ("data", "hdf5_data", "images", "window_data")),
    "batchsize": ("batch_size", ("data", "hdf5_data", "images", "window_data")),
    "rand_skip": ("rand_skip", ("data", "images")),
    "shuffle_images": ("shuffle", ("images",)),
    "new_height": ("new_height", ("images",)),
    "new_width": ("new_width", ("images",)),
    "concat_dim": ("concat_dim", ("concat",)),
    **{f"det_{name}": (name, ("window_data",)) for name in _DETECTION},
}
_TRANSFORMATIONS = {"scale": "scale", "meanfile": "mean_file", "cropsize": "crop_size", "mirror": "mirror"}


def v0_layers(net: Message) -> tuple[list[Message], list[Diagnostic]]:
    """The LayerParameters of a V0 net, and the fields that Caffe drops because the layer's type has no use for them."""
    findings: list[Diagnostic] = []
    layers = [_layer(connection, findings) for connection in _without_padding(net)]
    return layers, findings


def _rejection(location: Location, detail: str) -> InputError:
    return InputError(Diagnostic(Code.REJECTED_NET, location, detail))


def _inner(connection: Message) -> Message:
    inner = connection.message("layer")
    if inner is None:
        detail = "a net of the format V0 has a layer without an inner `layer`; Caffe finds no type for it"
        raise _rejection(connection.location, detail)
    return inner


def _without_padding(net: Message) -> list[Message]:
    """The net's layers with every padding layer merged into the convolutions and poolings that read it."""
    makers: dict[str, Message] = {}
    result = []
    for connection in net.messages("layers"):
        padded = connection
        for bottom in connection.fields.get("bottom", ()):
            maker = makers.get(str(bottom.value))
            if maker is not None and _inner(maker).string("type") == "padding":
                padded = _pad(connection, maker)
        if _inner(connection).string("type") != "padding":
            result.append(padded)
        makers |= dict.fromkeys(connection.strings("top"), connection)
    return result


def _pad(connection: Message, padding: Message) -> Message:
    inner = _inner(connection)
    single = all(
        len(blobs) == 1 for blobs in (connection.strings("bottom"), padding.strings("bottom"), padding.strings("top"))
    )
    if inner.string("type") not in ("conv", "pool") or not single:
        detail = "a padding layer must have one bottom and one top, and feed conv or pool layers of one bottom"
        raise _rejection(connection.location, detail)
    pad = Value(_inner(padding).integer("pad"), _inner(padding).place("pad"))
    changed = inner._replace(fields={**inner.fields, "pad": (pad,)})
    fields = {**connection.fields, "bottom": padding.fields["bottom"], "layer": (Value(changed, inner.location),)}
    return connection._replace(fields=fields)


def _layer(connection: Message, findings: list[Diagnostic]) -> Message:
    inner = _inner(connection)
    v0_type = inner.string("type")
    fields = {name: connection.fields[name] for name in ("bottom", "top") if name in connection.fields}
    fields |= {name: inner.fields[name] for name in _COMMON if name in inner.fields}
    if inner.has("type"):
        fields["type"] = (Value(_TYPES.get(v0_type, v0_type), inner.place("type")),)
    _collect(inner, v0_type, fields, findings)
    unknown = (*connection.unknown, *inner.unknown, *(() if v0_type in _TYPES else _fillers(inner)))
    return v1_layer(Message(message_type("V1LayerParameter"), connection.location, fields, unknown))


def _fillers(inner: Message) -> Iterator[Unknown]:
    """The fillers of a layer whose type is a fork's."""
    for name in ("weight_filler", "bias_filler"):
        for value in inner.fields.get(name, ()):
            if isinstance(value.value, Message):
                yield Unknown(name, value.location, value.value)


_COMMON = ("name", "blobs", "blobs_lr", "weight_decay")


def _collect(inner: Message, v0_type: str, fields: dict[str, tuple[Value, ...]], findings: list[Diagnostic]) -> None:
    """Moves the layer's settings into the messages where V1 has them; a setting of another type's is dropped."""
    own: dict[str, tuple[Value, ...]] = {}
    for name, (target, types) in _FIELDS.items():
        if name not in inner.fields:
            continue
        if v0_type in types:
            own[target] = inner.fields[name]
            continue
        if name == "source" and v0_type == "infogain_loss":
            continue
        if v0_type not in _TYPES:  # a fork's: what it makes of the setting is not known
            continue
        code = Code.IGNORED_FILLER if name.endswith("filler") else Code.IGNORED_FIELD
        detail = (
            f"Caffe drops `{name}` of the V0 layer `{inner.string('name')}`: the type `{v0_type}` has no use for it"
        )
        findings.append(Diagnostic(code, inner.place(name), detail))
    transformations = {new: inner.fields[old] for old, new in _TRANSFORMATIONS.items() if old in inner.fields}
    for message, content in ((_MESSAGES.get(v0_type, ""), own), ("transform_param", transformations)):
        if content:
            kind = message_type("V1LayerParameter").fields_by_name[message].message_type
            fields[message] = (Value(Message(kind, inner.location, content), inner.location),)
