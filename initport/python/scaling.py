"""What becomes of a value: the variables that start with it, and what it is multiplied by on the way."""

import ast
from dataclasses import dataclass, replace

from initport.python.sites.site import Place

Scaling = tuple[tuple[int, ast.expr], ...] | None
"""Factors, and the powers that they are raised to; None where more is done to the value."""

ELSEWHERE = "a variable starts with its values, and they may go elsewhere too; draw them where the variable is made"
ATTRIBUTE = "its values reach a variable as `{}`, which other code can use too; draw them where the variable is made"
STARRED = "its values are given to a variable with `*` or `**`; write the argument out"
DECORATED = "its values are what a decorated function returns; draw them where the variable is made"


@dataclass(frozen=True, slots=True)
class Start:
    """The place of a variable's starting value, and what it multiplies the value that was asked for by: see `Site`.

    ``doubt`` is why the value may be used for other things as well."""

    place: Place
    scaling: Scaling
    doubt: str = ""


NOWHERE = Start(Place("nowhere"), None)
"""What becomes of a value that nobody looks at, or that is followed already."""

_COPIES = ("cast", "to_float", "asarray", "array", "identity", "convert_to_tensor", "constant", "reshape", "float32")
"""Functions of TensorFlow and NumPy that give the values unchanged, as far as their distribution goes."""


def joined(found: list[Start | None], scaling: Scaling) -> Start | None:
    """What several ways come to."""
    starts = [start for start in found if start is not None and start is not NOWHERE]
    if not starts:
        return None if None in found else NOWHERE
    doubt = next((start.doubt for start in starts if start.doubt), ELSEWHERE if None in found else "")
    return Start(starts[0].place, times(scaling, starts[0].scaling), doubt)


def doubted(start: Start | None, doubt: str) -> Start | None:
    return start if start is None or start is NOWHERE else replace(start, doubt=start.doubt or doubt)


def unscaled(start: Start | None) -> Start | None:
    return start if start is None or start is NOWHERE else replace(start, scaling=None)


def times(first: Scaling, second: Scaling) -> Scaling:
    return None if first is None or second is None else (*first, *second)


def scaled_by(parent: ast.AST, child: ast.AST) -> Scaling:
    """What an expression multiplies a part of it by."""
    match parent:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return ((1, right if left is child else left),)
        case ast.BinOp(left=left, op=ast.Div(), right=right) if left is child:
            return ((-1, right),)
        case ast.IfExp() | ast.Lambda():
            return ()
        case ast.Call(func=ast.Attribute(attr="multiply" | "scalar_mul"), args=[first, second]):
            return ((1, second if first is child else first),)
        case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if first is child and name in _COPIES:
            return ()
    return None
