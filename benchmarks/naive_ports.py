"""How many wrong weights of naive ports `compare` finds, and how many it calls by the mistake that was made.

``python -m benchmarks.naive_ports CORPUS`` reads every Caffe network and Keras config below the directory CORPUS and
takes those with 4 to 400 weights, which have at most 10 million elements in a network and 23 million in a config, of
which a naive port gets one wrong. Of several with the same weights one is taken; of the rest 30 networks and 20
configs, evenly spread over all sizes. Each is ported to real PyTorch layers:

- exact: by the converted lines;
- by names: Caffe's ``xavier`` as ``xavier_uniform_``, ``msra`` as ``kaiming_normal_(mode="fan_out")``, Keras's names as
  PyTorch's, and PyTorch's own default where the source names nothing;
- never set: PyTorch's own default for every weight;
- shapes untransposed: by names, but drawn on a tensor of the source's axes and then transposed (only where these are
  other than PyTorch's).

A weight is wrong if its law is another than the source's, by formula. Needs torch.
"""

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from initport.compare.comparison import Comparison, Outcome, compare
from initport.compare.diagnosis import UNTRANSPOSED, default_of
from initport.conversion import convert, plan_for, read
from initport.diagnostics import InputError
from initport.emit.plan import Entry
from initport.ir.initializers import Initializer, RandomNormal, RandomUniform, TruncatedNormal, canonical
from initport.ir.law import law
from initport.ir.model import Model
from initport.ir.moments import moments
from initport.ir.weights import Kind
from initport.report.naive import naive
from initport.testing import _port
from initport.verify.stub_shapes import complete, target_shape

EFFECT = 0.02
BUILDS = 400
ENOUGH = 500_000
"""Values of a weight, of which `compare` asks fewer at that effect."""
SMALLEST, LARGEST = 4, 400
NETWORKS, CONFIGS = (30, 10_000_000), (20, 23_000_000)
"""How many, and the elements in their weights at most."""

FANS: Mapping[str, Sequence[str]] = {
    "xavier": ("Glorot where the source has LeCun (Caffe's xavier)",),
    "msra": ("fan_out for fan_in", "depthwise fan_out for fan_in", "the transposed kernel's fan_out for fan_in"),
    "variancescaling": ("fan_in for ", "He where the source has", "a gain of 2 too many"),
    "untransposed": (UNTRANSPOSED, "fan_out for fan_", "fan_in for fan_"),
}
"""Words of the diagnosis that name the variance which each name makes; on a matrix, axes not transposed are fans
exchanged."""

OWN_AXES = ("depthwise fan", "counted on the port's own axes")
"""The words for all other names: the same fan, which the two frameworks count differently."""

SHAPES: Mapping[tuple[type, type], str] = {
    (TruncatedNormal, RandomNormal): "not truncated where the source is truncated",
    (RandomUniform, RandomNormal): "normal where the source is uniform",
    (RandomNormal, RandomUniform): "uniform where the source is normal",
    (TruncatedNormal, RandomUniform): "uniform where the source is truncated normal",
}
"""The words that name another shape, by the source's and the port's."""

CLASSES = {Kind.CONV: "Conv", Kind.DEPTHWISE_CONV: "Conv", Kind.CONV_TRANSPOSE: "ConvTranspose"}


class Way(NamedTuple):
    """How a port draws one weight: by code on ``shape``, or as its layer does (None), and the words by which that
    mistake is named, one of each group; None where the law is the source's."""

    entry: Entry
    code: str | None
    shape: tuple[int, ...]
    mistake: tuple[Sequence[str], ...] | None = None


def is_same(first: Initializer, second: Initializer, sizes: Mapping[str, int]) -> bool | None:
    """Whether both have one distribution function; None where that is not known."""
    one, other = law(first, sizes), law(second, sizes)
    if one is None or other is None:
        return None
    return max(abs(one.cdf(x) - other.cdf(x)) for x in (*one.edges(50), *other.edges(50))) < 1e-9


def named(entry: Entry) -> str:
    """The initializer's name in the source."""
    return entry.weight.source.partition("(")[0].partition(" ")[0].strip().lower()


def way(entry: Entry, port: str) -> Way:
    """What a port of this kind does to the weight."""
    sizes = complete(entry.weight)
    shape, source = target_shape(entry, sizes), tuple(size or 0 for size in entry.weight.shape or ())
    assert entry.spelling is not None
    exact = Way(entry, entry.spelling.text, shape)
    if port == "exact" or not has_class(entry):
        return exact
    mistake, drawn = named(entry), shape
    if port == "never set":
        default = default_of("torch", entry.layer.kind, entry.weight.role, sizes)
        found = None if default is None else ("", default)
    elif port == "shapes untransposed" and source != shape and len(source) > 1 and not entry.weight.implicit:
        found, mistake, drawn = naive(entry, source, sizes), "untransposed", source
    else:
        found = naive(entry, shape, sizes) if len(shape) > 1 or entry.weight.implicit else None
    if found is None or "orthogonal" in found[0]:
        return exact
    call, initializer = found
    same = is_same(entry.weight.initializer, initializer, sizes)
    if same is None:
        return exact
    return Way(entry, call or None, drawn, None if same else words(entry, call, initializer, sizes, mistake))


