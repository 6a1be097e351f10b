"""From bytes to text: the encoding, and what a file that is not text seems to be."""

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.other_tools import reject_other_tools
from initport.ir.location import Location
from initport.regex import Pattern

_CONTROL = Pattern(rb"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # none of them occurs in text; 0x1a ends DOS files
_SAMPLE = 1 << 16  # bytes looked at
_CONTAINERS = (
    (b"PK\x03\x04", "a zip archive, not a Caffe model"),
    (b"\x89HDF\r\n", "an HDF5 file (a Keras model or Caffe weights); give the network's prototxt"),
    (b"\xff\xfe", "text in UTF-16; save it as UTF-8"),
    (b"\xfe\xff", "text in UTF-16; save it as UTF-8"),
)


def looks_binary(data: bytes) -> bool:
    """Whether the data is not text in any encoding that extends ASCII."""
    return _CONTROL.search(data, 0, _SAMPLE) is not None


def reject_other_kinds(data: bytes, path: str) -> None:
    """Raises InputError where the data is recognisably something else."""
    reject_other_tools(data, path)
    for signature, kind in _CONTAINERS:
        if data.startswith(signature):
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
