"""From what an initial value was folded to, to the distribution of a weight."""

import math
from collections.abc import Collection
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from initport.formats.floats import NotFiniteError, shortest
from initport.formats.graph import laws
from initport.formats.graph.op_values import (
    Array,
    Delta,
    Draw,
    Eye,
    Factor,
    Haar,
    Joined,
    Key,
    Refused,
    Shape,
    Value,
    draws,
    independent,
)
from initport.grammar.meaning import Vocabulary
from initport.ir.initializers import (
    Blocks,
    Constant,
    DeltaOrthogonal,
    Identity,
    Initializer,
    Orthogonal,
    Preset,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Unsupported,
    elementwise,
)
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout

BLOCKS_LIMIT = 64
"""Equal parts that a weight's start is made of at most; recurrent layers have four."""


class Place(NamedTuple):
    """The weight that starts so: its axes, whether their meaning is known, and its sizes."""

    layout: Layout | None
    known: bool
    shape: Shape
    type: str


class Start(NamedTuple):
    """``source`` are the graph's words; ``candidates`` the laws that its number may follow."""

    initializer: Initializer
    source: str
    candidates: laws.Candidates = laws.Candidates()


def start(value: Value, place: Place, vocabulary: Vocabulary, chosen: Collection[str]) -> Start:
    """``vocabulary`` gives the axes of matrices, ``chosen`` are the laws that the user names."""
    try:
        found = _start(value, place, vocabulary, frozenset(chosen))
    except NotFiniteError as error:
        found = _refusal("Const", str(error))
    shape = value.shape if isinstance(value, Draw | Array | Haar | Delta | Eye | Joined) else None
    if shape is not None and place.shape is not None and shape != place.shape:
        return _refusal("Assign", f"a value of shape {shape} is put into a variable of shape {place.shape}")
    return found


def _refusal(op: str, reason: str) -> Start:
    return Start(Unsupported(op, f"{op}: {reason}"), op)


