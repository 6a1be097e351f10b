"""Symbols of MXNet against what MXNet 1.9.1 draws."""

import json
import time
from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code, InputError
from initport.formats.index import detect
from initport.ir.initializers import Unsupported
from initport.ir.model import Layer, Weight
from initport.ir.moments import moments
from initport.verify.stub_shapes import complete

Node = dict[str, Any]


def variable(name: str, init: object = None, shape: object = None, **attrs: str) -> Node:
    if init is not None:
        attrs["__init__"] = init if isinstance(init, str) else json.dumps(init)
    if shape is not None:
        attrs["__shape__"] = str(shape)
    return {"op": "null", "name": name, "attrs": attrs, "inputs": []}


def operator(op: str, name: str, inputs: list[int], **attrs: str) -> Node:
    return {"op": op, "name": name, "attrs": attrs, "inputs": [[at, 0, 0] for at in inputs]}


def symbol(*nodes: Node) -> bytes:
    rest = {"arg_nodes": [0], "heads": [[len(nodes) - 1, 0, 0]], "attrs": {"mxnet_version": ["int", 10901]}}
    return json.dumps({"nodes": list(nodes), **rest}).encode()


def reading(*nodes: Node) -> Reading:
    return read(symbol(*nodes), path="net-symbol.json")


def weights(*nodes: Node) -> dict[str, tuple[Layer, Weight]]:
    layers = reading(*nodes).model.layers
    return {weight.location.key or "": (layer, weight) for layer in layers for weight in layer.weights}


CONV = (40, 12, 5, 5)
MEASURED: list[tuple[object, tuple[int, ...], float]] = [
    (["xavier", {}], (48, 12, 5, 5), 0.0013330063),
    (["xavier", {}], (48, 3, 5, 5), 0.0015706856),
    (["xavier", {}], (48, 1, 5, 5), 0.0016350927),
    (["xavier", {}], (40, 12, 3, 3, 3), 0.0014228942),
    (["xavier", {"factor_type": "in"}], (48, 5, 5, 12), 0.0033373422),
    (["xavier", {"factor_type": "in"}], (12, 48, 5, 5), 0.0008338964),
    (["xavier", {"rnd_type": "gaussian"}], CONV, 0.0046151477),
    (["xavier", {"rnd_type": "gaussian", "factor_type": "in", "magnitude": 2}], CONV, 0.0066509442),
    (["xavier", {}], (300, 300), 0.0033290879),
    (["xavier", {}], (400, 100), 0.0040000446),
    (["xavier", {}], (400, 300), 0.0028585861),
    (["xavier", {}], (100, 300), 0.0049937474),
    ("xavier", (200, 300), 0.0039959454),
    (["msraprelu", {}], CONV, 0.0028941119),
    (["msraprelu", {"slope": 0}], CONV, 0.0030765913),
    (["msraprelu", {"factor_type": "avg", "slope": 0.25}], CONV, 0.0028941119),
    (["orthogonal", {"rand_type": "normal"}], (60, 300), 0.0066646536),
    (["orthogonal", {"rand_type": "normal"}], (300, 60), 0.0066646467),
    ("normal", (200, 300), 0.00010023634),
    ("uniform", (48, 12, 5, 5), 0.0016329231),
    (["uniform", {"scale": 0.01}], (200, 300), 3.3247e-05),
    (["normal", {"sigma": 1}], (200,), 1.0014409),
]  # fmt: skip


@pytest.mark.parametrize(("init", "shape", "variance"), MEASURED)
def test_starts_as_measured(init: object, shape: tuple[int, ...], variance: float) -> None:
    weight = weights(variable("w_weight", init, shape))["w_weight"][1]
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    assert truth.variance == pytest.approx(variance, rel=0.01)


FC = [variable("data"), variable("fc_weight", ["xavier", {}], (200, 300)), variable("fc_bias"),
      operator("FullyConnected", "fc", [0, 1, 2], num_hidden="200")]  # fmt: skip


def test_the_end_of_a_name_decides_where_there_is_no_initializer() -> None:
    found = weights(*FC, variable("alone_gamma"), variable("odd"))
    assert {name: weight.source for name, (_, weight) in found.items()} == {
        "fc_weight": "Xavier", "fc_bias": "Zero", "alone_gamma": "One",
    }  # fmt: skip
    assert [found[name][1].implicit for name in found] == [False, True, True]
    assert (found["fc_bias"][0].name, found["fc_bias"][0].kind) == ("fc", "dense")


def test_an_own_initializer_comes_before_the_end_of_a_name() -> None:
    found = weights(variable("q_bias", ["normal", {"sigma": 1}], (200,)))["q_bias"][1]
    assert found.source == "Normal(sigma=1)"


def test_batch_norm_keeps_its_scale_at_one_unless_it_is_asked_not_to() -> None:
    names = ["bn_gamma", "bn_beta", "bn_moving_mean", "bn_moving_var"]
    nodes = [variable("data"), *(variable(name, ["constant", {"value": 0.5}]) for name in names)]
    fixed = weights(*nodes, operator("BatchNorm", "bn", [0, 1, 2, 3, 4]))
    free = weights(*nodes, operator("BatchNorm", "bn", [0, 1, 2, 3, 4], fix_gamma="False"))
    assert [item["bn_gamma"][1].source for item in (fixed, free)] == ["One", "Constant(value=0.5)"]
    assert fixed["bn_beta"][0].name == "bn"


