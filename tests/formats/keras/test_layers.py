"""Which weights a layer has, by version and settings, and what starts each."""

import json
import math
from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code
from initport.ir.initializers import Blocks, canonical
from initport.ir.model import Layer, Weight
from initport.ir.moments import moments
from initport.ir.weights import Role, Wrapper


def reading(*layers: dict[str, Any], version: str = "2.3.1", **root: Any) -> Reading:
    text = json.dumps({"class_name": "Sequential", "keras_version": version, "config": list(layers), **root})
    return read(text, path="m.json")


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": "x", **config}}


def only(kind: str, version: str = "2.3.1", **config: Any) -> Layer:
    found = reading(layer(kind, **config), version=version)
    assert not found.diagnostics
    (result,) = found.model.layers
    return result


def weight(found: Layer, role: Role) -> Weight:
    (result,) = (item for item in found.weights if item.role is role)
    return result


@pytest.mark.parametrize(
    ("kind", "config", "version"),
    [
        ("Flatten", {}, "2.3.1"),
        ("Merge", {"mode": "sum"}, "1.2.2"),
        ("StochasticDepth", {"drop_path_rate": 0.1}, "3.4.0"),
        ("BatchNormalization", {"scale": False, "center": False, "axis": -1}, None),
    ],
)
def test_no_weights_to_convert(kind: str, config: dict[str, Any], version: str | None) -> None:
    found = reading(layer(kind, **config), version=version or "2.3.1")
    assert not found.diagnostics
    assert [item.role for each in found.model.layers for item in each.weights] == (
        [] if version else [Role.MOVING_MEAN, Role.MOVING_VARIANCE]
    )


