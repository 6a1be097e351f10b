"""What the page shows of one input: a row a weight, the chain of its layers, the laws that differ."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from initport.compare.comparison import Comparison, Row
from initport.compare.role_sizes import sizes_from
from initport.diagnostics import Diagnostic
from initport.emit.plan import Entry, Plan
from initport.grammar.layout import parse_layout
from initport.ir.describe import law as words_of
from initport.ir.law import Law, law
from initport.ir.model import Model
from initport.ir.moments import Moments, moments
from initport.ir.weights import Role
from initport.report.chain import Depth, Link, depth
from initport.report.naive import naive, report_target
from initport.verify.measure import Check
from initport.verify.sampling import Sample
from initport.verify.stub_shapes import complete, target_shape


class Line(NamedTuple):
    """One weight. ``exact`` is whether its line was proved equal, None where it needs none; ``converted`` the measured
    ratio of variances, ``naive`` that of a port by names with its ``call``, ``port`` the row of the user's port."""

    entry: Entry
    words: str
    truth: Moments | None
    shape: tuple[int, ...] | None
    exact: bool | None
    target: str | None
    converted: float | None = None
    call: str | None = None
    naive: float | None = None
    port: Row | None = None

    @property
    def name(self) -> str:
        return f"{self.entry.layer.name} {self.entry.weight.role}"


class Distinct(NamedTuple):
    """A law of several weights, and draws from it where there are any."""

    words: str
    law: Law
    weights: tuple[str, ...]
    sample: Sample | None


class Contents(NamedTuple):
    """All of one input; ``target`` is the title of the framework that it is converted to, ``chains`` are standard
    deviations over depth by what drew the weights."""

    title: str
    path: str
    target: str
    lines: tuple[Line, ...]
    diagnostics: tuple[Diagnostic, ...]
    distinct: tuple[Distinct, ...]
    links: tuple[Line, ...]
    chains: Mapping[str, Depth]
    comparison: Comparison | None
    advice: str = ""

    @property
    def unsized(self) -> int:
        """Of how many weights the source does not give all sizes, so that figures lack them."""
        return sum(not _is_known(line.entry) for line in self.lines if line.entry.place.absent is None)

    @property
    def sentence(self) -> str:
        """The verdict."""
        proved = sum(line.exact is True for line in self.lines)
        refused = [line for line in self.lines if line.exact is False]
        ratios = [line.naive for line in self.lines if line.naive is not None]
        off = [ratio for ratio in ratios if abs(ratio - 1) > 0.01]
        sentence = f"{proved} of {len(self.lines)} weights have a line that is proved to keep their distribution"
        sentence += f", {len(refused)} are refused." if refused else "."
        if off:
            worst = max(off, key=lambda ratio: abs(math.log(ratio)) if ratio > 0 else math.inf)
            sentence += (
                f" A port by names alone would change the variance of {len(off)} of the {len(ratios)} whose names can "
                f"be mapped, at worst to {worst:.3g} times the source's."
            )
        return sentence + (f" Your port: {self.comparison.sentence}." if self.comparison is not None else "")


def contents(
    model: Model,
    plan: Plan,
    diagnostics: Sequence[Diagnostic],
    *,
    path: str,
    checks: Sequence[Check] = (),
    comparison: Comparison | None = None,
    activation: str = "relu",
    advice: str = "",
) -> Contents:
    """Put together what is known; ``checks`` are draws of the converted lines, ``comparison`` is that of the port, and
    ``advice`` is how sizes are stated for such a source."""
    drawn: dict[tuple[str, Role], Check] = {}
    for check in checks:
        drawn.setdefault((check.entry.layer.name, check.entry.weight.role), check)
    ported = {row.source: row for row in comparison.rows} if comparison is not None else {}
    lines = tuple(_line(entry, drawn, ported) for entry in plan.entries)
    links = tuple(line for line in lines if _links(line))
    chains = {"converted": depth([_link(line, lines, lambda one: 1.0) for line in links], activation)} if links else {}
    if links and any(line.naive is not None for line in links):
        chains["name for name"] = depth([_link(line, lines, lambda one: one.naive) for line in links], activation)
    if links and comparison is not None:
        chains["port"] = depth([_link(line, lines, _port_value) for line in links], activation)
    title = model.name or path
    return Contents(title, path, report_target().title, lines, tuple(diagnostics), _distinct(lines, drawn), links,
                    chains, comparison, advice)  # fmt: skip


