"""`explain`: what starts the weights of layer calls that name no initializer."""

from dataclasses import replace

import pytest

from initport.explain.any_input import explain
from initport.explain.source_rows import table
from initport.grammar.versions import Versions
from initport.project.processes import Run

SLIM = "import tensorflow as tf\nslim = tf.contrib.slim\n"
TRUNCATED = "slim.arg_scope([slim.conv2d], weights_initializer=tf.truncated_normal_initializer(stddev=0.01))"
XAVIER = "slim.arg_scope([slim.conv2d], weights_initializer=slim.xavier_initializer())"
ARG_SCOPE = (
    f"def scope():\n  with {TRUNCATED}:\n    with slim.arg_scope([slim.batch_norm], decay=0.9) as s:\n      return s\n"
)
UNSURE = ", or what `**` or `*` gives"
OUTER = "(default: xavier_initializer, or what an enclosing scope sets)"
CUT, AVERAGE = "truncated_variance * 0.01 ** 2", "1 / fan_avg"


def defaults(source: str, **versions: tuple[int, ...]) -> list[tuple[str, str, str]]:
    """Place, source and variance of the weights of the last line."""
    last = source.rstrip("\n").count("\n") + 1
    rows = table(source.encode(), Run().settings(Versions(versions)), "model.py").rows
    return [
        (f"{row['weight']} of {row['layer']}", f"({row['source']})", row["variance_formula"] or "?")
        for row in rows
        if row["line"] == last
    ]


JOINT = "(default: glorot_uniform_initializer, or what an enclosing scope sets, of inputs and state as one matrix)"
JOINT_GLOROT = "0.5 / (units + 0.25 * (in + units))"
"""2 / (fan_in + fan_out) of a kernel of inputs and units by four times the units: TensorFlow 1.15.5, BasicLSTMCell(200)
on 300 inputs, has 0.001537 on the inputs' rows and 0.001543 on the state's, where this is 0.0015385."""
FORGET = "(default: zeros_initializer, and the layer adds forget_bias{} to the forget gate when it runs)"


@pytest.mark.parametrize(
    ("source", "kernel"),
    [
        ("slim.conv2d(x, 3, 3)", ("(default: xavier_initializer)", AVERAGE)),
        (f"with {TRUNCATED}:\n  slim.conv2d(x, 3, 3)", ("(scope: tf.truncated_normal_initializer(stddev=0.01))", CUT)),
        (f"with {TRUNCATED}, {XAVIER}:\n  slim.conv2d(x, 3, 3)", ("(scope: slim.xavier_initializer())", AVERAGE)),
        (f"with {TRUNCATED}:\n  with {XAVIER}:\n    slim.conv2d(x, 3, 3)",
         ("(scope: slim.xavier_initializer())", AVERAGE)),
        (f"with {TRUNCATED}:\n  slim.fully_connected(x, 3)", (OUTER, AVERAGE)),
        (f"with {TRUNCATED}:\n  def f():\n    slim.conv2d(x, 3, 3)", (OUTER, AVERAGE)),
        (f"{ARG_SCOPE}with slim.arg_scope(scope()):\n  slim.conv2d(x, 3, 3)",
         ("(scope: tf.truncated_normal_initializer(stddev=0.01))", CUT)),
        (f"def scope():\n  return {TRUNCATED}\nwith scope():\n  slim.conv2d(x, 3, 3)",
         ("(scope: tf.truncated_normal_initializer(stddev=0.01))", CUT)),
        ("with slim.arg_scope(scope()):\n  slim.conv2d(x, 3, 3)", (OUTER, AVERAGE)),
        ("with slim.arg_scope([slim.conv2d], **options):\n  slim.conv2d(x, 3, 3)", (OUTER, AVERAGE)),
        ("i = slim.xavier_initializer()\nwith slim.arg_scope([slim.conv2d], weights_initializer=i):\n"
         "  slim.conv2d(x, 3, 3)", ("(scope: i)", AVERAGE)),
        ("with slim.arg_scope([slim.conv2d], weights_initializer=f()):\n  slim.conv2d(x, 3, 3)", ("(scope: f())", "?")),
    ],
)  # fmt: skip
def test_arg_scope(source: str, kernel: tuple[str, str]) -> None:
    assert ("kernel", *kernel) in [(place.split()[0], *rest) for place, *rest in defaults(f"{SLIM}{source}\n")]


def test_a_scope_that_takes_a_bias_away() -> None:
    source = "with slim.arg_scope([slim.conv2d], biases_initializer=None):\n  slim.conv2d(x, 3, 3)\n"
    assert [place for place, *_ in defaults(SLIM + source)] == ["kernel of slim.conv2d"]