@pytest.mark.parametrize(
    ("kind", "config", "version", "weights"),
    [
        ("Dense", {"units": 3, "use_bias": False}, "2.3.1", "kernel=(None, 3)"),
        ("Dense", {"output_dim": 3, "input_dim": 4, "bias": True}, "1.2.2", "kernel=(4, 3) bias=(3,)"),
        ("Conv1D", {"filters": 4, "kernel_size": [3]}, "3.1", "kernel=(3, None, 4) bias=(4,)"),
        ("Conv2D", {"filters": 4, "kernel_size": 3, "groups": 1}, "2.3.1", "kernel=(3, 3, None, 4) bias=(4,)"),
        ("Convolution1D", {"nb_filter": 4, "filter_length": 5}, "1.0.8", "kernel=(4, None, 5, 1) bias=(4,)"),
        ("Convolution1D", {"nb_filter": 4, "filter_length": 5}, "1.2.2", "kernel=(5, 1, None, 4) bias=(4,)"),
        (
            "Convolution2D",
            {"nb_filter": 4, "nb_row": 3, "nb_col": 5, "dim_ordering": "th", "batch_input_shape": [None, 2, 9, 9]},
            "1.2.2",
            "kernel=(4, 2, 3, 5) bias=(4,)",
        ),
        ("Conv3DTranspose", {"filters": 4, "kernel_size": [1, 2, 3]}, "2.4.0", "kernel=(1, 2, 3, 4, None) bias=(4,)"),
        (
            "SeparableConv2D",
            {"filters": 4, "kernel_size": [3, 3], "depth_multiplier": 2, "batch_input_shape": [None, 9, 9, 5]},
            "2.3.1",
            "depthwise_kernel=(3, 3, 5, 2) pointwise_kernel=(1, 1, 10, 4) bias=(4,)",
        ),
        ("Embedding", {"input_dim": 10, "output_dim": 3}, "3.0.0", "kernel=(10, 3)"),
        ("LSTM", {"units": 3}, "2.3.1", "kernel=(None, 12) recurrent_kernel=(3, 12) bias=(12,)"),
        ("GRU", {"units": 3}, "2.3.1", "kernel=(None, 9) recurrent_kernel=(3, 9) bias=(9,)"),
        ("GRU", {"units": 3}, "3.0.0", "kernel=(None, 9) recurrent_kernel=(3, 9) biases=(2, 9)"),
        ("GRU", {"units": 3, "reset_after": True}, "2.4.0", "kernel=(None, 9) recurrent_kernel=(3, 9) biases=(2, 9)"),
        ("SimpleRNN", {"output_dim": 3}, "1.2.2", "kernel=(None, 3) recurrent_kernel=(3, 3) bias=(3,)"),
        ("ConvLSTM2D", {"filters": 3, "kernel_size": [2, 2]}, "2.3.1",
         "kernel=(2, 2, None, 12) recurrent_kernel=(2, 2, 3, 12) bias=(12,)"),
        ("LayerNormalization", {"axis": [1, 2], "batch_input_shape": [None, 4, 6]}, "2.4.0",
         "gamma=(4, 6) beta=(4, 6)"),
        ("LayerNormalization", {"axis": -1, "center": False}, "3.0.0", "gamma=(None,)"),
        ("LayerScale", {"init_values": 0.5, "projection_dim": 7}, "3.0.0", "gamma=(7,)"),
        ("MaxoutDense", {"output_dim": 3, "nb_feature": 4, "input_dim": 5}, "1.2.2", "kernel=(4, 5, 3) bias=(4, 3)"),
        ("Highway", {"input_dim": 5, "bias": False}, "1.2.2", "kernel=(5, 5) carry_kernel=(5, 5)"),
        (
            "LocallyConnected1D",
            {"filters": 3, "kernel_size": [2], "strides": [1], "batch_input_shape": [None, 6, 4]},
            "2.3.1",
            "kernel=(5, 8, 3) bias=(5, 3)",
        ),
        (
            "MultiHeadAttention",
            {"num_heads": 2, "key_dim": 3, "value_dim": 4, "use_bias": False, "batch_input_shape": [None, 7, 5]},
            "2.4.0",
            "query_kernel=(5, 2, 3) key_kernel=(5, 2, 3) value_kernel=(5, 2, 4) output_kernel=(2, 4, 5)",
        ),
        (
            "EinsumDense",
            {"equation": "abc,cde->abde", "output_shape": [None, 3, 4], "bias_axes": "e"}
            | {"batch_input_shape": [None, 2, 5]},
            "3.15",
            "kernel=(5, 3, 4) bias=(4,)",
        ),
        ("EinsumDense", {"equation": "...x,xy->...y", "output_shape": 6}, "2.4.0", "kernel=(None, 6)"),
    ],
)  # fmt: skip
def test_weights(kind: str, config: dict[str, Any], version: str, weights: str) -> None:
    found = only(kind, version, **config)
    assert " ".join(f"{item.role}={item.shape}" for item in found.weights) == weights


@pytest.mark.parametrize(
    ("kind", "role", "version", "variance"),
    [
        # (in, units) = (32, 64), by the figures of `oracles/keras`
        ("LSTM", Role.KERNEL, "1.2.2", 2 / 96),
        ("LSTM", Role.RECURRENT_KERNEL, "1.1.2", 1.21 / 64),
        ("LSTM", Role.RECURRENT_KERNEL, "1.2.2", 2 / 128),
        ("LSTM", Role.KERNEL, "2.0.0", 2 / (32 + 256)),
        ("LSTM", Role.RECURRENT_KERNEL, "2.3.1", 1 / 256),
        ("LSTM", Role.BIAS, "2.3.1", 0.1875),
        ("SimpleRNN", Role.RECURRENT_KERNEL, "1.2.2", 1.21 / 64),
    ],
)
def test_recurrent_defaults(kind: str, role: Role, version: str, variance: float) -> None:
    names = {"output_dim": 64} if version < "2" else {"units": 64}
    found = weight(only(kind, version, batch_input_shape=[None, 5, 32], **names), role)
    assert found.implicit
    truth = moments(found.initializer, found.dims)
    assert truth is not None
    assert truth.variance == pytest.approx(variance)


