"""Processes that work for a run end with it, whatever ends it."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from initport.project import processes as module
from initport.project.processes import Run, outcomes

ENVIRONMENT = dict(os.environ)
TRIALS = int(os.environ.get("INITPORT_TRIALS", "3"))
SLOW = "import tensorflow as tf\n" + "".join(f"i{index} = tf.zeros_initializer()\n" for index in range(400))


def children(process: int) -> list[int]:
    text = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def end_by(number: signal.Signals) -> None:
    """Let a process end by a signal that whoever runs the tests may ignore, as `nohup` does."""
    if number != signal.SIGKILL:
        signal.signal(number, signal.SIG_DFL)


def lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="there is no /proc to look for processes in")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL], ids=lambda value: value.name)
def test_no_worker_outlives_its_run(tmp_path: Path, number: signal.Signals) -> None:
    for index in range(80):
        (tmp_path / f"f{index}.py").write_text(SLOW)
    command = [sys.executable, "-m", "initport", "codemod", "--jobs", "2", "--isolated", "--no-cache", "-q", "."]
    for _ in range(TRIALS):
        with subprocess.Popen(
            command,
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=partial(end_by, number),
        ) as process:
            workers: list[int] = []
            while len(workers) < 2:
                assert process.poll() is None
                workers = children(process.pid)
                time.sleep(0.005)
            process.send_signal(number)
            process.communicate(timeout=10)  # and nobody else holds its pipes
        end = time.monotonic() + 2
        while any(map(lives, workers)) and time.monotonic() < end:
            time.sleep(0.01)
        assert not any(map(lives, workers))


def test_other_processes_are_started_only_where_a_run_is_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [str(tmp_path / f"f{index}.py") for index in range(6)]
    for path in paths:
        Path(path).write_text("import tensorflow as tf\ni = tf.zeros_initializer()\n")
    started: list[int] = []
    whole = module._parallel

    def parallel(paths: list[str], run: Run, jobs: int, cache: None) -> object:
        started.append(jobs if len(paths) > 1 else 1)
        return whole(paths, run, jobs, cache)

    monkeypatch.setattr(module, "_parallel", parallel)
    monkeypatch.setattr(module, "cores", lambda: 2)
    monkeypatch.setattr(module, "ALONE", 100.0)
    assert [item.path for item in outcomes(paths, Run(), None)] == paths
    assert started == [1]
    monkeypatch.setattr(module, "ALONE", 0.0)
    assert [item.path for item in outcomes(paths, Run(), None)] == paths
    assert started == [1, 2]


@pytest.mark.parametrize(
    ("count", "jobs", "sizes"),
    [
        (0, 2, []),
        (2, 2, [1, 1]),
        (20, 2, [1] * 20),
        (100, 2, [6, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 2, 2, 2, 2, 2, 2, 2, *[1] * 31]),
        (600, 1, [32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 32, 31]),
    ],
)
def test_the_last_are_dealt_one_by_one(count: int, jobs: int, sizes: list[int]) -> None:
    paths = list(map(str, range(count)))
    dealt = list(module._deal(paths, jobs))
    assert [path for chunk in dealt for path in chunk] == paths
    assert [len(chunk) for chunk in dealt][: len(sizes)] == sizes


START = """
import multiprocessing, sys
from initport.project.processes import Run, outcomes
if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    for outcome in outcomes(sys.argv[2:], Run(), 2):
        print(outcome.path, outcome.after)
"""


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_however_processes_start(method: str, tmp_path: Path) -> None:
    (tmp_path / "start.py").write_text(START)
    paths = [tmp_path / f"{index}.py" for index in range(3)]
    for index, path in enumerate(paths):
        path.write_text(f"import tensorflow as tf\ni = tf.constant_initializer({index}.5)\n")
    ran = subprocess.run(
        [sys.executable, tmp_path / "start.py", method, *paths], env=ENVIRONMENT, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        f"{item.path} {item.after!r}" for item in outcomes(list(map(str, paths)), Run(), 1)
    ]
