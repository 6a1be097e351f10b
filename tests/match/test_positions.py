"""Places in the graph: every format that says what reads what has its layers matched by that."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from initport.compare.module_names import naming
from initport.conversion import read
from initport.formats.graph.messages import message_class
from initport.ir.model import Model
from tests.formats.caffe2.test_reader import net
from tests.formats.graph import build
from tests.formats.mxnet.test_reader import operator, symbol, variable
from tests.formats.onnx.test_reader import model as onnx_model
from tests.formats.onnx.test_reader import node as onnx_node
from tests.match.test_command import port

EDGES = (("a", "x"), ("b", "a"), ("c", "a"), ("d", "c"))
"""Layers of equal shapes, each with what it reads: of b and c, which both read a, only c is read."""


def caffe() -> tuple[str | bytes, str]:
    head = 'layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: 8 } } }'
    return head + "".join(
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "{source}" top: "{name}" '
        'inner_product_param { num_output: 8 weight_filler { type: "xavier" } } }'
        f'layer {{ name: "{name}_relu" type: "ReLU" bottom: "{name}" top: "{name}" }}'
        for name, source in EDGES
    ), "net.prototxt"


def keras() -> tuple[str | bytes, str]:
    def layer(kind: str, name: str, source: str | None, **config: Any) -> dict[str, Any]:
        nodes = [[[source, 0, 0, {}]]] if source else []
        return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": nodes}

    layers = [layer("InputLayer", "x", None, batch_input_shape=[None, 8])]
    for name, source in EDGES:
        before = source if source == "x" else f"{source}_relu"
        layers += [layer("Dense", name, before, units=8), layer("Activation", f"{name}_relu", name, activation="relu")]
    config = {"name": "m", "layers": layers, "input_layers": [["x", 0, 0]], "output_layers": [["d_relu", 0, 0]]}
    return json.dumps({"class_name": "Model", "config": config, "keras_version": "2.3.1"}), "model.json"


def onnx() -> tuple[str | bytes, str]:
    draws = [onnx_node("RandomNormal", [], f"{name}.start", scale=0.02, shape=(8, 8)) for name, _ in EDGES]
    nodes = []
    for name, source in EDGES:
        before = source if source == "x" else f"{source}_relu"
        nodes += [onnx_node("MatMul", [before, f"{name}.weight"], f"{name}_out"),
                  onnx_node("Relu", [f"{name}_out"], f"{name}_relu")]  # fmt: skip
    return onnx_model(draws, nodes, {f"{name}.weight": f"{name}.start" for name, _ in EDGES}), "m.onnx"


def mxnet() -> tuple[str | bytes, str]:
    nodes, places = [variable("x")], {"x": 0}
    for name, source in EDGES:
        nodes.append(variable(f"{name}_weight", ["xavier", {}], (8, 8)))
        nodes.append(operator("FullyConnected", name, [places[source], len(nodes) - 1], num_hidden="8", no_bias="True"))
        nodes.append(operator("Activation", f"{name}_relu", [len(nodes) - 1], act_type="relu"))
        places[name] = len(nodes) - 1
    return symbol(*nodes), "net-symbol.json"


def caffe2() -> tuple[str | bytes, str]:
    found = net([("XavierFill", f"{name}_w", (8, 8), {}) for name, _ in EDGES])
    for name, source in EDGES:
        found.op.add(type="FC", input=[source, f"{name}_w", f"{name}_b"], output=[name])
        found.op.add(type="Relu", input=[name], output=[name])
    return found.SerializeToString(), "init_net.pb"


def graph() -> tuple[str | bytes, str]:
    nodes = [build.dims("shape", 8, 8), build.node("x", "Placeholder", dtype="float")]
    for name, source in EDGES:
        nodes += [build.node(f"{name}/draw", "TruncatedNormal", "shape", dtype="float"),
                  *build.started(f"{name}/draw", (8, 8), f"{name}/kernel")]  # fmt: skip
        before = source if source == "x" else f"{source}/Relu"
        nodes += [build.node(f"{name}/MatMul", "MatMul", before, f"{name}/kernel/read"),
                  build.node(f"{name}/Relu", "Relu", f"{name}/MatMul")]  # fmt: skip
    return build.graph(*nodes), "graph.pb"


def unordered_graph() -> tuple[str | bytes, str]:
    """The nodes of a graph may stand in any order."""
    data, path = graph()
    whole = message_class("GraphDef").FromString(data)
    return build.graph(*reversed(whole.node)), path


class Reversed(nn.Module):
    """The same layers, made from the last to the first."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("fourth", "third", "second", "first"):
            self.add_module(name, nn.Linear(8, 8, bias=False))

    def forward(self, x: Any) -> Any:
        y = torch.relu(self.first(x))  # type: ignore[operator]
        return self.second(y), self.fourth(torch.relu(self.third(y)))  # type: ignore[operator]


FORMATS = (caffe, keras, onnx, mxnet, caffe2, graph, unordered_graph)


def source(form: Callable[[], tuple[str | bytes, str]]) -> Model:
    data, path = form()
    return read(data, path=path).model


@pytest.mark.parametrize("form", FORMATS)
def test_what_reaches_a_layer_is_read(form: Callable[[], tuple[str | bytes, str]]) -> None:
    assert source(form).inputs() == {name: () if before == "x" else (before,) for name, before in EDGES}


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("form", FORMATS)
def test_equal_layers_are_matched_by_their_places(form: Callable[[], tuple[str | bytes, str]]) -> None:
    found = naming(source(form), port(Reversed()), "torch")
    modules = {line.layer: line.module for line in found.lines}
    assert modules == {"a": "first", "b": "second", "c": "third", "d": "fourth"}
    assert {line.how for line in found.lines} == {"place in the graph and shape"}
