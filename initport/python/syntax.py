"""The tree of a module by its words: where each stands, and what stands around it.

A statement's expressions are looked through once, when a word on one of its lines is first asked for; a module of which
nothing is asked costs nothing. Nothing here recurses, so that no nesting is too deep.
"""

import ast
import warnings
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from initport.python.scope import WITHIN, Scope, module_scope
from initport.python.text import Text

BLOCKS = ("body", "handlers", "cases", "orelse", "finalbody")
"""The fields of a statement that hold statements, in the order of the source."""

_DECORATED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_PART = ast.expr | ast.arguments | ast.arg | ast.keyword | ast.comprehension | ast.withitem | ast.pattern
"""What holds expressions, other than statements. (Operators and contexts are shared by all of a tree.)"""


class TooDeepError(SyntaxError):
    """The text is nested deeper than CPython takes it, in Python 2 or 3."""


def parse(content: str) -> ast.Module:
    """Raises SyntaxError for whatever is no Python 3 (TooDeepError where it is too deep for the parser)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except (RecursionError, MemoryError) as error:
        raise TooDeepError("its expressions or statements are nested deeper than Python takes them") from error
    except ValueError as error:
        raise SyntaxError(str(error)) from error
    except SyntaxError as error:
        if error.msg.startswith(_TOO_DEEP):
            raise TooDeepError(f"{error.msg}, which Python does not take") from error
        raise


_TOO_DEEP = ("too many levels of indentation", "too many nested parentheses")


@dataclass(eq=False, slots=True)
class Spot:
    """A node where it stands: in which field of its holder, at which place of that where it is a list, and the block
    in which names that stand there are looked up."""

    node: ast.AST
    holder: "Spot | None"
    scope: Scope
    field: str = ""
    index: int = 0

    @property
    def parent(self) -> ast.AST | None:
        return None if self.holder is None else self.holder.node

    def holders(self) -> "Iterator[Spot]":
        """What holds this, innermost first."""
        spot = self.holder
        while spot is not None:
            yield spot
            spot = spot.holder


@dataclass(eq=False, slots=True)
class _Statement:
    """``first`` and ``last`` are the lines of what it holds besides statements."""

    node: ast.AST
    outer: "_Statement | None"
    field: str
    index: int
    first: int
    last: int
    spot: Spot | None = None
    is_read: bool = False


@dataclass(eq=False)
class Syntax:
    """A module. To be closed (`contextlib.closing`) once nothing is asked of it any more."""

    tree: ast.Module
    text: Text
    scope: Scope
    entered: list[Scope] = field(default_factory=list)
    """The blocks that hold something that was looked through, each once."""

    memo: dict[str, dict[Any, Any]] = field(default_factory=dict)
    """What those who ask remember of the module."""

    sorted_loads: dict[str, dict[Scope | None, list[Spot]]] = field(default_factory=dict)
    sorted_attributes: dict[str, list[Spot]] = field(default_factory=dict)
    _words: dict[str, list[Spot]] = field(default_factory=dict)
    _strings: dict[str, list[Spot]] = field(default_factory=dict)
    _lines: set[int] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)
    _flat: "dict[ast.AST, tuple[list[_Statement], list[int]]]" = field(default_factory=dict)

    @classmethod
    def of(cls, tree: ast.Module, text: Text) -> "Syntax":
        scope = module_scope(tree, text)
        return cls(tree, text, scope, [scope])

    def close(self) -> None:
        self.scope.close()
        for held in (self.memo, self._words, self._strings, self._flat, self.sorted_loads, self.sorted_attributes):
            held.clear()

    def release(self) -> None:
        """Close it, and let go of its statements: only expressions to which others refer stay in memory."""
        self.scope.release()
        self.close()
        self.entered.clear()
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            for name in BLOCKS:
                held = getattr(node, name, None)
                if isinstance(held, list):
                    pending += held
                    held.clear()

    def spots(self, word: str) -> list[Spot]:
        """Every place where a word is a name or an attribute, in no order; complete for the word."""
        if word not in self._asked:
            self._asked.add(word)
            self.read(self.text.lines_of(word))
        return self._words.get(word, [])

    def known_spots(self, word: str) -> list[Spot]:
        """The same, as far as statements were looked through."""
        return list(self._words.get(word, ()))

    def speaks_of(self, name: str) -> bool:
        """Whether the module binds a name anywhere, or looks it up."""
        spots = self.spots(name)  # with them, every block was read that has the word
        return any(isinstance(spot.node, ast.Name) for spot in spots) or self.scope.binds_within(name)

    def strings(self, lines: Iterable[int]) -> Iterator[Spot]:
        """The strings in the statements on these lines, in no order."""
        wanted = set(lines)
        self.read(wanted)
        for spots in self._strings.values():
            yield from (spot for spot in spots if spot.node.lineno in wanted)  # type: ignore[attr-defined]

    def read(self, lines: Iterable[int]) -> None:
        """Look through the statements on these lines."""
        for line in lines:
            if line not in self._lines:
                self._lines.add(line)
                for statement in self._on(line):
                    if not statement.is_read:
                        statement.is_read = True
                        self._look_through(self._spot(statement))

    def spot(self, node: ast.AST) -> Spot:
        """Where an expression of the module stands."""
        for statement in self._on(node.lineno):  # type: ignore[attr-defined]
            for spot in _parts(self._spot(statement)):
                if spot.node is node:
                    return spot
        raise LookupError(node)

    def _on(self, line: int) -> "list[_Statement]":
        """The statements that have something on a line besides statements of their own."""
        body = self.tree.body
        begin = bisect_left(body, line, key=lambda node: node.end_lineno or 0)
        end = bisect_right(body, line, begin, key=first_line)
        found: list[_Statement] = []
        for index in range(begin, end):
            statements, starts = self._flat_statements(body[index], index)
            at = bisect_right(starts, line) - 1
            while at >= 0 and statements[at].last >= line:
                found.append(statements[at])
                at -= 1
        return found

    def _flat_statements(self, top: ast.stmt, index: int) -> "tuple[list[_Statement], list[int]]":
        known = self._flat.get(top)
        if known is None:
            found = list(_flatten(top, index))
            known = self._flat[top] = found, [statement.first for statement in found]
        return known

    def _spot(self, statement: _Statement) -> Spot:
        chain: list[_Statement] = []
        at: _Statement | None = statement
        while at is not None and at.spot is None:
            chain.append(at)
            at = at.outer
        holder = Spot(self.tree, None, self.scope) if at is None or at.spot is None else at.spot
        for item in reversed(chain):
            scope = holder.scope.inside(holder.node)
            if scope is not holder.scope and scope.parent is holder.scope:
                self._enter(scope)
            holder = item.spot = Spot(item.node, holder, scope, item.field, item.index)
        return holder

    def _enter(self, scope: Scope) -> None:
        if not scope.is_entered:
            scope.is_entered = True
            self.entered.append(scope)

    def _look_through(self, statement: Spot) -> None:
        words, strings = self._words, self._strings
        for spot in _parts(statement):
            node = spot.node
            if isinstance(node, ast.Name):
                words.setdefault(node.id, []).append(spot)
            elif isinstance(node, ast.Attribute):
                words.setdefault(node.attr, []).append(spot)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.setdefault(node.value, []).append(spot)


def _flatten(top: ast.stmt, index: int) -> Iterator[_Statement]:
    """A statement and all within, in the order of the source."""
    stack: list[tuple[ast.AST, _Statement | None, str, int]] = [(top, None, "body", index)]
    while stack:
        node, outer, name, index = stack.pop()
        inner = [
            (child, part, at) for part in BLOCKS if (held := getattr(node, part, None)) for at, child in enumerate(held)
        ]
        first = first_line(node)
        last = first_line(inner[0][0]) if inner else last_line(node)
        statement = _Statement(node, outer, name, index, first, last)
        yield statement
        stack.extend((child, statement, part, at) for child, part, at in reversed(inner))


def _parts(statement: Spot) -> Iterator[Spot]:
    """The expressions of a statement, other than those of the statements within, from the outside in."""
    stack = [statement]
    while stack:
        spot = stack.pop()
        node, scope = spot.node, spot.scope
        if spot is not statement:
            yield spot
        inner = scope.inside(node)
        for name in node._fields:
            if spot is statement and name in BLOCKS:
                continue
            value = getattr(node, name, None)
            block = inner if name in WITHIN else scope
            if isinstance(value, list):
                stack.extend(
                    Spot(child, spot, block, name, at) for at, child in enumerate(value) if isinstance(child, _PART)
                )
            elif isinstance(value, _PART):
                stack.append(Spot(value, spot, block, name))


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all within, in no order: what `ast.walk` gives in several times the time."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                stack.append(value)
            elif isinstance(value, list):
                stack.extend(item for item in value if isinstance(item, ast.AST))


def first_line(node: ast.AST) -> int:
    """The first line of a statement, a handler or a case; decorators stand above the line that a function starts."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    line: int = node.lineno  # type: ignore[attr-defined]
    if isinstance(node, _DECORATED) and node.decorator_list:
        return min(line, node.decorator_list[0].lineno)
    return line


def last_line(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.body[-1].end_lineno or 0
    end: int | None = node.end_lineno  # type: ignore[attr-defined]
    return end or 0
