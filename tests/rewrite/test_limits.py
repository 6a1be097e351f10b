"""What a file costs, and what is too much: no file ends a run, and none costs more than its size."""

import itertools
import os
import sys
from pathlib import Path

import pytest

from benchmarks.growth import SHAPES
from initport.diagnostics import Code
from initport.grammar.versions import Versions
from initport.project import processes as runs
from initport.project.processes import Run, one, outcomes
from initport.python import module_sites as reader
from initport.python.text import Text
from initport.python.vocabulary import names
from initport.rewrite.outcome import Outcome, may_hold_sites
from tests.rewrite.rewriting import outcome, rewritten

TF = "import tensorflow as tf\n"
SITE = "tf.random_normal_initializer(stddev=1)"
ROOT = Path(__file__).parents[2]


def chained(pattern: str, count: int) -> str:
    return "".join(pattern.format(n=n, m=n + 1) for n in range(count))


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("a0 = tf\n" + chained("a{m} = a{n}\n", 600) + f"x = a600{SITE[2:]}\n", id="names"),
        pytest.param("a0 = tf\n" + chained("if c: a{m} = a{n}\nelse: a{m} = a{n}\n", 100) + f"x = a100{SITE[2:]}\n",
                     id="diamonds"),
        pytest.param(f"if a:\n  x = {SITE}\n" + chained("elif a:\n  pass\n", 300), id="elif"),
        pytest.param("if a: import os\n" + chained("elif a: import os\n", 40) + f"x = {SITE}\n", id="imports"),
        pytest.param(f"w = tf.Variable({' + '.join(['tf.random_normal([3, 3])'] * 900)})\nx = {SITE}\n", id="summands"),
        pytest.param("w0 = tf.random_normal([3, 3])\n" + chained("w{m} = w{n}\n", 600) + "v = tf.Variable(w600)\n",
                     id="values"),
    ],
)  # fmt: skip
def test_no_chain_is_too_long(source: str) -> None:
    assert outcome((TF + source).encode()).changes


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"x = {SITE}\n" + "".join(f"{' ' * n}if a:\n" for n in range(300)) + " " * 300 + "pass\n",
                     id="indentation"),
        pytest.param(f"print 1\nx = {SITE}\n" + "".join(f"{' ' * n}if a:\n" for n in range(3000)) + " " * 3000
                     + "pass\n", id="indentation in Python 2"),
        pytest.param(f"x = {SITE}{'()' * 6000}\n", id="calls"),
        pytest.param(f"x = {SITE}\ny = {'(' * 300}1{')' * 300}\n", id="parentheses"),
        pytest.param(f"x = {SITE}\ny = {'-' * 20000}1\n", id="signs"),
    ],
)  # fmt: skip
def test_what_is_too_deep_is_a_finding(source: str) -> None:
    found = outcome((TF + source).encode())
    assert found.after is None
    assert [item.code for item in found.diagnostics] == [Code.UNPARSABLE]


def test_what_is_deep_in_one_site_costs_that_site() -> None:
    deep = f"tf.random_normal_initializer(stddev={'f' + '()' * 900})"
    found = outcome(f"{TF}x = {deep}\ny = {SITE}\n".encode())
    assert len(found.changes) + len(found.diagnostics) == 2


COMMON = ("sites, one a line", "alias diamonds", "rebindings", "keywords of one call", "notebook strings", "arg_scope")
"""Shapes that every run looks at; the others are slow tests."""


@pytest.mark.parametrize(
    "shape", [pytest.param(name, marks=[pytest.mark.slow] * (name not in COMMON)) for name in SHAPES]
)
def test_growth(shape: str) -> None:
    """Counted in calls, which are the same in every run: what a line more costs is the same for each."""
    small, medium, large = (_calls(SHAPES[shape](size).encode()) for size in (30, 60, 90))
    assert (large - medium) - (medium - small) <= 0.02 * max(medium - small, 1_000)


