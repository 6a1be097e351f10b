"""A net of Caffe2 in either of protobuf's forms.

Authority: caffe2/proto/caffe2.proto of PyTorch 1.10.2.
"""

from functools import cache
from typing import Any

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe2.sniff import looks_binary
from initport.formats.descriptors import class_of, descriptor_pool
from initport.formats.proto import read_proto
from initport.grammar.files import grammar_file
from initport.ir.location import Location

TEXT_LIMIT = 32_000_000
"""Bytes of a text at most: protobuf reads two million a second."""


@cache
def _net_class() -> Any:
    pool = descriptor_pool(read_proto(grammar_file("caffe2.proto")))
    return class_of(pool.FindMessageTypeByName("caffe2.NetDef"))


def parse(data: bytes, path: str) -> Any:
    """The NetDef, in which what is no UTF-8 in place of a name is bytes. Raises InputError where the bytes are none."""
    message = _net_class()()
    if looks_binary(data):
        try:
            message.ParseFromString(data)
        except DecodeError as error:
            raise unreadable(data, path) from error
        return message
    return _text(data, path, message)


def unreadable(data: bytes, path: str) -> InputError:
    detail = f"this seems to be a net of Caffe2 that was cut short or damaged ({len(data)} bytes)"
    return InputError(Diagnostic(Code.UNREADABLE, Location(path), detail))


def _text(data: bytes, path: str, message: Any) -> Any:
    from google.protobuf import text_format

    if len(data) > TEXT_LIMIT:
        detail = f"a net as text of over {TEXT_LIMIT} bytes; save it in binary (SerializeToString)"
        raise InputError(Diagnostic(Code.TOO_LARGE, Location(path), detail))
    try:
        text_format.Parse(data.decode("utf-8"), message, allow_unknown_field=True)
    except text_format.ParseError as error:
        detail = f"the text is not a net of Caffe2: {str(error).partition(' : ')[2] or 'it cannot be read'}"
        place = Location(path, error.GetLine(), error.GetColumn())
        raise InputError(Diagnostic(Code.SYNTAX, place, detail[:300])) from error
    except (RecursionError, UnicodeDecodeError, ValueError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else "the text is not UTF-8"
        raise InputError(Diagnostic(Code.SYNTAX, Location(path), detail)) from error
    return message
