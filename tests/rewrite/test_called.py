"""Initializers that are called at once, or whose attributes are used, where the target's know nothing of that."""

import pytest

from initport.source_code import codemod

KEPT = [
    ("paddle=2.6.2", "from paddle import nn\nnn.initializer.Normal(0., .3)(layer.weight)\n",
     "it is called with `parameter`, and an initializer of the target with `shape`"),
    ("chainer=7.8.1", "from chainer import initializers as I\nI.HeNormal()(link.W.data)\n",
     "it is called with `array`"),
    ("mxnet=1.9.1", "import mxnet as mx\nmx.init.Xavier()('fc_weight', values)\n",
     "it is called with `name` and `array`"),
    ("jax=0.12.0", "from flax import nnx\nw = nnx.Param(nnx.initializers.lecun_normal()(key, (3, 4)))\n",
     "it is called with `key` and `shape` and `dtype`"),
    ("lasagne=0.1", "import lasagne\nw = lasagne.init.Normal(.1).sample((3, 4))\n",
     "`lasagne.init.Normal(0.1).sample` is used, which what it becomes does not have"),
]  # fmt: skip


@pytest.mark.parametrize(("version", "source", "reason"), KEPT)
def test_it_stays(version: str, source: str, reason: str) -> None:
    result = codemod(source, target="torch", versions=[version])
    assert not result.changed
    assert any(reason in item.message for item in result.findings)


def test_what_both_call_with_a_shape() -> None:
    result = codemod("import lasagne\nw = lasagne.init.Normal(.1)((3, 4))\n", target="torch", versions=["lasagne=0.1"])
    assert "nn.init.normal_(torch.empty((3, 4)), std=0.1)" in str(result.text)


@pytest.mark.parametrize("target", ["torch", "keras", "flax-nnx", "haiku"])
@pytest.mark.parametrize(
    ("version", "source"),
    [
        ("chainer=7.8.1", "import chainer.links as L\nL.Linear(3, 4, initialW=chainer.initializers.Constant({}))\n"),
        ("lasagne=0.1", "import lasagne\nlasagne.layers.DenseLayer(l, 4, W=lasagne.init.Constant({}))\n"),
        ("haiku=0.0.17", "import haiku as hk\nhk.Linear(4, w_init=hk.initializers.Constant({}))\n"),
        ("mxnet=1.9.1", "import mxnet as mx\nmx.gluon.nn.Dense(4, weight_initializer=mx.init.Constant({}))\n"),
    ],
)
def test_a_constant_that_may_be_an_array(version: str, source: str, target: str) -> None:
    """Whatever the argument is called that holds it."""
    text = "import chainer\n" * version.startswith("chainer") + source
    unknown = codemod(text.format("values"), target=target, versions=[version])
    number = codemod(text.format("0.5"), target=target, versions=[version])
    if version.startswith(target):
        assert not number.changed
        return
    assert not unknown.changed
    assert any("the value `values` may be an array" in item.message for item in unknown.findings)
    assert number.changed
    assert codemod(text.format("values"), target=target, versions=[version], assume=["scalar"]).changed


@pytest.mark.parametrize(
    ("initializer", "line"),
    [
        ("hk.initializers.RandomNormal(0.5)", "functools.partial(nn.init.normal_, std=0.5)"),
        ("hk.initializers.VarianceScaling(2.)", "lambda w: truncated_normal_(w, variance=2 / w.shape[1])"),
        ("hk.initializers.UniformScaling()", 'functools.partial(nn.init.kaiming_uniform_, nonlinearity="linear")'),
    ],
)
def test_haiku_as_a_source(initializer: str, line: str) -> None:
    """Its modules call its initializers on axes of their own, though it is a target as well."""
    source = f"import haiku as hk\nhk.Linear(4, w_init={initializer})\n"
    assert f"w_init={line}" in str(codemod(source, target="torch", versions=["haiku=0.0.17"]).text)


@pytest.mark.parametrize("target", ["torch", "keras", "flax-nnx", "haiku", "equinox"])
def test_a_bias_in_parts(target: str) -> None:
    source = "import mxnet as mx\nx = mx.gluon.rnn.LSTM(4, i2h_bias_initializer=mx.init.LSTMBias(2.))\n"
    result = codemod(source, target=target, versions=["mxnet=1.9.1"])
    assert not result.changed
    reason = "its parts start as constant 0, constant 2, constant 0, constant 0, and one expression makes no parts"
    assert any(reason in item.message for item in result.findings)


OTHER_NN = (
    "from flax import linen as nn\n"
    "class Net(nn.Module):\n    @nn.compact\n    def __call__(self, x):\n"
    "        x = nn.Dense(3, kernel_init=nn.initializers.glorot_normal())(x)\n"
    "        return nn.Dense(3, kernel_init=nn.initializers.he_normal())(x)\n"
)


def test_a_function_of_ours_beside_another_nn() -> None:
    """It calls PyTorch's by the name that the lines call it by, and is known again under that."""
    known = ["jax=0.12.0", "flax=0.12.0"]
    found = codemod(OTHER_NN, target="torch", versions=known)
    text = str(found.text)
    assert text.count("torch_nn.init.trunc_normal_(") == text.count("def truncated_normal_(") == 1
    assert text.count("kernel_init=lambda w: truncated_normal_(w, variance=") == 2
    assert text.count("from torch import nn as torch_nn\n") == 1
    assert not codemod(text, target="torch", versions=known).changed
    taken = codemod(f"torch_nn = 3\n{OTHER_NN}", target="torch", versions=known)
    assert not taken.changed
    assert any("the name `nn` for something else" in item.message for item in taken.findings)
