"""The layer classes that released versions of Keras make weights in: each is read, or refused by name."""

from typing import Any

import pytest

from initport.conversion import plan_for
from initport.diagnostics import Code
from initport.grammar.load import vocabulary
from initport.grammar.version import parse_version
from initport.ir.initializers import Constant, Identity, RandomUniform, canonical, equal
from initport.ir.moments import moments
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Role
from tests.formats.keras.test_layers import layer, only, reading, weight

KERAS_2 = """
    BatchNormalization Conv1D Conv2D Conv2DTranspose Conv3D ConvLSTM2D Dense Embedding GRU Highway LSTM
    LocallyConnected1D LocallyConnected2D MaxoutDense PReLU SeparableConv2D SimpleRNN"""
KERAS_2_1 = """
    Conv3DTranspose ConvLSTM2DCell ConvRNN2D CuDNNGRU CuDNNLSTM DepthwiseConv2D GRUCell LSTMCell RNN SeparableConv1D
    SimpleRNNCell StackedRNNCells"""

CLASSES = {
    "1.0.0": """
        BatchNormalization Convolution1D Convolution2D Convolution3D Dense Embedding GRU Highway LSTM MaxoutDense PReLU
        ParametricSoftplus SReLU SimpleRNN TimeDistributedDense""",
    "1.0.8": """
        AtrousConvolution2D BatchNormalization Convolution1D Convolution2D Convolution3D Deconvolution2D Dense Embedding
        GRU Highway LSTM LocallyConnected1D LocallyConnected2D MaxoutDense PReLU ParametricSoftplus SReLU
        SeparableConvolution2D SimpleRNN TimeDistributedDense""",
    "1.2.2": """
        AtrousConvolution1D AtrousConvolution2D BatchNormalization ConvLSTM2D Convolution1D Convolution2D Convolution3D
        Deconvolution2D Dense Embedding GRU Highway LSTM LocallyConnected1D LocallyConnected2D MaxoutDense PReLU
        ParametricSoftplus SReLU SeparableConvolution2D SimpleRNN TimeDistributedDense""",
    "2.0.0": KERAS_2,
    "2.1.6": KERAS_2 + KERAS_2_1,
    "2.2.4": KERAS_2 + KERAS_2_1,
    "2.3.1": KERAS_2 + KERAS_2_1,
    "2.21.0-tf": """
        AdditiveAttention Attention BatchNormalization Bidirectional Conv1D Conv1DTranspose Conv2D Conv2DTranspose
        Conv3D Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D CuDNNGRU CuDNNLSTM Dense DenseFeatures DepthwiseConv1D
        DepthwiseConv2D DynamicEmbedding DynamicLookup EinsumDense Embedding GRU GRUCell GroupNormalization LSTM
        LSTMCell LayerNormalization LocallyConnected1D LocallyConnected2D MultiHeadAttention PReLU RNN
        RandomFourierFeatures SeparableConv1D SeparableConv2D SimpleRNN SimpleRNNCell SpectralNormalization
        StackedRNNCells SyncBatchNormalization TimeDistributed""",
}
"""By release: the classes that call add_weight, or an initializer, when they are built. Keras 3 is asked itself, in
tests/emit/test_keras_classes.py."""

HOLDERS = {"RNN", "ConvRNN2D", "StackedRNNCells", "Bidirectional", "TimeDistributed"}


@pytest.mark.parametrize("version", CLASSES)
def test_every_class_is_read_or_refused(version: str) -> None:
    spoken = vocabulary("tf_keras" if "tf" in version else "keras_config", parse_version(version))
    found = set(CLASSES[version].split())
    assert found <= set(spoken.variants) | set(spoken.grammar.refused) | HOLDERS
    assert not found & set(spoken.grammar.weightless)


@pytest.mark.parametrize(
    ("kind", "config", "version", "weights"),
    [
        ("Attention", {}, "2.4.0", ""),
        ("Attention", {"use_scale": True}, "2.2.4-tf", "scale=()"),
        ("Attention", {"use_scale": True, "score_mode": "concat"}, "3.0", "scale=() score_weight=()"),
        ("AdditiveAttention", {"batch_input_shape": [None, 7, 5]}, "2.4.0", "scale=(5,)"),
        ("CuDNNLSTM", {"units": 3}, "2.2.4", "kernel=(None, 12) recurrent_kernel=(3, 12) bias=(12,) "
         "recurrent_bias=(12,)"),
        ("CuDNNGRU", {"units": 3}, "2.2.4-tf", "kernel=(None, 9) recurrent_kernel=(3, 9) biases=(18,)"),
        ("ConvLSTM2D", {"nb_filter": 3, "nb_row": 2, "nb_col": 4, "dim_ordering": "tf"}, "1.2.2",
         "kernel=(2, 4, None, 12) recurrent_kernel=(2, 4, 3, 12) bias=(12,)"),
        ("ConvLSTMCell", {"rank": 3, "filters": 3, "kernel_size": [2, 2, 2]}, "3.0",
         "kernel=(2, 2, 2, None, 12) recurrent_kernel=(2, 2, 2, 3, 12) bias=(12,)"),
        ("Highway", {"input_dim": 5}, "2.1.6", "kernel=(5, 5) carry_kernel=(5, 5) bias=(5,) carry_bias=(5,)"),
        ("SReLU", {"batch_input_shape": [None, 4, 6], "shared_axes": [1]}, "1.2.2",
         "left_threshold=(1, 6) left_slope=(1, 6) right_threshold=(1, 6) right_slope=(1, 6)"),
        ("SpectralNormalization", {}, "3.14", "singular_vector=(1, None)"),
        ("LayerNormalization", {"rms_scaling": True}, "3.0", "gamma=(None,)"),
    ],
)  # fmt: skip
def test_weights(kind: str, config: dict[str, Any], version: str, weights: str) -> None:
    found = reading(layer(kind, **config), version=version)
    assert not found.diagnostics
    seen = [f"{item.role}={item.shape}" for each in found.model.layers for item in each.weights]
    assert " ".join(seen) == weights


