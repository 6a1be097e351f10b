"""Hand-written initializers, by name."""

from typing import Any

import pytest

from initport.diagnostics import Code
from initport.grammar.expression import evaluate
from initport.grammar.layout import ROLES
from initport.grammar.meaning import CONSTANTS
from initport.grammar.mistakes import recognise, rows
from initport.ir.initializers import RandomNormal, RandomUniform, TruncatedNormal
from initport.ir.scalar import Scalar, Verbatim
from tests.grammar.test_examples import initializer_of

FANS = {"fan_in": ROLES["in"] * ROLES["kernel"], "fan_out": ROLES["out"] * ROLES["kernel"], "kernel": ROLES["kernel"]}


@pytest.mark.parametrize("example", rows().examples, ids=str)
def test_examples(example: Any) -> None:
    found = recognise(initializer_of(example["given"]), FANS)
    if "law" not in example:
        assert found is None
        return
    factor = evaluate(str(example["factor"]), {**ROLES, **CONSTANTS})
    assert found is not None
    assert (found.law.name, found.factor) == (example["law"], factor)
    assert (found.mistake is None) == (factor == Scalar.of(1))


def test_each_mistake_has_a_code() -> None:
    known = {code.code for code in Code}
    assert all(mistake.code in known for mistake in rows().mistakes)


def test_fans_may_be_expressions_of_the_source() -> None:
    fan_in, fan_out = Scalar.of(Verbatim("n_in")), Scalar.of(Verbatim("w.shape[1]"))
    bound = (Scalar.of(6) / (fan_in + fan_out)).sqrt()
    found = recognise(RandomUniform(-bound, bound), {"fan_in": fan_in, "fan_out": fan_out})
    assert found is not None
    assert found.law.name == "Glorot"


def test_one_fan_is_enough() -> None:
    fan_in = Scalar.of(Verbatim("n"))
    found = recognise(TruncatedNormal(Scalar.of(0), (Scalar.of(2) / fan_in).sqrt()), {"fan_in": fan_in})
    assert found is not None
    assert str(found.factor) == "truncated_variance"
    assert recognise(RandomNormal(Scalar.of(0), (Scalar.of(7) / fan_in).sqrt()), {"fan_in": fan_in}) is None
