"""The seeded faults fit the code, and a sample of them is caught; ``python -m tests.mutation`` runs them all."""

from pathlib import Path

import pytest

from tests.mutation import MUTANTS, ROOT, Mutant, copy, is_caught

SAMPLE = [mutant for mutant in MUTANTS if mutant.tests == "tests/emit/test_terms.py"]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.fault)
def test_a_fault_fits_the_code(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.before) == 1
    assert all((ROOT / name).is_file() for name in mutant.tests.split())


def test_there_are_enough() -> None:
    assert len(MUTANTS) >= 40


@pytest.mark.slow
def test_a_sample_is_caught(tmp_path: Path) -> None:
    assert SAMPLE
    folder = copy(tmp_path / "copy")
    assert [mutant.fault for mutant in SAMPLE if not is_caught(mutant, folder)] == []