def test_the_carry_bias_of_an_early_highway() -> None:
    for version, given, value in (("1.1.2", {}, -2), ("1.0.8", {"transform_bias": -3}, -3), ("1.2.0", {}, 1)):
        found = weight(only("Highway", version, input_dim=5, **given), Role.CARRY_BIAS)
        assert canonical(found.initializer) == Constant(Scalar.of(value))


def test_a_fan_of_unknown_rank_is_refused_and_one_of_known_rank_read() -> None:
    config = {"init": "glorot_uniform", "shared_axes": None}
    (said,) = reading(layer("PReLU", **config), version="1.2.2").diagnostics
    assert said.code is Code.UNKNOWN_LAYER
    for shape, variance in (([None, 7, 5], 2 / 12), ([None, 2, 7, 5], 1 / 70**0.5)):
        found = weight(only("PReLU", "1.2.2", batch_input_shape=shape, **config), Role.ALPHA)
        truth = moments(found.initializer, found.dims)
        assert truth is not None
        assert truth.variance == pytest.approx(variance)


def test_cells_in_a_stack_are_told_apart() -> None:
    cells = [layer("LSTMCell", units=4), layer("GRUCell", units=3, reset_after=True)]
    stack = layer("RNN", name="rnn", cell={"class_name": "StackedRNNCells", "config": {"cells": cells}})
    found = reading(stack, layer("Bidirectional", name="both", layer=stack), version="2.4.0")
    assert not found.diagnostics
    assert [(item.name, item.cell) for item in found.model.layers] == [("rnn", 0), ("rnn", 1)] + [
        ("both", 0),
        ("both", 1),
    ] * 2
    for target, first, last in (
        ("torch", "weight_ih_l0", "bias_ih_l1_reverse"),
        ("keras", "cells.0.kernel", "backward_layer.cells.1.bias"),
    ):
        names = [entry.place.name for entry, _ in plan_for(found.model, target).emitted]
        assert (names[0], names[-1]) == (first, last)
        assert len({(entry.module, entry.place.name) for entry, _ in plan_for(found.model, target).emitted}) == 18


def test_wrappers_of_other_libraries_are_reported_and_looked_into() -> None:
    inner = layer("Dense", units=3)
    found = reading(layer("WeightNormalization", layer=inner), layer("TimeDistributed", layer=inner))
    (said,) = found.diagnostics
    assert said.code is Code.OPAQUE_LAYER
    assert "'WeightNormalization' is not a layer" in said.detail
    assert [item.type for item in found.model.layers] == ["Dense", "Dense"]


@pytest.mark.parametrize("kind", ["JaxLayer", "TFSMLayer", "DenseFeatures", "RandomFourierFeatures", "Graph"])
def test_refused_classes_say_why(kind: str) -> None:
    found = reading(layer(kind, kernel_initializer="gaussian"), version="2.21.0-tf")
    (said,) = found.diagnostics
    assert said.code is Code.OPAQUE_LAYER
    assert vocabulary("keras_layers").grammar.refused[kind] in said.detail
    assert not found.model.layers


def test_both_biases_of_cudnn() -> None:
    """torch has both; Keras's LSTM has their sum, so that one of them is to be zero."""
    plain, random = (reading(layer("CuDNNLSTM", units=3, **given)) for given in ({}, {"bias_initializer": "normal"}))
    for found in (plain, random):
        names = [entry.place.name for entry, _ in plan_for(found.model, "torch").emitted]
        assert names == ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]
    kept = plan_for(plain.model, "keras")
    assert [entry.place.argument for entry, _ in kept.emitted][-1] == "bias_initializer"
    assert [item.code for item in kept.diagnostics] == [Code.NO_COUNTERPART]
    lost = plan_for(random.model, "keras")
    assert [entry.place.argument for entry, _ in lost.emitted] == ["kernel_initializer", "recurrent_initializer"]
    assert [item.code for item in lost.diagnostics] == [Code.INEXPRESSIBLE] * 2


