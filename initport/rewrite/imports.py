"""Which imports a rewritten module needs, and which it no longer needs."""

import ast
import re
import sys
from collections.abc import Collection
from itertools import repeat

from initport.emit.route import bodies, comes_first, leading
from initport.python.syntax import lines_with, reaches
from initport.python.text import Span, Text
from initport.rewrite.edits import Edit


def additions(
    tree: ast.Module, text: Text, statements: Collection[str], definitions: Collection[str], line: int
) -> list[Edit]:
    """The edits that add imports, before the first import, and functions, after the last of those that come first.

    Both come after the docstring and ``from __future__``; the functions before the ``line`` that needs them."""
    head = "".join(f"{statement}{text.newline}" for statement in sorted(statements, key=_order))
    body = "".join(_defined(code, text.newline) for code in definitions)
    start = next((node for node in tree.body if not comes_first(node, tree)), None)
    if start is None:
        end = len(text.content)
        return [Edit(Span(end, end), f"{text.newline}{head}{body}")] if head or body else []
    first = text.starts[start.lineno - 1 - _decorators(start)]
    last = max((node.end_lineno or 0 for node in leading(tree, line)), default=0)
    if last == 0 and body:
        return [Edit(Span(first, first), f"{head}{body}{text.newline * 2}")]
    end = text.starts[last] if last < len(text.starts) else len(text.content)
    behind = text.content[end : end + 2 * len(text.newline)]
    body += text.newline * (2 - behind.count(text.newline)) if body and not behind.isspace() else ""
    edits = (Edit(Span(first, first), head), Edit(Span(end, end), body))
    return [edit for edit in edits if edit.text]


def _order(statement: str) -> tuple[bool, bool, str]:
    """The standard library first, then whole modules."""
    first, module = statement.split()[:2]
    return module not in sys.stdlib_module_names, first == "from", statement


def _defined(code: str, newline: str) -> str:
    return f"{newline}{newline}{code.rstrip().replace(chr(10), newline)}{newline}"


def _decorators(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", None)
    return node.lineno - min(item.lineno for item in decorators) if decorators else 0


def removals(tree: ast.Module, text: Text, unused: Collection[str]) -> list[Span]:
    """The spans of the imports and aliases of these names; what is all of a block stays."""
    found: list[Span] = []
    for body in bodies(tree):
        gone = [_removal(node, text, unused) for node in body]
        if not all(gone):
            found.extend(span for spans in gone for span in spans)
    found.sort()
    starts = [0, *(span.end for span in found)]
    return [Span(max(span.start, start), span.end) for span, start in zip(found, starts, strict=False)]


def used(tree: ast.Module, text: Text, names: Collection[str], gone: Collection[ast.AST]) -> set[str]:
    """Those of the names that are looked up other than in what is ``gone``, or written as a string: `__all__` and its
    like name things too."""
    lines = lines_with(text, names)
    found: set[str] = set()
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if node in gone:
            continue
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        stack.extend(child for child in ast.iter_child_nodes(node) if reaches(child, lines))
    return found & set(names)


def _removal(node: ast.stmt, text: Text, unused: Collection[str]) -> list[Span]:
    if _is_alias(node, unused):
        return _whole_lines(node, text, text.offset(node.end_lineno or 0, node.end_col_offset or 0))
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return []
    gone = [alias for alias in node.names if (alias.asname or alias.name) in unused and _binds_itself(node, alias)]
    if not gone:
        return []
    start, end = text.offset(node.lineno, node.col_offset), text.offset(node.end_lineno or 0, node.end_col_offset or 0)
    if len(gone) == len(node.names):
        return _whole_lines(node, text, end)
    spans = []
    positions = [text.offset(alias.lineno, alias.col_offset) for alias in node.names]
    for index, alias in enumerate(node.names):
        if alias in gone and index + 1 < len(node.names):
            spans.append(Span(positions[index], positions[index + 1]))
        elif alias in gone:
            kept = max(place for place, other in enumerate(node.names) if other not in gone)
            last = node.names[kept]
            after = text.offset(last.end_lineno or 0, last.end_col_offset or 0)
            stop = text.offset(alias.end_lineno or 0, alias.end_col_offset or 0)
            spans = [span for span in spans if span.end <= after] + [Span(after, stop)]
    if any("#" in text.content[span.start : span.end] for span in spans):
        return []
    assert all(start <= span.start <= span.end <= end for span in spans)
    return spans


def _is_alias(node: ast.stmt, unused: Collection[str]) -> bool:
    """Whether a statement only gives these names to modules or functions: ``slim = tf.contrib.slim``."""
    match node:
        case ast.Assign(targets=[ast.Name() as target], value=value):
            return _names(target, value, unused)
        case ast.Assign(targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)):
            return len(targets) == len(values) and all(map(_names, targets, values, repeat(unused)))
    return False


def _names(target: ast.expr, value: ast.expr, unused: Collection[str]) -> bool:
    held = value
    while isinstance(held, ast.Attribute):
        held = held.value
    named = isinstance(target, ast.Name) and target.id in unused
    return named and held is not value and isinstance(held, ast.Name)


def _binds_itself(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> bool:
    """Whether the import is good for its own name only: ``import a.b`` also makes ``a.b`` there for others."""
    return isinstance(node, ast.ImportFrom) or alias.asname is not None or "." not in alias.name


def _whole_lines(node: ast.stmt, text: Text, end: int) -> list[Span]:
    """The lines of a statement that stands alone on them, a comment behind it included; else the statement with the
    semicolon that parts it from another."""
    first, last = text.starts[node.lineno - 1], node.end_lineno or node.lineno
    after = text.starts[last] if last < len(text.starts) else len(text.content)
    start = text.offset(node.lineno, node.col_offset)
    before, rest = text.content[first:start].rstrip(), text.content[end:after]
    if before.endswith(";"):
        return [Span(first + len(before) - 1, end)]
    if (semicolon := _SEMICOLON.match(rest)) is not None:
        return [Span(start, end + semicolon.end())]
    return [Span(first, after)] if not before and (not rest.strip() or rest.lstrip().startswith("#")) else []


_SEMICOLON = re.compile(r"\s*;[ \t]*(?=[^\s#])")
"""Between two statements on a line."""
