"""The keras_metadata.pb of a SavedModel: a list of records, of which the root's holds the model's config as JSON.

Source: tf_keras/protobuf/saved_metadata.proto: SavedMetadata.nodes = 1; SavedObject.node_path = 3, identifier = 4,
metadata = 5. The wire format is protobuf's, read here for these four fields only.
"""

from collections.abc import Iterator
from typing import NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

_NODES, _PATH, _METADATA = 1, 3, 5
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def model_of_metadata(data: bytes, path: str) -> str:
    """The JSON text of the root. Raises InputError where the bytes are no such metadata."""
    try:
        for number, node in _fields(data):
            if number == _NODES:
                record = dict(_fields(node))
                if record.get(_PATH) == b"root":
                    return record.get(_METADATA, b"").decode("utf-8")
    except (IndexError, UnicodeDecodeError):
        _refuse(path, "the file is no keras_metadata.pb")
    detail = "no record of a Keras model; of a SavedModel, convert keras_metadata.pb and not saved_model.pb"
    _refuse(path, detail)


def _refuse(path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The number and content of each field; the content of numbers is left empty. Raises IndexError if cut short."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        length = 0
        if kind == _VARINT:
            _, at = _varint(data, at)
        elif kind == _BYTES:
            length, at = _varint(data, at)
        elif kind in (_FIXED32, _FIXED64):
            at += 4 if kind == _FIXED32 else 8
        else:
            raise IndexError
        if at + length > len(data):
            raise IndexError
        yield key >> 3, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
    raise IndexError