@pytest.mark.parametrize(
    ("call", "weight"),
    [
        ("tf.get_variable('a', (3, 4))", ("parameter", "orthogonal", "1 / max(in * kernel, out)")),
        ("tf.layers.dense(x, 3)", ("kernel", "orthogonal", "1 / max(in, out)")),
        ("slim.fully_connected(x, 3)", ("kernel", "xavier", AVERAGE)),
    ],
)
def test_variable_scope(call: str, weight: tuple[str, str, str]) -> None:
    scope = "with tf.variable_scope('a', initializer=tf.orthogonal_initializer()):\n  "
    place, source, variance = defaults(f"{SLIM}{scope}{call}\n")[0]
    assert (place.split()[0], variance) == (weight[0], weight[2])
    assert weight[1] in source


@pytest.mark.parametrize(
    ("imports", "call", "rows"),
    [
        ("import tflearn", "tflearn.conv_2d(x, 3, 3)",
         [("(default: uniform_scaling)", "1 / fan_in"), ("(default: zeros)", "0")]),
        ("import tflearn", "tflearn.fully_connected(x, 3, bias=False)",
         [("(default: truncated_normal)", "truncated_variance * 0.02 ** 2")]),
        ("import sonnet as snt", "snt.Linear(3, initializers={'b': b})",
         [("(default: truncated_normal_initializer)", "truncated_variance / in")]),
        ("import sonnet as snt", "snt.Linear(3, w_init=w)", [("(default: Zeros)", "0")]),
        ("from keras.layers import *", "Dense(3)", [("(default: glorot_uniform)", AVERAGE), ("(default: zeros)", "0")]),
        ("from keras.layers import *", "LSTM(3)",
         [("(default: glorot_uniform)", AVERAGE), ("(default: orthogonal)", "1 / max(units, 4 * units)"),
          ("(default: zeros)", "?")]),
        ("from keras.layers import *", "LSTM(3, unit_forget_bias=False)",
         [("(default: glorot_uniform)", AVERAGE), ("(default: orthogonal)", "1 / max(units, 4 * units)"),
          ("(default: zeros)", "0")]),
        ("from keras.layers import *", "Embedding(3, 4)", [("(default: uniform)", "0.1 ** 2 / 12")]),
        ("from keras.layers import *", "Dense(3, **options)",
         [(f"(default: glorot_uniform{UNSURE})", AVERAGE), (f"(default: zeros{UNSURE})", "0")]),
        ("import tensorlayer as tl", "tl.layers.DenseLayer(x, 3)",
         [("(default: truncated_normal_initializer)", "truncated_variance * 0.1 ** 2"),
          ("(default: constant_initializer)", "0")]),
        ("import tensorflow as tf", "tf.nn.rnn_cell.LSTMCell(3)",
         [(JOINT, JOINT_GLOROT)] * 2 + [(FORGET.format(" = 1"), "?")]),
        ("import tensorflow as tf", "tf.nn.rnn_cell.BasicLSTMCell(3, 0.0)",
         [(JOINT, JOINT_GLOROT)] * 2 + [(FORGET.format(" = 0"), "0")]),
        ("import tensorflow as tf", "tf.nn.rnn_cell.BasicLSTMCell(3, forget_bias=f())",
         [(JOINT, JOINT_GLOROT)] * 2 + [(FORGET.format(""), "?")]),
        ("from tensorflow.contrib import rnn", "rnn.LSTMCell(3, num_proj=2, initializer=i)",
         [(FORGET.format(" = 1"), "?")]),
        ("from tensorflow.contrib import rnn", "rnn.LayerNormBasicLSTMCell(3, layer_norm=False)",
         [(JOINT, JOINT_GLOROT)] * 2 + [(FORGET.format(" = 1"), "?")]),
        ("from tensorflow.contrib import rnn", "rnn.IndRNNCell(3)",
         [("(default: glorot_uniform_initializer, or what an enclosing scope sets)", AVERAGE),
          ("(default: random_uniform_initializer)", "2 ** 2 / 12"), ("(default: zeros_initializer)", "0")]),
        ("from torch import nn", "nn.Linear(3, 4)",
         [("(default: kaiming_uniform_)", "1 / (3 * fan_in)"), ("(default: uniform_)", "1 / (3 * in)")]),
        ("from torch.nn import Conv2d", "Conv2d(3, 4, 3, 1, 0, 1, 1, False)",
         [("(default: kaiming_uniform_)", "1 / (3 * fan_in)")]),
        ("from torch import nn", "nn.LSTM(3, 4, bias=False, proj_size=2)",
         [("(default: uniform_)", "1 / (3 * units)")] * 3),
        ("from torch import nn", "nn.InstanceNorm2d(3)", []),
        ("from torch import nn", "nn.BatchNorm2d(3)",
         [("(default: ones_, or uniform_ in PyTorch 1)", "?"), ("(default: zeros_)", "0")]),
        ("from torch import nn", "nn.MultiheadAttention(8, 2, bias=False)",
         [("(default: xavier_uniform_)", AVERAGE),
          ("(default: kaiming_uniform_, or xavier_uniform_ in PyTorch 1)", "?")]),
        ("from torch import nn", "nn.MultiheadAttention(8, 2, bias=False, kdim=3)",
         [("(default: xavier_uniform_)", AVERAGE)] * 3 + [("(default: kaiming_uniform_)", "1 / (3 * fan_in)")]),
        ("import tensorflow as tf", "tf.contrib.layers.batch_norm(x)", [("(default: zeros_initializer)", "0")] * 2 +
         [("(default: ones_initializer)", "0")]),
    ],
)  # fmt: skip
def test_defaults_of_layers(imports: str, call: str, rows: list[tuple[str, str]]) -> None:
    assert [(source, variance) for _, source, variance in defaults(f"{imports}\n{call}\n")] == rows


