"""Measure emitted modules in the real framework, and compare what they draw with the true moments."""

import json
import math
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from initport.emit.plan import Entry, Plan
from initport.grammar.load import vocabulary
from initport.ir.initializers import Blocks, Initializer, TruncatedNormal, canonical
from initport.ir.moments import Moments, moments
from initport.verify.sampling import LEAKING, TRUNCATION_LEAK, Sample, Verdict, draws, judge
from initport.verify.shapes import complete, target_shape

_PROGRAMS = Path(__file__).parent / "programs"


class FrameworkError(Exception):
    """The framework could not run the emitted code; the message is its own."""


@dataclass(frozen=True, slots=True)
class Job:
    """One emitted module, and the plan that it was emitted from."""

    path: str
    text: str
    plan: Plan


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn and compared by itself: a parameter, or the ``slices`` of it, each one of equal parts along an axis
    as (axis, index, number)."""

    entry: Entry
    name: str
    initializer: Initializer
    slices: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One emitted weight, or a part of one that is drawn in its own way, as drawn and as it should be."""

    entry: Entry
    truth: Moments
    sample: Sample
    verdict: Verdict


def measure(
    jobs: Sequence[Job], target: str, *, effect: float = 0.005, seed: int = 0, python: str = sys.executable
) -> list[list[Check]]:
    """Run the jobs in ``python``'s copy of the target framework.

    ``effect`` is the relative error in a variance that must be seen. Raises FrameworkError with the framework's words.
    """
    axis = getattr(vocabulary(target).grammar.blocks, "axis", 0)
    drawn = [list(_drawn(job.plan, axis)) for job in jobs]
    asked = [_job(job, weights, effect, seed) for job, weights in zip(jobs, drawn, strict=True)]
    program = _PROGRAMS / f"{target}_program.py"
    ran = subprocess.run([python, str(program)], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise FrameworkError(ran.stderr.strip())
    answer = json.loads(ran.stdout)
    leaks = answer["backend"] in LEAKING
    return [_checks(job, weights, sums, leaks) for job, weights, sums in zip(jobs, drawn, answer["jobs"], strict=True)]


def _drawn(plan: Plan, axis: int) -> Iterator[Drawn]:
    """All that the plan's emitted lines draw; several initializers as one are joined along ``axis``."""
    for entry, _ in plan.emitted:
        own = ((axis, entry.place.part[0], entry.place.part[1]),) if entry.place.part else ()
        initializer = canonical(entry.weight.initializer)
        for name in (entry.place.name or "", *entry.place.alike):
            if not isinstance(initializer, Blocks):
                yield Drawn(entry, name, initializer, own)
                continue
            for index, part in enumerate(initializer.parts):
                yield Drawn(entry, name, part, (*own, (axis, index, len(initializer.parts))))


def _job(job: Job, drawn: Sequence[Drawn], effect: float, seed: int) -> dict[str, Any]:
    weights = [_weight(item, effect) for item in drawn]
    return {"path": job.path, "text": job.text, "seed": seed, "weights": weights + _zeros(drawn)}


def _weight(drawn: Drawn, effect: float) -> dict[str, Any]:
    entry, truth, dims = drawn.entry, _truth(drawn), complete(drawn.entry.weight)
    *modules, name = [*entry.module.split("."), *filter(None, drawn.name.split("."))]
    shape = list(target_shape(entry, dims))
    if entry.place.part:
        shape[0] *= entry.place.part[1]
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
        "draws": draws(drawn.initializer, dims, effect) if truth.variance else 1,
    }


def _truth(drawn: Drawn) -> Moments:
    truth = moments(drawn.initializer, complete(drawn.entry.weight))
    assert truth is not None, "an emitted weight has known moments once all sizes are given"
    return truth


def _zeros(drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    """The parameters that start at zero beside an emitted one."""
    return [
        _weight(item, 1.0) | {"parameter": name, "name": name, "slices": (), "center": 0.0, "draws": 1}
        for item in drawn
        for name in item.entry.place.zero
    ]


def _checks(job: Job, drawn: Sequence[Drawn], answer: list[list[float]], leaks: bool) -> list[Check]:
    checks = []
    for item, sums in zip(drawn, answer, strict=False):
        truth = _truth(item)
        n, first, second, fourth, low, high, zeros, outside = sums
        sample = Sample(int(n), first, second, fourth, low, high, int(zeros), int(outside))
        leak = TRUNCATION_LEAK if leaks and isinstance(item.initializer, TruncatedNormal) else 0.0
        checks.append(Check(item.entry, truth, sample, judge(sample, truth, leak)))
    beside = answer[len(checks) :]
    if any(sums[4] != 0 or sums[5] != 0 for sums in beside):
        raise FrameworkError(f"{job.path}: a parameter that must start at zero does not")
    return checks
