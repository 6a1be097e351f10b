"""Measure emitted modules in the real framework, and compare what they draw with the true laws."""

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from initport.conversion import convert
from initport.diagnostics import InputError
from initport.emit.plan import Entry, Plan
from initport.emit.targets import default
from initport.emit.targets import target as target_named
from initport.formats.format import ReadFile
from initport.formats.read_options import Options
from initport.ir.initializers import Blocks, Initializer, TruncatedNormal, canonical
from initport.ir.law import Law, law
from initport.ir.moments import Moments, moments
from initport.verify.sampling import (
    EDGES,
    FALSE_ALARM,
    LEVEL,
    MISS,
    TRUNCATION_LEAK,
    Sample,
    Verdict,
    draws,
    judge,
)
from initport.verify.stub_shapes import complete, rows_of, target_shape
from initport.verify.worker import FrameworkError, Limits, Progress, Worker

__all__ = ["Check", "Drawn", "FrameworkError", "Job", "draws_of", "measure", "sample_of", "truth_of", "verify"]


@dataclass(frozen=True, slots=True)
class Job:
    """One emitted module, and the plan that it was emitted from."""

    path: str
    text: str
    plan: Plan


Slice = tuple[int, int, int | tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn and compared by itself: a parameter, or the ``slices`` of it, each one of the parts along an axis
    as (axis, index, number), or the places where the parts end instead of the number where they are not equal."""

    entry: Entry
    name: str
    initializer: Initializer
    slices: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One emitted weight, or a part of one that is drawn in its own way, as drawn and as it should be. The sample is
    that of all weights which start by the same code on the same shape."""

    entry: Entry
    truth: Moments
    sample: Sample
    verdict: Verdict
    name: str = ""


def verify(
    text: str | bytes,
    *,
    source: str = "auto",
    target: str | None = None,
    path: str = "<text>",
    options: Options | None = None,
    read_file: ReadFile | None = None,
    effect: float = 0.01,
) -> list[Check]:
    """Convert a network and run the module in the installed framework: one check a weight, drawn often enough to see a
    relative error of ``effect`` in its variance. The other arguments are those of `initport.convert`.

    Raises InputError where the input as a whole is unusable, FrameworkError where the framework is not installed or
    cannot run the module, ValueError for an unknown ``source`` or ``target`` before anything is read.
    """
    target = target or default("network")
    result = convert(text, source=source, target=target, path=path, options=options, read_file=read_file)
    if result.text is None or result.plan is None:
        raise InputError(result.diagnostics[0])
    (checks,) = measure([Job(path, result.text, result.plan)], target, effect=effect)
    return checks


def measure(
    jobs: Sequence[Job],
    target: str,
    *,
    effect: float = 0.005,
    seed: int = 0,
    python: str = sys.executable,
    level: float = LEVEL,
    errors: float = FALSE_ALARM + MISS,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> list[list[Check]]:
    """Run the jobs in ``python``'s copy of the target framework.

    ``effect`` is the relative error in a variance that must be seen, ``errors`` standard errors wide; ``level`` is that
    of each test. Raises FrameworkError with the framework's words, or where a limit is reached or would be.
    """
    limits, chosen = limits or Limits(), target_named(target)
    axis = getattr(chosen.vocabulary.grammar.blocks, "axis", 0)
    drawn = [list(draws_of(job.plan, axis)) for job in jobs]
    asked = [_job(job, weights, effect, errors, seed) for job, weights in zip(jobs, drawn, strict=True)]
    for job in asked:
        _check_size(job["weights"], limits)
    with Worker(chosen.program("stubs"), python, limits) as worker:
        answer = worker.ask("measure", {"memory": limits.memory, "jobs": asked}, progress)
    leaks = answer["backend"] in chosen.leaking
    return [
        _checks(job, weights, asking["weights"], got, leaks, level, errors)
        for job, weights, asking, got in zip(jobs, drawn, asked, answer["jobs"], strict=True)
    ]


BYTES = 24
"""An element of a stub model while it is measured: in float32, and a copy of it as drawn and as summed."""


def _check_size(weights: Sequence[dict[str, Any]], limits: Limits) -> None:
    """Refuse before anything is allocated. Raises FrameworkError."""
    whole = {(*weight["module"], weight["name"]): math.prod(weight["shape"]) for weight in weights}
    if limits.memory is not None and sum(whole.values()) * BYTES > limits.memory:
        largest = max(whole, key=whole.__getitem__)
        raise FrameworkError(
            f"the weights have {sum(whole.values()):,} elements, {'.'.join(largest)} alone {whole[largest]:,}: more "
            f"than fit in {limits.memory / 2**30:.3g} GiB; pass a higher `--memory`"
        )


def draws_of(plan: Plan, axis: int) -> Iterator[Drawn]:
    """All that the plan's emitted lines draw; several initializers as one are joined along ``axis``."""
    for entry, _ in plan.emitted:
        yield from parts_of(entry, axis)


def parts_of(entry: Entry, axis: int) -> Iterator[Drawn]:
    """What is drawn for one weight."""
    own = _own_part(entry, axis)
    initializer = canonical(entry.start)
    names = (entry.place.name or "", *entry.place.alike)
    if isinstance(initializer, Blocks) and len(initializer.parts) == len(names) > 1:
        for name, part in zip(names, initializer.parts, strict=True):
            yield Drawn(entry, name, part, own)
        return
    for name in names:
        if not isinstance(initializer, Blocks):
            yield Drawn(entry, name, initializer, own)
            continue
        for index, part in enumerate(initializer.parts):
            yield Drawn(entry, name, part, (*own, (axis, index, len(initializer.parts))))


def _own_part(entry: Entry, axis: int) -> tuple[Slice, ...]:
    """Which part of its parameter a weight is."""
    place = entry.place
    if not place.part:
        return ()
    if not place.rows:
        return ((axis, place.part[0], place.part[1]),)
    ends = tuple(accumulate(rows_of(place, complete(entry.weight))))
    return ((0, place.part[0], ends[:-1]),)


def _job(job: Job, drawn: Sequence[Drawn], effect: float, errors: float, seed: int) -> dict[str, Any]:
    weights = [_weight(item, effect, errors) for item in drawn]
    return {"path": job.path, "text": job.text, "seed": seed, "weights": weights + _zeros(drawn)}


def _weight(drawn: Drawn, effect: float, errors: float) -> dict[str, Any]:
    entry, truth, dims = drawn.entry, truth_of(drawn), complete(drawn.entry.weight)
    *modules, name = [*entry.module.split("."), *filter(None, drawn.name.split("."))]
    shape = list(target_shape(entry, dims))
    if entry.place.rows:
        shape[0] = sum(rows_of(entry.place, dims))
    elif entry.place.part:
        shape[0] *= entry.place.part[1]
    known = law(drawn.initializer, dims)
    return {
        "layer": entry.module,
        "parameter": drawn.name,
        "argument": entry.place.argument,
        "module": modules,
        "name": name,
        "shape": shape,
        "slices": drawn.slices,
        "center": truth.mean,
        "low": truth.low if math.isfinite(truth.low) else None,
        "high": truth.high if math.isfinite(truth.high) else None,
        "draws": draws(drawn.initializer, dims, effect, errors) if truth.variance else 1,
        "edges": known.edges(EDGES) if known is not None and truth.variance else [],
    }


def truth_of(drawn: Drawn) -> Moments:
    """The true moments, stand-ins taken for sizes that the source leaves open."""
    truth = moments(drawn.initializer, complete(drawn.entry.weight))
    assert truth is not None, "an emitted weight has known moments once all sizes are given"
    return truth


def _zeros(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """The parameters that start at zero beside an emitted one."""
    start = {"slices": (), "center": 0.0, "draws": 1, "low": 0.0, "high": 0.0, "edges": []}
    return [
        _weight(replace(item, entry=item.entry.beside), 1.0, 1.0) | start | {"parameter": name, "name": name}
        for item in drawn
        for name in item.entry.place.zero
    ]


def sample_of(summary: dict[str, Any], edges: Sequence[float]) -> Sample:
    """What a program answered."""
    n, first, second, fourth, low, high, zeros, outside = summary["sums"]
    counts = tuple(zip(edges, summary["counts"], strict=True))
    return Sample(int(n), first, second, fourth, low, high, int(zeros), int(outside), counts)


def _checks(
    job: Job,
    drawn: Sequence[Drawn],
    asked: Sequence[dict[str, Any]],
    answer: list[dict[str, Any]],
    leaks: bool,
    level: float,
    errors: float,
) -> list[Check]:
    checks = []
    laws: dict[tuple[Initializer, tuple[tuple[str, int], ...]], Law | None] = {}
    for item, asking, summaries in zip(drawn, asked, answer, strict=False):
        truth, dims = truth_of(item), complete(item.entry.weight)
        key = (item.initializer, tuple(dims.items()))
        if key not in laws:
            laws[key] = law(item.initializer, dims)
        leak = TRUNCATION_LEAK if leaks and isinstance(item.initializer, TruncatedNormal) else 0.0
        own, pool = (sample_of(summaries[which], asking["edges"]) for which in ("own", "pool"))
        verdict = judge(pool, truth, leak, laws[key], level, errors)
        if verdict.problem is None and own.n < pool.n:  # the line may be right and not be what set this weight
            at_start = judge(own, truth, leak, laws[key], level, errors)
            verdict = verdict if at_start.problem is None else at_start
        checks.append(Check(item.entry, truth, pool, verdict, item.name))
    beside = answer[len(checks) :]
    if any(item["own"]["sums"][4] != 0 or item["own"]["sums"][5] != 0 for item in beside):
        raise FrameworkError(f"{job.path}: a parameter that must start at zero does not")
    return checks
