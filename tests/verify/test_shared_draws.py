"""Weights that start by the same code on the same shape share their draws; each weight's own values count as well."""

import json
from typing import Any

import numpy as np
import pytest

from initport.verify.measure import verify
from initport.verify.programs import serve

WEIGHT: dict[str, Any] = {
    "name": "a", "shape": [4, 5], "slices": [], "center": 0.0, "low": None, "high": None, "edges": [], "draws": 10_000,
}  # fmt: skip


class Counting:
    """A target whose weights all start at their number, and that counts the draws of each function."""

    def __init__(self, functions: dict[str, Any]) -> None:
        self.functions, self.drawn = functions, dict.fromkeys(functions, 0)

    def start(self, weight: Any) -> Any:
        return np.full(weight["shape"], float(list(self.functions).index(weight["name"])))

    def function(self, weight: Any) -> Any:
        return self.functions[weight["name"]]

    def key_of(self, function: Any) -> Any:
        return serve.code_key(function)

    def draw(self, function: Any, weight: Any) -> Any:
        self.drawn[weight["name"]] += 1
        return np.zeros(weight["shape"])


def measure(target: Counting, *weights: dict[str, Any], jobs: int = 1) -> list[Any]:
    asked = [{"path": "m.py", "text": "", "weights": list(weights)}] * jobs
    handler = serve.measuring("none", lambda job, namespace: target)
    found = handler({"memory": None, "jobs": asked}, lambda done, of: None)
    return [answer for job in found["jobs"] for answer in job]


def functions(*texts: str) -> dict[str, Any]:
    """Functions by the letters of the alphabet, compiled apart, as the lines of a module are."""
    return {name: eval(text) for name, text in zip("abcdef", texts, strict=False)}


def test_no_weight() -> None:
    assert measure(Counting({})) == []


def test_equal_laws_are_drawn_once() -> None:
    target = Counting(functions(*["lambda w: w.normal_(0, 0.5)"] * 3))
    found = measure(target, *({**WEIGHT, "name": name} for name in "abc"))
    assert target.drawn == {"a": 499, "b": 0, "c": 0}  # 20 values each, and the weight's own start
    assert found[0]["pool"] == found[1]["pool"] == found[2]["pool"]
    assert [answer["own"]["sums"][4] for answer in found] == [0, 1, 2]


def test_equal_laws_of_several_files_are_drawn_once() -> None:
    target = Counting(functions("lambda w: w.zero_()"))
    assert len(measure(target, WEIGHT, jobs=3)) == 3
    assert target.drawn == {"a": 499}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("lambda w: w.normal_(0, 0.25)", {}),
        ("lambda w: w.uniform_(0, 0.5)", {}),
        ("lambda w: w.normal_(0, 0.5)", {"shape": [5, 4]}),
        ("lambda w: w.normal_(0, 0.5)", {"slices": [[0, 1, 2]]}),
        ("lambda w: w.normal_(0, 0.5)", {"center": 1.0}),
        ("lambda w: w.normal_(0, 0.5)", {"draws": 20_000}),
    ],
    ids=str,
)
def test_what_differs_is_drawn_by_itself(code: str, change: dict[str, Any]) -> None:
    target = Counting(functions("lambda w: w.normal_(0, 0.5)", code))
    measure(target, WEIGHT, {**WEIGHT, "name": "b", **change})
    assert all(target.drawn.values())


def test_what_closes_over_a_value_is_drawn_by_itself() -> None:
    def filling(stddev: float) -> Any:
        return lambda w: w.normal_(0, stddev)

    target = Counting({"a": filling(0.5), "b": filling(0.25)})
    measure(target, WEIGHT, {**WEIGHT, "name": "b"})
    assert all(target.drawn.values())


def dense(name: str, units: int) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": units, "batch_input_shape": [None, units]}}


def test_a_models_weights_share_their_draws() -> None:
    """Three layers of the same shape and one of another: the samples of the first are one, with one variance."""
    layers = [dense(name, units) for name, units in (("a", 8), ("b", 8), ("c", 8), ("d", 16))]
    model = {"class_name": "Sequential", "keras_version": "2.9.0", "config": {"layers": layers}}
    checks = verify(json.dumps(model), path="m.json", target="torch", effect=0.05)
    kernels = {check.entry.layer.name: check.sample for check in checks if check.entry.weight.role == "kernel"}
    assert kernels["a"] == kernels["b"] == kernels["c"]
    assert kernels["a"].n > 8 * 8
    assert kernels["a"].variance != kernels["d"].variance
