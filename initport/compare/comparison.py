"""Compare the weights of a port with the laws of its source, by samples or, where both can be read, by formula."""

import fnmatch
import keyword
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from initport.compare.diagnosis import Subject, candidates_for, candidates_like
from initport.compare.match_layers import is_state, port_layers, source_layers
from initport.compare.port import Port, PortWeight, Samples, Wanted
from initport.compare.role_sizes import sizes_from
from initport.emit.code import literal
from initport.emit.plan import Entry, plan
from initport.emit.targets import default
from initport.emit.targets import target as target_named
from initport.grammar.layout import parse_layout
from initport.ir.describe import exact_law as words_of
from initport.ir.initializers import (
    ZERO,
    Constant,
    Initializer,
    Orthogonal,
    TruncatedNormal,
    Unsupported,
    bind,
    canonical,
    equal,
)
from initport.ir.law import Law, law
from initport.ir.model import Model
from initport.ir.moments import Moments, moments
from initport.ir.scalar import InexactError
from initport.ir.weights import Layout
from initport.match.layers import Layer, match
from initport.match.pairing import Named, Pair, Pairing, pair
from initport.verify.measure import Check, Drawn, parts_of, sample_of
from initport.verify.sampling import (
    EDGES,
    MOST_DRAWS,
    RUN_MISS,
    TRUNCATION_LEAK,
    Sample,
    Verdict,
    judge,
    level_of,
    width,
)
from initport.verify.stub_shapes import complete
from initport.verify.worker import Progress

EFFECT = 0.01
"""The relative error of a standard deviation that must be seen, unless another is asked for."""

MOST_NAMES = 2
"""Mistakes that are named where several make the same law."""

BUILDS = 1000
"""Builds of the port at most."""

ORTHOGONAL_ERROR = 1e-3
"""How far float32 leaves the rows of a matrix from orthogonal."""

_SLACK = {"bfloat16": 8e-3, "float16": 1e-3}
_GRID = {"bfloat16": 2.0**-7, "float16": 2.0**-10}


class Outcome(StrEnum):
    SAME = "same"
    DIFFERS = "differs"
    UNKNOWN = "undecided"


@dataclass(frozen=True, slots=True)
class Row:
    """One weight, or an equal part of one that starts in its own way.

    ``source`` names it in the source, ``port`` in the port, None where nothing was paired, ``how`` what paired them.
    ``words`` are the source's law, ``truth`` its moments. ``reason`` says what differs or why the row is undecided,
    ``diagnosis`` what the port's weight starts as, ``mend`` the line that mends it."""

    source: str
    line: int | None
    port: str | None
    how: str | None
    shape: tuple[int, ...] | None
    words: str
    outcome: Outcome
    reason: str | None = None
    truth: Moments | None = None
    sample: Sample | None = None
    verdict: Verdict | None = None
    diagnosis: str | None = None
    mend: str | None = None
    known: Law | None = None

    @property
    def variance(self) -> float | None:
        """Measured, or of the port's own law."""
        if self.sample is None or self.truth is None:
            return None
        return self.sample.spread


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows, and what was found beside them: weights of the port that the source does not describe, draws that two
    weights or two builds share. ``builds`` is None where both sides were read and compared by formula, 0 where stub
    layers were measured."""

    source: str
    port: str
    framework: str
    rows: tuple[Row, ...]
    extra: tuple[str, ...] = ()
    dependent: tuple[str, ...] = ()
    builds: int | None = None
    effect: float = EFFECT
    notes: tuple[str, ...] = field(default=())

    def count(self, outcome: Outcome) -> int:
        return sum(row.outcome is outcome for row in self.rows)

    @property
    def differs(self) -> bool:
        """Whether anything is known to be wrong."""
        return bool(self.dependent) or any(row.outcome is Outcome.DIFFERS for row in self.rows)

    @property
    def exit_code(self) -> int:
        """0 where every weight is the same, else 1."""
        return int(self.differs or any(row.outcome is not Outcome.SAME for row in self.rows) or not self.rows)

    @property
    def sentence(self) -> str:
        """The verdict."""
        same, other, unknown = (self.count(outcome) for outcome in Outcome)
        if not self.rows:
            return "nothing was compared"
        parts = [f"{same} of {len(self.rows)} weights start as the source says"]
        if other:
            parts.append(f"{other} start differently")
        if unknown:
            parts.append(f"{unknown} undecided")
        if self.dependent:
            parts.append(f"{len(self.dependent)} groups of weights are not independent")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class _Item:
    """One drawn part of an expected weight, and the port's weight that it was paired with."""

    drawn: Drawn
    source: str
    found: int | None = None
    how: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    zero: bool = False


