"""Which layer of a source is which layer of a model: by name, by what it is, and by its place in the graph."""

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from initport.match.graph import Node, Place, places
from initport.match.pairing import Shape, align, is_permutation, may_match

WRAPPERS = ("module.", "_orig_mod.")
"""What a model's wrappers put before every name."""


class Layer(NamedTuple):
    """A layer that holds parameters: those, each with its shape as far as that is known.

    ``kinds`` are the classes that the layer can be one of, empty where that is not known; ``before`` are indices of the
    layers that it reads, None where nothing is known of the graph. ``aliases`` are other names of the layer."""

    name: str
    parameters: Mapping[str, Shape | None]
    kinds: frozenset[str] = frozenset()
    before: tuple[int, ...] | None = None
    aliases: tuple[str, ...] = ()


class Match(NamedTuple):
    """Indices of layers that belong together, and what showed it; ``alike`` pairs could have been exchanged for it, in
    which case their order decided."""

    ours: int
    theirs: int
    how: str
    alike: int = 1


def match(ours: Sequence[Layer], theirs: Sequence[Layer]) -> list[Match]:
    """Each layer is matched once at most, by the first of these that finds it another: the same name; the same behind a
    prefix that most have; the same but for punctuation and case; the same place in both graphs, among layers of one
    kind with equal shapes; the same place in the order of those left, where the shapes fit; then places in the graphs
    and the order once more, with axes in any order. Last come equal names of layers that are not alike."""
    found: list[Match] = []
    prefix = _prefix(ours, theirs)
    for how, named in _namings(prefix):
        found += _by_name(ours, theirs, found, how, named, _alike)
    for sizes, fits, words in ((tuple, may_match, "shape"), (_sort_sizes, is_permutation, "sizes in another order")):
        for known in (True, False):
            labels = _labels(ours, theirs, sizes, known)
            found += _by_place(ours, theirs, found, labels, words, certain=known)
        found += _by_order(ours, theirs, found, labels, fits, words)
    found += _by_name(ours, theirs, found, "name alone", lambda name: name, lambda first, second: True)
    return sorted(found)


Naming = Callable[[str], str]


def _namings(prefix: str) -> list[tuple[str, Naming]]:
    def without(name: str) -> str:
        return name.removeprefix(prefix)

    behind = [(f"name behind {prefix!r}", without)] if prefix else []
    return [("name", lambda name: name), *behind, ("name but for punctuation", lambda name: _normal(without(name)))]


def _normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _prefix(ours: Sequence[Layer], theirs: Sequence[Layer]) -> str:
    """What the model's names have before the source's, where half of the source's are found so; else a wrapper's."""
    known = {_normal(layer.name): layer.name for layer in ours}
    counts: Counter[str] = Counter()
    for layer in theirs:
        parts = re.split(r"([./])", layer.name)
        for index in range(2, len(parts), 2):
            if _normal("".join(parts[index:])) in known:
                counts["".join(parts[:index])] += 1
    if counts:
        best, number = max(counts.items(), key=lambda item: (item[1], -len(item[0])))
        if number * 2 >= len(ours):
            return best
    wrapper = ""
    while (more := next((item for item in WRAPPERS if _all_begin(theirs, wrapper + item)), None)) is not None:
        wrapper += more
    return wrapper


def _all_begin(layers: Sequence[Layer], prefix: str) -> bool:
    return bool(layers) and all(f"{layer.name}.".startswith(prefix) for layer in layers)


def _by_name(
    ours: Sequence[Layer],
    theirs: Sequence[Layer],
    done: Sequence[Match],
    how: str,
    named: Naming,
    suits: Callable[[Layer, Layer], bool],
) -> list[Match]:
    """Names that are one name twice on either side are left."""
    here: dict[str, set[int]] = {}
    there: dict[str, set[int]] = {}
    for index in _indices_left(ours, (item.ours for item in done)):
        for name in (ours[index].name, *ours[index].aliases):
            here.setdefault(named(name), set()).add(index)
    for index in _indices_left(theirs, (item.theirs for item in done)):
        there.setdefault(named(theirs[index].name), set()).add(index)
    pairs = {
        (min(mine), min(others))
        for name, mine in here.items()
        if len(mine) == 1 and len(others := there.get(name, set())) == 1
        if suits(ours[min(mine)], theirs[min(others)])
    }
    often = Counter(mine for mine, _ in pairs)
    return [Match(mine, other, how) for mine, other in sorted(pairs) if often[mine] == 1]


def _indices_left(layers: Sequence[Layer], taken: Iterable[int]) -> list[int]:
    gone = set(taken)
    return [index for index in range(len(layers)) if index not in gone]


