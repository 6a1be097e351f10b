"""The sizes of a weight by role, from its shape and the axes that it has."""

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from initport.ir.scalar import Dim, Scalar
from initport.ir.weights import Layout


def sizes_from(layout: Layout, shape: Sequence[int], known: Mapping[str, int]) -> dict[str, int] | None:
    """The roles' sizes for which ``layout`` has this shape, beside those that are ``known``; None if there are none."""
    number = len(shape) - layout.min_rank
    if number < 0 or (number and layout.rank is not None):
        return None
    sizes = dict(known)
    runs: list[tuple[Scalar, int]] = []
    position = 0
    for axis in layout.axes:
        taken = number if axis.many else 1
        runs.append((axis.size, math.prod(shape[position : position + taken])))
        position += taken
    for _ in runs:  # an axis may need what a later one says
        for formula, size in runs:
            if not _solve(formula, size, sizes):
                return None
    kernel = next((shape[i : i + number] for i, axis in enumerate(layout.axes) if axis.many), ())
    if kernel:
        sizes.setdefault("width", kernel[-1])
        sizes.setdefault("height", kernel[-2] if len(kernel) > 1 else kernel[-1])
    return sizes if all(formula.evaluate(sizes) in (None, size) for formula, size in runs) else None


def _solve(formula: Scalar, size: int, sizes: dict[str, int]) -> bool:
    """Add the one role that the formula leaves open; False where no whole number will do."""
    unknown = [(symbol, power) for symbol, power in formula.powers
               if not isinstance(symbol, Dim) or symbol.name not in sizes]  # fmt: skip
    if len(unknown) != 1 or not isinstance(unknown[0][0], Dim) or unknown[0][1] != 1:
        return True
    rest = (formula / Scalar.of(unknown[0][0])).bind(sizes).rational
    if rest is None or rest <= 0:
        return True
    value = Fraction(size) / rest
    if value.denominator != 1:
        return False
    sizes[unknown[0][0].name] = int(value)
    return True
