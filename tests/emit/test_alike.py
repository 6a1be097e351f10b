"""Layers that are alike are written once: each of them gets what it would get alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from initport.conversion import convert
from initport.emit import alike
from initport.emit.targets import names
from initport.ir.model import Layer

NAMES = (
    "a", "b", "", "ünder", 'quo"te', "it's", "back\\slash", "tab\there", "{0}", "%s", "@", "@~^`|$!?&;%", "n" * 40,
    "n" * 75, "outer/inner",
)  # fmt: skip


def dense(name: str, **config: Any) -> dict[str, Any]:
    given = {"class_name": "VarianceScaling", "config": {"scale": 1.5, "mode": "fan_out", "distribution": "uniform"}}
    return {"class_name": "Dense", "config": {"name": name, "units": 3, "kernel_initializer": given, **config}}


def text(layers: list[dict[str, Any]], depth: int = 0) -> str:
    model: dict[str, Any] = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
    for index in range(depth):
        model = {"class_name": "Sequential", "config": {"name": f"m{index}", "layers": [model]}}
    return json.dumps({**model, "keras_version": "2.9.0"})


def heads(layer: str) -> dict[str, Any]:
    """A layer with a weight whose parts are parameters of their own in some targets."""
    return {"class_name": "LSTM", "config": {"name": layer, "units": 4, "batch_input_shape": [None, 5, 4]}}


MODELS: dict[str, str] = {
    "no layer": text([]),
    "one layer": text([dense("a")]),
    "no two alike": text([dense("a"), dense("b", units=4)]),
    "all alike": text([dense(name) for name in NAMES]),
    "one is refused": text([dense(name, bias_initializer="my_init") for name in "abc"]),
    "two of one name": text([dense(name) for name in "abab"]),
    "deep": text([dense(name) for name in "abc"], depth=12),
    "wrapped": text([{"class_name": "TimeDistributed", "config": {"name": f"w{name}", "layer": dense(name)}}
                     for name in "abc"] + [dense(name) for name in "abc"]),
    "recurrent": text([heads(name) for name in "abc"]),
}  # fmt: skip


@pytest.mark.parametrize("target", names())
@pytest.mark.parametrize("model", MODELS)
def test_as_if_each_were_alone(model: str, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = convert(MODELS[model], path="m.json", target=target)
    monkeypatch.setattr(alike, "_template", lambda *_: None)
    alone = convert(MODELS[model], path="m.json", target=target)
    assert found.text is not None
    assert (found.text, found.diagnostics) == (alone.text, alone.diagnostics)


def test_one_is_written_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    make: Callable[..., Any] = alike._template

    def record(layer: Layer, *rest: Any) -> Any:
        written.append(layer.name)
        return make(layer, *rest)

    monkeypatch.setattr(alike, "_template", record)
    found = convert(text([dense(f"d{index}") for index in range(500)]), path="m.json", target="torch")
    assert written == ["d1", "d1"]  # for the two tables
    assert str(found.text).count('("d499", "') == 4


@pytest.mark.parametrize(
    ("name", "place", "lines"),
    [
        ("b", "layers[1]", 'at layers[1]: "b"'),
        ("12345678", "123456789012", 'at 123456789012: "12345678"'),
        ("123456789", "p", None),
        ("b", "1234567890123", None),
        ('"', "p", None),
        ("\\", "p", None),
        ("é", "p", None),
        ("b", "\n", None),
        ("~", "p", 'at p: "~"'),
        ("~", "@", None),
    ],
)
def test_a_template_is_filled_where_it_changes_no_layout(name: str, place: str, lines: str | None) -> None:
    template = alike._Template('at ~: "@"', "@", "~", 8, 12)
    assert template.fill(name, place) == lines