def words(
    entry: Entry, call: str, initializer: Initializer, sizes: Mapping[str, int], mistake: str
) -> tuple[Sequence[str], ...]:
    """What names the mistake of that call, by what its law has in common with the source's."""
    if not call:
        return (("PyTorch's own default",),)
    source, port = canonical(entry.weight.initializer), canonical(initializer)
    before, after = moments(source, sizes), moments(port, sizes)
    assert before is not None
    assert after is not None
    whole = f"as {call.partition('(')[0].rpartition('.')[2]}"
    groups: list[Sequence[str]] = []
    expected = before.variance
    if (shape := SHAPES.get((type(source), type(port)))) is not None:
        groups.append((shape, whole))
        if isinstance(source, TruncatedNormal) and isinstance(port, RandomNormal):
            parent = (source.stddev.evaluate(sizes) or 0.0) ** 2
            expected = min((expected, parent), key=lambda value: abs(value - after.variance))
    if not groups or abs(after.variance / expected - 1) > 2 * EFFECT:
        groups.append((*FANS.get(mistake, OWN_AXES), whole))
    return tuple(groups)


def has_class(entry: Entry) -> bool:
    """Whether the port's layer is PyTorch's own; of others there are bare parameters, and exact ones."""
    return entry.layer.kind in (*CLASSES, Kind.DENSE, Kind.EMBEDDING)


def layer(entries: Sequence[Entry]) -> nn.Module:
    """A module with weights of these names and shapes."""
    shapes = {entry.place.name or "": target_shape(entry, complete(entry.weight)) for entry in entries}
    kind, shape, sizes = entries[0].layer.kind, shapes.get("weight", ()), complete(entries[0].weight)
    bias = "bias" in shapes
    if kind in CLASSES and shape:
        groups = sizes["in"] if kind is Kind.DEPTHWISE_CONV else sizes["groups"]
        inward = shape[0] if kind is Kind.CONV_TRANSPOSE else shape[1] * groups
        outward = shape[1] * groups if kind is Kind.CONV_TRANSPOSE else shape[0]
        make: Callable[..., nn.Module] = getattr(nn, f"{CLASSES[kind]}{len(shape) - 2}d")
        return make(inward, outward, shape[2:], groups=groups, bias=bias)
    if kind is Kind.DENSE and shape:
        return nn.Linear(shape[1], shape[0], bias=bias)
    if kind is Kind.EMBEDDING and shape:
        return nn.Embedding(shape[0], shape[1])
    module = nn.Module()
    for name, size in shapes.items():
        *parts, last = name.split(".")
        own = module
        for part in parts:
            if not hasattr(own, part):
                own.add_module(part, nn.Module())
            own = own.get_submodule(part)
        own.register_parameter(last, nn.Parameter(torch.empty(size)))
    return module


def builder(ways: Sequence[Way], names: dict[str, Any]) -> Callable[[], nn.Module]:
    """A function that builds the port; ``names`` are those that the code uses. A weight is drawn anew until there are
    ENOUGH of its values: of a layer with few biases and many weights, only the biases are drawn hundreds of times."""
    layers: dict[str, list[Way]] = {}
    for one in ways:
        layers.setdefault(one.entry.module, []).append(one)
    parts: dict[str, nn.Module] = {}
    numbers = count()

    def build() -> nn.Module:
        model, number = nn.Module(), next(numbers)
        for name, own in layers.items():
            wanted = [one for one in own if number < builds_of(one)]
            if wanted:
                parts[name] = drawn(own, wanted, names, parts.get(name))
            model.add_module(name.replace(".", "_"), parts[name])
        return model

    return build


