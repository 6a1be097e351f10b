"""Every fixtures/codemod/<case>.in.py becomes <case>.keras.py, and that stays as it is.

The programs' figures (figures.json) are what their weights measured on TensorFlow 1.15.5.
"""

import ast
from pathlib import Path

import pytest

from tests.codemod.rewriting import bytes_after

FIXTURES = Path(__file__).parents[2] / "fixtures" / "codemod"
CASES = sorted(path.name.removesuffix(".in.py") for path in FIXTURES.glob("*.in.py"))


@pytest.mark.parametrize("case", CASES)
def test_fixture(case: str) -> None:
    expected = (FIXTURES / f"{case}.keras.py").read_bytes()
    assert bytes_after((FIXTURES / f"{case}.in.py").read_bytes()) == expected
    assert bytes_after(expected) == expected
    ast.parse(expected)


def test_there_are_cases() -> None:
    assert len(CASES) > 50
