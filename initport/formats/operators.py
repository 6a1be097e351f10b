"""Networks that are lists of operators, each of which takes its weights as inputs: what layer a parameter belongs to.

A grammar's row of an operator states its inputs in their order (``parameters``), and of each weight the input that it
is (``argument``), which is also the last part of the parameter's name where the framework itself gave it one.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import NamedTuple

from initport.diagnostics import Code, Diagnostic
from initport.formats.connections import inputs, writers
from initport.formats.dimensions import Shape, Sizes, bare, solve
from initport.grammar.call import Argument, Call
from initport.grammar.layout import parse_layout, with_rank
from initport.grammar.meaning import MeaningError, RejectedError, UnknownCallError, UnknownLayoutError, Vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.initializers import Initializer, Unsupported, bind, canonical
from initport.ir.location import Location
from initport.ir.model import Layer, Weight
from initport.ir.weights import Kind, Layout, Role


class Operator(NamedTuple):
    """``settings`` are its arguments by name, and ``groups`` the number of groups of its channels. ``inputs`` and
    ``outputs`` are values by what the source calls them."""

    name: str
    type: str
    inputs: Sequence[Hashable]
    settings: Mapping[str, object] = {}
    groups: int = 1
    outputs: Sequence[Hashable] = ()


class Refusal(NamedTuple):
    """Why nothing is known of how a parameter starts; ``name`` is what the source calls it."""

    name: str
    reason: str
    code: Code = Code.UNSUPPORTED_INITIALIZER


class Parameter(NamedTuple):
    """A tensor that a network starts with what a ``call`` of its grammar makes; ``setting`` names what would set its
    initializer, and ``implicit`` is whether nothing does."""

    name: str
    shape: Shape
    location: Location
    setting: str
    call: Call | Refusal
    implicit: bool = False


class Network(NamedTuple):
    """What `network` makes of operators."""

    layers: tuple[Layer, ...]
    findings: tuple[Diagnostic, ...]


class Place(NamedTuple):
    """An input of an operator that is a weight: its ``number`` among them."""

    number: int
    weight: SourceWeight


Row = tuple[SourceLayer, tuple[Place, ...]]
"""A row of an operator, and its weights."""


class _Type:
    """An operator type: the settings that choose one of its rows, and the rows that were chosen."""

    def __init__(self, rows: Sequence[SourceLayer]) -> None:
        self.rows = [(row, _places(row)) for row in sorted(rows, key=lambda row: -len(row.where))]
        self.names = tuple({name: None for row in rows for name in row.where})
        self.chosen: dict[tuple[object, ...], Row | None] = {}

    def row(self, settings: Mapping[str, object]) -> Row | None:
        """The row that asks for the most of those that hold for these settings."""
        values = tuple([settings.get(name) for name in self.names])
        if values not in self.chosen:
            self.chosen[values] = next((found for found in self.rows if _holds(found[0], settings)), None)
        return self.chosen[values]


def _holds(row: SourceLayer, settings: Mapping[str, object]) -> bool:
    return all(settings.get(key, row.defaults.get(key)) == wanted for key, wanted in row.where.items())


class Weights:
    """Which inputs of an operator are weights, by the operator's type and settings."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._variants = vocabulary.variants
        self._types: dict[str, _Type] = {}

    def of(self, type_: str, settings: Mapping[str, object]) -> Row | None:
        """The row that holds, and its weights."""
        found = self._types.get(type_)
        if found is None:
            found = self._types[type_] = _Type(self._variants.get(type_, ()))
        return found.row(settings) if found.rows else None

    def inputs_of(self, operator: Operator) -> list[tuple[Hashable, SourceWeight]]:
        """The inputs of an operator that are weights, and which."""
        row, read = self.of(operator.type, operator.settings), operator.inputs
        places = row[1] if row is not None else ()
        return [(read[place.number], place.weight) for place in places if place.number < len(read)]


def _places(row: SourceLayer) -> tuple[Place, ...]:
    by_input = {weight.argument: weight for weight in row.weights}
    numbered = enumerate(row.parameters)
    return tuple(Place(number, by_input[argument]) for number, argument in numbered if argument in by_input)


class _Slot(NamedTuple):
    """A place of a weight in an operator, ``at`` its number among the operators."""

    at: int
    operator: Operator
    row: SourceLayer
    weight: SourceWeight