def _alike(first: Layer, second: Layer) -> bool:
    """Whether one may be the other: of one kind, with parameters that fit in whatever order of their axes."""
    if first.kinds and second.kinds and not first.kinds & second.kinds:
        return False
    return all(
        may_match(shape, second.parameters[name]) or is_permutation(shape, second.parameters[name])
        if name in second.parameters
        else _is_bias(name)
        for name, shape in first.parameters.items()
    )


Fits = Callable[[Shape | None, Shape | None], bool]

Labels = tuple[list[Hashable], list[Hashable]]
"""What is known of each layer of either side."""


def _sort_sizes(sizes: Iterable[int | None]) -> tuple[int | None, ...]:
    return tuple(sorted(sizes, key=lambda size: size or 0))


def _labels(
    ours: Sequence[Layer],
    theirs: Sequence[Layer],
    sizes: Callable[[Iterable[int | None]], tuple[int | None, ...]],
    known: bool,
) -> Labels:
    """Kinds, where the model's classes are all known ones, and shapes: whole ones, so that layers of unknown sizes are
    like none, or (not ``known``) what the source knows of all: sizes, the number of axes and the first's, or nothing.
    """
    groups = _groups([*ours, *theirs]) if all(layer.kinds for layer in theirs) else {}
    shapes = [shape for layer in ours for name, shape in layer.parameters.items() if name in _decisive(layer)]
    whole = known or all(shape is not None and None not in shape for shape in shapes)
    partly = all(shape is not None and shape[:1] != (None,) for shape in shapes)

    def known_sizes(shape: Shape | None) -> Hashable:
        if shape is None or not (whole or partly):
            return None
        return sizes(shape) if whole else (len(shape), shape[:1])

    def label(layer: Layer) -> Hashable:
        kind = groups.get(min(layer.kinds)) if layer.kinds else None
        return kind, tuple(sorted((name, known_sizes(layer.parameters[name])) for name in _decisive(layer)))

    return [label(layer) for layer in ours], [label(layer) for layer in theirs]


def _decisive(layer: Layer) -> list[str]:
    """The parameters that distinguish layers: a bias may be missing on either side, unless it is all there is."""
    return [name for name in layer.parameters if not _is_bias(name)] or list(layer.parameters)


def _is_bias(name: str) -> bool:
    return "bias" in name or name == "beta"


def _groups(layers: Iterable[Layer]) -> dict[str, str]:
    """Classes that some layer can be one as well as another of have one group."""
    group: dict[str, str] = {}

    def of(name: str) -> str:
        while (other := group.setdefault(name, name)) != name:
            name = other
        return name

    for layer in layers:
        first, *others = sorted(layer.kinds) or [""]
        for other in others:
            group[of(other)] = of(first)
    return {name: of(name) for name in group}


def _by_place(
    ours: Sequence[Layer],
    theirs: Sequence[Layer],
    done: Sequence[Match],
    labels: Labels,
    words: str,
    *,
    certain: bool,
) -> list[Match]:
    if not _are_connected(ours) or not _are_connected(theirs):
        return []
    here, there = (
        [Node(label, layer.before or ()) for label, layer in zip(labels[side], layers, strict=True)]
        for side, layers in enumerate((ours, theirs))
    )
    found: list[Place] = places(here, there, {item.ours: item.theirs for item in done}, certain)
    return [
        Match(mine, other, f"place in the graph and {words}", alike)
        for mine, other, alike in found
        if _alike(ours[mine], theirs[other])
    ]


def _are_connected(layers: Sequence[Layer]) -> bool:
    """Whether anything is known of the graph."""
    return any(layer.before for layer in layers) or len(layers) < 2


def _by_order(
    ours: Sequence[Layer],
    theirs: Sequence[Layer],
    done: Sequence[Match],
    labels: Labels,
    fits: Fits,
    words: str,
) -> list[Match]:
    left, right = labels
    here = _indices_left(ours, (item.ours for item in done))
    there = _indices_left(theirs, (item.theirs for item in done))
    pairs = align(here, there, lambda a, b: left[a] == right[b] and _fit(ours[a], theirs[b], fits))
    counts = [Counter(side[index] for index in indices) for side, indices in ((left, here), (right, there))]
    return [Match(a, b, f"order and {words}", max(counts[0][left[a]], counts[1][right[b]])) for a, b in pairs]


def _fit(first: Layer, second: Layer, fits: Fits) -> bool:
    """Whether the shapes of the parameters of both are right, and the first misses none that it needs."""
    both = [(shape, second.parameters[name]) for name, shape in first.parameters.items() if name in second.parameters]
    missing = [name for name in first.parameters if name not in second.parameters and not _is_bias(name)]
    return bool(both) and not missing and all(fits(*shapes) or may_match(*shapes) for shapes in both)
