"""Text from an input, made safe to stand in code: literals that evaluate to it, comments that cannot end early."""

from collections.abc import Mapping
from functools import lru_cache

from initport.ir.describe import variance_formula
from initport.ir.identity import by_identity
from initport.ir.initializers import TRUNCATED_VARIANCE, Initializer
from initport.ir.model import Weight
from initport.ir.moments import moments

WIDTH = 88
"""Columns of a line of emitted code."""

CUT_NOTE = "0.7737... is the variance of a standard normal truncated at 2 deviations"

COMMENT_LIMIT = 100
"""Characters of a source's text that a comment repeats at most."""


def number_note(code: str) -> str | None:
    """What a number is that nobody knows by sight, where emitted code holds it."""
    return CUT_NOTE if repr(TRUNCATED_VARIANCE.value) in code else None


@lru_cache(maxsize=4096)
def literal(text: str) -> str:
    """A Python string literal, double-quoted and ASCII, that evaluates to ``text``."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    body = ascii(text)[1:-1]  # in which a double quote, if there is one, was between single quotes and so not escaped
    return '"' + body.replace('"', '\\"') + '"'


def comment(text: str) -> str:
    """``text`` on one line of printable ASCII-or-letters, cut to the limit."""
    flat = _flat(text)
    return flat if len(flat) <= COMMENT_LIMIT else f"{flat[:COMMENT_LIMIT]}..."


def _flat(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)


def remark(weight: Weight, file: str) -> str:
    """What stands beside an emitted line: where the source said what, which is cut where it is long, and the
    variance."""
    return comment(statement(weight, file)) + _variance(weight.initializer, weight.dims)


def statement(weight: Weight, file: str) -> str:
    """Where the source said what of a weight."""
    path, line, _, key = weight.location
    where = f"line {line}" if line is not None else key or "binary"
    if path != file:
        where = f"{path} {where}"
    return f"{where}: {weight.source}" if not weight.implicit else f"{where}: no {weight.setting}: {weight.source}"


@by_identity
def _variance(initializer: Initializer, dims: Mapping[str, int]) -> str:
    """As a formula, and for these sizes by role as a number, behind a semicolon; nothing where neither is known."""
    formula = variance_formula(initializer)
    number = _number(initializer, tuple(dims.items()))
    if formula == "0" or (formula is None and number is None):
        return ""
    return _flat("; var " + " = ".join(part for part in (formula, number) if part is not None))


@lru_cache(maxsize=4096)
def _number(initializer: Initializer, dims: tuple[tuple[str, int], ...]) -> str | None:
    known = moments(initializer, dict(dims))
    return None if known is None else f"{known.variance:.6g}"


def assignment(key: str, value: str, indent: int) -> str:
    """The line ``key: value,`` of a dict display, laid out as the usual formatters do."""
    space, before = " " * indent, len(key) + 2
    if indent + before + len(value) < WIDTH:
        return f"{space}{key}: {value},\n"
    return f"{space}{key}: {_laid_out(value, indent, before)},\n"


def _laid_out(text: str, indent: int, before: int) -> str:
    """An expression after ``before`` characters of an indented line that ends in a comma: where that is too long, with
    the arguments of its call on lines of their own, and so on within."""
    head, parenthesis, rest = text.partition("(")
    if indent + before + len(text) < WIDTH or not parenthesis or not rest.endswith(")") or rest == ")":
        return text
    space, end = " " * (indent + 4), " " * indent
    if text.startswith("lambda") and indent + before + len(head) >= WIDTH:
        parameters, body = text.split(": ", 1)
        return f"{parameters}: (\n{space}{_laid_out(body, indent + 4, 0)}\n{end})"
    arguments = _split(rest[:-1])
    joined = ", ".join(arguments)
    if len(space) + len(joined) <= WIDTH:
        body = f"{space}{joined}\n"
    elif len(arguments) == 1:
        body = f"{space}{_laid_out(joined, indent + 4, 0)}\n"
    else:
        body = "".join(f"{space}{_laid_out(argument, indent + 4, 0)},\n" for argument in arguments)
    return f"{head}(\n{body}{end})"


def _split(arguments: str) -> list[str]:
    """The arguments of a call of our own idioms, one by one; the parameters of a lambda are not arguments."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(arguments):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            part = arguments[start:index].strip()
            if not part.startswith("lambda") or ":" in part:
                parts.append(part)
                start = index + 1
    return [*parts, arguments[start:].strip()]
