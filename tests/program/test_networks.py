"""What a module initializes that is made of a network in code: every layer by name, defaults included."""

from textwrap import dedent

import pytest

from initport.conversion import convert, plan_for
from initport.formats.read_options import Options
from initport.ir.initializers import Blocks
from initport.ir.moments import moments
from tests.program.reading import TF2, entries, lines, reading, told

X, Z = "nn.init.xavier_uniform_(w)", "nn.init.zeros_(w)"
ONE = "nn.init.ones_(w)"

SEQUENTIAL = """
from tensorflow import keras
from tensorflow.keras import layers

model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, name="first"),
    layers.BatchNormalization(),
    layers.Flatten(),
    layers.Dense(10, kernel_initializer="he_normal"),
    layers.Dense(4, use_bias=False),
])
"""

HE = "nn.init.trunc_normal_(w, std=math.sqrt(2 / w.shape[1] / 0.7737413035499232), a={a}, b={b})"


def test_sequential() -> None:
    found = lines(SEQUENTIAL, versions=TF2)
    he = found.pop("dense kernel")
    assert he is not None
    assert he.startswith("truncated_normal_(w") or "trunc_normal_" in he
    assert found == {
        "first kernel": X, "first bias": Z, "batch_normalization beta": Z, "batch_normalization gamma": ONE,
        "dense bias": Z, "dense_1 kernel": X,
    }  # fmt: skip


def test_standalone_keras_counts_from_one() -> None:
    source = """
    from keras.models import Sequential
    from keras.layers import Dense
    model = Sequential()
    model.add(Dense(3, input_dim=2))
    model.add(Dense(4))
    """
    assert set(lines(source, versions={"keras": "2.2.4"})) == {
        "dense_1 kernel", "dense_1 bias", "dense_2 kernel", "dense_2 bias"}  # fmt: skip
    assert set(lines(source, versions={"keras": "3.15.0"})) == {
        "dense kernel", "dense bias", "dense_1 kernel", "dense_1 bias"}  # fmt: skip


KERAS_GRU = """
from {} import layers, Sequential
model = Sequential([layers.GRU(4, bias_initializer="ones", name="g"{})])
"""


@pytest.mark.parametrize(
    ("package", "given", "versions", "starts"),
    [
        ("keras", "", {"keras": "3.15"}, ["bias_ih_l0", "bias_hh_l0"]),
        ("keras", "", {"keras": "2.3.1"}, ["bias_ih_l0"]),
        ("keras", ", reset_after=True", {}, ["bias_ih_l0", "bias_hh_l0"]),
        ("keras", ", reset_after=False", {}, ["bias_ih_l0"]),
        ("tensorflow.keras", "", {"tensorflow": "2.3"}, ["bias_ih_l0", "bias_hh_l0"]),
        ("tensorflow.keras", "", {"tensorflow": "1.15.5"}, ["bias_ih_l0"]),
        ("tensorflow.compat.v1.keras", "", {"tensorflow": "2.3"}, ["bias_ih_l0"]),
        ("tensorflow.compat.v1.keras", "", {"tensorflow": "2.21"}, ["bias_ih_l0", "bias_hh_l0"]),
        ("tf_keras", "", {}, ["bias_ih_l0", "bias_hh_l0"]),
        ("keras", "", {}, []),
        ("tensorflow.keras", "", {}, []),
    ],
)
def test_biases_of_a_gru(package: str, given: str, versions: dict[str, str], starts: list[str]) -> None:
    """One bias, beside which nn.GRU's second starts at zero, or two where the reset gate comes after the product:
    Keras 3 and TensorFlow 2 by default, measured on 3.15 and 2.21."""
    source = KERAS_GRU.format(package, given)
    found = plan_for(reading(source, versions=versions).model, "torch").emitted
    assert [name for entry, _ in found for name, _ in entry.by_parameter if "bias" in name] == starts
    assert [name for entry, _ in found for name in entry.place.zero] == ["bias_hh_l0"] * (len(starts) == 1)
    assert bool(starts) is not any("other weights" in item for item in told(source, versions=versions))