class Compared:
    """The weights that a model's plan expects of a port in ``framework``, by parameter."""

    def __init__(self, model: Model, framework: str) -> None:
        self.framework = framework
        self.axis = getattr(target_named(framework).vocabulary.grammar.blocks, "axis", 0)
        self.model = model
        self.parameters: dict[str, list[Drawn]] = {}
        self.zeros: dict[str, Entry] = {}
        self.refused: list[Row] = []
        for entry in plan(model, target_named(framework).vocabulary).entries:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        weight, place = entry.weight, entry.place
        if place.statistics is not None or weight.owner is not None or place.absent is not None:
            return
        if isinstance(weight.initializer, Unsupported):
            self.refused.append(_blank(_source_name(entry), entry, weight.initializer.reason))
            return
        for drawn in parts_of(entry, self.axis):
            self.parameters.setdefault(_join(entry.module, drawn.name), []).append(drawn)
        for name in place.zero:
            self.zeros[_join(entry.module, name)] = entry

    @property
    def entries(self) -> dict[str, Entry]:
        """What each parameter of the port is."""
        own = {name: parts[0].entry for name, parts in self.parameters.items()}
        return own | {name: entry for name, entry in self.zeros.items() if name not in own}

    def parameters_wanted(self) -> list[Named]:
        """The parameters by name and, as far as it is known, shape in the port's framework."""
        return [Named(name, _shape_of(entry)) for name, entry in self.entries.items()]

    def layers(self) -> list[Layer]:
        """What holds the parameters."""
        shapes = {named.name: named.shape for named in self.parameters_wanted()}
        return source_layers(self.model, self.entries, shapes, self.framework)


def compare(
    model: Model,
    port: Port,
    *,
    source_name: str,
    port_name: str,
    framework: str | None = None,
    effect: float = EFFECT,
    seed: int = 0,
    builds: int = BUILDS,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    progress: Progress | None = None,
) -> Comparison:
    """Sample the port and judge each weight. Raises FrameworkError, InputError."""
    target = framework or port.framework or default("network")
    compared = Compared(model, target)
    expected = compared.parameters_wanted()
    pairing = pair_up(compared, port)
    items = [item for item in _items(compared, expected, pairing, port.weights) if _is_chosen(item, port, only, skip)]
    tested = [item for item in items if item.found is not None and _truth(item) is not None]
    level = level_of(len(tested))
    errors = width(level, RUN_MISS)
    wanted = [_request(item, port.weights, effect, errors) for item in tested]
    samples = port.sample(wanted, seed, builds, progress) if wanted else Samples(0, [], [], [])
    rows = {id(item): _judge(item, port.weights, summary, level, errors, effect, target)
            for item, summary in zip(tested, samples.weights, strict=True)}  # fmt: skip
    results = [rows[id(item)] if id(item) in rows else _row_without_test(item, port.weights) for item in items]
    results = _diagnose(results, items, model.framework, target, port.weights)
    refused = [row for row in compared.refused if _matches((row.source,), only, skip)]
    extra = tuple(port.weights[index].name for index in pairing.extra)
    extra = tuple(name for name in extra if _matches((name,), only, skip))
    dependent = _dependent(samples, tested, port)
    notes = _notes(samples, tested, port, builds)
    return Comparison(
        source_name, port_name, target, (*results, *refused), extra, dependent, samples.builds, effect, notes
    )


