"""Propose and prove: how an initializer is spelled in a target framework.

The target's grammar lists spellings in order of preference. Each is filled in, read back from its own text, given its
meaning by the same grammar, and used only if that meaning equals the initializer. So a wrong spelling cannot get out.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product

from initport.grammar.call import Call, read_call
from initport.grammar.expression import ExpressionError, evaluate
from initport.grammar.meaning import CONSTANTS, MeaningError, Vocabulary
from initport.grammar.rows import Joint
from initport.ir.initializers import (
    TRUNCATED_VARIANCE,
    Blocks,
    Initializer,
    Sparse,
    TruncatedNormal,
    VarianceScaling,
    bind,
    canonical,
    elementwise,
    equal,
)
from initport.ir.scalar import Dim, InexactError, Scalar, Sum, render, roles
from initport.ir.symbols import Magnitude, Verbatim
from initport.ir.weights import Layout
from initport.records import NamedTuple
from initport.regex import Pattern

BLOCKS = "blocks"
"""What a spelling calls that is made of others."""

SLICES = "slices"
"""What a spelling is called that is one of each parameter that holds a slice of the weight."""

SLICE = "slice"
"""What such a spelling of one parameter is called that draws the whole weight, and takes its own slice of it."""

_SLOT = Pattern(r"\{([a-z.]+)\}")
_WEIGHT = Pattern(r"\b(w|shape)\b")
"""A spelling can refer to the weight's sizes only where it has the tensor or its shape in scope."""
_GIVEN = frozenset({"w", "key", "shape", "dtype"})

Names = tuple[tuple[str, Scalar], ...]
"""How code writes the sizes of a weight and other quantities, and their values."""


class Spelling(NamedTuple):
    """Source of an initializer, proved equal, and the grammar's function that it calls."""

    text: str
    function: str
    parts: tuple["Spelling", ...] = ()


def spell(
    vocabulary: Vocabulary,
    initializer: Initializer,
    layout: Layout | None,
    dims: Mapping[str, int] | None = None,
    *,
    constants: bool = False,
    tried: set[object] | None = None,
) -> Spelling | None:
    """The preferred proved spelling for a weight of that layout in the target; None if the target has none.

    Where the target's code cannot name a size that the initializer depends on, its number in ``dims`` is taken. With
    ``constants`` the spelling may name the grammar's constants, whose values the caller has to put in their places.
    What had to be spelled is added to ``tried``: this is what takes time."""
    sizes = dims or {}
    first = [("groups",)] if sizes.get("groups") == 1 and "groups" in _axes(layout) else []
    for names in (*first, (), *_choices(initializer, layout, sizes)):
        try:
            simple, axes = _bind(initializer, layout, tuple((name, sizes[name]) for name in names))
            if tried is not None:
                tried.add((simple, axes))
            found = _spell(vocabulary, simple, axes, constants)
        except InexactError:
            continue
        if found is not None:
            return found
    return None


def _choices(initializer: Initializer, layout: Layout | None, sizes: Mapping[str, int]) -> Iterator[tuple[str, ...]]:
    """The roles to write as numbers where the target cannot name their sizes: one by one, then all."""
    named = _roles(initializer) if layout is not None else frozenset()
    known = sorted(sizes.keys() & (named | _axes(layout))) if named else []
    yield from ((name,) for name in known)
    yield tuple(known)


@lru_cache(maxsize=4096)
def _bind(
    initializer: Initializer, layout: Layout | None, sizes: tuple[tuple[str, int], ...]
) -> tuple[Initializer, Layout | None]:
    """Both with these sizes in place of their roles. Raises InexactError."""
    given = dict(sizes)
    return (bind(initializer, given), layout and layout.bind(given)) if given else (initializer, layout)


@lru_cache(maxsize=4096)
def _axes(layout: Layout | None) -> frozenset[str]:
    return frozenset(role for axis in (layout.axes if layout is not None else ()) for role in roles(axis.size))


@lru_cache(maxsize=4096)
def _roles(initializer: Initializer) -> frozenset[str]:
    """The roles of the sizes that an elementwise initializer's formulas mention."""
    match canonical(initializer):
        case Blocks(parts):
            return frozenset(role for part in parts for role in _roles(part))
        case Sparse(inner, probability):
            return _roles(inner) | roles(probability)
        case simple if elementwise(simple):
            return frozenset(role for value in simple if isinstance(value, Scalar) for role in roles(value))
    return frozenset()


@lru_cache(maxsize=4096)
def _spell(vocabulary: Vocabulary, initializer: Initializer, layout: Layout | None, constants: bool) -> Spelling | None:
    if isinstance(initializer, Blocks) and isinstance(canonical(initializer), Blocks):
        return _spell_blocks(vocabulary, initializer, layout, constants)
    known = _sizes(vocabulary, layout)
    simple = canonical(initializer)
    for form in (initializer, simple) if isinstance(initializer, VarianceScaling) else (simple,):
        symbols = (*_symbols(form), *(CONSTANTS.items() if constants else ()))
        for template in vocabulary.grammar.idioms.get(type(form).__name__, ()):
            sizes = known if _WEIGHT.search(template) else ()
            try:
                text = _SLOT.sub(lambda slot: _fill(form, slot[1], sizes), template)  # noqa: B023 - called at once
                call = _read(text, (*sizes, *symbols))
                if not _may_fail(vocabulary, call) and equal(vocabulary.meaning(call, layout), initializer):
                    return Spelling(text, call.name)
            except (MeaningError, ExpressionError, InexactError, AttributeError):
                continue
    return None


