"""Networks that are lists of operators, each of which takes its weights as inputs: what layer a parameter belongs to.

A grammar's row of an operator states its inputs in their order (``parameters``), and of each weight the input that it
is (``argument``), which is also the last part of the parameter's name where the framework itself gave it one.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from initport.diagnostics import Code, Diagnostic
from initport.formats.connections import inputs, writers
from initport.formats.dimensions import Shape, Sizes, bare, solve
from initport.grammar.call import Argument, Call
from initport.grammar.layout import parse_layout, with_rank
from initport.grammar.meaning import MeaningError, RejectedError, UnknownCallError, UnknownLayoutError, Vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.initializers import Initializer, Unsupported, bind
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


class _Slot(NamedTuple):
    """A place of a weight in an operator, ``at`` its number among the operators."""

    at: int
    operator: Operator
    row: SourceLayer
    weight: SourceWeight


def network(parameters: Iterable[Parameter], operators: Iterable[Operator], vocabulary: Vocabulary) -> Network:
    """The layers, in the order of the first parameter of each. What no operator takes as a weight is a layer by itself,
    and what several take is a weight of each, whose memory is the first one's."""
    known = {parameter.name: parameter for parameter in parameters}
    operators = list(operators)
    slots: dict[str, list[_Slot]] = {}
    for at, operator in enumerate(operators):
        for name, slot in _slots(at, operator, vocabulary, known):
            slots.setdefault(name, []).append(slot)
    named = _names(slots)
    found: dict[int | str, Layer] = {}
    findings: list[Diagnostic] = []

    def add(key: int | str, layer: Layer) -> None:
        held = found.get(key)
        found[key] = layer if held is None else held._replace(weights=(*held.weights, *layer.weights))

    shared: list[tuple[Parameter, _Slot, Layer]] = []
    for name, parameter in known.items():
        first, *others = slots.get(name, [None])
        layer, refused = _place(parameter, first, named, vocabulary)
        findings += refused
        add(name if first is None or layer.kind is Kind.PARAMETER else first.at, layer)
        shared += [(parameter, slot, layer) for slot in others if slot is not None]
    for parameter, slot, layer in shared:
        again, _ = _place(parameter, slot, named, vocabulary)
        (owner,), (weight,) = layer.weights, again.weights
        tied = weight._replace(owner=(layer.name, owner.role), initializer=owner.initializer)
        add(slot.at, again._replace(weights=(tied,)))
    named_layers = {key: layer.name for key, layer in found.items() if isinstance(key, int)}
    reached = inputs(writers((operator.inputs, operator.outputs) for operator in operators), named_layers)
    layers = (layer._replace(inputs=reached[key]) if isinstance(key, int) else layer for key, layer in found.items())
    return Network(tuple(layers), tuple(findings))


def _slots(
    at: int, operator: Operator, vocabulary: Vocabulary, parameters: Mapping[str, Parameter]
) -> Iterator[tuple[str, _Slot]]:
    row = _row(vocabulary.variants.get(operator.type, ()), operator.settings)
    if row is None:
        return
    by_input = {weight.argument: weight for weight in row.weights}
    for name, argument in zip(operator.inputs, row.parameters, strict=False):
        if argument in by_input and isinstance(name, str) and name in parameters:
            yield name, _Slot(at, operator, row, by_input[argument])


def _row(rows: Sequence[SourceLayer], settings: Mapping[str, object]) -> SourceLayer | None:
    """The row that asks for the most of those that hold for these settings."""

    def holds(row: SourceLayer) -> bool:
        return all(settings.get(key, row.defaults.get(key)) == wanted for key, wanted in row.where.items())

    return max(filter(holds, rows), key=lambda row: len(row.where), default=None)


def _names(slots: Mapping[str, Sequence[_Slot]]) -> dict[int, str]:
    """The layers' names by operator: what its parameters' names have in front of their last part, where that is one
    thing and no other operator has that name, or else the operator's own."""
    members: dict[int, list[tuple[str, _Slot]]] = {}
    for name, places in slots.items():
        for slot in places:
            members.setdefault(slot.at, []).append((name, slot))
    found: dict[int, str] = {}
    taken: set[str] = set()
    for at, weights in sorted(members.items()):
        stems = {_stem(name, slot.weight.argument or "") for name, slot in weights} - {""}
        stem = stems.pop() if len(stems) == 1 else ""
        if not stem or stem in taken or not all(name.startswith((f"{stem}_", f"{stem}.")) for name, _ in weights):
            stem = weights[0][1].operator.name or weights[0][0]
        found[at] = stem
        taken.add(stem)
    return found


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
    ends = [end for end in (f"_{last}", f".{last}") if name.endswith(end)]
    return name.removesuffix(ends[0]) if ends else ""


def _place(
    parameter: Parameter, slot: _Slot | None, named: Mapping[int, str], vocabulary: Vocabulary
) -> tuple[Layer, list[Diagnostic]]:
    """The layer with this weight alone, and why it is refused if it is."""
    name, kind, role, type_ = parameter.name, Kind.PARAMETER, Role.PARAMETER, "parameter"
    axes = _axes(parameter, slot)
    if axes is not None and slot is not None:
        name, kind, role, type_ = named[slot.at], slot.row.kind, slot.weight.role, slot.operator.type
    axes = axes or _axes(parameter, None) or _Axes(None, None, {})
    started = _start(parameter.call, axes, vocabulary, role is not Role.PARAMETER)
    findings = []
    if isinstance(started, Refusal):
        detail = f"{name!r} {role}: {started.reason}"
        findings.append(Diagnostic(started.code, parameter.location, detail))
    weight = Weight(
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
    return Layer(name, kind, type_, parameter.location, (weight,)), findings


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
    return meaning if known else bind(meaning, axes.sizes)


def words(call: Call) -> str:
    """The call as a person writes it: its name and its arguments."""
    arguments = ", ".join(f"{name}={_argument(value)}" for name, value in call.named if value is not None)
    return f"{call.name.rpartition('.')[2]}({arguments})" if arguments else call.name.rpartition(".")[2]


def _argument(value: Argument) -> str:
    return repr(value) if isinstance(value, str) else str(value)
