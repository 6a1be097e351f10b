"""Every row of every source on every kind of layer, in every target: what is written there draws, on the weight's real
shape in the target, what the source's call draws on its shape in the source.

The shapes of the targets are those of real layers, and nothing is compared in the symbols that the proof was made in:
both sides are evaluated by our moments on numbers of elements.
"""

import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

from initport.emit import targets
from initport.emit.idioms import spell
from initport.grammar.call import Call, read_call
from initport.grammar.expression import ExpressionError, evaluate
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.rows import Grammar, SourceWeight
from initport.ir.initializers import Blocks, Initializer, Sparse, Unsupported
from initport.ir.moments import Moments, moments
from initport.ir.scalar import InexactError, Scalar
from initport.ir.weights import Kind, Layout, Role
from initport.python.axes import layer_axes
from initport.python.vocabulary import Layer
from initport.verify.sampling import draws
from tests.emit.shapes import DIMS, sizes
from tests.grammar.test_examples import _alone, _argument, _grammars

TARGETS = targets.names()

G = 2
"""Groups of the grouped convolutions."""


def literal(shape: tuple[int, ...]) -> Layout:
    return parse_layout(", ".join(map(str, shape)))


def torch_layers(groups: int) -> dict[Kind, Any]:
    from torch import nn

    d = DIMS
    return {
        Kind.DENSE: nn.Linear(d["in"], d["out"]),
        Kind.CONV: nn.Conv2d(d["in"], d["out"], (3, 5), groups=groups),
        Kind.CONV_TRANSPOSE: nn.ConvTranspose2d(d["in"], d["out"], (3, 5), groups=groups),
        Kind.DEPTHWISE_CONV: nn.Conv2d(d["in"], d["in"] * d["mult"], (3, 5), groups=d["in"]),
        Kind.EMBEDDING: nn.Embedding(d["vocabulary"], d["out"]),
        Kind.LSTM: nn.LSTM(d["in"], d["units"]),
        Kind.CUDNN_LSTM: nn.LSTM(d["in"], d["units"]),
        Kind.PROJECTED_LSTM: nn.LSTM(d["in"], d["units"], proj_size=OWN[Kind.PROJECTED_LSTM]["out"]),
        Kind.GRU: nn.GRU(d["in"], d["units"]),
        Kind.GRU_RESET_BEFORE: nn.GRU(d["in"], d["units"]),
        Kind.SIMPLE_RNN: nn.RNN(d["in"], d["units"]),
        Kind.CUDNN_RNN: nn.RNN(d["in"], d["units"]),
        Kind.RNN: nn.RNN(d["in"], d["units"]),
        Kind.ATTENTION: nn.MultiheadAttention(d["in"], d["heads"]),
        Kind.BATCH_NORM: nn.BatchNorm2d(d["length"]),
        Kind.PRELU: nn.PReLU(d["length"]),
    }


def keras_layers(groups: int) -> dict[Kind, tuple[Any, tuple[int, ...]]]:

    d, layers = DIMS, keras.layers
    sequence, image = (2, 9, d["in"]), (2, 9, 9, d["in"])
    return {
        Kind.DENSE: (layers.Dense(d["out"]), (2, d["in"])),
        Kind.CONV: (layers.Conv2D(d["out"], (3, 5), groups=groups), image),
        Kind.CONV_TRANSPOSE: (layers.Conv2DTranspose(d["out"], (3, 5)), image),
        Kind.DEPTHWISE_CONV: (layers.DepthwiseConv2D((3, 5), depth_multiplier=d["mult"]), image),
        Kind.SEPARABLE_CONV: (layers.SeparableConv2D(d["out"], (3, 5), depth_multiplier=d["mult"]), image),
        Kind.EMBEDDING: (layers.Embedding(d["vocabulary"], d["out"]), (2, 9)),
        Kind.LSTM: (layers.LSTM(d["units"]), sequence),
        Kind.GRU: (layers.GRU(d["units"]), sequence),
        Kind.GRU_RESET_BEFORE: (layers.GRU(d["units"], reset_after=False), sequence),
        Kind.SIMPLE_RNN: (layers.SimpleRNN(d["units"]), sequence),
        Kind.CONV_LSTM: (layers.ConvLSTM2D(d["units"], (3, 5)), (2, 4, 9, 9, d["in"])),
        Kind.BATCH_NORM: (layers.BatchNormalization(), (2, d["length"])),
        Kind.PRELU: (layers.PReLU(shared_axes=[1, 2]), (2, 9, 9, d["length"])),
    }


