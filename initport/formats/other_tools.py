"""Files of other tools, by their content: what each is, and what to give instead.

Most hold values that were trained, of which no initializer can be read.
"""

import re
from collections.abc import Callable

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location
from initport.records import NamedTuple
from initport.regex import Pattern


class OtherTool(NamedTuple):
    """``sniff`` judges the first bytes and all bytes of a file; ``title`` is what it is, ``advice`` what to do."""

    sniff: Callable[[bytes, bytes], object]
    title: str
    advice: str

    @property
    def text(self) -> str:
        return f"this seems to be {self.title}; {self.advice}"


_START = 1 << 16
"""Bytes in which a text is looked at."""

_VALUES = "it holds values and no initializers: use the source code of the model, or its config"
_SOURCE = "pass `--from python`, or `--stdin-filename model.py` where it is standard input, to convert or explain it"


def _begins(*signatures: bytes) -> Callable[[bytes, bytes], bool]:
    return lambda start, _: start.startswith(signatures)


def _text(pattern: bytes, *words: bytes) -> Callable[[bytes, bytes], object]:
    """Whether a text has the pattern at the start of a line, which holds one of the words."""
    compiled = Pattern(pattern, re.MULTILINE)
    return lambda start, _: any(word in start for word in words) and b"\0" not in start and compiled.search(start)


def _zip_with(*names: bytes) -> Callable[[bytes, bytes], bool]:
    return lambda start, data: start.startswith(b"PK\x03\x04") and any(name in data for name in names)


def _safetensors(start: bytes, data: bytes) -> bool:
    return start[8:10] == b'{"' and 2 <= int.from_bytes(start[:8], "little") <= len(data) - 8


def _darknet_weights(start: bytes, _: bytes) -> bool:
    """The version (0, 1 or 2 and three numbers) and the number of images seen, before the values."""
    return (
        len(start) > 20
        and start[:4] == bytes(4)
        and start[4:8] in (b"\1\0\0\0", b"\2\0\0\0")
        and start[9:12] == bytes(3)
    )


_MARKUP = Pattern(rb"\s*<(?:!doctype html|html|\?xml)", re.IGNORECASE)

LFS_POINTER = OtherTool(
    _begins(b"version https://git-lfs"), "a Git LFS pointer, not the file itself", "run `git lfs pull`"
)

PYTHON = OtherTool(
    _text(
        rb"^(?:import [\w.]+(?: as \w+)?|from [\w.]+ import .+|def \w+\(.*\).*:|class \w+.*:)\s*(?:#.*)?$",
        b"import ",
        b"def ",
        b"class ",
    ),
    "Python source",
    _SOURCE,
)

OTHERS = (
    LFS_POINTER,
    OtherTool(_zip_with(b"/data.pkl", b"/constants.pkl"), "a PyTorch checkpoint or TorchScript archive", _VALUES),
    OtherTool(
        _begins(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."), "a PyTorch checkpoint of before PyTorch 1.6", _VALUES
    ),
    OtherTool(_begins(b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05"), "a Python pickle", _VALUES),
    OtherTool(_begins(b"\x93NUMPY"), "a NumPy array", _VALUES),
    OtherTool(_zip_with(b".npy"), "a NumPy archive of arrays", _VALUES),
    OtherTool(_safetensors, "a safetensors file", _VALUES),
    OtherTool(lambda start, _: start[4:8] == b"TFL3", "a TensorFlow Lite model", _VALUES),
    OtherTool(
        _text(
            rb"^\s*(?:local\s+\w+\s*=\s*)?(?:require\s*\(?\s*['\"]\w+['\"]|nn\.Sequential\(\))",
            b"require",
            b"nn.Sequential()",
        ),
        "a Torch7 program in Lua",
        "Lua is not read: initialize the network yourself",
    ),
    OtherTool(_begins(b"4\n1\n3\nV 1\n"), "a Torch7 file in text", _VALUES),
    OtherTool(_begins(b"\x04\0\0\0\x01\0\0\0"), "a Torch7 file", _VALUES),
    OtherTool(_darknet_weights, "a file of Darknet's weights", _VALUES),
    PYTHON,
    OtherTool(_begins(b"\x89PNG"), "a PNG image", "use the network's own file"),
    OtherTool(_begins(b"\xff\xd8\xff"), "a JPEG image", "use the network's own file"),
    OtherTool(_begins(b"%PDF"), "a PDF document", "use the network's own file"),
    OtherTool(_begins(b"\x7fELF"), "a program", "use the network's own file"),
    OtherTool(_begins(b"SQLite format 3"), "an SQLite database", "use the network's own file"),
    *(
        OtherTool(_begins(signature), f"{title} archive", "unpack it first")
        for signature, title in (
            (b"\x1f\x8b", "a gzip"),
            (b"BZh", "a bzip2"),
            (b"\xfd7zXZ", "an xz"),
            (b"7z\xbc\xaf", "a 7z"),
            (b"Rar!", "a rar"),
        )
    ),
    OtherTool(
        lambda start, _: start.lstrip().startswith(b"<") and _MARKUP.match(start),
        "a web page, not the file itself",
        "download the raw file",
    ),
)
"""Looked through in this order."""


def other_tool(data: bytes) -> OtherTool | None:
    """The tool that the bytes are a file of, if they surely are, or the language that they are a program in."""
    return _by_signature(data) or _of_other_language(data)


def _by_signature(data: bytes) -> OtherTool | None:
    start = data[:_START]
    return next((item for item in OTHERS if item.sniff(start, data)), None)


def _of_other_language(data: bytes) -> OtherTool | None:
    """A program in another language than Python, by the library that it uses."""
    from initport.formats.other_languages import describe

    start = data[:_START]
    said = None if b"\0" in start else describe(start)
    return None if said is None else OtherTool(lambda *_: True, said, "initialize the network's port yourself")


def reject_other_tools(data: bytes, path: str) -> None:
    """Raises InputError where the data is recognisably a file of another tool."""
    _reject(_by_signature(data), path)


def reject_other_languages(data: bytes, path: str) -> None:
    """Raises InputError where the data is a program in another language that uses a library which is known."""
    _reject(_of_other_language(data), path)


def _reject(found: OtherTool | None, path: str) -> None:
    if found is not None:
        raise InputError(Diagnostic(Code.UNREADABLE, Location(path), found.text))