OTHER_FRAMEWORKS = """
import {0}

class Net({1}):
    def __init__(self):
        super().__init__()
        self.rnn = {0}.{2}
"""


@pytest.mark.parametrize(
    ("package", "base", "layer", "versions", "starts"),
    [
        ("mxnet", "mxnet.gluon.Block", "gluon.rnn.GRU(4)", {"mxnet": "1.9.1"}, {"bias": Z, "recurrent_bias": Z}),
        ("mxnet", "mxnet.gluon.Block", "gluon.rnn.RNN(4)", {"mxnet": "1.9.1"}, {"bias": Z, "recurrent_bias": Z}),
        ("chainer", "chainer.Chain", "links.GRU(3, 4)", {"chainer": "7.8.1"}, {"bias": Z, "recurrent_bias": Z}),
        ("sonnet", "sonnet.Module", "LSTM(4)", {"sonnet": "2.0.2"},
         {"bias": "blocks_(w, nn.init.zeros_, nn.init.ones_, nn.init.zeros_, nn.init.zeros_)"}),
        ("sonnet", "sonnet.Module", "LSTM(4, projection_size=2, forget_bias=0)", {"sonnet": "2.0.2"}, {"bias": Z}),
        ("sonnet", "sonnet.Module", "GRU(4)", {"sonnet": "2.0.2"}, {"bias": Z}),
        ("torch", "torch.nn.Module", "nn.MultiheadAttention(8, 2)", {"torch": "2.13"}, {"bias": Z, "output_bias": Z}),
    ],
)  # fmt: skip
def test_biases_of_other_frameworks(
    package: str, base: str, layer: str, versions: dict[str, str], starts: dict[str, str]
) -> None:
    """A layer has a parameter for each, and no other starts at zero beside one that the source has."""
    found = plan_for(reading(OTHER_FRAMEWORKS.format(package, base, layer), versions=versions).model, "torch").entries
    biases = [entry for entry in found if "bias" in entry.weight.role]
    assert {entry.weight.role.value: entry.spelling and entry.spelling.text for entry in biases} == starts
    names = [name for entry in found for name in (entry.place.name, *entry.place.zero)]
    assert None not in names
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("cell", "weight"),
    [
        ("tf.contrib.rnn.LayerNormBasicLSTMCell(4)", "gamma"),
        ("tf.nn.rnn_cell.LSTMCell(4, use_peepholes=True)", "parameter"),
    ],
)
def test_a_weight_that_layers_of_the_kind_lack_is_refused(cell: str, weight: str) -> None:
    """Its name is nobody's: it would be one that the model lacks."""
    source = f"""
    import tensorflow as tf

    class Net:
        def __init__(self):
            self.cell = {cell}
    """
    for target, title in (("torch", "PyTorch"), ("keras", "Keras")):
        found = {entry.weight.role.value: entry for entry in plan_for(reading(source).model, target).entries}[weight]
        assert found.spelling is None
        assert found.finding is not None
        assert f"layers of this kind have no such weight in {title}" in found.finding.detail


def test_functional_in_a_function() -> None:
    source = """
    from keras import layers, Model, Input

    def block(x, filters, name):
        x = layers.Conv2D(filters, 3, padding="same", name=name + "_conv")(x)
        return layers.BatchNormalization(name=f"{name}_bn")(x)

    def build(classes=10):
        inputs = x = Input((32, 32, 3))
        for index, filters in enumerate([16, 32]):
            x = block(x, filters, "block%d" % (index + 1))
        return Model(inputs, layers.Dense(classes, name="out")(layers.Flatten()(x)))
    """
    assert list(lines(source, versions=TF2)) == [
        "block1_conv kernel", "block1_conv bias", "block1_bn beta", "block1_bn gamma",
        "block2_conv kernel", "block2_conv bias", "block2_bn beta", "block2_bn gamma",
        "out kernel", "out bias",
    ]  # fmt: skip
    assert "8 IP305 read as what `build()` builds, outside of any scope, with the defaults classes=10" in told(
        source, versions=TF2
    )


