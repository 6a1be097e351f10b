"""From the bytes of a file to the graph in it, whatever it was saved as.

Authority: tensorflow/core/protobuf/{meta_graph,saved_model}.proto, tensorflow/core/util/event.proto; of the records of
an events file, tensorflow/core/lib/io/record_writer.cc.
"""

import struct
from typing import Any, NamedTuple, NoReturn

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.descriptors import EmptyPartsError, parse_message
from initport.formats.graph.messages import message_class
from initport.formats.graph.sniff import is_events, is_text, kind_of
from initport.formats.graph.table import table
from initport.formats.protobuf_text import parse_text
from initport.ir.location import Location


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
            return found(_parse(name, data, path))
    detail = (
        "this is not a graph of TensorFlow (a MetaGraphDef, SavedModel, GraphDef or events file), or it was cut short"
    )
    refuse(Code.UNREADABLE, path, detail)


VARIABLES_LIMIT, NODES_LIMIT = 200_000, 2_000_000
"""Variables and nodes of a graph at most."""


def check_number(variables: int, path: str, nodes: int = 0) -> None:
    """Raises InputError for more than are read."""
    for number, limit, what in ((variables, VARIABLES_LIMIT, "variables"), (nodes, NODES_LIMIT, "nodes")):
        if number > limit:
            refuse(Code.TOO_LARGE, path, f"there are over {limit:,} {what}")


def _stated_variables(data: bytes) -> int:
    """How often the bytes name an op that makes a variable, as a node does (2, a text)."""
    return sum(data.count(bytes((0x12, len(op))) + op.encode()) for op in table().variables)


def _parse(name: str, data: bytes, path: str) -> Any:
    check_number(_stated_variables(data), path)  # before protobuf takes ten times the bytes' size
    try:
        return parse_message(message_class(name), data)
    except EmptyPartsError as error:
        refuse(Code.TOO_LARGE, path, str(error))
    except DecodeError as error:
        detail = f"this seems to be a {name} of TensorFlow that was cut short or damaged ({len(data)} bytes)"
        raise InputError(Diagnostic(Code.UNREADABLE, Location(path), detail)) from error


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
    start = data[:512].lstrip()
    meta, saved = start.startswith((b"graph_def", b"meta_info_def")), start.startswith((b"saved_model", b"meta_graphs"))
    message = message_class("MetaGraphDef" if meta else "SavedModel" if saved else "GraphDef")()
    parse_text(data, message, path, "graph of TensorFlow", "save it in binary (as_text=False)")
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
        event = _parse("Event", data[at + 12 : at + 12 + size], path)
        if event.meta_graph_def:
            found.append(_meta(_parse("MetaGraphDef", event.meta_graph_def, path)))
        elif event.graph_def:
            found.append(Container(_parse("GraphDef", event.graph_def, path)))
        at += 16 + size
    if not found:
        refuse(Code.NO_NETWORK, path, "the events file holds no graph: write one with `FileWriter(dir, graph)`")
    best = max(found, key=lambda item: (item.collections is not None, len(item.graph.node)))
    return best._replace(others=sum(item.graph != best.graph for item in found))
