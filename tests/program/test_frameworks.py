"""Networks of frameworks before PyTorch, out of the programs that build them."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from initport.formats.read_options import Options
from initport.grammar.layout import parse_layout
from initport.grammar.versions import Versions
from initport.ir.describe import exact_law
from initport.ir.initializers import Blocks, Constant, Unsupported
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Role
from initport.program.network import read
from tests.program.reading import lines, reading, told

VERSIONS = {"mxnet": "1.9.1", "chainer": "7.8.1", "paddle": "2.6.2", "mindspore": "2.9.0", "lasagne": "0.1"}


CHAINER = """
import chainer
import chainer.functions as F
import chainer.links as L

class Block(chainer.Chain):
    def __init__(self, n):
        super(Block, self).__init__(conv1=L.Convolution2D(n, n, 3, nobias=True), bn1=L.BatchNormalization(n))

class Net(chainer.Chain):
    def __init__(self):
        super(Net, self).__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(3, 8, 3, initialW=chainer.initializers.HeNormal())
            self.block = Block(8)
            self.tail = chainer.Sequential(L.Linear(8, 4), F.relu, L.Linear(4, 2, initial_bias=.1))
        self.add_link("more", L.EmbedID(5, 3))

    def __call__(self, x):
        return self.tail(F.relu(self.block(self.conv(x))))
"""

GLUON = """
import mxnet as mx
from mxnet.gluon import nn

class Net(nn.HybridBlock):
    def __init__(self, **kwargs):
        super(Net, self).__init__(**kwargs)
        with self.name_scope():
            self.features = nn.HybridSequential(prefix="")
            self.features.add(nn.Conv2D(4, 3, use_bias=False), nn.BatchNorm())
            self.features.add(nn.Dense(5, weight_initializer=mx.init.Xavier()))
            self.output = nn.Dense(2)

net = Net()
"""

PADDLE = """
import paddle
import paddle.nn as nn

class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2D(3, 8, 3, bias_attr=False,
                              weight_attr=paddle.ParamAttr(initializer=nn.initializer.KaimingUniform()))
        self.body = nn.Sequential(nn.Linear(8, 8, bias_attr=True), nn.ReLU())
        self.blocks = nn.LayerList([nn.Linear(3, 3) for _ in range(2)])
        self.add_sublayer("x", nn.Embedding(10, 3))
"""

FLUID = """
import paddle.fluid as fluid

def net(x):
    x = fluid.layers.fc(x, 20, param_attr=fluid.ParamAttr(initializer=fluid.initializer.Normal(0., .1)))
    x = fluid.layers.fc(x, 20, name="last")
    return fluid.layers.fc(x, 10)
"""

LASAGNE = """
import lasagne
from lasagne.layers import Conv2DLayer, DenseLayer, InputLayer

def build():
    net = InputLayer((None, 3, 8, 8))
    net = Conv2DLayer(net, 8, 3, W=lasagne.init.HeNormal(), b=None)
    net = DenseLayer(net, 10, name="fc")
    return DenseLayer(net, 3)
"""

MINDSPORE = """
import mindspore.nn as nn
from mindspore.common.initializer import HeNormal, initializer

class Net(nn.Cell):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, weight_init=HeNormal())
        self.head = nn.SequentialCell([nn.Dense(8, 4), nn.ReLU()])
