"""Exactness without sampling: on shapes whose sizes are distinct primes, so that no role can stand for another.

Every layer type of Caffe meets every filler and norm. The expected fans are computed here from plain shapes, as Caffe
does; the emitted line's meaning is asked of the target's own grammar and evaluated on the target's shape.
"""

import math

import pytest

from initport.conversion import plan_for, read
from initport.emit.plan import Entry
from initport.grammar.call import read_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.ir.initializers import Constant, Initializer, RandomNormal, RandomUniform, canonical
from initport.ir.moments import moments
from initport.ir.scalar import Scalar

IN, OUT, HEIGHT, WIDTH = 7 * 3, 11 * 3, 5, 13

LAYERS = {
    "Convolution": f"convolution_param {{ num_output: {OUT} group: 3 kernel_h: {HEIGHT} kernel_w: {WIDTH} %s }}",
    "ConvolutionDepthwise": f"convolution_param {{ num_output: {IN} kernel_h: {HEIGHT} kernel_w: {WIDTH} %s }}",
    "Deconvolution": f"convolution_param {{ num_output: {OUT} group: 3 kernel_h: {HEIGHT} kernel_w: {WIDTH} %s }}",
    "InnerProduct": f"inner_product_param {{ num_output: {OUT} %s }}",
    "InnerProduct transposed": f"inner_product_param {{ num_output: {OUT} transpose: true %s }}",
    "Embed": f"embed_param {{ input_dim: 101 num_output: {OUT} bias_term: false %s }}",
    "LSTM": "recurrent_param { num_output: 29 %s }",
    "RNN": "recurrent_param { num_output: 29 %s }",
}

