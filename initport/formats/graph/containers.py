"""From the bytes of a file to the graph in it, whatever it was saved as.

Authority: tensorflow/core/protobuf/{meta_graph,saved_model}.proto, tensorflow/core/util/event.proto; of the records of
an events file, tensorflow/core/lib/io/record_writer.cc.
"""

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple, NoReturn

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.graph.messages import message_class
from initport.ir.location import Location

TEXT_LIMIT = 32_000_000
"""Bytes of a text file at most: protobuf reads two million a second."""


class Container(NamedTuple):
    """A graph; ``collections`` are those of a MetaGraphDef by name, None for a graph that was saved alone.
    ``version`` is TensorFlow's; ``others`` is the number of graphs beside it."""

    graph: Any
    collections: dict[str, Any] | None = None
    version: str | None = None
    others: int = 0


def refuse(code: Code, path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(code, Location(path), detail))


def open_container(data: bytes, path: str) -> Container:
    """Raises InputError where the bytes hold no graph that is whole."""
    if is_events(data):
        return _events(data, path)
    if is_text(data):
        return _text(data, path)
    for name, found in (("MetaGraphDef", _meta), ("SavedModel", _saved_model), ("GraphDef", Container)):
        if name == kind_of(data):
            return found(_parsed(name, data, path))  # type: ignore[operator, no-any-return]
    refuse(Code.UNREADABLE, path, "this is no graph of TensorFlow: no MetaGraphDef, SavedModel, GraphDef or events file")


def is_events(data: bytes) -> bool:
    """Whether the first record of a TFRecord file is an event: a wall time, and the version of the file's format."""
    return data[8:12] != b"" and data[12:13] == b"\x09" and b"brain.Event:" in data[:64]


def is_text(data: bytes) -> bool:
    start = data[:512].lstrip()
    return start.startswith((b"node {", b"node{", b"graph_def", b"meta_info_def", b"saved_model_schema_version", b"meta_graphs"))


def kind_of(data: bytes) -> str | None:
    """The message that binary data are, by its first fields; None for none of TensorFlow's.

    A GraphDef begins with a node (1), whose own first field is its name (1); a MetaGraphDef with what is known of it
    (1), which begins with a list of ops (2), a tag or a version, or with its graph (2); a SavedModel with a number (1).
    """
    fields = list(_starts(data))
    if not fields:
        return None
    number, wire, body = fields[0]
    if (number, wire) == (1, 0):
        return "SavedModel" if len(fields) > 1 and fields[1][:2] == (2, 2) else None
    if wire != 2:
        return None
    inside = next(_starts(body), None)
    if number == 2:
        return "MetaGraphDef" if inside is not None and inside[0] == 1 else None
    if number != 1 or inside is None or inside[1] != 2:
        return None
    if inside[0] == 1:
        second = list(_starts(body))[1:2]
        return "GraphDef" if second and second[0][:2] == (2, 2) else None
    return "MetaGraphDef" if inside[0] in (2, 3, 4, 5) else None


def _starts(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, wire type and (of messages, up to where the data end) content of the first two fields."""
    at = 0
    for _ in range(2):
        try:
            tag, at = _varint(data, at)
            if tag & 7 == 0:
                _, at = _varint(data, at)
                yield tag >> 3, 0, b""
            elif tag & 7 == 2:
                size, at = _varint(data, at)
                yield tag >> 3, 2, data[at : at + min(size, 4096)]
                at += size
            else:
                return
        except IndexError:
            return


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise IndexError


def _parsed(name: str, data: bytes, path: str) -> Any:
    message = message_class(name)()
    try:
        message.ParseFromString(data)
    except DecodeError as error:
        detail = f"this seems to be a {name} of TensorFlow that was cut short or damaged ({len(data)} bytes)"
        raise InputError(Diagnostic(Code.UNREADABLE, Location(path), detail)) from error
    return message


def _meta(message: Any) -> Container:
    collections = {entry.key: entry.value for entry in message.collection_def}
    return Container(message.graph_def, collections, message.meta_info_def.tensorflow_version or None)


def _saved_model(message: Any) -> Container:
    """The graph that was saved for training where there is one, else the first."""
    graphs = list(message.meta_graphs)
    if not graphs:
        return Container(message_class("GraphDef")())
    first = next((graph for graph in graphs if "train" in graph.meta_info_def.tags), graphs[0])
    return _meta(first)._replace(others=len(graphs) - 1)


def _text(data: bytes, path: str) -> Container:
    from google.protobuf import text_format

    if len(data) > TEXT_LIMIT:
        refuse(Code.TOO_LARGE, path, f"a graph as text of over {TEXT_LIMIT} bytes; save it in binary (as_text=False)")
    start = data[:512].lstrip()
    meta, saved = start.startswith((b"graph_def", b"meta_info_def")), start.startswith((b"saved_model", b"meta_graphs"))
    message = message_class("MetaGraphDef" if meta else "SavedModel" if saved else "GraphDef")()
    try:
        text_format.Parse(data.decode("utf-8"), message, allow_unknown_field=True)
    except text_format.ParseError as error:
        line, column = error.GetLine(), error.GetColumn()
        place = Location(path, line, column)
        detail = f"the text is no graph of TensorFlow: {str(error).partition(' : ')[2] or 'it cannot be read'}"
        raise InputError(Diagnostic(Code.SYNTAX, place, detail[:300])) from error
    except (RecursionError, UnicodeDecodeError, ValueError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else "the text is not UTF-8"
        raise InputError(Diagnostic(Code.SYNTAX, Location(path), detail)) from error
    return _meta(message) if meta else _saved_model(message) if saved else Container(message)


def _events(data: bytes, path: str) -> Container:
    """The MetaGraphDef or GraphDef with the most nodes; a last record that is cut short is that of a run which was
    stopped."""
    found: list[Container] = []
    at = 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        if at + 16 + size > len(data):
            break
        event = _parsed("Event", data[at + 12 : at + 12 + size], path)
        if event.meta_graph_def:
            found.append(_meta(_parsed("MetaGraphDef", event.meta_graph_def, path)))
        elif event.graph_def:
            found.append(Container(_parsed("GraphDef", event.graph_def, path)))
        at += 16 + size
    if not found:
        refuse(Code.NO_NETWORK, path, "the events file holds no graph: write one with `FileWriter(dir, graph)`")
    best = max(found, key=lambda item: (item.collections is not None, len(item.graph.node)))
    return best._replace(others=sum(item.graph != best.graph for item in found))