@pytest.mark.parametrize(
    ("call", "variance"),
    [
        ("tf.get_variable('v', [3, 4])", AVERAGE),
        ("tf.get_variable('v', [3, 4], tf.float16)", AVERAGE),
        ("tf.get_variable('v', [3, 4], tf.int32)", "0"),
        ("tf.get_variable('v', [3, 4], dtype='bool')", "0"),
        ("snt.TrainableVariable([300, 200])", "truncated_variance / (in * out)"),
    ],
)
def test_variables_of_other_kinds(call: str, variance: str) -> None:
    """Measured on TensorFlow 1.15.5: integers and booleans are zeros; 1.2896e-05 on [300, 200] in Sonnet 1.36."""
    found = defaults(f"import tensorflow as tf\nimport sonnet as snt\nv = {call}\n", tensorflow=(1, 15, 5))
    assert [item[2] for item in found] == [variance]


TORCH = "import torch\nfrom torch import nn\n"


@pytest.mark.parametrize(
    ("source", "target", "lines"),
    [
        ("m = nn.Linear(16, 4)", "keras", {
            "kernel": 'keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")',
            "bias": "keras.initializers.RandomUniform(-0.25, 0.25)"}),
        ("m = nn.Linear(16, 4)", "torch", {
            "kernel": "nn.init.uniform_(w, -math.sqrt(1 / w.shape[1]), math.sqrt(1 / w.shape[1]))",
            "bias": "nn.init.uniform_(w, -0.25, 0.25)"}),
        ("m = nn.Conv2d(4, 8, (2, 2), groups=2)", "torch", {
            "kernel": "nn.init.uniform_(w, -math.sqrt(1 / w[0].numel()), math.sqrt(1 / w[0].numel()))",
            "bias": "nn.init.uniform_(w, -math.sqrt(0.125), math.sqrt(0.125))"}),
        ("m = nn.Linear(n, 4)", "keras", {
            "kernel": 'keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")', "bias": None}),
    ],
)  # fmt: skip
def test_every_default_of_pytorch_has_its_line(source: str, target: str, lines: dict[str, str | None]) -> None:
    rows = table(f"{TORCH}{source}\n".encode(), Run(target=target).settings(Versions()), "model.py").rows
    assert {row["weight"]: row["target"] for row in rows} == lines


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("from keras.layers import Dense\nDense(4)", "nn.init.xavier_uniform_(w)"),
        ("import tensorflow as tf\ntf.layers.conv2d(x, 3, 3)", "nn.init.xavier_uniform_(w)"),
        ("import tensorflow as tf\ntf.get_variable('w', [100, 10])", "nn.init.xavier_uniform_(w)"),
        ("import tensorflow as tf\ntf.get_variable('w', [12])",
         "nn.init.uniform_(w, -math.sqrt(3 / w.numel()), math.sqrt(3 / w.numel()))"),
        ("import tflearn\ntflearn.conv_2d(x, 3, 3)",
         'nn.init.kaiming_uniform_(w, nonlinearity="linear")'),
    ],
)  # fmt: skip
def test_every_default_has_its_line_in_pytorch(source: str, line: str) -> None:
    versions = Versions({"tensorflow": (1, 15, 5)})
    rows = table(f"{source}\n".encode(), Run(target="torch").settings(versions), "model.py").rows
    assert rows[0]["target"] == line


@pytest.mark.parametrize(
    ("version", "source", "variance"),
    [
        ((1, 1), "default: uniform_", "1 / 12"),
        ((1, 2), "default: ones_", "0"),
        (None, "default: ones_, or uniform_ in PyTorch 1", None),
    ],
)
def test_batch_norm_before_pytorch_1_2(version: tuple[int, ...] | None, source: str, variance: str | None) -> None:
    versions = Versions({} if version is None else {"torch": version})
    rows, findings = table(f"{TORCH}nn.BatchNorm2d(3)\n".encode(), Run().settings(versions), "model.py")
    assert (rows[0]["source"], rows[0]["variance_formula"]) == (source, variance)
    assert rows[0]["exact"] is (version is not None)
    assert [item.code.code for item in findings] == ([] if version else ["IP316"])
    if version is None:
        assert "--source-version torch=VERSION" in findings[0].detail
        assert rows[0]["target"] is None


