"""Layers that say the same are read once, and each is told of at its own place."""

import json
from typing import Any

import pytest

from initport.conversion import convert, read
from initport.diagnostics import Code
from initport.formats.keras.initializer_config import SUGGESTIONS
from initport.formats.keras.node import content_of
from initport.ir.model import Layer


def dense(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": 3, **config}}


def text(*layers: dict[str, Any]) -> str:
    return json.dumps({"class_name": "Sequential", "keras_version": "2.9.0", "config": {"layers": list(layers)}})


def meaning(layer: Layer) -> list[tuple[Any, ...]]:
    return [(w.role, w.initializer, w.source, w.implicit, w.layout, w.dims, w.shape) for w in layer.weights]


def test_each_has_its_own_name_and_place() -> None:
    said = {"kernel_initializer": {"class_name": "RandomNormal", "config": {"stddev": 0.3}}, "input_dim": 4}
    wrapped = {"class_name": "TimeDistributed", "config": {"name": "w", "layer": dense("i", **said)}}
    first, second, third = read(text(dense("a", **said), dense("b", **said), wrapped), path="m.json").model.layers
    assert [layer.name for layer in (first, second, third)] == ["a", "b", "w"]
    assert meaning(first) == meaning(second) == meaning(third)
    assert [str(layer.weights[0].location) for layer in (first, second, third)] == [
        "m.json:layers[0].config.kernel_initializer",
        "m.json:layers[1].config.kernel_initializer",
        "m.json:layers[2].config.layer.config.kernel_initializer",
    ]
    assert [str(layer.weights[1].location) for layer in (first, second)] == ["m.json:layers[0]", "m.json:layers[1]"]


@pytest.mark.parametrize(
    "change",
    [
        {"units": 4}, {"input_dim": 5}, {"use_bias": False}, {"kernel_initializer": "he_normal"},
        {"bias_initializer": {"class_name": "Constant", "config": {"value": 1}}},
    ],
    ids=str,
)  # fmt: skip
def test_what_differs_counts(change: dict[str, Any]) -> None:
    plain, other = dense("a", input_dim=4), dense("b", **{"input_dim": 4, **change})
    together = read(text(plain, other), path="m.json").model.layers
    alone = [read(text(layer), path="m.json").model.layers[0] for layer in (plain, other)]
    assert [meaning(layer) for layer in together] == [meaning(layer) for layer in alone]
    assert meaning(together[0]) != meaning(together[1])


def test_what_is_refused_is_told_of_every_layer() -> None:
    found = convert(text(*(dense(name, kernel_initializer="my_init") for name in "ab")), path="m.json").diagnostics
    assert [str(item.location) for item in found if item.code is Code.UNKNOWN_INITIALIZER] == [
        "m.json:layers[0].config.kernel_initializer",
        "m.json:layers[1].config.kernel_initializer",
    ]


def test_a_like_name_is_looked_for_a_hundred_times() -> None:
    layers = [dense(f"d{index}", kernel_initializer=f"he_norma{index}") for index in range(SUGGESTIONS + 2)]
    found = [item.detail for item in convert(text(*layers), path="m.json").diagnostics]
    assert sum("did you mean 'he_normal'" in detail for detail in found) == SUGGESTIONS
    assert found[-1].endswith("initialize this weight yourself")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "name": "x"}, {"a": 1, "name": "y"}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": 1}, {"a": 1.0}, False),
        ({"a": [1, None]}, {"a": [1, 0]}, False),
        ({"a": ""}, {"a": " "}, False),
        ({}, {"name": "x"}, True),
    ],
)
def test_content(one: Any, other: Any, same: bool) -> None:
    first, second = (content_of({"config": json.loads(json.dumps(value))}) for value in (one, other))
    assert (first == second) == same


def test_what_has_no_content_as_bytes() -> None:
    deep: Any = {}
    for _ in range(3_000):
        deep = {"a": deep}
    assert content_of({"config": deep}) is None
