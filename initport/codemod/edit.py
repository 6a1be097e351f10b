"""Splices of a text: what is between them stays as it is."""

from collections.abc import Iterable
from dataclasses import dataclass

from initport.readers.python_source.text import Span


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """``text`` takes the place of a span."""

    span: Span
    text: str


def splice(content: str, edits: Iterable[Edit]) -> str:
    """Apply edits that do not overlap."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits):
        assert position <= edit.span.start, "edits overlap"
        parts += (content[position : edit.span.start], edit.text)
        position = edit.span.end
    return "".join((*parts, content[position:]))


def moved(span: Span, edits: Iterable[Edit]) -> Span:
    """Where a span that no edit cuts lies after the edits."""
    start = span.start + sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in edits if edit.span < span)
    return Span(start, start + span.end - span.start)
