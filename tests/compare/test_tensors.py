"""Headers of files of tensors: right ones, and such as lie."""

import io
import json
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from initport.compare.role_sizes import sizes_from
from initport.compare.tensor_files import Tensor, TensorsError, read_header
from initport.grammar.layout import parse_layout


def safetensors(header: object, data: bytes = b"\0" * 16) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def entry(**changes: object) -> dict[str, object]:
    return {"w": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16], **changes}}


def npz(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)
    return buffer.getvalue()


def npy(header: str, data: bytes = b"\0" * 16) -> bytes:
    text = header.encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data


def saved(value: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, value)
    return buffer.getvalue()


def test_a_safetensors_header(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors({"__metadata__": {"a": "b"}, **entry()}))
    (found,) = read_header(str(path))
    assert found == Tensor("w", "<f4", (2, 2), path.stat().st_size - 16)


def test_an_archive_of_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(npz(w=saved(np.ones((2, 3), "<f8")), t=saved(np.asfortranarray(np.ones((2, 3), "<f4")))))
    first, second = read_header(str(path))
    assert (first.name, first.dtype, first.shape, first.fortran) == ("w", "<f8", (2, 3), False)
    assert (second.name, second.dtype, second.shape, second.fortran) == ("t", "<f4", (2, 3), True)


LIES = {
    "short.safetensors": b"\0\0",
    "header longer than the file.safetensors": struct.pack("<Q", 2**40) + b"{}",
    "no JSON.safetensors": safetensors(b"{'"),
    "deep.safetensors": safetensors(b"[" * 100_000),
    "a list.safetensors": safetensors([]),
    "beyond the end.safetensors": safetensors(entry(data_offsets=[0, 1600])),
    "before the start.safetensors": safetensors(entry(data_offsets=[-16, 0])),
    "another size.safetensors": safetensors(entry(shape=[2, 3])),
    "negative.safetensors": safetensors(entry(shape=[-2, -2])),
    "boolean size.safetensors": safetensors(entry(shape=[True, 4])),
    "unknown type.safetensors": safetensors(entry(dtype="F8_E5M2")),
    "no archive.npz": b"PK\x03\x04 no",
    "objects.npz": npz(w=npy("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}")),
    "a call.npz": npz(w=npy("__import__('os').getcwd()")),
    "larger than it is.npz": npz(w=npy("{'descr': '<f4', 'fortran_order': False, 'shape': (10**9,)}")),
    "large.npz": npz(w=npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,)}")),
    "text.npz": npz(w=b"text"),
}


@pytest.mark.parametrize("name", LIES)
def test_what_lies_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(LIES[name])
    with pytest.raises(TensorsError):
        read_header(str(path))


@pytest.mark.parametrize(
    ("layout", "shape", "known", "expected"),
    [
        ("out, in / groups, *kernel", (8, 3, 5, 7), {"groups": 2},
         {"groups": 2, "out": 8, "in": 6, "kernel": 35, "width": 7, "height": 5}),
        ("4 * units, in", (12, 5), {}, {"units": 3, "in": 5}),
        ("4 * units, in", (13, 5), {}, None),
        ("out, in", (8, 3, 5), {}, None),
        ("out, in", (8, 3), {"out": 7}, None),
        ("in * mult, 1, *kernel", (6, 1, 3, 3), {"in": 3},
         {"in": 3, "mult": 2, "kernel": 9, "width": 3, "height": 3}),
    ],
)  # fmt: skip
def test_sizes_from_a_shape(
    layout: str, shape: tuple[int, ...], known: dict[str, int], expected: dict[str, int] | None
) -> None:
    assert sizes_from(parse_layout(layout), shape, known) == expected