"""

LECUN, HE = 'nn.init.kaiming_normal_(w, nonlinearity="linear")', 'nn.init.kaiming_normal_(w, nonlinearity="relu")'
ZERO, ONE, GLOROT = "nn.init.zeros_(w)", "nn.init.ones_(w)", "nn.init.xavier_uniform_(w)"
SMALL = "nn.init.uniform_(w, -0.07, 0.07)"

CASES: list[tuple[str, dict[str, str], Mapping[str, str]]] = [
    (CHAINER, {
        "conv kernel": HE, "conv bias": ZERO, "block.conv1 kernel": LECUN, "block.bn1 gamma": ONE,
        "block.bn1 beta": ZERO, "tail.0 kernel": LECUN, "tail.0 bias": ZERO, "tail.2 kernel": LECUN,
        "tail.2 bias": "nn.init.constant_(w, 0.1)", "more kernel": "nn.init.normal_(w, std=1)",
    }, VERSIONS),
    (GLUON, {
        "features.0 kernel": SMALL, "features.1 gamma": ONE, "features.1 beta": ZERO, "features.2 kernel": GLOROT,
        "features.2 bias": ZERO, "output kernel": SMALL, "output bias": ZERO,
    }, VERSIONS),
    (PADDLE, {
        "conv kernel": 'nn.init.kaiming_uniform_(w, nonlinearity="relu")', "body.0 kernel": GLOROT, "body.0 bias": ZERO,
        "blocks.0 kernel": GLOROT, "blocks.0 bias": ZERO, "blocks.1 kernel": GLOROT, "blocks.1 bias": ZERO,
        "x kernel": GLOROT,
    }, VERSIONS),
    (FLUID, {
        "fc_0 kernel": "nn.init.normal_(w, std=0.1)", "fc_0 bias": ZERO, "last kernel": GLOROT, "last bias": ZERO,
        "fc_1 kernel": GLOROT, "fc_1 bias": ZERO,
    }, {"paddle": "1.8.5"}),
    (LASAGNE, {
        "conv2d_layer_1 kernel": LECUN, "fc kernel": GLOROT, "fc bias": ZERO, "dense_layer_1 kernel": GLOROT,
        "dense_layer_1 bias": ZERO,
    }, VERSIONS),
    (MINDSPORE, {
        "conv kernel": HE,
        "head.0 kernel": "nn.init.uniform_(w, -math.sqrt(1 / w.shape[1]), math.sqrt(1 / w.shape[1]))",
        "head.0 bias": "nn.init.uniform_(w, -math.sqrt(0.125), math.sqrt(0.125))",
    }, VERSIONS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "expected", "versions"), CASES, ids=["chainer", "gluon", "paddle", "fluid", "lasagne", "mindspore"]
)
def test_every_layer_has_the_name_of_what_holds_it(
    source: str, expected: dict[str, str], versions: Mapping[str, str]
) -> None:
    assert lines(source, versions=versions) == expected
    assert [item for item in told(source, versions=versions) if " IP305 " not in item] == []


def test_what_a_network_is_given_starts_what_has_no_initializer_of_its_own() -> None:
    found = lines(GLUON + "net.initialize(mx.init.Normal(0.1))\n", versions=VERSIONS)
    assert found["output kernel"] == found["features.0 kernel"] == "nn.init.normal_(w, std=0.1)"
    assert found["features.2 kernel"] == GLOROT
    assert found["output bias"] == ZERO


def test_a_global_initializer_replaces_every_default() -> None:
    start = "nn.initializer.set_global_initializer(nn.initializer.Uniform(), nn.initializer.Constant())"
    found = lines(PADDLE.replace("class Net", f"{start}\n\nclass Net"), versions=VERSIONS)
    assert found.pop("conv kernel") == 'nn.init.kaiming_uniform_(w, nonlinearity="relu")'
    assert set(found.values()) == {None}


def test_what_a_network_is_given_out_of_sight_is_refused() -> None:
    found = lines(GLUON + "def start(other):\n    other.initialize(mx.init.Normal(0.1))\n", versions=VERSIONS)
    assert found["output kernel"] is None
    assert found["features.2 kernel"] == GLOROT


def test_what_may_make_layers_is_reported_and_what_makes_none_is_not() -> None:
    source = CHAINER.replace("L.EmbedID(5, 3)", "L.ResNet50Layers()")
    (hidden,) = [item for item in told(source, versions=VERSIONS) if " IP207 " in item]
    assert "`chainer.links.ResNet50Layers`" in hidden
    assert "relu" not in hidden
    assert "HeNormal" not in hidden


def test_cntk() -> None:
    source = """
import cntk as C

def net(x):
    h = C.layers.Convolution2D((5, 5), 40, init=C.he_normal(), activation=C.relu)(x)
    h = C.layers.Dense(200, init=C.glorot_uniform(scale=2), name="last")(h)
    return C.layers.Dense(10, bias=False)(h)
"""
    versions = {"cntk": "2.7"}
    assert lines(source, versions=versions) == {
        "convolution2d_1 kernel": HE,
        "convolution2d_1 bias": ZERO,
        "last kernel": "nn.init.xavier_uniform_(w, gain=2)",
        "last bias": ZERO,
        "dense_1 kernel": GLOROT,
    }
    scoped = source.replace("def net(x):", "def net(x):\n    C.layers.default_options(init=C.he_normal())")
    assert lines(scoped, versions=versions)["dense_1 kernel"] is None


def test_brew() -> None:
    source = """
from caffe2.python import brew

