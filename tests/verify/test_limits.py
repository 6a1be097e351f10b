"""What a network asks for is refused before it is allocated, and a program that takes too much is ended."""

import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.ir.initializers import RandomNormal, Sparse
from initport.ir.law import law
from initport.ir.moments import Moments
from initport.ir.scalar import Scalar
from initport.verify.sampling import (
    MOST_DRAWS,
    RUN_LEVEL,
    TESTS,
    Sample,
    draws,
    judge,
    level_of,
)
from initport.verify.worker import FrameworkError, Limits, Worker

LARGE = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 200000 } } }
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc"
  inner_product_param { num_output: 200000 weight_filler { type: "xavier" } } }
"""


def test_sizes_are_refused_before_anything_is_allocated(tmp_path: Path) -> None:
    """A kernel of 160 GB; no process is started for it."""
    path = tmp_path / "net.prototxt"
    path.write_text(LARGE)
    start = time.perf_counter()
    found = CliRunner().invoke(main, ["verify", str(path)])
    assert time.perf_counter() - start < 10
    assert found.exit_code == 2
    assert "fc.weight alone 40,000,000,000" in found.stderr
    assert "--memory" in found.stderr


def test_a_program_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\n\n\ndef make() -> None:\n    time.sleep(600)\n")
    with Worker("build_program.py", limits=Limits(seconds=5)) as worker:
        asked = {"factory": "slow:make", "text": None, "path": [str(tmp_path)], "seed": 0, "memory": None}
        start = time.perf_counter()
        with pytest.raises(FrameworkError, match="longer than 5 seconds"):
            worker.ask("load", asked)
        assert time.perf_counter() - start < 60
    assert worker.process.returncode is not None


def test_a_program_that_takes_too_much_memory_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "greedy.py").write_text("def make() -> object:\n    return bytearray(2**31)\n")
    with Worker("build_program.py") as worker:
        asked = {"factory": "greedy:make", "text": None, "path": [str(tmp_path)], "seed": 0, "memory": 2**29}
        with pytest.raises(FrameworkError, match="more memory than it may have"):
            worker.ask("load", asked)


def test_what_a_port_prints_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text('def make() -> object:\n    print("{}")\n    raise ValueError("after it")\n')
    with Worker("build_program.py") as worker:
        asked = {"factory": "loud:make", "text": None, "path": [str(tmp_path)], "seed": 0, "memory": None}
        with pytest.raises(FrameworkError, match="ValueError: after it"):
            worker.ask("load", asked)


def test_draws_of_a_sparse_weight_are_bounded() -> None:
    sparse = Sparse(RandomNormal(Scalar.of(0), Scalar.of(1)), Scalar.of(1) / 100_000)
    assert draws(sparse, {}, 0.001) == MOST_DRAWS


def test_a_run_keeps_its_level() -> None:
    assert level_of(100) * 100 * TESTS == pytest.approx(RUN_LEVEL)
    assert level_of(0) == level_of(1)


STANDARD = RandomNormal(Scalar.of(0), Scalar.of(1))
TRUTH = Moments(0.0, 1.0, -float("inf"), float("inf"))


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        (Sample(10_000, 0.0, 10_000.0, 30_000.0, -4.0, 4.0, 0), None),
        (Sample(10_000, 600.0, 10_000.0, 30_000.0, -4.0, 4.0, 0), "the mean is 0.06"),
        (Sample(10_000, 0.0, 11_000.0, 36_300.0, -4.0, 4.0, 0), "the variance is 1.1 times"),
        (Sample(10_000, 0.0, 10_000.0, 30_000.0, -4.0, 4.0, 50), "0.005 of the values are zeros"),
        (Sample(10_000, 0.0, 10_000.0, 30_000.0, -4.0, 4.0, 0, 0, ((0.0, 5000),)), None),
        (Sample(10_000, 0.0, 10_000.0, 30_000.0, -4.0, 4.0, 0, 0, ((1.0, 8000),)), "the shape differs"),
        (Sample(10_000, float("nan"), 1.0, 1.0, 0.0, 0.0, 0), "not every element was set"),
    ],
)
def test_what_differs_is_named(sample: Sample, words: str | None) -> None:
    problem = judge(sample, TRUTH, known=law(STANDARD, {})).problem
    assert (problem is None) if words is None else (problem is not None and words in problem)


@pytest.mark.parametrize(
    ("n", "ratio", "seen"), [(10, 2.5, False), (10, 1.0, False), (10, 9.0, True), (10_000, 1.1, True)]
)
def test_few_draws_are_judged_by_their_own_tails(n: int, ratio: float, seen: bool) -> None:
    """The square of a normal value is far from normal: of ten draws a variance of 2.5 is nothing to speak of."""
    sample = Sample(n, 0.0, ratio * n, 3 * ratio**2 * n, -3.0, 3.0, 0)
    verdict = judge(sample, TRUTH, known=law(STANDARD, {}), level=1e-4)
    assert (verdict.problem is not None) is seen
    assert verdict.interval is not None
    assert verdict.interval[0] < ratio < verdict.interval[1]