def pair_up(compared: Compared, port: Port) -> Pairing:
    """The weights that belong together; what a layer keeps beside its parameters belongs to that of its layer."""
    framework = compared.framework
    theirs = port_layers(port.weights, port.before, framework)
    wanted, found = compared.parameters_wanted(), [Named(item.name, item.shape) for item in port.weights]
    mine, others = ([at for at, named in enumerate(names) if not is_state(named.name, framework)]
                    for names in (wanted, found))  # fmt: skip
    pairing = _pair_up([wanted[at] for at in mine], [found[at] for at in others], compared.layers(), theirs)
    pairs = [Pair(mine[one.expected], others[one.found], one.how) for one in pairing.pairs]
    homes = {wanted[one.expected].name.rpartition(".")[0]: (port.weights[one.found].home, one.how) for one in pairs}
    index = {named.name: at for at, named in enumerate(found)}
    missing = [mine[at] for at in pairing.missing]
    for at in sorted(set(range(len(wanted))).difference(mine)):
        module, _, state = wanted[at].name.rpartition(".")
        home, how = homes.get(module, ("", ""))
        other = index.get(_join(home, state))
        if other is None:
            missing.append(at)
        else:
            pairs.append(Pair(at, other, how))
    return Pairing(tuple(sorted(pairs)), tuple(missing), tuple(others[at] for at in pairing.extra))


def _pair_up(
    expected: Sequence[Named], found: Sequence[Named], ours: Sequence[Layer], theirs: Sequence[Layer]
) -> Pairing:
    """Weights of one name in layers that belong together, and what is left by name, order and shape."""
    here, there = ({named.name: index for index, named in enumerate(names)} for names in (expected, found))
    known = []
    for one in match(ours, theirs):
        for name in ours[one.ours].parameters:
            mine, other = (here.get(_join(ours[one.ours].name, name)), there.get(_join(theirs[one.theirs].name, name)))
            if mine is not None and other is not None:
                known.append(Pair(mine, other, one.how))
    return pair(expected, found, known)


def _items(
    compared: Compared, expected: Sequence[Named], pairing: Pairing, weights: Sequence[PortWeight]
) -> list[_Item]:
    pairs = {item.expected: item for item in pairing.pairs}
    names = list(compared.entries)
    by_layer: dict[str, dict[str, int]] = {}
    for index, pairs_with in pairs.items():
        for entry in {id(drawn.entry): drawn.entry for drawn in compared.parameters.get(names[index], ())}.values():
            sizes = _sizes(entry, weights[pairs_with.found].shape, by_layer.get(entry.layer.name, {}))
            by_layer.setdefault(entry.layer.name, {}).update(sizes)
    items = []
    for index, name in enumerate(names):
        found = pairs.get(index)
        place, how = (found.found, found.how) if found else (None, None)
        if name in compared.parameters:
            parts = compared.parameters[name]
            for number, drawn in enumerate(parts):
                label = _source_name(drawn.entry) + (f" [{number + 1} of {len(parts)}]" if len(parts) > 1 else "")
                items.append(_Item(drawn, label, place, how, by_layer.get(drawn.entry.layer.name, {})))
        else:
            entry = compared.zeros[name]
            drawn = Drawn(entry, name.removeprefix(f"{entry.module}."), Constant(ZERO))
            label = f"{entry.layer.name} {entry.weight.role} (zero beside it)"
            items.append(_Item(drawn, label, place, how, by_layer.get(entry.layer.name, {}), zero=True))
    return items


def _join(module: str, name: str) -> str:
    return ".".join(filter(None, (module, name)))