def _may_fail(vocabulary: Vocabulary, call: Call) -> bool:
    """Whether an argument of which the function bears no zero has a value that is known only at run time."""
    given = dict(call.named)
    names = vocabulary.function(call.name).nonzero
    return any(isinstance(value := given.get(name), Scalar) and value.verbatim for name in names)


def _spell_blocks(
    vocabulary: Vocabulary, initializer: Blocks, layout: Layout | None, constants: bool
) -> Spelling | None:
    """Each part is proved by itself, on the axes that the target's parts have."""
    joint = vocabulary.grammar.blocks
    if joint is None or layout is None or layout.rank == 0:
        return None
    inside = layout.part(joint.axis, len(initializer.parts))
    return join(joint, [_spell(vocabulary, part, inside, constants) for part in initializer.parts])


def join(joint: Joint | None, parts: Sequence[Spelling | None]) -> Spelling | None:
    """The spelling of parts side by side; None where one of them has none."""
    spelled = tuple(part for part in parts if part is not None)
    if joint is None or len(spelled) < len(parts):
        return None
    written = [
        part.function if part.text == joint.bare.format(function=part.function) else joint.part.format(text=part.text)
        for part in spelled
    ]
    text = joint.call.format(parts=", ".join(written))
    return Spelling(text, BLOCKS, spelled)


def means(vocabulary: Vocabulary, text: str, layout: Layout | None, initializer: Initializer) -> bool:
    """Whether a spelling that was proved on one layout has the meaning of ``initializer`` on another."""
    try:
        call = _read(text, (*_sizes(vocabulary, layout), *_symbols(initializer), *CONSTANTS.items()))
        return equal(vocabulary.meaning(call, layout), initializer)
    except (MeaningError, ExpressionError, InexactError):
        return False


@lru_cache(maxsize=4096)
def _read(text: str, names: Names) -> Call:
    return read_call(text, dict(names), _GIVEN)


def _symbols(form: Initializer) -> Names:
    """What a spelling may name besides sizes: the source's own expressions, where they are names."""
    symbols = {symbol for scalar in form if isinstance(scalar, Scalar) for symbol in _leaves(scalar)}
    return tuple((symbol.source, Scalar.of(symbol)) for symbol in symbols)


def _leaves(scalar: Scalar) -> Iterator[Verbatim]:
    for symbol, _ in scalar.powers:
        match symbol:
            case Verbatim():
                yield symbol
            case Magnitude(of):
                yield from _leaves(Scalar.of(of))
            case Sum(first, second):
                yield from (*_leaves(first), *_leaves(second))


@lru_cache(maxsize=4096)
def _sizes(vocabulary: Vocabulary, layout: Layout | None) -> Names:
    """How the target's code writes the sizes of a weight with that layout, and their values."""
    names, sizes = vocabulary.names(layout), []
    for spelling, value in vocabulary.grammar.sizes:
        try:
            sizes.append((spelling, evaluate(value, names)))
        except ExpressionError:
            continue
    return tuple(sizes)


def _fill(form: Initializer, slot: str, sizes: Names) -> str:
    return render(_express(_slot(form, slot), sizes), {}, "math.sqrt")


def _slot(form: Initializer, slot: str) -> Scalar:
    """A parameter of an initializer by name, or what targets derive from one. AttributeError if there is none."""
    match form, slot:
        case VarianceScaling(scale=scale), "gain":
            return scale.sqrt()
        case TruncatedNormal(stddev=stddev), "variance":
            return stddev * stddev * Scalar.of(TRUNCATED_VARIANCE)
        case TruncatedNormal(mean, stddev, bound), "low":
            return mean - bound * stddev
        case TruncatedNormal(mean, stddev, bound), "high":
            return mean + bound * stddev
    value = form
    for name in slot.split("."):
        value = getattr(value, name)
    assert isinstance(value, Scalar)
    return value


def _express(value: Scalar, sizes: Names) -> Scalar:
    """Rewrite a scalar of roles as one of the sizes that the target's code can write. InexactError if it cannot."""
    constant, dims = Scalar(value.sign, value.square), Scalar.of(1)
    for symbol, power in value.powers:
        if isinstance(symbol, Dim):
            dims = dims * Scalar.of(symbol) ** power
        elif isinstance(symbol, Sum):
            constant = constant * (_express(symbol.first, sizes) + _express(symbol.second, sizes)) ** power
        else:
            constant = constant * Scalar.of(symbol) ** power
    if not dims.powers:
        return constant
    written = _product(dims, sizes)
    if written is None:
        raise InexactError(f"{value} cannot be written in the sizes of the weight")
    return constant * written


@lru_cache(maxsize=4096)
def _product(dims: Scalar, sizes: Names) -> Scalar | None:
    """A product of powers of roles, in the sizes that the target's code can write; None if it cannot."""
    unit = min(abs(power) for _, power in dims.powers)
    for number in (1, 2):
        for chosen in combinations(sizes, number):
            for signs in product((unit, -unit), repeat=number):
                written, meant = Scalar.of(1), Scalar.of(1)
                for (spelling, size), power in zip(chosen, signs, strict=True):
                    written, meant = written * Scalar.of(Dim(spelling)) ** power, meant * size**power
                rest = dims / meant
                if not rest.powers:
                    return rest * written
    return None