class _Found:
    """A layer while its weights are collected."""

    def __init__(self, name: str, form: "_Form", location: Location) -> None:
        self.name, self.kind, self.type, self.location = name, form.kind, form.type, location
        self.weights: list[Weight] = []

    def layer(self, inputs: tuple[str, ...] = ()) -> Layer:
        return Layer(self.name, self.kind, self.type, self.location, tuple(self.weights), inputs=inputs)


def network(parameters: Iterable[Parameter], operators: Iterable[Operator], vocabulary: Vocabulary) -> Network:
    """The layers, in the order of the first parameter of each. What no operator takes as a weight is a layer by itself,
    and what several take is a weight of each, whose memory is the first one's.

    Parameters of which the same is known cost a look-up each, if their ``call`` is one object."""
    known = {parameter.name: parameter for parameter in parameters}
    operators = list(operators)
    slots: dict[str, list[_Slot]] = {}
    named: dict[int, str] = {}
    taken: set[str] = set()
    which = Weights(vocabulary)
    for at, operator in enumerate(operators):
        members = _members(at, operator, which, known)
        for name, slot in members:
            slots.setdefault(name, []).append(slot)
        if members:
            named[at] = _name(members, taken)
            taken.add(named[at])
    forms = _Forms(vocabulary)
    found: dict[int | str, _Found] = {}
    findings: list[Diagnostic] = []

    def add(parameter: Parameter, slot: _Slot | None, form: "_Form", weight: Weight) -> _Found:
        alone = slot is None or form.kind is Kind.PARAMETER
        key = parameter.name if slot is None or alone else slot.at
        held = found.get(key)
        if held is None:
            name = named[slot.at] if slot is not None and form.placed else parameter.name
            held = found[key] = _Found(name, form, parameter.location)
        held.weights.append(weight)
        return held

    shared: list[tuple[Parameter, _Slot, str, Weight]] = []
    for name, parameter in known.items():
        places = slots.get(name)
        first = places[0] if places is not None else None
        form = forms.form(parameter, first)
        weight = form.weight(parameter.location)
        owner = add(parameter, first, form, weight)
        if form.refusal is not None:
            whose = named[first.at] if first is not None and form.placed else name
            detail = f"{whose!r} {form.role}: {form.refusal.reason}"
            findings.append(Diagnostic(form.refusal.code, parameter.location, detail))
        if places is not None and len(places) > 1:
            shared += [(parameter, slot, owner.name, weight) for slot in places[1:]]
    for parameter, slot, owner_name, weight in shared:
        form = forms.form(parameter, slot)
        tied = form.weight(parameter.location)._replace(owner=(owner_name, weight.role), initializer=weight.initializer)
        held = found.get(slot.at)
        if held is None:
            name = named[slot.at] if form.placed else parameter.name
            held = found[slot.at] = _Found(name, form, parameter.location)
        held.weights.append(tied)
    named_layers = {key: layer.name for key, layer in found.items() if isinstance(key, int)}
    reached = inputs(writers((operator.inputs, operator.outputs) for operator in operators), named_layers)
    layers = (item.layer(reached[key]) if isinstance(key, int) else item.layer() for key, item in found.items())
    return Network(tuple(layers), tuple(findings))


def _members(
    at: int, operator: Operator, which: Weights, parameters: Mapping[str, Parameter]
) -> list[tuple[str, _Slot]]:
    row = which.of(operator.type, operator.settings)
    if row is None:
        return []
    read, count = operator.inputs, len(operator.inputs)
    return [
        (name, _Slot(at, operator, row[0], place.weight))
        for place in row[1]
        if place.number < count and isinstance(name := read[place.number], str) and name in parameters
    ]


def _name(members: Sequence[tuple[str, _Slot]], taken: set[str]) -> str:
    """A layer's name: what its parameters' names have in front of their last part, where that is one thing and no other
    operator has that name, or else the operator's own."""
    stems = {_stem(name, slot.weight.argument or "") for name, slot in members} - {""}
    stem = stems.pop() if len(stems) == 1 else ""
    if not stem or stem in taken or not all(name.startswith((f"{stem}_", f"{stem}.")) for name, _ in members):
        return members[0][1].operator.name or members[0][0]
    return stem


class _Axes(NamedTuple):
    """A weight's axes; ``written`` are the same with a kernel's own axes each by itself, where the rank is known."""

    layout: Layout | None
    written: Layout | None
    sizes: Sizes