def _source_name(entry: Entry) -> str:
    return f"{entry.layer.name} {entry.weight.role}"


def _layout(entry: Entry) -> Layout | None:
    """The weight's axes in the port's framework."""
    if entry.place.layout is None:
        return None
    return entry.weight.layout if entry.place.layout == "source" else parse_layout(entry.place.layout)


def _shape_of(entry: Entry) -> tuple[int | None, ...] | None:
    """Of the whole parameter, as far as the source shows them; None where not even the number of axes is known."""
    layout, weight = _layout(entry), entry.weight
    if layout is None:
        return None
    dims = {"groups": 1, **weight.dims}
    shape: list[int | None] = []
    for axis in layout.axes:
        if not axis.many:
            size = axis.size.evaluate(dims)
            shape.append(None if size is None else round(size))
            continue
        run = _run(weight.layout, weight.shape)
        if str(axis.size) == "one":
            return None
        if run is None:
            return None
        shape += run
    if entry.place.rows:
        rows = [parse_layout(text).axes[0].size.evaluate(dims) for text in entry.place.rows]
        shape[0] = None if None in rows else round(sum(size for size in rows if size is not None))
    elif entry.place.part and shape:
        shape[0] = None if shape[0] is None else shape[0] * entry.place.part[1]
    return tuple(shape)


def _run(layout: Layout | None, shape: tuple[int | None, ...] | None) -> list[int | None] | None:
    """The sizes along the run of axes of the source's own layout."""
    if layout is None or shape is None or layout.rank is not None:
        return None
    start = next(index for index, axis in enumerate(layout.axes) if axis.many)
    return list(shape[start : start + len(shape) - layout.min_rank])


def _sizes(entry: Entry, shape: tuple[int, ...], known: Mapping[str, int]) -> dict[str, int]:
    """The sizes by role: the source's own, and what the port's shape adds."""
    dims = {"groups": 1, **entry.weight.dims, **known}
    layout = _layout(entry)
    if entry.place.rows:
        return dims
    if entry.place.part and shape:
        shape = (shape[0] // entry.place.part[1], *shape[1:])
    found = sizes_from(layout, shape, dims) if layout is not None else None
    return found if found is not None else dims


def _is_chosen(item: _Item, port: Port, only: Sequence[str], skip: Sequence[str]) -> bool:
    names = [item.source] + ([port.weights[item.found].name] if item.found is not None else [])
    return _matches(names, only, skip)


def _matches(names: Iterable[str], only: Sequence[str], skip: Sequence[str]) -> bool:
    names = tuple(names)
    wanted = not only or any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in only)
    return wanted and not any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in skip)


def _truth(item: _Item) -> Moments | None:
    return moments(item.drawn.initializer, item.sizes)


def _request(item: _Item, weights: Sequence[PortWeight], effect: float, errors: float) -> Wanted:
    truth, known = _truth(item), law(item.drawn.initializer, item.sizes)
    assert truth is not None
    assert item.found is not None
    kurtosis = known.kurtosis if known is not None else 3.0
    seen = 1 - (1 - effect) ** 2
    number = math.ceil((kurtosis - 1) * (errors / seen) ** 2 * 1.05) if truth.variance and not _is_fixed(known) else 1
    gain = None
    if isinstance(item.drawn.initializer, Orthogonal):
        gain = item.drawn.initializer.gain.evaluate(item.sizes)
    return Wanted(
        item.found,
        item.drawn.slices,
        truth.mean,
        truth.low if math.isfinite(truth.low) else None,
        truth.high if math.isfinite(truth.high) else None,
        known.edges(EDGES) if known is not None else [truth.mean],
        min(MOST_DRAWS, number),
        _SLACK.get(weights[item.found].dtype, 1e-6),
        gain,
    )


def _words(drawn: Drawn) -> str:
    """The law in the source's own terms, but for parts of a weight."""
    whole = drawn.entry.weight.initializer
    return words_of(whole if canonical(whole) == drawn.initializer else drawn.initializer)


