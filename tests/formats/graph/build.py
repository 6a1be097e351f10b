"""Graphs for tests, node by node."""

from typing import Any

from initport.conversion import Reading, read
from initport.formats.graph.messages import message_class
from initport.formats.read_options import Options
from initport.ir.model import Layer, Weight

TYPES = {"float": 1, "double": 2, "int32": 3, "string": 7, "int64": 9, "bool": 10, "half": 19}


def node(name: str, op: str, *inputs: str, **attrs: Any) -> Any:
    """Attributes: a bool, an int, a tuple (a shape), a string (a type, or a
    function), or a tensor of `tensor`."""
    result = message_class("NodeDef")(name=name, op=op, input=inputs)
    for key, value in attrs.items():
        entry = result.attr.add(key=key).value
        match value:
            case bool():
                entry.b = value
            case int():
                entry.i = value
            case tuple():
                entry.shape.SetInParent()
                for size in value:
                    entry.shape.dim.add(size=size)
            case str() if value in TYPES:
                entry.type = TYPES[value]
            case str():
                entry.func.name = value
            case _:
                entry.tensor.CopyFrom(value)
    return result


def tensor(values: Any, shape: tuple[int, ...] = (), kind: str = "float") -> Any:
    result = message_class("TensorProto")(dtype=TYPES[kind])
    result.tensor_shape.SetInParent()
    for size in shape:
        result.tensor_shape.dim.add(size=size)
    field = {"float": "float_val", "double": "double_val", "int32": "int_val", "int64": "int64_val"}[kind]
    getattr(result, field).extend(values if isinstance(values, list | tuple) else [values])
    return result


def const(name: str, values: Any, shape: tuple[int, ...] = (), kind: str = "float") -> Any:
    return node(name, "Const", value=tensor(values, shape, kind), dtype=kind)


def dims(name: str, *sizes: int) -> Any:
    return const(name, list(sizes), (len(sizes),), "int32")


def started(value: str, shape: tuple[int, ...], name: str = "v", kind: str = "float") -> list[Any]:
    """A variable that starts at the node ``value``."""
    return [
        node(name, "VariableV2", shape=shape, dtype=kind),
        node(f"{name}/Assign", "Assign", name, value),
        node(f"{name}/read", "Identity", name),
    ]


def graph(*nodes: Any) -> bytes:
    result: bytes = message_class("GraphDef")(node=nodes).SerializeToString()
    return result


def function(name: str, arguments: list[str], *nodes: Any, gives: str | None = None) -> Any:
    """``gives`` is what its one output is."""
    result = message_class("FunctionDef")(node_def=nodes)
    if gives is not None:
        result.signature.output_arg.add(name="out")
        result.ret.add(key="out", value=gives)
    result.signature.name = name
    for argument in arguments:
        result.signature.input_arg.add(name=argument)
    return result


def with_functions(data: bytes, *functions: Any) -> bytes:
    """A graph with these in its library."""
    message = message_class("GraphDef").FromString(data)
    message.library.function.extend(functions)
    result: bytes = message.SerializeToString()
    return result


def reading(data: bytes, path: str = "graph.pb", **options: Any) -> Reading:
    return read(data, path=path, options=Options(**options))


def weights(found: Reading) -> dict[str, tuple[Layer, Weight]]:
    """By the name of the variable."""
    return {weight.location.key or "": (layer, weight) for layer in found.model.layers for weight in layer.weights}
