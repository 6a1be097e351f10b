"""What becomes of every weight of a model in a target: the spelling and the place, or the reason why there is none."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from initport.diagnostics import Code, Diagnostic, InputError
from initport.emit.idioms import SLICE, SLICES, Spelling, spell
from initport.grammar.expression import holds
from initport.grammar.layout import ROLES, parse_layout
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.rows import Addition, TargetLayer, TargetWeight
from initport.ir.describe import law
from initport.ir.initializers import (
    Blocks,
    Constant,
    Initializer,
    RandomNormal,
    RandomUniform,
    Unsupported,
    canonical,
    elementwise,
)
from initport.ir.model import Layer, Model, Weight, WeightsElsewhere
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout, Wrapper
from initport.records import NamedTuple

SPELLED_LIMIT = 300
"""Initializers that differ at most, on axes that do: some milliseconds each. Networks have dozens."""


class Entry(NamedTuple):
    """One weight in the target. ``module`` and ``place`` say where it lives; ``spelling`` is None where nothing is
    emitted for it, for the reason that ``refusal`` gives (None where the reader has given it already)."""

    layer: Layer
    weight: Weight
    place: TargetWeight
    spelling: Spelling | None
    refusal: tuple[Code, str] | None = None

    @property
    def finding(self) -> Diagnostic | None:
        """The refusal, as it is reported."""
        if self.refusal is None:
            return None
        code, detail = self.refusal
        return Diagnostic(code, self.weight.location, f"{self.layer.name!r} {self.weight.role}: {detail}")

    @property
    def module(self) -> str:
        return self.layer.name + self.place.companion

    @property
    def beside(self) -> "Entry":
        """The entry of the parameters that start at zero, if it has any, with their axes."""
        return self._replace(place=self.place._replace(layout=self.place.zero_layout or self.place.layout))

    @property
    def start(self) -> Initializer:
        """What the parameter starts with, where it has a spelling."""
        return initializer_there(self.weight.initializer, self.place)

    @property
    def by_parameter(self) -> tuple[tuple[str, Spelling | None], ...]:
        """What each parameter that holds the weight, or a slice of it, starts with."""
        names = (self.place.name or "", *self.place.alike)
        if self.spelling is not None and self.spelling.function == SLICES:
            return tuple(zip(names, self.spelling.parts, strict=True))
        return tuple((name, self.spelling) for name in names)


Outcome = tuple[TargetWeight, Spelling | None, tuple[Code, str] | None]
"""What becomes of a weight: its place, and its spelling or why it has none."""


class Outcomes:
    """What becomes of the weights of layers that are alike, in the order of the weights; the name of a layer and its
    place have no part in it. ``entries`` are those of one of these layers."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._each: list[Outcome] = [(entry.place, entry.spelling, entry.refusal) for entry in entries]
        emitted = [entry for entry in entries if entry.spelling is not None]
        self.companions = frozenset(entry.place.companion for entry in emitted)
        """What the modules of the weights that are emitted are called beyond the layer's name."""
        self.is_distinct = len({_key(entry) for entry in emitted}) == len(emitted)
        """Whether no two of the weights have the same place."""
        self.has_statistics = any(entry.place.statistics for entry in entries)
        self.is_refused = any(_is_refused(entry) for entry in entries)

    def of(self, layer: Layer) -> Sequence[Entry]:
        """The entries of one of the layers."""
        if self._entries and self._entries[0].layer is layer:
            return self._entries
        return [Entry(layer, weight, *outcome) for weight, outcome in zip(layer.weights, self._each, strict=True)]


Planned = Sequence[tuple[Layer, Outcomes]]
"""The layers of a model, with the outcomes that alike ones share."""