@pytest.mark.parametrize(
    ("initializer", "law"),
    [
        ("tf.glorot_uniform_initializer()", "Glorot (2 / (fan_in + fan_out))"),
        ("tf.contrib.layers.xavier_initializer(uniform=False)", "Glorot (2 / (fan_in + fan_out)) x 1.006"),
        ("tf.contrib.layers.variance_scaling_initializer()", "He (2 / fan_in) x 1.006"),
        ("tf.initializers.lecun_normal()", "LeCun (1 / fan_in)"),
        ("tf.random_normal_initializer(stddev=0.01)", ""),
        ("tf.zeros_initializer()", ""),
    ],
)
def test_library_initializers_have_their_law(initializer: str, law: str) -> None:
    source = f"import tensorflow as tf\ntf.layers.dense(x, 3, kernel_initializer={initializer}, use_bias=False)\n"
    rows = table(source.encode(), Run(target="torch").settings(Versions({"tensorflow": (1, 15, 5)})), "model.py").rows
    assert rows[0]["law"] == law


def test_the_uncorrected_normal_of_tensorflow_1_9_is_told() -> None:
    source = b"import tensorflow as tf\ntf.layers.dense(x, 3, kernel_initializer=tf.keras.initializers.he_normal())\n"
    rows = table(source, Run(target="torch").settings(Versions({"tensorflow": (1, 8)})), "model.py").rows
    assert rows[0]["law"] == "He (2 / fan_in) x 0.7737"


@pytest.mark.parametrize(
    ("call", "law"),
    [
        ("nn.init.normal_(fc.weight, 0, 2 / n_in)", "He (2 / fan_in, taking `n_in` for the fan) x 2 / n_in, IP604"),
        ("nn.init.normal_(fc.weight, 0, math.sqrt(2. / n_in))", "He (2 / fan_in, taking `n_in` for the fan)"),
        ("nn.init.normal_(fc.weight, 0, 0.02)", ""),
    ],
)
def test_formulas_that_fill_have_their_law(call: str, law: str) -> None:
    rows = table(f"import math\n{TORCH}{call}\n".encode(), Run().settings(Versions()), "model.py").rows
    assert rows[0]["law"] == law


def test_a_filled_weight_shows_what_fills_it_and_not_the_default() -> None:
    source = f"""import math
{TORCH}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3, bias=False)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data.normal_(0, math.sqrt(2. / n))
"""
    rows = table(source.encode(), Run().settings(Versions()), "model.py").rows
    (row,) = rows
    assert row["source"] == "filled: m.weight.data.normal_(0, math.sqrt(2.0 / n))"
    assert (row["line"], row["target"]) == (12, "keras.initializers.RandomNormal(stddev=1 / 6)")
    assert not row["implicit"]


@pytest.mark.parametrize(
    ("line", "kernel"),
    [
        ("", ("(default: Uniform)", "0.14 ** 2 / 12")),
        ("net.initialize(ctx=ctx)\n", ("(default: Uniform)", "0.14 ** 2 / 12")),
        ("net.initialize(mx.init.Xavier())\n", ("(default: what the network is given)", "?")),
    ],
)
def test_a_network_is_given_what_its_layers_are_not(line: str, kernel: tuple[str, str]) -> None:
    source = f"import mxnet as mx\n{line}mx.gluon.nn.Dense(3)\n"
    assert defaults(source) == [
        ("kernel of mx.gluon.nn.Dense", *kernel),
        ("bias of mx.gluon.nn.Dense", "(default: zeros)", "0"),
    ]


@pytest.mark.parametrize(
    ("call", "variance"),
    [
        ("L.Linear(3, 4)", "1 / fan_in"),
        ("L.Linear(3, 4, 4)", "4 / fan_in"),
        ("L.Linear(3, 4, wscale=0.25)", "0.25 / fan_in"),
        ("L.Linear(3, 4, wscale=f())", "?"),
        ("L.Linear(3, 4, wscale=4, initialW=None)", "4 / fan_in"),
        ("L.Convolution2D(3, 4, 5, wscale=4)", "4 / fan_in"),
        ("L.Linear(3, 4, wscale=4, initialW=.5)", "?"),
        ("L.Convolution2D(3, 4, 5, wscale=4, initialW=other)", "?"),
    ],
)
def test_a_setting_decides_a_default(call: str, variance: str) -> None:
    source = f"import chainer.links as L\nx = {call}\n"
    (kernel, _) = defaults(source, chainer=(1, 24))
    assert kernel[2].partition(" =")[0] == variance


def test_gates_have_names() -> None:
    """What TensorFlow 1's cells add as they run is in PyTorch's bias, whose gates come as i, f, g, o."""
    cell = b"import tensorflow as tf\nc = tf.nn.rnn_cell.BasicLSTMCell(4)\n"
    rows = table(cell, Run(target="torch").settings(Versions({})), "a.py").rows
    kernel, recurrent, bias = rows
    assert bias["distribution"] == "forget gate 1, others 0"
    assert bias["target"] == "blocks_(w, nn.init.zeros_, nn.init.ones_, nn.init.zeros_, nn.init.zeros_)"
    assert kernel["exact"]
    limit = "math.sqrt(6 / (w.shape[0] + 0.25 * (w.shape[0] + 4 * w.shape[1])))"
    assert kernel["target"] == f"nn.init.uniform_(w, -{limit}, {limit})"
    assert recurrent["exact"] is False  # its law takes the size of the input, which its shape does not tell