def test_identities_side_by_side() -> None:
    identity = {"class_name": "Identity", "config": {"gain": 2.0}}
    units = {"units": 4, "kernel_initializer": identity, "batch_input_shape": [None, 8]}
    found = weight(only("Dense", "2.2.4", **units), Role.KERNEL)
    assert isinstance(found.initializer, Identity)
    assert found.initializer.tiled
    assert not equal(found.initializer, weight(only("Dense", "2.3.1", **units), Role.KERNEL).initializer)
    truth = moments(found.initializer, found.dims)
    assert truth is not None
    assert (truth.mean, truth.zero_fraction) == (0.5, 0.75)
    (said,) = reading(layer("Dense", **units | {"units": 3}), version="2.2.4").diagnostics
    assert (said.code, "multiple" in said.detail) == (Code.REJECTED_INITIALIZER, True)


def test_the_kernels_of_a_convolutional_lstm_of_keras_1() -> None:
    """Each gate's kernel has a fan of its own, which is that of `th` in either order of the axes."""
    config = {"nb_filter": 16, "nb_row": 3, "nb_col": 5}
    shapes = {"th": [None, 3, 6, 9, 9], "tf": [None, 3, 9, 9, 6]}
    for order, variance in (("th", 2 / (22 * 15)), ("tf", 2 / (8 * 6 * 16))):
        placed = only("ConvLSTM2D", "1.2.2", dim_ordering=order, batch_input_shape=shapes[order], **config)
        kernel = weight(placed, Role.KERNEL)
        truth = moments(kernel.initializer, kernel.dims)
        assert truth is not None
        assert truth.variance == pytest.approx(variance)


@pytest.mark.parametrize("said", [
    {"module": "my.layers", "registered_name": "my>Dense"},
    {"module": "keras_hub.src.layers", "registered_name": "Dense"},
    {"module": None, "registered_name": "my>Dense"},
])  # fmt: skip
def test_a_class_of_another_package_is_not_keras_own_of_that_name(said: dict[str, Any]) -> None:
    found = reading(layer("Dense", kernel_initializer="he_normal") | said, layer("Dense") | said, version="3.9.0")
    assert {item.code for item in found.diagnostics} == {Code.UNKNOWN_LAYER, Code.OPAQUE_LAYER}
    assert [one.kind for one in found.model.layers] == [Kind.UNKNOWN]


@pytest.mark.parametrize("said", [
    {},
    {"module": None, "registered_name": None},
    {"module": "keras.layers", "registered_name": None},
    {"module": "keras.src.layers.core.dense", "registered_name": "Dense"},
    {"module": "tf_keras.layers", "registered_name": None},
])  # fmt: skip
def test_keras_own_classes(said: dict[str, Any]) -> None:
    (known,) = reading(layer("Dense", units=3) | said, version="3.9.0").model.layers
    assert (known.kind, len(known.weights)) == (Kind.DENSE, 2)


def test_what_would_start_a_weight_that_the_layer_has_not_is_told() -> None:
    (said,) = reading(layer("Dense", units=3, foo_initializer="ones", use_bias=False)).diagnostics
    assert (said.code, said.location.key) == (Code.UNKNOWN_FIELD, "config[0].config.foo_initializer")


def test_a_missing_upper_bound_of_early_tf_keras_is_one() -> None:
    drawn = {"class_name": "RandomUniform", "config": {"minval": 0, "maxval": None, "seed": None, "dtype": "float32"}}
    found = only("Embedding", "2.1.6-tf", input_dim=9, output_dim=4, embeddings_initializer=drawn).weights[0]
    assert found.initializer == RandomUniform(Scalar.of(0), Scalar.of(1))


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize(("renorm", "told"), [(True, 1), (False, 0)])
def test_renorm_which_no_target_has_is_told(renorm: bool, told: int, target: str) -> None:
    found = reading(layer("BatchNormalization", renorm=renorm), version="2.12.0")
    said = plan_for(found.model, target).diagnostics
    assert [item.code for item in said].count(Code.ASSUMED_MODULE) == told


@pytest.mark.parametrize(("config", "told"), [
    ({"batch_input_shape": [None, 8, 8, 3]}, 1),
    ({}, 1),
    ({"batch_input_shape": [None, 3]}, 0),
    ({"batch_input_shape": [None, 8, 8, 3], "shared_axes": [1, 2]}, 0),
    ({"batch_input_shape": [None, 8, 8, 3], "shared_axes": [1]}, 1),
])  # fmt: skip
def test_a_slope_for_each_element_is_told_as_torch_has_one_for_each_channel(config: dict[str, Any], told: int) -> None:
    said = plan_for(reading(layer("PReLU", **config)).model, "torch").diagnostics
    assert [item.code for item in said].count(Code.ASSUMED_MODULE) == told
