"""Saved Keras models: to_json and to_yaml texts, .keras and .h5 files, and the metadata of a SavedModel."""

import re
from typing import TYPE_CHECKING

from initport.formats.format import Certainty, Format

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.format import ReadFile
    from initport.formats.read_options import Options
    from initport.ir.model import Model

_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_TEXT = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*[{\["]|^(?:class_name|keras_version):', re.MULTILINE)
_MODEL = re.compile(rb"""class_name[\\"']*\s*:\s*[\\"']*(?:Sequential|Functional|Model)\b""")
"""What the record of a Keras model says, in JSON and YAML."""


def _sniff(data: bytes, path: str) -> Certainty:
    start = data[:4096]
    if start.startswith(_HDF5):
        return Certainty.SURE
    if start.startswith(_ZIP):
        return Certainty.SURE if b"config.json" in data else Certainty.POSSIBLE
    if start.startswith(b"\n") and b"_tf_keras" in start:
        return Certainty.SURE
    if b"class_name" in data and _MODEL.search(data):
        return Certainty.SURE
    return Certainty.POSSIBLE if _TEXT.search(start) else Certainty.NONE


def _read(
    data: bytes, path: str, options: "Options", read_file: "ReadFile | None"
) -> "tuple[Model, tuple[Diagnostic, ...]]":
    from initport.formats.keras.reader import read

    return read(data, path, options, read_file)


FORMAT = Format(
    name="keras",
    title="a saved Keras model",
    endings=(".json", ".yaml", ".yml", ".keras", ".h5", ".hdf5", ".pb"),
    sniff=_sniff,
    read=_read,
    options=frozenset({"inputs", "version"}),
    in_projects=(".json", ".yaml", ".yml"),
)
