"""Whatever an input holds, there is an answer or a refusal, and never an exception.

A run of some seconds is part of the tests. A long one is asked for by

    python -m tests.fuzz 100000

where the number is that of the cases of each property.
"""

import os
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from initport.conversion import read
from initport.diagnostics import Code
from tests.fuzz import generators
from tests.fuzz.properties import PROPERTIES, run

CASES = int(os.environ.get("INITPORT_FUZZ", "25"))
"""Cases of each property."""


@pytest.mark.parametrize("name", PROPERTIES)
def test_property(name: str) -> None:
    @settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        derandomize="INITPORT_FUZZ" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.randoms(use_true_random=False))
    def holds(random: Random) -> None:
        PROPERTIES[name](random)

    holds()


def test_a_failure_is_reported_with_the_number_of_its_first_case() -> None:
    def fails(random: Random) -> None:
        assert random.random() < 0.5

    def holds(random: Random) -> None:
        assert random.random() < 1

    first = next(number for number in range(100) if Random(number).random() >= 0.5)
    (found,) = run("fails", 0, 100, {"fails": fails}).items()
    assert found[0].startswith("AssertionError at test_fuzz.py:")
    assert found[1] == first
    assert run("holds", 0, 100, {"holds": holds}) == {}


@pytest.mark.parametrize("odd", ["alpha: 1", "odd { }"])
def test_an_unknown_field_of_a_filler_is_refused_with_the_reason(odd: str) -> None:
    fields = ["num_output: 3", f'weight_filler {{ type: "xavier" {odd} }}']
    text = generators.written([("InnerProduct", fields)])
    (found,) = read(text, path="net", source="caffe").diagnostics
    assert found.code is Code.UNKNOWN_INITIALIZER
    assert "have no field" in found.detail
