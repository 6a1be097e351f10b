"""The text that takes the place of a site, in the form that the place needs: what all targets share."""

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from typing import TypeGuard

from initport.emit.decision import RefusedError
from initport.python.arguments import PLACEHOLDER
from initport.python.scope import resolve
from initport.python.sites.site import Site

_PLACEHOLDER = re.compile(rf"{PLACEHOLDER}(\w+)")
_MAKERS = ("enum.", "typing.NamedTuple")
"""Classes of which an attribute becomes something else."""

_PRIMARY = ast.Name | ast.Attribute | ast.Subscript | ast.Call | ast.Constant


def as_attribute(site: Site, text: str) -> str:
    """A function as it may stand at the site: one that a class would make a method of is wrapped.

    Raises RefusedError where the class itself uses the attribute: there a staticmethod cannot be called; or where its
    attributes are more than that."""
    if not site.place.attribute:
        return text
    bases = site.scope.node.bases if isinstance(site.scope.node, ast.ClassDef) else []
    if any(path.startswith(_MAKERS) for base in bases for path in resolve(base, site.scope)):
        raise RefusedError("a member or a field, which a function cannot be; give it a name outside of the class")
    assigned = {name for name, line in site.scope.lines.items() if line == site.line}
    used = {
        node.id for node in ast.walk(site.scope.node) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    if assigned & used:
        raise RefusedError("a class attribute that the class body itself uses; move it out of the class")
    return f"staticmethod({text})"


def named(text: str) -> str:
    """The call with the parameters' names for the source's expressions."""
    return _PLACEHOLDER.sub(r"\1", text)


def factory(text: str, made: str, sources: Mapping[str, str], python2: bool) -> str:
    """A function without arguments that gives what is ``made`` of the call ``text``. Raises RefusedError."""
    captured = captures(text, sources)
    if captured and python2:
        raise RefusedError(
            "it needs a function with keyword-only parameters, which Python 2 has not; call it where it stands"
        )
    outer = f" *, {', '.join(f'{name}={source}' for name, source in captured.items())}" if captured else ""
    return f"lambda{outer}: {made}"


def captures(text: str, sources: Mapping[str, str]) -> dict[str, str]:
    used = dict.fromkeys(_PLACEHOLDER.findall(text))
    return {name: closed(sources[name]) for name in used}


def closed(source: str) -> str:
    """In parentheses where a comma or an equals sign beside it would not do."""
    node = ast.parse(source.strip(), mode="eval").body if not source.startswith("yield") else None
    return (
        source
        if node is not None and not isinstance(node, ast.NamedExpr | ast.Yield | ast.GeneratorExp)
        else f"({source})"
    )


def once(text: str, sources: Mapping[str, str], site: Site) -> bool:
    """Whether every expression of the source can stand in the call itself: just once, or without any effect."""
    counts = {name: text.count(PLACEHOLDER + name) for name in sources}
    return all(count == 1 or (count > 1 and _is_plain(site, name)) for name, count in counts.items() if count)


def _is_plain(site: Site, name: str) -> bool:
    node = site.arguments.verbatim.get(name)
    return node is not None and is_plain(node)


def is_plain(node: ast.expr) -> bool:
    """Whether an expression only looks things up, so that leaving it out or repeating it changes nothing."""
    parts = (ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.expr_context)
    return all(isinstance(part, parts) for part in ast.walk(node))


def filled(text: str, sources: Mapping[str, str]) -> str:
    def fill(found: re.Match[str]) -> str:
        source = sources[found[1]]
        before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
        alone = before.endswith(("(", ",", "=")) and after.startswith((")", ","))
        if alone:
            return closed(source)
        return source if isinstance(ast.parse(source, mode="eval").body, _PRIMARY) else f"({source})"

    return _PLACEHOLDER.sub(fill, text)


def with_argument(text: str, argument: str) -> str:
    """The call with one more argument."""
    return f"{text[:-1]}{'' if text.endswith('()') else ', '}{argument})"


def is_given(node: ast.expr | None) -> TypeGuard[ast.expr]:
    """Whether there is an argument that is not None."""
    return node is not None and not (isinstance(node, ast.Constant) and node.value is None)


def with_comments(text: str, replaced: str, after: str, newline: str, indent: str) -> str:
    """The replacement with the comments of what it replaces, each on a line within the parentheses that come after
    ``after``. Raises RefusedError where the comments cannot be told."""
    if "#" not in replaced:
        return text
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({replaced}\n)").readline))
    except (tokenize.TokenError, SyntaxError) as error:
        raise RefusedError("its comments cannot be told from its code; take them out of the call") from error
    comments = [token.string.rstrip() for token in tokens if token.type == tokenize.COMMENT]
    if not comments:
        return text
    lines = "".join(f"{newline}{indent}{comment}" for comment in comments)
    at = text.index(after) + len(after)
    if text[at : at + 1] != "(":
        return f"({lines}{newline}{indent}{text})"
    return f"{text[: at + 1]}{lines}{newline}{indent}{text[at + 1 :]}"
