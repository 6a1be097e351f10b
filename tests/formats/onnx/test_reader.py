"""ONNX models whose `training_info` says how their weights start, and those without."""

from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code, InputError
from initport.formats.index import detect
from initport.formats.onnx.reader import _message
from initport.formats.wire import varint
from initport.ir.initializers import RandomNormal, RandomUniform, Unsupported
from initport.ir.model import Layer, Weight
from initport.ir.scalar import Scalar


def node(op: str, inputs: list[str], output: str, **attributes: Any) -> Any:
    result = _message("NodeProto")(op_type=op, input=inputs, output=[output])
    for name, value in attributes.items():
        entry = result.attribute.add(name=name)
        match value:
            case float():
                entry.f = value
            case int():
                entry.i = value
            case tuple():
                entry.ints.extend(value)
    return result


def field(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def model(initialization: list[Any], nodes: list[Any], bindings: dict[str, str], values: bytes = b"") -> bytes:
    """``values`` stand as tensors in the graph, as a trained model's do."""
    graph = b"".join(field(1, item.SerializeToString()) for item in nodes) + field(2, b"g") + field(5, values)
    info = _message("TrainingInfoProto")()
    info.initialization.node.extend(initialization)
    for key, value in bindings.items():
        info.initialization_binding.add(key=key, value=value)
    training = field(20, info.SerializeToString()) if bindings else b""
    return b"\x08\x0e" + field(7, graph) + field(8, b"\x10\x1c") + training


def weights(found: Reading) -> dict[str, tuple[Layer, Weight]]:
    return {weight.location.key or "": (layer, weight) for layer in found.model.layers for weight in layer.weights}


DRAW = node("RandomNormal", [], "w0", mean=0.0, scale=0.02, seed=7.0, shape=(30, 40), dtype=1)


def test_the_initialization_is_read() -> None:
    data = model([DRAW], [node("MatMul", ["x", "w"], "y")], {"w": "w0"})
    assert detect("renamed", data).name == "onnx"
    found = read(data, path="m.onnx")
    layer, weight = weights(found)["w"]
    assert (layer.kind, weight.shape, weight.dims) == ("dense", (30, 40), {"groups": 1, "in": 30, "out": 40})
    assert weight.initializer == RandomNormal(Scalar.of(0), Scalar.of(2) / 100)
    assert [item.code for item in found.diagnostics] == [Code.SEED]


@pytest.mark.parametrize(
    ("reader", "shape", "kind", "out"),
    [
        (node("Gemm", ["x", "w", "b"], "y"), (3, 5), "dense", 5),
        (node("Gemm", ["x", "w", "b"], "y", transB=1), (5, 3), "dense", 5),
        (node("Conv", ["x", "w"], "y"), (5, 3, 2, 2), "conv", 5),
        (node("ConvTranspose", ["x", "w"], "y"), (3, 5, 2, 2), "conv_transpose", 5),
        (node("Gather", ["w", "x"], "y"), (9, 5), "embedding", 5),
        (node("Add", ["x", "w"], "y"), (5,), "parameter", None),
    ],
    ids=["Gemm", "Gemm transposed", "Conv", "ConvTranspose", "Gather", "Add"],
)
def test_the_layer_that_reads_a_weight_tells_its_axes(
    reader: Any, shape: tuple[int, ...], kind: str, out: int | None
) -> None:
    draw = node("RandomUniform", [], "w0", low=-0.5, high=0.5, shape=shape)
    layer, weight = weights(read(model([draw], [reader], {"w": "w0"}), path="m.onnx"))["w"]
    assert (layer.kind, weight.dims.get("out")) == (kind, out)
    half = Scalar.of(1) / 2
    assert weight.initializer == RandomUniform(-half, half)


def test_a_layer_has_the_name_that_its_parameters_share() -> None:
    nodes = [node("Gemm", ["x", "net.fc.weight", "net.fc.bias"], "y", transB=1)]
    draws = [node("RandomNormal", [], "w0", shape=(5, 3)), node("RandomNormal", [], "b0", shape=(5,))]
    found = read(model(draws, nodes, {"net.fc.weight": "w0", "net.fc.bias": "b0"}), path="m.onnx")
    assert [layer.name for layer in found.model.layers] == ["net.fc"]


@pytest.mark.parametrize(
    ("initialization", "detail"),
    [
        ([], "no node that makes its value"),
        ([node("Bernoulli", ["x"], "w0")], "Bernoulli: initport has no rule for this operator"),
        ([node("RandomNormal", [], "w0", deviation=0.1, shape=(2,))], "no number 'deviation'"),
        ([node("RandomNormal", [], "w0", scale=float("nan"), shape=(2,))], "not finite"),
        ([node("RandomUniform", [], "w0", low=2.0, shape=(2,))], "`high` must be above `low`"),
    ],
)
def test_refused(initialization: list[Any], detail: str) -> None:
    found = read(model(initialization, [], {"w": "w0"}), path="m.onnx")
    assert isinstance(weights(found)["w"][1].initializer, Unsupported)
    assert detail in found.diagnostics[0].detail


def test_a_model_for_inference_is_refused_with_what_to_bring() -> None:
    with pytest.raises(InputError) as caught:
        read(model([], [node("MatMul", ["x", "w"], "y")], {}, b"\0" * 100), path="m.onnx")
    assert "give the source code of the model, or its config" in caught.value.diagnostic.detail


@pytest.mark.parametrize("cut", [1, 20])
def test_damaged(cut: int) -> None:
    with pytest.raises(InputError, match="cut short"):
        read(model([DRAW], [], {"w": "w0"})[:-cut], path="m.onnx", source="onnx")


@pytest.mark.parametrize("target", ["torch", "keras"])
def test_converts(target: str) -> None:
    text = convert(model([DRAW], [node("MatMul", ["x", "w"], "y")], {"w": "w0"}), path="m.onnx", target=target).text
    assert text is not None
    assert "0.02" in text
    compile(text, "init.py", "exec")


def test_a_name_that_is_no_text_is_refused() -> None:
    data = model([DRAW], [node("MatMul", ["x", "w"], "name")], {"w": "w0"}).replace(b"name", b"\xff\xfe\xfd\xfc")
    with pytest.raises(InputError, match="cut short or damaged"):
        read(data, path="m.onnx")
