"""What an op's output can be, as far as the start of a variable is concerned, and a variable itself."""

import math
from itertools import combinations
from typing import NamedTuple

Shape = tuple[int, ...] | None
"""None where it is not known; sizes are known or the shape is not."""


class Array(NamedTuple):
    """Known numbers of one element type. One value stands for any number of equal elements."""

    type: str
    shape: Shape
    values: tuple[float, ...]

    @property
    def single(self) -> float | None:
        """The one number that all elements are."""
        return self.values[0] if len(self.values) == 1 else None

    @property
    def elements(self) -> tuple[float, ...] | None:
        """Every element; None where there are unknown many, or more than a weight's own values can be."""
        if self.shape is None:
            return None
        count = math.prod(self.shape)
        if len(self.values) == count:
            return self.values
        return self.values * count if count <= VALUES_LIMIT else None


VALUES_LIMIT = 4096
"""Elements that differ at most; what has more is data and no initializer."""


class Part(NamedTuple):
    """Some of the elements of a draw that has this ``shape``: along each axis those of a range, ascending."""

    shape: tuple[int, ...]
    ranges: tuple[range, ...]

    def meets(self, other: "Part") -> bool:
        """Whether an element may be in both."""
        if self.shape != other.shape:
            return True
        return all(
            len(one) and len(two) and one[0] <= two[-1] and two[0] <= one[-1]
            for one, two in zip(self.ranges, other.ranges, strict=True)
        )


class Draw(NamedTuple):
    """``shift + scale * x`` for each element, x drawn from a standard ``law``: uniform in [0, 1), normal, or normal cut
    at 2. Two outputs of the same ``origin`` are the same numbers; it begins with the op's name where the op has no
    seed. ``seeds`` are those that it has, and ``orders`` those in which its axes were laid out anew. ``part`` is which
    of the numbers it takes, where not all, and ``terms`` are the draws that it is the sum of, where it is one."""

    law: str
    origin: tuple[object, ...]
    shape: Shape
    type: str
    seeds: tuple[int, ...]
    scale: float = 1.0
    shift: float = 0.0
    orders: tuple[tuple[float, ...], ...] = ()
    part: Part | None = None
    terms: "tuple[Draw, ...]" = ()


class Factor(NamedTuple):
    """What a QR decomposition of a normal matrix of ``shape`` makes: ``part`` is ``q``, ``r``, the ``diagonal`` of R,
    its ``absolute`` values or its ``signs``."""

    part: str
    draw: Draw
    shape: tuple[int, int]


class Haar(NamedTuple):
    """``gain`` times a semi-orthogonal matrix of ``rows`` by ``columns``, its elements in the order of ``shape``."""

    draw: Draw
    rows: int
    columns: int
    shape: tuple[int, ...]
    gain: float = 1.0


class Delta(NamedTuple):
    """An orthogonal matrix (the last two axes of ``shape``) at the ``place`` of a kernel, and zeros elsewhere."""

    haar: Haar
    place: tuple[int, ...]
    shape: tuple[int, ...]


class Eye(NamedTuple):
    """``gain`` times the identity matrix, zeros beyond it."""

    shape: tuple[int, int]
    gain: float = 1.0


class Joined(NamedTuple):
    """Parts side by side along an axis, each with its size there."""

    parts: "tuple[tuple[int, Value], ...]"
    axis: int
    shape: Shape


class Key(NamedTuple):
    """The state of a stateless draw, made of these seeds."""

    seeds: tuple[int, ...]


class Refused(NamedTuple):
    """No law is known: the ``op`` that it ends at, and why."""

    op: str
    reason: str


Value = Array | Draw | Factor | Haar | Delta | Eye | Joined | Key | Refused


def draws(value: Value) -> list[Draw]:
    """The draws that a value is made of; of one origin are those whose values are the same."""
    match value:
        case Draw():
            return [value] if value.scale else []
        case Haar(draw) | Delta(Haar(draw)):
            return [draw._replace(origin=(*draw.origin, *draw.orders, *(draw.part or ()), "orthogonal"))]
        case Joined(parts):
            return [draw for _, part in parts for draw in draws(part)]
    return []


def share(first: Draw, second: Draw) -> bool:
    """Whether some of the numbers of two draws are, or may be, the same."""
    return any(_meet(one, two) for one in first.terms or (first,) for two in second.terms or (second,))


def _meet(first: Draw, second: Draw) -> bool:
    if first.origin == second.origin:
        return first.part is None or second.part is None or first.part.meets(second.part)
    return bool(first.seeds) and first.seeds == second.seeds  # of another shape: the generator gives the same stream


def independent(found: list[Draw]) -> bool:
    """Whether it is known that no two of these draws share numbers; of very many it is not."""
    if len({draw.origin for draw in found}) == len(found) and not any(draw.terms or draw.seeds for draw in found):
        return True
    return len(found) <= COMPARED_LIMIT and not any(share(*pair) for pair in combinations(found, 2))


COMPARED_LIMIT = 64
"""Draws that are compared with each other at most."""


class Shared:
    """The draws of variables, each of which may be a part of one or a sum of several."""

    def __init__(self) -> None:
        self._known: dict[object, dict[object, tuple[str, Draw]]] = {}

    def add(self, name: str, value: "Value") -> str | None:
        """The variable before, if any, whose numbers are those of this one in part, and not all of them."""
        found = None
        for draw in draws(value):
            for term in draw.terms or (draw,):
                same = self._known.setdefault(term.origin, {})
                own = draw.origin, draw.part
                if own in same:
                    continue
                if len(same) > COMPARED_LIMIT:
                    found = next(iter(same.values()))[0]
                    continue
                found = found or next((other for other, one in same.values() if share(one, term)), None)
                same[own] = name, term
        return found


class Slice(NamedTuple):
    """Where a part of a partitioned variable lies: the whole's name and sizes, and the part's offset and sizes."""

    name: str
    full: tuple[int, ...]
    offset: tuple[int, ...]
    size: tuple[int, ...]


class Variable(NamedTuple):
    """``initial`` is the input that its first value is, None where the graph has none; ``trained`` is None where the
    graph does not show. ``problem`` says why there is no first value."""

    name: str
    shape: tuple[int | None, ...] | None
    type: str
    initial: str | None
    trained: bool | None
    slice: Slice | None = None
    problem: str | None = None

    @property
    def whole_shape(self) -> Shape:
        """Its shape; None where a size is not known."""
        sizes = [size for size in self.shape or () if size is not None]
        return tuple(sizes) if self.shape is not None and len(sizes) == len(self.shape) else None
