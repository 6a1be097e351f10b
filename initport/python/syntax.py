"""The tree of a module by its words: where each stands, and what stands around it.

A statement's expressions are looked through once, when a word on one of its lines is first asked for; a module of which
nothing is asked costs nothing. Nothing here recurses, so that no nesting is too deep.
"""

import ast
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from initport.python.scope import BLOCKS, KINDS, OPENING, WITHIN, Scope, module_scope
from initport.python.text import Text

_DECORATED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

_PART = (ast.expr, ast.arguments, ast.arg, ast.keyword, ast.comprehension, ast.withitem, ast.pattern)
"""What holds expressions, other than statements. (Operators and contexts are shared by all of a tree.)"""


class TooDeepError(SyntaxError):
    """The text is nested deeper than CPython takes it, in Python 2 or 3."""


def parse(content: str) -> ast.Module:
    """Raises SyntaxError for whatever is not Python 3 (TooDeepError where it is too deep for the parser)."""
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
            raise TooDeepError(f"{error.msg}, which Python does not accept") from error
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


class _Block(NamedTuple):
    """Statements that another holds, the last line of each, and what is known of each."""

    field: str
    nodes: Sequence[ast.AST]
    last: list[int]
    known: "list[_Statement | None]"


@dataclass(eq=False, slots=True)
class _Statement:
    """``first`` and ``last`` are the lines of what it holds besides statements."""

    node: ast.AST
    outer: "_Statement | None"
    field: str
    index: int
    blocks: list[_Block]
    first: int
    last: int
    spot: Spot | None = None
    is_read: bool = False

    @classmethod
    def of(cls, node: ast.AST, outer: "_Statement | None", field: str, index: int) -> "_Statement":
        blocks = [
            _Block(name, held, list(map(last_line, held)), [None] * len(held))
            for name in BLOCKS[type(node)]
            if (held := getattr(node, name))
        ]
        first = 0 if isinstance(node, ast.Module) else first_line(node)
        last = first_line(blocks[0].nodes[0]) if blocks else last_line(node) if first else 0
        return cls(node, outer, field, index, blocks, first, last)

    def on(self, line: int, found: "list[_Statement]") -> None:
        """Add the statements within that have something on a line, in the order of the source."""
        for block in self.blocks:
            for index in range(bisect_left(block.last, line), len(block.nodes)):
                statement, node = block.known[index], block.nodes[index]
                if statement is None:
                    if first_line(node) > line:
                        break
                    statement = block.known[index] = _Statement.of(node, self, block.field, index)
                elif statement.first > line:
                    break
                if line <= statement.last:
                    found.append(statement)
                if statement.blocks:
                    statement.on(line, found)


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
    _spoken_of: dict[str, bool] = field(default_factory=dict)
    _top: _Statement | None = None

    @classmethod
    def of(cls, tree: ast.Module, text: Text) -> "Syntax":
        scope = module_scope(tree, text)
        return cls(tree, text, scope, [scope])

    def close(self) -> None:
        self.scope.close()
        self._top = None
        for held in (self.memo, self._words, self._strings, self.sorted_loads, self.sorted_attributes, self._spoken_of):
            held.clear()

    def release(self) -> None:
        """Close it, and let go of its statements: only expressions to which others refer stay in memory."""
        self.scope.release()
        pending = [] if self._top is None else [self._top]
        while pending:  # of all others, nothing but these holds them
            statement = pending.pop()
            for block in statement.blocks:
                pending += [known for known in block.known if known is not None]
                block.known.clear()  # each knows the statement around it: only a collection would free such a circle
                getattr(statement.node, block.field).clear()
        self.tree.body.clear()
        self.close()
        self.entered.clear()

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
        if name not in self._spoken_of:
            spots = self.spots(name)  # with them, every block was read that has the word
            known = any(isinstance(spot.node, ast.Name) for spot in spots) or self.scope.binds_within(name)
            self._spoken_of[name] = known
        return self._spoken_of[name]

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
        found: list[_Statement] = []
        self._whole.on(line, found)
        return found[::-1]

    @property
    def _whole(self) -> _Statement:
        if self._top is None:
            self._top = _Statement.of(self.tree, None, "", 0)
            self._top.spot = Spot(self.tree, None, self.scope)
        return self._top

    def _spot(self, statement: _Statement) -> Spot:
        chain: list[_Statement] = []
        at = statement
        while at.spot is None and at.outer is not None:
            chain.append(at)
            at = at.outer
        holder = at.spot
        assert holder is not None
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


def _parts(statement: Spot) -> Iterator[Spot]:
    """The expressions of a statement, other than those of the statements within, from the outside in."""
    outside = BLOCKS[type(statement.node)]
    stack = [statement]
    while stack:
        spot = stack.pop()
        node, scope = spot.node, spot.scope
        if spot is not statement:
            yield spot
        kind = type(node)
        inner = scope.inside(node) if kind in OPENING else scope
        for name in _FIELDS[kind]:
            if spot is statement and name in outside:
                continue
            value = getattr(node, name, None)
            block = inner if name in WITHIN else scope
            if isinstance(value, list):
                stack.extend(
                    [Spot(child, spot, block, name, at) for at, child in enumerate(value) if isinstance(child, _PART)]
                )
            elif isinstance(value, _PART):
                stack.append(Spot(value, spot, block, name))


_PLAIN = frozenset({"ctx", "op", "ops", "id", "attr", "kind", "type_comment", "conversion", "is_async", "simple"})
"""Fields of operators, contexts, words and numbers."""

_FIELDS = {
    kind: () if kind is ast.Constant else tuple(name for name in kind._fields if name not in _PLAIN) for kind in KINDS
}
"""The fields of each kind of node that can hold expressions."""


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """A node and all within but operators and contexts, in no order: in a fraction of the time of `ast.walk`."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        for name in _FIELDS[type(node)]:
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