class Plan:
    """What becomes of every weight of the ``layers``."""

    def __init__(self, layers: Planned, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.layers, self.diagnostics = layers, diagnostics

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        return tuple([entry for layer, outcomes in self.layers for entry in outcomes.of(layer)])

    @cached_property
    def emitted(self) -> tuple[tuple[Entry, Spelling], ...]:
        return tuple([(entry, entry.spelling) for entry in self.entries if entry.spelling is not None])

    @cached_property
    def examples(self) -> tuple[Entry, ...]:
        """The entries of the first layer of each kind of outcomes, in order: all that is emitted occurs in them."""
        return _examples(self.layers)

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """What is emitted, each object once."""
        spellings = (entry.spelling for entry in self.examples if entry.spelling is not None)
        return tuple({id(spelling): spelling for spelling in spellings}.values())

    @cached_property
    def has_own_modules(self) -> bool:
        """Whether no two layers have weights in one module of the target."""
        return all(number == 1 for number in _modules(self.layers).values())


def plan(model: Model, target: Vocabulary) -> Plan:
    """Decide for every weight. Two weights of the model never get the same place: the second is refused.

    Raises InputError for a model that exceeds a limit."""
    decisions = _Decisions(target)
    layers = _without_collisions([(layer, decisions.outcomes(layer)) for layer in model.layers])
    refused = (entry for layer, outcomes in layers if outcomes.is_refused for entry in outcomes.of(layer))
    findings = [entry.finding for entry in refused if entry.finding is not None and _is_refused(entry)]
    return Plan(layers, (*_assumptions(_examples(layers), target), *_statistics(layers), *findings))


def _is_refused(entry: Entry) -> bool:
    return entry.refusal is not None and entry.refusal[0] is not Code.STATISTICS


def _examples(layers: Planned) -> tuple[Entry, ...]:
    first: dict[int, tuple[Layer, Outcomes]] = {}
    for layer, outcomes in layers:
        first.setdefault(id(outcomes), (layer, outcomes))
    return tuple([entry for layer, outcomes in first.values() for entry in outcomes.of(layer)])


def _modules(layers: Planned) -> Mapping[str, int]:
    """How many layers have weights in each module of the target."""
    return Counter([layer.name + companion for layer, outcomes in layers for companion in outcomes.companions])


def _without_collisions(layers: Planned) -> Planned:
    """Of weights that would have the same place, the first alone has it."""
    modules, taken = _modules(layers), dict[tuple[object, ...], Entry]()

    def settle(layer: Layer, outcomes: Outcomes) -> Outcomes:
        if outcomes.is_distinct and all(modules[layer.name + companion] == 1 for companion in outcomes.companions):
            return outcomes
        entries = list(outcomes.of(layer))
        for index, entry in enumerate(entries):
            if entry.spelling is not None and taken.setdefault(_key(entry), entry) is not entry:
                entries[index] = _without(entry, Code.INEXPRESSIBLE, _collision(entry, taken[_key(entry)]))
        return Outcomes(entries)

    return [(layer, settle(layer, outcomes)) for layer, outcomes in layers]


def _key(entry: Entry) -> tuple[object, ...]:
    """The place of a weight in the model."""
    return (entry.module, entry.place.name, *entry.place.part[:1])


def _statistics(planned: Planned) -> list[Diagnostic]:
    """Running statistics are reported once a file."""
    layers = {layer.location: layer for layer, outcomes in planned if outcomes.has_statistics}
    if not layers:
        return []
    first, *others = layers.values()
    more = f" and those of {len(others)} more layers" if others else ""
    detail = f"the running statistics of {first.name!r}{more} are not parameters; they keep the target's own start"
    return [Diagnostic(Code.STATISTICS, first.location, detail)]


def _collision(entry: Entry, other: Entry) -> str:
    return (
        f"{entry.module!r} also names the {other.layer.type} layer at {other.layer.location}, "
        "whose weight has this name already; rename one of them in the source"
    )


def _without(entry: Entry, code: Code, detail: str) -> Entry:
    return entry._replace(spelling=None, refusal=(code, detail))


class _Decided(NamedTuple):
    """What becomes of every weight of which the same is known: its place, and its spelling or why it has none."""

    place: TargetWeight
    spelling: Spelling | None = None
    refusal: tuple[Code, str] | None = None


class _Decisions:
    """Decides once for all layers, and for all weights, of which the same is known."""

    def __init__(self, target: Vocabulary) -> None:
        self.target = target
        self.layers: dict[tuple[object, ...], Outcomes] = {}
        self.alike: dict[tuple[object, ...], Outcomes] = {}
        self.known: dict[tuple[object, ...], _Decided] = {}
        self.spelled: set[object] = set()

    def outcomes(self, layer: Layer) -> Outcomes:
        """What becomes of the weights of a layer, which its name has no part in."""
        if not isinstance(layer.weights, WeightsElsewhere):
            return self._outcomes_of(layer, layer.weights)
        like = layer.weights.like
        same = (id(like), layer.wrapper, layer.cell)
        found = self.alike.get(same)
        if found is None:
            found = self.alike[same] = self._outcomes_of(layer, like.weights)
        return found

    def _outcomes_of(self, layer: Layer, weights: Sequence[Weight]) -> Outcomes:
        """What becomes of all weights that are made of the same objects."""
        shared = [
            (id(initializer), id(layout), id(source), id(dims), role, setting, owner, repeats)
            for role, initializer, _, setting, source, _, layout, dims, _, owner, _, repeats in weights
        ]
        same = (layer.kind, layer.wrapper, layer.cell, *shared)
        found = self.layers.get(same)
        if found is None:
            entries = [self._entry(layer, weight) for weight in layer.weights]
            found = self.layers[same] = Outcomes(_without_repeats(_whole(entries)))
        return found

    def _entry(self, layer: Layer, weight: Weight) -> Entry:
        ties = (layer.kind, layer.wrapper, layer.cell, weight.role, weight.setting, weight.owner, weight.repeats)
        same = (*ties, id(weight.initializer), id(weight.layout), id(weight.source), id(weight.dims))  # the model's own
        decided = self.known.get(same)
        if decided is None:
            key = (*ties, weight.initializer, weight.layout, weight.source, *weight.dims.items())
            decided = self.known.get(key)
            if decided is None:
                decided = self.known[key] = self._decide(layer, weight)
            self.known[same] = decided
        return Entry(layer, weight, *decided)

    def _decide(self, layer: Layer, weight: Weight) -> _Decided:
        row = self.target.grammar.kinds[layer.kind]
        place = _place(layer, weight, row, self.target)
        initializer = canonical(weight.initializer)
        if isinstance(initializer, Unsupported):
            return _Decided(place)
        refusal = _refusal(weight, initializer, place, row, self.target)
        if refusal is not None:
            return _Decided(place, None, refusal)
        try:
            start = initializer_there(weight.initializer, place)
        except MeaningError as error:
            return _Decided(place, None, (Code.INEXPRESSIBLE, str(error)))
        spelling = self._spelling(weight, start, place)
        if len(self.spelled) > SPELLED_LIMIT:
            detail = f"over {SPELLED_LIMIT} initializers differ"
            raise InputError(Diagnostic(Code.TOO_LARGE, weight.location, detail))
        if spelling is None:
            return _Decided(place, None, (Code.INEXPRESSIBLE, _inexpressible(weight, place, self.target)))
        return _Decided(place, spelling)

    def _spelling(self, weight: Weight, start: Initializer, place: TargetWeight) -> Spelling | None:
        """Of parameters that hold the weight's slices, each is spelled where the slices differ, and all together where
        any slice starts as the whole does."""
        axes, initializer = target_axes(weight.layout, place), canonical(start)
        if place.alike and isinstance(initializer, Blocks) and len(initializer.parts) == 1 + len(place.alike):
            parts = [spell(self.target, part, axes, weight.dims, tried=self.spelled) for part in initializer.parts]
            found = tuple(part for part in parts if part is not None)
            return Spelling(", ".join(part.text for part in found), SLICES, found) if len(found) == len(parts) else None
        if place.alike and not elementwise(start):
            return self._slices(weight, start, place)
        return spell(self.target, start, axes, weight.dims, tried=self.spelled)

    def _slices(self, weight: Weight, start: Initializer, place: TargetWeight) -> Spelling | None:
        """Of parameters that are slices of one draw."""
        written, number = self.target.grammar.slices, 1 + len(place.alike)
        if written is None or place.whole is None:
            return None
        whole = spell(self.target, start, parse_layout(place.whole), weight.dims, tried=self.spelled)
        if whole is None:
            return None
        texts = (written.call.format(whole=whole.text, index=index, number=number) for index in range(number))
        return Spelling(
            f"{number} slices of {whole.text}", SLICES, tuple(Spelling(text, SLICE, (whole,)) for text in texts)
        )


def initializer_there(initializer: Initializer, place: TargetWeight) -> Initializer:
    """What the target's parameter starts with: the parts in its own order, one of them less by what the layer adds to
    it when it runs. Raises MeaningError."""
    adds = place.adds
    if place.order and isinstance(initializer, Blocks):
        if len(initializer.parts) != len(place.order):
            raise MeaningError("its parts are not the gates of the layer there; initialize this weight yourself")
        initializer = Blocks(tuple(initializer.parts[index] for index in place.order))
    if adds is None:
        return initializer
    simple = canonical(initializer)
    parts = simple.parts if isinstance(simple, Blocks) else (simple,) * adds.parts
    number = Scalar.of(Fraction(str(adds.value)))
    lower = tuple(_lower(part, number, adds) if index == adds.part else part for index, part in enumerate(parts))
    return canonical(Blocks(lower))


def _lower(initializer: Initializer, number: Scalar, adds: Addition) -> Initializer:
    match initializer:
        case Constant(value):
            return Constant(value - number)
        case RandomNormal(mean, stddev):
            return RandomNormal(mean - number, stddev)
        case RandomUniform(low, high):
            return RandomUniform(low - number, high - number)
    raise MeaningError(f"the layer adds {adds.value} to the {adds.name} when it runs; initialize this weight yourself")


def _refusal(
    weight: Weight, initializer: Initializer, place: TargetWeight, row: TargetLayer, target: Vocabulary
) -> tuple[Code, str] | None:
    """Why nothing is to be written for a weight that starts so, if there is a reason."""
    if weight.owner is not None:
        return Code.SHARED, f"it is the {weight.owner[1]} of {weight.owner[0]!r}; tie them in the target"
    if weight.repeats is not None:
        name, role = weight.repeats
        return Code.REPEATED, f"it starts with the draws of the {role} of {name!r}; copy them once that is initialized"
    if place.statistics is not None:
        if place.start and canonical(target.initializer(place.start)) != initializer:
            return Code.INEXPRESSIBLE, f"{place.statistics} starts differently; initialize it yourself"
        return Code.STATISTICS, f"{place.statistics} keeps its own start"
    if place == _NOWHERE:
        title = target.grammar.title
        return Code.INEXPRESSIBLE, f"layers of this kind have no such weight in {title}; initialize it yourself"
    if place.absent is not None:
        if initializer == Constant(Scalar.of(0)):
            return Code.NO_COUNTERPART, f"{place.absent}; nothing is lost as long as it has none"
        return Code.INEXPRESSIBLE, f"{place.absent}, and the source's does not start at zero"
    wrong = next((rule.because for rule in row.requires if holds(rule.that, ROLES, weight.dims) is False), None)
    return None if wrong is None else (Code.INEXPRESSIBLE, wrong)


_SUFFIXES = ("_filler", "_initializer")
_NOWHERE = TargetWeight()


def _place(layer: Layer, weight: Weight, row: TargetLayer, target: Vocabulary) -> TargetWeight:
    """Where the weight lives; of an unknown layer, under the name of its setting, and nowhere in a known one that has
    no such weight. A wrapped layer, or a cell in a stack of them, is reached through what holds it, whose constructor
    takes no initializers."""
    place = row.weights.get(weight.role) or (_NOWHERE if row.weights else _name_after(weight.setting))
    grammar = target.grammar
    if (layer.wrapper is None or layer.wrapper not in grammar.wrappers) and layer.cell is None:
        return place

    def call_name(name: str) -> str:
        return grammar.name_in(name, layer.wrapper, layer.cell)

    name = None if place.name is None else call_name(place.name)
    zero, alike = ([call_name(other) for other in others] for others in (place.zero, place.alike))
    return place._replace(name=name, argument=None, also={}, zero=zero, alike=alike)


def _name_after(setting: str) -> TargetWeight:
    """The place of a weight in a layer of unknown type: nothing but the name of what sets it is known."""
    name = next((setting.removesuffix(suffix) for suffix in _SUFFIXES if setting.endswith(suffix)), setting)
    return TargetWeight(name=name, argument=f"{name}_initializer")


def _whole(entries: list[Entry]) -> list[Entry]:
    """Of the weights that are parts of one parameter, or its summands, either all are emitted or none."""
    lost = {(entry.module, entry.place.name) for entry in entries if entry.place.name and _is_lost(entry)}
    message = "another part of the same parameter has no form"
    return [
        _without(entry, Code.INEXPRESSIBLE, message)
        if entry.spelling and (entry.module, entry.place.name) in lost
        else entry
        for entry in entries
    ]


def _without_repeats(entries: list[Entry]) -> list[Entry]:
    """What starts at zero beside a weight does not where the layer has a weight of its own for it."""
    if not any(entry.place.zero for entry in entries):
        return entries
    own = {(entry.module, entry.place.name) for entry in entries if entry.spelling is not None or _is_lost(entry)}

    def zero(entry: Entry) -> list[str]:
        return [name for name in entry.place.zero if (entry.module, name) not in own]

    return [entry._replace(place=entry.place._replace(zero=zero(entry))) for entry in entries]


def _is_lost(entry: Entry) -> bool:
    """Whether the target goes without what the source says of the weight."""
    return entry.spelling is None and (entry.refusal is None or entry.refusal[0].exit_code > 0)


def target_axes(source: Layout | None, place: TargetWeight) -> Layout | None:
    """The weight's axes in the target; None where they are unknown."""
    if place.layout is None:
        return None
    return source if place.layout == "source" else parse_layout(place.layout)


def _inexpressible(weight: Weight, place: TargetWeight, target: Vocabulary) -> str:
    source = weight.source or "the default"
    if place.layout is None and not place.name:
        return (
            f"{source}: the axes of such a layer's weights in {target.framework} are not known; initialize this weight "
            f"yourself as {law(weight.initializer)}"
        )
    there = place.argument or place.name
    return f"{source} has no form in {target.framework} for {there}; initialize this weight yourself"


def _has_more(entry: Entry) -> bool:
    """Whether the source's weight has more elements than the target's."""
    source, layout = entry.weight.layout, target_axes(entry.weight.layout, entry.place)
    return bool(source and source.axes) and layout is not None and source is not None and source.count != layout.count


def _assumptions(entries: Iterable[Entry], target: Vocabulary) -> list[Diagnostic]:
    """What the target's layers are expected to look like, once a kind, at the first layer that it is said of."""
    notes: dict[str, Diagnostic] = {}
    seen: set[tuple[object, ...]] = set()
    for entry in entries:
        alike = (entry.layer.kind, id(entry.place), id(entry.weight.layout), id(entry.weight.dims))
        if entry.spelling is None or alike in seen:
            continue
        seen.add(alike)
        row = target.grammar.kinds[entry.layer.kind]
        grouped = row.lacks_groups if entry.weight.dims.get("groups", 1) > 1 else None
        apart = row.lacks_elements if row.lacks_elements and _has_more(entry) else None
        stacked = target.grammar.stacked.assumes if entry.layer.cell is not None and target.grammar.stacked else None
        both = target.grammar.directions if entry.layer.wrapper in (Wrapper.FORWARD, Wrapper.BACKWARD) else None
        for text in (row.assumes, grouped, apart, stacked, both):
            if text and text not in notes:
                notes[text] = Diagnostic(Code.ASSUMED_MODULE, entry.layer.location, f"{entry.layer.name!r}: {text}")
    return list(notes.values())