def test_subclass_layers_are_called_by_their_attributes() -> None:
    source = """
    import tensorflow as tf

    class Block(tf.keras.layers.Layer):
        def __init__(self, units):
            super().__init__()
            self.inner = tf.keras.layers.Dense(units)

        def call(self, x):
            return self.inner(x)

    class Net(tf.keras.Model):
        def __init__(self):
            super(Net, self).__init__()
            self.block = Block(5)
            self.head = [tf.keras.layers.Dense(3), tf.keras.layers.Dense(2, name="last")]
    """
    assert set(lines(source, versions=TF2)) == {
        "block.inner kernel", "block.inner bias", "head.0 kernel", "head.0 bias", "last kernel", "last bias",
    }  # fmt: skip


def test_scopes_of_tensorflow() -> None:
    source = """
    import tensorflow as tf
    slim = tf.contrib.slim

    def arg_scope(decay=0.1):
        with slim.arg_scope([slim.conv2d, slim.fully_connected],
                            weights_initializer=tf.truncated_normal_initializer(stddev=0.01),
                            biases_initializer=tf.constant_initializer(decay)) as scope:
            return scope

    def vgg(images, scope="vgg"):
        with slim.arg_scope(arg_scope(0.2)):
            with tf.variable_scope(scope, "vgg", [images]):
                net = slim.repeat(images, 2, slim.conv2d, 64, [3, 3], scope="conv1")
                net = slim.conv2d(net, 10, [1, 1], biases_initializer=None)
                net = slim.conv2d(net, 10, [1, 1], weights_initializer=tf.zeros_initializer())
        return tf.layers.dense(net, 5)
    """
    normal = "nn.init.trunc_normal_(w, mean=0, std=0.01, a=-0.02, b=0.02)"
    bias = "nn.init.constant_(w, 0.2)"
    assert lines(source, network="vgg") == {
        "vgg/conv1/conv1_1 kernel": normal, "vgg/conv1/conv1_1 bias": bias,
        "vgg/conv1/conv1_2 kernel": normal, "vgg/conv1/conv1_2 bias": bias,
        "vgg/Conv kernel": normal, "vgg/Conv_1 kernel": Z, "vgg/Conv_1 bias": bias,
        "dense kernel": X, "dense bias": Z,
    }  # fmt: skip


def test_variables_are_the_layers_that_read_them() -> None:
    source = """
    import tensorflow as tf
    import numpy as np

    def weight(shape, name):
        return tf.get_variable(name, shape, initializer=tf.random_normal_initializer(0, np.sqrt(2.0 / shape[0])))

    def net(x, ids):
        with tf.variable_scope("fc1"):
            x = tf.nn.relu(tf.matmul(x, weight([784, 100], "weights")) + tf.get_variable("biases", [100]))
        table = tf.get_variable("table", [50, 8], initializer=tf.random_uniform_initializer(-1.0, 1.0))
        return x, tf.nn.embedding_lookup(table, ids)
    """
    assert lines(source) == {
        "fc1 kernel": "nn.init.normal_(w, std=math.sqrt(1 / 392))",
        "fc1 bias": "nn.init.uniform_(w, -math.sqrt(3 / w.numel()), math.sqrt(3 / w.numel()))",
        "table kernel": "nn.init.uniform_(w, -1, 1)",
    }


def test_tflearn() -> None:
    source = """
    import tflearn

    def net():
        x = tflearn.input_data([None, 28, 28, 1])
        x = tflearn.conv_2d(x, 32, 3)
        x = tflearn.conv_2d(x, 32, 3, name="second", weights_init="xavier")
        return tflearn.fully_connected(x, 10, weights_init=tflearn.initializations.normal(stddev=0.1))
    """
    found = lines(source)
    assert set(found) == {"Conv2D kernel", "Conv2D bias", "second kernel", "second bias",
                          "FullyConnected kernel", "FullyConnected bias"}  # fmt: skip
    assert found["second kernel"] == X
    assert found["FullyConnected kernel"] == "nn.init.normal_(w, std=0.1)"


