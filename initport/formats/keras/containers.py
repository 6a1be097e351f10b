"""From the bytes of a saved Keras model to its config as plain data, whatever container it came in.

Sources: Model.to_json and to_yaml of Keras 1 to 3, keras/src/saving/saving_lib.py (.keras), the HDF5 attributes of
keras/engine/saving.py, saved_metadata.proto of tf.keras (see metadata), and TensorFlow.js's model.json.
"""

import io
import json
import os
from typing import TYPE_CHECKING, Any, NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location
from initport.records import NamedTuple

if TYPE_CHECKING:
    from zipfile import ZipFile

TEXT_LIMIT = 10_000_000
"""Bytes of a config at most; the largest of keras.applications has under 3 million."""

_TUPLE = "__tuple__"
_HDF5 = b"\x89HDF\r\n\x1a\n"
_EXTRA = "reading .h5 files needs h5py: pip install 'initport[h5]'"


class Container(NamedTuple):
    """The root of a config, the JSON or YAML ``text`` that it was read from, and the ``keras_version`` and ``backend``
    that stand beside it in the container, if any."""

    root: Any
    text: str
    version: str | None = None
    backend: str | None = None


def open_container(data: bytes, path: str) -> Container:
    """Raises InputError where the bytes hold no config."""
    if data.startswith(_HDF5):
        return _hdf5(data, path)
    if data.startswith(b"PK\x03\x04"):
        return _archive(data, path)
    if data.startswith(b"\x08"):  # the version of a SavedModel's format
        from initport.formats.keras.metadata import model_of_saved_model

        return Container(*_text(model_of_saved_model(data, path), path))
    if path.lower().endswith(".pb") or (data[:1] == b"\n" and b"_tf_keras" in data[:4096]):
        from initport.formats.keras.metadata import model_of_metadata

        return Container(*_text(model_of_metadata(data, path), path))
    return Container(*_text(data, path))


def refuse(code: Code, path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(code, Location(path), detail))


def _text(data: bytes | str, path: str) -> tuple[Any, str]:
    """What a JSON or YAML text holds, and the text; a text within a text is read in turn."""
    for _ in range(4):
        if len(data) > TEXT_LIMIT:
            refuse(Code.TOO_LARGE, path, f"the config has over {TEXT_LIMIT} bytes")
        if isinstance(data, bytes):
            data = _decode(data, path)
        root = _parse(data, path)
        if not isinstance(root, str):
            return root, data
        data = root
    refuse(
        Code.NO_NETWORK, path, "the file holds a string and no config: write what `model.to_json()` returns as it is"
    )


def _decode(data: bytes, path: str) -> str:
    try:
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"the file is neither UTF-8 text nor a .keras, .h5 or keras_metadata.pb file ({error.reason})"
        refuse(Code.UNREADABLE, path, detail)


def _parse(text: str, path: str) -> Any:
    start = text.lstrip()[:1]
    if not start:
        refuse(Code.NO_NETWORK, path, "the file is empty")
    if start not in '{["':
        return _yaml(text, path)
    try:
        return json.loads(text, object_hook=_from_tuple if _TUPLE in text else None)
    except json.JSONDecodeError as error:
        if start != '"' and "'" not in text[:200]:
            place = Location(path, error.lineno, error.colno)
            raise InputError(Diagnostic(Code.SYNTAX, place, f"not JSON: {error.msg}")) from error
        return _yaml(text, path)
    except RecursionError:
        refuse(Code.TOO_LARGE, path, "the config is nested too deeply")
    except ValueError as error:
        refuse(Code.SYNTAX, path, f"not JSON: {error}")


def _from_tuple(value: dict[str, Any]) -> Any:
    """A tuple as TensorFlow's Keras writes it into the metadata of a SavedModel; any other mapping as it is."""
    return value["items"] if value.get("class_name") == _TUPLE and isinstance(value.get("items"), list) else value


def _yaml(text: str, path: str) -> Any:
    from initport.formats.keras.yaml_text import parse_yaml

    return parse_yaml(text, path)


def _archive(data: bytes, path: str) -> Container:
    import struct
    import zipfile
    import zlib

    broken = (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, OverflowError, ValueError)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "config.json" not in names:
                refuse(Code.NO_NETWORK, path, "the archive has no config.json, so it is not a .keras file")
            config = _member(archive, "config.json", path)
            beside = _member(archive, "metadata.json", path) if "metadata.json" in names else b"{}"
    except (*broken, zlib.error, struct.error) as error:
        refuse(Code.UNREADABLE, path, f"the archive cannot be read: {error}")
    (root, text), (metadata, _) = _text(config, path), _text(beside, path)
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return Container(root, text, version if isinstance(version, str) else None)


def _member(archive: "ZipFile", name: str, path: str) -> bytes:
    import zipfile

    if archive.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        refuse(Code.UNREADABLE, path, f"{name} in the archive is compressed in a way that Keras does not use")
    with archive.open(name) as stream:
        data = stream.read(TEXT_LIMIT + 1)
    if len(data) > TEXT_LIMIT:
        refuse(Code.TOO_LARGE, path, f"{name} in the archive has over {TEXT_LIMIT} bytes")
    return data


HDF5_SECONDS = 30
HDF5_MEMORY = 1 << 29
"""What reading an HDF5 file may cost: a broken one keeps the library busy without end, or asks for any memory."""

HDF5_PROGRAM = os.path.join(os.path.dirname(__file__), "programs", "hdf5_program.py")


def _hdf5(data: bytes, path: str) -> Container:
    from importlib.util import find_spec

    if find_spec("h5py") is None:
        refuse(Code.UNREADABLE, path, _EXTRA)
    found = _apart(data, path)
    if "error" in found:
        refuse(Code.UNREADABLE, path, f"the HDF5 file cannot be read: {found['error']}")
    config, version = found["config"], found["version"]
    if config is None:
        detail = "the HDF5 file holds weights only (no model_config attribute); convert the model's to_json() text"
        refuse(Code.NO_NETWORK, path, detail)
    return Container(*_text(config, path), version, found.get("backend"))


def _apart(data: bytes, path: str) -> Any:
    """What the program finds in the file, in a process whose time and memory are limited. Raises InputError."""
    import subprocess
    import sys
    import tempfile

    command = [sys.executable, HDF5_PROGRAM, str(HDF5_MEMORY), str(TEXT_LIMIT)]
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        try:
            ran = subprocess.run(command, stdin=file, capture_output=True, timeout=HDF5_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            refuse(Code.TOO_LARGE, path, f"reading the HDF5 file takes over {HDF5_SECONDS} seconds")
    if ran.returncode != 0:
        ended = "it needs more memory than it may have, or the file is damaged"
        refuse(Code.UNREADABLE, path, f"the HDF5 library cannot read the file: {ended}")
    return json.loads(ran.stdout)