@pytest.mark.parametrize(
    ("layout", "shape", "sizes"),
    [
        ("NCHW", (48, 3, 5, 5), {"out": 48, "in": 12, "groups": 4, "kernel": 25}),
        ("NHWC", (48, 5, 5, 3), {"out": 48, "in": 12, "groups": 4, "kernel": 25}),
        ("NCHW", (48, 0, 5, 5), {"out": 48, "groups": 4, "kernel": 25}),
    ],
)
def test_sizes(layout: str, shape: tuple[int, ...], sizes: dict[str, int]) -> None:
    nodes = [variable("data"), variable("c_weight", ["xavier", {}], shape),
             operator("Convolution", "c", [0, 1], num_group="4", layout=layout)]  # fmt: skip
    assert sizes.items() <= weights(*nodes)["c_weight"][1].dims.items()


@pytest.mark.parametrize("groups", ["two", "0", "-1", "", "1.5"])
def test_a_number_of_groups_that_is_none(groups: str) -> None:
    nodes = [variable("data"), variable("c_weight"), operator("Convolution", "c", [0, 1], num_group=groups)]
    with pytest.raises(InputError, match="num_group"):
        weights(*nodes)


def test_the_names_of_gluon() -> None:
    gluon = {"__storage_type__": "0"}
    ends = ["gamma", "beta", "running_mean", "running_var"]
    nodes = [variable("data"), *(variable(f"batchnorm0_{end}", "ones", "(0,)", **gluon) for end in ends),
             operator("BatchNorm", "batchnorm0_fwd", [0, 1, 2, 3, 4], fix_gamma="False")]  # fmt: skip
    assert {layer.name for layer, _ in weights(*nodes).values()} == {"batchnorm0"}


REFUSED = [
    (variable("fc_weight"), Code.UNSUPPORTED_INITIALIZER, "was passed to the network"),
    (variable("fc_bias", __storage_type__="0"), Code.UNSUPPORTED_INITIALIZER, "was passed to"),
    (variable("w_weight", ["orthogonal", {}], (4, 3)), Code.UNSUPPORTED_INITIALIZER, "not Haar-distributed"),
    (variable("w_weight", ["bilinear", {}], (4, 3, 4, 4)), Code.UNSUPPORTED_INITIALIZER, "version of Python"),
    (variable("w_bias", "xavier", (4,)), Code.REJECTED_INITIALIZER, "two axes or more"),
    (variable("w_weight", "glorot", (4, 3)), Code.UNKNOWN_INITIALIZER, "not an initializer of MXNet"),
    (variable("w_weight", ["constant", {"value": [1, 2]}], (2,)), Code.UNSUPPORTED_INITIALIZER, "an array"),
    (variable("w_weight", '["xavier"', (2, 2)), Code.REJECTED_INITIALIZER, "not a name with its arguments"),
    (variable("w_weight", ["xavier", {"gain": 2}], (2, 2)), Code.REJECTED_INITIALIZER, "gain"),
    (variable("w_weight", '["normal", {"sigma": 1e999}]', (2, 2)), Code.REJECTED_INITIALIZER, "not a finite number"),
]


@pytest.mark.parametrize(("node", "code", "detail"), REFUSED)
def test_refused(node: Node, code: Code, detail: str) -> None:
    found = reading(node)
    assert [(item.code, detail in item.detail) for item in found.diagnostics] == [(code, True)]
    assert isinstance(found.model.layers[0].weights[0].initializer, Unsupported)


def test_a_name_without_a_known_end_is_rejected() -> None:
    nodes = [variable("data"), variable("w"), operator("FullyConnected", "fc", [0, 1], no_bias="True")]
    (finding,) = reading(*nodes).diagnostics
    assert finding.code is Code.REJECTED_INITIALIZER


def test_what_each_gate_starts_with() -> None:
    weight = weights(variable("lstm_bias", ["lstmbias", {"forget_bias": 2}], (400,)))["lstm_bias"][1]
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    assert truth.mean == pytest.approx(0.5)


@pytest.mark.parametrize(
    "data",
    [
        b'{"nodes": [{"op": "null"}], "heads": []}',
        b'{"nodes": [{"op": "a", "name": "b", "inputs": [[9, 0, 0]]}], "heads": []}',
        b'{"nodes": [{"op": "null", "name": "data"}], "heads": []}',
        b'{"nodes": [',
        b'{"nodes": ' + b"[" * 100_000,
        b"[]",
    ],
)
def test_unusable(data: bytes) -> None:
    with pytest.raises(InputError):
        read(data, path="net-symbol.json", source="mxnet")


@pytest.mark.parametrize("target", ["torch", "keras"])
def test_converts(target: str) -> None:
    assert detect("renamed", symbol(*FC)).name == "mxnet"
    text = convert(symbol(*FC), path="net-symbol.json", target=target).text
    assert text is not None
    compile(text, "init.py", "exec")


def test_many_layers_take_time_in_proportion() -> None:
    nodes: list[Node] = [variable("data")]
    for at in range(1000):
        first = len(nodes)
        nodes += [variable(f"fc{at}_weight", ["xavier", {}], (64, 64)), variable(f"fc{at}_bias", None, (64,)),
                  operator("FullyConnected", f"fc{at}", [first - 1, first, first + 1], num_hidden="64")]  # fmt: skip
    start = time.process_time()
    assert len(weights(*nodes)) == 2000
    assert time.process_time() - start < 2
