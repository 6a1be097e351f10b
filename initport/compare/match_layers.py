"""The layers of a source and of a port, for `initport.match`."""

from collections.abc import Mapping, Sequence
from functools import cache

from initport.compare.port import PortWeight
from initport.emit.plan import Entry
from initport.emit.targets import target
from initport.ir.model import Model
from initport.ir.weights import Role
from initport.match.layers import Layer
from initport.match.pairing import Shape


def home_of(name: str, module: str, framework: str) -> str:
    """What holds the parameter ``name`` of the layer ``module``: a module within it, or the layer."""
    return name.rpartition(".")[0] if target(framework).nested else module


@cache
def states(framework: str) -> frozenset[str]:
    """The names of what layers keep beside their parameters, where they take an initializer for it."""
    kinds = target(framework).vocabulary.grammar.kinds.values()
    found = (row.weights.get(role) for row in kinds for role in (Role.MOVING_MEAN, Role.MOVING_VARIANCE))
    return frozenset(place.name for place in found if place is not None and place.name is not None)


def is_state(name: str, framework: str) -> bool:
    """Whether a weight is no parameter of its layer: it says nothing of which layer that is."""
    return _short(name) in states(framework)


def source_layers(
    model: Model, entries: Mapping[str, Entry], shapes: Mapping[str, Shape | None], framework: str
) -> list[Layer]:
    """The layers of the weights that a plan expects, by the weights' full names in the port's framework."""
    homes: dict[str, list[str]] = {}
    for name, entry in entries.items():
        if is_state(name, framework):
            continue
        homes.setdefault(home_of(name, entry.module, framework), []).append(name)
    places: dict[str, list[int]] = {}
    for index, names in enumerate(homes.values()):
        places.setdefault(entries[names[0]].layer.name, []).append(index)
    inputs = _inputs(model, set(places))
    kinds = target(framework).vocabulary.grammar.kinds
    layers = []
    for index, (home, names) in enumerate(homes.items()):
        entry = entries[names[0]]
        layer = entry.layer
        first, *_ = own = places[layer.name]
        whole = home == layer.name and layer.wrapper is None
        read = (
            {places[name][-1] for name in inputs.get(layer.name, ())} if index == first else {own[own.index(index) - 1]}
        )
        layers.append(
            Layer(
                home,
                {_within(name, home): shapes[name] for name in names},
                frozenset(_short(name) for name in kinds[layer.kind].classes) if whole else frozenset(),
                tuple(sorted(read)),
                (home.replace(layer.name, layer.normalization, 1),) if layer.normalization else (),
            )
        )
    return layers


def port_layers(weights: Sequence[PortWeight], before: Mapping[str, Sequence[str]], framework: str) -> list[Layer]:
    """The layers of a port, as they run where that is known."""
    held: dict[str, list[PortWeight]] = {home: [] for home in before}
    for weight in weights:
        if not is_state(weight.name, framework):
            held.setdefault(weight.home, []).append(weight)
    held = {home: own for home, own in held.items() if own}
    index = {home: place for place, home in enumerate(held)}
    known = {_short(name) for row in target(framework).vocabulary.grammar.kinds.values() for name in row.classes}
    return [
        Layer(
            home,
            {_within(weight.name, home): weight.shape for weight in own},
            frozenset({_short(own[0].layer)} & known),
            tuple(sorted(index[name] for name in before[home] if name in index)) if home in before else None,
        )
        for home, own in held.items()
    ]


def _within(name: str, home: str) -> str:
    return name.removeprefix(f"{home}.") if home else name


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _inputs(model: Model, kept: set[str]) -> dict[str, list[str]]:
    """The layers that each reads, past those that are not ``kept``."""
    known = model.inputs()
    found: dict[str, list[str]] = {}
    for name in kept & known.keys():
        own: dict[str, None] = {}
        passed, ahead = set[str](), list(reversed(known[name]))
        while ahead:
            other = ahead.pop()
            if other in kept:
                own[other] = None
            elif other in known and other not in passed:
                passed.add(other)
                ahead += reversed(known[other])
        found[name] = list(own)
    return found
