"""The keras_metadata.pb of a SavedModel: a list of records, of which the root's holds the model's config as JSON.

Source: tf_keras/protobuf/saved_metadata.proto: SavedMetadata.nodes = 1; SavedObject.node_path = 3, identifier = 4,
metadata = 5.
"""

from typing import NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.wire import BYTES, WireError, fields
from initport.ir.location import Location

_NODES, _PATH, _METADATA = 1, 3, 5


def model_of_metadata(data: bytes, path: str) -> str:
    """The JSON text of the root. Raises InputError where the bytes are no such metadata."""
    view = memoryview(data)
    try:
        for node in fields(view):
            if node.number == _NODES and node.wire_type == BYTES:
                record = view[node.body : node.end]
                content = {
                    field.number: bytes(record[field.body : field.end])
                    for field in fields(record)
                    if field.wire_type == BYTES
                }
                if content.get(_PATH) == b"root":
                    return content.get(_METADATA, b"").decode("utf-8")
    except (WireError, UnicodeDecodeError):
        _refuse(path, "the file is no keras_metadata.pb")
    detail = "no record of a Keras model; of a SavedModel, convert keras_metadata.pb and not saved_model.pb"
    _refuse(path, detail)


def _refuse(path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))
