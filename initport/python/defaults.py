"""What starts a weight for which a layer's call names no initializer."""

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from initport.grammar import registry
from initport.grammar.call import Call, default_call
from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, UnknownCallError
from initport.grammar.rows import Addition, SourceWeight
from initport.grammar.version import Version
from initport.ir.describe import law
from initport.ir.initializers import Blocks, Constant, Initializer, Unsupported, VarianceScaling, canonical, elementwise
from initport.ir.model import Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Layout, Role
from initport.python.axes import declared_layouts
from initport.python.vocabulary import Layer, Layers, Names


class Part(NamedTuple):
    """A weight, or one of those that the source has as one."""

    role: Role
    layout: Layout | None
    initializer: Initializer


def layout_of(weight: SourceWeight) -> Layout | None:
    """The axes of a layer's weight, where it has some; the first of one that others are side by side is their sum."""
    if weight.layout == "source":
        return None
    first = " + ".join(text.partition(",")[0] for text in weight.joint.values())
    return parse_layout(weight.layout.replace("first", first, 1) if first else weight.layout)


def parts_of(weight: SourceWeight, layout: Layout | None, initializer: Initializer) -> Iterator[Part]:
    """The weights that one of the source is: itself, or those that it holds side by side. Raises MeaningError where it
    draws as a whole, so that no part of it has a law of its own."""
    if not weight.joint:
        yield Part(weight.role, layout, initializer)
        return
    if not elementwise(initializer) and not isinstance(initializer, VarianceScaling):
        raise MeaningError(f"it starts inputs and state as one matrix ({weight.layout}); initialize its parts yourself")
    if isinstance(initializer, VarianceScaling):  # the fans are the whole's
        initializer = initializer._replace(mode="fan")
    for role, text in weight.joint.items():
        yield Part(Role(role), parse_layout(text), initializer)


def join_gates(weights: Iterable[tuple[Weight, Sequence[int]]]) -> Iterator[Weight]:
    """The weights of a layer, of which one holds all gates where the source has some of them by themselves: the first
    of those, the one behind the last, and how many there are, beside each."""
    found: dict[object, list[tuple[Weight, Sequence[int]]]] = {}
    for number, (weight, gates) in enumerate(weights):
        found.setdefault(weight.role if gates else number, []).append((weight, gates))
    for members in found.values():
        first, gates = members[0]
        yield _whole(first, members) if gates else first


def _whole(first: Weight, members: Sequence[tuple[Weight, Sequence[int]]]) -> Weight:
    low, high, count = members[0][1]
    laws = [weight.initializer for weight, (start, end, _) in members for _ in range(start, end)]
    refused = next((law for law in laws if isinstance(law, Unsupported)), None)
    layout = None if first.layout is None else first.layout.part(-1, Fraction(high - low, count))
    return first._replace(
        initializer=refused or canonical(Blocks(tuple(laws))),
        source="; ".join(dict.fromkeys(weight.source for weight, _ in members)),
        implicit=all(weight.implicit for weight, _ in members),
        layout=layout,
        shape=shape_in(layout, first.dims),
    )


def shape_in(layout: Layout | None, dims: Mapping[str, int]) -> tuple[int | None, ...] | None:
    """The sizes of the axes, where their number is known."""
    if layout is None or layout.rank is None:
        return None
    found = [axis.size.evaluate(dims) for axis in layout.axes]
    return tuple(None if size is None else round(size) for size in found)


def with_addition(adds: Addition, initializer: Initializer, value: Scalar | None) -> Initializer:
    """What the weight of a layer starts with that adds nothing when it runs, where this one adds a ``value``: None for
    the default. Raises MeaningError where that is not a constant."""
    start = canonical(initializer)
    added = Scalar.of(Fraction(str(adds.value))) if value is None else value
    if not isinstance(start, Constant):
        raise MeaningError(f"the layer adds {added} to the {adds.name} when it runs; initialize this weight yourself")
    changed = Constant(start.value + added)
    return canonical(Blocks(tuple(changed if index == adds.part else start for index in range(adds.parts))))


def zeroed_row(argument: str, initializer: Initializer) -> str:
    """Why a weight of which the layer sets one row to zero has no law of its own."""
    return (
        f"its row `{argument}` is set to zero, and the others start as {law(initializer)}; initialize it, and then set "
        "that row to zero"
    )


def addition_words(adds: Addition, value: Scalar | None, unknown: bool) -> str:
    known = adds.value if value is None else value
    return f", and the layer adds {adds.argument}{'' if unknown else f' = {known}'} to the {adds.name} when it runs"


WHOLE = re.compile(r"u?int\d*|bool_?")
"""The names of dtypes that hold no fractions."""


def all_layers(names: Names, content: str) -> Layers:
    """The layers that a text can speak of, those that take no initializers too, in the versions that are read."""
    return _with_own(names, _grammars_in(content))


def paths_of_layers(names: Names, content: str) -> frozenset[str]:
    """Their paths, which texts that can speak of the same packages share."""
    return _paths_with_own(names, _grammars_in(content))


def _grammars_in(content: str) -> tuple[str, ...]:
    return tuple(name for name in registry.source_grammars() if any(root in content for root in registry.roots(name)))


@lru_cache(maxsize=64)
def _paths_with_own(names: Names, grammars: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_with_own(names, grammars))


