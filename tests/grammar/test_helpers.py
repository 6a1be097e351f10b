"""Functions that other packages fill PyTorch's layers with, and the draws of Keras's backend, against figures measured
on them.

Measured with PyTorch 2.13: timm 1.0.20 (layers/weight_init.py), fvcore 0.1.5.post20221221 (nn/weight_init.py),
mmengine 0.10.7 (model/weight_init.py) and mmcv 1.7.2 (cnn/utils/weight_init.py), on a tensor of 800 by 1,000, the
weight of a linear layer of 1,000 inputs and 800 outputs: mean, variance, least and greatest element.
"""

import math
from fractions import Fraction

import pytest

from initport.grammar.call import Call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.grammar.version import parse_version
from initport.ir.moments import moments
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout

COUNT = 800_000
FIGURES: list[tuple[str, dict[str, float | str], float, float, float, float]] = [
    ("timm.layers.trunc_normal_", {"std": 0.02}, 1.10196e-05, 0.000399394, -0.0939672, 0.0991435),
    ("timm.layers.trunc_normal_", {}, -0.00146281, 0.772824, -2, 1.99999),
    ("timm.layers.trunc_normal_", {"std": 2.0, "a": -1, "b": 1}, 0.000776687, 0.322125, -0.999997, 0.999997),
    ("timm.layers.trunc_normal_tf_", {"std": 0.02}, 2.49809e-05, 0.000309188, -0.04, 0.0399995),
    ("timm.layers.trunc_normal_tf_", {"mean": 0.5, "std": 0.1}, 0.500011, 0.0077381, 0.3, 0.699999),
    ("timm.layers.lecun_normal_", {}, 1.2867e-05, 0.00100308, -0.0718992, 0.0719002),
    ("fvcore.nn.weight_init.c2_xavier_fill.weight", {}, -6.26966e-05, 0.000998231, -0.0547722, 0.0547721),
    ("fvcore.nn.weight_init.c2_xavier_fill.bias", {}, 0, 0, 0, 0),
    ("fvcore.nn.weight_init.c2_msra_fill.weight", {}, -1.90459e-05, 0.00250322, -0.259394, 0.225963),
    ("fvcore.nn.weight_init.c2_msra_fill.bias", {}, 0, 0, 0, 0),
    ("mmengine.model.caffe2_xavier_init.weight", {"bias": 0.5}, -9.18057e-07, 0.00099858, -0.0547721, 0.054772),
    ("mmengine.model.caffe2_xavier_init.bias", {"bias": 0.5}, 0.5, 0, 0.5, 0.5),
    ("mmengine.model.normal_init.weight", {"std": 0.01, "bias": 1}, -8.3784e-06, 0.000100136, -0.0484333, 0.0478832),
    ("mmengine.model.normal_init.bias", {"std": 0.01, "bias": 1}, 1, 0, 1, 1),
    ("mmengine.model.constant_init.weight", {"val": 2}, 2, 0, 2, 2),
    ("mmengine.model.constant_init.bias", {"val": 2}, 0, 0, 0, 0),
    ("mmengine.model.kaiming_init.weight", {}, -2.80942e-05, 0.00249515, -0.226666, 0.242043),
    ("mmengine.model.kaiming_init.bias", {}, 0, 0, 0, 0),
    (
        "mmengine.model.kaiming_init.weight",
        {"mode": "fan_in", "distribution": "uniform", "bias": 0.1},
        3.69474e-05,
        0.00199812,
        -0.0774596,
        0.0774596,
    ),
    ("mmengine.model.kaiming_init.bias", {"mode": "fan_in", "distribution": "uniform", "bias": 0.1}, 0.1, 0, 0.1, 0.1),
    (
        "mmengine.model.kaiming_init.weight",
        {"a": 1, "nonlinearity": "leaky_relu"},
        -2.56407e-05,
        0.00125078,
        -0.165732,
        0.164397,
    ),
    ("mmengine.model.kaiming_init.bias", {"a": 1, "nonlinearity": "leaky_relu"}, 0, 0, 0, 0),
    ("mmengine.model.xavier_init.weight", {}, 5.47972e-07, 0.00111195, -0.161824, 0.160224),
    ("mmengine.model.xavier_init.bias", {}, 0, 0, 0, 0),
    (
        "mmengine.model.xavier_init.weight",
        {"gain": 2, "distribution": "uniform"},
        -4.59877e-05,
        0.00444409,
        -0.11547,
        0.115469,
    ),
    ("mmengine.model.xavier_init.bias", {"gain": 2, "distribution": "uniform"}, 0, 0, 0, 0),
    (
        "mmengine.model.uniform_init.weight",
        {"a": -0.1, "b": 0.1, "bias": 0.2},
        2.81349e-05,
        0.00333206,
        -0.0999996,
        0.0999998,
    ),
    ("mmengine.model.uniform_init.bias", {"a": -0.1, "b": 0.1, "bias": 0.2}, 0.2, 0, 0.2, 0.2),
    ("mmengine.model.trunc_normal_init.weight", {"std": 0.02}, -3.61041e-06, 0.000400292, -0.0918205, 0.0971389),
    ("mmengine.model.trunc_normal_init.bias", {"std": 0.02}, 0, 0, 0, 0),
    ("mmcv.cnn.caffe2_xavier_init.weight", {"bias": 0.5}, -5.65149e-05, 0.000998918, -0.0547722, 0.0547722),
    ("mmcv.cnn.caffe2_xavier_init.bias", {"bias": 0.5}, 0.5, 0, 0.5, 0.5),
    ("mmcv.cnn.normal_init.weight", {"std": 0.01, "bias": 1}, -2.03757e-06, 0.000100141, -0.0518258, 0.0461489),
    ("mmcv.cnn.normal_init.bias", {"std": 0.01, "bias": 1}, 1, 0, 1, 1),
    ("mmcv.cnn.constant_init.weight", {"val": 2}, 2, 0, 2, 2),
    ("mmcv.cnn.constant_init.bias", {"val": 2}, 0, 0, 0, 0),
    ("mmcv.cnn.kaiming_init.weight", {}, 6.05626e-05, 0.00251013, -0.242955, 0.231514),
    ("mmcv.cnn.kaiming_init.bias", {}, 0, 0, 0, 0),
    (
        "mmcv.cnn.kaiming_init.weight",
        {"mode": "fan_in", "distribution": "uniform", "bias": 0.1},
        -5.8453e-05,
        0.00200054,
        -0.0774594,
        0.0774595,
    ),
    ("mmcv.cnn.kaiming_init.bias", {"mode": "fan_in", "distribution": "uniform", "bias": 0.1}, 0.1, 0, 0.1, 0.1),
    (
        "mmcv.cnn.kaiming_init.weight",
        {"a": 1, "nonlinearity": "leaky_relu"},
        8.32961e-05,
        0.00124929,
        -0.165051,
        0.185319,
    ),
    ("mmcv.cnn.kaiming_init.bias", {"a": 1, "nonlinearity": "leaky_relu"}, 0, 0, 0, 0),
    ("mmcv.cnn.xavier_init.weight", {}, -1.6662e-05, 0.00111028, -0.170908, 0.165597),
    ("mmcv.cnn.xavier_init.bias", {}, 0, 0, 0, 0),
    (
        "mmcv.cnn.xavier_init.weight",
        {"gain": 2, "distribution": "uniform", "bias": 0.5},
        -0.000200087,
        0.00444645,
        -0.11547,
        0.115469,
    ),
    ("mmcv.cnn.xavier_init.bias", {"gain": 2, "distribution": "uniform", "bias": 0.5}, 0.5, 0, 0.5, 0.5),
    ("mmcv.cnn.uniform_init.weight", {}, 0.499749, 0.08329, 1.90735e-06, 0.999998),
    ("mmcv.cnn.uniform_init.bias", {}, 0, 0, 0, 0),
    ("mmcv.cnn.uniform_init.weight", {"a": -0.1, "b": 0.1, "bias": 1}, 4.5472e-05, 0.00333025, -0.0999999, 0.0999999),
    ("mmcv.cnn.uniform_init.bias", {"a": -0.1, "b": 0.1, "bias": 1}, 1, 0, 1, 1),
    ("mmcv.cnn.trunc_normal_init.weight", {"std": 0.02}, -1.74366e-05, 0.000401045, -0.0980193, 0.090817),
    ("mmcv.cnn.trunc_normal_init.bias", {"std": 0.02}, 0, 0, 0, 0),
    ("mmcv.cnn.trunc_normal_init.weight", {"std": 1.5, "bias": 0.1}, 0.000679107, 1.04653, -1.99999, 1.99999),
    ("mmcv.cnn.trunc_normal_init.bias", {"std": 1.5, "bias": 0.1}, 0.1, 0, 0.1, 0.1),
]
BACKEND: list[tuple[str, str, str, dict[str, float | str], float, float, float, float]] = [
    ("1.2.2", "TensorFlow 1.15.5", "random_normal", {}, -0.00105509, 1.00304, -4.91568, 4.77408),
    (
        "1.2.2",
        "TensorFlow 1.15.5",
        "random_normal",
        {"mean": 0.5, "std": 0.1},
        0.500018,
        0.0100107,
        0.0209047,
        0.965154,
    ),
    ("1.2.2", "TensorFlow 1.15.5", "random_uniform", {}, 0.500011, 0.0834156, 2.86102e-06, 0.999997),
    ("1.2.2", "TensorFlow 1.15.5", "random_uniform", {"low": -0.1, "high": 0.3}, 0.100148, 0.0133073, -0.0999994, 0.3),
    ("1.2.2", "Theano 1.0.5", "random_normal", {}, -0.000690862, 1.00049, -4.45453, 4.64928),
    ("1.2.2", "Theano 1.0.5", "random_normal", {"mean": 0.5, "std": 0.1}, 0.499931, 0.0100049, 0.0545469, 0.964928),
    ("1.2.2", "Theano 1.0.5", "random_uniform", {}, 0.500208, 0.0832991, 1.82074e-07, 0.999997),
    ("1.2.2", "Theano 1.0.5", "random_uniform", {"low": -0.1, "high": 0.3}, 0.100083, 0.0133279, -0.0999999, 0.299999),
    ("2.3.1", "TensorFlow 1.15.5", "random_normal", {}, 0.00197439, 0.998972, -4.39739, 4.63472),
    (
        "2.3.1",
        "TensorFlow 1.15.5",
        "random_normal",
        {"mean": 0.5, "stddev": 0.1},
        0.499845,
        0.00999576,
        0.010,
        0.954411,
    ),
    ("2.3.1", "TensorFlow 1.15.5", "random_uniform", {}, 0.500221, 0.0833331, 1.07288e-06, 1),
    (
        "2.3.1",
        "TensorFlow 1.15.5",
        "random_uniform",
        {"minval": -0.1, "maxval": 0.3},
        0.099994,
        0.0133429,
        -0.0999999,
        0.3,
    ),
    ("2.3.1", "TensorFlow 1.15.5", "truncated_normal", {}, 0.0013801, 0.773051, -1.99999, 1.99998),
    (
        "2.3.1",
        "TensorFlow 1.15.5",
        "truncated_normal",
        {"mean": 0.5, "stddev": 0.1},
        0.500081,
        0.00773532,
        0.300006,
        0.699999,
    ),
]
SIZES = {"out": 800, "in": 1000}