def _calls(text: bytes) -> int:
    path = "model.ipynb" if text.startswith(b"{") else "model.py"
    outcome(text, path)  # what is remembered from run to run is remembered then
    count = 0

    def counted(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(counted)
    try:
        outcome(text, path)
    finally:
        sys.setprofile(None)
    return max(count, 2_000)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(f"{TF}x = {SITE}\n")
    assert one(str(path), Run()).changes
    (finding,) = one(str(path), Run(max_file_size=20)).diagnostics
    assert finding.code is Code.TOO_LARGE
    assert "--max-file-size" in finding.detail


def test_a_process_that_ends_costs_its_file_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = []
    for name in ("a", "bad", "c", "d", "worse", "f"):
        (tmp_path / f"{name}.py").write_text(f"{TF}x = {SITE}\n")
        paths.append(str(tmp_path / f"{name}.py"))
    process = runs.process

    def ended(data: bytes, path: str, run: Run) -> Outcome:
        if path.endswith(("bad.py", "worse.py")):
            os._exit(3)
        return process(data, path, run)

    monkeypatch.setattr(runs, "process", ended)
    found = list(outcomes(paths, Run(), 2))
    assert [item.path for item in found] == paths
    assert [len(item.changes) for item in found] == [1, 0, 1, 1, 0, 1]
    assert [item.code for one in found for item in one.diagnostics] == [Code.UNREADABLE] * 2


IMPORTS = {
    f"{TF}import numpy as np\n": ("tf.Variable", "np.random.normal", "tf.random_normal", "tf.random.normal"),
    "from tensorflow import Variable as V, random_normal\nfrom numpy.random import normal\n": ("V", "random_normal",
                                                                                              "normal"),
    "from tensorflow import (random_uniform,\n  Variable\n)\n": ("Variable", "random_uniform"),
    f"{TF}from tensorflow import random as r\nV = tf.Variable\n": ("V", "r.uniform", "r.normal"),
    f"{TF}V = getattr(tf, 'Variable')\nr = tf.random\n": ("V", "r.normal"),
    "from keras.backend import (\n  variable as v)\nimport numpy\nr = numpy.random\n": ("v", "r.normal", "r.uniform"),
    "from theano import shared\nfrom numpy.random import RandomState\n": ("shared", "RandomState(1).normal",
                                                                          "RandomState().uniform"),
    "import theano as t, numpy.random\nS = t.shared\nr = numpy.random.default_rng()\n": ("S", "r.normal"),
}  # fmt: skip
"""What makes a variable, and what draws, by what they are imported with."""

CALLS = ("{}({}(size=(3, 4)))", "{} ({} (size=(3, 4)))", "{}\\\n({}(size=(3, 4)))", "x = {}(\n  {}(size=(3, 4)))")


def draws() -> list[str]:
    written = []
    for head, (variable, *drawing) in IMPORTS.items():
        for draw, call in itertools.product(drawing, CALLS):
            argument = "(3, 4)" if "tensorflow" in head and "np." not in draw and draw != "normal" else "size=(3, 4)"
            written.append(f"{head}{call.replace('size=(3, 4)', argument).format(variable, draw)}\n")
    return written


@pytest.mark.parametrize("source", draws())
def test_every_spelling_of_a_variable_is_seen(source: str) -> None:
    assert may_hold_sites(source.encode())
    assert reader.has_trigger(source.encode(), names(Versions(), source.encode()))
    text = Text(source)
    assert reader.may_hold(text, names(Versions()))
    assert reader.read_tree(reader.parse(source), text, names(Versions())).found


def texts() -> list[Path]:
    return [
        path
        for folder in ("fixtures", "initport", "tests", "benchmarks")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if path.is_file()
    ]


@pytest.mark.slow
def test_what_the_first_look_skips_holds_nothing() -> None:
    known = names(Versions())
    skipped = 0
    for path in texts():
        data = path.read_bytes()
        try:
            content = data.decode()
            tree = reader.parse(content)
        except (UnicodeDecodeError, SyntaxError):
            continue
        text = Text(content)
        if may_hold_sites(data) and reader.has_trigger(data, known) and reader.may_hold(text, known):
            continue
        skipped += 1
        every = range(1, len(text.starts) + 1)
        assert not reader.read_tree(tree, text, known, every).found, path
    assert skipped


def test_the_forms_that_were_missed() -> None:
    assert "RandomNormal" in rewritten(f"{TF}V = tf.Variable\nw = V (tf.random_normal([3, 4], stddev=0.1))\n")
    changed = rewritten("from tensorflow import Variable as V, random_normal\nw = V(random_normal([3, 4]))\n")
    assert "RandomNormal" in changed
