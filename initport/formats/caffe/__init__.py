"""Reads Caffe networks: prototxt in the formats V0, V1 and V2, solver files, and caffemodel."""

import re
from typing import TYPE_CHECKING

from initport.formats.format import Certainty, Format

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.format import ReadFile
    from initport.formats.read_options import Options
    from initport.ir.model import Model

_BLANK = rb"\s*(?:#[^\n]*\n\s*)*"
_LAYER = re.compile(rb"\blayers?" + _BLANK + rb"(?::" + _BLANK + rb")?[{<]")
_OTHER_TEXT = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*[\[{"<]')
"""How no text of protobuf begins."""


def _sniff(data: bytes, path: str) -> Certainty:
    if _OTHER_TEXT.match(data):
        return Certainty.NONE
    return Certainty.SURE if _LAYER.search(data) else Certainty.POSSIBLE


def _read(
    data: bytes, path: str, options: "Options", read_file: "ReadFile | None"
) -> "tuple[Model, tuple[Diagnostic, ...]]":
    from initport.formats.caffe.reader import read

    return read(data, path, options, read_file)


FORMAT = Format(
    name="caffe",
    title="a Caffe network",
    endings=(".prototxt", ".caffemodel"),
    sniff=_sniff,
    read=_read,
    options=frozenset({"phase", "level", "stages", "inputs", "version", "root"}),
    in_projects=(".prototxt",),
)