TORCH = """
import math
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, channels, stride=1):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, bias=False)
        self.bn = nn.BatchNorm2d(channels)

class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.features = self._make(3)
        self.drop = nn.Dropout()
        self.fc = nn.Linear(64, classes)
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode="fan_out", nonlinearity="relu")
                if m.bias is not None:
                    nn.init.zeros_(m.bias)
            elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
                nn.init.constant_(m.weight, 0.5)

    def _make(self, number):
        layers = [nn.Conv2d(3, 64, 7, stride=2)]
        for _ in range(number - 1):
            layers.append(Block(64))
        return nn.Sequential(*layers)
"""


def test_torch() -> None:
    he = 'keras.initializers.VarianceScaling(2, "fan_out", "untruncated_normal")'
    half = "keras.initializers.Constant(0.5)"
    found = lines(TORCH, "keras")
    assert found == {
        "features.0 kernel": he, "features.0 bias": "keras.initializers.Zeros()",
        "features.1.conv kernel": he, "features.1.bn gamma": half, "features.1.bn beta": "keras.initializers.Zeros()",
        "features.2.conv kernel": he, "features.2.bn gamma": half, "features.2.bn beta": "keras.initializers.Zeros()",
        "fc kernel": 'keras.initializers.VarianceScaling(1 / 3, "fan_in", "uniform")',
        "fc bias": "keras.initializers.RandomUniform(-0.125, 0.125)",
    }  # fmt: skip


