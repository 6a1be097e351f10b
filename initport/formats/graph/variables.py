"""The variables of a graph, and where each has its first value from.

Authority: tensorflow/core/framework/variable.proto and python/ops/variables.py: a VariableDef names the op that puts
the first value in place. In a graph that was saved alone it is the first that assigns to the variable.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import DecodeError

from initport.diagnostics import Code
from initport.formats.graph.messages import message_class, type_names
from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_values import Shape, Slice, Variable
from initport.formats.graph.saved_graph import Container, check_number, refuse
from initport.formats.graph.table import table
from initport.formats.graph.tensors import shape_of


def variables_of(container: Container, graph: Graph, path: str) -> list[Variable]:
    """In the order of the collection, or of the graph. Raises InputError for too many, or damaged ones."""
    members = _Members(container, path)
    definitions = _definitions(members)
    names = list(definitions) or graph.variables
    check_number(len(names), path)
    trainable = frozenset(_node(message.variable_name) for message in members["trainable_variables"])
    found, index, ops = [], graph.index, table().variables
    for name in names:
        number = index.get(name)
        node = graph.nodes[number] if number is not None else None
        if node is None or node.op not in ops:
            continue
        definition = definitions.get(name)
        initial, problem = _initial(graph, name, definition)
        trained = (name in trainable) if trainable else (True if name in graph.trained else None)
        found.append(_variable(name, node.attr, initial, trained, definition, problem))
    return found


def _definitions(members: "_Members") -> Mapping[str, Any]:
    """By the node's name."""
    found: dict[str, Any] = {}
    for key in ("variables", "trainable_variables", "model_variables"):
        for message in members[key]:
            found.setdefault(_node(message.variable_name), message)
    return found


class _Members(dict[str, list[Any]]):
    """The definitions of variables in a collection, by its name; the same bytes in several are parsed once."""

    def __init__(self, container: Container, path: str) -> None:
        self._collections, self._path = container.collections or {}, path
        self._known: dict[bytes, Any] = {}

    def __missing__(self, key: str) -> list[Any]:
        collection = self._collections.get(key)
        parse, known = message_class("VariableDef").FromString, self._known
        found = []
        stated = collection.bytes_list.value if collection is not None else ()
        check_number(len(stated), self._path)
        for data in stated:
            if (message := known.get(data)) is None:
                try:
                    message = known[data] = parse(data)
                except DecodeError:
                    detail = f"the collection {key!r} is damaged: it holds something that is not a VariableDef"
                    refuse(Code.UNREADABLE, self._path, detail)
            found.append(message)
        self[key] = found
        return found


def _node(name: str) -> str:
    """The node behind the name of an output or an op."""
    return name.removeprefix("^").partition(":")[0]


def _initial(graph: Graph, name: str, definition: Any) -> tuple[str | None, str | None]:
    """The input that the first value is, or why there is none."""
    if definition is not None and (stated := definition.initializer_name):
        number = graph.index.get(_node(stated))
        if number is None:
            return None, "the op that starts it is not in the graph"
        node = graph.nodes[number]
        if node.op in table().assigns and len(inputs := node.input) > 1:
            return inputs[1], None
        return None, f"it is started by an op {node.op}, which assigns no value that is known"
    assigns = (graph.nodes[index].input for index in graph.assigns.get(name, ()))
    fresh = (inputs[1] for inputs in assigns if len(inputs) > 1 and not _is_restored(graph, inputs[1]))
    first = next(fresh, None)
    if first is None:
        return None, "the graph has no op that puts a first value in it; a graph that is whole has one"
    return first, None


def _is_restored(graph: Graph, text: str) -> bool:
    """Whether a value comes from a checkpoint, or is one of the variable's own updates."""
    name = _node(text)
    for _ in range(4):
        if name not in graph:
            return False
        node = graph.node(name)
        if node.op in ("Restore", "RestoreV2", "RestoreSlice"):
            return True
        if node.op != "Identity" or not node.input:
            return False
        name = _node(node.input[0])
    return False


def _variable(
    name: str, attrs: Any, initial: str | None, trained: bool | None, definition: Any, problem: str | None
) -> Variable:
    shape: Shape = None
    kind = "float"
    for entry in attrs:
        if (key := entry.key) == "shape":
            shape = shape_of(entry.value.shape)
        elif key == "dtype":
            kind = type_names().get(entry.value.type, "unknown")
    part = None
    if definition is not None and definition.HasField("save_slice_info_def"):
        info = definition.save_slice_info_def
        if info.full_name and len(info.full_shape) == len(info.var_offset) == len(info.var_shape):
            part = Slice(info.full_name, tuple(info.full_shape), tuple(info.var_offset), tuple(info.var_shape))
    return Variable(name, shape, kind, initial, trained, part, problem)


def graphs_own(graph: Graph, name: str) -> str | None:
    """What the graph itself starts a variable with, where the run started it differently."""
    return _initial(graph, name, None)[0]