def _axes(parameter: Parameter, slot: _Slot | None) -> _Axes | None:
    """What the slot, or else the shape alone, says of the axes; None where the shape is none that the slot has."""
    layout = bare(parameter.shape) if slot is None else parse_layout(slot.weight.layout)
    given = {} if slot is None else {"groups": slot.operator.groups}
    if parameter.shape is None or layout is None:
        return _Axes(layout, layout, given)
    written = with_rank(layout, len(parameter.shape))
    sizes = None if written is None else solve(written, parameter.shape, given)
    return None if sizes is None else _Axes(layout, written, sizes)


def _stem(name: str, last: str) -> str:
    """What stands before the last part of a name, which a ``_`` or a dot separates; empty where that is another."""
    return name[: -len(last) - 1] if name.endswith(last) and name[-len(last) - 1 : -len(last)] in ("_", ".") else ""


class _Form(NamedTuple):
    """All that is known of a weight but its name and its location; ``placed`` is whether its axes are those of the
    operator that takes it."""

    kind: Kind
    role: Role
    type: str
    placed: bool
    refusal: Refusal | None
    started: Initializer
    rest: tuple[object, ...]

    def weight(self, location: Location) -> Weight:
        return Weight._make((self.role, self.started, location, *self.rest))


class _Forms:
    """What weights are, once for all of which the same is known."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.known: dict[tuple[object, ...], _Form] = {}

    def form(self, parameter: Parameter, slot: _Slot | None) -> _Form:
        seen = (parameter.shape, id(parameter.call), parameter.setting, parameter.implicit)
        key = seen if slot is None else (*seen, id(slot.weight), slot.operator.groups, slot.operator.type)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = self._find(parameter, slot)
        return found

    def _find(self, parameter: Parameter, slot: _Slot | None) -> _Form:
        kind, role, type_ = Kind.PARAMETER, Role.PARAMETER, "parameter"
        axes = _axes(parameter, slot)
        placed = axes is not None and slot is not None
        if placed and slot is not None:
            kind, role, type_ = slot.row.kind, slot.weight.role, slot.operator.type
        axes = axes or _axes(parameter, None) or _Axes(None, None, {})
        started = _start(parameter.call, axes, self.vocabulary, role is not Role.PARAMETER)
        refusal = started if isinstance(started, Refusal) else None
        example = Weight(
            role=role,
            initializer=Unsupported(started.name, started.reason) if isinstance(started, Refusal) else started,
            location=parameter.location,
            setting=parameter.setting,
            source=words(parameter.call) if isinstance(parameter.call, Call) else parameter.call.name,
            implicit=parameter.implicit,
            layout=axes.layout,
            dims=dict(axes.sizes),
            shape=parameter.shape,
        )
        return _Form(kind, role, type_, placed, refusal, example.initializer, tuple(example[3:]))


_CODES = {
    UnknownCallError: Code.UNKNOWN_INITIALIZER,
    RejectedError: Code.REJECTED_INITIALIZER,
    UnknownLayoutError: Code.UNKNOWN_SHAPE,
}


def _start(call: Call | Refusal, axes: _Axes, vocabulary: Vocabulary, known: bool) -> Initializer | Refusal:
    """Where it is not ``known`` what the axes are, a formula of them gives way to its number."""
    if isinstance(call, Refusal):
        return call
    try:
        meaning = vocabulary.meaning(call, axes.written)
        violated = vocabulary.violation(call, axes.written, axes.sizes)
    except MeaningError as error:
        return Refusal(call.name, f"{words(call)}: {error}", _CODES.get(type(error), Code.UNSUPPORTED_INITIALIZER))
    if violated is not None:
        return Refusal(call.name, f"{words(call)}: {violated}", Code.REJECTED_INITIALIZER)
    if isinstance(meaning, Unsupported):
        return Refusal(call.name, f"{words(call)}: {meaning.reason}")
    if known:
        return meaning
    try:
        bound = bind(meaning, axes.sizes)
        canonical(bound)  # which has no form where a size is 0
    except ZeroDivisionError:
        return Refusal(
            call.name, f"{words(call)}: a size of the weight is 0, so that it has no fans", Code.UNKNOWN_SHAPE
        )
    return bound


def words(call: Call) -> str:
    """The call as a person writes it: its name and its arguments."""
    arguments = ", ".join(f"{name}={_argument(value)}" for name, value in call.named if value is not None)
    return f"{call.name.rpartition('.')[2]}({arguments})" if arguments else call.name.rpartition(".")[2]


def _argument(value: Argument) -> str:
    return repr(value) if isinstance(value, str) else str(value)
