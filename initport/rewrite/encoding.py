"""A Python file's bytes as text and back.

Authority: PEP 263 for the coding line; `tokenize.detect_encoding` reads it. Line ends are left as they are.
"""

import ast
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass


class EncodingError(Exception):
    """The bytes are not text in the encoding that they declare."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file, and what it takes to write it back."""

    text: str
    encoding: str
    mark: bytes = b""

    def encode(self, text: str) -> bytes:
        """Raises UnicodeEncodeError."""
        return self.mark + text.encode(self.encoding)


def decode(data: bytes) -> Source:
    """Raises EncodingError."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        encoding = "utf-8" if mark else encoding
        source = Source(data[len(mark) :].decode(encoding), encoding, mark)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        if mark or "unknown encoding" in str(error):
            raise EncodingError(str(error)) from error
        # Python 2 did not mind: every byte is a character of Latin-1, and what is written there is ASCII.
        source = Source(data.decode("latin-1"), "latin-1")
    if source.encode(source.text) != data:
        raise EncodingError(f"the bytes are not {encoding} that can be written back")
    return source


def check_readable(source: Source, before: bytes, after: bytes, text: str) -> None:
    """Raises EncodingError where Python would read the bytes ``after`` an edit as another text, or not at all; ``text``
    is what they should be, and parses unless the text before did not. What stays UTF-8 by its first two lines, to which
    `tokenize.detect_encoding` looks, is read as what was written."""
    if source.encoding != "utf-8" or before.split(b"\n", 2)[:2] != after.split(b"\n", 2)[:2]:
        again = decode(after)
        if (again.text, again.encoding, again.mark) != (text, source.encoding, source.mark):
            raise EncodingError("the edit would change the encoding that the first lines declare")
    if _declares(after) and not _compiles(after) and _compiles(before):
        raise EncodingError("the edited file would not compile")


def _declares(data: bytes) -> bool:
    """Whether the first two lines may declare an encoding. Where they do not, Python reads the text that was parsed
    already: it is UTF-8."""
    lines = _TWO_LINES.match(data)
    return lines is not None and b"coding" in lines[0]


_TWO_LINES = re.compile(rb"[^\r\n]*+(?:\r\n?|\n)?+[^\r\n]*+")


def _compiles(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, "<edited>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
