"""Propose and prove: how an initializer is spelled in a target framework.

The target's grammar lists spellings in order of preference. Each is filled in, read back from its own text, given its
meaning by the same grammar, and used only if that meaning equals the initializer. So a wrong spelling cannot get out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import combinations, product

from initport.grammar.call import read_call
from initport.grammar.expression import ExpressionError, evaluate
from initport.grammar.meaning import CONSTANTS, MeaningError, Vocabulary
from initport.ir.initializers import Initializer, TruncatedNormal, VarianceScaling, canonical, equal
from initport.ir.scalar import Dim, InexactError, Scalar, Sum, render
from initport.ir.symbols import Magnitude, Verbatim
from initport.ir.weights import Layout

_SLOT = re.compile(r"\{([a-z.]+)\}")
_WEIGHT = re.compile(r"\b(w|shape)\b")
"""A spelling can refer to the weight's sizes only where it has the tensor or its shape in scope."""
_GIVEN = frozenset({"w", "shape", "dtype"})


@dataclass(frozen=True, slots=True)
class Spelling:
    """Source of an initializer, proved equal, and the grammar's function that it calls."""

    text: str
    function: str


@lru_cache(maxsize=4096)
def spell(vocabulary: Vocabulary, initializer: Initializer, layout: Layout | None) -> Spelling | None:
    """The preferred proved spelling for a weight of that layout in the target; None if the target has none."""
    known = _sizes(vocabulary, layout)
    simple = canonical(initializer)
    for form in (initializer, simple) if isinstance(initializer, VarianceScaling) else (simple,):
        for template in vocabulary.grammar.idioms.get(type(form).__name__, ()):
            sizes = known if _WEIGHT.search(template) else {}
            try:
                text = _SLOT.sub(lambda slot: _fill(form, slot[1], sizes), template)  # noqa: B023 - called at once
                call = read_call(text, {**sizes, **_symbols(form)}, _GIVEN)
                if equal(vocabulary.meaning(call, layout), initializer):
                    return Spelling(text, call.name)
            except (MeaningError, ExpressionError, InexactError, AttributeError):
                continue
    return None


def means(vocabulary: Vocabulary, text: str, layout: Layout, initializer: Initializer) -> bool:
    """Whether a spelling that was proved on one layout has the meaning of ``initializer`` on another."""
    try:
        return equal(vocabulary.meaning(read_call(text, _symbols(initializer), _GIVEN), layout), initializer)
    except (MeaningError, ExpressionError, InexactError):
        return False


def _symbols(form: Initializer) -> dict[str, Scalar]:
    """What a spelling may name besides sizes: constants, and the source's own expressions where they are names."""
    scalars = [getattr(form, item.name) for item in fields(form)]
    symbols = {symbol for scalar in scalars if isinstance(scalar, Scalar) for symbol in _leaves(scalar)}
    return {**CONSTANTS, **{symbol.source: Scalar.of(symbol) for symbol in symbols}}


def _leaves(scalar: Scalar) -> Iterator[Verbatim]:
    for symbol, _ in scalar.powers:
        match symbol:
            case Verbatim():
                yield symbol
            case Magnitude(of):
                yield from _leaves(Scalar.of(of))
            case Sum(first, second):
                yield from (*_leaves(first), *_leaves(second))


def _sizes(vocabulary: Vocabulary, layout: Layout | None) -> dict[str, Scalar]:
    """How the target's code writes the sizes of a weight with that layout, and their values."""
    names, sizes = vocabulary.names(layout), {}
    for spelling, value in vocabulary.grammar.sizes:
        try:
            sizes[spelling] = evaluate(value, names)
        except ExpressionError:
            continue
    return sizes


def _fill(form: Initializer, slot: str, sizes: dict[str, Scalar]) -> str:
    value = _slot(form, slot)
    expressed = _express(value, sizes)
    return render(expressed, {}, "math.sqrt")


def _slot(form: Initializer, slot: str) -> Scalar:
    """A parameter of an initializer by name, or what targets derive from one. AttributeError if there is none."""
    match form, slot:
        case VarianceScaling(scale=scale), "gain":
            return scale.sqrt()
        case TruncatedNormal(mean, stddev, bound), "low":
            return mean - bound * stddev
        case TruncatedNormal(mean, stddev, bound), "high":
            return mean + bound * stddev
    value = form
    for name in slot.split("."):
        value = getattr(value, name)
    assert isinstance(value, Scalar)
    return value


def _express(value: Scalar, sizes: dict[str, Scalar]) -> Scalar:
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
    unit = min(abs(power) for _, power in dims.powers)
    for number in (1, 2):
        for chosen in combinations(sizes.items(), number):
            for signs in product((unit, -unit), repeat=number):
                written, meant = Scalar.of(1), Scalar.of(1)
                for (spelling, size), power in zip(chosen, signs, strict=True):
                    written, meant = written * Scalar.of(Dim(spelling)) ** power, meant * size**power
                rest = dims / meant
                if not rest.powers:
                    return constant * rest * written
    raise InexactError(f"{value} cannot be written in the sizes of the weight")
