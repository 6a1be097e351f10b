"""A module's tree of which some parts are parsed when something asks for them.

What an edit does not touch was parsed before it was made, and is the same behind it; mostly nothing asks for it again.
A part is what a function, a class or a long display holds: in its place the parser gets as many lines.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, SupportsIndex

from initport.python.scope import BLOCKS
from initport.python.syntax import first_line, parse
from initport.python.text import Text

_BLOCK = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_SHORT, _LONG = 200, 10_000
"""The characters of a block, and of a display, that take less time to parse than to put aside."""

_DISPLAYS: dict[type[ast.AST], tuple[str, ...]] = {
    ast.List: ("elts",),
    ast.Tuple: ("elts",),
    ast.Dict: ("keys", "values"),
}
"""What each kind of display holds."""


class Part(NamedTuple):
    """A run of a text, from ``start`` to ``end``: all statements of the function or class at ``owner``, or all between
    the brackets of the value of the statement there (``is_value``)."""

    owner: int
    start: int
    end: int
    is_value: bool

    def move_by(self, by: int) -> "Part":
        return Part(self.owner + by, self.start + by, self.end + by, self.is_value)


def part_of(node: ast.stmt, text: Text) -> Part | None:
    """The part of a statement; None where it is not worth while."""
    owner = text.offset(node.lineno, node.col_offset)
    if isinstance(node, _BLOCK):
        start, end = _first(node.body[0], text), _end(node, text)
        rest = text.content[end : text.end(text.line(end))].strip()
        return Part(owner, start, end, False) if start and end - start > _SHORT and rest[:1] in ("", "#") else None
    value = _display(node)
    if value is None or value.col_offset == 0:
        return None
    start, end = _start(value, text) + 1, _end(value, text) - 1
    bare = isinstance(value, ast.Tuple) and text.content[start - 1] != "("
    return Part(owner, start, end, True) if end - start > _LONG and not bare else None


def _display(node: ast.AST) -> ast.expr | None:
    """The display that is the value of a statement."""
    value = getattr(node, "value", None)
    return value if isinstance(value, ast.expr) and type(value) in _DISPLAYS else None


def _first(node: ast.stmt, text: Text) -> int:
    """Where a statement starts, or its decorators; 0 where something stands before it on the line."""
    line = first_line(node)
    begin, end = text.starts[line - 1], text.end(line)
    start = end - len(text.content[begin:end].lstrip())
    return start if start == _start(node, text) or text.content[start] == "@" else 0


def _start(node: ast.stmt | ast.expr, text: Text) -> int:
    return text.offset(node.lineno, node.col_offset)


def _end(node: ast.stmt | ast.expr, text: Text) -> int:
    return text.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)


def skeleton(text: Text, parts: Sequence[Part]) -> ast.Module:
    """The tree of a text with its parts, which are in order. Raises SyntaxError where all else is not Python 3."""
    if not parts:
        return parse(text.content)
    kept, at = [], 0
    for part in parts:
        kept += [text.content[at : part.start], _blank(text, part)]
        at = part.end
    tree = parse("".join((*kept, text.content[at:])))
    places = {text.position(part.owner): part for part in parts}
    for node in _inside_out(tree):
        if isinstance(node, ast.stmt) and (node.lineno, node.col_offset) in places:
            _put_aside(node, places.pop((node.lineno, node.col_offset)), text)
        else:
            _end_with_last(node)
    if places:
        raise SyntaxError("a statement beside the replacements would change")
    return tree


def _blank(text: Text, part: Part) -> str:
    """What the parser gets in the place of a part: as many lines, and behind a display the same column."""
    lines = "\n" * (text.line(part.end) - text.line(part.start))
    if not part.is_value:
        return f"pass{lines}"
    last = max(part.start, text.starts[text.line(part.end) - 1])
    return lines + " " * len(text.content[last : part.end].encode(errors="surrogatepass"))


def _inside_out(tree: ast.Module) -> Iterator[ast.AST]:
    """The statements of a tree, and what holds statements, each behind all that it holds."""
    found: list[ast.AST] = []
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        found.append(node)
        for name in BLOCKS[type(node)]:
            stack.extend(getattr(node, name))
    return reversed(found)


def _end_with_last(node: ast.AST) -> None:
    """Let a node end no sooner than the last of its statements does."""
    blocks = [held for name in BLOCKS[type(node)] if (held := getattr(node, name))]
    if blocks and isinstance(node, ast.stmt | ast.ExceptHandler):
        last = blocks[-1][-1]
        ends = (node.end_lineno or 0, node.end_col_offset or 0), (last.end_lineno, last.end_col_offset)
        node.end_lineno, node.end_col_offset = max(ends)


def _put_aside(node: ast.stmt, part: Part, text: Text) -> None:
    """Let a statement hold what its part has, to be parsed when something asks for it. Raises SyntaxError."""
    line, column = text.position(part.start)
    content, value = text.content[part.start : part.end], _display(node)
    if not part.is_value and isinstance(node, _BLOCK):
        node.end_lineno, node.end_col_offset = text.position(part.end)
        blanks = text.content[text.starts[line - 1] : part.start]
        inner = "\n" * (line - 2) + f"if 1:\n{blanks}{content}\n"
        node.body = _Later(partial(_nodes_of, inner, "body"))
    elif part.is_value and value is not None:
        opening, closing = text.content[part.start - 1], text.content[part.end]
        inner = "\n" * (line - 1) + f"({' ' * (column - 2)}{opening}{content}{closing})"
        for name in _DISPLAYS[type(value)]:
            setattr(value, name, _Later(partial(_nodes_of, inner, name)))
    else:
        raise SyntaxError("a statement beside the replacements would change")


def _nodes_of(content: str, name: str) -> list[ast.AST]:
    """What the statement of a text, or its value, has in a field."""
    (node,) = parse(content).body
    found: list[ast.AST] = getattr(getattr(node, "value", node), name)
    return found


class _Later(list[Any]):
    """Nodes that are parsed when something asks for one of them, or for their number."""

    def __init__(self, parse_all: Callable[[], list[Any]]) -> None:
        super().__init__()
        self._parse: Callable[[], list[Any]] | None = parse_all

    def _all(self) -> "_Later":
        if self._parse is not None:
            parse_all, self._parse = self._parse, None
            super().extend(parse_all())
        return self

    def __len__(self) -> int:
        self._all()
        return super().__len__()

    def __iter__(self) -> Iterator[Any]:
        self._all()
        return super().__iter__()

    def __reversed__(self) -> Iterator[Any]:
        self._all()
        return super().__reversed__()

    def __getitem__(self, at: SupportsIndex | slice) -> Any:
        self._all()
        return super().__getitem__(at)

    def clear(self) -> None:
        self._parse = None
        super().clear()
