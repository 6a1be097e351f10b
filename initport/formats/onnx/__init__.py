"""Reads the initialization that an ONNX model has in its `training_info`; most have none, and say so."""

import re

from initport.formats.format import Certainty, Format
from initport.regex import Pattern

_START = Pattern(rb"\A\x08[\x01-\x1f](?:\x12[\x00-\x40][ -~]{0,64})?[\x1a\x22\x3a]", re.DOTALL)
"""ModelProto: ir_version, then producer_name, producer_version, domain or the graph. Authority: onnx.proto."""


def _sniff(data: bytes, path: str) -> Certainty:
    return Certainty.SURE if _START.match(data) else Certainty.NONE


FORMAT = Format(
    package=__name__,
    title="an ONNX model",
    endings=(".onnx",),
    sniff=_sniff,
    options=frozenset(),
)