@pytest.mark.parametrize(("name", "given", "mean", "variance", "low", "high"), FIGURES)
def test_measured(
    name: str, given: dict[str, float | str], mean: float, variance: float, low: float, high: float
) -> None:
    layout = parse_layout("out" if name.endswith(".bias") else "out, in")
    _compare(vocabulary("torch_layers"), name, given, layout, (mean, variance, low, high))


@pytest.mark.parametrize(("version", "backend", "name", "given", "mean", "variance", "low", "high"), BACKEND)
def test_draws_of_keras_backend(
    version: str, backend: str, name: str, given: dict[str, float | str],
    mean: float, variance: float, low: float, high: float,
) -> None:  # fmt: skip
    """On a shape of 1,000 by 800; Theano's draws were given a seed."""
    known = vocabulary("keras_backend", parse_version(version))
    _compare(known, f"keras.backend.{name}", given, parse_layout("in, out"), (mean, variance, low, high))


def _compare(
    known: Vocabulary, name: str, given: dict[str, float | str], layout: Layout, figures: tuple[float, ...]
) -> None:
    mean, variance, low, high = figures
    arguments = tuple(
        (key, value if isinstance(value, str) else Scalar.of(value if isinstance(value, int) else _exact(value)))
        for key, value in given.items()
    )
    found = moments(known.meaning(Call(name, (), arguments), layout), SIZES)
    assert found is not None
    assert abs(found.mean - mean) <= 5 * math.sqrt(found.variance / COUNT)
    assert abs(found.variance - variance) <= 5 * found.variance * math.sqrt(2 / COUNT)
    assert found.low - 1e-6 <= low <= high <= found.high + 1e-6
    if found.high < 4 * math.sqrt(found.variance):  # of a bound that draws come to
        assert high >= found.high - 0.01 * (found.high - found.low)


def _exact(value: float) -> Fraction:
    return Fraction(str(value))
