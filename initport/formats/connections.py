"""Which layers of a network reach which other past no third, told by what each step of it reads and writes."""

from collections.abc import Hashable, Iterable, Mapping, Sequence

MOST_INPUTS = 256
"""Layers that are named as the inputs of one; of a layer with more, none is. A sum of ResNet-1202 has 200."""

Step = tuple[Sequence[Hashable], Sequence[Hashable]]
"""The names of the values that a step of a network reads, and of those that it writes."""


def writers(steps: Iterable[Step]) -> list[tuple[int, ...]]:
    """For each step, in the order in which they run, the places of the steps that write what it reads: a value is what
    the last step before the reader has written."""
    written: dict[Hashable, int] = {}
    sources = []
    for place, (reads, writes) in enumerate(steps):
        sources.append(tuple(written[name] for name in reads if name in written))
        written |= dict.fromkeys(writes, place)
    return sources


def inputs(sources: Iterable[Sequence[int]], layers: Mapping[int, str]) -> list[tuple[str, ...]]:
    """For each step, by its `writers`, the names of the ``layers`` (by their places) that reach it past no other."""
    reaching: list[tuple[str, ...]] = []
    found = []
    for place, read in enumerate(sources):
        several = {id(reaching[source]): reaching[source] for source in read} if len(read) != 1 else None
        if several is None or len(several) == 1:
            names = reaching[read[0]]  # one tuple for all that a chain of steps hands on
        else:
            names = tuple(dict.fromkeys(name for reached in several.values() for name in reached))
            names = names if len(names) <= MOST_INPUTS else ()
        found.append(names)
        reaching.append((layers[place],) if place in layers else names)
    return found
