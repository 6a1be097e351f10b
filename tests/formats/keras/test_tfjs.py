"""Configs of TensorFlow.js, in Keras's form and with its own laws, against what 4.22.0 draws."""

import json
from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code, InputError
from initport.formats.read_options import Options
from initport.ir.initializers import Unsupported
from initport.ir.model import Weight
from initport.ir.moments import moments


def reading(kind: str, shape: list[int | None], **config: Any) -> Reading:
    layer = {"class_name": kind, "config": {"name": "a", "batch_input_shape": shape, **config}}
    topology = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]},
                "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js"}  # fmt: skip
    whole: dict[str, Any] = {"format": "layers-model", "generatedBy": "TensorFlow.js tfjs-layers v4.22.0",
             "convertedBy": None, "modelTopology": topology, "weightsManifest": []}  # fmt: skip
    return read(json.dumps(whole), path="model.json")


def weight(kind: str, shape: list[int | None], role: str, **config: Any) -> Weight:
    (layer,) = reading(kind, shape, **config).model.layers
    return next(one for one in layer.weights if one.role == role)


def start(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": name, "config": config}


def scaling(scale: float, mode: str, distribution: str) -> dict[str, Any]:
    return start("VarianceScaling", scale=scale, mode=mode, distribution=distribution, seed=None)


CONV: dict[str, Any] = {"filters": 40, "kernel_size": [5, 5]}
GLOROT = scaling(1, "fan_avg", "normal")
MEASURED: list[tuple[str, list[int | None], str, dict[str, Any], float]] = [
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": scaling(1, "fan_avg", "uniform")}, 0.00153842),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": GLOROT}, 0.00119128),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV, 0.00119055),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": scaling(2, "fan_in", "normal")}, 0.00516192),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": scaling(2, "fan_in", "uniform")}, 0.00666064),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": scaling(1, "fan_in", "normal")}, 0.00258126),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": scaling(2, "fan_avg", "uniform")}, 0.00308205),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": start("RandomNormal")}, 0.00250057),
    ("Conv2D", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": start("TruncatedNormal")}, 0.00193219),
    ("Conv1D", [None, 9, 12], "kernel", {"filters": 40, "kernel_size": [5]}, 0.00593087),
    ("Conv3D", [None, 9, 9, 9, 12], "kernel", {"filters": 40, "kernel_size": [3, 3, 3]}, 0.0011019),
    ("Conv2DTranspose", [None, 9, 9, 12], "kernel", CONV, 0.00118953),
    ("Conv2DTranspose", [None, 9, 9, 12], "kernel", CONV | {"kernel_initializer": "heNormal"}, 0.00154789),
    ("DepthwiseConv2D", [None, 9, 9, 12], "kernel", {"kernel_size": [5, 5], "depth_multiplier": 2}, 0.00441801),
    ("SeparableConv2D", [None, 9, 9, 12], "depthwise_kernel", CONV, 0.0061506),
    ("SeparableConv2D", [None, 9, 9, 12], "pointwise_kernel", CONV, 0.0384791),
    ("Dense", [None, 300], "kernel", {"units": 200}, 0.00309532),
    ("Embedding", [None, 5], "kernel", {"input_dim": 1000, "output_dim": 64}, 0.000833105),
    ("LSTM", [None, 5, 300], "kernel", {"units": 100}, 0.00221468),
    ("GRU", [None, 5, 2000], "kernel", {"units": 8}, 0.000763975),
    ("SimpleRNN", [None, 5, 2000], "kernel", {"units": 8}, 0.000769867),
    ("Dense", [None, 3], "bias", {"units": 300, "bias_initializer": "glorotNormal"}, 0.0447088),
    ("Dense", [None, 3], "bias", {"units": 300, "bias_initializer": "heNormal"}, 0.0893044),
    ("Dense", [None, 3], "bias", {"units": 300, "bias_initializer": "glorotUniform"}, 0.0577292),
    ("Dense", [None, 300], "kernel", {"units": 400, "kernel_initializer": scaling(1, "fan_in", "truncated_normal")},
     0.00333054),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "shape", "role", "config", "variance"), MEASURED)
def test_starts_as_measured(kind: str, shape: Any, role: str, config: dict[str, Any], variance: float) -> None:
    found = weight(kind, shape, role, **config)
    truth = moments(found.initializer, found.dims)
    assert truth is not None
    assert truth.variance == pytest.approx(variance, rel=0.005)


ZEROS = [
    (start("RandomUniform", minval=0, maxval=1), -0.05, 1, 0.0920393),
    (start("RandomNormal", mean=0, stddev=0), None, None, 0.00250772),
]