def _start(value: Value, place: Place, vocabulary: Vocabulary, chosen: frozenset[str]) -> Start:
    match value:
        case Refused(op, reason):
            return _refusal(op, reason)
        case Array():
            return _array(value, place)
        case Draw(scale=0, shift=shift, type=kind):
            return _array(Array(kind, (), (shift,)), place)
        case Draw(law, _, shape, _, _, scale, shift):
            sizes = place.shape if shape is None else shape
            return _draw(law, scale, shift, value.type, place._replace(shape=sizes), chosen)
        case Haar(_, rows, columns, shape, gain):
            matrix = (math.prod(shape[:-1]), shape[-1]) if len(shape) > 1 else None
            axes = _matrix(place, vocabulary)
            if (rows, columns) != matrix or axes is None:
                return _refusal("Reshape", "an orthogonal matrix is laid out in a way that no initializer does")
            number = shortest(gain, place.type)
            return Start(Orthogonal(_scalar(number), *axes), f"orthogonal{_gain(number)}")
        case Delta(Haar(gain=gain), at, shape):
            axes = _matrix(place, vocabulary, inside=True)
            if axes is None or at != tuple((size - 1) // 2 for size in shape[:-2]):
                return _refusal("ScatterNd", "an orthogonal matrix is at a position other than the kernel's centre")
            number = shortest(gain, place.type)
            places = _count(place, vocabulary) / (axes[0] * axes[1])
            return Start(DeltaOrthogonal(_scalar(number), *axes, places), f"delta orthogonal{_gain(number)}")
        case Eye(_, gain):
            axes = _matrix(place, vocabulary)
            if axes is None or len(place.shape or ()) != 2:
                return _refusal("MatrixDiag", "the identity of a weight that is not a matrix")
            number = shortest(gain, place.type)
            return Start(Identity(_scalar(number), *axes), f"identity{_gain(number)}")
        case Joined():
            return _blocks(value, place, vocabulary)
        case Factor():
            return _refusal("Qr", "a part of a QR decomposition alone starts the variable")
        case Key():
            return _refusal("StatelessRandomGetKeyCounter", "a seed starts the variable")


def _gain(number: str) -> str:
    return "" if float(number) == 1 else f" gain {number}"


def _matrix(place: Place, vocabulary: Vocabulary, inside: bool = False) -> tuple[Scalar, Scalar] | None:
    """Rows and columns of the weight, the last axis being the columns; of a kernel's one place (``inside``) the last
    axis but one is the rows."""
    names = vocabulary.names(place.layout)
    if place.layout is None or "last0" not in names or (inside and "last1" not in names):
        return None
    return names["last1"] if inside else names["count"] / names["last0"], names["last0"]


def _count(place: Place, vocabulary: Vocabulary) -> Scalar:
    return vocabulary.names(place.layout)["count"]


@lru_cache(maxsize=4096)
def _scalar(text: str) -> Scalar:
    return Scalar.of(Fraction(text))


def _array(value: Array, place: Place) -> Start:
    if value.single is not None:
        return _constant(value.single or 0, value.type)
    elements = value.elements
    if not elements:
        return _refusal("Const", "an array without elements, or with too many")
    numbers = tuple(_scalar(shortest(number, value.type)) for number in elements)
    return Start(Preset(numbers), f"array of {len(numbers)} values")


@lru_cache(maxsize=4096)
def _constant(number: float, kind: str) -> Start:
    text = shortest(number, kind)
    return Start(Constant(_scalar(text)), f"constant {text}")


@lru_cache(maxsize=4096)
def _draw(law: str, scale: float, shift: float, kind: str, place: Place, chosen: frozenset[str]) -> Start:
    found, symmetric, text = _number(law, scale, shift, kind)
    if not symmetric or place.shape is None:
        return found
    width = scale / 2 if law == "uniform" else scale
    candidates = laws.candidates(law, abs(width), text, place.shape)
    if not candidates.names:
        return found
    named = candidates.choose(chosen)
    words = (
        f"{found.source}; {candidates}" if not candidates.plain or named else f"{found.source}; perhaps {candidates}"
    )
    if named is None or not place.known or place.layout is None:
        return Start(found.initializer, words, candidates)
    return Start(laws.law(named, place.layout), f"{found.source}; {named}", candidates)


@lru_cache(maxsize=4096)
def _number(law: str, scale: float, shift: float, kind: str) -> tuple[Start, bool, str]:
    """The law with numbers, whether it is about zero, and the number that decides."""
    if law == "uniform":
        low, high = sorted((shift, shift + scale))
        first, last = shortest(low, kind), shortest(high, kind)
        symmetric = first == f"-{last}"
        words = f"uniform within {last}" if symmetric else f"uniform {first} to {last}"
        return Start(RandomUniform(_scalar(first), _scalar(last)), words), symmetric, last
    stddev, mean = shortest(abs(scale), kind), shortest(shift, kind)
    shape = RandomNormal if law == "normal" else TruncatedNormal
    words = f"{law.replace('_', ' ')} stddev {stddev}" + (f" mean {mean}" if _scalar(mean).sign else "")
    return Start(shape(_scalar(mean), _scalar(stddev)), words), not _scalar(mean).sign, stddev


def _blocks(value: Joined, place: Place, vocabulary: Vocabulary) -> Start:
    """Equal parts along the last axis, of which one that is larger counts as several."""
    rank = len(value.shape or ())
    part = math.gcd(*(size for size, _ in value.parts)) or 1
    number = sum(size for size, _ in value.parts) // part
    if value.axis != rank - 1 or number > BLOCKS_LIMIT or place.layout is None or place.layout.rank == 0:
        return _refusal(
            "ConcatV2", f"parts are joined along axis {value.axis}, which is not one of a recurrent layer's"
        )
    if not independent(draws(value)):
        return _refusal("ConcatV2", "some of the parts that are joined are the same draws")
    inside = place._replace(layout=place.layout.part(-1, number), known=False)
    starts = []
    for size, content in value.parts:
        one = _start(content, inside._replace(shape=None), vocabulary, frozenset())
        if isinstance(one.initializer, Unsupported):
            return one
        if size > part and not elementwise(one.initializer):
            return _refusal(
                "ConcatV2", "parts of several sizes are joined, and one of them is not a draw for each element"
            )
        starts += [one] * (size // part)
    words = list(dict.fromkeys(one.source for one in starts))
    source = words[0] if len(words) == 1 else f"blocks {', '.join(one.source for one in starts)}"
    return Start(Blocks(tuple(one.initializer for one in starts)), source)
