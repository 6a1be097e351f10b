"""Every container gives the same config, and what is none is refused with the reason."""

import io
import json
import sys
import zipfile
from pathlib import Path
from typing import Any

import h5py
import pytest

from initport.conversion import convert, read
from initport.diagnostics import Code, InputError
from initport.formats.index import detect
from initport.formats.keras import containers

MODEL = {
    "class_name": "Sequential",
    "keras_version": "2.3.1",
    "config": {"name": "m", "layers": [{"class_name": "Dense", "config": {"name": "d", "units": 3}}]},
}
TEXT = json.dumps(MODEL)
YAML = """
class_name: Sequential
keras_version: 2.3.1
config:
  name: m
  layers:
  - class_name: Dense
    config: {name: !!python/unicode 'd', units: 3, batch_input_shape: !!python/tuple [null, 4]}
"""
LIST = """
class_name: Sequential
keras_version: 2.3.1
config:
- &dense {class_name: Dense, config: {name: d, units: 3}}
"""


def archive(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as stream:
        for name, text in files.items():
            stream.writestr(name, text)
    return buffer.getvalue()


def hdf5(**attributes: Any) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs.update(attributes)
    return buffer.getvalue()


def varint(value: int) -> bytes:
    return bytes([value]) if value < 128 else bytes([value & 127 | 128]) + varint(value >> 7)


def field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def metadata(text: str, node: str = "root") -> bytes:
    record = field(3, node.encode()) + field(4, b"_tf_keras_sequential") + field(5, text.encode())
    return field(1, b"\x10\x05" + record) + field(1, field(3, b"root.layer"))


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("m.json", TEXT.encode()),
        ("m.json", b"\xef\xbb\xbf" + TEXT.encode()),
        ("m.json", TEXT.encode("utf-16")),
        ("m.json", json.dumps(TEXT).encode()),
        ("m.json", json.dumps(json.dumps(TEXT)).encode()),
        ("m.json", json.dumps({"modelTopology": {"keras_version": "2.3.1", "model_config": MODEL}}).encode()),
        ("m.json", json.dumps({**MODEL, "class_name": "Sequential "}).encode()),
        ("m.yaml", YAML.encode()),
        ("m.yml", LIST.encode()),
        ("m.yaml", json.dumps(YAML).encode()),
        ("m.keras", archive({"config.json": TEXT, "metadata.json": "{}"})),
        ("m.keras", archive({"config.json": json.dumps(MODEL), "model.weights.h5": ""})),
        ("m.h5", hdf5(model_config=TEXT)),
        ("m.hdf5", hdf5(model_config=TEXT.encode(), keras_version=b"2.3.1")),
        ("keras_metadata.pb", metadata(json.dumps({**MODEL, "model_config": MODEL}))),
        ("<stdin>", TEXT.encode()),
        ("<stdin>", YAML.encode()),
        ("<stdin>", metadata(TEXT)),
        ("<stdin>", hdf5(model_config=TEXT)),
    ],
)
def test_the_same_model(path: str, data: bytes) -> None:
    found = read(data, path=path)
    assert (found.model.framework, found.model.version) == ("keras_config", (2, 3, 1))
    assert [(layer.name, len(layer.weights)) for layer in found.model.layers] == [("d", 2)]
    assert not found.diagnostics


def test_the_version_beside_the_config_counts() -> None:
    bare = json.dumps({name: value for name, value in MODEL.items() if name != "keras_version"})
    assert read(hdf5(model_config=bare, keras_version="1.2.2"), path="m.h5").model.version == (1, 2, 2)
    found = read(archive({"config.json": bare, "metadata.json": '{"keras_version": "3.4.1"}'}), path="m.keras")
    assert (found.model.framework, found.model.version) == ("keras_config", (3, 4, 1))


