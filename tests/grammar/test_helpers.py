"""Functions that other packages fill PyTorch's layers with, against figures measured on them.

Measured with PyTorch 2.13: timm 1.0.20 (layers/weight_init.py), fvcore 0.1.5.post20221221 (nn/weight_init.py) and
mmengine 0.10.7 (model/weight_init.py), on a tensor of 800 by 1,000, the weight of a linear layer of 1,000 inputs and
800 outputs: mean, variance, least and greatest element.
"""

import math
from fractions import Fraction

import pytest

from initport.grammar.call import Call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.ir.moments import moments
from initport.ir.scalar import Scalar

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
]
SIZES = {"out": 800, "in": 1000}


@pytest.mark.parametrize(("name", "given", "mean", "variance", "low", "high"), FIGURES)
def test_measured(
    name: str, given: dict[str, float | str], mean: float, variance: float, low: float, high: float
) -> None:
    arguments = tuple(
        (key, value if isinstance(value, str) else Scalar.of(value if isinstance(value, int) else _exact(value)))
        for key, value in given.items()
    )
    layout = parse_layout("out" if name.endswith(".bias") else "out, in")
    found = moments(vocabulary("torch_layers").meaning(Call(name, (), arguments), layout), SIZES)
    assert found is not None
    assert abs(found.mean - mean) <= 5 * math.sqrt(found.variance / COUNT)
    assert abs(found.variance - variance) <= 5 * found.variance * math.sqrt(2 / COUNT)
    assert found.low - 1e-6 <= low <= high <= found.high + 1e-6
    if found.high < 4 * math.sqrt(found.variance):  # of a bound that draws come to
        assert high >= found.high - 0.01 * (found.high - found.low)


def _exact(value: float) -> Fraction:
    return Fraction(str(value))
