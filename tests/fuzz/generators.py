"""Structure-aware generators of inputs: networks, configs, containers and sources that are nearly right.

Each makes an input of a `random.Random`: most parts are what the format wants, and some are not, of other types, sizes,
names or nestings. Hypothesis gives the random numbers in the tests, which it can shrink; the long run takes plain ones,
which cost a tenth.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.formats.caffe2.test_reader import net as caffe2_net
from tests.formats.graph import build
from tests.formats.onnx.test_reader import model as onnx_model
from tests.formats.onnx.test_reader import node as onnx_node

Maker = Callable[[Random], str]


def some(random: Random, make: Maker, most: int) -> list[str]:
    return [make(random) for _ in range(random.randint(0, most))]


# ---- prototxt

NAMES = ("a", "b", "data", "conv1", "x y", "ä", "", "a'b", "{n}")
TYPES = (
    *("Convolution", "Deconvolution", "InnerProduct", "Embed", "LSTM", "RNN", "Scale", "Bias", "PReLU", "BatchNorm"),
    *("BN", "Parameter", "Input", "Data", "ReLU", "Pooling", "Concat", "Eltwise", "Slice", "Reshape", "Flatten"),
    *("Crop", "ROIPooling", "Convolutoin", "Mine", "Local", "Softmax", "Python"),
)
FILLER_TYPES = (
    *("constant", "uniform", "gaussian", "xavier", "msra", "positive_unitball", "bilinear"),
    *("Xavier", "gaussian_x", ""),
)
ODD_NUMBERS = ("0.01", "1e-3", "-0.5", "1e38", "1e999", "nan", "inf", "-inf", ".5f", "0x10", "010", "1.", "-")
WORDS = ("true", "false", "TRAIN", "TEST", "FAN_IN", "FAN_OUT", "AVERAGE", "MAX", "1", "'q'", '"s"', "{", "}")
FILLER_FIELDS = ("value", "min", "max", "mean", "std", "sparse", "variance_norm", "alpha", "type")
FILLER_NAMES = (
    *("weight_filler", "bias_filler", "filler", "slope_filler", "scale_filler", "shift_filler", "blob_filler"),
    "data_filler",
)
SETTING_NAMES = (
    *("num_output", "kernel_size", "kernel_h", "kernel_w", "stride", "pad", "group", "axis", "num_axes", "bias_term"),
    *("transpose", "input_dim", "channel_shared", "scale_bias", "odd", "dilation", "expose_hidden"),
)
MESSAGES = (
    *("convolution_param", "inner_product_param", "embed_param", "recurrent_param", "scale_param", "bias_param"),
    *("prelu_param", "batch_norm_param", "bn_param", "parameter_param", "pooling_param", "concat_param", "mine_param"),
    *("local_param", "input_param"),
)
OTHER_FIELDS = (
    *("param { lr_mult: 1 }", 'param { name: "w" }', "include { phase: TRAIN }", "exclude { phase: TEST }"),
    *("blobs { shape { dim: 1 } data: 1 }", "odd: 1", "odd { weight_filler { type: 1 } }", "odd: [1, 2]"),
    *("blobs_lr: 1", "# comment\n"),
)
OWN = {
    "Convolution": "convolution_param",
    "Deconvolution": "convolution_param",
    "InnerProduct": "inner_product_param",
    "Embed": "embed_param",
    "LSTM": "recurrent_param",
    "RNN": "recurrent_param",
    "Scale": "scale_param",
    "Bias": "bias_param",
    "PReLU": "prelu_param",
    "BatchNorm": "batch_norm_param",
    "BN": "bn_param",
    "Parameter": "parameter_param",
    "Pooling": "pooling_param",
    "Local": "local_param",
}
HEADS = (
    "",
    'name: "net" ',
    'input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 ',
    'input: "data" input_shape { dim: 1 dim: 3 dim: 8 dim: 8 } ',
    'net: "other.prototxt" base_lr: 0.1 ',
    "train_net_param { ",
)
V1_TYPES = ("CONVOLUTION", "INNER_PRODUCT", "DECONVOLUTION", "DATA", "RELU", "PRELU", "POOLING", "NONE", "4", "MINE")
V0_TYPES = ("conv", "innerproduct", "pool", "padding", "relu", "prelu", "data", "mine")


def number(random: Random) -> str:
    kind = random.random()
    if kind < 0.5:
        return str(random.randint(-2, 9))
    return random.choice(ODD_NUMBERS) if kind < 0.9 else str(random.randint(-(2**64), 2**64))


def filler(random: Random) -> str:
    def setting(random: Random) -> str:
        name = random.choice(FILLER_FIELDS)
        return f"{name}: {number(random) if random.random() < 0.8 else random.choice(WORDS)}"

    rest = " ".join(some(random, setting, 2))
    return f"{random.choice(FILLER_NAMES)} {{ type: {json.dumps(random.choice(FILLER_TYPES))} {rest} }}"


def layer_setting(random: Random) -> str:
    kind = random.random()
    value = (
        str(random.randint(-1, 12))
        if kind < 0.7
        else number(random)
        if kind < 0.85
        else random.choice(("true", "false", '"x"'))
    )
    return f"{random.choice(SETTING_NAMES)}: {value}"


def parameters(random: Random, kind: str = "") -> str:
    name = OWN[kind] if kind in OWN and random.random() < 0.7 else random.choice(MESSAGES)

    def part(random: Random) -> str:
        chance = random.random()
        if chance < 0.55:
            return layer_setting(random)
        return filler(random) if chance < 0.9 else "shape { dim: 2 dim: 3 dim: 8 dim: 8 }"

    opened, closed = "{}" if random.random() < 0.9 else "<>"
    return f"{name} {opened} {' '.join(some(random, part, 5))} {closed}"


def layer_field(random: Random, kind: str = "") -> str:
    chance = random.random()
    if chance < 0.35:
        return f"{random.choice(('bottom', 'top'))}: {json.dumps(random.choice(NAMES))}"
    if chance < 0.75:
        return parameters(random, kind)
    return filler(random) if chance < 0.85 else random.choice(OTHER_FIELDS)


def layer(random: Random) -> str:
    chance = random.random()
    if chance < 0.6:
        kind = random.choice(TYPES)
        rest = " ".join(some(random, lambda random: layer_field(random, kind), 4))
        return f"layer {{ name: {json.dumps(random.choice(NAMES))} type: {json.dumps(kind)} {rest} }}"
    if chance < 0.8:
        rest = " ".join(some(random, layer_field, 4))
        return f"layers {{ name: {json.dumps(random.choice(NAMES))} type: {random.choice(V1_TYPES)} {rest} }}"
    rest = " ".join(some(random, lambda random: layer_setting(random) if random.random() < 0.6 else filler(random), 4))
    return f"layers {{ layer {{ type: {json.dumps(random.choice(V0_TYPES))} {rest} }} }}"


def prototxt(random: Random) -> str:
    return random.choice(HEADS) + "\n".join(some(random, layer, 4))


def broken(random: Random, text: str) -> str:
    """The text with a part cut out, doubled or overwritten."""
    start, length = random.randint(0, len(text)), random.randint(0, 20)
    put = random.choice(("", "{", "}", '"', "\0", "\n", "<<<<<<< a\n", "é", text[start : start + length] * 2))
    return text[:start] + put + text[start + length :]


SIZES = ("num_output", "kernel_size", "bias_term", "group", "stride", "pad")
Chain = list[tuple[str, list[str]]]
V1_NAMES = {"Convolution": "CONVOLUTION", "Deconvolution": "DECONVOLUTION", "InnerProduct": "INNER_PRODUCT"}
INPUT = 'input: "b0" input_dim: 1 input_dim: 3 input_dim: 16 input_dim: 16 '
UNKNOWN = (
    *("odd: 1", 'odd: "x"', "odd: TRUE", "odd { a: 1 b { c: [1, 2] } }", "odd: [1, 2]", "odd <a: 1>"),
    *("odd_param { num_output: 3 }", "odd { }", "odd: -1e3", "odd: 1 odd: 2"),
)


def chain(random: Random) -> Chain:
    """Layers of one input after another, as (type, fields of the parameter message)."""
    found: Chain = []
    for _ in range(random.randint(1, 4)):
        kind = random.choice(tuple(V1_NAMES))
        fields = [f"num_output: {random.randint(1, 6)}"]
        if kind != "InnerProduct":
            fields += [f"kernel_size: {random.randint(1, 2)}", f"stride: {random.randint(1, 2)}"]
        if random.random() < 0.6:
            fields.append(f'weight_filler {{ type: "{random.choice(("xavier", "msra", "gaussian", "constant"))}" }}')
        if random.random() < 0.3:
            fields.append('bias_filler { type: "constant" value: 0.2 }')
        found.append((kind, fields))
    return found


def written(
    layers: Chain,
    layer: Callable[[list[str]], list[str]] = lambda parts: parts,
    message: Callable[[list[str]], list[str]] = lambda parts: parts,
    v1: bool = False,
) -> str:
    text = INPUT
    for index, (kind, fields) in enumerate(layers):
        type_ = V1_NAMES[kind] if v1 else f'"{kind}"'
        inner = f"{OWN[kind]} {{ {' '.join(message(fields))} }}"
        parts = [f'name: "l{index}"', f"type: {type_}", f'bottom: "b{index}"', f'top: "b{index + 1}"', inner]
        text += f"{'layers' if v1 else 'layer'} {{ {' '.join(layer(parts))} }}\n"
    return text


# ---- Keras configs

STRINGS = ("", "a", "same", "channels_first", "th", "ab,bc->ac", "abc,cd->abd", "é", "fan_in")
FIXED: tuple[Any, ...] = (
    *(None, True, False, 0.5, -1.5, 1e300, float("nan"), float("inf"), {}, [], [None, 3], [3, 3], [None, 8, 8, 3]),
    {"class_name": "__tuple__", "items": [3, 3]},
)
INITIALIZER_NAMES = (
    *("he_normal", "glorot_uniform", "GlorotUniform", "zeros", "ones", "uniform", "orthogonal", "mine", "he_norm"),
)
INITIALIZER_CLASSES = (
    *("VarianceScaling", "RandomNormal", "TruncatedNormal", "Constant", "Orthogonal", "Identity", "Mine", "__lambda__"),
)
INITIALIZER_KEYS = (*("scale", "mode", "distribution", "mean", "stddev", "minval", "value", "seed", "gain", "dtype"),)
KERAS_TYPES = (
    *("Dense", "Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "LSTM", "GRU"),
    *("SimpleRNN", "Embedding", "BatchNormalization", "LayerNormalization", "PReLU", "EinsumDense", "Flatten"),
    *("MultiHeadAttention", "Lambda", "InputLayer", "Mine", "Convolution2D", "MaxoutDense", "Highway", "ConvLSTM2D"),
    *("LocallyConnected1D", "Bidirectional", "TimeDistributed", "RNN"),
)
KERAS_KEYS = (
    *("name", "units", "filters", "kernel_size", "strides", "padding", "data_format", "groups", "depth_multiplier"),
    *("input_dim", "output_dim", "use_bias", "axis", "equation", "output_shape", "bias_axes", "shared_axes", "dtype"),
    *("batch_input_shape", "batch_shape", "init", "nb_filter", "nb_row", "nb_col", "dim_ordering", "layer", "cell"),
    *("num_heads", "key_dim", "go_backwards", "reset_after"),
)
INITIALIZED = ("kernel_initializer", "bias_initializer", "gamma_initializer", "recurrent_initializer", "init")
KERAS_VERSIONS = ("1.2.2", "2.0.4", "2.3.1", "2.5.0", "3.4.0", "9", "x", "")
NODES: tuple[Any, ...] = (None, None, None, [], [[["a", 0, 0, {}]]], [{"args": [], "kwargs": {}}], 3)


def value(random: Random) -> Any:
    chance = random.random()
    if chance < 0.4:
        return random.randint(-3, 40)
    if chance < 0.8:
        return random.choice(FIXED)
    return random.choice(STRINGS) if chance < 0.95 else random.randint(-(2**70), 2**70)


def initializer(random: Random) -> Any:
    chance = random.random()
    if chance < 0.45:
        return random.choice(INITIALIZER_NAMES)
    if chance < 0.9:
        settings = {random.choice(INITIALIZER_KEYS): value(random) for _ in range(random.randint(0, 3))}
        if random.random() < 0.4:
            settings.update(
                mode=random.choice(("fan_in", "fan_avg", "x")), distribution=random.choice(("normal", "uniform"))
            )
        return {"class_name": random.choice(INITIALIZER_CLASSES), "config": settings}
    return value(random)


def keras_layer(random: Random, depth: int = 0) -> dict[str, Any]:
    chance = random.random()
    if depth < 3 and chance < 0.08:
        inner = [keras_layer(random, depth + 1) for _ in range(random.randint(0, 2))]
        return {"class_name": "Sequential", "config": {"layers": inner}}
    if depth < 3 and chance < 0.2:
        one = keras_layer(random, depth + 1)
        kind = random.choice(("TimeDistributed", "Bidirectional", "RNN"))
        return {"class_name": kind, "config": {"name": "w", "layer": one, "cell": one}}
    config = {random.choice(KERAS_KEYS): value(random) for _ in range(random.randint(0, 5))}
    config.update((random.choice(INITIALIZED), initializer(random)) for _ in range(random.randint(0, 2)))
    if random.random() < 0.5:
        config.update(units=4, filters=4, kernel_size=[3, 3], input_dim=5, output_dim=6)
    return {"class_name": random.choice(KERAS_TYPES), "config": config}


def keras(random: Random) -> str:
    layers: Any = [keras_layer(random) for _ in range(random.randint(0, 3))]
    nodes = random.choice(NODES)
    if nodes is not None:
        layers = {"name": "m", "layers": [{**each, "inbound_nodes": nodes} for each in layers]}
    whole: dict[str, Any] = {"class_name": random.choice(("Sequential", "Model", "Functional", "Mine"))}
    whole["config"] = layers
    if random.random() < 0.8:
        whole["keras_version"] = random.choice(KERAS_VERSIONS)
    if random.random() < 0.3:
        whole["backend"] = random.choice(("theano", "tensorflow", 3))
    return json.dumps(whole)


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


def metadata(random: Random) -> bytes:
    """A keras_metadata.pb."""
    text = keras(random)
    return field(1, field(3, b"root") + field(4, b"_tf_keras_sequential") + field(5, text.encode()))


def keras_archive(random: Random) -> bytes:
    beside = random.choice(('{"keras_version": "3.4.0"}', "[]", "{", ""))
    return archive({"config.json": keras(random), "metadata.json": beside}, random.random() < 0.5)


OPS = (
    *("Const", "RandomStandardNormal", "RandomUniform", "TruncatedNormal", "Mul", "Add", "Sub", "RealDiv", "Fill"),
    *("Identity", "VariableV2", "Assign", "Qr", "Sqrt", "Neg", "Reshape", "Cast", "ConcatV2", "Placeholder", "Mine"),
    *("MatMul", "Conv2D", "BiasAdd", "VarHandleOp", "AssignVariableOp", "ReadVariableOp", "GatherV2"),
)
NODE_NAMES = ("v", "v/Assign", "v/read", "draw", "s", "shape", "value", "x/y", "")


def graph(random: Random) -> bytes:
    """A graph of TensorFlow: a variable that starts at what nodes chosen at random come to."""

    def chosen() -> Any:
        op, name = random.choice(OPS), random.choice(NODE_NAMES)
        inputs = [random.choice(NODE_NAMES) for _ in range(random.randint(0, 3))]
        if op == "Const":
            values = [random.choice((0.0, 1.0, 0.5, -2.0, 1e38, float("nan"))) for _ in range(random.randint(1, 4))]
            return build.const(name, values, random.choice(((), (len(values),), (6, 4), (-2,))))
        shape = random.choice(((), (6, 4), (-1, 4), (0,), (2**40, 2**40)))
        return build.node(name, op, *inputs, dtype=random.choice(tuple(build.TYPES)), shape=shape)

    nodes = [chosen() for _ in range(random.randint(0, 6))]
    if random.random() < 0.7:
        drawn = [build.dims("shape", 6, 4), build.node("draw", random.choice(OPS[1:4]), "shape", dtype="float")]
        nodes = [*drawn, *nodes, *build.started(random.choice(("draw", "value")), (6, 4))]
    return build.graph(*nodes)


SHAPES = ((), (8, 8), (6, 4, 3, 3), (5,), (0, 3), (2**40, 2**40), (-1, 4))
MXNET_OPS = ("FullyConnected", "Convolution", "Deconvolution", "BatchNorm", "Embedding", "RNN", "Activation", "Mine")
MXNET_STARTS: tuple[Any, ...] = (
    *(["xavier", {}], ["xavier", {"factor_type": "in", "magnitude": 2}], ["normal", {"sigma": 0.1}], ["mine", {}], 3),
    *(
        ["uniform", {"scale": "x"}],
        ["constant", {"value": float("nan")}],
        ["mixed", {}],
        "zeros",
        "[",
        {},
        ["orthogonal"],
    ),
)


def symbol(random: Random) -> bytes:
    """A symbol of MXNet: variables and operators that take nodes chosen at random."""
    nodes: list[Any] = []
    for index in range(random.randint(0, 6)):
        name = random.choice((f"n{index}_weight", f"n{index}_bias", f"n{index}_gamma", "data", "", f"n{index}"))
        if random.random() < 0.6:
            start = random.choice(MXNET_STARTS)
            attrs = {"__init__": start if isinstance(start, str) else json.dumps(start)}
            attrs["__shape__"] = str(random.choice((*SHAPES, "x", "(1,")))
            nodes.append({"op": "null", "name": name, "attrs": attrs if random.random() < 0.7 else {}, "inputs": []})
        else:
            inputs: list[Any] = [[random.randint(-1, len(nodes)), 0, 0] for _ in range(random.randint(0, 4))]
            settings = {"num_hidden": str(value(random)), "num_group": random.choice(("1", "2", "0", "x"))}
            nodes.append({"op": random.choice(MXNET_OPS), "name": name, "attrs": settings, "inputs": inputs})
    whole: dict[str, Any] = {"nodes": nodes, "heads": [[0, 0, 0]]}
    if random.random() < 0.5:
        whole["attrs"] = {"mxnet_version": random.choice((["int", 10901], ["int", "x"], 3, []))}
    return json.dumps(whole).encode()


SECTIONS = ("convolutional", "deconv", "connected", "local", "maxpool", "route", "shortcut", "reorg", "upsample", "rnn",
            "lstm", "crnn", "batchnorm", "implicit", "conv_lstm", "yolo", "sam", "mine")  # fmt: skip
SECTION_KEYS = ("filters", "size", "stride", "pad", "padding", "groups", "output", "layers", "from", "batch_normalize",
                "share_index", "mean", "std", "weights_type", "reverse", "extra", "activation")  # fmt: skip
SECTION_VALUES = ("1", "3", "2", "0", "-1", "-1,-2", "per_channel", "mish", "x", "", "1e3", "99999999999", "4#5")


def cfg(random: Random) -> str:
    """A network of Darknet: sections with settings chosen at random."""
    lines = ["[net]", *(f"{name}={random.choice((8, 8, 8, 1, 0, 'x'))}" for name in ("width", "height", "channels"))]
    for _ in range(random.randint(0, 6)):
        lines.append(f"[{random.choice(SECTIONS)}]")
        lines += [f"{random.choice(SECTION_KEYS)}={random.choice(SECTION_VALUES)}" for _ in range(random.randint(0, 5))]
    return "\n".join(lines)


ONNX_OPS = ("MatMul", "Gemm", "Conv", "ConvTranspose", "BatchNormalization", "LSTM", "Relu", "Mine")
ONNX_STARTS = ("RandomNormal", "RandomUniform", "Constant", "Bernoulli", "ConstantOfShape", "Mine")
TENSORS = ("w", "b", "x", "y", "w0", "")


def onnx(random: Random) -> bytes:
    def drawn() -> Any:
        odd = random.choice((0.0, 0.02, -1.0, float("nan"), 3))
        settings: dict[str, Any] = {random.choice(("mean", "scale", "low", "high", "seed", "odd")): odd}
        return onnx_node(
            random.choice(ONNX_STARTS), [], random.choice(TENSORS), shape=random.choice(SHAPES), **settings
        )

    def operator() -> Any:
        read = [random.choice(TENSORS) for _ in range(random.randint(0, 4))]
        return onnx_node(random.choice(ONNX_OPS), read, random.choice(TENSORS), group=random.randint(-1, 3))

    bindings = {random.choice(TENSORS): random.choice(TENSORS) for _ in range(random.randint(0, 3))}
    starts = [drawn() for _ in range(random.randint(0, 4))]
    return onnx_model(starts, [operator() for _ in range(random.randint(0, 4))], bindings)


FILLS = ("XavierFill", "MSRAFill", "GaussianFill", "UniformFill", "ConstantFill", "GivenTensorFill", "Mine")


def init_net(random: Random) -> bytes:
    """A net of Caffe2 that fills blobs and reads them."""
    settings: Any = {random.choice(("mean", "std", "min", "max", "value", "odd")): random.choice((0.5, -1.0, 3, "x"))}
    filled = [
        (random.choice(FILLS), random.choice(TENSORS), tuple(size % 2**31 for size in random.choice(SHAPES)), settings)
        for _ in range(random.randint(0, 4))
    ]
    reading = [
        (random.choice(("FC", "Conv", "SpatialBN", "Relu")), [random.choice(TENSORS) for _ in range(3)], {"group": 2})
        for _ in range(random.randint(0, 3))
    ]
    return bytes(caffe2_net(filled, reading).SerializeToString())


def caffemodel(random: Random) -> bytes:
    """Layers of a network, binary, of which the fields are chosen at random."""
    layers = b"".join(
        field(
            100, field(1, b"a") + field(2, random.choice(TYPES).encode()) + field(random.randint(100, 150), b"\x08\3")
        )
        for _ in range(random.randint(0, 3))
    )
    return field(1, b"net") + layers


def damaged(random: Random, data: bytes) -> bytes:
    """The bytes, some of them overwritten, and perhaps cut short."""
    changed = bytearray(data)
    for _ in range(random.randint(0, 4)):
        if changed:
            changed[random.randrange(len(changed))] = random.randint(0, 255)
    return bytes(changed[: random.randint(1, len(changed))] if changed and random.random() < 0.5 else changed)


# ---- Python and notebooks

CALLS = (
    "tf.truncated_normal_initializer(stddev=0.02)",
    "tf.contrib.layers.xavier_initializer()",
    "xavier_initializer()",
    "tf.contrib.layers.variance_scaling_initializer(factor=2.0, mode='FAN_AVG')",
    "tf.random_normal([3, 4], stddev=0.1)",
    "tf.zeros_initializer()",
    "tf.constant_initializer(value=0.1)",
    "slim.variance_scaling_initializer(factor=2.0)",
    "tf.keras.layers.Dense(4, kernel_initializer='he_normal')",
    "nn.init.normal_(w, std=0.02)",
    "f(*args, **{'initializer': init})",
    "tf.random_uniform_initializer(-b, b)",
    "tf.Variable (tf.truncated_normal ([5, 5], stddev = 0.1))",
    "tf.Variable(tf.random_uniform([3, 4], -0.1, 0.1))",
    "None",
)
FORMS = (
    "x = CALL",
    "w = tf.get_variable('w', [3, 4], initializer=CALL)",
    "w = tf.get_variable('w', shape=(3, n), initializer=\\\n    CALL)",
    "def f(init=CALL):\n    return init",
    "class A:\n    init = CALL",
    "class A(object):\n    def build(self):\n        self.w = CALL",
    "with slim.arg_scope([slim.conv2d], weights_initializer=CALL):\n    slim.conv2d(x, 3, 3)",
    "for i in range(3): x = CALL",
    "x = [CALL for _ in y]",
    "x = lambda shape: CALL",
    "if a:\n  x = CALL\nelse:\n  x = 1",
    "x = CALL if a else None",
    "V = tf.Variable\nx = V(tf.random_normal([2, 3]))",
    "d = {'a': CALL, 'b': 1}\nx = d['a']",
    "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None",
    "x = (CALL,  # note\n     1)",
    "x = CALL; y = CALL",
    "x = f'{CALL}'",
    "print 'x', CALL",
    "'''CALL'''",
    "# CALL",
    "del x",
    "x = getattr(tf, 'zeros_initializer')()",
    "from tensorflow import Variable as V2, random_normal\nx = V2(random_normal([3]))",
)
IMPORTS = (
    "import tensorflow as tf",
    "import tensorflow.compat.v1 as tf",
    "from __future__ import print_function; import tensorflow as tf",
    "import numpy as np, tensorflow as tf",
    "from tensorflow.contrib.layers import xavier_initializer",
    "from __future__ import division; from tensorflow.contrib.layers import xavier_initializer; import tensorflow",
    '"""Doc."""; from tensorflow.contrib.layers import xavier_initializer, l2_regularizer',
)


def statement(random: Random) -> str:
    return random.choice(FORMS).replace("CALL", random.choice(CALLS))


def statements(random: Random) -> list[str]:
    """At least one, and none of Python 2."""
    found = some(random, statement, 3)
    return [text for text in found if "print '" not in text] or ["x = tf.zeros_initializer()"]


def python(random: Random) -> str:
    lines = [random.choice(IMPORTS), "import tensorflow.contrib.slim as slim", *some(random, statement, 4)]
    return "\n".join(lines[random.random() < 0.1 :]) + "\n"


def notebook(random: Random) -> str:
    kinds: Sequence[Any] = ("code", "code", "code", "markdown", 3)
    cells = [
        {"cell_type": random.choice(kinds), "source": text.splitlines(True), "metadata": {}}
        for text in some(random, python, 2)
    ]
    return json.dumps({"cells": cells, "nbformat": 4})
