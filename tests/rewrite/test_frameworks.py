"""Code of frameworks other than TensorFlow: what takes an initializer's place, and in which versions."""

import pytest

from initport.diagnostics import Code
from initport.grammar.version import Version
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, refusals, rewritten

CHAINER = "import chainer\nimport chainer.links as L\n"
KAIMING = 'functools.partial(nn.init.kaiming_normal_, nonlinearity="relu")'
"""What the target writes for a normal of variance 2 / fan_in."""


def run(package: str, version: Version, target: str = "torch") -> Run:
    return Run(target=target, versions={package: version})


@pytest.mark.parametrize(
    "line",
    [
        "a = L.Linear(3, 4)",
        "a = L.Linear(3, 4, initialW=None, initial_bias=None)",
        "a = L.Linear(3, 4, nobias=True)",
        "a = F.dropout(x, 0.5)",
        "a = L.Convolution2D(3, 4, 5, stride=2, pad=1)",
    ],
)
def test_noop(line: str) -> None:
    source = f"{CHAINER}{line}\n"
    assert rewritten(source, run("chainer", (7, 8, 1))) == source


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("L.Linear(3, 4, initialW=chainer.initializers.HeNormal())", f"L.Linear(3, 4, initialW={KAIMING})"),
        (
            "L.Linear(3, 4, initial_bias=0.1)",
            "L.Linear(3, 4, initial_bias=functools.partial(nn.init.constant_, val=0.1))",
        ),
        (
            "L.Linear(3, 4, False, -1)",
            "L.Linear(3, 4, False, functools.partial(nn.init.constant_, val=-1))",
        ),
        (
            "L.DepthwiseConvolution2D(64, 2, 3, initialW=chainer.initializers.LeCunNormal())",
            "L.DepthwiseConvolution2D(64, 2, 3, "
            'initialW=functools.partial(nn.init.kaiming_normal_, mode="fan_out", nonlinearity="relu"))',
        ),
    ],
)
def test_chainer(line: str, after: str) -> None:
    text = rewritten(f"{CHAINER}x = {line}\n", run("chainer", (7, 8, 1)))
    assert text.endswith(f"x = {after}\n")


GLOROT = "x = L.Convolution2D(3, 4, 5, initialW=chainer.initializers.GlorotUniform())\n"


@pytest.mark.parametrize(
    ("version", "after"),
    [
        ((7, 8, 1), "nn.init.xavier_uniform_"),
        (
            (1, 24),
            "lambda w: nn.init.uniform_(w, a=-math.sqrt(6 / (w.shape[0] + w[0].numel())), "
            "b=math.sqrt(6 / (w.shape[0] + w[0].numel())))",
        ),
    ],
)
def test_fans_changed_with_chainer_2(version: Version, after: str) -> None:
    assert rewritten(f"{CHAINER}{GLOROT}", run("chainer", version)).endswith(f"initialW={after})\n")


def test_a_version_that_nothing_states_is_asked_for() -> None:
    (found,) = [
        item for item in outcome(f"{CHAINER}{GLOROT}".encode(), run=Run(target="torch")).findings if item.exit_code
    ]
    assert found.code is Code.NEEDS_VERSION


@pytest.mark.parametrize(
    ("line", "ours"),
    [
        ("with self.init_scope(): pass", "nn.init.xavier_uniform_"),
        ("y = L.Linear(3, 4, wscale=2)", "lambda w"),
    ],
)
def test_words_show_a_version(line: str, ours: str) -> None:
    assert f"initialW={ours}" in rewritten(f"{CHAINER}{line}\n{GLOROT}", Run(target="torch"))


def test_gates_are_drawn_one_by_one() -> None:
    """Each block of units by inputs has fans of its own, and is orthogonal by itself, which no whole matrix is."""
    source = "x = L.LSTM(3, 4, upward_init=chainer.initializers.GlorotNormal())\n"
    text = rewritten(f"{CHAINER}{source}", run("chainer", (7, 8, 1)))
    assert "std=math.sqrt(8 / (w.shape[0] + 4 * w.shape[1]))" in text
    source = "x = L.LSTM(3, 4, lateral_init=chainer.initializers.Orthogonal())\n"
    assert rewritten(f"{CHAINER}{source}", run("chainer", (7, 8, 1))) == f"{CHAINER}{source}"