def net(model):
    brew.conv(model, "data", "conv", 3, 20, 5, no_bias=True)
    brew.fc(model, "conv", "fc", 300, 200, weight_init=("MSRAFill", {}))
    return brew.fc(model, "fc", "last", 200, 10)
"""
    assert lines(source, versions={}) == {
        "conv kernel": LECUN_UNIFORM,
        "fc kernel": 'nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu")',
        "fc bias": ZERO,
        "last kernel": LECUN_UNIFORM,
        "last bias": ZERO,
    }


LECUN_UNIFORM = 'nn.init.kaiming_uniform_(w, nonlinearity="linear")'


@pytest.mark.parametrize(
    ("arguments", "gates"),
    [
        ("", "0 1 0 0"),
        ("forget_bias_init=2.", "0 2 0 0"),
        ("None, None, None, 3", "0 3 0 0"),
        ("forget_bias_init=I.Constant(4)", "0 4 0 0"),
        ("bias_init=I.Constant(.5)", "0.5 1 0.5 0.5"),
        ("bias_init=.5, forget_bias_init=.5", "0.5 0.5 0.5 0.5"),
        ("forget_bias_init=unknown()", "refused"),
    ],
)
def test_the_forget_gate_of_chainer_has_an_argument_of_its_own(arguments: str, gates: str) -> None:
    source = (
        "import chainer\nimport chainer.links as L\nfrom chainer import initializers as I\nclass Net(chainer.Chain):\n"
        f"    def __init__(self):\n        super().__init__(cell=L.LSTM(3, 4, {arguments}))\n"
    )
    model, _ = read(source.encode(), "a.py", Options(versions=Versions({"chainer": (7, 8, 1)})))
    initializer = next(weight.initializer for weight in model.layers[0].weights if weight.role is Role.BIAS)
    if gates == "refused":
        assert isinstance(initializer, Unsupported)
        return
    parts = initializer.parts if isinstance(initializer, Blocks) else (initializer,) * 4
    assert parts == tuple(Constant(Scalar.of(Fraction(number))) for number in gates.split())


CHOSEN = """
from functools import reduce
from inspect import isfunction
import chainer
import chainer.functions as F
import chainer.links as L
from chainer import link
from chainer.initializers import _get_initializer

def activation(kind):
    if isfunction(kind):
        return kind()
    elif isinstance(kind, str):
        return F.relu

class Scale(link.Link):
    def __init__(self, initial_alpha=0):
        super(Scale, self).__init__()
        with self.init_scope():
            initializer = _get_initializer(initial_alpha)
            self.alpha = chainer.Parameter(initializer=initializer, shape=(1,), name="label")

class Net(chainer.Chain):
    def __init__(self, kind=(lambda: L.PReLU()), other="relu"):
        super(Net, self).__init__()
        widths = reduce(lambda held, more: held + [held[-1] + more], [4, 8], [2])
        with self.init_scope():
            self.first = Scale()
            self.second = Scale(.5)
            self.active = activation(kind)
            self.other = activation(other)
            for number, width in enumerate(widths):
                setattr(self, "fc{}".format(number), L.Linear(3, width, nobias=True))
"""


def test_networks_that_reduce_lists_and_choose_by_functions() -> None:
    """As densely connected networks of chainercv2 and gluoncv2 are written."""
    found = lines(CHOSEN, versions=VERSIONS, network="Net")
    assert list(found) == [
        "first.alpha parameter",
        "second.alpha parameter",
        "active alpha",
        "fc0 kernel",
        "fc1 kernel",
        "fc2 kernel",
    ]
    assert [found[f"{name}.alpha parameter"] for name in ("first", "second")] == [
        "nn.init.zeros_(w)",
        "nn.init.constant_(w, 0.5)",
    ]
    assert not [text for text in told(CHOSEN, versions=VERSIONS, network="Net") if "IP305" not in text]


DERIVED = """
import settings
from mxnet.gluon import nn

class Norm(nn.BatchNorm):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)

class Plain(nn.Dense):
    pass

class Net(nn.HybridBlock):
    def __init__(self, **kwargs):
        super().__init__()
        self.norm = Norm(in_channels=5)
        self.plain = Plain(3, use_bias=False)
        self.open = Norm(**settings.norm)
