"""What is built of the source: the same bytes every time, of dependencies that are bounded."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PARTS = ("initport", "grammars", "hatch_build.py", "pyproject.toml", "README.md", "LICENSE")


def built(folder: Path, seconds: int) -> dict[str, bytes]:
    """The wheel and the source archive of a copy of the source whose files are of another time."""
    source = folder / f"source{seconds}"
    source.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, source / part)
    for path in source.rglob("*"):
        os.utime(path, (1_500_000_000 + seconds,) * 2)
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder / f"dist{seconds}")]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return {path.name: path.read_bytes() for path in (folder / f"dist{seconds}").iterdir()}


@pytest.mark.slow
def test_builds_are_reproducible(tmp_path: Path) -> None:
    first, second = built(tmp_path, 0), built(tmp_path, 7_000)
    assert sorted(path.rpartition(".")[2] for path in first) == ["gz", "whl"]
    assert first == second


PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "requirement", [*PROJECT["project"]["dependencies"], *PROJECT["build-system"]["requires"]], ids=str
)
def test_a_new_major_version_of_a_dependency_is_not_taken(requirement: str) -> None:
    assert re.fullmatch(r"[\w-]+>=[\d.]+,<[\d.]+", requirement)