@pytest.mark.parametrize(
    ("path", "data", "code", "words"),
    [
        ("m.json", b"", Code.NO_NETWORK, "empty"),
        ("m.json", b"[1, 2", Code.SYNTAX, "not JSON"),
        ("m.json", b'{"layers": []}', Code.NO_NETWORK, "layers"),
        ("m.json", b"[]", Code.WRONG_VALUE, "[]"),
        ("m.json", b"12", Code.WRONG_VALUE, "12"),
        ("m.json", b"[" * 100_000, Code.TOO_LARGE, "deeply"),
        ("m.json", b"9" * 5_000, Code.SYNTAX, "YAML"),
        ("m.json", b" " * 10_000_001, Code.TOO_LARGE, "bytes"),
        ("m.json", b"\x00\xff\xfe", Code.UNREADABLE, "UTF-8"),
        ("m.json", json.dumps({**MODEL, "config": {"layers": [3]}}).encode(), Code.WRONG_VALUE, "class_name"),
        ("m.json", json.dumps({**MODEL, "config": [{"class_name": 3}]}).encode(), Code.WRONG_VALUE, "not 3"),
        ("m.yaml", b"class_name: !!python/object/apply:os.system ['true']", Code.SYNTAX, "constructor"),
        ("m.yaml", b"class_name: [", Code.SYNTAX, "YAML"),
        ("m.yaml", b"a: " + b"x" * 1_500_001, Code.TOO_LARGE, "characters"),
        ("m.yaml", b"[" * 100_000, Code.TOO_LARGE, "deeply"),
        ("m.keras", archive({"other": ""}), Code.NO_NETWORK, "config.json"),
        ("m.keras", archive({"config.json": " " * 10_000_001}), Code.TOO_LARGE, "config.json"),
        ("m.keras", b"PK\x03\x04" + bytes(50), Code.UNREADABLE, "archive"),
        ("m.h5", hdf5(weights="x"), Code.NO_NETWORK, "weights only"),
        ("m.h5", b"\x89HDF\r\n\x1a\n" + bytes(50), Code.UNREADABLE, "HDF5"),
        ("saved_model.pb", b"\x08\x01", Code.NO_NETWORK, "keras_metadata.pb"),
        ("keras_metadata.pb", b"\x0a\xff", Code.NO_NETWORK, "keras_metadata.pb"),
    ],
)
def test_refused(path: str, data: bytes, code: Code, words: str) -> None:
    with pytest.raises(InputError) as raised:
        read(data, path=path, source="keras")
    assert raised.value.diagnostic.code is code
    assert words in raised.value.diagnostic.detail


def test_h5py_is_asked_for_only_where_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    data = hdf5(model_config=TEXT)
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert read(TEXT, path="m.json").model.layers
    (found,) = convert(data, path="m.h5").diagnostics
    assert "pip install 'initport[h5]'" in found.detail


@pytest.mark.parametrize(
    ("path", "data", "source"),
    [
        ("net.prototxt", b'layer { name: "a" }', "caffe"),
        ("net.json", b"", "keras"),
        ("<stdin>", b'name: "n" layer { type: "Data" data_param { backend: LMDB } }', "caffe"),
        ("<stdin>", b"\n\x03net", "caffe"),
        ("noname", b'  {"class_name": "Model"}', "keras"),
        ("noname", b"backend: tensorflow\nclass_name: Sequential\n", "keras"),
    ],
)
def test_detection(path: str, data: bytes, source: str) -> None:
    assert detect(path, data).name == source


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    data = archive({"config.json": " " * 50_000_000})
    assert len(data) < 100_000
    (found,) = convert(data, path="m.keras").diagnostics
    assert found.code is Code.TOO_LARGE


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ("import time\ntime.sleep(60)\n", Code.TOO_LARGE, "over 1 second"),
        ("import sys\nsys.exit(3)\n", Code.UNREADABLE, "cannot read the file"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", Code.UNREADABLE, "cannot read the file"),
        ('print(\'{"error": "no such thing"}\')\n', Code.UNREADABLE, "no such thing"),
        ('print(\'{"config": null, "version": null}\')\n', Code.NO_NETWORK, "weights only"),
    ],
)
def test_a_broken_file_costs_no_more_than_the_limits(
    program: str, code: Code, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stubs stand for a library that hangs, dies or gives up."""
    stub = tmp_path / "stub.py"
    stub.write_text(program)
    monkeypatch.setattr(containers, "HDF5_PROGRAM", str(stub))
    monkeypatch.setattr(containers, "HDF5_SECONDS", 1 if "sleep" in program else 30)
    (found,) = convert(hdf5(model_config=TEXT), path="m.h5").diagnostics
    assert found.code is code
    assert words in found.detail


def test_the_program_keeps_to_its_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = Path(containers.HDF5_PROGRAM).read_text().replace("    import h5py\n", "    bytearray(1 << 31)\n")
    stub = tmp_path / "stub.py"
    stub.write_text(program)
    monkeypatch.setattr(containers, "HDF5_PROGRAM", str(stub))
    (found,) = convert(hdf5(model_config=TEXT), path="m.h5").diagnostics
    assert found.code is Code.UNREADABLE


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_keras_writes_is_unpacked(method: int) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as file:
        file.writestr("config.json", TEXT)
    result = convert(buffer.getvalue(), path="m.keras")
    good = method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    assert (result.text is not None) == good
    assert good or result.diagnostics[0].code is Code.UNREADABLE


def test_no_broken_archive_is_an_exception() -> None:
    data = archive({"config.json": TEXT, "metadata.json": '{"keras_version": "2.3.1"}'})
    for position in range(len(data)):
        for value in (0, 1, 0x7F, 0xFF):
            broken = data[:position] + bytes([value]) + data[position + 1 :]
            assert convert(broken, path="m.keras", source="keras").exit_code in (0, 1, 2)
        assert convert(data[:position], path="m.keras", source="keras").exit_code == 2
