"""Parameters that get other values after their layer was made, in frameworks whose initializers fill nothing."""

import pytest

from initport.diagnostics import InputError
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


SEQUENTIAL = (
    "import keras\nfrom keras import layers, initializers\nfrom other import other, start\n"
    "net = keras.Sequential([keras.Input((5,)), layers.Dense(6, name='a'), layers.Dense(7, name='b')])\n{}\n"
)
FUNCTIONAL = (
    "import keras\nfrom keras import layers, initializers\nfrom other import other, start\ni = keras.Input((5,))\n"
    "x = layers.Dense(6, name='a')(i)\nx = layers.Dense(7, name='b')(x)\nnet = keras.Model(i, x)\n{}\n"
)
USUAL = ["uniform, variance 1 / fan_avg", "constant 0"]
LOST = [UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("change", "sequential", "functional"),
    [
        ("net.compile('adam')\nnet.fit(other(), 3)\nprint(net.layers[0].get_weights())", USUAL * 2, USUAL * 2),
        ("for l in net.layers:\n    l.trainable, l.activation = False, None", USUAL * 2, USUAL * 2),
        ("p = net.predict(other())\np[:, 0] = 1\np += 1", USUAL * 2, USUAL * 2),
        ("w = net.layers[0].get_weights()\nw[0][:] = 3", USUAL * 2, USUAL * 2),
        ("for l in net.layers:\n    l.kernel_initializer = initializers.Ones()", [UNKNOWN, USUAL[1]] * 2,
         [UNKNOWN, USUAL[1]] * 2),
        ("net.get_layer('a').kernel_initializer = 'ones'", [UNKNOWN, USUAL[1], *USUAL], [UNKNOWN, USUAL[1], *USUAL]),
        ("setattr(net.get_layer('b'), 'bias_initializer', 'ones')", [*USUAL, USUAL[0], UNKNOWN],
         [*USUAL, USUAL[0], UNKNOWN]),
        ("for l in net.layers:\n    setattr(l, other(), 'ones')", LOST * 2, LOST * 2),
        ("for l in net.layers:\n    l.set_weights([other(w.shape) for w in l.get_weights()])", LOST * 2, LOST * 2),
        ("for l in net.layers:\n    l.kernel.assign(initializers.Ones()(l.kernel.shape))",
         ["constant 1", USUAL[1]] * 2, LOST * 2),
        ("net.layers[1].kernel.assign(other())", [*USUAL, UNKNOWN, USUAL[1]], LOST * 2),
        ("for w in net.weights:\n    w.assign(other(w.shape))", LOST * 2, LOST * 2),
        ("for w, v in zip(net.trainable_variables, other()):\n    w.assign_add(v)", LOST * 2, LOST * 2),
        ("keras.backend.set_value(net.layers[0].kernel, 3)", [UNKNOWN, USUAL[1], *USUAL], LOST * 2),
        ("keras.backend.batch_set_value(list(zip(net.weights, other())))", LOST * 2, LOST * 2),
        ("[l.kernel.assign(other()) for l in net.layers]", [UNKNOWN, USUAL[1]] * 2, LOST * 2),
        ("def f(m):\n    for l in m.layers:\n        if hasattr(l, 'kernel'):\n            l.kernel.assign(other())\n"
         "f(net)", [UNKNOWN, USUAL[1]] * 2, LOST * 2),
        ("def f():\n    for l in net.layers:\n        yield l\nfor l in f():\n    l.bias.assign(other())",
         [USUAL[0], UNKNOWN] * 2, LOST * 2),
        ("for l in net.layers:\n    start(l)", LOST * 2, LOST * 2),
        ("for l in net.layers:\n    y = other(l)", USUAL * 2, USUAL * 2),
        ("start(net)", USUAL * 2, USUAL * 2),
    ],
)  # fmt: skip
def test_layers_of_a_keras_network(change: str, sequential: list[str], functional: list[str]) -> None:
    """A layer whose start is changed after it was made never has the old law: not in a loop, nor through a function."""
    for source, expected in ((SEQUENTIAL, sequential), (FUNCTIONAL, functional)):
        model, _ = read(source.format(change).encode(), "a.py", Options())
        assert [exact_law(weight.initializer) for layer in model.layers for weight in layer.weights] == expected


TORCH = (
    "import torch\nfrom torch import nn\nfrom other import other, start\nclass Net(nn.Module):\n"
    "    def __init__(self):\n        super().__init__()\n        self.d = nn.Linear(5, 6)\n        {}\n"
    "net = Net()\n{}\n"
)


