"""The places of a module where something of a vocabulary is named, with what stands around each.

Only those parts of the tree are visited that reach over a line on which one of the words stands.
"""

import ast
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeGuard

from initport.python.scope import DOUBT, WITHIN, Scope, constant, resolve
from initport.python.text import Text


@dataclass(frozen=True, slots=True)
class Reference:
    """An expression that stands for one of the wanted paths (``found``), or for one of several things (``paths``).

    ``around`` are the nodes that hold it, outermost first."""

    node: ast.expr
    found: str
    paths: frozenset[str]
    around: tuple[ast.AST, ...]
    scope: Scope

    def doubt(self, *known: Collection[str]) -> str | None:
        """Why it cannot be told what this is, where it may be something else than what is known."""
        others = [path for path in sorted(self.paths) if not any(path in paths for paths in known)]
        if not others:
            return None
        if others[0].startswith(DOUBT):
            return (
                "its name also stands for something of which nothing is known (a parameter, a definition, a result); "
                "use two names"
            )
        return f"this may also be {others[0]}, of which nothing is known; import the one that is meant"


def references(
    tree: ast.Module,
    module: Scope,
    text: Text,
    words: frozenset[str],
    wanted: Mapping[str, object],
    only: Collection[int] | None = None,
) -> Iterator[Reference]:
    """In the order of the source; of all lines, or of some ``only``."""
    lines = lines_with(text, (*words, "getattr")) if only is None else sorted(only)
    others: frozenset[str] = frozenset()
    while new := aliases(module, others or words, lines) - others:
        others |= new
        lines = lines if only is not None else sorted({*lines, *lines_with(text, new)})
    if lines:
        yield from _Walk(lines, _Names(words | others | {"getattr"}, wanted).look).inside(tree, (), module)


def spoken(
    tree: ast.Module, module: Scope, text: Text, strings: frozenset[str], only: Collection[int] | None = None
) -> Iterator[Reference]:
    """The strings of the source that are one of these, in any case; ``found`` is the string. Of all lines, or of some
    ``only``."""
    lines = [text.line(found.start()) for found in quoted(strings).finditer(text.content)]
    if only is not None:
        lines = [line for line in lines if line in only]
    if lines:
        yield from _Walk(lines, _Strings(strings).look).inside(tree, (), module)


def standing(module: Scope, text: Text, name: str, found: str, home: Scope | None) -> Iterator[Reference]:
    """The places where a name of the block ``home`` is looked up, in the block, or where none is given an attribute of
    that name of whatever, in the module; ``found`` is the string that it stands for."""
    block = home or module
    lines = sorted({text.line(at) for at in text.places(name, *_extent(block.node, text))})
    yield from _Walk(lines, _Loads(name, found, home).look).inside(block.node, (), block.parent or block)


def _extent(node: ast.AST, text: Text) -> tuple[int, int]:
    """The offsets of the lines that a node has: all where it is a module."""
    last = getattr(node, "end_lineno", None) or len(text.starts)
    first = 1 if isinstance(node, ast.Module) else first_line(node)
    return text.starts[first - 1], text.starts[last] if last < len(text.starts) else len(text.content)


@cache
def quoted(strings: frozenset[str]) -> re.Pattern[str]:
    """Where one of these stands in quotes, in any case."""
    return re.compile(rf"[\"'](?=\w++[\"'])(?:{'|'.join(sorted(strings))})[\"']", re.IGNORECASE)


def aliases(scope: Scope, words: Collection[str], lines: list[int]) -> frozenset[str]:
    """The other names under which a module knows one of the words, which stand on those lines: ``import ... as``,
    ``name = module.word``."""
    found = set()
    for name, bindings in scope.bindings.items():
        for binding in bindings:
            last = binding.rpartition(".")[2] if isinstance(binding, str) else _last(binding, scope)
            if last in words and last != name:
                found.add(name)
    inner = (child for child in scope.children.values() if reaches(child.node, lines))
    return frozenset(found).union(*(aliases(child.read(), words, lines) for child in inner))


def lines_with(text: Text, words: Iterable[str]) -> list[int]:
    """The lines on which one of the words stands, in order."""
    return sorted({text.line(at) for word in words for at in text.places(word)})


Found = tuple[ast.expr, tuple[ast.AST, ...]]
"""An expression and what stands around it, outermost first."""

Look = Callable[[ast.AST, tuple[ast.AST, ...], Scope], Reference | None]


@dataclass(frozen=True, slots=True)
class _Strings:
    strings: frozenset[str]

    def look(self, node: ast.AST, around: tuple[ast.AST, ...], scope: Scope) -> Reference | None:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return None
        known = node.value in self.strings or node.value.lower() in self.strings
        return Reference(node, node.value, frozenset(), around, scope) if known else None


