"""Every initializer of a module, with what it draws and what becomes of it."""

from dataclasses import replace

import pytest

from initport.project.processes import Run, process_alone
from initport.rewrite.inventory import BY_VERSION, COMPUTED, UNKNOWN, Entry

TF = "import tensorflow as tf\n"
CONTRIB = "tensorflow.contrib.layers.xavier_initializer"
KERAS = "from keras.layers import Dense\n"
GLOROT = "uniform, variance 1 / fan_avg (Glorot)"


def entries(text: str, *versions: str, to: str = "keras", path: str = "a.py") -> tuple[Entry, ...]:
    run = replace(Run.of({"to": to, "source_version": versions}), inventory=True)
    return process_alone(text.encode(), path, run, {}).entries


@pytest.mark.parametrize("text", ["", "x = 1\n", "import torch\n", TF, f"{TF}x = tf.constant(1)\n", "def f(:\n"])
def test_what_holds_no_initializer_has_no_entry(text: str) -> None:
    assert entries(text) == ()


def test_nothing_is_listed_where_nobody_asks() -> None:
    text = f"{TF}w = tf.contrib.layers.xavier_initializer()\n"
    assert process_alone(text.encode(), "a.py", Run.of({"to": "keras"}), {}).entries == ()


@pytest.mark.parametrize(
    ("line", "framework", "function", "kind", "state"),
    [
        ("i = tf.contrib.layers.xavier_initializer()", "TensorFlow", CONTRIB, GLOROT, "converted"),
        ("i = tf.contrib.layers.xavier_initializer()  # initport: ignore", "TensorFlow", CONTRIB, GLOROT, "silenced"),
        ("i = tf.constant_initializer(0.1)", "TensorFlow", "tensorflow.constant_initializer", "constant 0.1",
         "converted"),
        ("i = tf.truncated_normal_initializer(stddev=s)", "TensorFlow", "tensorflow.truncated_normal_initializer",
         f"truncated normal, {COMPUTED}", "converted"),
        ("v = tf.Variable(tf.random_normal([n, m], stddev=(2 / n) ** 0.5))", "TensorFlow", "tensorflow.random_normal",
         "normal, variance 2 / fan_in (He)", "converted"),
        ("v = tf.Variable(tf.random_normal([n, m], stddev=2 / n))", "TensorFlow", "tensorflow.random_normal",
         "normal, variance 2 / fan_in (He), missed (IP604)", "converted"),
    ],
)  # fmt: skip
def test_an_entry_says_what_is_drawn_and_what_becomes_of_it(
    line: str, framework: str, function: str, kind: str, state: str
) -> None:
    (entry,) = entries(f"{TF}{line}\n", "tf=1.15")
    assert (entry.framework, entry.function, entry.kind, entry.state) == (framework, function, kind, state)
    assert (entry.line, entry.column) == (2, line.index("tf.", line.index("tf.") + 1 if "Variable" in line else 0) + 1)


@pytest.mark.parametrize(
    ("text", "versions", "kind", "law", "state"),
    [
        (f'{KERAS}Dense(3, kernel_initializer="glorot_uniform")\n', (), GLOROT, "uniform, variance 1 / fan_avg",
         "modern"),
        (f'{KERAS}Dense(3, kernel_initializer="he_normal")\n', (), BY_VERSION, None, "modern"),
        (f'{KERAS}Dense(3, kernel_initializer="he_normal")\n', ("keras=2.2.4",),
         "truncated normal, variance 2 / fan_in (He)", "truncated normal, variance 2 / fan_in", "modern"),
        (f'{KERAS}Dense(3, bias_initializer="zeros")\n', (), "constant 0", "constant 0", "modern"),
    ],
)  # fmt: skip
def test_what_needs_no_change_has_an_entry_too(
    text: str, versions: tuple[str, ...], kind: str, law: str | None, state: str
) -> None:
    (entry,) = entries(text, *versions)
    assert (entry.framework, entry.kind, entry.law, entry.state) == ("Keras", kind, law, state)
    assert entry.layer == "Dense"
    assert entry.weight in {"kernel", "bias"}


def test_what_is_refused_has_an_entry_with_its_law() -> None:
    text = "import torch.nn as nn\nnn.init.kaiming_normal_(w, mode='fan_out', nonlinearity='relu')\n"
    (entry,) = entries(text)
    assert (entry.framework, entry.kind, entry.state) == (
        "PyTorch", "normal, variance 2 / fan_out (He by fan_out)", "reported")  # fmt: skip
    assert entries(text, to="torch")[0].state == "modern"


def test_what_cannot_be_read_has_an_entry_without_a_law() -> None:
    (entry,) = entries(f"{TF}i = tf.random_uniform_initializer(*bounds)\n")
    assert (entry.law, entry.kind, entry.state) == (None, UNKNOWN, "reported")


def test_entries_of_a_notebook_stand_where_they_are_in_its_file() -> None:
    source = '"import tensorflow as tf\\n", "i = tf.contrib.layers.xavier_initializer()"'
    cell = f'{{"cell_type": "code", "execution_count": null, "metadata": {{}}, "outputs": [], "source": [{source}]}}'
    text = f'{{"cells": [\n{cell}],\n"metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}'
    (entry,) = entries(text, path="a.ipynb")
    assert entry.line == 2
    assert entry.column == cell.index("tf.contrib") + 1
