"""Every layer class of the installed Keras that makes weights, built for real: what is read of its saved config are its
very weights, with the shapes and the moments that Keras gives them."""

import json
import math
from collections.abc import Callable
from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from initport.conversion import plan_for, read
from initport.emit.targets.keras.module import emit
from initport.formats.read_options import Options
from initport.grammar.load import vocabulary
from initport.grammar.version import parse_version
from initport.ir.initializers import Orthogonal, canonical, elementwise
from initport.ir.moments import moments

FALSE_ALARM = 5.0
"""Standard errors: one of the some 200 comparisons here would be beyond by chance in 8,000 runs."""

HE = {"kernel_initializer": "he_normal", "bias_initializer": keras.initializers.RandomUniform(-1, 1)}
NORM = {"gamma_initializer": "he_uniform", "beta_initializer": "lecun_normal"}
Shape = tuple[int | None, ...]

IMAGE, SEQUENCE, VIDEO, CUBE = (None, 9, 8, 12), (None, 7, 24), (None, 3, 8, 9, 6), (None, 7, 8, 9, 6)

LAYERS: dict[str, tuple[Callable[[], Any], Shape]] = {
    "Dense": (lambda: layers.Dense(300, **HE), (None, 24)),
    "EinsumDense": (lambda: layers.EinsumDense("abc,cde->abde", (None, 8, 4), bias_axes="de", **HE), SEQUENCE),
    "Embedding": (lambda: layers.Embedding(100, 16), (None, 7)),
    "ReversibleEmbedding": (lambda: layers.ReversibleEmbedding(100, 16), (None, 7)),
    "ReversibleEmbedding untied": (lambda: layers.ReversibleEmbedding(100, 16, tie_weights=False), (None, 7)),
    "Conv1D": (lambda: layers.Conv1D(32, 5, **HE), SEQUENCE),
    "Conv2D": (lambda: layers.Conv2D(32, (3, 5), groups=4, **HE), IMAGE),
    "Conv3D": (lambda: layers.Conv3D(16, (2, 3, 4), **HE), CUBE),
    "Conv1DTranspose": (lambda: layers.Conv1DTranspose(32, 5, **HE), SEQUENCE),
    "Conv2DTranspose": (lambda: layers.Conv2DTranspose(32, 3, **HE), IMAGE),
    "Conv3DTranspose": (lambda: layers.Conv3DTranspose(16, 2, **HE), CUBE),
    "DepthwiseConv1D": (lambda: layers.DepthwiseConv1D(5, depth_multiplier=4), SEQUENCE),
    "DepthwiseConv2D": (lambda: layers.DepthwiseConv2D((3, 5), depth_multiplier=4), IMAGE),
    "SeparableConv1D": (lambda: layers.SeparableConv1D(32, 5, depth_multiplier=2), SEQUENCE),
    "SeparableConv2D": (lambda: layers.SeparableConv2D(32, 3, depth_multiplier=2), IMAGE),
    "SimpleRNN": (lambda: layers.SimpleRNN(16, **HE), SEQUENCE),
    "GRU": (lambda: layers.GRU(16), SEQUENCE),
    "GRU before": (lambda: layers.GRU(16, reset_after=False), SEQUENCE),
    "LSTM": (lambda: layers.LSTM(16, **HE), SEQUENCE),
    "SimpleRNNCell": (lambda: layers.RNN(layers.SimpleRNNCell(16)), SEQUENCE),
    "GRUCell": (lambda: layers.RNN(layers.GRUCell(16)), SEQUENCE),
    "LSTMCell": (lambda: layers.RNN(layers.LSTMCell(16)), SEQUENCE),
    "StackedRNNCells": (lambda: layers.RNN([layers.LSTMCell(16), layers.GRUCell(8), layers.LSTMCell(12)]), SEQUENCE),
    "Bidirectional": (lambda: layers.Bidirectional(layers.LSTM(16)), SEQUENCE),
    "Bidirectional stack": (
        lambda: layers.Bidirectional(layers.RNN([layers.LSTMCell(16), layers.GRUCell(16)])),
        SEQUENCE,
    ),
    "TimeDistributed": (lambda: layers.TimeDistributed(layers.Dense(40)), SEQUENCE),
    "ConvLSTM1D": (lambda: layers.ConvLSTM1D(8, 3), (None, 3, 8, 6)),
    "ConvLSTM2D": (lambda: layers.ConvLSTM2D(8, (2, 3)), VIDEO),
    "ConvLSTM3D": (lambda: layers.ConvLSTM3D(4, 2), (None, 3, 8, 8, 8, 6)),
    "BatchNormalization": (lambda: layers.BatchNormalization(**NORM), (None, 200)),
    "LayerNormalization": (lambda: layers.LayerNormalization(axis=[-2, -1], **NORM), (None, 20, 30)),
    "LayerNormalization rms": (lambda: layers.LayerNormalization(rms_scaling=True, center=True, scale=False), SEQUENCE),
    "GroupNormalization": (lambda: layers.GroupNormalization(4, **NORM), IMAGE),
    "RMSNormalization": (lambda: layers.RMSNormalization(), SEQUENCE),
    "SpectralNormalization": (lambda: layers.SpectralNormalization(layers.Dense(400)), (None, 24)),
    "PReLU": (lambda: layers.PReLU("he_normal"), (None, 9, 8, 12)),
    "PReLU shared": (lambda: layers.PReLU("he_normal", shared_axes=[1]), (None, 9, 20, 12)),
    "Attention": (lambda: layers.Attention(use_scale=True, score_mode="concat"), SEQUENCE),
    "AdditiveAttention": (lambda: layers.AdditiveAttention(), SEQUENCE),
    "MultiHeadAttention": (lambda: layers.MultiHeadAttention(4, 8, 6, **HE), SEQUENCE),
    "MultiHeadAttention gated": (lambda: layers.MultiHeadAttention(4, 8, 6, use_gate=True, **HE), SEQUENCE),
    "GroupedQueryAttention": (lambda: layers.GroupQueryAttention(8, 6, 2, use_gate=True, **HE), SEQUENCE),
    "GroupedQueryAttention plain": (lambda: layers.GroupQueryAttention(8, 6, 2, use_bias=False), SEQUENCE),
}  # fmt: skip

