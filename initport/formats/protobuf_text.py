"""Messages in protobuf's text form, as far as protobuf's own parser takes them; a prototxt has one of ours."""

from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

LIMIT = 32_000_000
"""Bytes of a text at most: protobuf reads two million a second."""


def parse_text(data: bytes, message: Any, path: str, what: str, advice: str) -> None:
    """Read a text into a message. Raises InputError where it is none of ``what`` (``net of Caffe2``), or longer than
    the limit, with the ``advice`` how to save it otherwise."""
    from google.protobuf import text_format

    if len(data) > LIMIT:
        detail = f"a {what.partition(' ')[0]} as text of over {LIMIT} bytes; {advice}"
        raise InputError(Diagnostic(Code.TOO_LARGE, Location(path), detail))
    try:
        text_format.Parse(data.decode("utf-8"), message, allow_unknown_field=True)
    except text_format.ParseError as error:
        detail = f"the text is not a {what}: {str(error).partition(' : ')[2] or 'it cannot be read'}"
        place = Location(path, error.GetLine(), error.GetColumn())
        raise InputError(Diagnostic(Code.SYNTAX, place, detail[:300])) from error
    except (RecursionError, UnicodeDecodeError, ValueError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else "the text is not UTF-8"
        raise InputError(Diagnostic(Code.SYNTAX, Location(path), detail)) from error
