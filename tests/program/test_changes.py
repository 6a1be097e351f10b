"""Parameters that get other values after their layer was made, in frameworks whose initializers fill nothing."""

import pytest

from initport.formats.read_options import Options
from initport.grammar.version import parse_version
from initport.grammar.versions import Versions
from initport.ir.describe import exact_law
from initport.program.network import read

PADDLE = (
    "import paddle\nimport paddle.nn as nn\nclass Net(nn.Layer):\n    def __init__(self):\n        super().__init__()\n"
    "        self.d = nn.Linear(5, 6)\n        {}\n    def forward(self, x):\n        return self.d(x)\n"
    "net = Net()\n{}\n"
)
MINDSPORE = (
    "import mindspore.nn as nn\nfrom mindspore.common.initializer import initializer, Normal\n"
    "class Net(nn.Cell):\n    def __init__(self):\n        super().__init__()\n        self.d = nn.Dense(5, 6)\n"
    "        {}\n"
    "    def construct(self, x):\n        return self.d(x)\nnet = Net()\n{}\n"
)
CHAINER = (
    "import chainer\nimport chainer.links as L\nfrom chainer import initializers as I\nimport numpy as np\n"
    "class Net(chainer.Chain):\n    def __init__(self):\n        super().__init__()\n        with self.init_scope():\n"
    "            self.d = L.Linear(5, 6)\n        {}\n    def __call__(self, x):\n        return self.d(x)\n"
    "net = Net()\n{}\n"
)
GLUON = (
    "import mxnet as mx\nfrom mxnet import init\nfrom mxnet.gluon import nn\nclass Net(nn.HybridBlock):\n"
    "    def __init__(self):\n        super().__init__()\n        self.d = nn.Dense(6, in_units=5)\n        {}\n"
    "    def hybrid_forward(self, F, x):\n        return self.d(x)\nnet = Net()\n{}\n"
)
VERSIONS = {"paddle": "2.6.2", "mindspore": "2.0.0", "chainer": "7.8.1", "mxnet": "1.9.1"}

NORMAL, UNKNOWN = "normal, variance 0.1 ** 2", "unknown"
DEFAULTS = {
    "paddle": ["uniform, variance 2 / (in + out)", "constant 0"],
    "mindspore": ["normal, variance 0.01 ** 2", "constant 0"],
    "chainer": ["normal, variance 1 / fan_in", "constant 0"],
    "mxnet": ["uniform, variance 0.14 ** 2 / 12", "constant 0"],
}


def starts(package: str, source: str) -> list[str]:
    """What the kernel and the bias of the network's one layer start with."""
    versions = Versions({package: parse_version(VERSIONS[package])})
    model, _ = read(source.encode(), "a.py", Options(versions=versions))
    return [exact_law(weight.initializer) for weight in model.layers[0].weights[:2]]


