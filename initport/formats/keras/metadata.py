"""The records of a SavedModel's objects, of which the root's holds the model's config as JSON.

Source: tf_keras/protobuf/saved_metadata.proto: SavedMetadata.nodes = 1; SavedObject.node_path = 3, identifier = 4,
metadata = 5. Before TensorFlow 2.5 there was no such file, and the records stand in saved_model.pb, by
tensorflow/core/protobuf/{saved_model,meta_graph,saved_object_graph}.proto: SavedModel.meta_graphs = 2,
MetaGraphDef.object_graph_def = 7, SavedObjectGraph.nodes = 1, SavedObject.user_object = 4,
SavedUserObject.metadata = 3.
"""

from typing import NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.wire import BYTES, WireError, fields
from initport.ir.location import Location

_NODES, _PATH, _METADATA = 1, 3, 5


def model_of_saved_model(data: bytes, path: str) -> str:
    """The JSON text of the root, out of saved_model.pb. Raises InputError where it has none."""
    try:
        roots = [b"".join(map(bytes, _at(node, *_RECORD))) for node in _at(memoryview(data), *_ROOTS)]
    except WireError:
        _refuse(path, "this seems to be a saved_model.pb that was cut short")
    text = next((root for root in roots if b"class_name" in root), None)
    if text is None:
        _refuse(path, f"no record of a Keras model in it; {_ADVICE}")
    return text.decode("utf-8", "replace")


_ROOTS, _RECORD = (2, 7, 1), (4, 3)
_ADVICE = "of a SavedModel of TensorFlow 2.5 or newer, convert its keras_metadata.pb"


def _at(view: memoryview, *numbers: int) -> list[memoryview]:
    """The contents of the fields on that path. Raises WireError."""
    found = [view]
    for number in numbers:
        found = [
            message[field.body : field.end]
            for message in found
            for field in fields(message)
            if field.number == number and field.wire_type == BYTES
        ]
    return found


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
        _refuse(path, "the file is not a keras_metadata.pb")
    _refuse(path, "no record of a Keras model in it")


def _refuse(path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))
