"""Keras models in the saved_model.pb of TensorFlow 1.15 to 2.4."""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from initport.conversion import read
from initport.diagnostics import InputError
from initport.ir.model import Weight
from initport.ir.moments import moments


def field(number: int, content: bytes) -> bytes:
    size, head = len(content), bytearray([number << 3 | 2])
    while size >= 0x80:
        head.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes([*head, size]) + content


def saved_model(*records: bytes) -> bytes:
    """With the objects that have these records."""
    nodes = b"".join(field(1, field(4, field(1, b"_tf_keras_model") + field(3, record))) for record in records)
    graph = field(1, field(1, b"x") + field(2, b"NoOp"))
    return b"\x08\x01" + field(2, field(1, field(5, b"2.3.0")) + field(2, graph) + field(7, nodes))


LAYER = {"class_name": "Dense", "config": {"name": "d", "units": 3, "kernel_initializer": "he_normal"}}
MODEL = {"class_name": "Sequential", "config": {"name": "m", "layers": [LAYER]}, "keras_version": "2.4.0"}


def test_the_roots_record_is_read() -> None:
    data = saved_model(json.dumps(MODEL).encode(), json.dumps(LAYER).encode())
    model = read(data, path="saved_model.pb").model
    assert [(layer.name, [weight.role for weight in layer.weights]) for layer in model.layers] == [
        ("d", ["kernel", "bias"])
    ]


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (saved_model(b"{}"), "no op that starts them|no variables"),
        (saved_model(json.dumps(MODEL).encode())[:-20], "cut short"),
    ],
)
def test_unusable(data: bytes, detail: str) -> None:
    with pytest.raises(InputError, match=detail):
        read(data, path="saved_model.pb")


FOLDER = Path(__file__).parents[3] / "fixtures" / "keras_saved"
DRAWS: dict[str, dict[str, dict[str, Any]]] = json.loads((FOLDER / "draws.json").read_text())
CASES = [(file, name) for file, rows in DRAWS.items() for name in rows]


@cache
def written(file: str) -> dict[str, Weight]:
    """By layer and name, of a model that TensorFlow saved."""
    model = read((FOLDER / f"{file}.pb").read_bytes(), path="saved_model.pb").model
    return {f"{layer.name}/{weight.role}": weight for layer in model.layers for weight in layer.weights}


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_a_model_that_tensorflow_saved_starts_as_drawn(case: tuple[str, str]) -> None:
    """TensorFlow 1.15.5 and 2.4.4, by fixtures/keras_saved/models.py."""
    row, weight = DRAWS[case[0]][case[1]], written(case[0])[case[1]]
    assert weight.shape == tuple(row["shape"])
    law = moments(weight.initializer, weight.dims)
    assert law is not None
    assert row["low"] >= law.low - 1e-6
    assert row["high"] <= law.high + 1e-6
    if not row["var"]:
        assert (row["mean"], law.variance) == (pytest.approx(law.mean), 0)
        return
    assert abs(row["mean"] - law.mean) <= 5 * math.sqrt(row["var"] / row["n"])
    kurtosis = row["fourth"] / row["var"] ** 2
    assert abs(row["var"] / law.variance - 1) <= 5 * math.sqrt(max(kurtosis - 1, 0) / row["n"]) + 1e-9


def test_nothing_else_is_in_it() -> None:
    assert all(written(file).keys() == rows.keys() for file, rows in DRAWS.items())
