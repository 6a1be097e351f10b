"""The bar: on a terminal, and nowhere else; and that what takes long reports how far it is."""

import io
import sys
from pathlib import Path

import pytest

from initport.cli.progress import progress_bar
from initport.compare.comparison import compare
from initport.conversion import convert, read
from initport.testing import _port
from initport.verify.measure import Job, measure
from tests.compare import ports
from tests.fixtures import CASES, source

LENET = Path(source(next(case for case in CASES if case.name == "lenet")))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("quiet", [False, True])
def test_no_bar_in_a_file_or_a_pipe(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("Drawing", quiet) as progress:
        assert progress is None
    assert stream.getvalue() == ""


def test_a_quiet_run_shows_none_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with progress_bar("Drawing", quiet=True) as progress:
        assert progress is None
    assert stream.getvalue() == ""


def test_a_terminal_shows_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with progress_bar("Drawing") as progress:
        assert progress is not None
        progress(3, 4)
    assert "Drawing" in stream.getvalue()
    assert "75%" in stream.getvalue()


def test_builds_of_a_port_are_counted() -> None:
    seen: list[tuple[int, int]] = []
    found = compare(read(LENET.read_bytes(), path=str(LENET)).model, _port(ports.exact, 0), source_name="lenet",
                    port_name="exact", effect=0.1, progress=lambda done, of: seen.append((done, of)))  # fmt: skip
    assert [done for done, _ in seen] == [*range(1, (found.builds or 0) + 1)]
    assert seen[-1][0] == seen[-1][1]


def test_weights_that_are_verified_are_counted() -> None:
    result = convert(LENET.read_bytes(), path=str(LENET), target="torch")
    assert result.text is not None
    assert result.plan is not None
    seen: list[tuple[int, int]] = []
    measure([Job("lenet", result.text, result.plan)], "torch", effect=0.2,
            progress=lambda done, of: seen.append((done, of)))  # fmt: skip
    assert seen == [(done, 8) for done in range(1, 9)]
