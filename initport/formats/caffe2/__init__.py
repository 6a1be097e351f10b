"""Reads the init nets of Caffe2: one operator for each parameter that the net starts."""

from typing import TYPE_CHECKING

from initport.formats.caffe2.sniff import looks_binary, looks_text
from initport.formats.format import Certainty, Format

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.format import ReadFile
    from initport.formats.read_options import Options
    from initport.ir.model import Model


def _sniff(data: bytes, path: str) -> Certainty:
    start = data[:65536]
    return Certainty.SURE if looks_text(start) or looks_binary(start) else Certainty.NONE


def _read(
    data: bytes, path: str, options: "Options", read_file: "ReadFile | None"
) -> "tuple[Model, tuple[Diagnostic, ...]]":
    from initport.formats.caffe2.reader import read

    return read(data, path, options, read_file)


FORMAT = Format(
    name="caffe2",
    title="a Caffe2 net",
    endings=("init_net.pb", "init_net.pbtxt"),
    sniff=_sniff,
    read=_read,
    options=frozenset({"root"}),
)