def test_early_keras_2_ignores_the_bias_initializer_beside_the_forget_bias() -> None:
    settings = {"units": 3, "bias_initializer": {"class_name": "Constant", "config": {"value": 5}}}
    early, late = (weight(only("LSTM", version, **settings), Role.BIAS) for version in ("2.0.3", "2.0.4"))
    assert [part.value.evaluate({}) for part in blocks(early)] == [0, 1, 0, 0]
    assert [part.value.evaluate({}) for part in blocks(late)] == [5, 1, 5, 5]
    plain = weight(only("LSTM", "2.3.1", unit_forget_bias=False, **settings), Role.BIAS)
    assert not isinstance(canonical(plain.initializer), Blocks)


def blocks(found: Weight) -> Any:
    simple = canonical(found.initializer)
    assert isinstance(simple, Blocks)
    return simple.parts


def test_a_forget_bias_of_keras_1_is_read() -> None:
    found = weight(only("LSTM", "1.2.2", output_dim=3, forget_bias_init="uniform"), Role.BIAS)
    assert found.source == "blocks zero, uniform, zero, zero"


def test_attention_fans_before_and_since_3_15() -> None:
    config = {"num_heads": 4, "key_dim": 8, "value_dim": 8, "batch_input_shape": [None, 7, 16]}
    old, new = (only("MultiHeadAttention", version, **config) for version in ("3.14", "3.15"))
    variances = [
        moments(weight(found, role).initializer, weight(found, role).dims)
        for found in (old, new)
        for role in (Role.QUERY_KERNEL, Role.OUTPUT_KERNEL)
    ]
    expected = [2 / (16 * (4 + 8)), 2 / (4 * (8 + 16)), 2 / (16 + 32), 2 / (32 + 16)]
    assert [item.variance for item in variances if item] == pytest.approx(expected)


def test_nested_models_and_wrappers_are_named_as_in_the_model() -> None:
    inner = layer("LSTM", units=2, name="inner", return_sequences=True)
    found = reading(
        layer("Bidirectional", layer=inner, merge_mode="concat", name="both", batch_input_shape=[None, 5, 3]),
        layer("TimeDistributed", layer=layer("Dense", units=4, name="d"), name="each"),
        {"class_name": "Model", "config": {"name": "sub", "layers": [layer("Dense", units=5, name="deep")]}},
        layer("TimeDistributed", layer={"class_name": "Sequential", "config": [layer("Dense", units=1)]}, name="td"),
        layer("RNN", cell=layer("GRUCell", units=2, name="cell"), name="rnn"),
    )
    names = [(item.name, item.type, item.wrapper) for item in found.model.layers]
    assert names == [
        ("both", "LSTM", Wrapper.FORWARD),
        ("both", "LSTM", Wrapper.BACKWARD),
        ("each", "Dense", Wrapper.INNER),
        ("sub/deep", "Dense", None),
        ("td/x", "Dense", None),
        ("rnn", "GRUCell", None),
    ]
    assert found.model.layers[2].weights[0].shape == (4, 4)
    place = found.model.layers[0].weights[0].location
    assert str(place) == "m.json:config[0].config.layer"


CUSTOM = {"class_name": "Mine", "config": {}, "module": "my.package", "registered_name": "my>Mine"}


