"""Places in two graphs that only each other's fit.

A place is what its layer is and, up to some distance, what is before and after it (Weisfeiler and Lehman, 1968). Places
that are alike at a large distance and found once on either side belong together, and from then on distinguish their
neighbours.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import NamedTuple

MOST_ROUNDS = 24
"""The distance to which neighbours are looked at."""

MOST_LAYERS = 5000
"""Larger graphs are matched by order."""


class Node(NamedTuple):
    """A layer by what distinguishes it from others of other kinds, and the indices of the layers before it."""

    label: Hashable
    before: tuple[int, ...]


class Place(NamedTuple):
    """A pair of indices; ``alike`` is how many pairs could have been exchanged for it."""

    ours: int
    theirs: int
    alike: int


def places(ours: Sequence[Node], theirs: Sequence[Node], paired: Mapping[int, int], certain: bool) -> list[Place]:
    """Pairs beside those that are ``paired``. Layers whose places are alike are taken in order, unless only what is
    ``certain`` is asked for."""
    if max(len(ours), len(theirs)) > MOST_LAYERS:
        return []
    done: dict[int, int] = dict(paired)
    found: list[Place] = []
    while True:
        more = _next(ours, theirs, done, certain)
        if not more:
            return found
        found += more
        done |= {place.ours: place.theirs for place in more}


def _next(ours: Sequence[Node], theirs: Sequence[Node], done: Mapping[int, int], certain: bool) -> list[Place]:
    """What is certain from the furthest neighbours on, of all of them, then of those before or after alone; where
    nothing is, the first group that is alike."""
    rounds = list(_rounds(ours, theirs, done))
    for single in (True,) if certain else (True, False):
        for here, there in rounds:
            pairs = [
                Place(a, b, len(left))
                for left, right in _groups(here, there, done)
                if (len(left) == 1) == single
                for a, b in zip(left, right, strict=True)
            ]
            if pairs:
                return pairs if single else pairs[: pairs[0].alike]
    return []


Colours = tuple[list[int], list[int]]
"""What the layers of either side are, as numbers."""


def _rounds(ours: Sequence[Node], theirs: Sequence[Node], done: Mapping[int, int]) -> Iterator[Colours]:
    first: Colours | None = None
    for before, after in ((True, True), (True, False), (False, True)):
        first, *further = _colours(ours, theirs, done, before, after)
        yield from reversed(further)
    if first is not None:
        yield first


def _groups(here: Sequence[int], there: Sequence[int], done: Mapping[int, int]) -> list[tuple[list[int], list[int]]]:
    """Indices of one colour that are as many on either side."""
    taken = set(done.values())
    left, right = (
        _by_colour(colours, set(gone)) for colours, gone in ((here, done.keys()), (there, taken))
    )  # fmt: skip
    return [(mine, right[colour]) for colour, mine in left.items() if len(mine) == len(right.get(colour, ()))]


def _by_colour(colours: Sequence[int], gone: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for index, colour in enumerate(colours):
        if index not in gone:
            found.setdefault(colour, []).append(index)
    return found


def _colours(
    ours: Sequence[Node], theirs: Sequence[Node], done: Mapping[int, int], before: bool, after: bool
) -> Iterator[Colours]:
    """The colours of both sides' layers by distance, until no further distance distinguishes more, by what is
    ``before`` and ``after`` them."""
    others = {other: index for index, other in done.items()}
    known: dict[Hashable, int] = {}

    def colours_of(*sides: Sequence[Hashable]) -> Colours:
        here, there = ([known.setdefault(item, len(known)) for item in side] for side in sides)
        return here, there

    colours = colours_of(
        [("pair", index) if index in done else ("label", node.label) for index, node in enumerate(ours)],
        [("pair", others[index]) if index in others else ("label", node.label) for index, node in enumerate(theirs)],
    )
    around = [
        ([node.before if before else () for node in nodes], _after(nodes) if after else [[] for _ in nodes])
        for nodes in (ours, theirs)
    ]
    count = 0
    for _ in range(MOST_ROUNDS):
        yield colours
        if len(known) == count:
            return
        count, known = len(known), {}
        colours = colours_of(
            *(
                [(own, _sort_by_colour(side, read), _sort_by_colour(side, reading))
                 for own, read, reading in zip(side, inputs, outputs, strict=True)]
                for side, (inputs, outputs) in zip(colours, around, strict=True)
            )
        )  # fmt: skip


def _sort_by_colour(colours: Sequence[int], indices: Sequence[int]) -> tuple[int, ...]:
    return tuple(sorted(colours[index] for index in indices))


def _after(nodes: Sequence[Node]) -> list[list[int]]:
    after: list[list[int]] = [[] for _ in nodes]
    for index, node in enumerate(nodes):
        for other in node.before:
            after[other].append(index)
    return after