REFUSED = [
    pytest.param(
        """
        import tensorflow as tf
        def net(x, depth):
            for index in range(depth):
                x = tf.layers.dense(x, 3, name="fc")
        """,
        "5 IP224 'fc': it is made in a loop whose iterations are known only when the program runs (line 4)",
        id="a loop",
    ),
    pytest.param(
        """
        import tensorflow as tf
        def net(x, wide):
            if wide:
                x = tf.layers.dense(x, 3, name="wide")
        """,
        "5 IP224 'wide': whether it is made depends on `wide`, which is known only when the program runs (line 4)",
        id="a condition",
    ),
    pytest.param(
        """
        import tensorflow as tf
        def net(x, name):
            x = tf.layers.dense(x, 3, name=name)
        """,
        "4 IP224 'tf.layers.dense (4:9)': its name is not known: of `name`, the parameter `name` is known only when "
        "the program runs",
        id="a name",
    ),
    pytest.param(
        """
        import tensorflow as tf
        def net(x, std):
            x = tf.layers.dense(x, 3, name="a", kernel_initializer=tf.random_normal_initializer(stddev=std))
        """,
        "4 IP224 'a' kernel: of `stddev`, the parameter `std` is known only when the program runs",
        id="a number",
    ),
    pytest.param(
        """
        import tensorflow as tf
        def net(x, bias):
            x = tf.layers.dense(x, 3, name="a", use_bias=bias)
        """,
        "4 IP224 'a' bias: whether the layer has it depends on `use_bias`: the parameter `bias` is known only when the "
        "program runs",
        id="a bias",
    ),
    pytest.param(
        """
        import tensorflow as tf
        from ops import conv
        def net(x):
            x = conv(x, 3)
            x = tf.layers.dense(x, 3)
        """,
        "5 IP207 what `ops.conv` makes is not visible in this file; its layers, if it makes any, are left out",
        id="another file",
    ),
    pytest.param(
        """
        import keras
        def net(x):
            init = keras.initializers.HeNormal()
            x = keras.layers.Dense(3, kernel_initializer=init, name="a")(x)
            x = keras.layers.Dense(3, kernel_initializer=init, name="b")(x)
        """,
        "6 IP411 'b' kernel: its initializer is the object that starts 'a' too, and returns the same values for both "
        "where their shapes are equal; give each an object of its own",
        id="one object",
    ),
    pytest.param(
        """
        import tensorflow as tf
        def net(x):
            x = tf.layers.dense(x, 3, name="a", kernel_initializer=tf.random_normal_initializer(sigma=1))
        """,
        "4 IP201 'a' kernel: random_normal_initializer does not take `sigma` here",
        id="a call that TensorFlow rejects",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("source", "finding"), REFUSED)
def test_what_is_not_known_is_refused_by_line(source: str, finding: str) -> None:
    versions = TF2 if "keras" in source else {"tensorflow": "1.15.5"}
    assert any(item.startswith(finding) for item in told(source, versions=versions)), told(source, versions=versions)


def test_what_is_refused_is_not_initialized() -> None:
    source = """
    import tensorflow as tf
    def net(x, wide):
        if wide:
            x = tf.layers.dense(x, 3, name="wide")
        return tf.layers.dense(x, 3, name="out")
    """
    assert {key for key, line in lines(source).items() if line} == {"out kernel", "out bias"}


def test_an_open_version_is_asked_for() -> None:
    source = """
    import tensorflow as tf
    x = tf.keras.layers.Embedding(10, 3, name="table")
    """
    assert any(
        item.startswith("3 IP316 'table' kernel: it starts differently in TensorFlow")
        for item in told(source, versions={})
    )
    assert lines(source, versions=TF2) == {"table kernel": "nn.init.uniform_(w, -0.05, 0.05)"}


def test_of_several_networks_one_is_chosen() -> None:
    source = """
    import tensorflow as tf
    def generator(z):
        return tf.layers.dense(z, 3, name="g")
    def discriminator(x):
        return tf.layers.dense(x, 1, name="d")
    """
    result = convert(dedent(source), source="python", path="gan.py")
    assert result.exit_code == 2
    assert "generator, discriminator; pass `--network NAME`" in result.diagnostics[0].detail
    assert set(lines(source, network="discriminator")) == {"d kernel", "d bias"}
    result = convert(dedent(source), source="python", path="gan.py", options=Options(network="nothing"))
    assert result.exit_code == 2


def test_python_2_cuts_quotients() -> None:
    source = """
    import tensorflow as tf
    def net(x):
        return tf.layers.dense(x, 3, name="a", kernel_initializer=tf.random_normal_initializer(stddev=1 / 10))
    """
    assert lines(source)["a kernel"] is None
    assert lines(f"    from __future__ import division\n{source}")["a kernel"] == "nn.init.normal_(w, std=0.1)"


@pytest.mark.parametrize("text", ["", "import this", "x = 1 +", "def f(:", "while True: pass", "x = [x for x in x]",
                                  "def f(): return f()\nf()", "class A(A): pass", "a, *b = a"])  # fmt: skip
def test_what_is_no_network(text: str) -> None:
    result = convert(text, source="python", path="net.py")
    assert (result.text, result.exit_code) == (None, 2)


FILLED = """
import math
import torch
from torch import nn
from timm.models.layers import trunc_normal_
import fvcore.nn.weight_init as weight_init
from mmcv.cnn import normal_init, caffe2_xavier_init

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 8, 3)
        self.fc = nn.Linear(16, 4)
        self.cut = nn.Linear(16, 4)
        self.msra = nn.Conv2d(4, 8, 3, bias=False)
        self.normal = nn.Linear(16, 4)
        self.caffe = nn.Linear(16, 4)
        self.odd = nn.Linear(16, 4)
        self.scale = nn.Parameter(torch.randn(3, 4) * 0.01)
        self.shift = nn.Parameter(torch.zeros(5))
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                n = m.kernel_size[0] * m.kernel_size[1] * m.out_channels
                m.weight.data.normal_(0, math.sqrt(2. / n))
                if m.bias is not None:
                    m.bias.data.zero_()
            elif isinstance(m, nn.Linear):
                m.weight.data.uniform_(-0.1, 0.1)
                m.bias.data.fill_(0.5)
        trunc_normal_(self.cut.weight, std=.02)
        weight_init.c2_msra_fill(self.msra)
        normal_init(self.normal, std=0.01, bias=1)
        caffe2_xavier_init(self.caffe)
        self.odd.weight.data.exponential_()
"""


def test_tensor_methods_and_helpers_fill() -> None:
    found = lines(FILLED, "torch", versions={"torch": "2.13"})
    uniform, half = "nn.init.uniform_(w, -0.1, 0.1)", "nn.init.constant_(w, 0.5)"
    assert found == {
        "conv kernel": "nn.init.normal_(w, std=1 / 6)", "conv bias": Z,
        "fc kernel": uniform, "fc bias": half,
        "cut kernel": "nn.init.normal_(w, std=0.02)", "cut bias": half,
        "msra kernel": 'nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")',
        "normal kernel": "nn.init.normal_(w, std=0.01)", "normal bias": "nn.init.ones_(w)",
        "caffe kernel": 'nn.init.kaiming_uniform_(w, nonlinearity="linear")', "caffe bias": Z,
        "odd kernel": None, "odd bias": half,
        "scale parameter": "nn.init.normal_(w, std=0.01)", "shift parameter": Z,
    }  # fmt: skip
    assert any(
        "what `exponential_` leaves in it is not known" in item for item in told(FILLED, versions={"torch": "2.13"})
    )


RECURRENT = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(10, 20)
        self.gru = nn.GRU(10, 20)
        self.rnn = nn.RNN(10, 20)
        {}
"""
PYTORCH = {"torch": "2.13"}


def test_recurrent_layers_of_pytorch_have_two_biases() -> None:
    """torch/nn/modules/rnn.py: each of them uniform in 1 / sqrt(units)."""
    found = lines(RECURRENT.format("pass"), "torch", versions=PYTORCH)
    bias = "nn.init.uniform_(w, -math.sqrt({0} / w.numel()), math.sqrt({0} / w.numel())"
    for name, gates in (("lstm", 4), ("gru", 3), ("rnn", 1)):
        biases = [line for key, line in found.items() if key.startswith(f"{name} ") and "bias" in key]
        assert biases == [f"{bias.format(gates)})"] * (1 if name == "gru" else 2)
    there = lines(RECURRENT.format("pass"), "keras", versions=PYTORCH)
    assert there["lstm bias"] is there["lstm recurrent_bias"] is there["rnn bias"] is None


STACKED = """
from torch import nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.{}
        for name, p in self.rnn.named_parameters():
            if "weight_hh" in name:
                nn.init.orthogonal_(p)
        nn.init.zeros_(self.rnn.weight_ih_l1)
"""


def parameters(layer: str) -> dict[str, tuple[tuple[int | None, ...] | None, bool]]:
    """The shape of each parameter, and whether it is filled."""
    found = plan_for(reading(STACKED.format(layer), versions=PYTORCH).model, "torch").entries
    return {name: (entry.weight.shape, not entry.weight.implicit) for entry in found for name, _ in entry.by_parameter}


@pytest.mark.parametrize(
    ("layer", "gates", "ways"),
    [
        ("LSTM(8, 16, num_layers=2, bidirectional=True)", 4, ("", "_reverse")),
        ("LSTM(8, 16, 2)", 4, ("",)),
        ("GRU(8, 16, 2, True, False, 0, True)", 3, ("", "_reverse")),
        ("RNN(8, 16, 2)", 1, ("",)),
    ],
)
def test_every_layer_and_direction_of_a_recurrent_layer(layer: str, gates: int, ways: tuple[str, ...]) -> None:
    """torch/nn/modules/rnn.py, RNNBase: a layer reads all that the one before gives, in both directions."""
    found = parameters(layer)
    whole = gates * 16
    assert found.keys() == {
        f"{name}_l{number}{way}"
        for number in range(2)
        for way in ways
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    }
    for way in ways:
        assert found[f"weight_ih_l0{way}"] == ((whole, 8), False)
        assert found[f"weight_ih_l1{way}"] == ((whole, 16 * len(ways)), not way)
        assert found[f"weight_hh_l1{way}"] == ((whole, 16), True)


@pytest.mark.parametrize("layer", ["LSTM(8, 16, n)", "GRU(8, 16, bidirectional=b)", "LSTM(8, 16, 10 ** 9)"])
def test_how_many_layers_a_recurrent_layer_is_may_not_be_known(layer: str) -> None:
    assert any("how many layers it is depends on" in item for item in told(STACKED.format(layer), versions=PYTORCH))


PROJECTED = """
from torch import nn

class Net(nn.Module):
    def __init__(self, p=3):
        super().__init__()
        self.rnn = nn.LSTM(8, 20, 2, proj_size={})
        nn.init.xavier_uniform_(self.rnn.weight_hh_l0)
        nn.init.orthogonal_(self.rnn.weight_hr_l1)
"""


def test_a_projection_is_the_state_of_an_lstm() -> None:
    """torch/nn/modules/rnn.py: weight_hh has as many columns as the projection, and weight_hr projects."""
    found = plan_for(reading(PROJECTED.format(5), versions=PYTORCH).model, "torch").entries
    assert {name: entry.weight.shape for entry in found for name, _ in entry.by_parameter} == {
        f"{name}_l{number}": shape
        for number, read in enumerate((8, 5))
        for name, shape in {"weight_ih": (80, read), "weight_hh": (80, 5), "bias_ih": (80,), "bias_hh": (80,),
                            "weight_hr": (5, 20)}.items()
    }  # fmt: skip
    given = {entry.place.name: entry for entry in found if not entry.weight.implicit}
    weight = given["weight_hh_l0"].weight
    known = moments(weight.initializer, weight.dims)
    assert known is not None
    assert known.variance == pytest.approx(2 / 85)
    assert given["weight_hr_l1"].spelling is not None
    alone = parameters("LSTM(8, 20, 2, proj_size=0)")
    assert alone["weight_hh_l0"] == ((80, 20), True)
    assert "weight_hr_l0" not in alone


def test_whether_an_lstm_projects_may_not_be_known() -> None:
    found = lines(PROJECTED.format("f()"), "torch", versions=PYTORCH)
    assert found["rnn recurrent_kernel"] is found["rnn output_kernel"] is None
    assert found["rnn kernel"] is not None


PART = "blocks_(w, {0}, nn.init.ones_, {0}, {0})".format(
    "lambda w: nn.init.uniform_(w, -math.sqrt(1 / w.numel()), math.sqrt(1 / w.numel()))"
)


@pytest.mark.parametrize(
    "statement",
    [
        "self.lstm.bias_hh_l0.data[20:40] = 1.0",
        "h = 20; self.lstm.bias_hh_l0.data[h:2*h].fill_(1.)",
        "n = self.lstm.bias_hh_l0.size(0); self.lstm.bias_hh_l0.data[n//4:n//2].fill_(1.)",
        "nn.init.constant_(self.lstm.bias_hh_l0[20:40], 1)",
        "nn.init.ones_(self.lstm.bias_hh_l0.data[-60:-40])",
    ],
)
def test_a_gate_that_is_filled_by_itself(statement: str) -> None:
    found = lines(RECURRENT.format(statement), "torch", versions=PYTORCH)
    assert found["lstm recurrent_bias"] == PART
    assert found["lstm bias"] == lines(RECURRENT.format("pass"), "torch", versions=PYTORCH)["lstm bias"]


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("self.lstm.bias_hh_l0.data[5:40] = 1.0", "not a whole block"),
        ("self.lstm.bias_hh_l0.data[k:2*k] = 1.0", "which part of it"),
        ("self.lstm.bias_hh_l0.data[::2] = 1.0", "which part of it"),
        ("getattr(self.lstm, name).data.fill_(1.)", "which of its parameters"),
        ("self.lstm.bias_hh_l0.data = other", "what takes the place of its values"),
    ],
)
def test_fills_that_are_not_known_are_refused(statement: str, reason: str) -> None:
    assert lines(RECURRENT.format(statement), "torch", versions=PYTORCH)["lstm recurrent_bias"] is None
    assert any(reason in item for item in told(RECURRENT.format(statement), versions=PYTORCH))


def test_loops_over_parameters() -> None:
    found = lines(
        RECURRENT.format(
            """for name, p in self.named_parameters():
            if name.startswith("lstm") and "bias" in name:
                nn.init.zeros_(p)
            elif "gru.weight" in name:
                nn.init.orthogonal_(p)
        for p in self.rnn.parameters():
            p.data.uniform_(-0.1, 0.1)"""
        ),
        "torch",
        versions=PYTORCH,
    )
    assert {key: text for key, text in found.items() if text is not None and "math" not in text} == {
        "lstm bias": Z, "lstm recurrent_bias": Z,
        "gru kernel": "nn.init.orthogonal_(w)", "gru recurrent_kernel": "nn.init.orthogonal_(w)",
        **dict.fromkeys(
            ("rnn kernel", "rnn recurrent_kernel", "rnn bias", "rnn recurrent_bias"), "nn.init.uniform_(w, -0.1, 0.1)"
        ),
    }  # fmt: skip


GRU = """
import tensorflow as tf

class Net:
    def __init__(self):
        self.cell = tf.nn.rnn_cell.GRUCell(12{})
"""


@pytest.mark.parametrize("given", ["", ", kernel_initializer=tf.glorot_uniform_initializer()"])
def test_the_gates_of_a_gru_of_tensorflow_1_are_blocks(given: str) -> None:
    """rnn_cell_impl.py, GRUCell: a matrix of (inputs + units, 2 units) for reset and update, one of (inputs + units,
    units) for the candidate, each with its own fans; 1 on the gates' biases, and 0 on the candidate's."""
    found = entries(reading(GRU.format(given)))
    sizes = {"in": 20, "units": 12}
    for role, shape in (("kernel", (None, 36)), ("recurrent_kernel", (12, 36))):
        weight = found["cell", role].weight
        assert weight.shape == shape
        assert isinstance(weight.initializer, Blocks)
        assert [moments(part, sizes).variance for part in weight.initializer.parts] == pytest.approx(  # type: ignore[union-attr]
            [2 / (32 + 24), 2 / (32 + 24), 2 / (32 + 12)]
        )
    texts = lines(GRU.format(given))
    assert texts["cell bias"] == "blocks_(w, nn.init.ones_, nn.init.ones_, nn.init.zeros_)"
    assert texts["cell recurrent_kernel"] is None
    assert any("nn.GRU applies it after" in item.detail for item in convert(
        GRU.format(given), source="python", path="net.py", target="torch").diagnostics)  # fmt: skip


def test_a_gru_whose_gates_are_drawn_alike_is_one_draw() -> None:
    given = ", kernel_initializer=tf.random_normal_initializer(stddev=0.1), bias_initializer=tf.zeros_initializer()"
    assert lines(GRU.format(given)) == {
        "cell kernel": "nn.init.normal_(w, std=0.1)",
        "cell recurrent_kernel": "nn.init.normal_(w, std=0.1)",
        "cell bias": Z,
    }


def test_a_gru_whose_matrices_are_drawn_as_a_whole_is_refused() -> None:
    given = ", kernel_initializer=tf.orthogonal_initializer()"
    found = lines(GRU.format(given))
    assert found["cell kernel"] is found["cell recurrent_kernel"] is None
    assert any("it starts inputs and state as one matrix" in item for item in told(GRU.format(given)))