@lru_cache(maxsize=64)
def _with_own(names: Names, grammars: tuple[str, ...]) -> Layers:
    found = dict(names.layers)
    for name in grammars:
        package = registry.source_grammars()[name].package
        found.update(own_version(name, names.speech.versions.of(package)[0]))
    return found


@cache
def own_version(name: str, version: Version | None) -> Layers:
    """The layers of a grammar whose layers take no initializers, as a version has them."""
    own = registry.heads()[name].own
    if not own:
        return {}
    known, roots, speaker = vocabulary(name, version), registry.roots(name), vocabulary(own)
    return {
        path: tuple(Layer(row, speaker, name) for row in rows)
        for path, rows in known.variants.items()
        if path.partition(".")[0] in roots and "." in path
    }


def default(
    weight: SourceWeight,
    layer: Layer,
    names: Names,
    layout: Layout | None,
    rank: int | None,
    settings: Mapping[str, Scalar] = MappingProxyType({}),
) -> Initializer | None:
    """What a weight of a layer starts with where nothing is said, part by part if it has such; on a weight of so many
    axes where the layer has none of its own. ``settings`` are the numbers that the layer is given. None where that
    cannot be told."""
    try:
        inside = layout.part(-1, len(weight.blocks)) if layout is not None and weight.blocks else layout
        stated = _templates(weight)
        parts = tuple(_meaning(item, weight, layer, names, inside, rank, settings) for item in stated)
    except (MeaningError, ExpressionError):
        return None
    return parts[0] if len(parts) == 1 else Blocks(parts)


def stored_dtype(layer: Layer) -> str:
    """The argument that holds the dtype of the weights of a layer, or of a parameter."""
    return "dtype" if layer.row.kind is Kind.PARAMETER else vocabulary(layer.framework).grammar.stored


def bias_of(frameworks: Iterable[str], dtype: str | None) -> str:
    """Why what these grammars' functions draw in a dtype is not what their law says; "" where it is."""
    found = (vocabulary(name).grammar.biased.get(dtype or "") for name in frameworks)
    measured = next((words for words in found if words), "")
    return measured and f"it is drawn in {dtype}, and such draws are biased: {measured}; draw in float32, and cast"


def default_frameworks(weight: SourceWeight, layer: Layer, names: Names) -> list[str]:
    """The grammars that say what a weight of a layer starts with where nothing is said."""
    called = (names.functions.get(str(stated.get("type"))) for stated in _templates(weight))
    speaker = layer.speaker
    vocabularies = (speaker if named is None else named.vocabulary for named in called)
    return [layer.framework, *(item.framework for item in vocabularies if item is not None)]


def _templates(weight: SourceWeight) -> list[Mapping[str, Any]]:
    """The defaults of a weight's parts."""
    return [weight.default if block is None else block for block in weight.blocks or (None,)]


def deciding(weight: SourceWeight) -> frozenset[str]:
    """The names in the formulas of a weight's default: sizes, and settings of the layer."""
    values = (str(value) for stated in _templates(weight) for key, value in stated.items() if key != "type")
    return frozenset(name for value in values for name in re.findall(r"[^\W\d]\w*", value))


def _meaning(
    stated: Mapping[str, Any],
    weight: SourceWeight,
    layer: Layer,
    names: Names,
    layout: Layout | None,
    rank: int | None,
    settings: Mapping[str, Scalar],
) -> Initializer:
    """That of a string of the layer's framework, or of a dotted path; on a weight of the rank that the call gives, a
    matrix if it gives none, where the layer has no axes of its own.

    Raises MeaningError, ExpressionError."""
    named = names.functions.get(str(stated["type"]))
    speaker = layer.speaker if named is None else named.vocabulary
    if layout is None and speaker is not None:
        layout = next(iter(declared_layouts(speaker, rank)), None)
    call = default_call(stated, settings if layout is None else {**settings, "count": layout.count})
    assert call is not None
    if speaker is None:
        raise UnknownCallError(call.name)
    own = call.name if call.name in speaker.initializers else None
    name = named.name if named is not None else own or speaker.initializer_of(call.name)
    return speaker.meaning(speaker.with_arguments(Call(name, (), call.named), weight.passes.items()), layout)


Setting = int | tuple[int, ...]
"""A size that a call states: one number, or one for each axis."""


def stated_sizes(layer: Layer, path: str, settings: Mapping[str, Setting | None]) -> dict[str, int]:
    """The sizes by role that a call of the layer at a path states: its ``settings``, None where one is not known."""
    row = layer.row
    found = dict(without_groups(layer))
    for role, setting in row.sizes.items():
        value = settings[setting] if setting in settings else row.defaults.get(setting)
        size = _size(role, value, path)
        if size is not None and size > 0:
            found[role] = size
    return found


_AXES = re.compile(r"([123])_?d")


def _size(role: str, value: object, path: str) -> int | None:
    """One number is the size of each axis of a kernel, of which the layer's name says how many there are."""
    if isinstance(value, tuple):
        return math.prod(value) if role == "kernel" else None
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    axes = _AXES.search(path.rpartition(".")[2].lower()) if role == "kernel" else None
    return value if role != "kernel" else None if axes is None else value ** int(axes[1])


def without_groups(layer: Layer) -> Mapping[str, int]:
    """The sizes that all layers of a row have: one group where its kernels know no groups."""
    row = layer.row
    convolves = row.kind in (Kind.CONV, Kind.CONV_TRANSPOSE)
    return {"groups": 1} if convolves and not any("groups" in weight.layout for weight in row.weights) else {}
