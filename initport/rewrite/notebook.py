"""Jupyter notebooks: the code cells as one module, edited within the strings of the JSON, all other bytes as they were.

Authority: nbformat 4 (and 3): ``source`` (``input`` in 3) of a code cell is a string or a list of strings. A line that
starts with ``%``, ``!`` or ``?``, or gives a name to what such a one says, or ends with ``?``, is not Python, nor is a
cell that starts with ``%%``; what the first line of a cell is indented by, IPython takes from all lines that start with
it (``IPython/core/inputtransformer2.py``, ``leading_indent``).
"""

import ast
import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from initport.python import module_sites as reader
from initport.python.text import Span, Text
from initport.rewrite.apply import Parse, Rewritten
from initport.rewrite.edits import Edit, splice
from initport.rewrite.encoding import EncodingError

_MAGIC = re.compile(r"^([ \t]*)([%!?][^\n]*|[\w., \t]+=[ \t]*[%!][^\n]*|[^\n#'\"]*\?)$", re.MULTILINE)
_INDENT = re.compile(r"(?:[ \t]*\n)*([ \t]+)(?=[^ \t\n])")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_CHARACTER = re.compile(r"\\u[0-9a-fA-F]{4}|\\.|[^\\]")

Rewrite = Callable[[str, Callable[[Parse], Parse]], Rewritten]


@dataclass(frozen=True, slots=True)
class Piece:
    """A string of a code cell: where it lies between its quotes in the file, what it says, and where that lies in the
    text of all cells; ``last`` is whether it is the end of its cell, which is called ``key``."""

    start: int
    end: int
    value: str
    offset: int
    last: bool
    key: str | None


Place = Callable[[int], tuple[int, int, str | None]]
"""An offset in the text of all cells to its line and column in the notebook's file, and its cell."""


def rewrite_notebook(data: bytes, rewrite: Rewrite) -> tuple[bytes, Rewritten, Place]:
    """Raises EncodingError for what is not a notebook, and what ``rewrite`` raises."""
    content, text, pieces = _open(data)
    place = _places(content, pieces)
    try:
        rewritten = rewrite(text, without_magics)
    except SyntaxError as error:
        error.lineno = place(Text(text).starts[(error.lineno or 1) - 1])[0]
        raise
    edits = [_within(content, edit, pieces) for edit in rewritten.edits]
    after = splice(content, (part for parts in edits for part in parts))
    if _code(after)[0] != rewritten.text:
        raise EncodingError("the cells cannot be edited within the notebook's JSON")
    return after.encode(), rewritten, place


def _places(content: str, pieces: list[Piece]) -> Place:
    text = Text(content)
    offsets = [piece.offset for piece in pieces]

    def place(offset: int) -> tuple[int, int, str | None]:
        piece = pieces[max(0, bisect_right(offsets, offset) - 1)]
        count = min(max(0, offset - piece.offset), len(piece.value))
        raw = _raw_offset(content[piece.start : piece.end], count)
        return *text.place(piece.start + raw), piece.key

    return place


def code(data: bytes) -> str:
    """The text of all code cells. Raises EncodingError for what is not a notebook."""
    return _open(data)[1]


def _open(data: bytes) -> tuple[str, str, list[Piece]]:
    try:
        content = data.decode()
        return (content, *_code(content))
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EncodingError(f"this is not a notebook: {error}") from error


def without_magics(parse: Parse) -> Parse:
    """A parser that reads lines of IPython's own as comments of the same length, where the cells are not Python."""

    def parse_cells(text: str) -> ast.Module:
        try:
            return reader.parse(text)
        except SyntaxError:
            return parse(_MAGIC.sub(_comment, text))

    return parse_cells


def _comment(found: re.Match[str]) -> str:
    indent, line = found[1], found[2]
    word = "pass #" if indent and len(line) >= 6 else "#"
    return f"{indent}{word}{line[len(word) :]}"


def _code(content: str) -> tuple[str, list[Piece]]:
    """The text of the code cells, and the strings that it is made of."""
    notebook = json.loads(content)
    strings = _Strings(content)
    cells = strings.cells(notebook)
    parts: list[str] = []
    pieces: list[Piece] = []
    offset = 0
    for cell, key in zip(cells, _keys(notebook, len(cells)), strict=True):
        whole = "".join(value for _, _, value in cell)
        if whole.lstrip().startswith("%%"):
            continue
        indented = _INDENT.match(whole)
        cell = cell if indented is None else list(_without_indent(content, cell, indented[1]))
        for index, (start, end, value) in enumerate(cell):
            pieces.append(Piece(start, end, value, offset, index == len(cell) - 1, key))
            parts.append(value)
            offset += len(value)
        parts.append("\n")
        offset += 1
    return "".join(parts), pieces


