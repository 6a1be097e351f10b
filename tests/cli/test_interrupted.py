"""Runs that are cut short: by Ctrl-C, and by a pipe whose reader has seen enough."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENVIRONMENT = dict(os.environ)
BEFORE = "import tensorflow as tf\n" + "".join(
    f"i{index} = tf.contrib.layers.xavier_initializer()\n" for index in range(10)
)

HEEDING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


def after(tmp_path: Path) -> str:
    path = tmp_path / "model.py"
    path.write_text(BEFORE)
    command = [sys.executable, "-m", "initport", "codemod", "--write", str(path)]
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
    assert path.read_text() != BEFORE
    return path.read_text()


@pytest.mark.parametrize("jobs", ["1", pytest.param("2", marks=pytest.mark.slow)])
def test_ctrl_c_leaves_every_file_whole(tmp_path: Path, jobs: str) -> None:
    new = after(tmp_path)
    tree = tmp_path / "tree"
    tree.mkdir()
    names = [f"f{index:03}.py" for index in range(500)]
    for name in names:
        (tree / name).write_text(BEFORE)
    last = tmp_path / "last.py"
    os.mkfifo(last)  # without a writer, the run cannot end by itself
    command = [sys.executable, "-m", "initport", "codemod", "--write", "-q", "--jobs", jobs, str(tree), str(last)]
    command = [sys.executable, "-c", HEEDING, *command]  # shells make what runs behind them deaf to it
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while (tree / names[0]).read_text() == BEFORE:
            assert process.poll() is None
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does it: to every process of the run
        while process.poll() is None:
            try:
                os.close(os.open(last, os.O_WRONLY | os.O_NONBLOCK))
            except OSError:  # nobody reads it, or no more
                time.sleep(0.001)
        output = process.communicate()
    assert process.returncode == 130, output
    assert "Traceback" not in output[1]
    assert sorted(os.listdir(tree)) == names
    texts = [(tree / name).read_text() for name in names]
    assert set(texts) - {BEFORE} == {new}


@pytest.mark.parametrize("arguments", [["codemod", "."], ["codemod", ".", "--diff"], ["explain", "net.prototxt"]])
@pytest.mark.parametrize("buffered", [True, False])
def test_a_closed_pipe_is_no_traceback(tmp_path: Path, arguments: list[str], buffered: bool) -> None:
    for index in range(20):
        (tmp_path / f"f{index}.py").write_text(BEFORE)
    layer = 'layer {{ name: "l{0}" type: "InnerProduct" inner_product_param {{ num_output: 4 }} }}\n'
    (tmp_path / "net.prototxt").write_text("".join(layer.format(index) for index in range(200)))
    flags = [] if buffered else ["-u"]
    with subprocess.Popen(
        [sys.executable, *flags, "-m", "initport", *arguments],
        cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 1
    assert "Traceback" not in told
    assert "BrokenPipe" not in told