FORGET_GATE = "blocks_(w, nn.init.zeros_, nn.init.ones_, nn.init.zeros_, nn.init.zeros_)"


@pytest.mark.parametrize(
    ("source", "versions"),
    [
        ("import tensorflow as tf\nc = tf.contrib.rnn.LSTMBlockFusedCell(4)\n", {"tensorflow": (1, 15)}),
        ("import tensorflow as tf\nc = tf.contrib.rnn.Conv2DLSTMCell(input_shape=[8, 8, 3], output_channels=4, "
         "kernel_shape=[3, 3])\n", {"tensorflow": (1, 15)}),
        ("import tensorflow as tf\nc = tf.contrib.rnn.ConvLSTMCell(2, [8, 8, 3], 4, [3, 3])\n",
         {"tensorflow": (1, 15)}),
        ("import tflearn\nc = tflearn.lstm(net, 4)\n", {"tensorflow": (1, 15)}),
        ("import haiku as hk\nc = hk.LSTM(4)\n", {}),
        ("import haiku as hk\nc = hk.Conv2DLSTM((8, 8), 4, 3)\n", {}),
        ("import sonnet as snt\nc = snt.LSTM(4)\n", {"sonnet": (2, 0)}),
        ("import sonnet as snt\nc = snt.UnrolledLSTM(4)\n", {"sonnet": (2, 0)}),
        ("import chainer.links as L\nc = L.LSTM(3, 4)\n", {"chainer": (7, 8, 1)}),
    ],
)  # fmt: skip
def test_the_forget_gate_is_the_second(source: str, versions: dict[str, tuple[int, ...]]) -> None:
    """Whatever the order of the source's gates, and whoever adds to them: PyTorch's come as i, f, g, o."""
    rows = table(source.encode(), Run(target="torch").settings(Versions(versions)), "a.py").rows
    assert [row["target"] for row in rows if row["weight"] == "bias"] == [FORGET_GATE]


@pytest.mark.parametrize(
    ("call", "gate", "law"),
    [
        ("L.LSTMLayer(l, 4)", "", "normal"),
        ("L.LSTMLayer(l, 4, forgetgate=L.Gate(W_in=init.Orthogonal()))", ", by forgetgate", "?"),
        ("L.LSTMLayer(l, 4, other)", ", by ingate", "?"),
        ("L.GRULayer(l, 4, hidden_update=other)", ", by hidden_update", "?"),
    ],
)
def test_a_gate_of_lasagne_replaces_what_starts_its_part(call: str, gate: str, law: str) -> None:
    source = f"import lasagne.layers as L\nfrom lasagne import init\nc = {call}\n"
    rows = table(source.encode(), Run(target="torch").settings(Versions({"lasagne": (0, 1)})), "a.py").rows
    found = {row["weight"]: (row["source"], row["distribution"]) for row in rows if row["layer"].endswith("Layer")}
    assert found["recurrent_kernel"] == (f"default{gate}" if gate else "default: Normal", law)
    assert found["bias"] == (f"default{gate}" if gate else "default: Constant", "?" if gate else "constant")


@pytest.mark.parametrize(
    ("arguments", "zeroed"),
    [
        ("", False),
        (", padding_idx=None", False),
        (", None", False),
        (", padding_idx=0", True),
        (", 3", True),
        (", padding_idx=other()", True),
    ],
)
@pytest.mark.parametrize("package", ["paddle", "torch"])
def test_a_row_that_is_set_to_zero(package: str, arguments: str, zeroed: bool) -> None:
    source = f"import {package}\ne = {package}.nn.Embedding(10, 6{arguments})\n"
    ((_, words, variance),) = defaults(source, **{package: (2, 6, 2)})
    assert words.endswith(", and its row `padding_idx` is set to zero)") is zeroed
    assert (variance == "?") is zeroed


@pytest.mark.parametrize(
    ("source", "versions", "weights"),
    [
        ("import mindspore.nn as nn\nx = nn.Dense(3, 4)\n", {},
         ["(default: HeUniform, or normal in MindSpore 2)", "(default: Uniform, or zeros in MindSpore 2)"]),
        ("import mindspore.nn as nn\nx = nn.Dense(3, 4)\n", {"mindspore": (2, 9)},
         ["(default: HeUniform)", "(default: Uniform)"]),
        ("import chainer.links as L\nx = L.LSTM(3, 4)\n", {},
         ["(default: HeNormal)", "(default: HeNormal)", "(default: Zero, or Zero in Chainer 1.24)"]),
        ("import chainer.links as L\nx = L.LSTM(3, 4, forget_bias_init=0)\n", {},
         ["(default: HeNormal)", "(default: HeNormal)", "(default: Zero)"]),
        ("import paddle.nn as nn\nx = nn.Linear(3, 4)\n", {}, ["(default: XavierUniform)", "(default: Constant)"]),
        ("from keras.layers import Dense\nx = Dense(3)\n", {}, ["(default: glorot_uniform)", "(default: zeros)"]),
    ],
)  # fmt: skip
def test_a_default_that_differs_by_version(
    source: str, versions: dict[str, tuple[int, ...]], weights: list[str]
) -> None:
    assert [words for _, words, _ in defaults(source, **versions)] == weights