@dataclass(frozen=True, slots=True)
class _Loads:
    name: str
    found: str
    home: Scope | None

    def look(self, node: ast.AST, around: tuple[ast.AST, ...], scope: Scope) -> Reference | None:
        match node:
            case ast.Name(id=self.name, ctx=ast.Load()) if self.home is not None and scope.home(node.id) is self.home:
                pass
            case ast.Attribute(attr=self.name, ctx=ast.Load()) if self.home is None:
                pass
            case _:
                return None
        return Reference(node, self.found, frozenset(), around, scope)


@dataclass(frozen=True, slots=True)
class _Names:
    words: Collection[str]
    wanted: Mapping[str, object]

    def look(self, node: ast.AST, around: tuple[ast.AST, ...], scope: Scope) -> Reference | None:
        if isinstance(node, ast.expr) and _last(node, scope) in self.words and not _is_bound(node):
            paths = resolve(node, scope)
            found = min((path for path in paths if path in self.wanted), default=None)
            looked_at = any(path.startswith(DOUBT) for path in paths) and not isinstance(around[-1], ast.Call)
            return None if found is None or looked_at else Reference(node, found, paths, around, scope)
        if isinstance(node, ast.expr) and _dispatched(node):
            paths = resolve(node.args[0], scope)
            found = min((path for path in paths if path.endswith((".initializers", ".initializations"))), default=None)
            if found is not None and any(path.startswith(f"{found}.") for path in self.wanted):
                return Reference(node, found, paths, around, scope)
        return None


class _Walk:
    """Every place that one of the lines reaches, until something is found there."""

    def __init__(self, lines: list[int], look: Look) -> None:
        self.lines, self.look = lines, look

    def inside(self, node: ast.AST, around: tuple[ast.AST, ...], scope: Scope) -> Iterator[Reference]:
        inner = scope.inside(node)
        around = (*around, node)
        for name in node._fields:
            value = getattr(node, name, None)
            block = inner if name in WITHIN else scope
            for child in value if isinstance(value, list) else (value,):
                if isinstance(child, ast.AST) and reaches(child, self.lines):
                    yield from self._visit(child, around, block)

    def _visit(self, node: ast.AST, around: tuple[ast.AST, ...], scope: Scope) -> Iterator[Reference]:
        found = self.look(node, around, scope)
        if found is not None:
            yield found
        else:
            yield from self.inside(node, around, scope)


def loads(tree: ast.AST, text: Text, name: str) -> Iterator[Found]:
    """Every place where a name is looked up."""
    return nodes(tree, lines_with(text, (name,)), lambda node: is_load(node, name))


def is_load(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def nodes(tree: ast.AST, lines: list[int], wanted: Callable[[ast.expr], bool]) -> Iterator[Found]:
    """The expressions on some lines that are wanted."""
    stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(tree, ())]
    while stack:
        node, around = stack.pop()
        if isinstance(node, ast.expr) and wanted(node):
            yield node, around
        inner = (*around, node)
        stack.extend((child, inner) for child in on_lines(node, lines))


def on_lines(node: ast.AST, lines: list[int]) -> Iterator[ast.AST]:
    """The children of a node that reach over one of the lines, which are sorted."""
    for name in node._fields if lines else ():
        value = getattr(node, name, None)
        children = value if isinstance(value, list) else (value,)
        if name == "body" and isinstance(value, list):  # a block's statements come in the order of their lines
            first = bisect_left(value, lines[0], key=lambda item: item.end_lineno)
            children = value[first : bisect_right(value, lines[-1], first, key=first_line)]
        for child in children:
            if isinstance(child, ast.AST) and reaches(child, lines):
                yield child


def reaches(node: ast.AST, lines: list[int]) -> bool:
    """Whether one of the lines, which are sorted, is the node's. A node that has no lines may hold some that do."""
    end = getattr(node, "end_lineno", None)
    if end is None:
        return bool(node._fields)
    index = bisect_left(lines, first_line(node))
    return index < len(lines) and lines[index] <= end


def first_line(node: ast.AST) -> int:
    """The first line of a node that has lines; decorators stand above the line that a function starts."""
    line: int = node.lineno  # type: ignore[attr-defined]
    if isinstance(node, _DECORATED) and node.decorator_list:
        return min(line, node.decorator_list[0].lineno)
    return line


_DECORATED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _is_bound(node: ast.expr) -> bool:
    """Whether an expression is given a value, and looks none up."""
    return isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)


def _dispatched(node: ast.expr) -> TypeGuard[ast.Call]:
    """Whether an expression is ``getattr`` of a name that is computed."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "getattr"
        and len(node.args) > 1
    )


def _last(node: ast.expr | None, scope: Scope) -> str | None:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(func=ast.Name(id="getattr"), args=[_, name], keywords=[]):
            chosen = constant(name, scope)
            return chosen.value if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str) else None
    return None
