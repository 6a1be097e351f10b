"""Reads the initialization that an ONNX model has in its `training_info`; most have none, and say so."""

import re
from typing import TYPE_CHECKING

from initport.formats.format import Certainty, Format

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.format import ReadFile
    from initport.formats.read_options import Options
    from initport.ir.model import Model

_START = re.compile(rb"\A\x08[\x01-\x1f](?:\x12[\x00-\x40][ -~]{0,64})?[\x1a\x22\x3a]", re.DOTALL)
"""ModelProto: ir_version, then producer_name, producer_version, domain or the graph. Authority: onnx.proto."""


def _sniff(data: bytes, path: str) -> Certainty:
    return Certainty.SURE if _START.match(data) else Certainty.NONE


def _read(
    data: bytes, path: str, options: "Options", read_file: "ReadFile | None"
) -> "tuple[Model, tuple[Diagnostic, ...]]":
    from initport.formats.onnx.reader import read

    return read(data, path, options, read_file)


FORMAT = Format(
    name="onnx",
    title="an ONNX model",
    endings=(".onnx",),
    sniff=_sniff,
    read=_read,
    options=frozenset(),
)
