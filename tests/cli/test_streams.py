"""Standard streams that are closed or full: no traceback, a fitting exit status, and every file whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

INITPORT = f"{sys.executable} -m initport"
OLD = "import tensorflow as tf\ni = tf.zeros_initializer()\n"
NET = 'layer { name: "a" type: "InnerProduct" inner_product_param { num_output: 4 } }\n'


def run(command: str, directory: Path) -> "subprocess.CompletedProcess[str]":
    environment = dict(os.environ)
    (directory / "a.py").write_text(OLD)
    (directory / "net.prototxt").write_text(NET)
    return subprocess.run(
        ["bash", "-c", f"{INITPORT} {command}"], cwd=directory, env=environment, capture_output=True, text=True,
        check=False, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


CASES = [
    ("codemod a.py >&-", 2),
    ("codemod a.py --write >&-", 0),
    ("codemod a.py 2>&-", 1),
    ("codemod a.py >&- 2>&- <&-", 2),
    ("convert net.prototxt >&-", 2),
    ("convert net.prototxt -o new.py >&-", 0),
    ("convert net.prototxt 2>&-", 0),
    ("explain net.prototxt >&-", 2),
    ("convert - <&-", 2),
    ("codemod - <&-", 0),
    ("--version >&-", 2),
]
FULL = [
    ("codemod a.py >/dev/full", 2),
    ("codemod a.py 2>/dev/full", 2),
    ("codemod a.py --write >/dev/full", 0),
    ("convert net.prototxt >/dev/full", 2),
    ("explain net.prototxt --output-format json >/dev/full", 2),
    ("help >/dev/full", 2),
    ("--version >/dev/full", 2),
]


@pytest.mark.parametrize(("command", "status"), [*CASES, *(FULL if os.path.exists("/dev/full") else [])])
def test_a_stream_that_cannot_be_used(command: str, status: int, tmp_path: Path) -> None:
    ran = run(command, tmp_path)
    assert ran.returncode == status, ran.stderr
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
    assert sorted(os.listdir(tmp_path)) == sorted(
        {"a.py", "net.prototxt", *(["new.py"] if "-o new" in command else [])}
    )
    whole = {OLD, OLD.replace("tf.zeros_initializer", "tf.keras.initializers.Zeros")}
    assert ((tmp_path / "a.py").read_text() in whole) or "--write" in command
