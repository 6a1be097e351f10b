"""What the tool emits for every case of ``fixtures/convert``, to the letter; ``--accept`` writes it anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from initport.conversion import convert
from tests.fixtures import CASES, emitted, source


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_emitted_module(case: Path, target: str, request: pytest.FixtureRequest) -> None:
    _compare(case / f"{target}.py", emitted(case, target), request)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_diagnostics(case: Path, request: pytest.FixtureRequest) -> None:
    lines = [
        f"{target}: exit {result.exit_code}\n" + "".join(f"  {item}\n" for item in result.diagnostics)
        for target in ("torch", "keras")
        for result in [convert(source(case).read_bytes(), path=source(case).name, target=target)]
    ]
    _compare(case / "diagnostics.txt", "".join(lines), request)


def _compare(expected: Path, found: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--accept"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_modules_are_formatted(tmp_path: Path) -> None:
    modules = [str(case / f"{target}.py") for case in CASES for target in ("torch", "keras")]
    arguments = ["format", "--check", "--isolated", "--line-length", "88", *modules]
    ran = subprocess.run([sys.executable, "-m", "ruff", *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