"""


def test_a_class_derived_from_a_layer_is_that_layer() -> None:
    found = lines(DERIVED, versions=VERSIONS, network="Net")
    assert {name: text for name, text in found.items() if not name.startswith("open")} == {
        "norm gamma": "nn.init.ones_(w)",
        "norm beta": "nn.init.zeros_(w)",
        "plain kernel": "nn.init.uniform_(w, -0.07, 0.07)",
    }
    assert found["open gamma"] is None


TORCH = {"torch": "2.13.0"}

RESET = """
import torch
from torch import nn

class Conv(nn.Conv2d):
    def reset_parameters(self):
        nn.init.orthogonal_(self.weight)

class Dense(nn.Linear):
    def __init__(self, size):
        super().__init__(size, 4)
        self.weight.data.normal_(0, 0.02)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = Conv(3, 8, 3)
        self.dense = Dense(8)
"""


def test_a_derived_layer_may_start_its_parameters() -> None:
    found = lines(RESET, versions=TORCH, network="Net")
    assert found == {
        "conv kernel": "nn.init.orthogonal_(w)",
        "conv bias": None,
        "dense kernel": "nn.init.normal_(w, std=0.02)",
        "dense bias": "nn.init.uniform_(w, -math.sqrt(0.125), math.sqrt(0.125))",
    }
    assert any(
        "`reset_parameters` of its class does not fill it" in text
        for text in told(RESET, versions=TORCH, network="Net")
    )


BUILT = """
import paddle.nn as nn

class Dense(nn.Linear):
    def create_parameter(self, *args, **kwargs):
        return super().create_parameter(*args, **kwargs)

class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.dense = Dense(8, 3)
"""


def test_a_derived_layer_that_makes_its_weights_itself_is_refused() -> None:
    found = told(BUILT, versions=VERSIONS, network="Net")
    assert any("'dense': its class has a `create_parameter` of its own" in text for text in found)


HELD = """
import paddle
import paddle.nn as nn
from paddle.base.param_attr import ParamAttr
from paddle.nn.initializer import Constant, Normal

class Block(nn.Layer):
    def __init__(self, ratio, norm):
        super().__init__()
        wide = int(round(8 * ratio))
        self.conv = nn.Conv2D(8, wide, 1, groups=8, bias_attr=ParamAttr(initializer=Constant(.5)))
        self.norm = norm(wide)

class Net(nn.Layer):
    def __init__(self, norm):
        super().__init__()
        self.position = self.create_parameter(shape=(1, 7), default_initializer=Constant(.25))
        self.matrix = self.create_parameter([30, 20])
        self.vector = self.create_parameter([6], is_bias=True)
        self.drawn = self.create_parameter([6], attr=ParamAttr(initializer=Normal(std=.02)))
        self.blocks = []
        for number in range(2):
            self.blocks.append(self.add_sublayer(name="block%d" % number, sublayer=Block(1.5 + number, norm)))
        tail = [("first", nn.Linear(3, 4, bias_attr=False)), ("last", nn.Linear(4, 2, bias_attr=False))]
        self.tail = nn.Sequential(*tail)
"""


def test_networks_of_paddle_as_their_zoo_writes_them() -> None:
    std = "nn.init.normal_(w, std=math.sqrt(0.25 / w[0].numel()))"
    assert lines(HELD, versions=VERSIONS, network="Net") == {
        "position parameter": "nn.init.constant_(w, 0.25)",
        "matrix parameter": "nn.init.xavier_uniform_(w)",
        "vector parameter": "nn.init.zeros_(w)",
        "drawn parameter": "nn.init.normal_(w, std=0.02)",
        "block0.conv kernel": std,
        "block0.conv bias": "nn.init.constant_(w, 0.5)",
        "block1.conv kernel": std,
        "block1.conv bias": "nn.init.constant_(w, 0.5)",
        "tail.first kernel": "nn.init.xavier_uniform_(w)",
        "tail.last kernel": "nn.init.xavier_uniform_(w)",
    }


def test_what_a_network_holds_and_nobody_knows_is_reported() -> None:
    assert [text for text in told(HELD, versions=VERSIONS, network="Net") if "IP207" in text] == [
        "12 IP207 what `norm` makes is not visible in this file; its layers, if it makes any, are left out"
    ]


FILLED = """
import paddle.nn as nn
from paddle.nn.initializer import Constant, TruncatedNormal

trunc_normal_ = TruncatedNormal(std=.02)
zeros_ = Constant(value=0.)

