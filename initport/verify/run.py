"""Measure emitted modules in the real framework, and compare what they draw with the true moments."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from initport.emitters.plan import Entry, Plan
from initport.ir.moments import Moments, moments
from initport.verify.sampling import Sample, Verdict, draws, judge
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
class Check:
    """One emitted weight, as drawn and as it should be."""

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
    asked = [_job(job, effect, seed) for job in jobs]
    program = _PROGRAMS / f"{target}_program.py"
    ran = subprocess.run([python, str(program)], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        raise FrameworkError(ran.stderr.strip())
    answers = json.loads(ran.stdout)
    return [_checks(job, answer) for job, answer in zip(jobs, answers, strict=True)]


def _job(job: Job, effect: float, seed: int) -> dict[str, Any]:
    weights = [_weight(entry, effect) for entry, _ in job.plan.emitted]
    return {"path": job.path, "text": job.text, "seed": seed, "weights": weights + _zeros(job.plan)}


def _weight(entry: Entry, effect: float) -> dict[str, Any]:
    dims = complete(entry.weight)
    truth = moments(entry.weight.initializer, dims)
    assert truth is not None, "an emitted weight has known moments once all sizes are given"
    *modules, name = (
        [*entry.module.split("."), *(entry.place.name or "").split(".")]
        if entry.place.name
        else entry.module.split(".")
    )
    return {
        "layer": entry.module,
        "parameter": entry.place.name,
        "argument": entry.place.argument,
        "module": modules,
        "name": name,
        "shape": target_shape(entry, dims),
        "center": truth.mean,
        "draws": draws(entry.weight.initializer, dims, effect) if truth.variance else 1,
    }


def _zeros(plan: Plan) -> list[dict[str, Any]]:
    """The parameters that start at zero beside an emitted one."""
    return [
        _weight(entry, 1.0) | {"parameter": name, "name": name, "center": 0.0, "draws": 1}
        for entry, _ in plan.emitted
        for name in entry.place.zero
    ]


def _checks(job: Job, answer: list[list[float]]) -> list[Check]:
    checks = []
    for (entry, _), sums in zip(job.plan.emitted, answer, strict=False):
        truth = moments(entry.weight.initializer, complete(entry.weight))
        assert truth is not None
        n, first, second, fourth, low, high, zeros = sums
        sample = Sample(int(n), first, second, fourth, low, high, int(zeros))
        checks.append(Check(entry, truth, sample, judge(sample, truth)))
    beside = answer[len(checks) :]
    if any(sums[4] != 0 or sums[5] != 0 for sums in beside):
        raise FrameworkError(f"{job.path}: a parameter that must start at zero does not")
    return checks
