"""How many processes a command works in where it is not stated."""

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from initport.cli import main
from initport.project import processes
from initport.project.options import JOBS

HOOKS = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "command", ["initport codemod", *(hook["entry"] for hook in HOOKS), "initport codemod --jobs 3"]
)
def test_all_cores_where_a_run_is_long(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    asked: list[int | None] = []

    def outcomes(paths: list[str], run: Any, jobs: int | None, cache: Any) -> tuple[()]:
        asked.append(jobs)
        return ()

    monkeypatch.setattr(processes, "outcomes", outcomes)
    words = shlex.split(command)[1:]
    assert CliRunner().invoke(main, [*words, "--isolated", "--no-cache", str(tmp_path)]).exit_code == 0
    assert asked == [3 if "--jobs" in words else None]  # `outcomes` says what None is


def test_pre_commit_starts_one_process() -> None:
    """Which then has all files, and starts others where that gains time."""
    assert all(hook["require_serial"] for hook in HOOKS)


@pytest.mark.parametrize(("given", "jobs"), [([], 7), (["--jobs", "3"], 3)])
def test_a_scan_takes_all_cores(given: list[str], jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = pytest.importorskip("initport.scan.corpus", reason="pyarrow is not installed")
    asked: list[int] = []

    def scan(*_: Any, **options: Any) -> None:
        asked.append(options["jobs"])
        raise corpus.OutputError("enough")

    monkeypatch.setattr(processes, "cores", lambda: 7)
    monkeypatch.setattr(corpus, "scan", scan)
    assert CliRunner().invoke(main, ["scan", str(tmp_path), "-o", str(tmp_path / "out"), *given]).exit_code == 2
    assert asked == [jobs]


@pytest.mark.parametrize(("command", "stated"), [("codemod", JOBS.note), ("scan", "all cores")])
def test_the_help_says_so(command: str, stated: str) -> None:
    words = " ".join(CliRunner().invoke(main, [command, "--help"]).output.split())
    assert f"Processes. [default: ({stated}); x>=1]" in words
