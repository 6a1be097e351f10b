"""Splices of a text: what is between them stays as it is."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import accumulate

from initport.python.text import Span
from initport.records import NamedTuple


class Edit(NamedTuple):
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


def move(spans: Iterable[Span], edits: Sequence[Edit]) -> list[Span]:
    """Where spans that no edit cuts lie after the edits, which are sorted."""
    before = [edit.span for edit in edits]
    gained = (len(edit.text) - (edit.span.end - edit.span.start) for edit in edits)
    ahead = list(accumulate(gained, initial=0))
    shifts = ((span, ahead[bisect_left(before, span)]) for span in spans)
    return [Span(span.start + shift, span.end + shift) for span, shift in shifts]