@pytest.mark.parametrize(
    ("inside", "after", "kernel", "bias"),
    [
        ("", "", None, None),
        ("print(self.d.weight.shape, self.d.weight.numpy())", "", None, None),
        ("nn.initializer.Normal(0., .1)(self.d.weight)", "", NORMAL, None),
        ("self.d.weight.set_value(.5)", "", "constant 0.5", None),
        ("self.d.bias[:] = 2", "", None, "constant 2"),
        ("self.d.weight[...] = .5", "", "constant 0.5", None),
        ("self.d.weight[2:3] = .5", "", UNKNOWN, None),
        ("self.d.weight.set_value(other())", "", UNKNOWN, None),
        ("self.d.weight = self.create_parameter([5, 6])", "", UNKNOWN, None),
        ("", "net.d.weight.set_value(.5)", "constant 0.5", None),
        ("for m in self.sublayers():\n            nn.initializer.Constant(.1)(m.bias)", "", None, "constant 0.1"),
        ("self.apply(self._start)\n    def _start(self, m):\n        if isinstance(m, nn.Linear):\n"
         "            nn.initializer.Normal(std=.1)(m.weight)", "", NORMAL, None),
        ("if other():\n            nn.initializer.Normal(0., .1)(self.d.weight)", "", UNKNOWN, None),
        ("for p in self.parameters():\n            p.set_value(other())", "", UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_paddle(inside: str, after: str, kernel: str | None, bias: str | None) -> None:
    _check("paddle", PADDLE.format(inside or "pass", after), kernel, bias)


@pytest.mark.parametrize(
    ("inside", "kernel", "bias"),
    [
        ("", None, None),
        ("self.d.weight.set_data(initializer(Normal(.1), self.d.weight.shape))", NORMAL, None),
        ("for _, cell in self.cells_and_names():\n            if isinstance(cell, nn.Dense):\n"
         "                cell.weight.set_data(initializer(Normal(.1), cell.weight.shape))", NORMAL, None),
        ("self.d.weight.set_data(other)", UNKNOWN, None),
        ("for p in self.trainable_params():\n            p.set_data(other)", UNKNOWN, UNKNOWN),
    ],
)  # fmt: skip
def test_mindspore(inside: str, kernel: str | None, bias: str | None) -> None:
    _check("mindspore", MINDSPORE.format(inside or "pass", ""), kernel, bias)


@pytest.mark.parametrize(
    ("inside", "after", "kernel", "bias"),
    [
        ("", "", None, None),
        ("self.d.W.initialize((6, 5))", "", None, None),
        ("I.Normal(.1)(self.d.W.data)", "", NORMAL, None),
        ("self.d.W.data[...] = 0", "", "constant 0", None),
        ("self.d.b.data.fill(3.)", "", None, "constant 3"),
        ("", "net.d.W.array[:] = 1", "constant 1", None),
        ("self.d.W.data = np.zeros((6, 5)) + other()", "", UNKNOWN, None),
        ("for p in self.params():\n            p.data[...] = other()", "", UNKNOWN, UNKNOWN),
    ],
)
def test_chainer(inside: str, after: str, kernel: str | None, bias: str | None) -> None:
    _check("chainer", CHAINER.format(inside or "pass", after), kernel, bias)


WEAK, FORCED = "net.d.initialize(init.Normal(.1))", "net.d.initialize(init.Normal(.1), force_reinit=True)"


@pytest.mark.parametrize(
    ("after", "kernel", "bias"),
    [
        ("", None, None),
        ("net.initialize()", None, None),
        ("net.initialize(init.Normal(.1))", NORMAL, None),
        ("net.collect_params().initialize(init.Normal(.1))", NORMAL, None),
        (f"{WEAK}\nnet.initialize(init.One())", NORMAL, None),
        (f"net.initialize(init.One())\n{WEAK}", "constant 1", None),
        (f"net.initialize(init.One())\n{FORCED}", NORMAL, None),
        (f"net.initialize()\n{WEAK}", None, None),
        ("net.initialize()\nnet.d.bias.initialize(init.Constant(.5), force_reinit=True)", None, "constant 0.5"),
        ("net.initialize()\nnet.d.bias.initialize(init.Constant(.5))", None, UNKNOWN),
        ("net.initialize()\nnet.d.weight.set_data(other())", UNKNOWN, None),
        ("net.initialize()\nnet.d.weight.data()[:] = 2", "constant 2", None),
        (
            "net.initialize()\nnet.collect_params('.*weight').initialize(init.One(), force_reinit=True)",
            UNKNOWN,
            UNKNOWN,
        ),
        ("if other():\n    net.initialize(init.One())", UNKNOWN, None),
    ],
)
def test_gluon(after: str, kernel: str | None, bias: str | None) -> None:
    """The first initialization counts, unless a later one is forced."""
    _check("mxnet", GLUON.format("pass", after), kernel, bias)


@pytest.mark.parametrize(
    ("layer", "law"),
    [
        ("nn.Embedding(10, 6)", "uniform, variance 2 / (out + vocabulary)"),
        ("nn.Embedding(10, 6, padding_idx=0)", UNKNOWN),
        ("nn.Embedding(10, 6, padding_idx=0, weight_attr=nn.initializer.Normal(std=.1))", UNKNOWN),
        ("nn.Embedding(10, 6, padding_idx=None, weight_attr=nn.initializer.Normal(std=.1))", NORMAL),
    ],
)
def test_a_row_that_the_layer_sets_to_zero(layer: str, law: str) -> None:
    assert starts("paddle", PADDLE.replace("nn.Linear(5, 6)", layer).format("pass", "")) == [law]


def _check(package: str, source: str, kernel: str | None, bias: str | None) -> None:
    usual = DEFAULTS[package]
    assert starts(package, source) == [usual[0] if kernel is None else kernel, usual[1] if bias is None else bias]


KERAS = (
    "import tensorflow as tf\nclass Net(tf.keras.Model):\n    def __init__(self):\n        super().__init__()\n"
    "        self.d = tf.keras.layers.Dense(6)\n        {}\n    def call(self, x):\n        return self.d(x)\n"
    "net = Net()\n{}\n"
)
NNX = (
    "import jax.numpy as jnp\nfrom flax import nnx\nclass Net(nnx.Module):\n    def __init__(self, rngs):\n"
    "        self.d = nnx.Linear(5, 6, rngs=rngs)\n        {}\n    def __call__(self, x):\n        return self.d(x)\n"
    "net = Net(nnx.Rngs(0))\n{}\n"
)


@pytest.mark.parametrize(
    ("inside", "after", "kernel", "bias"),
    [
        ("", "", None, None),
        ("self.d.kernel.assign(tf.ones((5, 6)))", "", "constant 1", None),
        ("self.d.bias.assign(other)", "", None, UNKNOWN),
        ("self.d.set_weights(other)", "", UNKNOWN, UNKNOWN),
        ("", "net.d.set_weights(other)", UNKNOWN, UNKNOWN),
        ("", "net.set_weights(other)", UNKNOWN, UNKNOWN),
        ("", "print(net.d.kernel.shape)", None, None),
    ],
)
def test_keras(inside: str, after: str, kernel: str | None, bias: str | None) -> None:
    usual = ["uniform, variance 1 / fan_avg", "constant 0"]
    model, _ = read(KERAS.format(inside or "pass", after).encode(), "a.py", Options())
    laws = [exact_law(weight.initializer) for weight in model.layers[0].weights]
    assert laws == [usual[0] if kernel is None else kernel, usual[1] if bias is None else bias]


@pytest.mark.parametrize(
    ("inside", "after", "kernel", "bias"),
    [
        ("", "", None, None),
        ("self.d.kernel.value = jnp.zeros((5, 6))", "", UNKNOWN, None),
        ("self.d.bias[...] = 0.5", "", None, "constant 0.5"),
        ("", "net.d.kernel[...] = 2.0", "constant 2", None),
    ],
)
def test_nnx(inside: str, after: str, kernel: str | None, bias: str | None) -> None:
    usual = ["truncated normal, variance 1 / fan_in", "constant 0"]
    model, _ = read(NNX.format(inside or "pass", after).encode(), "a.py", Options())
    laws = [exact_law(weight.initializer) for weight in model.layers[0].weights]
    assert laws == [usual[0] if kernel is None else kernel, usual[1] if bias is None else bias]


@pytest.mark.parametrize(
    ("change", "kernel", "bias"),
    [("pass", "uniform, variance 1 / fan_avg", "constant 0"), ("l.W.set_value(other())", UNKNOWN, "constant 0"),
     ("l.b.set_value(2)", "uniform, variance 1 / fan_avg", "constant 2")],
)  # fmt: skip
def test_lasagne(change: str, kernel: str, bias: str) -> None:
    source = (
        "import lasagne\ndef net():\n    l = lasagne.layers.InputLayer((None, 5))\n"
        f"    l = lasagne.layers.DenseLayer(l, 6)\n    {change}\n    return l\n"
    )
    model, _ = read(source.encode(), "a.py", Options())
    assert [exact_law(weight.initializer) for weight in model.layers[-1].weights] == [kernel, bias]
