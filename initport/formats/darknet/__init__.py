"""Reads the cfg files of Darknet: sections of settings, each of which makes a layer that starts as its code does."""

from initport.formats.format import Certainty, Format
from initport.regex import Pattern

_START = Pattern(rb"\A(?:\xef\xbb\xbf)?(?:[ \t\r]*(?:[#;][^\n]*)?\n)*[ \t]*\[(?:net|network)\][ \t\r]*(?:[#;\n]|\Z)")


def _sniff(data: bytes, path: str) -> Certainty:
    return Certainty.SURE if _START.match(data[:65536]) else Certainty.NONE


FORMAT = Format(
    package=__name__,
    title="a Darknet network",
    endings=(".cfg",),
    sniff=_sniff,
    options=frozenset({"version"}),
)
