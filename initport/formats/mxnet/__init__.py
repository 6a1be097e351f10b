"""Reads the symbols of MXNet, of a Module or of Gluon's export: each variable with the initializer that it carries."""

from initport.formats.format import Certainty, Format
from initport.regex import Pattern

_START = Pattern(rb'\A(?:\xef\xbb\xbf)?\s*\{\s*"nodes"\s*:\s*\[\s*\{\s*"op"\s*:\s*"')
_REST = (b'"arg_nodes"', b'"heads"', b'"node_row_ptr"')


def _sniff(data: bytes, path: str) -> Certainty:
    symbol = _START.match(data) is not None and any(key in data for key in _REST)
    return Certainty.SURE if symbol else Certainty.NONE


FORMAT = Format(
    package=__name__,
    title="a symbol of MXNet",
    endings=("-symbol.json",),
    sniff=_sniff,
    options=frozenset({"inputs"}),
)