def _found(owner: Any, path: str) -> Any:
    for name in path.split("."):
        owner = getattr(getattr(owner, "cell", owner), name, None)
    return owner


GROUPED = {"torch": {Kind.CONV, Kind.CONV_TRANSPOSE}, "keras": {Kind.CONV}}
"""The layers that have groups."""

OWN = {Kind.ATTENTION: {"out": DIMS["in"]}, Kind.PROJECTED_LSTM: {"out": 5}}
"""Sizes on which a layer of a target insists."""


@cache
def real_shapes(target: str, groups: int) -> dict[tuple[Kind, Role], tuple[int, ...]]:
    """The shapes of the weights that the rows of a target's grammar name, in the target's own layers."""
    owners: dict[Kind, Any] = {}
    if target == "torch":
        owners = dict(torch_layers(groups))
    elif target == "keras":
        for kind, (layer, shape) in keras_layers(groups).items():
            layer.build(shape)
            owners[kind] = layer
    found = {}
    for kind, owner in owners.items():
        for role, place in targets.target(target).vocabulary.grammar.kinds[kind].weights.items():
            weight = _found(owner, place.name) if place.name and not place.companion else None
            if weight is not None and (groups == 1 or kind in GROUPED[target]):
                shape = tuple(int(size) for size in weight.shape)
                found[kind, role] = (shape[0] // place.part[1], *shape[1:]) if place.part else shape
    return found


@pytest.mark.parametrize("target", GROUPED)
@pytest.mark.parametrize("groups", [1, G])
def test_the_axes_of_a_target_are_those_of_its_layers(target: str, groups: int) -> None:
    kinds = targets.target(target).vocabulary.grammar.kinds
    real = real_shapes(target, groups)
    assert len(real) > (20 if groups == 1 else 1)
    for (kind, role), shape in real.items():
        layout = kinds[kind].weights[role].layout
        if layout is not None and layout != "source":
            dims = {**DIMS, **OWN.get(kind, {}), "groups": groups}
            assert sizes(parse_layout(layout), dims) == shape, (kind, role)


class Weight(NamedTuple):
    """A weight of a layer of some source, by all that the two sides can see of it."""

    layer: Layer
    weight: SourceWeight


@cache
def weights() -> tuple[Weight, ...]:
    """One of those that all grammars state alike, of every kind and role."""
    found: dict[object, Weight] = {}
    for grammar in _grammars():
        for rows in grammar.layers.values():
            for row in rows:
                for item in row.weights:
                    key = (row.kind, item.role, item.layout, item.today, grammar.framework)
                    found.setdefault(key, Weight(Layer(row, None, grammar.framework), item))
    return tuple(found.values())


def calls(grammar: Grammar) -> Iterator[tuple[Vocabulary, Call]]:
    """The calls of the examples of each row, and the bare one where it needs no argument."""
    for name, rows in grammar.initializers.items():
        for row in rows:
            if row.code is not None:
                continue
            alone = _alone(grammar, name, row)
            given = [example["with"] for example in row.examples]
            made = [tuple((key, _argument(value)) for key, value in item.items()) for item in ({}, *given)]
            for arguments in dict.fromkeys(made):
                yield alone, Call(name, (), arguments)


def drawn(spoken: Vocabulary, call: Call, shape: tuple[int, ...]) -> Moments | None:
    """What a call draws on a weight of this shape."""
    return moments(spoken.meaning(call, literal(shape)), {})


def written(target: Vocabulary, text: str, shape: tuple[int, ...]) -> Moments | None:
    """What a text of the target draws on a weight of this shape."""
    layout = literal(shape)
    known = target.names(layout)
    names: dict[str, Scalar] = {}
    for spelling, value in target.grammar.sizes:
        try:
            names[spelling] = evaluate(value, known)
        except ExpressionError:
            continue
    call = read_call(text, names, frozenset({"w", "shape", "dtype", "key"}))
    return moments(target.meaning(call, layout), {})


SOURCES = [
    grammar
    for grammar in _grammars()
    if grammar.initializers
    and (grammar.base is None or grammar.initializers.keys() != vocabulary(grammar.base).grammar.initializers.keys())
]
"""The grammars that say what initializers mean; one that only builds on such a grammar says the same."""

SAMPLE = int(os.environ.get("INITPORT_SAMPLE", "12"))
"""Of the weights, one in so many is taken for each call, unless INITPORT_CROSS is `all`; fewer for targets that share
their functions with others."""


def _alike(ours: Moments, theirs: Moments) -> bool:
    """But for bounds beyond 38 deviations, where a normal law has no mass in floating point."""
    far = 38 * math.sqrt(ours.variance)
    if 0 < far < min(-ours.low, ours.high, -theirs.low, theirs.high):
        ours, theirs = (side._replace(low=-math.inf, high=math.inf) for side in (ours, theirs))
    pairs = [
        (ours.mean, theirs.mean),
        (ours.variance, theirs.variance),
        (ours.low, theirs.low),
        (ours.high, theirs.high),
    ]
    pairs.append((ours.zero_fraction, theirs.zero_fraction))
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in pairs)


