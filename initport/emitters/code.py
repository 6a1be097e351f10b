"""Text from an input, made safe to stand in code: literals that evaluate to it, comments that cannot end early."""

import json

from initport.ir.describe import variance_formula
from initport.ir.location import Location
from initport.ir.model import Weight
from initport.ir.moments import moments

COMMENT_LIMIT = 160
"""Characters of a source's text that a comment repeats at most."""


def literal(text: str) -> str:
    """A Python string literal, double-quoted and ASCII, that evaluates to ``text``."""
    quoted = json.dumps(text)  # JSON's escapes are Python's, but for characters outside the basic plane
    return quoted if text.isascii() or max(text) < "\ud800" else ascii(text)


def comment(text: str) -> str:
    """``text`` on one line of printable ASCII-or-letters, cut to the limit."""
    flat = "".join(character if character.isprintable() else " " for character in text)
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


def origin(location: Location) -> str:
    return comment(str(location.path))
