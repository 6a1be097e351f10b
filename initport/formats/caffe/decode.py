"""From bytes to text: the encoding, and what a file that is no text seems to be."""

import re

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # none of them occurs in text; 0x1a ends DOS files
_SAMPLE = 1 << 16  # bytes looked at
_SIGNATURES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"PK\x03\x04", "a zip archive (a PyTorch or Keras model is one too), not a Caffe model"),
    (b"\x89HDF\r\n", "an HDF5 file (a Keras model or Caffe weights); give the network's prototxt"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    (b"Rar!", "a rar archive; unpack it first"),
    (b"%PDF", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"\x80\x02", "a Python pickle (an old PyTorch model is one)"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as UTF-8"),
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself; run `git lfs pull`"),
)
_HTML = re.compile(rb"\s*<(?:!doctype html|html|\?xml)", re.IGNORECASE)


def looks_binary(data: bytes) -> bool:
    """Whether the data is no text in any encoding that extends ASCII."""
    return _CONTROL.search(data, 0, _SAMPLE) is not None


def other_kind(data: bytes) -> str | None:
    """What the data is by its first bytes, if that is surely no Caffe network."""
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    return "a web page, not the file itself; download the raw file" if _HTML.match(data) else None


def reject_other_kinds(data: bytes, path: str) -> None:
    """Raises InputError where the data is recognisably something else."""
    if (kind := other_kind(data)) is not None:
        raise InputError(Diagnostic(Code.UNREADABLE, Location(path), f"this seems to be {kind}"))


def decode(data: bytes, path: str) -> tuple[str, list[Diagnostic]]:
    """The text, as UTF-8 or else as Latin-1, and what was assumed."""
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        detail = f"the byte 0x{data[error.start]:02x} is not UTF-8; the file was read as Latin-1"
        return data.decode("latin-1"), [Diagnostic(Code.ASSUMED_ENCODING, Location(path, line, column), detail)]
