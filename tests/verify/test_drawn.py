"""Every emitted line, run in the real framework: what it draws has the moments that `ir.moments` says.

The number of draws is computed from the effect that is to be seen.
"""

from functools import cache
from pathlib import Path

import pytest

from initport.emit.plan import Plan
from initport.ir.initializers import Bilinear, Identity, Sparse, canonical
from initport.verify.measure import Check, Job, measure
from initport.verify.sampling import SPARSE_EFFECT
from tests.fixtures import CASES, job, plan_of

EFFECTS = {True: 0.05, False: 0.005}
"""The relative error in a variance that is to be seen, of Keras's models and of Caffe's networks: what versions of
Keras give one name differs by 23 % at least, a rounded constant by 0.6 %. Keras draws a small weight slowly."""

COARSE = 0.2
"""The same for a quick run: that the lines mean what the formulas say is proved by reading each back, and a wrong fan,
gain or family is off by more."""


@cache
def drawn(target: str, fine: bool) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    cases = CASES if fine else QUICK[target]
    for effect in {effect_of(case, fine) for case in cases}:
        chosen = [case for case in cases if effect_of(case, fine) == effect]
        measured = measure([job(case, target) for case in chosen], target, effect=effect)
        found |= {case.name: checks for case, checks in zip(chosen, measured, strict=True)}
    return found


def effect_of(case: Path, fine: bool) -> float:
    return EFFECTS[is_keras(case)] if fine else COARSE


def is_keras(case: Path) -> bool:
    return case.name.startswith("keras_")


QUICK = {"torch": CASES, "keras": [case for case in CASES if case.name in ("lenet", "keras_2")]}
"""The cases of a quick run; Keras draws slowly."""

QUICKLY = [
    pytest.param(case, target, False, id=f"{case.name}-{target}-coarse") for target in QUICK for case in QUICK[target]
]
FINELY = [
    pytest.param(case, target, True, id=f"{case.name}-{target}-fine", marks=pytest.mark.slow)
    for target in QUICK
    for case in CASES
]


@pytest.mark.parametrize(("case", "target", "fine"), [*QUICKLY, *FINELY])
def test_draws_have_the_true_moments(case: Path, target: str, fine: bool) -> None:
    checks, effect = drawn(target, fine)[case.name], effect_of(case, fine)
    asked = [(entry.module, entry.place.name) for entry, _ in plan_of(case, target).emitted]
    assert list(dict.fromkeys((check.entry.module, check.entry.place.name) for check in checks)) == list(
        dict.fromkeys(asked)
    )
    for check in checks:
        where = f"{check.entry.layer.name} {check.entry.weight.role}"
        assert check.verdict.problem is None, where
        if check.truth.variance and not isinstance(canonical(check.entry.weight.initializer), Bilinear | Identity):
            seen = max(SPARSE_EFFECT, effect) if check.truth.zero_fraction else effect
            assert check.verdict.effect <= seen * 1.05, f"{where}: the sample is too small for what it must see"


RIGHT = 'nn.init.kaiming_uniform_(w, nonlinearity="linear")'

WRONG = {
    "variance 1 % high": (RIGHT, "nn.init.kaiming_uniform_(w, a=0.99)"),
    "normal for uniform": (RIGHT, 'nn.init.kaiming_normal_(w, nonlinearity="linear")'),
    "fan_out for fan_in": (RIGHT, 'nn.init.kaiming_uniform_(w, mode="fan_out", nonlinearity="linear")'),
    "mean shifted": (RIGHT, f"{RIGHT}.add_(1e-3)"),
    "bias not zero": ("nn.init.zeros_,", "nn.init.ones_,"),
    "not set": ("nn.init.zeros_,", "lambda w: w,"),
}


RARE = ("normal for uniform", "mean shifted", "bias not zero")
"""Of these a quick run shows the like."""


@pytest.mark.parametrize(
    ("good", "bad"),
    [pytest.param(*lines, id=name, marks=[pytest.mark.slow] * (name in RARE)) for name, lines in WRONG.items()],
)
def test_a_wrong_line_is_seen(good: str, bad: str) -> None:
    case = next(case for case in CASES if case.name == "lenet")
    right = job(case, "torch")
    assert good in right.text
    effect = EFFECTS[False] if "a=0.99" in bad else COARSE
    (checks,) = measure([Job(right.path, right.text.replace(good, bad), right.plan)], "torch", effect=effect)
    assert any(check.verdict.problem for check in checks)


def test_every_kind_of_initializer_is_drawn() -> None:
    plans: list[Plan] = [plan_of(case, "torch") for case in CASES]
    kinds = {type(canonical(entry.weight.initializer)).__name__ for plan in plans for entry, _ in plan.emitted}
    assert {"Constant", "RandomUniform", "RandomNormal", "Sparse", "Bilinear", "PositiveUnitball"} <= kinds
    assert Sparse.__name__ in kinds
