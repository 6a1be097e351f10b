"""Structure-aware generators of inputs: networks, configs, containers and sources that are nearly right.

Each gives inputs of which most parts are what the format wants, and some are not: other types, sizes, names, nestings.
"""

import io
import json
import zipfile
from typing import Any

from hypothesis import strategies as st

# ---- prototxt

NAMES = st.sampled_from(["a", "b", "data", "conv1", "x y", "ä", "", "a'b", "{n}"])
TYPES = st.sampled_from(
    [
        "Convolution",
        "Deconvolution",
        "InnerProduct",
        "Embed",
        "LSTM",
        "RNN",
        "Scale",
        "Bias",
        "PReLU",
        "BatchNorm",
        "BN",
        "Parameter",
        "Input",
        "Data",
        "ReLU",
        "Pooling",
        "Concat",
        "Eltwise",
        "Slice",
        "Reshape",
        "Flatten",
        "Crop",
        "ROIPooling",
        "Convolutoin",
        "Mine",
        "Local",
        "Softmax",
        "Python",
    ]
)
FILLER_TYPES = st.sampled_from(
    ["constant", "uniform", "gaussian", "xavier", "msra", "positive_unitball", "bilinear", "Xavier", "gaussian_x", ""]
)
NUMBERS = st.one_of(
    st.integers(-2, 9).map(str),
    st.sampled_from(["0.01", "1e-3", "-0.5", "1e38", "1e999", "nan", "inf", "-inf", ".5f", "0x10", "010", "1.", "-"]),
    st.integers(-(2**64), 2**64).map(str),
)
WORDS = st.sampled_from(
    ["true", "false", "TRAIN", "TEST", "FAN_IN", "FAN_OUT", "AVERAGE", "MAX", "1", "'q'", '"s"', "{", "}"]
)
FILLER_FIELDS = st.sampled_from(["value", "min", "max", "mean", "std", "sparse", "variance_norm", "alpha", "type"])


def _field(name: str, value: str) -> str:
    return f"{name}: {value}"


def _message(name: str, parts: list[str], brackets: str = "{}") -> str:
    return f"{name} {brackets[0]} {' '.join(parts)} {brackets[1]}"


SCALARS = st.one_of(NUMBERS, WORDS, NAMES.map(lambda name: json.dumps(name)))
FILLERS = st.builds(
    lambda name, kind, rest: _message(name, [_field("type", json.dumps(kind)), *rest]),
    st.sampled_from(
        ["weight_filler", "bias_filler", "filler", "slope_filler", "scale_filler", "blob_filler", "data_filler"]
    ),
    FILLER_TYPES,
    st.lists(st.builds(_field, FILLER_FIELDS, st.one_of(NUMBERS, WORDS)), max_size=3),
)
SETTINGS = st.builds(
    _field,
    st.sampled_from(
        [
            "num_output",
            "kernel_size",
            "kernel_h",
            "kernel_w",
            "stride",
            "pad",
            "group",
            "axis",
            "num_axes",
            "bias_term",
            "transpose",
            "input_dim",
            "channel_shared",
            "scale_bias",
            "odd",
            "dilation",
            "expose_hidden",
        ]
    ),
    st.one_of(st.integers(-1, 12).map(str), NUMBERS, st.sampled_from(["true", "false", '"x"'])),
)
PARAMETERS = st.builds(
    _message,
    st.sampled_from(
        [
            "convolution_param",
            "inner_product_param",
            "embed_param",
            "recurrent_param",
            "scale_param",
            "bias_param",
            "prelu_param",
            "batch_norm_param",
            "bn_param",
            "parameter_param",
            "pooling_param",
            "concat_param",
            "mine_param",
            "input_param",
        ]
    ),
    st.lists(st.one_of(SETTINGS, FILLERS, st.just("shape { dim: 2 dim: 3 dim: 8 dim: 8 }")), max_size=6),
    st.sampled_from(["{}", "<>"]),
)
LAYER_FIELDS = st.one_of(
    st.builds(_field, st.sampled_from(["bottom", "top"]), NAMES.map(json.dumps)),
    PARAMETERS,
    FILLERS,
    st.sampled_from(
        [
            "param { lr_mult: 1 }",
            'param { name: "w" }',
            "include { phase: TRAIN }",
            "exclude { phase: TEST }",
            "blobs { shape { dim: 1 } data: 1 }",
            "odd: 1",
            "odd { weight_filler { type: 1 } }",
            "odd: [1, 2]",
            "blobs_lr: 1",
            "# comment\n",
        ]
    ),
)
V2 = st.builds(
    lambda name, kind, rest: _message(
        "layer", [_field("name", json.dumps(name)), _field("type", json.dumps(kind)), *rest]
    ),
    NAMES,
    TYPES,
    st.lists(LAYER_FIELDS, max_size=5),
)
V1 = st.builds(
    lambda name, kind, rest: _message("layers", [_field("name", json.dumps(name)), _field("type", kind), *rest]),
    NAMES,
    st.sampled_from(
        ["CONVOLUTION", "INNER_PRODUCT", "DECONVOLUTION", "DATA", "RELU", "PRELU", "POOLING", "NONE", "4", "MINE"]
    ),
    st.lists(LAYER_FIELDS, max_size=5),
)
V0 = st.builds(
    lambda kind, rest: _message("layers", [_message("layer", [_field("type", json.dumps(kind)), *rest])]),
    st.sampled_from(["conv", "innerproduct", "pool", "padding", "relu", "prelu", "data", "mine"]),
    st.lists(st.one_of(SETTINGS, FILLERS), max_size=4),
)
HEADS = st.sampled_from(
    [
        "",
        'name: "net" ',
        'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 ',
        'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 } ',
        'net: "other.prototxt" base_lr: 0.1 ',
        "train_net_param { ",
    ]
)
PROTOTXT = st.builds(
    lambda head, layers: head + "\n".join(layers), HEADS, st.lists(st.one_of(V2, V2, V2, V1, V0), max_size=6)
)


