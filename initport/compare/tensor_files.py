"""The headers of files of tensors: ``.safetensors`` and ``.npz``. Nothing is unpickled, and no tensor is read here.

Sources: the safetensors format (eight bytes of length, a JSON header, the data); NumPy's format versions 1 to 3
(numpy/lib/format.py) within a ZIP archive.
"""

import ast
import json
import math
import re
import struct
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

MOST_HEADER = 32 * 2**20
"""Bytes of a header."""

MOST_TENSORS = 100_000

MOST_ELEMENTS = 2**33

_SAFETENSORS = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "bfloat16", "I64": "<i8", "I32": "<i4", "I16": "<i2",
                "I8": "i1", "U8": "u1", "BOOL": "?"}  # fmt: skip

_SIZES = {"bfloat16": 2, "?": 1}

_NUMPY = re.compile(r"[<>|=]?[fiub][1248]|\|b1")


class TensorsError(Exception):
    """The file is not such a file, or exceeds a limit; the message says which."""


class Tensor(NamedTuple):
    """Where a tensor lies in its file: at ``offset`` bytes, in the ``member`` of an archive if there is one."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    member: str | None = None
    fortran: bool = False

    @property
    def floating(self) -> bool:
        return self.dtype == "bfloat16" or "f" in self.dtype

    @property
    def elements(self) -> int:
        return math.prod(self.shape)


def read_header(path: str) -> list[Tensor]:
    """The tensors of a file, in its order. Raises TensorsError, OSError."""
    found = _npz(path) if path.lower().endswith(".npz") else _safetensors(path)
    if len(found) > MOST_TENSORS:
        raise TensorsError(f"it holds over {MOST_TENSORS:,} tensors")
    for tensor in found:
        if tensor.elements > MOST_ELEMENTS:
            raise TensorsError(
                f"{tensor.name!r} has {tensor.elements:,} elements, more than the {MOST_ELEMENTS:,} read"
            )
    return found


def _size(dtype: str) -> int:
    return _SIZES.get(dtype) or int(dtype[-1])


def _safetensors(path: str) -> list[Tensor]:
    whole = Path(path).stat().st_size
    with open(path, "rb") as file:
        start = file.read(8)
        if len(start) < 8:
            raise TensorsError("it is too short for a safetensors file")
        (length,) = struct.unpack("<Q", start)
        if length > min(MOST_HEADER, whole - 8):
            raise TensorsError(f"its header would have {length:,} bytes")
        try:
            header = json.loads(file.read(length))
        except (ValueError, RecursionError) as error:
            raise TensorsError("its header is not JSON") from error
    if not isinstance(header, dict):
        raise TensorsError("its header is not a JSON object")
    return [_entry(name, item, 8 + length, whole) for name, item in header.items() if name != "__metadata__"]


def _entry(name: str, item: Any, start: int, whole: int) -> Tensor:
    match item:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [int(first), int(last)]} if (
            dtype in _SAFETENSORS and all(type(size) is int and size >= 0 for size in shape)
        ):
            tensor = Tensor(name, _SAFETENSORS[dtype], tuple(shape), start + first)
            if 0 <= first <= last <= whole - start and last - first == tensor.elements * _size(tensor.dtype):
                return tensor
    raise TensorsError(f"the header's entry for {name[:100]!r} is not one of a tensor that the file holds")


def _npz(path: str) -> list[Tensor]:
    found = []
    try:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename.endswith(".npy"):
                    with archive.open(info) as stream:
                        found.append(_npy(info.filename, stream.read(MOST_HEADER), info.file_size))
                    if len(found) > MOST_TENSORS:
                        break
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise TensorsError(f"it is not an archive of arrays: {error}") from error
    return found


def _npy(member: str, start: bytes, whole: int) -> Tensor:
    if start[:6] != b"\x93NUMPY" or start[6:7] not in (b"\x01", b"\x02", b"\x03"):
        raise TensorsError(f"{member[:100]!r} is not an array")
    wide = start[6] > 1
    size = 4 if wide else 2
    (length,) = struct.unpack("<I" if wide else "<H", start[8 : 8 + size])
    if length > 2**16:
        raise TensorsError(f"{member[:100]!r} has a header of {length:,} bytes")
    try:
        header = ast.literal_eval(start[8 + size : 8 + size + length].decode("utf-8").strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
        raise TensorsError(f"{member[:100]!r} has a header that is not a Python literal") from error
    match header:
        case {"descr": str(dtype), "fortran_order": bool(fortran), "shape": tuple(shape)} if _NUMPY.fullmatch(
            dtype
        ) and all(type(axis) is int and axis >= 0 for axis in shape):
            offset = 8 + size + length
            tensor = Tensor(member.removesuffix(".npy"), dtype, shape, offset, member, fortran)
            if tensor.elements * _size(dtype) == whole - offset:
                return tensor
            raise TensorsError(f"{member[:100]!r} does not hold the array that its header describes")
    raise TensorsError(
        f"{member[:100]!r} is not an array of numbers; arrays of objects are pickles, which are not read"
    )
