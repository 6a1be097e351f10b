"""Graphs that TensorFlow 1.4.1 and 1.15.5, Caffe2, MXNet 1.9.1 and ONNX wrote against what their programs say.

``graphs/expected.json`` holds the law of each variable out of the calls, and figures of what the frameworks drew."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import InputError
from initport.ir.initializers import (
    Constant,
    Identity,
    Orthogonal,
    Preset,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Unsupported,
    bind,
    canonical,
)
from initport.ir.model import Layer, Weight
from initport.ir.moments import moments
from initport.ir.scalar import Scalar
from initport.verify.stub_shapes import complete

FOLDER = Path(__file__).parent / "graphs"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())
CASES = [(name, variable) for name, file in EXPECTED.items() for variable in file["variables"]]
MEASURED = [case for case in CASES if "measured" in EXPECTED[case[0]]["variables"][case[1]]]

REFUSED = {"uniform_int": "RandomUniformInt", "lost": "not saved"}
"""What has no law, and the name of what is refused."""


@cache
def reading(name: str) -> Reading:
    return read((FOLDER / name).read_bytes(), path=name)


def found(case: tuple[str, str]) -> tuple[Layer, Weight]:
    """A part of a partitioned variable is where its whole is."""
    weights = {
        weight.location.key: (layer, weight) for layer in reading(case[0]).model.layers for weight in layer.weights
    }
    entry = weights.get(case[1]) or weights.get(case[1].rpartition("/part_")[0])
    assert entry is not None
    return entry


def number(scalar: Scalar, weight: Weight) -> float:
    value = scalar.evaluate(weight.dims)
    assert value is not None
    return value


def near(value: float) -> Any:
    return pytest.approx(value, rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_the_law_is_that_of_the_program(case: tuple[str, str]) -> None:
    row, (_, weight) = EXPECTED[case[0]]["variables"][case[1]], found(case)
    law = canonical(bind(weight.initializer, weight.dims))
    kind = row["kind"]
    if kind in REFUSED:
        assert isinstance(law, Unsupported)
        assert law.name == REFUSED[kind]
    elif kind == "checkpoint":
        assert isinstance(law, Unsupported)
        assert weight.source == "from a checkpoint; the graph's own is truncated normal stddev 0.02"
    elif kind == "same_values":
        assert weight.repeats == (row["of"], "parameter")
    elif kind == "array":
        assert isinstance(law, Preset)
        assert [number(value, weight) for value in law.values] == [1, 2, 3]
    elif case == ("mxnet_gluon_symbol.json", "dense0_weight"):
        assert number(weight.initializer.scale, weight) == near(2.24 / 3)  # type: ignore[union-attr]
    else:
        same(row, law, weight)


def same(row: dict[str, Any], law: Any, weight: Weight) -> None:
    match row["kind"]:
        case "constant":
            assert isinstance(law, Constant)
            assert number(law.value, weight) == near(row["value"])
        case "uniform" if "low" in row:
            assert isinstance(law, RandomUniform)
            assert (number(law.minval, weight), number(law.maxval, weight)) == (near(row["low"]), near(row["high"]))
        case "uniform":
            assert isinstance(law, RandomUniform)
            assert number(law.maxval, weight) ** 2 / 3 == near(row["var"])
            assert number(law.minval, weight) == -number(law.maxval, weight)
        case "normal" | "truncated_normal":
            assert isinstance(law, RandomNormal if row["kind"] == "normal" else TruncatedNormal)
            assert number(law.mean, weight) == near(row.get("mean", 0))
            assert number(law.stddev, weight) == near(row.get("stddev", math.sqrt(row.get("var", 0))))
        case "orthogonal":
            assert isinstance(law, Orthogonal)
            assert number(law.gain, weight) == near(row["gain"])
        case "identity":
            assert isinstance(law, Identity)
            assert number(law.gain, weight) == near(row["gain"])
        case other:
            pytest.fail(f"no such kind: {other}")


@pytest.mark.parametrize("case", MEASURED, ids="-".join)
def test_the_moments_are_those_of_the_draws(case: tuple[str, str]) -> None:
    measured, (_, weight) = EXPECTED[case[0]]["variables"][case[1]]["measured"], found(case)
    if isinstance(weight.initializer, Unsupported):
        return
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    assert measured["var"] == pytest.approx(truth.variance, rel=0.02, abs=1e-12)
    assert measured["min"] >= truth.low - 1e-6
    assert measured["max"] <= truth.high + 1e-6


def test_nearly_every_variable_has_a_law() -> None:
    """At least 95 of 100: the whole numbers alone have none."""
    names = [name for name, _ in [case for case in CASES if case[0] == "tf1_15.meta"]]
    refused = [
        case for case in CASES if case[0] == "tf1_15.meta" and isinstance(found(case)[1].initializer, Unsupported)
    ]
    assert refused == [("tf1_15.meta", "ints")]
    assert len(refused) / len(names) <= 0.05


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("name", [name for name, file in EXPECTED.items() if file["variables"]])
def test_every_file_converts(name: str, target: str) -> None:
    text = convert((FOLDER / name).read_bytes(), path=name, target=target).text
    assert text is not None
    assert "/author/" not in text
    compile(text, name, "exec")


def test_a_frozen_graph_is_refused_with_what_to_bring() -> None:
    with pytest.raises(InputError, match="use the graph that trained it"):
        reading("tf1_15_frozen.pb")