MXNET = "import mxnet as mx\nfrom mxnet.gluon import nn\n"


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("nn.Dense(3)", "nn.Dense(3)"),
        (
            'nn.Dense(3, weight_initializer="xavier", bias_initializer="ones")',
            "nn.Dense(3, weight_initializer=torch_nn.init.xavier_uniform_, bias_initializer=torch_nn.init.ones_)",
        ),
        (
            "nn.Embedding(3, 4, weight_initializer=mx.init.Uniform(0.5))",
            "nn.Embedding(3, 4, weight_initializer=functools.partial(torch_nn.init.uniform_, a=-0.5, b=0.5))",
        ),
        (
            'mx.sym.Variable("q_bias", init=mx.init.Normal(1))',
            'mx.sym.Variable("q_bias", init=functools.partial(torch_nn.init.normal_, std=1))',
        ),
    ],
)
def test_mxnet(line: str, after: str) -> None:
    assert rewritten(f"{MXNET}x = {line}\n", Run(target="torch")).endswith(f"x = {after}\n")


@pytest.mark.parametrize(
    "line",
    [
        "net.initialize(mx.init.Constant(5))",
        "net.initialize(init=mx.init.Xavier(), ctx=ctx)",
        "mod.init_params(mx.init.Normal(1))",
        'net.collect_params(".*bias").initialize(mx.init.One())',
    ],
)
def test_names_decide_what_a_network_starts(line: str) -> None:
    """Constant(5) leaves the biases at 0, and nothing that takes its place would."""
    (reason,) = refusals(f"{MXNET}{line}\n", Run(target="torch"))
    assert "in `weight` by this, in `bias` or `beta` or `min` by Zero" in reason


PADDLE = "import paddle\nimport paddle.nn as nn\nfrom paddle import ParamAttr\n"
ONES = "torch_nn.init.ones_"


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("x = nn.Linear(3, 4, bias_attr=False)", "x = nn.Linear(3, 4, bias_attr=False)"),
        (
            'x = nn.Linear(3, 4, weight_attr=ParamAttr(name="w"))',
            'x = nn.Linear(3, 4, weight_attr=ParamAttr(name="w"))',
        ),
        (
            "x = nn.Linear(3, 4, weight_attr=nn.initializer.Constant(1))",
            f"x = nn.Linear(3, 4, weight_attr={ONES})",
        ),
        (
            'x = nn.Linear(3, 4, ParamAttr("w", nn.initializer.Constant(1)))',
            f'x = nn.Linear(3, 4, ParamAttr("w", {ONES}))',
        ),
        (
            "x = nn.Linear(3, 4, weight_attr=ParamAttr(initializer=nn.initializer.KaimingNormal()))",
            f"x = nn.Linear(3, 4, weight_attr=ParamAttr(initializer={KAIMING.replace('nn.', 'torch_nn.', 1)}))",
        ),
        (
            "x = nn.Conv2D(3, 4, 5, weight_attr=nn.initializer.TruncatedNormal(std=0.02))",
            "x = nn.Conv2D(3, 4, 5, "
            "weight_attr=functools.partial(torch_nn.init.trunc_normal_, mean=0, std=0.02, a=-0.04, b=0.04))",
        ),
    ],
)
def test_paddle(line: str, after: str) -> None:
    assert rewritten(f"{PADDLE}{line}\n", run("paddle", (2, 6, 2))).endswith(f"{after}\n")


def test_a_cut_moved_with_paddle_3() -> None:
    """From two deviations to the values -2 and 2, which deviations of 0.02 never reach."""
    source = f"{PADDLE}x = nn.Linear(3, 4, weight_attr=nn.initializer.TruncatedNormal(std=0.02))\n"
    assert "normal_, std=0.02)" in rewritten(source, run("paddle", (3, 3, 1)))
    (found,) = [item for item in outcome(source.encode(), run=Run(target="torch")).findings if item.exit_code]
    assert found.code is Code.NEEDS_VERSION