SHAPES = {
    "Convolution": (OUT, IN // 3, HEIGHT, WIDTH),
    "ConvolutionDepthwise": (IN, 1, HEIGHT, WIDTH),
    "Deconvolution": (IN, OUT // 3, HEIGHT, WIDTH),
    "InnerProduct": (OUT, IN * 17 * 19),
    "InnerProduct transposed": (IN * 17 * 19, OUT),
    "Embed": (101, OUT),
    "LSTM": (4 * 29, IN * 17 * 19),
    "RNN": (29, IN * 17 * 19),
}

RULES = {"xavier": (1, RandomUniform), "msra": (2, RandomNormal)}


def entries(layer: str, filler: str, target: str) -> tuple[Entry, ...]:
    shape = "dim: 2 dim: 2" if layer == "Embed" else f"dim: 2 dim: {IN} dim: 17 dim: 19"
    if layer in ("LSTM", "RNN"):
        shape = f"dim: 2 dim: 1 dim: {IN} dim: 17 dim: 19"
    text = (
        f'layer {{ name: "x" type: "Input" top: "x" input_param {{ shape {{ {shape} }} }} }} '
        f'layer {{ name: "w" type: "{layer.split()[0]}" bottom: "x" top: "y" {LAYERS[layer] % filler} }}'
    )
    return plan_for(read(text, path="net").model, target).entries


def kernel(layer: str, filler: str, target: str) -> Entry:
    return entries(layer, f"weight_filler {{ {filler} }}", target)[0]


def target_shape(entry: Entry) -> tuple[int, ...]:
    """The weight's shape in the target, written out by hand from what the layer is."""
    source = entry.weight.shape
    assert source is not None
    first, second, *run = (size for size in source if size is not None)
    layout = entry.place.layout
    return {
        "out, in / groups, *kernel": (first, second, *run),
        "in, out / groups, *kernel": (first, second, *run),
        "in * mult, 1, *kernel": (first, second, *run),
        "*kernel, in / groups, out": (*run, second, first),
        "*kernel, out / groups, in": (*run, second, first),
        "*kernel, in, mult": (*run, first, second),
        "vocabulary, out": (first, second),
        "4 * units, in": (first, second),
        "in, 4 * units": (second, first),
        "units, in": (first, second),
        "in, units": (second, first),
        "out, in": (OUT, first * second // OUT),
        "in, out": (first * second // OUT, OUT),
    }[str(layout)]


def meaning_in_target(entry: Entry, target: Vocabulary) -> Initializer:
    """What the emitted text means on a weight of literal sizes: no role is left in it."""
    assert entry.spelling is not None
    layout = parse_layout(", ".join(map(str, target_shape(entry))))
    names = target.names(layout)
    sizes = {
        "w.numel()": names["count"],
        "w.shape[0]": names["size0"],
        "w.shape[1]": names["size1"],
        "w[0].numel()": names["count"] / names["size0"],
        "math.prod(shape)": names["count"],
        "math.prod(shape[:-2])": names["count"] / names["last0"] / names["last1"],
        "shape[-1]": names["last0"],
        "shape[-2]": names["last1"],
    }
    call = read_call(entry.spelling.text, sizes, frozenset({"w", "shape", "dtype"}))
    return canonical(target.meaning(call, layout))


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("norm", ["FAN_IN", "FAN_OUT", "AVERAGE", "0", "1", "2"])
@pytest.mark.parametrize("filler", RULES)
@pytest.mark.parametrize("layer", LAYERS)
def test_variance_scaling(layer: str, filler: str, norm: str, target: str) -> None:
    entry = kernel(layer, f'type: "{filler}" variance_norm: {norm}', target)
    shape = SHAPES[layer]
    assert entry.weight.shape == shape
    fan_in, fan_out = math.prod(shape[1:]), math.prod(shape) // shape[1]
    n = {"FAN_IN": fan_in, "FAN_OUT": fan_out, "AVERAGE": (fan_in + fan_out) / 2}
    n |= {"0": n["FAN_IN"], "1": n["FAN_OUT"], "2": n["AVERAGE"]}
    numerator, kind = RULES[filler]
    truth = moments(entry.weight.initializer, entry.weight.dims)
    assert truth is not None
    assert truth.variance == pytest.approx(numerator / n[norm], rel=1e-13)
    there = meaning_in_target(entry, vocabulary(target))
    assert isinstance(there, kind)
    found = moments(there, {})
    assert found is not None
    assert (found.mean, found.variance) == pytest.approx((0, numerator / n[norm]), rel=1e-13)


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer != "Embed"])
@pytest.mark.parametrize(
    ("filler", "expected"),
    [
        ("", Constant),
        ('type: "xavier"', 1.0),
        ('type: "xavier" variance_norm: FAN_OUT', "1/L"),
        ('type: "xavier" variance_norm: AVERAGE', "2/(1+L)"),
        ('type: "msra"', 2.0),
        ('type: "msra" variance_norm: FAN_OUT', "2/L"),
        ('type: "msra" variance_norm: AVERAGE', "4/(1+L)"),
        ('type: "gaussian" std: 0.5 sparse: 3', "3/L/4"),
    ],
)
def test_biases_have_their_own_fans(layer: str, filler: str, expected: object, target: str) -> None:
    bias = next(e for e in entries(layer, f"bias_filler {{ {filler} }}", target) if e.weight.role == "bias")
    truth = moments(bias.weight.initializer, bias.weight.dims)
    assert bias.spelling is not None
    assert truth is not None
    assert bias.weight.shape is not None
    length = bias.weight.shape[0] or 0
    known = {"1/L": 1 / length, "2/(1+L)": 2 / (1 + length), "2/L": 2 / length, "4/(1+L)": 4 / (1 + length)}
    known["3/L/4"] = 3 / length / 4
    variance = known.get(expected, expected) if isinstance(expected, str) else expected
    assert truth.variance == pytest.approx(0.0 if variance is Constant else variance, rel=1e-13)


def test_the_prime_shapes_tell_all_roles_apart() -> None:
    for layer, shape in SHAPES.items():
        sizes = {math.prod(shape[1:]), math.prod(shape) // shape[1], math.prod(shape), shape[0], shape[1]}
        expected = 5 - (layer == "ConvolutionDepthwise") - 2 * (len(shape) == 2)
        assert len(sizes) == expected, layer


@pytest.mark.parametrize("target", ["torch", "keras"])
def test_a_layer_that_says_nothing_starts_at_zero(target: str) -> None:
    weights = [entry.weight for layer in LAYERS for entry in entries(layer, "", target)]
    assert len(weights) == 5 * 2 + 1 + 3 + 5
    for weight in weights:
        assert weight.implicit
        assert canonical(weight.initializer) == Constant(Scalar.of(0))
