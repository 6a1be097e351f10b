"""A tensor in a graph as numbers. Authority: tensorflow/core/framework/tensor.cc, Tensor::FromProto."""

import math
import struct
from typing import Any

from initport.formats.graph.op_values import VALUES_LIMIT, Array, Refused, Shape

_CODES = {
    "float": "f", "double": "d", "half": "e", "int32": "i", "int64": "q", "int16": "h", "int8": "b", "uint8": "B",
    "uint16": "H", "uint32": "I", "uint64": "Q", "bool": "?",
}  # fmt: skip
_FIELDS = {
    "float": "float_val", "double": "double_val", "int32": "int_val", "int16": "int_val", "int8": "int_val",
    "uint8": "int_val", "uint16": "int_val", "int64": "int64_val", "bool": "bool_val", "half": "half_val",
    "bfloat16": "half_val",
}  # fmt: skip


def shape_of(message: Any) -> Shape:
    """The sizes; None where the rank or one of them is not known."""
    if message.unknown_rank:
        return None
    sizes = tuple([dim.size for dim in message.dim])
    return None if sizes and min(sizes) < 0 else sizes


def array(message: Any) -> Array | Refused:
    """The tensor's numbers: equal ones are kept once, and the last of too few stands for the rest."""
    from initport.formats.graph.messages import type_names

    kind = type_names().get(message.dtype, "unknown")
    shape = shape_of(message.tensor_shape)
    if kind not in _FIELDS and kind not in _CODES:
        return Refused("Const", f"values of the type {kind} start no weight")
    if shape is None:
        return Refused("Const", "the tensor has no definite shape")
    count = math.prod(shape)
    if message.tensor_content:
        return _content(message.tensor_content, kind, shape, count)
    values = getattr(message, _FIELDS[kind]) if kind in _FIELDS else ()
    if len(values) > count:
        return Refused("Const", f"the tensor holds {len(values)} values for {count} elements")
    if not values:
        return Array(kind, shape, (0,) if count else ())
    first = values[0]
    if len(values) == 1 or all(value == first for value in values):
        return Array(kind, shape, (_number(first, kind),))
    if count > VALUES_LIMIT:
        return _array_refused(count)
    numbers = [_number(value, kind) for value in values]
    return Array(kind, shape, tuple(numbers + numbers[-1:] * (count - len(numbers))))


def _array_refused(count: int) -> Refused:
    reason = f"its {count} values were made outside the graph, as NumPy does; take the initializer from the program"
    return Refused("Const", reason)


def _number(value: Any, kind: str) -> float:
    if kind == "half":
        result: float = struct.unpack("<e", struct.pack("<H", value & 0xFFFF))[0]
        return result
    if kind == "bfloat16":
        wide: float = struct.unpack("<f", struct.pack("<I", (value & 0xFFFF) << 16))[0]
        return wide
    return float(value) if kind in ("float", "double") else int(value)


def _content(data: bytes, kind: str, shape: tuple[int, ...], count: int) -> Array | Refused:
    """Raw values, little-endian."""
    size = 2 if kind == "bfloat16" else struct.calcsize(f"<{_CODES[kind]}")
    if len(data) != count * size:
        return Refused("Const", f"the tensor holds {len(data)} bytes for {count} elements of {size}")
    same = data == data[:size] * count
    if not same and count > VALUES_LIMIT:
        return _array_refused(count)
    number = 1 if same else count
    if kind == "bfloat16":
        words = struct.unpack(f"<{number}H", data[: number * 2])
        return Array(kind, shape, tuple(_number(word, kind) for word in words))
    return Array(kind, shape, struct.unpack(f"<{number}{_CODES[kind]}", data[: number * size]))
