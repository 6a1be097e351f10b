"""Networks that a program builds with pycaffe, against the same networks as prototxt."""

import ast

import pytest

from initport.conversion import read
from initport.ir.initializers import Unsupported, equal
from initport.ir.model import Layer
from initport.python.netspec import layers
from initport.python.text import Text

HEAD = "import caffe\nfrom caffe import layers as L, params as P\n"


def built(source: str) -> list[Layer]:
    text = Text(source)
    return list(layers(ast.parse(source), text))


def reason(source: str) -> str:
    (layer,) = built(HEAD + source)
    initializer = layer.weights[0].initializer
    assert isinstance(initializer, Unsupported)
    return initializer.reason


@pytest.mark.parametrize(
    "source",
    [
        "",
        f"{HEAD}n.relu = L.ReLU(x, weight_filler=dict(type='msra'))",
        "from torch import layers as L\nn.c = L.Convolution(x, weight_filler=dict(type='msra'))",
        "n.c = L.Convolution(x, weight_filler=dict(type='msra'))",
        f"{HEAD}layer = L.Convolution",
    ],
)
def test_no_layers(source: str) -> None:
    assert built(source) == []


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("L.Convolution(x, num_output=3, kernel_size=3)", "type: 'Convolution' {}"),
        (
            "L.Convolution(x, num_output=3, kernel_size=3, weight_filler=dict(type='xavier', std=1))",
            "type: 'Convolution' {weight_filler {type: 'xavier' std: 1}}",
        ),
        (
            "L.Convolution(x, num_output=3, kernel_size=3, weight_filler={'type': 'msra', 'variance_norm': 2})",
            "type: 'Convolution' {weight_filler {type: 'msra' variance_norm: AVERAGE}}",
        ),
        (
            "L.Deconvolution(x, convolution_param=dict(num_output=3, kernel_size=3, bias_term=False,\n"
            "  weight_filler=dict(type='msra', variance_norm=P.Filler.FAN_OUT)))",
            "type: 'Deconvolution' {weight_filler {type: 'msra' variance_norm: FAN_OUT} bias_term: false}",
        ),
        (
            "L.InnerProduct(x, num_output=3, transpose=True, weight_filler=dict(type='xavier'),\n"
            "  bias_filler=dict(type='constant', value=-0.1))",
            "type: 'InnerProduct' {weight_filler {type: 'xavier'} transpose: true"
            " bias_filler {type: 'constant' value: -0.1}}",
        ),
        (
            "L.InnerProduct(x, num_output=3, weight_filler=dict(type='gaussian', std=0.5, sparse=2))",
            "type: 'InnerProduct' {weight_filler {type: 'gaussian' std: 0.5 sparse: 2}}",
        ),
        ("L.InnerProduct(x, num_output=3, weight_filler=dict())", "type: 'InnerProduct' {weight_filler {}}"),
        (
            "L.Scale(x, bias_term=True, bias_filler=dict(value=2))",
            "type: 'Scale' {bias_term: true bias_filler {value: 2}}",
        ),
        ("L.Scale(x)", "type: 'Scale' {}"),
        ("L.PReLU(x, channel_shared=1)", "type: 'PReLU' {channel_shared: true}"),
    ],
)
def test_the_same_as_the_prototxt(call: str, fields: str) -> None:
    kind, _, body = fields.partition(" {")
    name = kind.split("'")[1]
    messages = {"Convolution": "convolution", "Deconvolution": "convolution", "InnerProduct": "inner_product",
                "Scale": "scale", "PReLU": "prelu"}  # fmt: skip
    sizes = "num_output: 3" * ("num_output" in call) + " kernel_size: 3" * ("kernel_size" in call)
    prototxt = (
        "layer {name: 'in' type: 'Input' top: 'x' input_param {shape {dim: 1 dim: 4 dim: 8 dim: 8}}}\n"
        f"layer {{name: 'c' bottom: 'x' top: 'y' {kind} {messages[name]}_param {{{sizes} {body.removesuffix('}')}}}}}"
    )
    (wanted,) = read(prototxt.encode(), path="net.prototxt").model.layers
    (layer,) = built(f"{HEAD}n.c = {call}\n")
    assert (layer.type, layer.kind) == (wanted.type, wanted.kind)
    assert [weight.role for weight in layer.weights] == [weight.role for weight in wanted.weights]
    for weight, other in zip(layer.weights, wanted.weights, strict=True):
        assert equal(weight.initializer, other.initializer)
        assert weight.implicit == other.implicit


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("n.conv1 = L.Convolution(x)", "conv1 (3)"),
        ("n['conv1'] = L.Convolution(x)", "conv1 (3)"),
        ("c = L.Convolution(x)", "c (3)"),
        ("return_(L.Convolution(x))", "Convolution (3)"),
    ],
)
def test_names(source: str, name: str) -> None:
    (layer,) = built(HEAD + source)
    assert layer.name == name


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("f = dict(type='msra')\nn.c = L.Convolution(x, weight_filler=f)", id="a name"),
        pytest.param("def g(f={'type': 'msra'}):\n  n.c = L.Convolution(x, weight_filler=f)", id="a default"),
        pytest.param("def g(*, f={'type': 'msra'}):\n  n.c = L.Convolution(x, weight_filler=f)", id="keyword-only"),
        pytest.param("k = {'weight_filler': dict(type='msra')}\nn.c = L.Convolution(x, **k)", id="all of the keywords"),
        pytest.param("n.c = caffe.layers.Convolution(x, weight_filler=dict(type='msra'))", id="the whole path"),
    ],
)
def test_ways_of_giving_a_filler(source: str) -> None:
    (layer,) = built(HEAD + source)
    assert layer.weights[0].source.startswith("msra")
    assert ("unless a caller gives another" in layer.weights[0].source) == ("def g" in source)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("n.c = L.Convolution(x, weight_filler=f(x))", "`f(x)` is known only when"),
        ("n.c = L.Convolution(x, weight_filler=dict(type=t))", "the type of the filler"),
        ("n.c = L.Convolution(x, weight_filler=dict(type='msra', variance_norm=v))", "`variance_norm` is `v`"),
        ("n.c = L.Convolution(x, weight_filler=dict(type='msra', variance_norm=7))", "`variance_norm` is `7`"),
        ("n.c = L.Convolution(x, weight_filler=dict(type='Msra'))", "is not an initializer of"),
        ("n.c = L.Convolution(x, weight_filler=dict(type='uniform', min=2, max=1))", "above"),
        ("n.c = L.Convolution(x, **options)", "`options` is known only when"),
        ("n.c = L.InnerProduct(x, transpose=t)", "`transpose` is known only when"),
        ("n.c = L.InnerProduct(x, weight_filler=dict(type='msra'), **options)", "`options` is known only when"),
        ("n.s = L.Scale(*bottoms)", "`two_bottoms` is known only when"),
    ],
)
def test_what_is_not_told(source: str, why: str) -> None:
    assert why in reason(source)


def test_a_filler_that_is_given_beside_unknown_options() -> None:
    kernel, bias = built(f"{HEAD}n.c = L.Convolution(x, weight_filler=dict(type='msra'), **options)")[0].weights
    assert kernel.source == "msra"
    assert isinstance(bias.initializer, Unsupported)


def test_a_weight_that_may_be_missing_is_told() -> None:
    weights = built(f"{HEAD}n.c = L.Convolution(x, bias_term=b)")[0].weights
    assert [weight.role for weight in weights] == ["kernel", "bias"]
