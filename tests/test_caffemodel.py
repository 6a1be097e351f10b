"""A .caffemodel says the same as the prototxt that it was made from."""

from pathlib import Path
from typing import Any

import pytest
from google.protobuf import text_format

from initport.conversion import convert, plan_for, read
from initport.formats.caffe.binary_messages import message_class
from tests.fixtures import CASES, source

TEXTS = [
    case for case in CASES if case.name in ("lenet", "alexnet_groups", "recurrent", "siamese", "format_v1", "format_v0")
]


def caffemodel(case: Path) -> bytes:
    net: Any = message_class("NetParameter")()
    text_format.Parse(source(case).read_text(), net, allow_unknown_field=True)
    for layer in (*net.layer, *net.layers):
        layer.blobs.add(data=[1.5] * 10, num=10)
    data = net.SerializeToString()
    assert isinstance(data, bytes)
    return data


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case.name)
def test_the_weights_start_the_same(case: Path) -> None:
    text = read(source(case).read_bytes(), path="a.prototxt").model
    binary = read(caffemodel(case), path="a.caffemodel").model
    for one, other in zip(text.layers, binary.layers, strict=True):
        assert (one.name, one.kind) == (other.name, other.kind)
        for left, right in zip(one.weights, other.weights, strict=True):
            assert (left.initializer, left.shape, left.source) == (right.initializer, right.shape, right.source)


def test_numbers_print_as_the_author_wrote_them() -> None:
    case = next(case for case in TEXTS if case.name == "alexnet_groups")
    emitted = convert(caffemodel(case), path="a.caffemodel").text
    assert emitted is not None
    assert "std=0.01)" in emitted
    assert "0.005)" in emitted
    assert "# binary: gaussian std: 0.01; var 0.01 ** 2 = 0.0001" in emitted


def test_the_plan_is_the_same() -> None:
    case = next(case for case in TEXTS if case.name == "lenet")
    plans = [plan_for(read(data, path="net").model, "keras") for data in (source(case).read_bytes(), caffemodel(case))]
    texts = [[spelling.text for _, spelling in plan.emitted] for plan in plans]
    assert texts[0] == texts[1]
