"""Pair the weights that a source describes with those that a model has."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

Shape = tuple[int | None, ...]

MOST_ALIGNED = 4_000_000
"""Pairs that are looked at for an alignment by order; beyond that, weights are taken in order one by one."""


class Named(NamedTuple):
    """A weight: its name with the layer's in front, and its shape, None where it or a size is not known."""

    name: str
    shape: Shape | None


class Pair(NamedTuple):
    """Indices of the weights that belong together, and what showed it."""

    expected: int
    found: int
    how: str


class Pairing(NamedTuple):
    pairs: tuple[Pair, ...]
    missing: tuple[int, ...]
    """Expected weights that the model does not have."""
    extra: tuple[int, ...]
    """Weights of the model that are not expected."""


def pair(expected: Sequence[Named], found: Sequence[Named], known: Sequence[Pair] = ()) -> Pairing:
    """Each weight is paired once at most, by the first of these that finds it another: what is ``known``; the same
    name; the same name but for punctuation and case; the same place in the order of the weights that are left, with a
    shape that fits; the same with axes in another order."""
    pairs: list[Pair] = [*known]
    for how, key in (("name", _exact), ("name but for punctuation", _normal)):
        pairs += _by_key(expected, found, pairs, key, how)
    for how, fits in (("order and shape", may_match), ("order, axes permuted", is_permutation)):
        pairs += _by_order(expected, found, pairs, fits, how)
    pairs.sort()
    paired, taken = {item.expected for item in pairs}, {item.found for item in pairs}
    return Pairing(
        tuple(pairs),
        tuple(index for index in range(len(expected)) if index not in paired),
        tuple(index for index in range(len(found)) if index not in taken),
    )


def may_match(first: Shape | None, second: Shape | None) -> bool:
    """Whether the shapes may be one, where sizes are unknown."""
    if first is None or second is None:
        return True
    return len(first) == len(second) and all(a == b for a, b in zip(first, second, strict=True) if a and b)


def is_permutation(first: Shape | None, second: Shape | None) -> bool:
    """Whether the shapes hold the same sizes."""
    if first is None or second is None or None in first or None in second:
        return False
    return sorted(size or 0 for size in first) == sorted(size or 0 for size in second)


def _exact(name: str) -> str:
    return name


def _normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _indices_left(weights: Sequence[Named], taken: set[int]) -> list[int]:
    return [index for index in range(len(weights)) if index not in taken]


def _by_key(
    expected: Sequence[Named], found: Sequence[Named], done: Sequence[Pair], key: Callable[[str], str], how: str
) -> list[Pair]:
    """Names that are one name twice on either side are left."""
    here: dict[str, list[int]] = {}
    there: dict[str, list[int]] = {}
    for index in _indices_left(expected, {item.expected for item in done}):
        here.setdefault(key(expected[index].name), []).append(index)
    for index in _indices_left(found, {item.found for item in done}):
        there.setdefault(key(found[index].name), []).append(index)
    return [
        Pair(ours[0], theirs[0], how)
        for name, ours in here.items()
        if len(ours) == 1 and len(theirs := there.get(name, [])) == 1
        if may_match(expected[ours[0]].shape, found[theirs[0]].shape)
        or is_permutation(expected[ours[0]].shape, found[theirs[0]].shape)
        or how == "name"
    ]


def _by_order(
    expected: Sequence[Named],
    found: Sequence[Named],
    done: Sequence[Pair],
    fits: Callable[[Shape | None, Shape | None], bool],
    how: str,
) -> list[Pair]:
    ours = _indices_left(expected, {item.expected for item in done})
    theirs = _indices_left(found, {item.found for item in done})
    pairs = align(ours, theirs, lambda a, b: fits(expected[a].shape, found[b].shape))
    return [Pair(a, b, how) for a, b in pairs]


def align(ours: Sequence[int], theirs: Sequence[int], fits: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """The longest common subsequence of two lists of indices."""
    if len(ours) * len(theirs) > MOST_ALIGNED:
        return _greedily(ours, theirs, fits)
    longest = [[0] * (len(theirs) + 1) for _ in range(len(ours) + 1)]
    for i in reversed(range(len(ours))):
        for j in reversed(range(len(theirs))):
            if fits(ours[i], theirs[j]):
                longest[i][j] = longest[i + 1][j + 1] + 1
            else:
                longest[i][j] = max(longest[i + 1][j], longest[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(ours) and j < len(theirs):
        if fits(ours[i], theirs[j]):
            pairs.append((ours[i], theirs[j]))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


def _greedily(ours: Sequence[int], theirs: Sequence[int], fits: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    pairs, rest = [], iter(theirs)
    for index in ours:
        for other in rest:
            if fits(index, other):
                pairs.append((index, other))
                break
    return pairs