class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.token = self.create_parameter(shape=(1, 1, 8), default_initializer=zeros_)
        self.add_parameter("token", self.token)
        self.head = nn.Linear(8, 2, bias_attr=False)
        trunc_normal_(self.token)
        self.table = self.create_parameter(shape=(1, 8))
        self.table.set_value(other)
        self.part = self.create_parameter(shape=(1, 8))
        self.part[:, 0] = 3
"""


def test_an_initializer_that_is_called_with_a_parameter_fills_it() -> None:
    found = lines(FILLED, versions=VERSIONS, network="Net")
    assert found["token parameter"] == "nn.init.trunc_normal_(w, mean=0, std=0.02, a=-0.04, b=0.04)"
    assert found["table parameter"] is None
    assert found["part parameter"] is None


ORDERS = {"NCHW": "out, in / groups, height, kernel / height", "NHWC": "out, height, kernel / height, in / groups"}
CAFFE2 = "from caffe2.python import brew, cnn, model_helper\n"
MSRA = "weight_init=('MSRAFill', {})"


@pytest.mark.parametrize(
    ("source", "order", "law"),
    [
        (f"m = model_helper.ModelHelper()\nbrew.conv(m, 'x', 'y', 3, 4, 5, {MSRA})", "NCHW", "normal"),
        (f"m = model_helper.ModelHelper(arg_scope={{'order': 'NHWC'}})\nbrew.conv(m, 'x', 'y', 3, 4, 5, {MSRA})",
         "NHWC", "normal"),
        (f"m = model_helper.ModelHelper(arg_scope={{'order': 'NHWC'}})\n"
         f"brew.conv(m, 'x', 'y', 3, 4, 5, {MSRA}, order='NCHW')", "NCHW", "normal"),
        (f"m = model_helper.ModelHelper(arg_scope=given)\nbrew.conv(m, 'x', 'y', 3, 4, 5, {MSRA})", None, "unknown"),
        (f"m = model_helper.ModelHelper()\nwith brew.arg_scope([brew.conv], {MSRA}):\n"
         "    brew.conv(m, 'x', 'y', 3, 4, 5)", "NCHW", "normal"),
        (f"m = model_helper.ModelHelper()\nwith brew.arg_scope([brew.conv], order='NHWC', {MSRA}):\n"
         "    brew.conv(m, 'x', 'y', 3, 4, 5)", "NHWC", "normal"),
        (f"m = model_helper.ModelHelper()\nwith brew.arg_scope([brew.fc], {MSRA}):\n"
         "    brew.conv(m, 'x', 'y', 3, 4, 5)", "NCHW", "uniform"),
        (f"m = cnn.CNNModelHelper()\nm.Conv('x', 'y', 3, 4, 5, {MSRA})", "NCHW", "normal"),
        (f"m = cnn.CNNModelHelper('NHWC')\nm.Conv('x', 'y', 3, 4, 5, {MSRA})", "NHWC", "normal"),
        (f"m = cnn.CNNModelHelper(order='NHWC')\nm.Conv('x', 'y', 3, 4, kernel=5, {MSRA})", "NHWC", "normal"),
        (f"m = cnn.CNNModelHelper(order=given)\nm.Conv('x', 'y', 3, 4, 5, {MSRA})", None, "unknown"),
        (f"def f(m):\n    m.Conv('x', 'y', 3, 4, 5, {MSRA})\nf(cnn.CNNModelHelper('NHWC'))", "NHWC", "normal"),
    ],
)  # fmt: skip
def test_the_order_and_the_scopes_of_caffe2(source: str, order: str | None, law: str) -> None:
    """What a model or a scope sets reaches the layers whose calls do not: MSRAFill counts by the order."""
    (layer,) = reading(f"{CAFFE2}{source}\n", versions={"caffe2": "1.1.0"}).model.layers
    kernel = layer.weights[0]
    assert layer.kind is Kind.CONV
    assert order is None or kernel.layout == parse_layout(ORDERS[order])
    assert exact_law(kernel.initializer).partition(",")[0] == law


def test_other_methods_of_a_model_make_its_layers() -> None:
    text = "m = cnn.CNNModelHelper()\nm.FC('x', 'fc', 5, 6)\nm.SpatialBN('fc', 'bn', 6)\nm.Relu('bn', 'r')\n"
    found = reading(CAFFE2 + text, versions={"caffe2": "1.1.0"})
    assert [(layer.name, layer.kind) for layer in found.model.layers] == [("fc", Kind.DENSE), ("bn", Kind.BATCH_NORM)]
    assert found.diagnostics == ()
