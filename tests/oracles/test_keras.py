"""Our moments against real Keras's figures, from 1.0.0 to 3.15.1 and tf_keras 2.21, and its refusals against ours.

``keras/measured.jsonl`` holds one case a line: what a release drew for one initializer or one weight of a layer.
"""

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from initport.conversion import read
from initport.formats.keras.initializer_config import argument
from initport.formats.keras.node import Node
from initport.formats.read_options import Options
from initport.grammar.call import Argument, Call
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, RejectedError
from initport.grammar.version import parse_version
from initport.ir.initializers import Blocks, Constant, Identity, Initializer, canonical
from initport.ir.model import Weight
from initport.ir.moments import moments
from initport.ir.scalar import Dim, Scalar, roles
from initport.ir.weights import Axis, Layout, Role

CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "keras" / "measured.jsonl").read_text().splitlines()
]
FALSE_ALARM = 5.0
"""Standard errors: of the 1,274 comparisons here, one would be beyond by chance in 1,300 such suites."""

ROLES = {
    "W": Role.KERNEL, "kernel": Role.KERNEL, "embeddings": Role.KERNEL, "b": Role.BIAS, "bias": Role.BIAS,
    "U": Role.RECURRENT_KERNEL, "recurrent_kernel": Role.RECURRENT_KERNEL, "gamma": Role.GAMMA, "beta": Role.BETA,
    "running_mean": Role.MOVING_MEAN, "running_std": Role.MOVING_VARIANCE, "moving_mean": Role.MOVING_MEAN,
    "moving_variance": Role.MOVING_VARIANCE, "alpha": Role.ALPHA, "alphas": Role.ALPHA, "b_carry": Role.CARRY_BIAS,
    "t_left": Role.LEFT_THRESHOLD, "a_left": Role.LEFT_SLOPE, "t_right": Role.RIGHT_THRESHOLD,
    "a_right": Role.RIGHT_SLOPE, "betas": Role.BETA, "bias_input": Role.BIAS, "bias_recurrent": Role.RECURRENT_BIAS,
    "W_carry": Role.CARRY_KERNEL, "depthwise_kernel": Role.DEPTHWISE_KERNEL, "pointwise_kernel": Role.POINTWISE_KERNEL,
}  # fmt: skip
GATES = {"LSTM": "ifco", "GRU": "zrh", "ConvLSTM2D": "ifco"}
_NAME = re.compile(r"(?:q_|[a-z0-9]+_\d+_)?([A-Za-z_]+?)(?:_([ifcozrh]))?(?::0)?")


def ids(case: dict[str, Any]) -> str:
    said = ",".join(f"{name}={value}" for name, value in case["kwargs"].items())
    return f"{case['version']}-{case['api'].rpartition('.')[2]}({said})-{case.get('variable', case['shape'])}"


INITIALIZERS = [case for case in CASES if ".layers." not in case["api"]]
LAYERS = [case for case in CASES if ".layers." in case["api"]]


def framework(case: Mapping[str, Any]) -> str:
    return "tf_keras" if case["api"].startswith("tf_keras") else "keras_config"


def meaning(case: Mapping[str, Any]) -> Initializer:
    """What the case's initializer means on a weight of the case's very shape."""
    arguments: dict[str, Argument] = {name: argument(Node(value, "case")) for name, value in case["kwargs"].items()}
    name = arguments.pop("identifier", None) or case["api"].rpartition(".")[2]
    layout = Layout(tuple(Axis(Scalar.of(Dim(f"n{size}"))) for size in case["shape"] or ()))
    spoken = vocabulary(framework(case), parse_version(case["version"]))
    call = Call(str(name), (), tuple(arguments.items()))
    violated = spoken.violation(call, layout, sizes(case))
    if violated is not None:
        raise RejectedError(violated)
    return spoken.meaning(call, layout)


def sizes(case: Mapping[str, Any]) -> dict[str, int]:
    return {f"n{size}": size for size in case["shape"] or ()}


def agrees(initializer: Initializer, dims: Mapping[str, int], case: Mapping[str, Any]) -> None:
    initializer = canonical(initializer)
    truth = moments(initializer, dims)
    assert truth is not None
    parts = initializer.parts if isinstance(initializer, Blocks) else (initializer,)
    if all(isinstance(part, Identity | Constant) for part in parts):
        found = (case["mean"], case["var"])
        assert found == pytest.approx((truth.mean, truth.variance), rel=1e-5, abs=1e-9)
        return
    assert abs(case["mean"] - truth.mean) <= FALSE_ALARM * math.sqrt(truth.variance / case["n"])
    assert abs(case["var"] - truth.variance) <= FALSE_ALARM * case["se_var"]
    assert FALSE_ALARM * case["se_var"] < 0.25 * truth.variance, "the sample is too small to see anything"
    slack = 1e-6 * max(abs(case["min"]), abs(case["max"]))
    assert truth.low - slack <= case["min"]
    assert case["max"] <= truth.high + slack


@pytest.mark.parametrize("case", INITIALIZERS, ids=ids)
def test_initializers(case: dict[str, Any]) -> None:
    if "error" in case:
        with pytest.raises(MeaningError):
            meaning(case)
    else:
        agrees(meaning(case), sizes(case), case)


def fit(layout: Layout, shape: list[int], known: dict[str, int]) -> dict[str, int]:
    """The sizes by role that give a weight of that layout this shape; a role that is left over is 1."""
    dims = dict(known)
    pairs = list(zip(reversed(layout.axes), reversed(shape), strict=False))
    while True:
        missing = {name for axis, _ in pairs for name in roles(axis.size) if name not in dims and not axis.many}
        if not missing:
            return dims
        for axis, size in pairs:
            unknown = roles(axis.size) - set(dims)
            if len(unknown) == 1 and not axis.many:
                rest = axis.size.evaluate({**dims, (name := unknown.pop()): 1})
                assert rest is not None
                dims[name] = round(size / rest)
                break
        else:
            dims["mult"] = 1


def weight(case: Mapping[str, Any]) -> tuple[Weight, str | None, str]:
    """The weight that the case measured, as read from a config of its layer, and the gate that it is of."""
    matched = _NAME.fullmatch(case["variable"])
    assert matched is not None
    name, gate = matched.groups()
    type_ = case["api"].rpartition(".")[2]
    config = {"name": "layer", "units": 1, **case["kwargs"]}
    if framework(case) == "tf_keras" or parse_version(case["version"]) >= (2,):
        config.setdefault("reset_after", framework(case) == "tf_keras" or case["version"] >= "3")
    source = json.dumps({"class_name": type_, "config": config})
    version = case["version"]
    model = read(source, source="keras", options=Options(version=version)).model
    (layer,) = model.layers
    found = {item.role: item for item in layer.weights}
    role = Role.BIASES if ROLES[name] is Role.BIAS and Role.BIASES in found else ROLES[name]
    return found[role], gate, type_


@pytest.mark.parametrize("case", LAYERS, ids=ids)
def test_weights_of_layers(case: dict[str, Any]) -> None:
    found, gate, type_ = weight(case)
    assert found.layout is not None
    initializer, layout = found.initializer, found.layout
    if gate is not None:
        count = len(GATES[type_])
        layout = layout.part(-1, count)
        parts = initializer.parts if isinstance(initializer, Blocks) else (initializer,) * count
        initializer = parts[GATES[type_].index(gate)]
    known = found.dims if "batch_input_shape" in case["kwargs"] else {"groups": case["kwargs"].get("groups", 1)}
    agrees(initializer, fit(layout, case["shape"], dict(known)), case)
