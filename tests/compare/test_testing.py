"""`assert_same_initialization`, as a port's own test suite calls it."""

import pytest

from initport.testing import assert_same_initialization, compare_initialization
from tests.compare import ports
from tests.fixtures import CASES, source

LENET = source(next(case for case in CASES if case.name == "lenet"))


def test_a_right_factory_passes_and_says_how_it_was_measured() -> None:
    found = assert_same_initialization(ports.exact, LENET, effect=0.05)
    assert found.sentence == "8 of 8 weights start as the source says"
    assert (found.builds or 0) > 1


def test_a_wrong_factory_fails_with_the_mistake_and_the_line_that_mends_it() -> None:
    with pytest.raises(AssertionError) as raised:
        assert_same_initialization(ports.glorot, str(LENET), effect=0.05)
    message = str(raised.value)
    assert message.startswith("4 of 8 weights start as the source says, 4 start differently")
    assert "Glorot where the source has LeCun (Caffe's xavier)" in message
    assert 'w = model.ip1.weight; nn.init.kaiming_uniform_(w, nonlinearity="linear")' in message


def test_a_single_model_passes_only_partially() -> None:
    model = ports.exact()
    with pytest.raises(AssertionError, match="undecided"):
        assert_same_initialization(model, LENET)
    assert_same_initialization(model, LENET, partial=True)


def test_patterns_and_options_are_passed_on() -> None:
    found = compare_initialization(ports.exact, LENET, effect=0.05, only=["ip*"], phase="TEST")
    assert {row.source for row in found.rows} == {"ip1 kernel", "ip1 bias", "ip2 kernel", "ip2 bias"}


def test_nothing_compared_is_no_success() -> None:
    with pytest.raises(AssertionError, match="nothing was compared"):
        assert_same_initialization(ports.exact, LENET, only=["nothing"])


def test_the_test_is_repeatable() -> None:
    rows = [compare_initialization(ports.exact, LENET, effect=0.1, seed=5).rows for _ in range(2)]
    assert [row.sample for row in rows[0]] == [row.sample for row in rows[1]]
