"""Reads the startup programs of PaddlePaddle: one operator for each parameter that a program starts."""

from initport.formats.format import Certainty, Format
from initport.regex import Pattern

_START = Pattern(rb"\A\n[\x80-\xff]{0,4}[\x00-\x7f]\x08\x00\x10\xff{9}\x01")
"""A first block, whose number is 0 and whose parent's is -1."""


def _sniff(data: bytes, path: str) -> Certainty:
    return Certainty.SURE if _START.match(data[:32]) else Certainty.NONE


FORMAT = Format(
    package=__name__,
    title="a PaddlePaddle program",
    endings=("__model__", ".pdmodel", "startup_program"),
    sniff=_sniff,
    options=frozenset({"root", "version"}),
)