def _is_fixed(known: Law | None) -> bool:
    return known is not None and known.fixed


def _blank(source: str, entry: Entry, reason: str) -> Row:
    words = words_of(entry.weight.initializer)
    return Row(source, entry.weight.location.line, None, None, None, words, Outcome.UNKNOWN, reason)


def _row_without_test(item: _Item, weights: Sequence[PortWeight]) -> Row:
    entry = item.drawn.entry
    row = _blank(item.source, entry, "the port has no weight that could be this one")
    if item.found is None:
        return row
    reason = "its law depends on sizes that neither the source nor the port shows"
    return replace(row, port=weights[item.found].name, how=item.how, shape=weights[item.found].shape, reason=reason)


def _judge(
    item: _Item,
    weights: Sequence[PortWeight],
    summary: Mapping[str, object],
    level: float,
    errors: float,
    effect: float,
    framework: str,
) -> Row:
    truth, known = _truth(item), law(item.drawn.initializer, item.sizes)
    assert truth is not None
    assert item.found is not None
    weight, entry = weights[item.found], item.drawn.entry
    edges = summary["edges"]
    assert isinstance(edges, list)
    sample = sample_of(dict(summary), edges)
    leaks = target_named(framework).leaking and isinstance(item.drawn.initializer, TruncatedNormal)
    leak = TRUNCATION_LEAK if leaks else 0.0
    verdict = judge(sample, truth, leak, known, level, errors, _GRID.get(weight.dtype, 1e-6))
    row = Row(
        item.source, entry.weight.location.line, weight.name, item.how, weight.shape, _words(item.drawn),
        Outcome.SAME, None, truth, sample, verdict, known=known,
    )  # fmt: skip
    off = summary.get("gram")
    if isinstance(off, float):
        if off > max(ORTHOGONAL_ERROR, _SLACK.get(weight.dtype, 0.0) * 10):
            return replace(
                row, outcome=Outcome.DIFFERS, reason=f"neither rows nor columns are orthogonal: off by {off:.2g}"
            )
        return row
    if verdict.problem is not None:
        return replace(row, outcome=Outcome.DIFFERS, reason=verdict.problem)
    if truth.variance and not _is_fixed(known) and verdict.effect / 2 > effect * 1.1:
        seen = f"{sample.n:,} draws would show an error of {verdict.effect / 2:.1%} of its standard deviation, no less"
        return replace(row, outcome=Outcome.UNKNOWN, reason=seen)
    return row


def _diagnose(
    rows: Sequence[Row], items: Sequence[_Item], spoken: str, framework: str, weights: Sequence[PortWeight]
) -> list[Row]:
    """Rows that differ, with what they are; of several mistakes that agree, that which explains most of the model."""
    fits: dict[int, list[str]] = {}
    for index, (row, item) in enumerate(zip(rows, items, strict=True)):
        if row.outcome is Outcome.DIFFERS and row.sample is not None and row.truth is not None:
            assert item.found is not None
            weight = weights[item.found]
            subject = Subject(item.drawn.entry, item.drawn.initializer, item.sizes, spoken, framework, weight.layer,
                              weight.shape, item.drawn.name)  # fmt: skip
            fits[index] = candidates_for(subject, row.sample, row.truth.mean)
    results, fills = list(rows), target_named(framework).fills
    for index, words in _likeliest(fits).items():
        results[index] = replace(rows[index], diagnosis=words, mend=_mend(items[index], rows[index], fills))
    return results


def _likeliest(fits: Mapping[int, Sequence[str]]) -> dict[int, str | None]:
    """Of the mistakes that each row may be, those that explain most rows."""
    votes = Counter(words for found in fits.values() for words in found)
    best = {index: max((votes[words] for words in found), default=0) for index, found in fits.items()}
    return {
        index: "; or ".join([words for words in found if votes[words] == best[index]][:MOST_NAMES]) or None
        for index, found in fits.items()
    }


