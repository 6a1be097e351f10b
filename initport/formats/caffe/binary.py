"""Reads a `.caffemodel`: a NetParameter in protobuf's binary format, of which only the weights are left out.

The weights are cut out of the bytes before protobuf sees them, so that memory stays near the size of the file.
Authority for the cutting: https://protobuf.dev/programming-guides/encoding/
"""

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe.decode import looks_binary, reject_other_kinds
from initport.formats.caffe.descriptors import descriptor, message_class
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.tree import Message, Value
from initport.formats.caffe.values import shortest_decimal
from initport.ir.location import Location

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

__all__ = ["looks_binary", "parse"]

_BYTES = 2  # the wire type of messages and strings


class _MalformedError(ValueError):
    """The bytes are not protobuf's wire format, or end within a field."""


def parse(data: bytes, path: str) -> Message:
    """The NetParameter in ``data`` without blobs; locations have no line. Raises InputError(UNREADABLE)."""
    reject_other_kinds(data, path)
    try:
        message = message_class("NetParameter")()
        message.ParseFromString(_without_blobs(memoryview(data), descriptor("NetParameter")))
    except (_MalformedError, DecodeError) as error:
        seems = "a caffemodel that was cut short" if _starts_like_net(data) else "no text and no caffemodel"
        problem = Diagnostic(Code.UNREADABLE, Location(path), f"this seems to be {seems} ({len(data)} bytes)")
        raise InputError(problem) from error
    return _tree(message, Location(path))


def _starts_like_net(data: bytes) -> bool:
    """Whether the first field is one that NetParameter begins with: its name, `layers`, `input` or `layer`."""
    return data[:1] in (b"\x0a", b"\x12", b"\x1a") or data[:2] == b"\xa2\x06"


def _without_blobs(view: memoryview, message: "Descriptor") -> bytes:
    """The bytes of a net, or of a layer, without the fields `blobs`."""
    kept = bytearray()
    for number, wire_type, start, body, end in _wire_fields(view):
        field = message.fields_by_number.get(number)
        if field is None or wire_type != _BYTES or field.message_type is None:
            kept += view[start:end]
        elif field.message_type.name in _LAYERS:
            layer = _without_blobs(view[body:end], field.message_type)
            kept += _varint(number << 3 | _BYTES) + _varint(len(layer)) + layer
        elif field.name != "blobs":
            kept += view[start:end]
    return bytes(kept)


_LAYERS = frozenset({"LayerParameter", "V1LayerParameter", "V0LayerParameter"})


def _wire_fields(view: memoryview) -> Iterator[tuple[int, int, int, int, int]]:
    """Field number, wire type, and the offsets of the field, of its content, and behind it."""
    position = 0
    while position < len(view):
        start = position
        tag, position = _read_varint(view, position)
        body = position
        match tag & 7:
            case 0:
                _, position = _read_varint(view, position)
            case 1:
                position += 8
            case 2:
                size, body = _read_varint(view, position)
                position = body + size
            case 5:
                position += 4
            case _:
                raise _MalformedError
        if position > len(view):
            raise _MalformedError
        yield tag >> 3, tag & 7, start, body, position


def _read_varint(view: memoryview, position: int) -> tuple[int, int]:
    value = 0
    for shift, byte in zip(range(0, 70, 7), view[position : position + 10], strict=False):
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position + shift // 7 + 1
    raise _MalformedError


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value >= 0x80:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*encoded, value))


def _tree(message: Any, location: Location) -> Message:
    fields: dict[str, tuple[Value, ...]] = {}
    for field, content in message.ListFields():
        items = content if _is_repeated(content) else (content,)
        fields[field.name] = tuple(Value(_value(field, item, location), location) for item in items)
    return Message(message_type(message.DESCRIPTOR.name), location, fields)


def _is_repeated(content: Any) -> bool:
    return hasattr(content, "extend")  # a repeated field's container; FieldDescriptor.label is deprecated


def _value(field: "FieldDescriptor", item: Any, location: Location) -> Any:
    if field.message_type is not None:
        return _tree(item, location)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(item)
        return known.name if known else str(item)
    if isinstance(item, bytes):  # upb's form of a proto2 string that is not UTF-8
        return item.decode("latin-1")
    if not isinstance(item, float):
        return item
    if not math.isfinite(item):
        detail = f"`{field.name}` wants a finite number, not {item}"
        raise InputError(Diagnostic(Code.WRONG_VALUE, location, detail))
    return shortest_decimal(item)