class Case(NamedTuple):
    """The axes of a weight on both sides, its sizes, and its shape in the target."""

    source: Layout
    target: Layout
    groups: int
    own: tuple[tuple[str, int], ...]
    shape: tuple[int, ...]

    @property
    def dims(self) -> dict[str, int]:
        return {**DIMS, "groups": self.groups, **dict(self.own)}


def cases(grammar: Grammar, target: str) -> Iterator[Case]:
    """One for all weights that both sides see alike."""
    known = targets.target(target).vocabulary
    spoken = Vocabulary(grammar.framework, {}, {}, (), grammar)
    for layer, weight in weights():
        source, there = (layer_axes(side, layer, weight) for side in (spoken, known))
        if source is not None and there is not None:
            kind, groups = layer.row.kind, G if "groups" in weight.layout else 1
            own = OWN.get(kind, {})
            is_hosted = layer.framework in known.grammar.hosts
            real = None if is_hosted else real_shapes(target, groups).get((kind, weight.role))
            if real is not None and there.rank not in (None, len(real)):
                real = None  # a layer of another number of dimensions
            shape = sizes(there, {**DIMS, **own, "groups": groups}) if real is None else real
            yield Case(source, there, groups, tuple(own.items()), shape)


class Crossing(NamedTuple):
    """What a call means on a weight, what it draws there, and what is written for it, if anything is."""

    call: Call
    case: Case
    meant: Initializer
    before: Moments
    text: str | None


@cache
def found_crossings(framework: str, target: str) -> tuple[tuple[Crossing, ...], Counter[str]]:
    """The crossings of a source, and how many calls were compared or rejected: spelled once for all tests."""
    outcomes = Counter[str]()
    (grammar,) = (grammar for grammar in SOURCES if grammar.framework == framework)
    return tuple(crossings(grammar, target, outcomes)), outcomes


def crossings(grammar: Grammar, target: str, outcomes: Counter[str]) -> Iterator[Crossing]:
    """Every call on every weight, or a sample; of those that mean the same on the same axes one."""
    known, done = targets.target(target).vocabulary, set[object]()
    every = list(dict.fromkeys(cases(grammar, target)))
    assert every
    sample = SAMPLE * (3 if targets.target(target).shared else 1)
    step = 1 if os.environ.get("INITPORT_CROSS") == "all" else sample
    for number, (alone, call) in enumerate(calls(grammar)):
        for case in every[number % step :: step]:
            try:
                meant = alone.meaning(call, case.source)
                before = drawn(alone, call, sizes(case.source, case.dims))
            except (MeaningError, InexactError):
                outcomes["rejected"] += 1
                continue
            if isinstance(meant, Unsupported | Blocks) or before is None:
                continue
            if isinstance(meant, Sparse) and (meant.probability.evaluate(case.dims) or 0) > 1:
                continue  # Caffe ends where a probability is above 1
            outcomes["compared"] += 1
            if (meant, case, before) not in done:
                done.add((meant, case, before))
                spelled = spell(known, meant, case.target)
                yield Crossing(call, case, meant, before, spelled.text if spelled is not None else None)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("grammar", SOURCES, ids=lambda grammar: grammar.framework)