def test_what_sonnet_1_adds_to_a_drawn_bias() -> None:
    source = b"import sonnet as snt\nc = snt.LSTM(4)\n"
    rows = table(source, Run(target="torch").settings(Versions({"sonnet": (1, 36)})), "a.py").rows
    assert [(row["weight"], row["distribution"]) for row in rows] == [("kernel", "truncated normal"), ("bias", "?")]


def test_parameters_of_pytorch_that_are_made_of_draws() -> None:
    module = (
        "import torch\nfrom torch import nn\nclass M(nn.Module):\n  def __init__(self):\n    super().__init__()\n"
        "    self.w = nn.Parameter(torch.randn(128, 64) * 0.01)\n    self.z = nn.Parameter(torch.zeros(4))\n"
        "    self.u = nn.Parameter(other)\n"
    )
    rows = table(module.encode(), Run(target="torch").settings(Versions({})), "model.py").rows
    found = [(row["line"], row["distribution"], row["variance_formula"], row["target"]) for row in rows]
    assert found == [
        (6, "normal", "0.01 ** 2", "nn.init.normal_(w, std=0.01)"),
        (7, "constant", "0", "nn.init.zeros_(w)"),
        (8, "?", None, None),
    ]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("nn.Parameter(torch.empty(3, 4).normal_())", "nn.init.normal_(w, std=1)"),
        ("nn.Parameter(torch.empty(3, 4).normal_(0, 0.02))", "nn.init.normal_(w, std=0.02)"),
        ("nn.Parameter(torch.Tensor(3, 4).uniform_(-0.1, 0.1))", "nn.init.uniform_(w, -0.1, 0.1)"),
        ("nn.Parameter(torch.zeros(3, 4).fill_(2))", "nn.init.constant_(w, 2)"),
        ("nn.Parameter(torch.randn(3, 4).mul_(0.1))", "nn.init.normal_(w, std=0.1)"),
        ("nn.Parameter(torch.empty(3, 4).uniform_(-1, 1).div_(4))", "nn.init.uniform_(w, -0.25, 0.25)"),
        ("nn.Parameter(torch.empty(3, 4).exponential_())", None),
        ("nn.Parameter(torch.randn(3, 4).clamp_(-1, 1))", None),
        ("t = torch.empty(3, 4); t.normal_(0, 0.02); {}nn.Parameter(t)", "nn.init.normal_(w, std=0.02)"),
        ("t = torch.randn(3, 4); t.clamp_(-1, 1); {}nn.Parameter(t)", None),
        ("t = 2 * torch.randn(3, 4); t.clamp_(-1, 1); {}nn.Parameter(t)", None),
    ],
)
def test_parameters_of_pytorch_that_are_filled_in_place(body: str, line: str | None) -> None:
    statement = body.format("self.w = ") if "{}" in body else f"self.w = {body}"
    module = f"import torch\nfrom torch import nn\nclass M(nn.Module):\n  def __init__(self):\n    {statement}\n"
    (row,) = table(module.encode(), Run(target="torch").settings(Versions({})), "model.py").rows
    assert row["shape"] == [3, 4] or line is None
    assert row["target"] == line
    assert row["exact"] is (None if line is None else True)


def test_convolutions_of_early_keras_in_source_are_no_modern_ones() -> None:
    """Keras 2.0.4 counts the fans of a kernel otherwise, and the axes are not known here."""
    source = "from keras.layers import Conv1D\nConv1D(8, 3, kernel_initializer='he_uniform', use_bias=False)\n"
    rows, findings = table(source.encode(), Run().settings(Versions({"keras": (2, 0, 4)})), "model.py")
    assert [(row["exact"], row["target"]) for row in rows] == [(False, None)]
    assert [item.code.code for item in findings] == ["IP205"]


TIED = """
input: "data" input_shape { dim: 1 dim: 8 }
layer { name: "a" type: "InnerProduct" bottom: "data" top: "a" param { name: "w" }
        inner_product_param { num_output: 3 bias_term: false weight_filler { type: "xavier" } } }
layer { name: "b" type: "InnerProduct" bottom: "a" top: "b" param { name: "w" }
        inner_product_param { num_output: 8 transpose: true bias_term: false weight_filler { type: "xavier" } } }
"""


def test_fans_of_a_tied_transposed_layer_are_those_of_its_variance() -> None:
    rows = explain(TIED, source="caffe", path="net.prototxt").rows
    assert [(row["shape"], row["fan_in"], row["fan_out"]) for row in rows] == [([3, 8], 8, 3)] * 2
    for row in rows:
        assert row["variance"] == pytest.approx(1 / 8)


