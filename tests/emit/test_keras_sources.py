"""Saved Keras models, converted and applied to real layers of both targets: what is drawn is what the source drew."""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from types import ModuleType
from typing import Any

import keras
import numpy as np
import pytest
import torch
from torch import nn

from initport.conversion import plan_for, read
from initport.emit.plan import Plan
from initport.emit.targets.keras import module as to_keras
from initport.emit.targets.torch import module as to_torch
from initport.grammar.load import vocabulary
from initport.ir.moments import Moments, moments

EFFECT, FALSE_ALARM, MISS = 0.05, 5.0, 3.0
"""A relative error of 5 % in a variance is to be seen; the least that versions differ by is 23 %."""

DRAWS = math.ceil(2 * ((FALSE_ALARM + MISS) / EFFECT) ** 2)
"""The variance of n normal draws has the relative standard error sqrt(2 / n)."""

Parts = tuple[str, Moments]


def scaling(scale: float, mode: str, distribution: str) -> dict[str, Any]:
    return {"class_name": "VarianceScaling", "config": {"scale": scale, "mode": mode, "distribution": distribution}}


def layer(kind: str, name: str, shape: list[int | None], **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": name, **config}, "build_config": {"input_shape": shape}}


def model(*layers: dict[str, Any], version: str) -> str:
    return json.dumps({"class_name": "Sequential", "keras_version": version, "config": list(layers)})


def load(text: str) -> ModuleType:
    module = ModuleType("emitted")
    exec(compile(text, "emitted", "exec"), module.__dict__)
    return module


def converted(text: str, target: str) -> tuple[ModuleType, Plan]:
    """The emitted module, and the plan that it was emitted from."""
    found = read(text, path="m.json").model
    plan = plan_for(found, target)
    emit = to_torch.emit if target == "torch" else to_keras.emit
    return load(emit(found, plan, vocabulary(target))), plan


def truths(plan: Plan) -> Iterator[tuple[str, str, Sequence[int], Moments]]:
    for entry, _ in plan.emitted:
        truth = moments(entry.weight.initializer, entry.weight.dims)
        assert truth is not None
        yield entry.module, entry.place.name or "", entry.place.part, truth


def check(values: "np.ndarray[Any, Any]", truth: Moments, where: str) -> None:
    """The draws so far have the true mean, variance and support."""
    if truth.variance == 0:
        assert (values == np.float32(truth.mean)).all(), where
        return
    assert values.size >= DRAWS, where
    assert abs(values.mean() - truth.mean) < FALSE_ALARM * math.sqrt(truth.variance / values.size), where
    assert abs(values.var() / truth.variance - 1) < EFFECT, where
    # on its torch backend, Keras lets one truncated draw in 230,000 through
    outside = (values < truth.low * (1 + 1e-6)) | (values > truth.high * (1 + 1e-6))
    assert outside.mean() < 1e-4, where


def draw(apply: Callable[[], object], value: Callable[[], "np.ndarray[Any, Any]"]) -> "np.ndarray[Any, Any]":
    """As many draws of one weight as are needed."""
    found: list[np.ndarray[Any, Any]] = []
    while sum(part.size for part in found) < DRAWS:
        apply()
        found.append(value().ravel().copy())
    return np.concatenate(found)


CONV = layer("Conv2D", "conv", [None, 9, 9, 24], filters=16, kernel_size=[3, 5])
LSTM = layer("LSTM", "lstm", [None, 5, 24], units=16, bias_initializer=scaling(1.0, "fan_in", "uniform"))
RECURRENT = [
    LSTM,
    layer("GRU", "gru", [None, 5, 24], units=16, reset_after=True, kernel_initializer="he_uniform"),
    layer("SimpleRNN", "rnn", [None, 5, 24], units=16),
    layer("Bidirectional", "both", [None, 5, 24], layer=layer("LSTM", "inner", [None, 5, 24], units=16)),
]
ATTENTION = layer("MultiHeadAttention", "mha", [None, 7, 32], num_heads=4, key_dim=8, value_dim=8)
SEPARABLE = layer("SeparableConv2D", "sep", [None, 9, 9, 8], filters=16, kernel_size=[3, 3], depth_multiplier=2,
                  depthwise_initializer="he_normal", pointwise_initializer=scaling(2, "fan_out", "normal"))  # fmt: skip
DEPTHWISE = layer("DepthwiseConv2D", "deep", [None, 9, 9, 8], kernel_size=[3, 3], depth_multiplier=2,
                  depthwise_initializer=scaling(2, "fan_out", "normal"))  # fmt: skip
PLAIN = [
    CONV,
    layer("Conv2DTranspose", "up", [None, 9, 9, 24], filters=16, kernel_size=[3, 3], kernel_initializer="he_normal"),
    layer("Dense", "dense", [None, 24], units=300, kernel_initializer="lecun_normal"),
    layer("Embedding", "embed", [None, 7], input_dim=100, output_dim=16),
    layer("BatchNormalization", "norm", [None, 24], axis=-1),
    layer("PReLU", "prelu", [None, 24], alpha_initializer={"class_name": "Constant", "config": {"value": 0.25}}),
]
TRANSPOSED = {"conv": nn.Conv2d(24, 16, (3, 5)), "up": nn.ConvTranspose2d(24, 16, 3), "dense": nn.Linear(24, 300),
              "embed": nn.Embedding(100, 16), "norm": nn.BatchNorm1d(24), "prelu": nn.PReLU(24)}  # fmt: skip


def recurrent_modules() -> dict[str, nn.Module]:
    both = nn.LSTM(24, 16, bidirectional=True)
    return {"lstm": nn.LSTM(24, 16), "gru": nn.GRU(24, 16), "rnn": nn.RNN(24, 16), "both": both}


def separable() -> nn.Module:
    module = nn.Module()
    module.depthwise, module.pointwise = nn.Conv2d(8, 16, 3, groups=8, bias=False), nn.Conv2d(16, 16, 1)
    return module


CASES: dict[str, tuple[str, Callable[[], dict[str, nn.Module]]]] = {
    "keras 2.1": (model(*PLAIN, version="2.1.6"), lambda: dict(TRANSPOSED)),
    "keras 2.3": (model(*PLAIN, version="2.3.1"), lambda: dict(TRANSPOSED)),
    "tf.keras": (model(*PLAIN, version="2.4.0"), lambda: dict(TRANSPOSED)),
    "recurrent": (model(*RECURRENT, version="2.4.0"), recurrent_modules),
    "attention": (model(ATTENTION, version="2.4.0"), lambda: {"mha": nn.MultiheadAttention(32, 4)}),
    "attention 3.15": (model(ATTENTION, version="3.15.1"), lambda: {"mha": nn.MultiheadAttention(32, 4)}),
    "depthwise": (
        model(SEPARABLE, DEPTHWISE, version="2.4.0"),
        lambda: {"sep": separable(), "deep": nn.Conv2d(8, 16, 3, groups=8)},
    ),
    "keras 1": (
        model(
            layer("Convolution2D", "conv", [None, 9, 9, 24], nb_filter=16, nb_row=3, nb_col=5, dim_ordering="tf"),
            layer("Convolution3D", "cube", [None, 9, 9, 9, 8], nb_filter=16, kernel_dim1=2, kernel_dim2=3,
                  kernel_dim3=4, dim_ordering="tf", init="glorot_normal"),
            layer("LSTM", "lstm", [None, 5, 24], output_dim=16, inner_init="orthogonal"),
            version="1.1.2",
        ),
        lambda: {"conv": nn.Conv2d(24, 16, (3, 5)), "cube": nn.Conv3d(8, 16, (2, 3, 4)), "lstm": nn.LSTM(24, 16)},
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_torch(case: str) -> None:
    text, modules = CASES[case]
    emitted, plan = converted(text, "torch")
    target: Any = nn.ModuleDict(modules())
    assert emitted.init_weights(target) == []
    parameters = dict(target.requires_grad_(False).named_parameters())
    for module, name, part, truth in truths(plan):
        if "bias" not in name:  # told apart below
            found = drawn_by_torch(emitted, parameters[f"{module}.{name}"], (module, name), part)
            check(found, truth, f"{module}.{name}")


def drawn_by_torch(
    emitted: ModuleType, parameter: torch.Tensor, key: tuple[str, str], part: Sequence[int]
) -> "np.ndarray[Any, Any]":
    def value() -> Any:
        chosen = parameter.detach().chunk(part[1])[part[0]] if part else parameter.detach()
        return chosen.numpy().astype(np.float64)

    def apply() -> object:
        return emitted.INITIALIZERS[key](parameter)

    return draw(apply, value)


def test_the_forget_bias_is_a_block_of_ones() -> None:
    emitted, _ = converted(model(*RECURRENT, version="2.4.0"), "torch")
    target: Any = nn.ModuleDict(recurrent_modules())
    emitted.init_weights(target)
    both = target["both"]
    for name in ("bias_ih_l0", "bias_ih_l0_reverse"):
        found = getattr(both, name).detach().reshape(4, 16)
        assert [(part == part[0]).all().item() and part[0].item() for part in found] == [0, 1, 0, 0]
    lstm = target["lstm"].bias_ih_l0.detach().reshape(4, 16)
    assert (lstm[1] == 1).all()
    # bias_initializer is called for one block, and for two together: its fan is 16, and then 32
    assert lstm[0].abs().max() <= math.sqrt(3 / 16)
    assert lstm[2:].abs().max() <= math.sqrt(3 / 32)
    assert len(lstm[2:].unique()) == 32
    assert (target["lstm"].bias_hh_l0 == 0).all()


def test_gru_has_two_biases_and_orthogonal_rows() -> None:
    emitted, _ = converted(model(*RECURRENT, version="2.4.0"), "torch")
    target: Any = nn.ModuleDict(recurrent_modules())
    emitted.init_weights(target)
    gru = target["gru"]
    assert (gru.bias_ih_l0 == 0).all()
    assert (gru.bias_hh_l0 == 0).all()
    product = gru.weight_hh_l0.T @ gru.weight_hh_l0
    assert torch.allclose(product, torch.eye(16), atol=1e-5)


def test_each_gate_of_keras_1_is_a_matrix_of_its_own() -> None:
    emitted, _ = converted(CASES["keras 1"][0], "torch")
    target: Any = nn.ModuleDict(CASES["keras 1"][1]())
    emitted.init_weights(target)
    for gate in target["lstm"].weight_hh_l0.detach().chunk(4):
        assert torch.allclose(gate @ gate.T, 1.21 * torch.eye(16), atol=1e-5)


def keras_model() -> keras.Model:
    layers = keras.layers
    sequence, image = keras.Input((7, 32)), keras.Input((9, 9, 8))
    attended = layers.MultiHeadAttention(4, 8, name="mha")(sequence, sequence)
    both = layers.Bidirectional(layers.LSTM(16, name="inner"), name="both")(attended)
    each = layers.TimeDistributed(layers.Dense(40, name="d"), name="each")(attended)
    einsum = layers.EinsumDense("abc,cde->abde", output_shape=(None, 4, 8), bias_axes="de", name="einsum")(each)
    separated = layers.SeparableConv2D(16, 3, depth_multiplier=2, name="sep")(image)
    deep = layers.DepthwiseConv2D(3, depth_multiplier=2, name="deep")(separated)
    return keras.Model([sequence, image], [both, einsum, deep])


KERAS = [
    ATTENTION,
    layer("Bidirectional", "both", [None, 7, 32], layer=layer("LSTM", "inner", [None, 7, 32], units=16)),
    layer("TimeDistributed", "each", [None, 7, 32], layer=layer("Dense", "d", [None, 32], units=40)),
    layer("EinsumDense", "einsum", [None, 7, 40], equation="abc,cde->abde", output_shape=[None, 4, 8], bias_axes="de",
          kernel_initializer="he_normal"),
    SEPARABLE,
    {**DEPTHWISE, "build_config": {"input_shape": [None, 7, 7, 16]}},
]  # fmt: skip


def drawn_by_keras(emitted: ModuleType, module: str, key: str, shape: tuple[int, ...]) -> "np.ndarray[Any, Any]":
    def value() -> Any:
        table = next(table for table in (emitted.initializers(), emitted.others()) if key in table.get(module, {}))
        return keras.ops.convert_to_numpy(table[module][key](shape, dtype="float32")).astype(np.float64)

    return draw(lambda: None, value)


@pytest.mark.slow
@pytest.mark.parametrize("version", ["2.4.0", "3.15.1"])
def test_keras(version: str) -> None:
    emitted, plan = converted(model(*KERAS, version=version), "keras")
    target = keras_model()
    assert emitted.init_weights(target) == []
    tables = (emitted.initializers(), emitted.others())
    for entry, _ in plan.emitted:
        truth = moments(entry.weight.initializer, entry.weight.dims)
        assert truth is not None
        assert entry.weight.shape is not None
        shape = tuple(size or 0 for size in entry.weight.shape)
        variable = emitted._variable(target.get_layer(entry.module), entry.place.name)
        assert tuple(variable.shape) == shape, entry.place
        if truth.variance == 0.1875:
            found = keras.ops.convert_to_numpy(variable).reshape(4, 16)
            assert (found == np.array([[0], [1], [0], [0]])).all()
            continue

        key = str(entry.place.argument or entry.place.name)
        check(drawn_by_keras(emitted, entry.module, key, shape), truth, f"{entry.module}.{entry.place.name}")
    assert tables[0]["sep"].keys() == {"depthwise_initializer", "pointwise_initializer", "bias_initializer"}


def test_constructor_arguments_are_taken_by_the_layers() -> None:
    emitted, _ = converted(model(*PLAIN, LSTM, RECURRENT[1], version="2.4.0"), "keras")
    arguments = emitted.initializers()
    built = keras.Sequential([keras.Input((9, 9, 24)), keras.layers.Conv2D(16, (3, 5), name="c", **arguments["conv"])])
    assert built.layers[0].kernel.shape == (3, 5, 24, 16)
    lstm = keras.layers.LSTM(16, **arguments["lstm"])
    lstm.build((None, 5, 24))
    assert (keras.ops.convert_to_numpy(lstm.cell.bias)[16:32] == 1).all()
    assert keras.layers.GRU(16, **arguments["gru"]).reset_after
