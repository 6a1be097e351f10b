"""Files put in place: whole whatever ends the run, and left alone where they are not what was read."""

import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from initport.project.replace import ChangedError, replace

ENVIRONMENT = dict(os.environ)
BEFORE = "import tensorflow as tf\n" + "".join(f"i{index} = tf.zeros_initializer()\n" for index in range(5))
TRIALS = int(os.environ.get("INITPORT_TRIALS", "2"))
"""How many runs are killed."""


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    replace(str(path), b"x")
    mask = os.umask(0)
    os.umask(mask)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"x", 0o666 & ~mask)


def test_the_mode_and_a_link_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "a.py", tmp_path / "link.py"
    path.write_bytes(b"old")
    path.chmod(0o751)
    link.symlink_to("a.py")
    replace(str(link), b"new", b"old")
    assert link.is_symlink()
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o751)
    assert sorted(os.listdir(tmp_path)) == ["a.py", "link.py"]


def test_what_another_program_wrote_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"theirs")
    with pytest.raises(ChangedError):
        replace(str(path), b"ours", b"old")
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(OSError, match="read-only"):
        replace(str(path), b"new", b"old")
    assert path.read_bytes() == b"old"


def test_a_file_of_several_names_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    os.link(path, tmp_path / "b.py")
    with pytest.raises(OSError, match="2 names"):
        replace(str(path), b"new", b"old")
    assert path.read_bytes() == (tmp_path / "b.py").read_bytes() == b"old"


def test_the_next_run_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    dead, live = tmp_path / f".a.py.{ended.pid}-x1.initport", tmp_path / f".a.py.{os.getpid()}-x2.initport"
    other = tmp_path / f".a.py.{ended.pid}.txt"
    for path in (dead, live, other):
        path.write_bytes(b"part")
    replace(str(tmp_path / "a.py"), b"new")
    assert sorted(os.listdir(tmp_path)) == sorted(["a.py", live.name, other.name])


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["--write"], id="--write"),
        pytest.param(["--add-ignore"], id="--add-ignore", marks=SLOW),
        pytest.param(["--write", "--jobs", "2"], id="--write --jobs 2", marks=SLOW),
    ],
)
def test_a_run_that_is_killed_tears_no_file(tmp_path: Path, arguments: list[str]) -> None:
    """At moments chosen at random: every file is the old one or the new one, and what is left is not a source file."""
    command = [sys.executable, "-m", "initport", "codemod", "-q", *arguments, "."]
    tree = tmp_path / "tree"
    names = [f"f{index:02}.py" for index in range(30)]

    def fresh() -> None:
        tree.mkdir(exist_ok=True)
        for name in names:
            (tree / name).write_text(BEFORE)

    fresh()
    start = time.monotonic()
    subprocess.run(command, cwd=tree, env=ENVIRONMENT, check=False, capture_output=True)
    whole = time.monotonic() - start
    after = (tree / names[0]).read_text()
    assert after != BEFORE
    chance = random.Random(1)
    for _ in range(TRIALS):
        fresh()
        with subprocess.Popen(
            command, cwd=tree, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            time.sleep(whole * chance.uniform(0.3, 1.1))
            process.send_signal(signal.SIGKILL)
        assert {(tree / name).read_text() for name in names} <= {BEFORE, after}
        assert all(name.endswith(".initport") for name in set(os.listdir(tree)) - set(names))
    fresh()
    subprocess.run(command, cwd=tree, env=ENVIRONMENT, check=False, capture_output=True)
    assert sorted(os.listdir(tree)) == names


def test_a_pipe_takes_the_bytes_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    replace(str(pipe), b"text")
    assert os.read(reader, 100) == b"text"
    os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="no /proc")
def test_an_open_descriptor_takes_the_bytes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"before ")
    with log.open("ab") as stream:
        replace(f"/proc/self/fd/{stream.fileno()}", b"text")
    assert log.read_bytes() == b"before text"
    assert os.listdir(tmp_path) == ["log"]


def test_a_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        replace(str(tmp_path), b"text")
    assert os.listdir(tmp_path.parent).count(tmp_path.name) == 1