@pytest.mark.parametrize(
    ("value", "code", "words"),
    [
        ("xavier", Code.UNKNOWN_INITIALIZER, "xavier"),
        ("Glorot_uniform", Code.UNKNOWN_INITIALIZER, "did you mean 'glorot_uniform'"),
        ("GlorotUniform", Code.UNKNOWN_INITIALIZER, "glorot_uniform"),
        ({"class_name": "QInitializer", "config": {}}, Code.UNKNOWN_INITIALIZER, "QInitializer"),
        (CUSTOM, Code.UNKNOWN_INITIALIZER, "custom object"),
        ({"class_name": "__lambda__", "config": {"value": "x"}}, Code.UNKNOWN_INITIALIZER, "not evaluated"),
        ({"class_name": "VarianceScaling", "config": {"distribution": "truncated_normal"}},
         Code.REJECTED_INITIALIZER, "not one of normal, uniform"),
        ({"class_name": "VarianceScaling", "config": {"scale": -1}}, Code.REJECTED_INITIALIZER, "above 0"),
        ({"class_name": "VarianceScaling", "config": {"scale": float("nan")}}, Code.REJECTED_INITIALIZER, "nan"),
        ({"class_name": "VarianceScaling", "config": {"scale": 10**400}}, Code.REJECTED_INITIALIZER, "scale"),
        ({"class_name": "Zeros", "config": {"value": 1}}, Code.REJECTED_INITIALIZER, "value"),
        ({"class_name": "Constant", "config": {"value": [0.5]}}, Code.REJECTED_INITIALIZER, "[0.5]"),
        ({"config": {}}, Code.REJECTED_INITIALIZER, "class_name"),
        (None, Code.UNKNOWN_INITIALIZER, "GlorotUniform"),
        (3, Code.REJECTED_INITIALIZER, "not 3"),
    ],
)  # fmt: skip
def test_refused_initializers(value: Any, code: Code, words: str) -> None:
    found = reading(layer("Dense", units=3, kernel_initializer=value))
    (said,) = found.diagnostics
    assert (said.code, said.location.key) == (code, "config[0].config.kernel_initializer")
    assert words in said.detail
    kernel, bias = found.model.layers[0].weights
    assert moments(kernel.initializer, {"in": 1, "out": 1}) is None
    assert moments(bias.initializer, {"out": 1}) is not None


@pytest.mark.parametrize(
    ("kind", "config", "key", "words"),
    [
        ("Dense", {"units": -3}, "units", "above 0"),
        ("Dense", {"units": "3"}, "units", "'3'"),
        ("Dense", {"units": True}, "units", "True"),
        ("Dense", {"units": 10**30}, "units", "above 0"),
        ("Dense", {"units": 3, "use_bias": 1.5}, "use_bias", "true or false"),
        ("Conv2D", {"filters": 3, "kernel_size": [3]}, "kernel_size", "2 numbers"),
        ("Conv2D", {"filters": 3, "kernel_size": [3, 0]}, "kernel_size[1]", "not 0"),
        ("LocallyConnected1D", {"filters": 3, "kernel_size": 3, "implementation": 2}, "implementation", "2"),
        ("BatchNormalization", {"axis": "last"}, "axis", "axis numbers"),
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 4, "use_gate": True}, "use_gate", "True"),
        ("EinsumDense", {"equation": "ab->c"}, "equation", "forms"),
        ("EinsumDense", {"equation": "ab,bz->ac"}, "equation", "kernel"),
        ("EinsumDense", {"equation": "ab,bc->ac", "bias_axes": "z"}, "bias_axes", "output"),
    ],
)
def test_refused_settings(kind: str, config: dict[str, Any], key: str, words: str) -> None:
    found = reading(layer(kind, **config), layer("Dense", units=2), version="2.4.0")
    (said,) = found.diagnostics
    assert (said.code, said.location.key) == (Code.REJECTED_LAYER, f"config[0].config.{key}")
    assert words in said.detail
    assert [item.type for item in found.model.layers] == ["Dense"]


def test_keras_1_without_dim_ordering_says_what_is_missing() -> None:
    (said,) = reading(layer("Convolution2D", nb_filter=3, nb_row=1, nb_col=1), version="1.2.2").diagnostics
    assert "dim_ordering is missing" in said.detail


def test_layers_of_unknown_classes_are_told_once_a_class() -> None:
    found = reading(layer("GarNet", units=3), layer("GarNet"), layer("QDense", kernel_initializer="ones"))
    (said,) = found.diagnostics
    assert said.code is Code.OPAQUE_LAYER
    assert "1 more" in said.detail
    (known,) = found.model.layers
    assert (known.type, known.weights[0].setting) == ("QDense", "kernel_initializer")


