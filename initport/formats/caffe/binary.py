"""Reads a `.caffemodel`: a NetParameter in protobuf's binary format, of which only the weights are left out.

The weights are cut out of the bytes before protobuf sees them, so that memory stays near the size of the file.
"""

import math
from typing import TYPE_CHECKING, Any

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe.binary_messages import descriptor, message_class
from initport.formats.caffe.decode import looks_binary, reject_other_kinds
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.text_values import shortest_decimal
from initport.formats.caffe.tree import Message, Value
from initport.formats.descriptors import parse_message
from initport.formats.wire import BYTES, WireError, fields, varint
from initport.ir.location import Location

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

__all__ = ["looks_binary", "parse"]


def parse(data: bytes, path: str) -> Message:
    """The NetParameter in ``data`` without blobs; locations have no line. Raises InputError(UNREADABLE)."""
    reject_other_kinds(data, path)
    try:
        kept = _without_blobs(memoryview(data), descriptor("NetParameter"))
        message = parse_message(message_class("NetParameter"), kept)
    except (WireError, DecodeError) as error:
        cut = _starts_like_net(data)
        detail = "this seems to be a caffemodel that was cut short" if cut else "this is neither text nor a caffemodel"
        problem = Diagnostic(Code.UNREADABLE, Location(path), f"{detail} ({len(data)} bytes)")
        raise InputError(problem) from error
    return _tree(message, Location(path))


def _starts_like_net(data: bytes) -> bool:
    """Whether the first field is one that NetParameter begins with: its name, `layers`, `input` or `layer`."""
    return data[:1] in (b"\x0a", b"\x12", b"\x1a") or data[:2] == b"\xa2\x06"


def _without_blobs(view: memoryview, message: "Descriptor") -> bytes:
    """The bytes of a net, or of a layer, without the fields `blobs`."""
    kept = bytearray()
    for number, wire_type, start, body, end in fields(view):
        field = message.fields_by_number.get(number)
        if field is None or wire_type != BYTES or field.message_type is None:
            kept += view[start:end]
        elif field.message_type.name in _LAYERS:
            layer = _without_blobs(view[body:end], field.message_type)
            kept += varint(number << 3 | BYTES) + varint(len(layer)) + layer
        elif field.name != "blobs":
            kept += view[start:end]
    return bytes(kept)


_LAYERS = frozenset({"LayerParameter", "V1LayerParameter", "V0LayerParameter"})


def _tree(message: Any, location: Location) -> Message:
    found: dict[str, tuple[Value, ...]] = {}
    for field, content in message.ListFields():
        items = content if _is_repeated(content) else (content,)
        found[field.name] = tuple(Value(_value(field, item, location), location) for item in items)
    return Message(message_type(message.DESCRIPTOR.name), location, found)


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
