"""Reads the symbols of MXNet, of a Module or of Gluon's export: each variable with the initializer that it carries."""

import re
from typing import TYPE_CHECKING

from initport.formats.format import Certainty, Format

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.format import ReadFile
    from initport.formats.read_options import Options
    from initport.ir.model import Model

_START = re.compile(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"nodes"\s*:\s*\[\s*\{\s*"op"\s*:\s*"')
_REST = (b'"arg_nodes"', b'"heads"', b'"node_row_ptr"')


def _sniff(data: bytes, path: str) -> Certainty:
    symbol = _START.match(data) is not None and any(key in data for key in _REST)
    return Certainty.SURE if symbol else Certainty.NONE


def _read(
    data: bytes, path: str, options: "Options", read_file: "ReadFile | None"
) -> "tuple[Model, tuple[Diagnostic, ...]]":
    from initport.formats.mxnet.reader import read

    return read(data, path, options, read_file)


FORMAT = Format(
    name="mxnet",
    title="a symbol of MXNet",
    endings=("-symbol.json",),
    sniff=_sniff,
    read=_read,
    options=frozenset({"inputs"}),
)