def _without_indent(content: str, cell: list[tuple[int, int, str]], indent: str) -> Iterator[tuple[int, int, str]]:
    """The lines of a cell's strings, without the indentation of its first."""
    begins = True
    for start, end, value in cell:
        raw, at = content[start:end], 0
        for line in _LINE.findall(value):
            kept = line.removeprefix(indent) if begins else line
            first = _raw_offset(raw, len(line) - len(kept), at)
            at = _raw_offset(raw, len(kept), first)
            yield start + first, start + at, kept
            begins = line.endswith("\n")


def _keys(notebook: dict[str, Any], count: int) -> list[str | None]:
    """What the code cells are called: by their index among all; of format 3, which has worksheets, nothing."""
    found = notebook.get("cells", ())
    keys: list[str | None] = [f"cells[{index}]" for index, cell in enumerate(found) if cell.get("cell_type") == "code"]
    return keys if len(keys) == count else [None] * count


class _Strings:
    """Finds the strings of code cells in the text of a notebook, by walking its JSON."""

    def __init__(self, content: str) -> None:
        self.content = content
        self.decoder = json.JSONDecoder()
        self.space = re.compile(r"[ \t\r\n]*")

    def cells(self, notebook: object) -> list[list[tuple[int, int, str]]]:
        assert isinstance(notebook, dict)
        found: list[list[tuple[int, int, str]]] = []
        self._value(self._skip(0), found)
        return found

    def _skip(self, at: int) -> int:
        matched = self.space.match(self.content, at)
        assert matched is not None
        return matched.end()

    def _value(self, at: int, found: list[list[tuple[int, int, str]]]) -> int:
        """Step over the value at a position; cells in it are added to ``found``."""
        if self.content[at] == "{":
            return self._object(at, found)
        if self.content[at] == "[":
            return self._list(at, lambda place: self._value(place, found))
        return self.decoder.raw_decode(self.content, at)[1]

    def _list(self, at: int, item: Callable[[int], int]) -> int:
        at = self._skip(at + 1)
        while self.content[at] != "]":
            at = self._skip(item(at))
            if self.content[at] == ",":
                at = self._skip(at + 1)
        return at + 1

    def _object(self, at: int, found: list[list[tuple[int, int, str]]]) -> int:
        kind: object = None
        cell: list[tuple[int, int, str]] = []
        at = self._skip(at + 1)
        while self.content[at] != "}":
            key, after = self.decoder.raw_decode(self.content, at)
            at = self._skip(self._skip(after) + 1)
            if key in ("source", "input"):
                at = self._source(at, cell)
            else:
                if key == "cell_type":
                    kind = self.decoder.raw_decode(self.content, at)[0]
                at = self._value(at, found)
            at = self._skip(at)
            if self.content[at] == ",":
                at = self._skip(at + 1)
        if kind == "code":
            found.append(cell)
        return at + 1

    def _source(self, at: int, cell: list[tuple[int, int, str]]) -> int:
        def string(place: int) -> int:
            value, end = self.decoder.raw_decode(self.content, place)
            if isinstance(value, str):
                cell.append((place + 1, end - 1, value))
            return end

        return self._list(at, string) if self.content[at] == "[" else string(at)


def _within(content: str, edit: Edit, pieces: list[Piece]) -> Iterator[Edit]:
    """The edit in the file: the new text in the string that it starts in, nothing in those that it reaches over."""
    text = edit.text
    first = bisect_left(pieces, edit.span.start, key=lambda piece: piece.offset) - 1
    for index in range(max(first, 0), len(pieces)):
        piece = pieces[index]
        if piece.offset > edit.span.end:
            return
        low = max(edit.span.start, piece.offset)
        high = min(edit.span.end, piece.offset + len(piece.value))
        inside = piece.offset <= edit.span.start < piece.offset + len(piece.value) + piece.last
        if low < high or (inside and edit.span.start == edit.span.end):
            raw = content[piece.start : piece.end]
            start, end = _raw_offset(raw, low - piece.offset), _raw_offset(raw, high - piece.offset)
            yield Edit(Span(piece.start + start, piece.start + end), json.dumps(text)[1:-1])
            text = ""


def _raw_offset(raw: str, count: int, at: int = 0) -> int:
    """Where in a JSON string's own text the first ``count`` characters from a place on end."""
    for _ in range(count):
        found = _CHARACTER.match(raw, at)
        assert found is not None
        at = found.end()
        if re.match(r"\\u[dD][89abAB]", found[0]) and re.match(r"\\u[dD][c-fC-F]", raw[at : at + 4]):
            at += 6
    return at
