"""The sizes of a weight by role, from its shape and its layout."""

import math
from collections.abc import Mapping
from functools import lru_cache

from initport.grammar.layout import parse_layout
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout

Sizes = Mapping[str, int]
Shape = tuple[int | None, ...] | None
"""None in place of a size, or of the whole, where it is not known."""


def bare(shape: Shape) -> Layout | None:
    """The axes of a weight of which no more is known than their number."""
    if shape is None:
        return None
    if len(shape) == 1:
        return parse_layout("length")
    names = [f"axis{index}" for index in range(min(len(shape), 4))]
    return parse_layout(", ".join(names if len(shape) <= 4 else (names[0], "*rest", *names[1:3])))


def solve(layout: Layout, shape: Shape, given: Sizes | None = None) -> dict[str, int] | None:
    """The sizes by role that make the layout's axes those of the shape, as far as it is known; None where none do."""
    found = _solve_sizes(layout, shape, tuple((given or {}).items()))
    return None if found is None else dict(found)


@lru_cache(maxsize=4096)
def _solve_sizes(layout: Layout, shape: Shape, given: tuple[tuple[str, int], ...]) -> dict[str, int] | None:
    if shape is None or len(shape) < layout.min_rank or (layout.rank is not None and len(shape) != layout.rank):
        return None
    known: dict[str, int] = dict(given)
    axes = list(layout.axes)
    run = next((index for index, axis in enumerate(axes) if axis.many), len(axes))
    extra = len(shape) - layout.min_rank
    sizes: list[tuple[Scalar, int | None]] = [(axes[index].size, shape[index]) for index in range(run)]
    if run < len(axes):
        sizes.append((axes[run].size, _product(shape[run : run + extra])))
        sizes += [(axes[index].size, shape[index - 1 + extra]) for index in range(run + 1, len(axes))]
    for formula, size in sizes:
        if size is not None and not _solve(formula, size, known):
            return None
    return known


def _product(sizes: tuple[int | None, ...]) -> int | None:
    known = [size for size in sizes if size is not None]
    return math.prod(known) if len(known) == len(sizes) else None


def _solve(formula: Scalar, size: int, known: dict[str, int]) -> bool:
    """Whether the one role in it that has no size can be given one; groups are 1 where nothing gives them."""
    names = [str(symbol) for symbol, _ in formula.powers]
    if "groups" in names:
        known.setdefault("groups", 1)
    open_names = [name for name in names if name not in known]
    if not open_names:
        return formula.evaluate(known) == size
    if len(open_names) > 1:
        return False
    (name,) = open_names
    other = formula.evaluate({**known, name: 1})
    whole = round(size / other) if other else 0
    if not other or abs(whole * other - size) > 1e-9:
        return False
    known[name] = whole
    return True