def builds_of(way: Way) -> int:
    """In how many builds a weight is drawn."""
    return 3 + (ENOUGH // math.prod(way.shape) if is_random(way.entry) else 0)


def is_random(entry: Entry) -> bool:
    """Whether the source draws the weight."""
    truth = moments(entry.weight.initializer, complete(entry.weight))
    return truth is None or truth.variance > 0


@torch.no_grad()
def drawn(ways: Sequence[Way], wanted: Sequence[Way], names: dict[str, Any], before: nn.Module | None) -> nn.Module:
    """A layer with new values of the wanted weights: a new layer where it starts any of them itself."""
    new = before is None or any(one.code is None for one in wanted)
    part = layer([one.entry for one in ways]) if new else before
    assert part is not None
    for one in ways if new else wanted:
        if one.code is not None:
            w = torch.empty(one.shape)
            exec(one.code, {**names, "w": w})  # initport's own lines
            weight = part.get_parameter(one.entry.place.name or "")
            weight.copy_(w.reshape(weight.shape))
    return part


class Network(NamedTuple):
    path: Path
    model: Model
    entries: tuple[Entry, ...]
    elements: int

    @property
    def names(self) -> dict[str, Any]:
        """What the converted module defines: the functions that its lines call."""
        found: dict[str, Any] = {}
        exec(convert(self.path.read_bytes(), path=str(self.path), target="torch").text or "", found)
        return found

    def ways(self, port: str) -> list[Way]:
        return [way(entry, port) for entry in self.entries]

    @property
    def content(self) -> tuple[tuple[str, str, tuple[int | None, ...]], ...]:
        """What makes it another network: its weights' layers, initializers and shapes."""
        return tuple((entry.layer.kind, entry.weight.source, entry.weight.shape or ()) for entry in self.entries)


def networks(paths: Iterator[Path], limit: int) -> list[Network]:
    """Those that can be ported, by size."""
    found: dict[object, Network] = {}
    for path in sorted(paths):
        try:
            model = read(path.read_bytes(), path=str(path)).model
            entries = tuple(
                entry for entry in plan_for(model, "torch").entries
                if entry.spelling and entry.weight.shape and None not in entry.weight.shape
                and not entry.place.part and not entry.place.alike and not entry.weight.owner and entry.place.name
            )  # fmt: skip
        except InputError:
            continue
        whole = {entry.module for entry in entries if entry.place.name == "weight"}
        entries = tuple(entry for entry in entries if entry.module in whole or not has_class(entry))
        elements = sum(math.prod(target_shape(entry, complete(entry.weight))) for entry in entries)
        network = Network(path, model, entries, elements)
        if not SMALLEST <= len(entries) <= LARGEST or elements > limit or network.content in found:
            continue
        if any(one.mistake for port in ("by names", "shapes untransposed") for one in network.ways(port)):
            found[network.content] = network
    return sorted(found.values(), key=lambda one: (one.elements, str(one.path)))


def spread(networks: Sequence[Network], number: int) -> list[Network]:
    """So many of them, evenly over all sizes."""
    if len(networks) <= number:
        return list(networks)
    return [networks[round(index * (len(networks) - 1) / (number - 1))] for index in range(number)]


def judge(ways: Sequence[Way], comparison: Comparison, counts: Counter[str]) -> list[str]:
    """Counts what was found and named; returns a line for each weight about which the comparison is not right."""
    mistakes = {f"{one.entry.module.replace('.', '_')}.{one.entry.place.name}": one.mistake for one in ways}
    lines = []
    for row in comparison.rows:
        if row.port not in mistakes:
            counts["not ported"] += 1
            continue
        mistake, differs = mistakes[row.port], row.outcome is Outcome.DIFFERS
        found = row.diagnosis or ""
        is_named = mistake is not None and all(any(own in found for own in group) for group in mistake)
        counts["wrong" if mistake else "right"] += 1
        counts["undecided"] += row.outcome is Outcome.UNKNOWN
        counts["found"] += bool(mistake) and differs
        counts["named"] += differs and is_named
        counts["false"] += not mistake and differs
        if differs != bool(mistake) or (mistake and not is_named):
            lines.append(f"{row.source}: {mistake}, {row.outcome}: {row.reason}; {row.diagnosis}")
    return lines


KINDS: Mapping[str, tuple[str, str, tuple[int, int], tuple[str, ...]]] = {
    "caffe": ("Caffe networks", "*.prototxt", NETWORKS, ("exact", "by names", "never set")),
    "keras": ("Keras configs", "*.json", CONFIGS, ("exact", "by names", "never set", "shapes untransposed")),
}
"""What is read: its title, the names of its files, how many, and the ports."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--kind", choices=KINDS, action="append", help="only these")
    asked = parser.parse_args()
    torch.set_num_threads(1)  # of tensors this small, threads wait for each other
    lines = []
    for kind in asked.kind or KINDS:
        title, files, (number, limit), ports = KINDS[kind]
        sources = spread(networks(asked.corpus.rglob(files), limit), number)
        for port in ports:
            start, counts = time.process_time(), Counter[str]()
            for network in sources:
                ways = network.ways(port)
                built = _port(builder(ways, network.names), 0)
                comparison = compare(network.model, built, source_name=str(network.path), port_name=port,
                                     effect=EFFECT, builds=BUILDS)  # fmt: skip
                lines += [f"{network.path.name}, {port}: {line}" for line in judge(ways, comparison, counts)]
                print(f"{port}, {network.path.name}: {time.process_time() - start:.0f} s", file=sys.stderr, flush=True)
            print(f"| {title}, {port} | {len(sources)} | {counts['wrong']} | {counts['found']} | {counts['named']} | "
                  f"{counts['false']} of {counts['right']} | {counts['undecided']} | {counts['not ported']} | "
                  f"{time.process_time() - start:.0f} s |", flush=True)  # fmt: skip
    print("\n".join(lines))


if __name__ == "__main__":
    main()
