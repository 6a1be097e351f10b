"""Saved graphs of TensorFlow: how every variable starts, out of the ops that compute its first value."""

from initport.formats.format import Certainty, Format
from initport.formats.graph.sniff import is_events, is_text, kind_of

_KERAS_RECORD = b'"class_name": "'
"""What the object graph in a SavedModel says of a Keras model, which its own format reads."""


def _sniff(data: bytes, path: str) -> Certainty:
    if is_events(data) or is_text(data):
        return Certainty.SURE
    kind = kind_of(data)
    if kind == "SavedModel" and _KERAS_RECORD in data:
        return Certainty.POSSIBLE
    return Certainty.NONE if kind is None else Certainty.SURE


FORMAT = Format(
    package=__name__,
    title="a graph of TensorFlow",
    endings=(".meta", ".pb", ".pbtxt"),
    sniff=_sniff,
    options=frozenset({"laws", "strip_scope"}),
)