@pytest.mark.parametrize(
    ("call", "cells"),
    [
        ("nn.GRU(3, 4)", {"": (3, 12)}),
        ("nn.GRU(3, 4, 2)", {"cell 0": (3, 12), "cell 1": (4, 12)}),
        ("nn.RNN(3, 4, bidirectional=True)", {"cell 0, forward": (3, 4), "cell 0, backward": (3, 4)}),
        ("nn.LSTM(3, 4, num_layers=LAYERS, bidirectional=True, proj_size=2)",
         {"cell 0, forward": (3, 16), "cell 0, backward": (3, 16), "cell 1, forward": (4, 16),
          "cell 1, backward": (4, 16)}),
        ("nn.GRU(3, 4, layers())", {"": (3, 12)}),
        ("nn.GRU(3, 4, 2, bidirectional=both())", {"": (3, 12)}),
        ("nn.GRU(3, 4, **options)", {"": (3, 12)}),
    ],
)  # fmt: skip
def test_every_layer_and_direction_of_a_stack(call: str, cells: dict[str, tuple[int, int]]) -> None:
    """The fans of the kernel, by the layer; where the number of layers is not written out, the first."""
    rows = table(f"{TORCH}LAYERS = 2\nm = {call}\n".encode(), Run().settings(Versions()), "model.py").rows
    assert {row["place"]: (row["fan_in"], row["fan_out"]) for row in rows if row["weight"] == "kernel"} == cells
    assert len(rows) == len({(row["place"], row["weight"]) for row in rows})


def test_a_layer_of_a_stack_that_is_filled() -> None:
    body = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    body += "        self.rnn = nn.GRU(3, 4, 2)\n        nn.init.orthogonal_(self.rnn.weight_hh_l1)\n"
    rows = table(f"{TORCH}{body}".encode(), Run().settings(Versions()), "model.py").rows
    assert {row["place"]: row["source"] for row in rows if row["weight"] == "recurrent_kernel"} == {
        "cell 0": "default: uniform_", "cell 1": "filled: nn.init.orthogonal_(self.rnn.weight_hh_l1)"}  # fmt: skip


@pytest.mark.parametrize("order", ["'NCHW'", "'NHWC'", "ORDER", "order"])
def test_a_layer_whose_axes_only_the_running_program_has(order: str) -> None:
    """What does not depend on them is kept."""
    source = (
        f"from caffe2.python import brew\nORDER = 'NHWC'\nbrew.conv(m, 'x', 'y', 3, 20, 5, order={order})\n".encode()
    )
    found = table(source, Run(target="torch").settings(Versions({"caffe2": (1, 1, 0)})), "x.py")
    rows = {row["weight"]: row for row in found.rows}
    assert rows["bias"]["exact"] is True
    assert rows["kernel"]["exact"] is (order != "order")
    if order == "order":
        assert "its axes depend on `order`" in str(rows["kernel"]["reason"])


ONE_OR_TWO = "(default: zeros, or other weights in {})"


@pytest.mark.parametrize(
    ("source", "versions", "bias"),
    [
        ("from keras.layers import GRU\nGRU(4)", {}, ("bias of GRU", ONE_OR_TWO.format("Keras 2.4"), "?")),
        ("from keras.layers import GRU\nGRU(4)", {"keras": (2, 3, 1)}, ("bias of GRU", "(default: zeros)", "0")),
        ("from keras.layers import GRU\nGRU(4)", {"keras": (3, 15, 0)}, ("biases of GRU", "(default: zeros)", "0")),
        ("from keras.layers import GRU\nGRU(4, reset_after=True)", {}, ("biases of GRU", "(default: zeros)", "0")),
        ("from keras.layers import GRU\nGRU(4, reset_after=False)", {}, ("bias of GRU", "(default: zeros)", "0")),
        ("from tensorflow.keras.layers import GRU\nGRU(4)", {},
         ("bias of GRU", ONE_OR_TWO.format("TensorFlow 2"), "?")),
        ("from tensorflow.keras.layers import GRU\nGRU(4)", {"tensorflow": (1, 15, 5)},
         ("bias of GRU", "(default: zeros)", "0")),
        ("from tensorflow.keras.layers import GRU\nGRU(4)", {"tensorflow": (2, 4)},
         ("biases of GRU", "(default: zeros)", "0")),
        ("from tf_keras.layers import GRU\nGRU(4)", {}, ("biases of GRU", "(default: zeros)", "0")),
    ],
)  # fmt: skip
def test_a_layer_with_one_bias_or_two(
    source: str, versions: dict[str, tuple[int, ...]], bias: tuple[str, str, str]
) -> None:
    """Keras counts one vector before 2.4, in TensorFlow before 2, and two since: the version decides."""
    assert defaults(source, **versions)[-1] == bias


FILLED = (
    "from keras import layers, initializers, Model\nclass Net(Model):\n    def __init__(self):\n"
    "        super().__init__()\n"
    "        self.a = layers.Dense(20, kernel_initializer='he_normal')\n        self.b = layers.Dense(20)\n{}"
)


