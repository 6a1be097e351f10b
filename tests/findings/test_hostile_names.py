"""Files whose names no output may trip over, from the file system to each format."""

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest

from initport.findings import FORMATS

NAMES = [
    b"caf\xe9.py",
    b"new\nline.py",
    b"a:b,%25.py",
    b"quote\"'`$x.py",
    b"esc\x1b[31m.py",
    "\u202ebidi\u65e5.py".encode(),
]
SOURCE = b"import tensorflow as tf\nw = tf.contrib.layers.xavier_initializer()\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in NAMES:
        try:
            with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
                file.write(SOURCE)
        except OSError:
            pytest.skip("this file system has no such names")
    return tmp_path


def told(tree: Path, name: str) -> str:
    command = [sys.executable, "-m", "initport", "codemod", "-q", "--output-format", name, "."]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    ran = subprocess.run(command, cwd=tree, capture_output=True, check=False, env=environment)
    assert (ran.returncode, ran.stderr) == (1, b"")
    return ran.stdout.decode()


@pytest.mark.parametrize("name", FORMATS)
def test_every_file_is_told_and_nothing_obeyed(tree: Path, name: str) -> None:
    text = told(tree, name)
    assert "\x1b" not in text
    if name in ("concise", "github"):
        assert len(text.splitlines()) == len(NAMES)
    if name == "full":
        assert text.count(": IP501 ") == len(NAMES)


def test_paths_of_sarif_lead_to_the_files(tree: Path) -> None:
    results = json.loads(told(tree, "sarif"))["runs"][0]["results"]
    found = [item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in results]
    assert sorted(map(unquote_to_bytes, found)) == sorted(NAMES)


@pytest.mark.parametrize("name", ["json", "gitlab"])
def test_fingerprints_are_all_different(tree: Path, name: str) -> None:
    found = json.loads(told(tree, name))
    marks = {item["fingerprint"] for item in (found if name == "gitlab" else found["findings"])}
    assert len(marks) == len(NAMES)