@pytest.mark.parametrize(
    ("inside", "after", "kernel", "bias"),
    [
        ("", "", None, None),
        ("", "net.cuda()\nopt = torch.optim.SGD(net.parameters(), lr=1)\nopt.step()", None, None),
        ("", "for p in net.parameters():\n    p.requires_grad_(False)", None, None),
        ("", "net.hparams['rate'] = 3", None, None),
        ("", "t = torch.zeros_like(net.d.weight)\nt += 1\nt[0] = 3", None, None),
        ("nn.init.zeros_(self.d.weight)\n        self.d.reset_parameters()", "", None, None),
        ("self.apply(start)", "", UNKNOWN, UNKNOWN),
        ("start(self)", "", UNKNOWN, UNKNOWN),
        ("start(self.d.weight)", "", UNKNOWN, None),
        ("for m in self.children():\n            start(m)", "", UNKNOWN, UNKNOWN),
        ("self.e = other(self.d)", "", None, None),
        ("setattr(self.d, 'weight', nn.Parameter(other()))", "", UNKNOWN, None),
        ("", "nn.init.zeros_(getattr(net, other).weight)", UNKNOWN, UNKNOWN),
        ("", "nn.init.zeros_(net._modules['d'].weight)", UNKNOWN, UNKNOWN),
        ("", "nn.init.zeros_(next(net.parameters()))", UNKNOWN, UNKNOWN),
        ("", "m = net.d if other() else None\nnn.init.zeros_(m.weight)", UNKNOWN, UNKNOWN),
        ("", "for m in filter(other, net.modules()):\n    nn.init.zeros_(m.weight)", UNKNOWN, UNKNOWN),
        ("", "for v in net.state_dict().values():\n    v.fill_(2)", UNKNOWN, UNKNOWN),
        ("", "torch.nn.utils.vector_to_parameters(other, net.parameters())", UNKNOWN, UNKNOWN),
        ("", "list(map(nn.init.zeros_, net.parameters()))", "constant 0", "constant 0"),
        ("", "{k: nn.init.zeros_(p) for k, p in net.named_parameters()}", "constant 0", "constant 0"),
        ("", "for p in net.parameters():\n    p *= 3", UNKNOWN, UNKNOWN),
        ("", "match other():\n    case 1:\n        nn.init.zeros_(net.d.bias)", None, UNKNOWN),
    ],
)
def test_torch(inside: str, after: str, kernel: str | None, bias: str | None) -> None:
    usual = ["uniform, variance 1 / (3 * fan_in)", "uniform, variance 1 / (3 * in)"]
    model, _ = read(TORCH.format(inside or "pass", after).encode(), "a.py", Options())
    laws = [exact_law(weight.initializer) for weight in model.layers[0].weights]
    assert laws == [usual[0] if kernel is None else kernel, usual[1] if bias is None else bias]


@pytest.mark.parametrize(
    ("package", "inside", "after", "kernel", "bias"),
    [
        ("paddle", "self.apply(other)", "", UNKNOWN, UNKNOWN),
        ("paddle", "", "for p in filter(other, net.parameters()):\n    p.set_value(3)", UNKNOWN, UNKNOWN),
        (
            "mindspore",
            "for c in zip(self.cells(), other()):\n            c[0].weight.fill(3)",
            "",
            UNKNOWN,
            UNKNOWN,
        ),
        ("chainer", "self.d.W.initializer = I.Normal(.1)", "", UNKNOWN, None),
        ("chainer", "", "for l in reversed(list(net.links())):\n    l.W.array[...] = 1", "constant 1", None),
        ("chainer", "", "for l in sorted(net.links()):\n    l.W.array[...] = 1", UNKNOWN, UNKNOWN),
        ("mxnet", "", "net.initialize()\nnet.apply(other)", UNKNOWN, UNKNOWN),
        ("mxnet", "", "for p in net.collect_params().values():\n    p.set_data(other())", UNKNOWN, UNKNOWN),
    ],
)
def test_what_is_not_followed(package: str, inside: str, after: str, kernel: str | None, bias: str | None) -> None:
    source = {"paddle": PADDLE, "mindspore": MINDSPORE, "chainer": CHAINER, "mxnet": GLUON}[package]
    source = source.format(inside or "pass", after)
    _check(package, f"from other import other\n{source}", kernel, bias)


def test_changes_of_what_grows_end_soon() -> None:
    """Each change may be one of all layers so far: what is gone through for them counts as steps of the program."""
    lines = "x = other(x, nn.Linear(3, 3))\nx.fill_(0)\n" * 2_000
    source = f"from torch import nn\nfrom other import other\nx = nn.Linear(3, 3)\n{lines}"
    with pytest.raises(InputError, match="too many steps"):
        read(source.encode(), "a.py", Options())
    few = f"from torch import nn\nfrom other import other\nx = nn.Linear(3, 3)\n{lines[:400]}"
    model, _ = read(few.encode(), "a.py", Options())
    assert {exact_law(weight.initializer) for layer in model.layers for weight in layer.weights} == {UNKNOWN}