def test_an_unknown_layer_has_no_axes_to_take_a_fan_from() -> None:
    (said,) = reading(layer("QDense", kernel_initializer="he_normal")).diagnostics
    assert said.code is Code.UNKNOWN_LAYER


def test_a_setting_of_keras_1_does_not_tell_which_weight_of_an_unknown_layer_it_starts() -> None:
    found = reading(layer("Own", init="normal"), version="1.2.2")
    (said,) = found.diagnostics
    assert (said.code, said.location.key) == (Code.UNKNOWN_LAYER, "config[0].config.init")
    assert moments(found.model.layers[0].weights[0].initializer, {}) is None


def test_a_seed_is_told_once() -> None:
    seeded = {"class_name": "RandomNormal", "config": {"mean": 0.0, "stddev": 0.1, "seed": 7}}
    found = reading(*(layer("Dense", units=3, kernel_initializer=seeded) for _ in range(3)))
    (said,) = found.diagnostics
    assert (said.code, said.location.key) == (Code.SEED, "config[0].config.kernel_initializer.config.seed")


def test_a_model_of_its_own_class_is_no_network() -> None:
    text = {"class_name": "Mine", "config": {"name": "m"}, "registered_name": "pkg>Mine", "module": None}
    from initport.conversion import convert

    (said,) = convert(json.dumps(text), path="m.json").diagnostics
    assert (said.code, said.exit_code) == (Code.NO_NETWORK, 2)


def test_what_has_no_exact_form_is_refused() -> None:
    """The fan of 2 * units biases is sqrt(2 * units) in Keras 2.3: a bound is the root of an irrational number."""
    bias = {"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_in", "distribution": "uniform"}}
    (said,) = reading(layer("LSTM", units=3, bias_initializer=bias)).diagnostics
    assert said.code is Code.UNSUPPORTED_INITIALIZER
    assert "no exact form" in said.detail


def test_what_meant_two_things_in_one_version_is_refused() -> None:
    kernel = {"class_name": "VarianceScaling", "config": {"distribution": "normal"}}
    (said,) = reading(layer("Dense", units=3, kernel_initializer=kernel), version="2.1.6-tf").diagnostics
    assert (said.code, said.exit_code) == (Code.UNSUPPORTED_INITIALIZER, 1)
    assert "--source-version 2.1.5-tf" in said.detail


def test_a_lambda_is_reported() -> None:
    found = reading(layer("Lambda", function=["YwEAAAABAAAA", None, None]), layer("Lambda", function=None))
    assert not found.model.layers
    ((code, detail),) = [(item.code, item.detail) for item in found.diagnostics]
    assert code is Code.OPAQUE_LAYER
    assert "(and 1 more layers): 'Lambda' holds a function" in detail


@pytest.mark.parametrize("kind", ["Tokenizer", "Mine"])
def test_a_record_that_is_no_model(kind: str) -> None:
    (found,) = convert(json.dumps({"class_name": kind, "config": {"size": 3}}), path="m.json").diagnostics
    assert (found.code, kind in found.detail) == (Code.NO_NETWORK, True)


def test_tuples_of_a_saved_models_metadata() -> None:
    def tupled(*items: int | None) -> dict[str, Any]:
        return {"class_name": "__tuple__", "items": list(items)}

    settings: dict[str, Any] = {
        "filters": 4,
        "kernel_size": tupled(3, 5),
        "strides": tupled(2, 2),
        "data_format": "channels_last",
    }
    one = layer("Conv2D", name="a", **settings, batch_input_shape=tupled(None, 9, 9, 3))
    two = layer("Conv2D", name="b", **settings)
    shapes = [weight.shape for found in reading(one, two, version="2.5.0").model.layers for weight in found.weights]
    assert shapes == [(3, 5, 3, 4), (4,), (3, 5, 4, 4), (4,)]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [(None, (4, 5)), ([None, None], (4, 5)), ([None, 4], (4, 5))],
)
def test_a_shape_without_sizes_hides_none(stated: list[int | None] | None, expected: tuple[int, ...]) -> None:
    first = layer("Dense", name="a", units=4, batch_input_shape=[None, 3])
    second = layer("Dense", name="b", units=5, **({} if stated is None else {"batch_input_shape": stated}))
    assert reading(first, second).model.layers[1].weights[0].shape == expected


