"""What a check makes of values outside a truncated normal's bounds."""

import math

import keras
import pytest

from initport.ir.moments import Moments
from initport.verify.sampling import FALSE_ALARM, TRUNCATION_LEAK, Sample, judge, most

TRUTH = Moments(0.0, 0.7737413035, -2.0, 2.0)
N = 4_000_000


def sample(outside: int) -> Sample:
    variance = TRUTH.variance
    return Sample(N, 0.0, variance * N, 2.3655 * variance**2 * N, -2.0, 2.0, 0, outside)


@pytest.mark.parametrize(
    ("leak", "outside", "good"),
    [
        (0.0, 0, True),
        (0.0, 1, False),
        (TRUNCATION_LEAK, 0, True),
        (TRUNCATION_LEAK, 17, True),
        (TRUNCATION_LEAK, most(N * TRUNCATION_LEAK), True),
        (TRUNCATION_LEAK, most(N * TRUNCATION_LEAK) + 1, False),
        (TRUNCATION_LEAK, round(N * 0.0455), False),  # no truncation at all
    ],
)
def test_a_known_leak_is_allowed_for_and_no_more(leak: float, outside: int, good: bool) -> None:
    assert (judge(sample(outside), TRUTH, leak).problem is None) is good


@pytest.mark.parametrize("expected", [0.0, 0.01, 1.0, 17.0, 900.0])
def test_the_bound_is_that_of_rare_events(expected: float) -> None:
    """By the distribution's own sum, the other way round."""
    bound = most(expected)
    terms = [math.exp(k * math.log(expected) - expected - math.lgamma(k + 1)) if expected else 0.0 for k in range(2000)]
    allowed = math.erfc(FALSE_ALARM / math.sqrt(2))
    assert math.fsum(terms[bound + 1 :]) <= allowed
    assert bound == 0 or math.fsum(terms[bound:]) > allowed


@pytest.mark.slow
@pytest.mark.skipif(keras.backend.backend() != "torch", reason="the leak is that of Keras's torch backend")
def test_the_leak_is_as_large_as_stated() -> None:
    """Eight million draws, of which 34 are expected outside: within five standard errors."""
    keras.utils.set_random_seed(3)
    drawn, outside = 0, 0
    while drawn < 8_000_000:
        values = keras.ops.convert_to_numpy(keras.random.truncated_normal((1_000_000,)))
        drawn, outside = drawn + values.size, outside + int((abs(values) > 2).sum())
    expected = drawn * TRUNCATION_LEAK
    assert abs(outside - expected) < FALSE_ALARM * math.sqrt(expected)
    assert pytest.approx(233_300, rel=1e-3) == 1 / TRUNCATION_LEAK