LASAGNE = "import lasagne\nfrom lasagne.layers import DenseLayer\n"


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("x = DenseLayer(x, 3)", "x = DenseLayer(x, 3)"),
        ("x = DenseLayer(x, 3, W=lasagne.init.Uniform((0, .5)))",
         "x = DenseLayer(x, 3, W=functools.partial(nn.init.uniform_, a=0, b=0.5))"),
        ("x = DenseLayer(x, 3, W=lasagne.init.Uniform(r))", "x = DenseLayer(x, 3, W=lasagne.init.Uniform(r))"),
        ('x = DenseLayer(x, 3, W=lasagne.init.HeNormal("relu"))', f"x = DenseLayer(x, 3, W={KAIMING})"),
        ('x = DenseLayer(x, 3, W=lasagne.init.GlorotUniform(gain="relu"))',
         "x = DenseLayer(x, 3, W=functools.partial(nn.init.xavier_uniform_, gain=math.sqrt(2)))"),
    ],
)  # fmt: skip
def test_lasagne(line: str, after: str) -> None:
    """A range that is not a number may be a pair."""
    assert rewritten(f"{LASAGNE}{line}\n", Run(target="torch")).endswith(f"{after}\n")


MINDSPORE = "import mindspore.nn as nn\nfrom mindspore.common.initializer import *\n"
HE = 'functools.partial(torch_nn.init.kaiming_uniform_, nonlinearity="relu")'


@pytest.mark.parametrize(
    ("line", "after"),
    [
        ("nn.Dense(3, 4)", "nn.Dense(3, 4)"),
        ('nn.Dense(3, 4, "he_uniform")', f"nn.Dense(3, 4, {HE})"),
        (
            "nn.Dense(3, 4, weight_init=initializer(HeUniform(), [4, 3]))",
            f"nn.Dense(3, 4, weight_init=initializer({HE}, [4, 3]))",
        ),
        (
            "nn.Dense(3, 4, bias_init=0.5)",
            "nn.Dense(3, 4, bias_init=functools.partial(torch_nn.init.constant_, val=0.5))",
        ),
        (
            "nn.Dense(3, 4, weight_init=TruncatedNormal(0.02))",
            "nn.Dense(3, 4, weight_init=functools.partial(torch_nn.init.normal_, std=0.02))",
        ),
    ],
)
def test_mindspore(line: str, after: str) -> None:
    """Its truncated normal is cut at the values -2 and 2, which deviations of 0.02 never reach."""
    assert rewritten(f"{MINDSPORE}x = {line}\n", run("mindspore", (2, 9))).endswith(f"x = {after}\n")


BREW = "from caffe2.python import brew\n"


@pytest.mark.parametrize(
    ("given", "after"),
    [
        ("('XavierFill', {})", 'functools.partial(nn.init.kaiming_uniform_, nonlinearity="linear")'),
        ("('GaussianFill', {'std': 0.01})", "functools.partial(nn.init.normal_, std=0.01)"),
        ("('GaussianFill', dict(std=0.01))", "functools.partial(nn.init.normal_, std=0.01)"),
        ("('UniformFill', {'min': -.5, 'max': .5})", "functools.partial(nn.init.uniform_, a=-0.5, b=0.5)"),
        ("'XavierFill'", "'XavierFill'"), ("('XavierFill',)", "('XavierFill',)"), ("fill", "fill"),
        ("('UniformIntFill', {'min': 0})", "('UniformIntFill', {'min': 0})"),
        ("('GaussianFill', {'stddev': 1})", "('GaussianFill', {'stddev': 1})"),
    ],
)  # fmt: skip
def test_brew(given: str, after: str) -> None:
    """An initializer is a pair of an operator and its arguments; nothing else is."""
    line = "brew.fc(m, 'x', 'y', 3, 4, weight_init={})\n"
    assert rewritten(BREW + line.format(given), Run(target="torch")).endswith(line.format(after))
