"""The emitted modules on real layers of the frameworks, as a user would apply them."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import keras
import pytest
import torch
from torch import nn

from tests.fixtures import CASES, FIXTURES


def module(case: str, target: str) -> ModuleType:
    assert case in {path.name for path in CASES}
    spec = importlib.util.spec_from_file_location(f"{case}_{target}", FIXTURES / "convert" / case / f"{target}.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def torch_lenet() -> Any:
    return nn.ModuleDict(
        {
            "conv1": nn.Conv2d(1, 20, 5),
            "conv2": nn.Conv2d(20, 50, 5),
            "ip1": nn.Linear(800, 500),
            "ip2": nn.Linear(500, 10),
        }
    )


TORCH: dict[str, tuple[dict[str, nn.Module], list[str]]] = {
    "lenet": (dict(torch_lenet().named_children()), []),
    "fcn_upsampling": (
        {
            "score": nn.Conv2d(30, 21, 1),
            "upscore2": nn.ConvTranspose2d(21, 21, 4, stride=2, groups=21, bias=False),
            "up_odd": nn.ConvTranspose2d(21, 21, 5, stride=2, bias=False),
            "up_xavier": nn.ConvTranspose2d(30, 14, 4),
            "up_msra_out": nn.ConvTranspose2d(30, 14, 3, groups=2),
            "up_average": nn.ConvTranspose2d(30, 9, 5, groups=3),
        },
        [],
    ),
    "recurrent": (
        {"lstm1": nn.LSTM(31, 61), "lstm2": nn.LSTM(61, 53), "lstm3": nn.LSTM(53, 67), "rnn": nn.RNN(67, 71)}
        | {"rnn_output": nn.Linear(71, 71)},
        [],
    ),
    "batchnorm_scale": (
        {
            "conv": nn.Conv2d(6, 400, 3, bias=False),
            "scale": nn.BatchNorm2d(400),
            "prelu": nn.PReLU(400),
            "prelu_random": nn.PReLU(400),
            "scale_zero": nn.BatchNorm2d(400),
            "scale_random": nn.BatchNorm2d(400),
            "offset": nn.Linear(2, 400),
        },
        ["scale_zero.bias", "offset.weight"],
    ),
    "embedding_bias": (
        {
            "plain": nn.Embedding(101, 12),
            "out": nn.Embedding(101, 12),
            "ball": nn.Embedding(370, 12),
            "lost": nn.Embedding(101, 12),
        },
        [],
    ),
}


@pytest.mark.parametrize("case", TORCH)
def test_torch_layers(case: str) -> None:
    layers, left = TORCH[case]
    model = nn.ModuleDict(layers)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.fill_(torch.nan)
    assert module(case, "torch").init_weights(model) == left
    names = {name for name, parameter in model.named_parameters() if parameter.isnan().any()}
    assert names == set(left)


def test_torch_bilinear_is_the_interpolation_kernel() -> None:
    layer = nn.ConvTranspose2d(2, 3, 4)
    with torch.no_grad():
        module("fcn_upsampling", "torch").bilinear_(layer.weight)
    row = torch.tensor([0.25, 0.75, 0.75, 0.25])
    assert torch.equal(layer.weight.detach(), torch.outer(row, row).expand(2, 3, 4, 4))


def test_torch_orthogonal_columns_lie_along_the_last_axis() -> None:
    weight = module("keras_recurrent", "torch").orthogonal_columns_(torch.empty(3, 3, 4, 16))
    matrix = weight.reshape(-1, 16)
    assert torch.allclose(matrix.T @ matrix, torch.eye(16), atol=1e-5)


def test_torch_lstm_biases_sum_to_the_sources() -> None:
    model: Any = nn.ModuleDict(TORCH["recurrent"][0])
    module("recurrent", "torch").init_weights(model)
    lstm = model["lstm1"]
    assert torch.equal(lstm.bias_ih_l0 + lstm.bias_hh_l0, torch.ones(4 * 61))


def test_torch_missing_parameters_are_all_named_and_nothing_changes() -> None:
    model = torch_lenet()
    del model["ip2"]
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(KeyError, match=r"ip2\.weight, ip2\.bias"):
        module("lenet", "torch").init_weights(model)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("rename", [{"conv1": "features.0"}, lambda name: {"conv1": "features.0"}.get(name, name)])
def test_torch_rename(rename: Any) -> None:
    model = torch_lenet()
    model["features"] = nn.Sequential(model["conv1"])
    del model["conv1"]
    assert module("lenet", "torch").init_weights(model, rename) == []
    assert model["features"][0].bias.abs().max() == 0


def test_torch_tied_layers_are_drawn_once() -> None:
    model: Any = nn.ModuleDict({"conv_p": nn.Conv2d(1, 18, 5), "feat_p": nn.Linear(1152, 6)})
    model["conv"], model["feat"] = model["conv_p"], model["feat_p"]
    assert module("siamese", "torch").init_weights(model) == []
    assert torch.equal(model["conv"].bias.detach(), torch.full((18,), 0.3))


def keras_lenet(arguments: dict[str, dict[str, Any]]) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(20, 5, name="conv1", **arguments["conv1"]),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(50, 5, name="conv2", **arguments["conv2"]),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(500, name="ip1", **arguments["ip1"]),
            keras.layers.Dense(10, name="ip2", **arguments["ip2"]),
        ]
    )


def values(variable: Any) -> Any:
    return keras.ops.convert_to_numpy(variable.value)


def near(layer: Any, expected: float) -> Any:
    """Within five standard errors of a uniform sample's or normal sample's variance."""
    return pytest.approx(expected, rel=5 * (2 / values(layer.kernel).size) ** 0.5)


@pytest.mark.parametrize("how", ["constructor", "init_weights"])
def test_keras_lenet(how: str) -> None:
    emitted = module("lenet", "keras")
    if how == "constructor":
        model = keras_lenet(emitted.initializers())
    else:
        model = keras_lenet({name: {} for name in emitted.initializers()})
        assert emitted.init_weights(model) == []
    for name, fan_in in {"conv1": 25, "conv2": 500, "ip1": 800, "ip2": 500}.items():
        layer = model.get_layer(name)
        assert values(layer.kernel).var() == near(layer, 1 / fan_in)
    assert values(model.get_layer("conv2").bias) == pytest.approx(0.1)


def test_keras_initializers_are_independent() -> None:
    """Two layers of one shape, and two models, must not start with the same values."""
    emitted = module("lenet", "keras")
    first, second = emitted.initializers(), emitted.initializers()
    draws = [
        keras.ops.convert_to_numpy(table[name]["kernel_initializer"]((50, 40)))
        for table in (first, second)
        for name in ("ip1", "ip2")
    ]
    for index, draw in enumerate(draws):
        assert all(abs((draw * other).mean()) < 0.1 * draw.var() for other in draws[:index])


def test_keras_layers_of_every_kind() -> None:
    recurrent, norm = module("recurrent", "keras"), module("batchnorm_scale", "keras")
    lstm = keras.layers.LSTM(61, name="lstm1", **recurrent.initializers()["lstm1"])
    lstm.build((None, 5, 31))
    assert (values(lstm.cell.bias) == 1).all()
    prelu = keras.layers.PReLU(shared_axes=[1, 2], name="prelu", **norm.initializers()["prelu"])
    prelu.build((None, 5, 7, 400))
    assert (values(prelu.alpha) == 0.25).all()
    batch = keras.layers.BatchNormalization(name="scale", **norm.initializers()["scale"])
    batch.build((None, 5, 7, 400))
    assert (values(batch.gamma) == 1).all()
    depthwise = keras.layers.DepthwiseConv2D(3, **module("fork_layers", "keras").initializers()["dw"])
    depthwise.build((None, 8, 8, 128))
    assert values(depthwise.kernel).var() == near(depthwise, 2 / 9)


def test_keras_kernels_that_lora_adds_to_are_set_themselves() -> None:
    model = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Conv2D(20, 5, name="conv1", lora_rank=2)])
    layers = [keras.layers.Flatten(), *(keras.layers.Dense(10, name=name, lora_rank=2) for name in ("ip1", "ip2"))]
    for layer in (keras.layers.Conv2D(50, 5, name="conv2"), *layers):
        model.add(layer)
    model.get_layer("ip1")._kernel.assign(keras.ops.zeros_like(model.get_layer("ip1")._kernel))
    module("lenet", "keras").init_weights(model, check="kind")
    kernel = model.get_layer("ip1")._kernel
    assert values(kernel).var() == pytest.approx(1 / kernel.shape[0], rel=5 * (2 / values(kernel).size) ** 0.5)


def test_keras_missing_weights_are_all_named_and_nothing_changes() -> None:
    emitted = module("lenet", "keras")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, name="ip1")])
    before = values(model.get_layer("ip1").kernel).copy()
    with pytest.raises(KeyError, match=r"conv1\.kernel, conv1\.bias, conv2\.kernel, conv2\.bias, ip2\.kernel"):
        emitted.init_weights(model)
    assert (values(model.get_layer("ip1").kernel) == before).all()


def test_keras_nested_models_and_rename() -> None:
    emitted = module("phases", "keras")
    inner = keras.Sequential([keras.Input((12,)), keras.layers.Dense(150, name="shared")], name="inner")
    model = keras.Sequential(
        [keras.Input((12,)), inner, keras.layers.Dense(70, name="top"), keras.layers.Dense(70, name="not_fork")]
    )
    names = {"shared": "inner/shared", "train_only": "top"}
    assert emitted.init_weights(model, names, check="kind") == []
    assert emitted.init_weights(model, lambda name: names.get(name, name), check="kind") == []


def test_emitted_modules_need_only_the_framework() -> None:
    for path in (FIXTURES / "convert").glob("*/*.py"):
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        imports = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imports <= {"math", "collections", "types", "typing", path.stem}
