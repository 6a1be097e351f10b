"""What texts have in common whatever they say: their lines, and what of them is strings and comments.

Authority: the Python Language Reference, 2.1.3 and 2.4.1; the same in Python 2. Prototxt and YAML write comments alike.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import accumulate

from initport.regex import Pattern

LINE_END = Pattern(r"\r\n|\r|\n")

_STRING = (
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"""'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
    r'|"(?!"")(?:[^"\\\r\n]++|\\(?:\r\n|.))*+"'
    r"|'(?!'')(?:[^'\\\r\n]++|\\(?:\r\n|.))*+'"
)
"""A string without what stands before its quotes."""

_TOKEN = Pattern(
    rf"(?P<comment>#[^\r\n]*+)|(?P<string>{_STRING})"
    r'|(?P<open>(?:"""|\'\'\').*+|"(?:[^"\\\r\n]++|\\(?:\r\n|.))*+|\'(?:[^\'\\\r\n]++|\\(?:\r\n|.))*+)'
    r"|(?P<joint>\\(?:\r\n|\r|\n))",
    re.DOTALL,
)
"""A comment; a string; what a quote starts that nothing closes, to the end of the line or of the text; a line's end
that a backslash takes away."""

_BETWEEN = Pattern(rf"(?:[^\"'#]++|{_STRING}|#[^\r\n]*+(?=[\r\n]))*+", re.DOTALL)
"""Code, and the strings and comments in it that end before a place."""

_FORMATTED = Pattern(r"[fF][rR]?\Z|[rR][fF]\Z")


class Lines:
    """A text and the offsets at which its lines start; lines count from 1. A line ends at ``\\n``, ``\\r\\n`` and
    ``\\r``."""

    def __init__(self, content: str) -> None:
        self.content = content

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, Lines) and self.content == other.content

    def __hash__(self) -> int:
        return hash(self.content)

    @cached_property
    def starts(self) -> list[int]:
        if "\r" in self.content:
            return [0, *(found.end() for found in LINE_END.finditer(self.content))]
        lengths = [len(line) + 1 for line in self.content.split("\n")]
        return [0, *accumulate(lengths[:-1])]

    def line(self, offset: int) -> int:
        """The line that holds an offset."""
        return bisect_right(self.starts, offset)

    def place(self, offset: int) -> tuple[int, int]:
        """The line and the column of an offset, both from 1, the column in characters."""
        line = self.line(offset)
        return line, offset - self.starts[line - 1] + 1

    def end(self, line: int) -> int:
        """The offset at which a line's characters end, before what ends the line."""
        found = LINE_END.search(self.content, self.starts[line - 1])
        return len(self.content) if found is None else found.start()

    def after(self, line: int) -> int:
        """The offset at which the next line starts, or the text ends."""
        return self.starts[line] if line < len(self.starts) else len(self.content)


def one_line(source: str) -> str:
    """A text without its line ends and indentation."""
    return " ".join(source.split())


def tokens(content: str) -> Iterator[re.Match[str]]:
    """The strings and comments of a text, and the line ends that a backslash takes away, in order; the match's
    ``lastgroup`` is ``string``, ``comment``, ``joint``, or ``open`` for what a quote starts that nothing closes."""
    return _TOKEN.finditer(content)


def is_code(content: str, places: Iterable[int]) -> bool:
    """Whether one of these offsets, which are in order, may be outside of strings and comments."""
    return next(code(content, places), None) is not None


def code(content: str, places: Iterable[int]) -> Iterator[int]:
    """Those of the offsets, which are in order and none of which is a quote within a string, that may be outside of
    strings and comments. In doubt one is: behind a quote that nothing closes, and in an f-string, which holds code."""
    end, is_inside = 0, False
    rest = iter(places)
    for at in rest:
        if at >= end:
            start = _BETWEEN.match(content, end, at).end()  # type: ignore[union-attr]  # it matches nothing, too
            token = _TOKEN.match(content, start) if start < at or content[at : at + 1] in "\"'#" else None
            if token is not None and token.lastgroup == "open":
                yield at
                yield from rest
                return
            end = at if token is None else token.end()
            is_inside = token is not None and at < end and not _is_formatted(content, token)
        if not is_inside:
            yield at


def _is_formatted(content: str, token: re.Match[str]) -> bool:
    start = token.start()
    return token.lastgroup == "string" and _FORMATTED.search(content[max(0, start - 2) : start]) is not None
