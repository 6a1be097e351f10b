"""Every fixtures/codemod/<case>.in.py becomes <case>.keras.py and <case>.torch.py, and those stay as they are.

For PyTorch the weights of layers that are not seen are taken for those of dense layers and convolutions, as they are in
these programs; torch.txt has what is refused with that assumption, and what without it. The programs' figures
(figures.json) are what their weights measured on TensorFlow 1.15.5. ``--accept`` writes the results anew.
"""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from initport.project.processes import Run
from tests.rewrite.rewriting import bytes_after, outcome

FIXTURES = Path(__file__).parents[2] / "fixtures" / "codemod"
CASES = sorted(path.name.removesuffix(".in.py") for path in FIXTURES.glob("*.in.py"))
RUNS = {"keras": Run(), "torch": Run(target="torch", assume=frozenset({"dense", "conv"}))}


def written_for(case: str, run: Run) -> Run:
    """The run on a program for a Keras of its own."""
    return replace(run, versions={"keras": (1, 2, 2) if case.startswith("keras_1_") else (2, 3, 1)})


def source(case: str) -> bytes:
    return (FIXTURES / f"{case}.in.py").read_bytes()


@pytest.mark.parametrize("target", RUNS)
@pytest.mark.parametrize("case", CASES)
def test_fixture(case: str, target: str, request: pytest.FixtureRequest) -> None:
    run = written_for(case, RUNS[target])
    path, found = FIXTURES / f"{case}.{target}.py", bytes_after(source(case), run=run)
    if request.config.getoption("--accept"):
        path.write_bytes(found)
    expected = path.read_bytes()
    assert found == expected
    assert bytes_after(expected, run=run) == expected
    ast.parse(expected)


def test_what_pytorch_is_refused(request: pytest.FixtureRequest) -> None:
    lines = []
    for case in CASES:
        for run, said in ((RUNS["torch"], ""), (Run(target="torch"), "not assuming: ")):
            lines += [f"{said}{item}\n" for item in outcome(source(case), case, written_for(case, run)).diagnostics]
    path, found = FIXTURES / "torch.txt", "".join(lines)
    if request.config.getoption("--accept"):
        path.write_text(found)
    assert found == path.read_text()


def test_there_are_cases() -> None:
    assert len(CASES) > 50
