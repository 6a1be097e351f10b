"""One module's text: its sites replaced, its imports put right, and the result checked by reading it again."""

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from initport.codemod.decide import decide
from initport.codemod.decision import Keep, Refuse, RefusedError, Replace
from initport.codemod.edit import Edit, moved, splice
from initport.codemod.forms import with_comments
from initport.codemod.imports import insertion, removals, used
from initport.codemod.settings import Settings
from initport.ir.initializers import Initializer, equal
from initport.readers.python_source import reader
from initport.readers.python_source.names import Scope
from initport.readers.python_source.sites import Left, Site
from initport.readers.python_source.text import Span, Text
from initport.readers.python_source.walk import first_line

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")

Parse = Callable[[str], ast.Module]
"""Text to tree, with all positions those of the text. Raises SyntaxError."""


@dataclass(frozen=True, slots=True)
class Converted:
    """A site and what took its place: the decision, and ``text``, which is its text with the comments of the site."""

    site: Site
    decision: Replace
    text: str

    @property
    def span(self) -> Span:
        """What the text took the place of."""
        return self.site.text.span(self.decision.node)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A module after the codemod, and the edits that made it so: none where nothing changed."""

    text: str
    edits: tuple[Edit, ...] = ()
    kept: tuple[Site, ...] = ()
    refused: tuple[Left, ...] = ()
    converted: tuple[Converted, ...] = ()


class CheckError(Exception):
    """The rewritten text does not read as it should; nothing of it may be used."""


def rewrite(content: str, settings: Settings, parse: Parse = reader.parse) -> Rewritten:
    """Raises SyntaxError where the text cannot be read, CheckError where the result does not hold."""
    text = Text(content)
    tree = parse(content)
    sites = reader.read_tree(tree, text, settings.names)
    refused, kept = list(sites.left), []
    converted: list[Converted] = []
    for site in sites.found:
        decision = decide(site, settings)
        if isinstance(decision, Keep):
            kept.append(site)
            continue
        try:
            converted.append(_converted(site, decision, sites.found))
        except RefusedError as error:
            refused.append(Left(site.line, site.column, site.source, str(error), error.assume))
    if not converted:
        return Rewritten(content, (), tuple(kept), tuple(refused))
    statements = dict.fromkeys(statement for item in converted for statement in item.decision.statements)
    added = [Edit(*insertion(tree, text, list(statements)))] if statements else []
    everything, result, final = _imports_put_right(added, converted, tree, text, parse)
    _check(result, final, everything, converted, settings)
    return Rewritten(result, everything, tuple(kept), tuple(refused), tuple(converted))


def _converted(site: Site, decision: Replace | Refuse, found: tuple[Site, ...]) -> Converted:
    """Raises RefusedError."""
    span = site.text.span(decision.node if isinstance(decision, Replace) else site.node)
    if any(span.start <= other.span.start < span.end and other is not site for other in found):
        raise RefusedError("another initializer stands within it; give that one a name first")
    if isinstance(decision, Refuse):
        raise RefusedError(decision.reason, decision.assume)
    replaced = site.text.of(decision.node)
    commented = with_comments(decision.text, replaced, decision.anchor, site.text.newline, _indent(site, replaced))
    bare = site.place.bare or not commented.startswith("lambda")
    return Converted(site, decision, commented if bare else f"({commented})")


def _indent(site: Site, replaced: str) -> str:
    """The indentation of the replaced call's second line, else one step more than that of its first."""
    first = site.text.content[site.text.starts[site.line - 1] :]
    lines = replaced.splitlines()
    inner = lines[1] if len(lines) > 1 and lines[1].strip() else f"{_leading(first)}    "
    return _leading(inner)


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _imports_put_right(
    added: list[Edit], converted: Sequence[Converted], tree: ast.Module, text: Text, parse: Parse
) -> tuple[tuple[Edit, ...], str, ast.Module]:
    """The edits with those that take out imports which the replaced expressions alone needed; the text that they make,
    and its tree."""
    edits = [*(Edit(item.span, item.text) for item in converted), *added]
    before = {node.id for item in converted for node in ast.walk(item.decision.node) if isinstance(node, ast.Name)}
    candidates = before - set(_NAME.findall(" ".join(item.text for item in converted)))
    result = splice(text.content, edits)
    final = _parsed(result, parse)
    if candidates:
        gone = removals(tree, text, candidates - used(final, Text(result), candidates))
        if gone:
            edits = [*edits, *(Edit(span, "") for span in gone)]
            result = splice(text.content, edits)
            final = _parsed(result, parse)
    return tuple(sorted(edits)), result, final


def _parsed(result: str, parse: Parse) -> ast.Module:
    try:
        return parse(result)
    except SyntaxError as error:
        raise CheckError(f"the result would not parse: {error}") from error


def _check(
    content: str, tree: ast.Module, edits: tuple[Edit, ...], converted: Sequence[Converted], settings: Settings
) -> None:
    """Each replacement is one expression of the result, and means there what the site meant."""
    text = Text(content)
    again = reader.read_tree(tree, text, settings.written).found
    for item in converted:
        start = moved(item.span, edits).start
        span = Span(start, start + len(item.text))
        inner = Span(span.start + 1, span.end - 1) if item.text.startswith("(") else span
        found = [other for other in again if span.start <= other.span.start and other.span.end <= span.end]
        if not _is_expression(tree, text, inner) or len(found) != 1 or not _same(item, found[0]):
            raise CheckError(
                f"the replacement of {item.site.source!r} in line {item.site.line} does not read back as what it was"
            )


def _is_expression(node: ast.AST, text: Text, span: Span) -> bool:
    """Whether just this span is a lambda or a call within a node."""
    line, end = text.line(span.start), text.line(max(span.start, span.end - 1))
    for child in ast.iter_child_nodes(node):
        last = getattr(child, "end_lineno", None)
        if last is not None and (last < end or first_line(child) > line):
            continue
        if isinstance(child, ast.Lambda | ast.Call) and text.span(child) == span:
            return True
        if _is_expression(child, text, span):
            return True
    return False


def _same(item: Converted, other: Site) -> bool:
    weights = item.decision.weights
    before = item.site.meanings(_said(item.site), [source for source, _ in weights])
    after = other.meanings(_said(other), [there for _, there in weights])
    return all(_equal(first, second) for first, second in zip(before, after, strict=True))


def _equal(first: Initializer | None, second: Initializer | None) -> bool:
    return first is None or (second is not None and equal(first, second))


def _said(site: Site) -> Mapping[str, str]:
    """The source's expressions by parameter, seen through the defaults of the functions that hold the site."""
    return {name: ast.unparse(_default(node, site.scope)) for name, node in site.arguments.verbatim.items()}


def _default(node: ast.expr, scope: Scope) -> ast.expr:
    home = scope.home(node.id) if isinstance(node, ast.Name) else None
    if home is None or not isinstance(node, ast.Name) or not isinstance(home.node, ast.Lambda):
        return node
    arguments = home.node.args
    named = dict(zip(reversed([item.arg for item in arguments.args]), reversed(arguments.defaults), strict=False))
    named.update(
        {
            item.arg: default
            for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default
        }
    )
    return named.get(node.id, node)