@pytest.mark.parametrize(
    ("change", "kernels"),
    [
        ("", ["he_normal", "1 / fan_avg"]),
        ("        self.a.trainable = False\n", ["he_normal", "1 / fan_avg"]),
        ("        self.b.kernel.assign(initializers.Ones()((5, 20)))\n", ["he_normal", "filled: 0"]),
        ("        self.a.kernel.assign(initializers.Ones()((5, 20)))\n", ["1 / fan_avg", "filled: 0"]),
        (
            "        for l in self.layers:\n            l.kernel_initializer = 'ones'\n",
            ["filled: None", "filled: None"],
        ),
    ],
)
def test_a_layer_that_is_started_otherwise_after_it_was_made(change: str, kernels: list[str]) -> None:
    """Its row says what fills it, never what its call states."""
    rows = table(FILLED.format(change).encode(), Run().settings(Versions({"keras": (3, 15, 0)})), "model.py").rows
    filled = [row for row in rows if row["layer"] == "layers.Dense" and row["weight"] == "kernel"]
    found = [
        f"filled: {row['variance_formula']}" if row["source"].startswith("filled")
        else "he_normal" if "he_normal" in row["source"] else row["variance_formula"]
        for row in filled
    ]  # fmt: skip
    assert found == kernels


BITS = (
    "import jax\nimport jax.numpy as jnp\nfrom flax import linen as nn, nnx\nimport haiku as hk\n"
    "import equinox as eqx\n"
)


@pytest.mark.parametrize(
    ("line", "variances"),
    [
        ("nn.Dense(5, dtype=jnp.bfloat16)", ["1 / fan_in", "0"]),
        ("nn.Dense(5, param_dtype=jnp.bfloat16)", ["REFUSED", "0"]),
        ("nnx.Linear(3, 5, rngs=rngs, param_dtype='float16')", ["REFUSED", "0"]),
        ("eqx.nn.Linear(3, 4, use_bias=False, key=key, dtype=jnp.bfloat16)", ["REFUSED"]),
        ("w = nnx.Param(jax.random.normal(key, (3, 4)) * .02)", ["0.02 ** 2"]),
        ("w = nnx.Param(jax.random.normal(key, (3, 4), jnp.bfloat16) * .02)", ["REFUSED"]),
        ("w = hk.get_parameter('w', (3, 4), init=hk.initializers.RandomNormal(.5))", ["0.5 ** 2"]),
        ("w = hk.get_parameter('w', (3, 4), jnp.bfloat16, init=hk.initializers.RandomNormal(.5))", ["REFUSED"]),
        ("w = hk.get_parameter('w', (3,), init=lambda s, d: jax.random.normal(hk.next_rng_key(), s, d) * .5)",
         ["0.5 ** 2"]),
        ("noise = jax.random.normal(key, (3, 4), jnp.bfloat16)", []),
    ],
)  # fmt: skip
def test_draws_in_few_bits(line: str, variances: list[str]) -> None:
    """Drawn in bfloat16 or float16, values of JAX are biased: they are not said to have the law of their function."""
    chosen = Versions({"jax": (0, 12), "flax": (0, 12), "haiku": (0, 0, 17), "equinox": (0, 13)})
    settings = replace(Run().settings(chosen), target="torch")
    rows = table(f"{BITS}{line}\n".encode(), settings, "model.py").rows
    reasons = [row["reason"] or "" for row in rows]
    assert ["REFUSED" if "biased" in reason else row["variance_formula"]
            for row, reason in zip(rows, reasons, strict=True)] == variances  # fmt: skip


def test_what_attention_of_flax_gives_out_has_a_form_in_torch() -> None:
    """Its heads have one size, for keys and values: the output's kernel has the inputs `heads * value_head`."""
    settings = replace(Run().settings(Versions({"jax": (0, 12), "flax": (0, 12)})), target="torch")
    source = b"from flax import linen as nn\nnn.SelfAttention(num_heads=2)\n"
    found = {row["weight"]: row["target"] for row in table(source, settings, "model.py").rows}
    assert found["output_kernel"] == "truncated_normal_(w, variance=1 / w.shape[1])"


@pytest.mark.parametrize(
    ("before", "kernel"),
    [
        ("", "1 / fan_in"),
        ("with brew.arg_scope([brew.conv], weight_init=('GaussianFill', {'std': 0.5})):\n  ", "0.5 ** 2"),
        ("with brew.arg_scope([brew.fc], weight_init=('GaussianFill', {'std': 0.5})):\n  ", "1 / fan_in"),
        ("with brew.arg_scope([brew.conv], order='NHWC'):\n  ", "?"),
        ("m = ModelHelper(arg_scope={'order': 'NHWC'})\n", "?"),
        ("m = ModelHelper(arg_scope={'order': 'NCHW'})\n", "1 / fan_in"),
    ],
)
def test_what_scopes_and_models_of_caffe2_set(before: str, kernel: str) -> None:
    source = f"from caffe2.python import brew\n{before}brew.conv(m, 'x', 'y', 3, 4, 5)\n"
    assert defaults(source, caffe2=(1, 1, 0))[0][2] == kernel