def _mend(item: _Item, row: Row, fills: bool) -> str | None:
    """The line that starts the port's weight as the source says, where initializers fill a tensor or give values."""
    spelling, name = item.drawn.entry.spelling, row.port or ""
    if item.zero:
        return f"nn.init.zeros_({_access(name)})" if fills else f"zeros for {name}"
    if spelling is None:
        return None
    if item.drawn.entry.place.argument is not None:
        return f"{item.drawn.entry.place.argument}={spelling.text}"
    return f"w = {_access(name)}; {spelling.text}" if fills else f"{spelling.text} for {name}"


def _access(name: str) -> str:
    """The parameter of a PyTorch model in code, whatever its name holds."""
    plain = all(part.isidentifier() and not keyword.iskeyword(part) for part in name.split("."))
    return f"model.{name}" if plain else f"model.get_parameter({literal(name)})"


def _dependent(samples: Samples, tested: Sequence[_Item], port: Port) -> tuple[str, ...]:
    """Groups of weights that hold the same draws, of those that should not."""
    random = {item.found for item in tested if (truth := _truth(item)) and truth.variance
              and not _is_fixed(law(item.drawn.initializer, item.sizes))}  # fmt: skip
    results = []
    for group in samples.alike:
        names = [port.weights[index].name for index in group if index in random]
        if len(names) > 1:
            results.append(f"{', '.join(names)} hold the same draws")
    return tuple(results)


def _varies(summary: Mapping[str, object]) -> bool:
    """Whether the port's weight holds different values: a constant is the same in all builds."""
    sample = sample_of({**summary, "counts": ()}, ())
    return sample.low < sample.high


def _notes(samples: Samples, tested: Sequence[_Item], port: Port, builds: int) -> tuple[str, ...]:
    drawn = {item.found for item in tested if (truth := _truth(item)) and truth.variance
             and not _is_fixed(law(item.drawn.initializer, item.sizes))}  # fmt: skip
    varied = {row.found for row, summary in zip(tested, samples.weights, strict=True) if _varies(summary)}
    repeated = [index for index in samples.repeated if index in drawn & varied]
    notes = []
    if repeated:
        named = ", ".join(port.weights[index].name for index in repeated[:3])
        more = f" and {len(repeated) - 3} more" if len(repeated) > 3 else ""
        notes.append(f"two builds draw the same {named}{more}: the port fixes a seed, so that builds cannot be pooled")
    if samples.builds >= builds and not port.single:
        notes.append(f"{samples.builds} builds were made, as many as allowed; pass a higher `--builds`")
    return tuple(notes)


def of_checks(
    checks: Sequence[Check],
    *,
    source_name: str,
    framework: str,
    effect: float,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
) -> Comparison:
    """The converted lines, as they were measured on stub layers."""
    rows = []
    for check in checks:
        entry, sizes = check.entry, complete(check.entry.weight)
        if not _matches((_source_name(entry), _join(entry.module, check.name)), only, skip):
            continue
        problem = check.verdict.problem
        rows.append(
            Row(
                _source_name(entry),
                entry.weight.location.line,
                _join(entry.module, check.name),
                "conversion",
                None,
                words_of(entry.weight.initializer),
                Outcome.SAME if problem is None else Outcome.DIFFERS,
                problem,
                check.truth,
                check.sample,
                check.verdict,
                known=law(entry.weight.initializer, sizes),
            )
        )
    return Comparison(source_name, "the converted lines", framework, tuple(rows), builds=0, effect=effect)