HOLDERS = {"Layer", "Wrapper", "RNN", "Bidirectional", "TimeDistributed", "StackedRNNCells", "Pipeline", "Lambda"}
"""What has no weights of its own, and what the reader looks into."""


def test_every_layer_class_is_accounted_for() -> None:
    spoken = vocabulary("keras_config", parse_version(keras.__version__))
    grammar = spoken.grammar
    classes = {
        item.__name__ for item in vars(layers).values() if isinstance(item, type) and issubclass(item, layers.Layer)
    }
    known = set(spoken.variants) | set(grammar.weightless) | set(grammar.refused) | HOLDERS
    assert classes <= known
    built = {name.split()[0] for name in LAYERS}
    assert (classes & set(spoken.variants)) - built == set()
    assert not set(grammar.weightless) & (set(spoken.variants) | set(grammar.refused))


def built(case: str) -> Any:
    """A model of the layer alone; an attention attends to its input itself."""
    make, shape = LAYERS[case]
    layer = make()
    entered = keras.Input(shape[1:])
    if "MultiHead" in case or "Grouped" in case:
        left = layer(entered, entered)
    else:
        left = layer([entered, entered]) if "Attention" in case else layer(entered)
    return keras.Model(entered, left), layer


def load(text: str) -> ModuleType:
    module = ModuleType("emitted")
    exec(compile(text, "emitted", "exec"), module.__dict__)
    return module


@pytest.mark.filterwarnings("ignore:You passed `rms_scaling")
@pytest.mark.parametrize("case", LAYERS)
def test_weights(case: str) -> None:
    keras.utils.set_random_seed(11)
    model, layer = built(case)
    reading = read(model.to_json(), path="m.json", options=Options(version=keras.__version__))
    assert not reading.diagnostics
    plan = plan_for(reading.model, "keras")
    emitted = load(emit(reading.model, plan, vocabulary("keras")))
    drawn: dict[int, tuple[Any, Any]] = {}
    for entry, _ in plan.emitted:
        variable = emitted._variable(model.get_layer(entry.module), entry.place.name)
        assert variable is not None, entry.place.name
        assert tuple(variable.shape) == entry.weight.shape, entry.place.name
        drawn[id(variable)] = variable, entry.weight
    assert {id(variable) for variable in layer.weights} == drawn.keys()
    for variable, weight in drawn.values():
        agrees(keras.ops.convert_to_numpy(variable).astype(np.float64), weight)
    assert emitted.init_weights(model) == []
    for variable, weight in drawn.values():
        agrees(keras.ops.convert_to_numpy(variable).astype(np.float64), weight)


def agrees(values: "np.ndarray[Any, Any]", weight: Any) -> None:
    truth = moments(weight.initializer, weight.dims)
    assert truth is not None
    if isinstance(canonical(weight.initializer), Orthogonal):
        assert (values**2).mean() == pytest.approx(truth.variance, rel=1e-4)
    elif elementwise(weight.initializer) and truth.variance:
        kurtosis = ((values / math.sqrt(truth.variance)) ** 4).mean()
        error = math.sqrt(max(kurtosis - 1, 0.5) / values.size)
        assert abs((values**2).mean() / truth.variance - 1) < FALSE_ALARM * error
        assert abs(values.mean()) < FALSE_ALARM * math.sqrt(truth.variance / values.size)
    elif truth.variance == 0:
        assert values == pytest.approx(truth.mean)
    else:  # blocks, of which one is the forget bias
        assert (values.reshape(4, -1)[1] == 1).all()


LOW_RANK = {
    "Dense": lambda: layers.Dense(30, lora_rank=4),
    "EinsumDense": lambda: layers.EinsumDense("abc,cde->abde", (None, 8, 4), lora_rank=4),
    "Conv1D": lambda: layers.Conv1D(32, 5, lora_rank=4),
    "Embedding": lambda: layers.Embedding(100, 16, lora_rank=4),
}


@pytest.mark.parametrize("case", LOW_RANK)
def test_a_low_rank_update_is_read_and_refused(case: str) -> None:
    layer = LOW_RANK[case]()
    model = keras.Sequential([keras.Input((7,) if case == "Embedding" else (7, 24)), layer])
    found = read(model.to_json(), path="m.json", options=Options(version=keras.__version__)).model
    shapes = {weight.shape for weight in found.layers[0].weights}
    assert shapes == {tuple(variable.shape) for variable in layer.weights}
    refused = [item for item in plan_for(found, "keras").diagnostics if item.exit_code]
    assert [("enable_lora" in item.detail, "low_rank_in" in item.detail) for item in refused] == [(True, True)]


def test_a_quantized_layer_is_refused() -> None:
    record = {"class_name": "Dense", "config": {"name": "d", "units": 3, "dtype": {
        "module": "keras", "class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}}}  # fmt: skip
    text = json.dumps({"class_name": "Sequential", "keras_version": "3.15.1", "config": [record]})
    found = read(text, path="m.json")
    (said,) = found.diagnostics
    assert (said.code.name, said.location.key) == ("REJECTED_LAYER", "config[0].config.dtype")
    assert not found.model.layers