def broken(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Texts of which a part was cut out, doubled or overwritten."""

    def damage(text: str, start: float, length: int, put: str) -> str:
        at = int(start * len(text))
        return text[:at] + put + text[at + length :]

    return st.builds(
        damage,
        texts,
        st.floats(0, 1),
        st.integers(0, 20),
        st.sampled_from(["", "{", "}", '"', "\0", "\n", "<<<<<<< a\n", "é"]),
    )


# ---- Keras configs

VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.one_of(st.none(), st.integers(-1, 9)), max_size=4),
    st.just({}),
    st.just({"class_name": "__tuple__", "items": [3, 3]}),
)
INITIALIZERS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(
        ["he_normal", "glorot_uniform", "GlorotUniform", "zeros", "ones", "uniform", "orthogonal", "mine", "he_norm"]
    ),
    st.builds(
        lambda kind, settings: {"class_name": kind, "config": settings},
        st.sampled_from(
            [
                "VarianceScaling",
                "RandomNormal",
                "TruncatedNormal",
                "Constant",
                "Orthogonal",
                "Identity",
                "Mine",
                "__lambda__",
            ]
        ),
        st.dictionaries(
            st.sampled_from(
                ["scale", "mode", "distribution", "mean", "stddev", "minval", "value", "seed", "gain", "dtype"]
            ),
            st.one_of(VALUES, st.sampled_from(["fan_in", "fan_avg", "normal", "uniform", "truncated_normal"])),
            max_size=4,
        ),
    ),
    VALUES,
)
KERAS_LAYERS = st.recursive(
    st.builds(
        lambda kind, settings, given: {"class_name": kind, "config": {**settings, **given}},
        st.sampled_from(
            [
                "Dense",
                "Conv1D",
                "Conv2D",
                "Conv3D",
                "Conv2DTranspose",
                "SeparableConv2D",
                "DepthwiseConv2D",
                "LSTM",
                "GRU",
                "SimpleRNN",
                "Embedding",
                "BatchNormalization",
                "LayerNormalization",
                "PReLU",
                "EinsumDense",
                "MultiHeadAttention",
                "Flatten",
                "Lambda",
                "InputLayer",
                "Mine",
                "Convolution2D",
                "MaxoutDense",
                "Highway",
                "LocallyConnected1D",
                "ConvLSTM2D",
                "Bidirectional",
                "TimeDistributed",
                "RNN",
            ]
        ),
        st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "units",
                    "filters",
                    "kernel_size",
                    "strides",
                    "padding",
                    "data_format",
                    "groups",
                    "depth_multiplier",
                    "input_dim",
                    "output_dim",
                    "use_bias",
                    "axis",
                    "equation",
                    "output_shape",
                    "bias_axes",
                    "shared_axes",
                    "batch_input_shape",
                    "batch_shape",
                    "dtype",
                    "init",
                    "nb_filter",
                    "nb_row",
                    "nb_col",
                    "dim_ordering",
                    "layer",
                    "cell",
                    "num_heads",
                    "key_dim",
                    "go_backwards",
                    "reset_after",
                ]
            ),
            st.one_of(VALUES, st.sampled_from(["same", "channels_first", "th", "ab,bc->ac", "abc,cd->abd"])),
            max_size=6,
        ),
        st.dictionaries(
            st.sampled_from(
                ["kernel_initializer", "bias_initializer", "gamma_initializer", "recurrent_initializer", "init"]
            ),
            INITIALIZERS,
            max_size=3,
        ),
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda layers: {"class_name": "Sequential", "config": {"layers": layers}}, st.lists(inner, max_size=3)
        ),
        st.builds(
            lambda kind, layer: {"class_name": kind, "config": {"name": "w", "layer": layer, "cell": layer}},
            st.sampled_from(["TimeDistributed", "Bidirectional", "RNN"]),
            inner,
        ),
    ),
    max_leaves=4,
)
KERAS = st.builds(
    lambda kind, layers, version, backend, nodes: {
        "class_name": kind,
        "config": layers
        if nodes is None
        else {"name": "m", "layers": [{**each, "inbound_nodes": nodes} for each in layers]},
        **version,
        **backend,
    },
    st.sampled_from(["Sequential", "Model", "Functional", "Mine"]),
    st.lists(KERAS_LAYERS, max_size=5),
    st.sampled_from(
        [{"keras_version": text} for text in ("1.2.2", "2.0.4", "2.3.1", "2.5.0", "3.4.0", "9", "x", "")] + [{}]
    ),
    st.sampled_from([{}, {"backend": "theano"}, {"backend": 3}]),
    st.one_of(st.none(), st.sampled_from([[], [[["a", 0, 0, {}]]], [{"args": [], "kwargs": {}}], 3])),
)
KERAS_TEXT = KERAS.map(json.dumps)


# ---- containers


def archive(members: dict[str, str], deflated: bool) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as file:
        for name, text in members.items():
            file.writestr(name, text)
    return buffer.getvalue()


def varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*encoded, value))


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def metadata(text: str) -> bytes:
    """A keras_metadata.pb."""
    return field(1, field(3, b"root") + field(4, b"_tf_keras_sequential") + field(5, text.encode()))


ARCHIVES = st.builds(
    lambda text, beside, deflated: archive({"config.json": text, "metadata.json": beside}, deflated),
    KERAS_TEXT,
    st.sampled_from(['{"keras_version": "3.4.0"}', "[]", "{", ""]),
    st.booleans(),
)
METADATA = KERAS_TEXT.map(metadata)


def damaged(data: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    """Bytes of which some were overwritten, and that may be cut short."""

    def damage(whole: bytes, places: list[tuple[float, int]], kept: float) -> bytes:
        changed = bytearray(whole)
        for place, value in places:
            changed[min(int(place * len(changed)), len(changed) - 1)] = value
        return bytes(changed[: max(1, int(len(changed) * kept))])

    places = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4)
    return st.builds(damage, data, places, st.one_of(st.just(1.0), st.floats(0, 1)))


# ---- Python and notebooks

CALLS = st.sampled_from(
    [
        "tf.truncated_normal_initializer(stddev=0.02)",
        "tf.contrib.layers.xavier_initializer()",
        "tf.random_normal([3, 4], stddev=0.1)",
        "slim.variance_scaling_initializer(factor=2.0)",
        "tf.keras.layers.Dense(4, kernel_initializer='he_normal')",
        "nn.init.normal_(w, std=0.02)",
        "f(*args, **{'initializer': init})",
        "None",
    ]
)
STATEMENTS = st.builds(
    lambda form, call: form.replace("CALL", call),
    st.sampled_from(
        [
            "x = CALL",
            "w = tf.get_variable('w', [3, 4], initializer=CALL)",
            "def f(init=CALL):\n    return init",
            "class A:\n    init = CALL",
            "with slim.arg_scope([slim.conv2d], weights_initializer=CALL):\n    slim.conv2d(x, 3, 3)",
            "for i in range(3): x = CALL",
            "x = [CALL for _ in y]",
            "if a:\n  x = CALL\nelse:\n  x = 1",
            "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None",
            "x = (CALL,  # note\n     1)",
            "print 'x', CALL",
            "'''CALL'''",
            "del x",
        ]
    ),
    CALLS,
)
PYTHON = st.lists(STATEMENTS, max_size=6).map(
    lambda lines: "\n".join(["import tensorflow as tf", "import tensorflow.contrib.slim as slim", *lines]) + "\n"
)
NOTEBOOKS = st.builds(
    lambda cells, kind: json.dumps(
        {
            "cells": [{"cell_type": kind, "source": text.splitlines(True), "metadata": {}} for text in cells],
            "nbformat": 4,
        }
    ),
    st.lists(PYTHON, max_size=3),
    st.sampled_from(["code", "markdown", 3]),
)
