"""Reads Caffe networks: prototxt in the formats V0, V1 and V2, solver files, and caffemodel."""

from initport.formats.format import Certainty, Format
from initport.regex import Pattern

_BLANK = rb"\s*(?:#[^\n]*\n\s*)*"
_LAYER = Pattern(rb"\blayers?" + _BLANK + rb"(?::" + _BLANK + rb")?[{<]")
_OTHER_TEXT = Pattern(rb'\A(?:\xef\xbb\xbf)?\s*[\[{"<]')
"""How no text of protobuf begins."""


def _sniff(data: bytes, path: str) -> Certainty:
    if _OTHER_TEXT.match(data):
        return Certainty.NONE
    return Certainty.SURE if _LAYER.search(data) else Certainty.POSSIBLE


FORMAT = Format(
    package=__name__,
    title="a Caffe network",
    endings=(".prototxt", ".caffemodel"),
    sniff=_sniff,
    options=frozenset({"phase", "level", "stages", "inputs", "version", "root"}),
    in_projects=(".prototxt",),
)