def test_what_is_written_draws_on_the_target_s_shape_what_the_source_draws(grammar: Grammar, target: str) -> None:
    known = targets.target(target).vocabulary
    every, outcomes = found_crossings(grammar.framework, target)
    for crossing in every:
        if crossing.text is not None:
            after = written(known, crossing.text, crossing.case.shape)
            assert after is not None
            assert _alike(crossing.before, after), (crossing, after)
    assert outcomes["compared"], outcomes


EFFECT = 0.1
"""The relative error of a variance that the draws in the real framework show."""

ERRORS = 6.5
"""In standard errors: so far off is none by chance."""

DRAWN = 40
"""So many of the texts that are written are drawn in the framework, unless INITPORT_CROSS is `all`."""


def texts(target: str) -> list[Crossing]:
    """One crossing for each text on each shape, of all sources."""
    found: dict[object, Crossing] = {}
    for grammar in SOURCES:
        for crossing in found_crossings(grammar.framework, target)[0]:
            if crossing.text is not None:
                found.setdefault((crossing.text, crossing.case.shape), crossing)
    every = list(found.values())
    return every if os.environ.get("INITPORT_CROSS") == "all" else every[:: max(1, len(every) // DRAWN)]


def helpers(target: str) -> str:
    """The definitions of all functions of ours that a target's texts call."""
    known = targets.target(target).vocabulary
    return "\n".join(known.function(name).code or "" for name in known.grammar.initializers)


def deviation(crossing: Crossing, draw: Callable[[str, tuple[int, ...]], Any]) -> float:
    """How many standard errors the mean or the variance of the draws is off, as many as show the effect."""
    assert crossing.text is not None
    truth, shape = crossing.before, crossing.case.shape
    wanted = draws(crossing.meant, crossing.case.dims, EFFECT, ERRORS)
    once = np.asarray(draw(crossing.text, shape), dtype=np.float64).reshape(-1)
    more = [np.asarray(draw(crossing.text, shape), dtype=np.float64).reshape(-1) for _ in range(wanted // once.size)]
    values = np.concatenate([once, *more]) - truth.mean
    if not truth.variance:
        return 0.0 if np.allclose(values, 0, atol=1e-6) else math.inf
    second, fourth = float(np.mean(values**2)), float(np.mean(values**4))
    mean = float(np.mean(values)) / math.sqrt(truth.variance / values.size)
    spread = math.sqrt(max(fourth - second**2, 1e-9 * second**2) / values.size)
    off = abs(second - truth.variance)
    return max(abs(mean), off / spread if off > 1e-6 * truth.variance else 0.0)


def check_draws(target: str, draw: Callable[[str, tuple[int, ...]], Any]) -> None:
    chosen = texts(target)
    assert len(chosen) > 30
    found = [(deviation(crossing, draw), crossing) for crossing in chosen]
    print(f"{target}: {len(found)} texts, worst {max(off for off, _ in found):.2f} standard errors")
    assert [(off, crossing) for off, crossing in found if not off < ERRORS] == []


def test_what_is_written_for_torch_draws_it_there() -> None:
    import torch

    namespace: dict[str, Any] = {"torch": torch, "nn": torch.nn, "math": math}
    exec(helpers("torch"), namespace)
    torch.manual_seed(0)

    @torch.no_grad()
    def draw(text: str, shape: tuple[int, ...]) -> Any:
        weight = torch.full(shape, math.nan)
        eval(f"lambda w: {text}", namespace)(weight)
        return weight.numpy()

    check_draws("torch", draw)


@pytest.mark.slow
def test_what_is_written_for_keras_draws_it_there() -> None:
    namespace: dict[str, Any] = {"keras": keras, "math": math}
    exec(helpers("keras"), namespace)
    keras.utils.set_random_seed(0)
    check_draws("keras", lambda text, shape: keras.ops.convert_to_numpy(eval(text, namespace)(shape)))
