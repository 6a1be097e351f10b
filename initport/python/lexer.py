"""What of a text is code, and what strings and comments.

Authority: the Python Language Reference, 2.1.3 and 2.4.1; the same in Python 2.
"""

import re
from collections.abc import Iterable, Iterator

_QUIET = re.compile(
    r"#[^\r\n]*+"
    r'|"""(?:[^"\\]++|\\.|"(?!""))*+"""'
    r"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
    r'|"(?:[^"\\\r\n]++|\\.)*+"'
    r"|'(?:[^'\\\r\n]++|\\.)*+'"
    r"|(?P<open>[\"'])",
    re.DOTALL,
)
"""A string without what stands before its quotes, or a comment; or a quote that nothing closes."""

_FORMATTED = re.compile(r"[fF][rR]?\Z")


def is_code(content: str, places: Iterable[int]) -> bool:
    """Whether one of these offsets, which are in order, may be outside of strings and comments."""
    return next(code(content, places), None) is not None


def code(content: str, places: Iterable[int]) -> Iterator[int]:
    """Those of the offsets, which are in order, that may be outside of strings and comments. In doubt one is: behind a
    quote that nothing closes, and in an f-string, which holds code."""
    rest = iter(places)
    at = next(rest, None)
    for quiet in _QUIET.finditer(content) if at is not None else ():
        start = quiet.start()
        while at is not None and at < quiet.end():
            if at < start or quiet["open"] or _FORMATTED.search(content[max(0, start - 2) : start]):
                yield at
            at = next(rest, None)
        if at is None:
            return
        if quiet["open"]:
            break
    if at is not None:
        yield at
        yield from rest