@pytest.mark.parametrize(("initializer", "low", "high", "variance"), ZEROS)
def test_a_zero_counts_as_no_argument(initializer: Any, low: float | None, high: float | None, variance: float) -> None:
    found = weight("Dense", [None, 300], "kernel", units=400, kernel_initializer=initializer)
    truth = moments(found.initializer, found.dims)
    assert truth is not None
    assert truth.variance == pytest.approx(variance, rel=0.005)
    assert low is None or (truth.low, truth.high) == (low, high)


@pytest.mark.parametrize(
    ("config", "mean"), [({}, 0), ({"unit_forget_bias": None}, 0), ({"unit_forget_bias": True}, 0.25)]
)
@pytest.mark.parametrize("kind", ["LSTM", "LSTMCell"])
def test_there_is_no_forget_bias_unless_it_is_asked_for(kind: str, config: dict[str, Any], mean: float) -> None:
    found = weight(kind, [None, 5, 3], "bias", units=4, **config)
    truth = moments(found.initializer, found.dims)
    assert truth is not None
    assert truth.mean == mean


@pytest.mark.parametrize("name", ["glorot_normal", "LecunNormal", "he_normal", "random_normal"])
def test_names_that_it_does_not_know_are_refused(name: str) -> None:
    found = reading("Dense", [None, 3], units=4, kernel_initializer=name)
    assert isinstance(found.model.layers[0].weights[0].initializer, Unsupported)
    assert [item.code for item in found.diagnostics] == [Code.UNKNOWN_INITIALIZER]


def test_the_version_and_the_framework_are_those_of_the_file() -> None:
    found = reading("Dense", [None, 3], units=4)
    assert (found.model.framework, found.model.version, found.diagnostics) == ("tfjs", (4, 22, 0), ())


def test_a_model_of_keras_that_was_only_converted_starts_as_keras_does() -> None:
    layer = {"class_name": "Dense", "config": {"name": "a", "units": 4, "batch_input_shape": [None, 3]}}
    config = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
    whole = {"format": "layers-model", "generatedBy": "keras v2.4.0", "convertedBy": "TensorFlow.js Converter v3.0.0",
             "modelTopology": {"keras_version": "2.4.0", "backend": "tensorflow", "model_config": config}}  # fmt: skip
    found = read(json.dumps(whole), path="model.json")
    assert (found.model.framework, found.model.version) == ("tf_keras", (2, 4, 0))


@pytest.mark.parametrize(
    ("stated", "framework", "version"),
    [
        ({"generatedBy": "TensorFlow.js tfjs-layers v4.22.0"}, "tfjs", (4, 22, 0)),
        ({"generatedBy": "TensorFlow.js tfjs-layers v2.0.0", "convertedBy": None}, "tfjs", (2, 0, 0)),
        ({"generatedBy": "keras v2.3.1", "convertedBy": "TensorFlow.js Converter v1.4.0"}, "keras_config", (2, 3, 1)),
        ({"generatedBy": "keras v3.4.1"}, "keras_config", (3, 4, 1)),
        ({"generatedBy": "somebody"}, "", ()),
        ({}, "", ()),
    ],
)
def test_without_keras_version_the_file_says_what_made_the_model(
    stated: dict[str, str | None], framework: str, version: tuple[int, ...]
) -> None:
    """Its own glorotNormal would start a Dense of TensorFlow.js, glorot_uniform one of Keras: nothing is assumed."""
    layer = {"class_name": "Dense", "config": {"name": "a", "units": 4, "batch_input_shape": [None, 3]}}
    topology = {"class_name": "Sequential", "config": {"name": "s", "layers": [layer]}}
    whole = json.dumps({"format": "layers-model", **stated, "modelTopology": topology, "weightsManifest": []})
    if framework:
        found = read(whole, path="model.json")
        assert (found.model.framework, found.model.version, found.diagnostics) == (framework, version, ())
        return
    with pytest.raises(InputError) as error:
        read(whole, path="model.json")
    assert error.value.diagnostic.code is Code.NEEDS_VERSION
    assert read(whole, path="model.json", options=Options(version="2.3.1")).model.framework == "keras_config"


@pytest.mark.parametrize("target", ["torch", "keras", "flax-nnx"])
def test_converts(target: str) -> None:
    layer = {"class_name": "LSTM", "config": {"name": "a", "units": 4, "batch_input_shape": [None, 5, 3]}}
    root = {"class_name": "Sequential", "config": [layer], "keras_version": "tfjs-layers 4.22.0"}
    text = convert(json.dumps(root), path="model.json", target=target).text
    assert text is not None
    assert "TensorFlow.js 4.22.0" in text
    compile(text, "init.py", "exec")
