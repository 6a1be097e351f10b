"""Layers of the formats V0 and V1 in V2's terms.

Authority: BVLC/caffe, src/caffe/util/upgrade_proto.cpp (UpgradeV1LayerParameter and the data transformation upgrade).
"""

from itertools import zip_longest

from initport.formats.caffe.schema import message_type
from initport.formats.caffe.tree import Message, Value

# V1's enum names whose V2 type is not simply the words in title case, joined.
_V1_TYPES = {
    "NONE": "",
    "ABSVAL": "AbsVal",
    "ARGMAX": "ArgMax",
    "BNLL": "BNLL",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "IM2COL": "Im2col",
    "LRN": "LRN",
    "MVN": "MVN",
    "RELU": "ReLU",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "TANH": "TanH",
}
_V1_DATA = {"DATA": "data_param", "IMAGE_DATA": "image_data_param", "WINDOW_DATA": "window_data_param"}
_TRANSFORMATIONS = ("scale", "mean_file", "crop_size", "mirror")


def v1_layer(layer: Message) -> Message:
    """The LayerParameter that Caffe makes of a V1LayerParameter; a fork's enum name stays as the type's name."""
    target = message_type("LayerParameter")
    fields = {
        name: values
        for name, values in layer.fields.items()
        if name in target.fields_by_name and name not in ("type", "param")
    }
    if layer.has("type"):
        name = layer.enum("type")
        fields["type"] = (Value(v2_type(name), layer.place("type")),)
        if name in _V1_DATA:
            _move_transformations(layer, _V1_DATA[name], fields)
    if params := _params(layer):
        fields["param"] = params
    return Message(target, layer.location, fields, layer.unknown)


def v2_type(v1_type: str) -> str:
    """The V2 type string of a V1 enum name; a name that Caffe does not know is returned as it is."""
    entries = message_type("V1LayerParameter").enums["LayerType"].values
    if v1_type not in entries:
        return v1_type
    return _V1_TYPES.get(v1_type, "".join(word.title() for word in v1_type.split("_")))


def _params(layer: Message) -> tuple[Value, ...]:
    """One ParamSpec for each blob that any of V1's four parallel lists speaks of."""
    columns = {"name": "param", "share_mode": "blob_share_mode", "lr_mult": "blobs_lr", "decay_mult": "weight_decay"}
    specs = []
    for row in zip_longest(*(layer.fields.get(source, ()) for source in columns.values())):
        fields = {name: (value,) for name, value in zip(columns, row, strict=True) if value is not None}
        location = min(values[0].location for values in fields.values())
        specs.append(Value(Message(message_type("ParamSpec"), location, fields), location))
    return tuple(specs)


def _move_transformations(layer: Message, source: str, fields: dict[str, tuple[Value, ...]]) -> None:
    """V1 nets may crop in the data message; V2 looks at transform_param alone."""
    data = layer.message(source)
    moved = {name: data.fields[name] for name in _TRANSFORMATIONS if name in data.fields} if data else {}
    if data is None or not moved:
        return
    old = layer.message("transform_param")
    location = old.location if old else data.location
    merged = Message(
        message_type("TransformationParameter"),
        location,
        {**(old.fields if old else {}), **moved},
        old.unknown if old else (),
    )
    rest = {name: values for name, values in data.fields.items() if name not in moved}
    fields["transform_param"] = (Value(merged, location),)
    fields[source] = (Value(Message(data.descriptor, data.location, rest, data.unknown), data.location),)
