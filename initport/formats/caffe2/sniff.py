"""What a file's first bytes say: whether it is a net of Caffe2."""

import re
from collections.abc import Iterator

from initport.formats.wire import BYTES, Field, WireError, fields
from initport.regex import Pattern

_TEXT = Pattern(rb"^(?:external_(?:in|out)put\s*:|op\s*\{\s*(?:(?:in|out)put|name|type)\s*:)", re.MULTILINE)


def looks_text(start: bytes) -> bool:
    return b"\0" not in start and _TEXT.search(start) is not None


def looks_binary(start: bytes) -> bool:
    """Whether data are a NetDef, by their first operator, of which a type and an output have their own numbers: those
    of no message that other formats begin with."""
    view = memoryview(start)
    for field in _whole(view):
        if (field.number, field.wire_type) == (2, BYTES):
            inner = {item.number: bytes(view[field.body + item.body : field.body + item.end])
                     for item in _whole(view[field.body : field.end]) if item.wire_type == BYTES}  # fmt: skip
            return 2 in inner and inner.get(4, b"").isalnum() and inner[4][:1].isupper()
        if field.wire_type != BYTES or field.number != 1:
            return False
    return False


def _whole(view: memoryview) -> Iterator[Field]:
    """The fields up to the first that is malformed, or that goes beyond what there is."""
    try:
        yield from fields(view)
    except WireError:
        return
