"""Ignore comments: ``# initport: ignore[IP501]`` or ``# initport: ignore``, for all codes, behind what they silence.

A comment holds for what reaches over its line; on the first or the last line of a statement (of its head, where it has
a body) it holds for the whole of it. Lines that are joined by a backslash or by a string over several lines are one
line, as a comment can stand behind the last of them only. Python, prototxt and YAML write comments alike.
"""

import ast
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from initport.diagnostics import Code
from initport.findings import WORD
from initport.findings.select import is_selector, selects
from initport.lexis import Lines, tokens

Extent = tuple[int, int]
"""The first and the last of some lines, from 1."""

_IGNORE = re.compile(r"#\s*initport:\s*(?:ignore\s*(?:\[(?P<codes>[^\]#]*)\]|(?![\w\[-]))|(?P<other>[^#]*))")


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment that speaks to initport: its offsets and text, its line and column, the lines that it stands behind,
    and the codes that it names: none for all, None where it cannot be understood."""

    start: int
    end: int
    text: str
    line: int
    column: int
    lines: Extent
    codes: tuple[str, ...] | None

    def names(self, code: Code) -> bool:
        return self.codes is not None and (not self.codes or any(selects(one, code) for one in self.codes))


class Layout(Lines):
    """The lines of a text, and which of them belong together."""

    @cached_property
    def _tokens(self) -> list[re.Match[str]]:
        return list(tokens(self.content))

    @cached_property
    def comments(self) -> list[Extent]:
        """Where each comment starts and ends."""
        return [found.span() for found in self._tokens if found.lastgroup == "comment"]

    @cached_property
    def _joined(self) -> dict[int, int]:
        """The last line, by each earlier line, of those that are joined."""
        found: dict[int, int] = {}
        spans = [token.span() for token in self._tokens if token.lastgroup != "comment"]
        for start, end in reversed(spans):
            first, last = self.line(start), self.line(end)
            found.update(dict.fromkeys(range(first, last), found.get(last, last)))
        return found

    def last(self, line: int) -> int:
        """The line behind which a comment on a line stands."""
        return self._joined.get(line, line)

    def joined_lines(self, line: int) -> Extent:
        """All lines that a line is joined with."""
        last = self.last(line)
        first = line
        while self._joined.get(first - 1) == last:
            first -= 1
        return first, last


def read(content: str) -> Iterator[Comment]:
    """The comments that speak to initport, in order."""
    if WORD.decode() not in content:
        return
    layout = Layout(content)
    for start, end in layout.comments:
        line = layout.line(start)
        for found in _IGNORE.finditer(content, start, end):
            column = found.start() - layout.starts[line - 1] + 1
            yield Comment(*found.span(), found[0].rstrip(), line, column, layout.joined_lines(line), _codes(found))


def _codes(found: re.Match[str]) -> tuple[str, ...] | None:
    if found["other"] is None and found["codes"] is None:
        return ()
    return tuple(part.strip() for part in (found["codes"] or "").split(",") if part.strip()) or None


@dataclass
class Ignores:
    """The ignore comments of a text. ``statement`` gives the lines of the statement (or its head) that holds a line."""

    content: str
    statement: Callable[[int], Extent] = lambda line: (line, line)
    _used: dict[Comment, set[str]] = field(default_factory=dict)

    @cached_property
    def comments(self) -> tuple[Comment, ...]:
        return tuple(read(self.content))

    def silence(self, code: Code, lines: Extent) -> bool:
        """Whether a comment silences a finding on these lines; it counts as used then."""
        if not self.comments:
            return False
        reached = dict.fromkeys((*range(lines[0], lines[1] + 1), *self.statement(lines[0])))
        holding = [one for line in reached for one in self._behind.get(line, ()) if one.names(code)]
        for one in holding:
            self._used.setdefault(one, set()).update(part for part in one.codes or () if selects(part, code))
        return bool(holding)

    @cached_property
    def _behind(self) -> dict[int, list[Comment]]:
        """The comments by each of the lines that they stand behind."""
        found: dict[int, list[Comment]] = {}
        for one in self.comments:
            for line in range(one.lines[0], one.lines[1] + 1):
                found.setdefault(line, []).append(one)
        return found

    def unused_comments(self) -> Iterator[tuple[Comment, str]]:
        """The comments, or codes of one, that silenced nothing, and what to say of them."""
        for one in self.comments:
            if one.codes is None:
                yield one, "it is not understood; write `# initport: ignore[IP501]`"
                continue
            unknown = [part for part in one.codes if not is_selector(part)]
            idle = [part for part in one.codes if part not in self._used.get(one, set()) and part not in unknown]
            if unknown:
                yield one, f"{_list(unknown)} is not a code; `initport rules` lists them"
            if idle:
                yield one, f"nothing on its line has the code {_list(idle)}; remove it"
            elif one not in self._used and not unknown:
                yield one, "there is nothing to silence on its line; remove it"


def _list(parts: Iterable[str]) -> str:
    return ", ".join(f"`{part}`" for part in parts)


def insertions(content: str, wanted: Iterable[tuple[int, Code]]) -> Iterator[tuple[int, int, str]]:
    """The edits (offsets, text) that silence findings by their first line and code: a comment behind the line, or more
    codes in the one that is there."""
    layout = Layout(content)
    there = {one.lines[1]: one for one in read(content) if one.codes is not None}
    codes: dict[int, set[str]] = {}
    for line, code in wanted:
        codes.setdefault(layout.last(line), set()).add(code.code)
    for line, added in sorted(codes.items()):
        comment = there.get(line)
        known = () if comment is None else comment.codes or ()
        text = f"# initport: ignore[{', '.join(sorted(added.union(known)))}]"
        if comment is not None:
            yield comment.start, comment.end, text
        else:
            end = layout.end(line)
            yield end, end, text if content[end - 1 : end].isspace() else f"  {text}"


def comments_behind(content: str, notes: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    """The insertions (offset, text) that put a comment behind lines that have none."""
    layout = Layout(content)
    taken = {layout.line(start) for start, _ in layout.comments}
    for line, note in sorted({layout.last(line): note for line, note in notes.items()}.items()):
        if line not in taken:
            yield layout.end(line), f"  # {note}"


def statement_lines(tree: ast.Module) -> Callable[[int], Extent]:
    """For a line, the lines of the innermost statement that holds it, or of that one's head where it has a body."""
    inner: dict[ast.stmt, list[ast.stmt]] = {}

    def lines(line: int) -> Extent:
        body = tree.body
        while True:
            index = bisect_right(body, line, key=_first) - 1
            if index < 0 or line > (body[index].end_lineno or 0):
                return line, line
            holder = body[index]
            blocks = [block for block in _blocks(holder) if block]
            last = min((_first(block[0]) - 1 for block in blocks), default=holder.end_lineno or 0)
            if line <= max(last, holder.lineno):
                return _first(holder), max(last, holder.lineno)
            if holder not in inner:
                inner[holder] = sorted((node for block in blocks for node in block), key=_first)
            body = inner[holder]

    return lines


def _first(node: ast.stmt) -> int:
    """Decorators stand above the line that a function or class starts."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(item.lineno for item in decorators)])


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body
