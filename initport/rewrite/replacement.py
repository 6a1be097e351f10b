"""The text that takes the place of an expression: LibCST brings over the comments of what it replaces."""

from typing import TYPE_CHECKING

from initport.emit.decision import RefusedError
from initport.emit.terms import Function, Term, print_term

if TYPE_CHECKING:
    from libcst import BaseExpression, Call


def replacement(term: Term, replaced: str, newline: str, indent: str, bare: bool) -> str:
    """A term's text; comments of the text that it replaces come first within the parentheses of its call, each on a
    line of its own with this ``indent``. ``bare`` is whether a lambda may stand there without parentheses.

    Raises RefusedError where the comments cannot be separated from the code."""
    text = print_term(term)
    if "#" in replaced and (commented := _with_comments(text, replaced, newline, indent)) is not None:
        return commented if bare or not commented.startswith("lambda") else f"({commented})"
    return text if bare or not isinstance(term, Function) else f"({text})"


def _with_comments(text: str, replaced: str, newline: str, indent: str) -> str | None:
    """None where there are no comments."""
    import libcst
    from libcst import Comment, matchers

    try:
        before, after = libcst.parse_expression(f"({replaced}{newline})"), libcst.parse_expression(text)
    except libcst.ParserSyntaxError as error:
        raise RefusedError("its comments cannot be separated from its code; take them out of the call") from error
    comments = [
        item.value.rstrip() for item in matchers.findall(before, matchers.Comment()) if isinstance(item, Comment)
    ]
    if not comments:
        return None
    space, end = libcst.SimpleWhitespace(indent), libcst.Newline(newline)
    lines = [libcst.EmptyLine(True, space, Comment(comment), end) for comment in comments]
    above = libcst.ParenthesizedWhitespace(libcst.TrailingWhitespace(newline=end), lines, False, space)
    call = _call(after)
    if call is not None:
        done = after.deep_replace(call, call.with_changes(whitespace_before_args=above))
    else:
        done = after.with_changes(lpar=[libcst.LeftParen(above)], rpar=[libcst.RightParen()])
    return libcst.Module([]).code_for_node(done)


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