def test_a_layer_that_is_called_is_given_what_came_before() -> None:
    """Settings that a layer had as the first of another model say nothing here."""
    inputs = layer("InputLayer", name="in", batch_input_shape=[None, 9, 9, 9, 7]) | {"name": "in", "inbound_nodes": []}
    kernel: dict[str, Any] = {"filters": 2, "kernel_size": [5, 5, 5]}
    first = layer("Conv3D", name="a", **kernel) | {"name": "a", "inbound_nodes": [[["in", 0, 0, {}]]]}
    stale = layer("Conv3D", name="b", **kernel, batch_input_shape=[None, 9, 9, 9, 1])
    second = stale | {"name": "b", "inbound_nodes": [[["a", 0, 0, {}]]]}
    config = {"name": "m", "layers": [inputs, first, second], "input_layers": [], "output_layers": []}
    text = json.dumps({"class_name": "Model", "keras_version": "2.3.1", "config": config})
    assert read(text, path="m.json").model.layers[1].weights[0].shape == (5, 5, 5, 2, 2)


@pytest.mark.parametrize("backend", ["tensorflow", "theano", "cntk", None])
@pytest.mark.parametrize(
    ("initializer", "truncated"),
    [("TruncatedNormal", True), ("he_normal", True), ("he_uniform", False), ("RandomNormal", False), ("zeros", False)],
)
def test_other_backends_truncate_otherwise(backend: str | None, initializer: str, truncated: bool) -> None:
    config = {"name": "m", "layers": [layer("Dense", name="a", units=4, kernel_initializer=initializer)]}
    model = {"class_name": "Sequential", "keras_version": "2.2.4", "config": config}
    found = convert(json.dumps(model | ({} if backend is None else {"backend": backend})), path="m.json")
    refused = [item.code for item in found.diagnostics if item.exit_code]
    assert refused == [Code.UNSUPPORTED_INITIALIZER] * (truncated and backend in ("theano", "cntk"))


@pytest.mark.parametrize(
    ("kind", "initializer", "inputs", "factor"),
    [
        ("Conv2D", "HeNormal", [None, 9, 9, 16], 2 * 0.773741),
        ("Conv1D", "HeUniform", [None, 9, 16], 0.125),
        ("Conv3D", "HeUniform", [None, 9, 9, 9, 16], 6.0),
    ],
)
def test_convolutions_of_keras_2_0_4(kind: str, initializer: str, inputs: list[int | None], factor: float) -> None:
    """Variance times fan_in, drawn by Keras 2.0.4: 1.553, 0.124 and 6.0. The first two axes of a kernel are its
    receptive field there, however many it has; with 2.0.6 it is 2 for all."""
    distribution = "normal" if initializer == "HeNormal" else "uniform"
    settings = {"scale": 2.0, "mode": "fan_in", "distribution": distribution}
    law = {"class_name": "VarianceScaling", "config": settings}
    found = only(kind, "2.0.4", filters=8, kernel_size=3, kernel_initializer=law, batch_input_shape=inputs)
    kernel = weight(found, Role.KERNEL)
    assert kernel.shape is not None
    found_moments = moments(kernel.initializer, kernel.dims)
    assert found_moments is not None
    fan_in = math.prod(size for size in kernel.shape[:-1] if size is not None)
    assert found_moments.variance * fan_in == pytest.approx(factor, rel=1e-4)
