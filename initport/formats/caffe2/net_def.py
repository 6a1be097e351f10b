"""A net of Caffe2 in either of protobuf's forms.

Authority: caffe2/proto/caffe2.proto of PyTorch 1.10.2.
"""

from functools import cache
from typing import Any

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe2.sniff import looks_binary
from initport.formats.descriptors import class_of, descriptor_pool, parse_message
from initport.formats.proto import read_schema
from initport.formats.protobuf_text import parse_text
from initport.ir.location import Location


@cache
def _net_class() -> Any:
    pool = descriptor_pool(read_schema("caffe2.proto"))
    return class_of(pool.FindMessageTypeByName("caffe2.NetDef"))


def parse(data: bytes, path: str) -> Any:
    """The NetDef, in which what is no UTF-8 in place of a name is bytes. Raises InputError where the bytes are none."""
    if looks_binary(data):
        try:
            return parse_message(_net_class(), data)
        except DecodeError as error:
            raise unreadable(data, path) from error
    message = _net_class()()
    parse_text(data, message, path, "net of Caffe2", "save it in binary (SerializeToString)")
    return message


def unreadable(data: bytes, path: str) -> InputError:
    detail = f"this seems to be a net of Caffe2 that was cut short or damaged ({len(data)} bytes)"
    return InputError(Diagnostic(Code.UNREADABLE, Location(path), detail))
