"""Binary messages of parts without content are refused before protobuf takes memory for them."""

from typing import Any

import pytest

from initport.conversion import convert
from initport.diagnostics import Code, InputError
from initport.formats.caffe2.net_def import parse
from initport.formats.descriptors import EMPTY_LIMIT, EmptyPartsError, parse_message
from initport.formats.graph.messages import message_class
from initport.formats.graph.saved_graph import NODES_LIMIT
from initport.formats.wire import varint
from tests.formats.graph.build import const, graph, reading, started, tensor, weights

OVER = EMPTY_LIMIT + 1


def part(field: int, content: bytes) -> bytes:
    return bytes((field << 3 | 2,)) + varint(len(content)) + content


def inside(*path: int, content: bytes) -> bytes:
    """Of fields in each other, outermost first."""
    for field in reversed(path):
        content = part(field, content)
    return content


FULL = graph(const("value", 1.0), *started("value", ()))
CASES = {
    "no more than the limit": (b"\n\0" * EMPTY_LIMIT, True),
    "nodes": (b"\n\0" * OVER, False),
    "attributes": (inside(1, content=b"*\0" * OVER), False),
    "inputs": (inside(1, content=b"\x1a\0" * OVER), False),
    "sizes of a tensor": (inside(1, 5, 2, 8, 2, content=b"\x12\0" * OVER), False),
    "functions": (inside(2, content=b"\n\0" * OVER), False),
    "functions' nodes": (inside(2, 1, content=b"\x1a\0" * OVER), False),
    "behind a part that is damaged": (inside(1, content=b"*\0" * OVER) + inside(1, content=b"\n\5"), False),
    "numbers of a tensor": (inside(1, 5, 2, 8, 4, content=b"\n\0" * OVER), True),
    "what the schema does not know": (inside(9, content=b"\n\0" * OVER), True),
}


@pytest.mark.parametrize("case", CASES)
def test_empty_parts_are_counted(case: str) -> None:
    data, fits = CASES[case]
    if fits:
        parse_message(message_class("GraphDef"), data)
    else:
        with pytest.raises(EmptyPartsError):
            parse_message(message_class("GraphDef"), data)


def test_a_graph_of_empty_nodes_is_refused() -> None:
    (found,) = convert(FULL + b"\n\0" * OVER, path="graph.pb").diagnostics
    assert (found.code, found.detail) == (Code.TOO_LARGE, f"over {EMPTY_LIMIT:,} of its parts are empty")


def test_a_weight_of_numbers_that_look_like_empty_parts_is_read() -> None:
    """Ten, as 32-bit numbers, over and over."""
    value: Any = const("value", 10, (OVER,), "int32")
    value.attr[0].value.tensor.CopyFrom(tensor([], (OVER,), "int32"))
    value.attr[0].value.tensor.tensor_content = b"\n\0\0\0" * OVER
    assert list(weights(reading(graph(value, *started("value", (OVER,)))))) == ["v"]


def test_more_nodes_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from initport.formats.graph import saved_graph

    monkeypatch.setattr(saved_graph, "NODES_LIMIT", 3)
    (found,) = convert(FULL, path="graph.pb").diagnostics
    assert (found.code, found.detail) == (Code.TOO_LARGE, "there are over 3 nodes")
    assert NODES_LIMIT >= 1_000_000


def test_a_net_of_caffe2_is_counted_too() -> None:
    net = part(2, part(2, b"w") + part(4, b"XavierFill"))
    with pytest.raises(InputError) as error:
        parse(net + inside(2, content=b"\n\0" * OVER), "init_net.pb")
    assert isinstance(error.value.__cause__, EmptyPartsError)
