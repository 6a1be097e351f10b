"""From the bytes of a saved Keras model to its config as plain data, whatever container it came in.

Sources: Model.to_json and to_yaml of Keras 1 to 3, keras/src/saving/saving_lib.py (.keras), the HDF5 attributes of
keras/engine/saving.py, saved_metadata.proto of tf.keras (see metadata), and TensorFlow.js's model.json.
"""

import io
import json
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.location import Location

if TYPE_CHECKING:
    from zipfile import ZipFile

TEXT_LIMIT = 10_000_000
"""Bytes of a config at most; the largest of keras.applications has under 3 million."""

_HDF5 = b"\x89HDF\r\n\x1a\n"
_EXTRA = "reading .h5 files needs h5py: pip install 'initport[h5]'"


class Container(NamedTuple):
    """The root of a config, and the ``keras_version`` that stands beside it in the container, if any."""

    root: Any
    version: str | None = None


def open_container(data: bytes, path: str) -> Container:
    """Raises InputError where the bytes hold no config."""
    if data.startswith(_HDF5):
        return _hdf5(data, path)
    if data.startswith(b"PK\x03\x04"):
        return _archive(data, path)
    if path.lower().endswith(".pb") or (data[:1] == b"\n" and b"_tf_keras" in data[:4096]):
        from initport.formats.keras.metadata import model_of_metadata

        return Container(_text(model_of_metadata(data, path), path))
    return Container(_text(data, path))


def refuse(code: Code, path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(code, Location(path), detail))


def _text(data: bytes | str, path: str) -> Any:
    """A JSON or YAML text; a text within a text is read in turn."""
    for _ in range(4):
        if len(data) > TEXT_LIMIT:
            refuse(Code.TOO_LARGE, path, f"the config has over {TEXT_LIMIT} bytes")
        if isinstance(data, bytes):
            data = _decoded(data, path)
        root = _parse(data, path)
        if not isinstance(root, str):
            return root
        data = root
    refuse(Code.NO_NETWORK, path, "the config is a text within a text within a text")


def _decoded(data: bytes, path: str) -> str:
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
        return json.loads(text)
    except json.JSONDecodeError as error:
        if start != '"' and "'" not in text[:200]:
            place = Location(path, error.lineno, error.colno)
            raise InputError(Diagnostic(Code.SYNTAX, place, f"not JSON: {error.msg}")) from error
        return _yaml(text, path)
    except RecursionError:
        refuse(Code.TOO_LARGE, path, "the config is nested too deeply")
    except ValueError as error:
        refuse(Code.SYNTAX, path, f"not JSON: {error}")


def _yaml(text: str, path: str) -> Any:
    from initport.formats.keras.yaml_text import parse_yaml

    return parse_yaml(text, path)


def _archive(data: bytes, path: str) -> Container:
    import zipfile

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "config.json" not in names:
                refuse(Code.NO_NETWORK, path, "the archive has no config.json, so it is no .keras file")
            root = _text(_member(archive, "config.json", path), path)
            beside = _text(_member(archive, "metadata.json", path), path) if "metadata.json" in names else {}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        refuse(Code.UNREADABLE, path, f"the archive cannot be read: {error}")
    version = beside.get("keras_version") if isinstance(beside, dict) else None
    return Container(root, version if isinstance(version, str) else None)


def _member(archive: "ZipFile", name: str, path: str) -> bytes:
    with archive.open(name) as stream:
        data = stream.read(TEXT_LIMIT + 1)
    if len(data) > TEXT_LIMIT:
        refuse(Code.TOO_LARGE, path, f"{name} in the archive has over {TEXT_LIMIT} bytes")
    return data


def _hdf5(data: bytes, path: str) -> Container:
    try:
        import h5py
    except ImportError:
        refuse(Code.UNREADABLE, path, _EXTRA)
    try:
        with h5py.File(io.BytesIO(data), "r") as file:
            config, version = file.attrs.get("model_config"), file.attrs.get("keras_version")
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        refuse(Code.UNREADABLE, path, f"the HDF5 file cannot be read: {error}")
    if not isinstance(config, str | bytes):
        detail = "the HDF5 file holds weights only (no model_config attribute); convert the model's to_json() text"
        refuse(Code.NO_NETWORK, path, detail)
    if isinstance(version, bytes):
        version = version.decode("utf-8", "replace")
    return Container(_text(config, path), version if isinstance(version, str) else None)