def compare_models(
    source: Model, port: Model, *, source_name: str, port_name: str, only: Sequence[str] = (), skip: Sequence[str] = ()
) -> Comparison:
    """Both sides by formula: a proof, or the laws side by side."""
    framework = default("network")
    ours, theirs = Compared(source, framework), Compared(port, framework)
    here, there = (
        [named for named in side.parameters_wanted() if named.name in side.parameters] for side in (ours, theirs)
    )
    pairing = _pair_up(here, there, ours.layers(), theirs.layers())
    pairs = {item.expected: item for item in pairing.pairs}
    rows: list[Row] = []
    fits: dict[int, list[str]] = {}
    for index, named in enumerate(here):
        parts, found = ours.parameters[named.name], pairs.get(index)
        other = theirs.parameters[there[found.found].name] if found else []
        for number, drawn in enumerate(parts):
            label = _source_name(drawn.entry) + (f" [{number + 1} of {len(parts)}]" if len(parts) > 1 else "")
            names = (label, there[found.found].name) if found else (label,)
            if not _matches(names, only, skip):
                continue
            if found is None:
                rows.append(_blank(label, drawn.entry, "the port has no weight that could be this one"))
                continue
            one = other[number] if len(other) == len(parts) else other[0]
            row = _by_formula(label, drawn, one, len(other) == len(parts), found.how)
            if row.outcome is Outcome.DIFFERS:
                fits[len(rows)] = _mistakes(drawn, one, source.framework, framework)
                row = replace(row, mend=drawn.entry.weight.source if source.framework == port.framework else None)
            rows.append(row)
    for place, words in _likeliest(fits).items():
        rows[place] = replace(rows[place], diagnosis=words)
    extra = tuple(there[index].name for index in pairing.extra)
    refused = [row for row in ours.refused if _matches((row.source,), only, skip)]
    return Comparison(source_name, port_name, "formula", (*rows, *refused), extra)


def _sizes_of(drawn: Drawn, other: Drawn) -> dict[str, int]:
    """By role, as the first has them and, where it leaves one open, the second."""
    return {"groups": 1, **other.entry.weight.dims, **drawn.entry.weight.dims}


def _mistakes(drawn: Drawn, other: Drawn, spoken: str, framework: str) -> list[str]:
    """What may have been mistaken where both laws are known."""
    shape = _shape_of(drawn.entry) or _shape_of(other.entry) or ()
    whole = () if None in shape else tuple(size for size in shape if size is not None)
    kinds = target_named(framework).vocabulary.grammar.kinds[drawn.entry.layer.kind].classes
    subject = Subject(drawn.entry, drawn.initializer, _sizes_of(drawn, other), spoken, framework,
                      kinds[0] if kinds else "", whole, drawn.name)  # fmt: skip
    return candidates_like(subject, other.initializer, _sizes_of(other, drawn))


def _by_formula(label: str, drawn: Drawn, other: Drawn, whole: bool, how: str) -> Row:
    entry, there = drawn.entry, other.entry
    sizes = _sizes_of(drawn, other)
    row = Row(label, entry.weight.location.line, _source_name(there), how, None, words_of(entry.weight.initializer),
              Outcome.SAME, truth=moments(drawn.initializer, sizes))  # fmt: skip
    if whole and _equal(drawn.initializer, other.initializer, sizes, there.weight.dims):
        return row
    before, after = row.truth, moments(other.initializer, _sizes_of(other, drawn))
    reason = f"it is {words_of(there.weight.initializer)}, where the source has {row.words}"
    verdict = None
    if before is not None and after is not None and before.variance:
        ratio = after.variance / before.variance
        reason, verdict = f"{reason}: {ratio:.4g} times the variance", Verdict(0.0, reason, ratio, (ratio, ratio))
    return replace(row, outcome=Outcome.DIFFERS, reason=reason, verdict=verdict)


def _equal(first: Initializer, second: Initializer, sizes: Mapping[str, int], others: Mapping[str, int]) -> bool:
    if equal(first, second):
        return True
    try:
        return equal(bind(first, sizes), bind(second, {**sizes, **others}))
    except InexactError:
        return False
