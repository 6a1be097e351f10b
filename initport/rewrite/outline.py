"""What must be the same in a module before and after its edits: the docstring, and every literal outside of the edits.

An outline keeps of the tree before no node, so that the tree can be released before the other one is made.
"""

import ast
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from initport.python.scope import BLOCKS
from initport.python.syntax import nodes
from initport.python.text import Span, Text
from initport.rewrite.edits import Edit, move
from initport.rewrite.skeleton import Part, part_of


@dataclass(frozen=True, slots=True)
class Outline:
    """Of the outermost statements that no edit touches, in order: where each starts in the text (``before``), where it
    must start and end after the edits, and its kind. ``literals`` are those of all other statements, and ``parts`` what
    need not be parsed of these statements after the edits."""

    text: Text
    edits: Sequence[Edit]
    before: "array[int]"
    starts: "array[int]"
    ends: "array[int]"
    kinds: tuple[type[ast.stmt], ...]
    literals: tuple[str, ...]
    docstring: str | None
    parts: "tuple[Part, ...]"

    @classmethod
    def of(cls, tree: ast.Module, text: Text, edits: Sequence[Edit]) -> "Outline":
        """``edits`` are in order."""
        spans = [edit.span for edit in edits]
        untouched, rest = _part(tree, text, spans)
        places = [_span(node, text) for node in untouched]
        moved = move(places, edits)
        return cls(
            text,
            edits,
            array("q", (span.start for span in places)),
            array("q", (span.start for span in moved)),
            array("q", (span.end for span in moved)),
            tuple(type(node) for node in untouched),
            _literals(rest, text, spans),
            _docstring(tree),
            tuple(
                part.move_by(after.start - before.start)
                for node, before, after in zip(untouched, places, moved, strict=True)
                if (part := part_of(node, text)) is not None
            ),
        )

    def agrees(self, tree: ast.Module, text: Text, parse: Callable[[str], ast.Module]) -> bool:
        """Whether the docstring and the literals are the same in the result, which is ``tree``. A statement that no
        edit touches, and that stands in the result where it must, in the same words, is not looked into; where one does
        not, the text is parsed again for all of its literals."""
        moved = [span.start for span in move((edit.span for edit in self.edits), self.edits)]
        written = [Span(start, start + len(edit.text)) for start, edit in zip(moved, self.edits, strict=True)]
        others, rest = _part(tree, text, written)
        more = [node for node in others if not self._has(node, text)]
        if len(others) - len(more) == len(self.starts):
            literals = self.literals
        else:
            literals = _literals([parse(self.text.content)], self.text, [edit.span for edit in self.edits])
            rest, more = [tree], []
        return literals == _literals([*rest, *more], text, written) and self.docstring == _docstring(tree)

    def _has(self, node: ast.stmt, text: Text) -> bool:
        span = _span(node, text)
        at = bisect_left(self.starts, span.start)
        if at == len(self.starts) or (self.starts[at], self.ends[at]) != (span.start, span.end):
            return False
        begin = self.before[at]
        same = text.content[span.start : span.end] == self.text.content[begin : begin + span.end - span.start]
        return same and self.kinds[at] is type(node)


def _part(tree: ast.Module, text: Text, edits: Sequence[Span]) -> tuple[list[ast.stmt], list[ast.AST]]:
    """The outermost statements that no edit touches, and what there is besides."""
    untouched: list[ast.stmt] = []
    rest: list[ast.AST] = []
    ends = [edit.end for edit in edits]
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt) and not _is_touched(_span(node, text), edits, ends):
            untouched.append(node)
        elif blocks := BLOCKS.get(type(node)):
            for name in node._fields:
                held = getattr(node, name, None)
                within = held if isinstance(held, list) else [held]
                (pending if name in blocks else rest).extend(item for item in within if isinstance(item, ast.AST))
        else:
            rest.append(node)
    return sorted(untouched, key=lambda node: (node.lineno, node.col_offset)), rest


def _span(node: ast.stmt, text: Text) -> Span:
    """From the first decorator to the end."""
    decorators = getattr(node, "decorator_list", None)
    first = min([node, *decorators], key=lambda item: item.lineno) if decorators else node
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return Span(text.offset(first.lineno, first.col_offset), text.offset(node.end_lineno, node.end_col_offset))


def _is_touched(span: Span, edits: Sequence[Span], ends: Sequence[int]) -> bool:
    """Whether one of the edits, which are in order and have these ``ends``, has something of a span, or stands beside
    it."""
    at = bisect_left(ends, span.start)
    return at < len(edits) and edits[at].start <= span.end


def _docstring(tree: ast.Module) -> str | None:
    return ast.get_docstring(tree, clean=False)


def _literals(statements: Sequence[ast.AST], text: Text, spans: Sequence[Span]) -> tuple[str, ...]:
    """The constants of statements that are outside of some spans, both in order."""
    found = (
        (text.offset(node.lineno, node.col_offset), repr(node.value))
        for statement in statements
        for node in nodes(statement)
        if isinstance(node, ast.Constant)
    )
    ends = [span.end for span in spans]
    kept: list[str] = []
    for offset, value in sorted(found):
        at = bisect_right(ends, offset)
        if at == len(spans) or not spans[at].start <= offset:
            kept.append(value)
    return tuple(kept)
