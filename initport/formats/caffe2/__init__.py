"""Reads the init nets of Caffe2: one operator for each parameter that the net starts."""

from initport.formats.caffe2.sniff import looks_binary, looks_text
from initport.formats.format import Certainty, Format


def _sniff(data: bytes, path: str) -> Certainty:
    start = data[:65536]
    return Certainty.SURE if looks_text(start) or looks_binary(start) else Certainty.NONE


FORMAT = Format(
    package=__name__,
    title="a Caffe2 net",
    endings=("init_net.pb", "init_net.pbtxt"),
    sniff=_sniff,
    options=frozenset({"root"}),
)
