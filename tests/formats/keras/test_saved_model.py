"""Keras models in the saved_model.pb of TensorFlow 1.15 to 2.4."""

import json

import pytest

from initport.conversion import read
from initport.diagnostics import InputError


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
