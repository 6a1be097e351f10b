"""Saved Keras models: to_json and to_yaml texts, .keras and .h5 files, and the metadata of a SavedModel."""

import re

from initport.formats.format import Certainty, Format
from initport.regex import Pattern

_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK\x03\x04"
_TEXT = Pattern(rb'\A(?:\xef\xbb\xbf)?\s*[{\["]|^(?:class_name|keras_version):', re.MULTILINE)
_MODEL = Pattern(rb"""class_name[\\"']*\s*:\s*[\\"']*(?:Sequential|Functional|Model)\b""")
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


FORMAT = Format(
    package=__name__,
    title="a saved Keras model",
    endings=(".json", ".yaml", ".yml", ".keras", ".h5", ".hdf5", ".pb"),
    sniff=_sniff,
    options=frozenset({"inputs", "version"}),
    in_projects=(".json", ".yaml", ".yml"),
)