def _port_value(line: Line) -> float | None:
    return line.port.verdict.ratio if line.port is not None and line.port.verdict is not None else None


def _line(entry: Entry, drawn: Mapping[tuple[str, Role], Check], ported: Mapping[str, Row]) -> Line:
    weight = entry.weight
    truth = moments(weight.initializer, weight.dims)
    shape = target_shape(entry, complete(weight)) if _is_known(entry) else None
    refused = entry.spelling is None and (entry.finding is None or entry.finding.exit_code != 0)
    line = Line(entry, words_of(weight.initializer), truth, shape,
                True if entry.spelling else False if refused else None,
                entry.spelling.text if entry.spelling else None,
                port=ported.get(f"{entry.layer.name} {weight.role}"))  # fmt: skip
    check = drawn.get((entry.layer.name, weight.role))
    if check is not None:
        line = line._replace(converted=check.verdict.ratio)
    if shape is None:
        return line
    layout = parse_layout(entry.place.layout or "") if entry.place.layout != "source" else weight.layout
    sizes = (sizes_from(layout, shape, {"groups": 1, **weight.dims}) if layout else None) or {**weight.dims}
    mapped = naive(entry, shape, sizes)
    if mapped is None:
        return line
    call, initializer = mapped
    other = moments(initializer, sizes)
    ratio = other.variance / truth.variance if other is not None and truth is not None and truth.variance else None
    return line._replace(call=call, naive=ratio)


def _is_known(entry: Entry) -> bool:
    """Whether the source gives all sizes of the weight."""
    return entry.place.layout is not None and entry.weight.shape is not None and None not in entry.weight.shape


def _links(line: Line) -> bool:
    kernel = line.entry.weight.role in (Role.KERNEL, Role.DEPTHWISE_KERNEL, Role.POINTWISE_KERNEL)
    return kernel and line.shape is not None and len(line.shape) >= 2 and line.truth is not None and line.exact is True


def is_transposed(line: Line) -> bool:
    """Whether the weight's first axis counts inputs."""
    return str(line.entry.place.layout).startswith("in, out")


def fans(line: Line) -> tuple[float, float]:
    """How many inputs an output of the layer sees, and how many outputs see an input, strides apart."""
    assert line.shape is not None
    first, second, rest = line.shape[0], line.shape[1], math.prod(line.shape[2:])
    inward, outward = (first, second) if is_transposed(line) else (second, first)
    groups = line.entry.weight.dims.get("groups", 1)
    return float(inward * rest), float(max(1, outward // groups) * rest)


def biases(lines: Sequence[Line]) -> dict[str, float]:
    """The mean squares of the layers' biases, by the layers' names."""
    return {
        line.entry.layer.name: line.truth.variance + line.truth.mean**2
        for line in lines
        if line.entry.weight.role is Role.BIAS and line.truth is not None
    }


def _link(line: Line, lines: Sequence[Line], ratio: Callable[[Line], float | None]) -> Link:
    assert line.truth is not None
    square = biases(lines).get(line.entry.layer.name, 0.0)
    factor = ratio(line)
    second = line.truth.variance + line.truth.mean**2
    return Link(second * (1.0 if factor is None else factor), square, *fans(line))


def _distinct(lines: Sequence[Line], drawn: Mapping[tuple[str, Role], Check]) -> tuple[Distinct, ...]:
    """The laws that spread, most common first; those of one family and one set of numbers are one."""
    found: dict[Law, list[Line]] = {}
    for line in lines:
        known = law(line.entry.weight.initializer, line.entry.weight.dims)
        if known is not None and known.parts:
            found.setdefault(known, []).append(line)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[1][0].name))
    return tuple(
        Distinct(group[0].words, known, tuple(line.name for line in group), _sample(group, drawn))
        for known, group in ordered
    )


def _sample(group: Sequence[Line], drawn: Mapping[tuple[str, Role], Check]) -> Sample | None:
    checks = (drawn.get((line.entry.layer.name, line.entry.weight.role)) for line in group)
    return next((check.sample for check in checks if check is not None), None)
