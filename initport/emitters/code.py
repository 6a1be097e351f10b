"""Text from an input, made safe to stand in code: literals that evaluate to it, comments that cannot end early."""

from initport.ir.describe import variance_formula
from initport.ir.model import Weight
from initport.ir.moments import moments

WIDTH = 88
"""Columns of a line of emitted code."""

COMMENT_LIMIT = 100
"""Characters of a source's text that a comment repeats at most."""


def literal(text: str) -> str:
    """A Python string literal, double-quoted and ASCII, that evaluates to ``text``."""
    body = ascii(text)[1:-1]  # in which a double quote, if there is one, was between single quotes and so not escaped
    return '"' + body.replace('"', '\\"') + '"'


def comment(text: str) -> str:
    """``text`` on one line of printable ASCII-or-letters, cut to the limit."""
    flat = text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)
    return flat if len(flat) <= COMMENT_LIMIT else f"{flat[:COMMENT_LIMIT]}..."


def remark(weight: Weight, file: str) -> str:
    """What stands beside an emitted line: where the source said what, and the variance."""
    place = weight.location
    where = f"line {place.line}" if place.line is not None else place.key or "binary"
    if place.path != file:
        where = f"{place.path} {where}"
    said = weight.source if not weight.implicit else f"no {weight.setting}: {weight.source}"
    parts = [f"{where}: {said}", *_variance(weight)]
    return comment("; ".join(parts))


def _variance(weight: Weight) -> list[str]:
    formula = variance_formula(weight.initializer)
    known = moments(weight.initializer, weight.dims)
    if formula == "0" or (formula is None and known is None):
        return []
    number = f"{known.variance:.6g}" if known is not None else None
    return ["var " + " = ".join(part for part in (formula, number) if part is not None)]


def assigned(key: str, value: str, indent: int) -> str:
    """The line ``key: value,`` of a dict display, with the arguments of its call on lines of their own where the line
    is too long: as the usual formatters lay it out."""
    space = " " * indent
    line = f"{space}{key}: {value},"
    head, parenthesis, rest = value.partition("(")
    if len(line) <= WIDTH or not parenthesis or not rest.endswith(")"):
        return f"{line}\n"
    arguments = _split(rest[:-1])
    joined = f"{space}    {', '.join(arguments)}"
    body = f"{joined}\n" if len(joined) <= WIDTH else "".join(f"{space}    {argument},\n" for argument in arguments)
    return f"{space}{key}: {head}(\n{body}{space}),\n"


def _split(arguments: str) -> list[str]:
    """The arguments of a call that one of our own idioms spells, apart."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(arguments):
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0:
            parts.append(arguments[start:index].strip())
            start = index + 1
    return [*parts, arguments[start:].strip()]
