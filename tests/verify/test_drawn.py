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

COARSE = {True: 0.2, False: 0.1}
"""The same for a quick run: that the frameworks draw what the formulas say is proved by reading each line back, and a
wrong fan, gain or family is off by more."""


@cache
def drawn(target: str, effects: tuple[float, float]) -> dict[str, list[Check]]:
    found: dict[str, list[Check]] = {}
    for keras, effect in zip((True, False), effects, strict=True):
        cases = [case for case in CASES if is_keras(case) is keras]
        measured = measure([job(case, target) for case in cases], target, effect=effect)
        found |= {case.name: checks for case, checks in zip(cases, measured, strict=True)}
    return found


def is_keras(case: Path) -> bool:
    return case.name.startswith("keras_")


@pytest.mark.parametrize(
    "effects", [pytest.param(COARSE, id="coarse"), pytest.param(EFFECTS, id="fine", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_draws_have_the_true_moments(case: Path, target: str, effects: dict[bool, float]) -> None:
    checks = drawn(target, (effects[True], effects[False]))[case.name]
    asked = [(entry.module, entry.place.name) for entry, _ in plan_of(case, target).emitted]
    assert list(dict.fromkeys((check.entry.module, check.entry.place.name) for check in checks)) == list(
        dict.fromkeys(asked)
    )
    for check in checks:
        where = f"{check.entry.layer.name} {check.entry.weight.role}"
        assert check.verdict.problem is None, where
        if check.truth.variance and not isinstance(canonical(check.entry.weight.initializer), Bilinear | Identity):
            seen = max(SPARSE_EFFECT, effects[is_keras(case)]) if check.truth.zero_fraction else effects[is_keras(case)]
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


@pytest.mark.parametrize(("good", "bad"), list(WRONG.values()), ids=list(WRONG))
def test_a_wrong_line_is_seen(good: str, bad: str) -> None:
    case = next(case for case in CASES if case.name == "lenet")
    right = job(case, "torch")
    assert good in right.text
    effect = EFFECTS[False] if "a=0.99" in bad else COARSE[False]
    (checks,) = measure([Job(right.path, right.text.replace(good, bad), right.plan)], "torch", effect=effect)
    assert any(check.verdict.problem for check in checks)


def test_every_kind_of_initializer_is_drawn() -> None:
    plans: list[Plan] = [plan_of(case, "torch") for case in CASES]
    kinds = {type(canonical(entry.weight.initializer)).__name__ for plan in plans for entry, _ in plan.emitted}
    assert {"Constant", "RandomUniform", "RandomNormal", "Sparse", "Bilinear", "PositiveUnitball"} <= kinds
    assert Sparse.__name__ in kinds
