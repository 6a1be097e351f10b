"""The fields of a message in protobuf's binary format, without a schema.

Authority: https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

from initport.records import NamedTuple

BYTES = 2
"""The wire type of messages and strings."""


class WireError(ValueError):
    """The bytes are not protobuf's binary format, or end within a field."""


class Field(NamedTuple):
    """One field's number and wire type, and the offsets of its tag, of its content, and behind it."""

    number: int
    wire_type: int
    start: int
    body: int
    end: int


def fields(view: memoryview) -> Iterator[Field]:
    """The fields in their order; groups are refused. Raises WireError when it comes to what is malformed."""
    position = 0
    while position < len(view):
        start = position
        tag, position = read_varint(view, position)
        body = position
        match tag & 7:
            case 0:
                _, position = read_varint(view, position)
            case 1:
                position += 8
            case 2:
                size, body = read_varint(view, position)
                position = body + size
            case 5:
                position += 4
            case other:
                raise WireError(f"the wire type {other} at byte {start}")
        if position > len(view):
            raise WireError(f"the field at byte {start} ends behind the data")
        yield Field(tag >> 3, tag & 7, start, body, position)


def read_varint(view: memoryview, position: int) -> tuple[int, int]:
    """The number at a position, and the position behind it. Raises WireError."""
    if position < len(view) and (first := view[position]) < 0x80:
        return first, position + 1
    value = 0
    for shift, byte in zip(range(0, 70, 7), view[position : position + 10], strict=False):
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + shift // 7 + 1
    raise WireError(f"the number at byte {position} does not end")


def varint(value: int) -> bytes:
    """A number from 0 as protobuf writes it."""
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*encoded, value))
