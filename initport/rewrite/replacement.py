"""The text that takes the place of an expression; LibCST puts the comments into it of what it replaces."""

import ast
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from initport.diagnostics import Code
from initport.emit.decision import RefusedError
from initport.emit.terms import Term, print_term

if TYPE_CHECKING:
    from libcst import BaseExpression, Call


def replacement(term: Term, replaced: str, newline: str, indent: str, bare: bool) -> str:
    """A term's text; comments of the text that it replaces come first within the parentheses of its call, each on a
    line of its own with this ``indent``. ``bare`` is whether a lambda may stand there without parentheses.

    Raises RefusedError where the comments cannot be separated from the code, or the term is not an expression."""
    comments = _comments(replaced, newline) if "#" in replaced else ()
    text = print_term(term)
    return _with(text, bare, comments, newline, indent) if comments else _alone(text, bare)


@lru_cache(1024)
def _alone(text: str, bare: bool) -> str:
    """Without comments, an expression stays as it is."""
    try:
        written = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _no_expression() from error
    return f"({text})" if isinstance(written, ast.Lambda) and not bare else text


def _with(text: str, bare: bool, comments: tuple[str, ...], newline: str, indent: str) -> str:
    import libcst

    try:
        written = _with_comments(libcst.parse_expression(text), comments, newline, indent)
    except libcst.ParserSyntaxError as error:
        raise _no_expression() from error
    if isinstance(written, libcst.Lambda) and not bare:
        written = written.with_changes(lpar=[libcst.LeftParen()], rpar=[libcst.RightParen()])
    return libcst.Module([]).code_for_node(written)


def _no_expression() -> RefusedError:
    return RefusedError("the replacement would not parse; initialize this weight yourself", code=Code.UNCHECKED)


def _comments(replaced: str, newline: str) -> tuple[str, ...]:
    import libcst
    from libcst import Comment, matchers

    try:
        before = libcst.parse_expression(f"({replaced}{newline})")
    except libcst.ParserSyntaxError as error:
        raise RefusedError("its comments cannot be separated from its code; move them out of the call") from error
    found = matchers.findall(before, matchers.Comment())
    return tuple(item.value.rstrip() for item in found if isinstance(item, Comment))


def _with_comments(written: "BaseExpression", comments: Sequence[str], newline: str, indent: str) -> "BaseExpression":
    import libcst

    space, end = libcst.SimpleWhitespace(indent), libcst.Newline(newline)
    lines = [libcst.EmptyLine(True, space, libcst.Comment(comment), end) for comment in comments]
    above = libcst.ParenthesizedWhitespace(libcst.TrailingWhitespace(newline=end), lines, False, space)
    call = _call(written)
    if call is None:
        return written.with_changes(lpar=[libcst.LeftParen(above)], rpar=[libcst.RightParen()])
    changed = written.deep_replace(call, call.with_changes(whitespace_before_args=above))
    assert isinstance(changed, libcst.BaseExpression)
    return changed


def _call(node: "BaseExpression") -> "Call | None":
    """The call of the target's function in a replacement."""
    import libcst

    match node:
        case libcst.Lambda(body=body):
            return _call(body)
        case libcst.Call(func=libcst.Name("staticmethod"), args=[argument]):
            return _call(argument.value)
        case libcst.Call(func=libcst.Lambda() | libcst.Call() as function):
            return _call(function)
        case libcst.Call():
            return node
    return None
