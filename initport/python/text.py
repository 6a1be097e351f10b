"""A source's text and positions in it.

Authority: the `ast` module counts lines at ``\\n``, ``\\r\\n`` and ``\\r`` only, and columns in UTF-8 bytes.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from initport.lexis import LINE_END, Lines
from initport.records import NamedTuple

_WIDE = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"\w+")
_SEARCHES = 64
"""Words whose places are searched for one by one; to note those of all words costs about as much."""

_FEW = 16
"""Words that are searched for before it costs less to know which words there are at all."""

_BLANKED = "".join(chr(code) if chr(code).isalnum() or chr(code) == "_" else " " for code in range(128))
"""What takes the place of each character of ASCII where only words are wanted."""

_STAR = re.compile(r"import\s*\*")


class Span(NamedTuple):
    """A run of characters of a text: ``text[start:end]``."""

    start: int
    end: int


class Text(Lines):
    """The text of a module, with offsets for positions of `ast` nodes."""

    @classmethod
    def of_source(cls, source: "str | Text") -> "Text":
        """The text of a module; itself where it is one, with all that was found out of it."""
        return cls(source) if isinstance(source, str) else source

    @cached_property
    def _is_ascii(self) -> bool:
        return self.content.isascii()

    @cached_property
    def _wide(self) -> dict[int, tuple[list[int], list[int]]]:
        return {}

    def offset(self, line: int, column: int) -> int:
        """The offset of a position as `ast` states it: line from 1, column in UTF-8 bytes."""
        start = self.starts[line - 1]
        if self._is_ascii:
            return start + column
        ends, bytes_ahead = self._wide_of(line)
        at = bisect_right(bytes_ahead, column) - 1
        return start + (column if at < 0 else ends[at] + column - bytes_ahead[at])

    def _wide_of(self, line: int) -> tuple[list[int], list[int]]:
        """Where the characters of a line end that are more than a byte, in characters and in bytes."""
        if line not in self._wide:
            stop = self.after(line)
            ends: list[int] = []
            ahead: list[int] = []
            more = 0
            for found in _WIDE.finditer(self.content, self.starts[line - 1], stop):
                more += len(found[0].encode(errors="surrogatepass")) - 1
                ends.append(found.end() - self.starts[line - 1])
                ahead.append(ends[-1] + more)
            self._wide[line] = ends, ahead
        return self._wide[line]

    def position(self, offset: int) -> tuple[int, int]:
        """The position of an offset as `ast` states it."""
        line = self.line(offset)
        start = self.starts[line - 1]
        ahead = offset - start if self._is_ascii else len(self.content[start:offset].encode(errors="surrogatepass"))
        return line, ahead

    def span(self, node: ast.expr) -> Span:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return Span(self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset))

    def of(self, node: ast.expr) -> str:
        """The text of a node."""
        span = self.span(node)
        return self.content[span.start : span.end]

    def places(self, word: str) -> Sequence[int]:
        """The offsets at which a word stands by itself, be it in a string or a comment, in order."""
        found = self._searched.get(word)
        if found is None:
            if len(self._searched) >= _SEARCHES:
                return self._places.get(word, ())
            if (len(self._searched) >= _FEW or "_words" in self.__dict__) and word not in self._words:
                return ()
            found = self._searched[word] = list(self._search(word))
        return found

    def _search(self, word: str) -> Iterator[int]:
        content = self.content
        at = content.find(word)
        while at >= 0:
            end = at + len(word)
            before, after = content[at - 1 : at], content[end : end + 1]
            if not (before.isalnum() or before == "_" or after.isalnum() or after == "_"):
                yield at
            at = content.find(word, end)

    @cached_property
    def _searched(self) -> dict[str, list[int]]:
        """The places of words, as far as they were searched for."""
        return {}

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for word in _WORD.finditer(self.content):
            found.setdefault(word[0], []).append(word.start())
        return found

    @cached_property
    def _words(self) -> frozenset[str]:
        """All words of the text."""
        content = self.content
        return frozenset(content.translate(_BLANKED).split() if self._is_ascii else _WORD.findall(content))

    def lines_of(self, word: str) -> list[int]:
        """The lines on which a word stands, in order."""
        return list(dict.fromkeys(self.line(at) for at in self.places(word)))

    def holds(self, word: str) -> bool:
        return bool(self.places(word))

    def words_among(self, wanted: frozenset[str]) -> frozenset[str]:
        """Those of some words that the text has."""
        return self._words & wanted

    def contains(self, characters: str) -> bool:
        """Whether some characters stand anywhere, looked for once."""
        if characters not in self._contained:
            self._contained[characters] = characters in self.content
        return self._contained[characters]

    @cached_property
    def _contained(self) -> dict[str, bool]:
        return {}

    def lines_stating(self, keyword: str) -> list[int]:
        """The lines on which a keyword stands where a statement can start, be it in a string."""
        return [self.line(at) for at in self.places(keyword) if self._behind(at, "\n\r\f;:")]

    def every(self, characters: str) -> Iterator[int]:
        """The offsets at which some characters stand, in order."""
        at = self.content.find(characters)
        while at >= 0:
            yield at
            at = self.content.find(characters, at + 1)

    def reaches(self, word: str) -> bool:
        """Whether a word stands where something of a module is named: behind a dot, or in an import; the first word of
        a line may be. Elsewhere it is of strings and comments alone, or of a name that the text makes for itself."""
        return any(self._is_open or self._behind(at, ".,(\n\r\f\\", ("import", "from")) for at in self.places(word))

    def _behind(self, at: int, characters: str, words: tuple[str, ...] = ()) -> bool:
        """Whether an offset follows one of these, blanks aside, or starts the text."""
        while at and self.content[at - 1] in " \t":
            at -= 1
        return at == 0 or self.content[at - 1] in characters or self.content.endswith(words, 0, at)

    @cached_property
    def _is_open(self) -> bool:
        """Whether things of modules can be reached whose names do not stand so."""
        return "getattr" in self.content or _STAR.search(self.content) is not None

    @cached_property
    def newline(self) -> str:
        """How the text ends its lines."""
        found = LINE_END.search(self.content)
        return found[0] if found else "\n"
