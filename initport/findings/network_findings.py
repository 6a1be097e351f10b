"""The findings of networks and models: diagnostics with the lines that they are about."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from initport.diagnostics import Code, Diagnostic
from initport.findings import WORD
from initport.findings.escape import sound
from initport.findings.finding import Excerpt, Finding, excerpt
from initport.ir.location import Location
from initport.regex import Pattern

if TYPE_CHECKING:
    from initport.findings.comments import Ignores

_TOKEN = Pattern(r"[\w.]+|\S")


def findings(
    diagnostics: Iterable[Diagnostic], path: str, read: Callable[[str], bytes | None], codes: Collection[Code]
) -> list[Finding]:
    """Those whose codes count and that no comment silences, by place; ``path`` is the input, and ``read`` gives the
    bytes of it and of the files that it refers to. What makes an input unusable cannot be silenced by a comment."""
    texts = _Texts(read)
    found = []
    for item in diagnostics:
        place = item.location
        text = texts[place.path]
        silent = item.exit_code < 2 and text.silences(item.code, place.line)
        if item.code in codes and not silent:
            found.append(Finding(item, excerpt=text.excerpt(place)))
    if Code.UNUSED_IGNORE in codes and all(item.exit_code < 2 for item in found):
        found += texts[path].unused_comments(path)
        found += [item for name, text in texts.items() if name != path for item in text.unused_comments(name)]
    return sorted(found, key=lambda item: item.place)


class _Texts(dict[str, "_Text"]):
    """The files by path, each read once."""

    def __init__(self, read: Callable[[str], bytes | None]) -> None:
        self.read = read

    def __missing__(self, path: str) -> "_Text":
        self[path] = _Text(self.read(path) or b"")
        return self[path]


class _Text:
    """A file; one that is not text has neither lines nor comments."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    @cached_property
    def content(self) -> str:
        try:
            return self.data.decode()
        except UnicodeDecodeError:
            return self.data.decode("latin-1")

    @cached_property
    def _lines(self) -> Sequence[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.content))]

    @cached_property
    def _ignores(self) -> "Ignores | None":
        """What its comments silence; None where there can be none."""
        if WORD not in self.data or b"\0" in self.data:
            return None
        from initport.findings.comments import Ignores  # costly to import

        return Ignores(self.content)

    def silences(self, code: Code, line: int | None) -> bool:
        return line is not None and self._ignores is not None and self._ignores.silence(code, (line, line))

    def excerpt(self, place: Location) -> Excerpt | None:
        """The line of a place, with the word there marked."""
        if place.line is None or place.column is None or place.line > len(self._lines):
            return None
        line_start = self._lines[place.line - 1]
        start = line_start + place.column - 1
        word = _TOKEN.match(self.content, start)
        end = start if word is None else word.end()
        return excerpt(self.content, line_start, start, end, (place.line, place.column + end - start))

    def unused_comments(self, path: str) -> Iterator[Finding]:
        for comment, reason in self._ignores.unused_comments() if self._ignores is not None else ():
            place = Location(path, comment.line, comment.column)
            subject = sound(comment.text)
            unused = Diagnostic(Code.UNUSED_IGNORE, place, f"{subject}: {reason}")
            yield Finding(unused, subject, self.excerpt(place))
