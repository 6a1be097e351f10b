"""`convert` and `explain` of a source file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main

SOURCE = """import tensorflow as tf
x = tf.layers.dense(x, 3, kernel_initializer=tf.contrib.layers.xavier_initializer())
y = tf.layers.dense(x, 3, use_bias=False)
z = tf.contrib.layers.xavier_initializer(**options)
v = tf.Variable(tf.contrib.layers.variance_scaling_initializer()((3, 4)))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text(SOURCE)
    return path


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=stdin)


def test_convert_prints_the_rewritten_file(file: Path) -> None:
    result = run("convert", str(file), "--to", "keras")
    assert result.exit_code == 1
    assert "kernel_initializer=tf.keras.initializers.glorot_uniform())" in result.stdout
    assert result.stdout.splitlines()[3] == SOURCE.splitlines()[3]
    assert "IP224" in result.stderr
    assert file.read_text() == SOURCE


def test_convert_writes_the_rewritten_file(file: Path) -> None:
    output = file.with_name("new.py")
    assert run("convert", str(file), "--to", "keras", "-o", str(output)).exit_code == 1
    assert "glorot_uniform" in output.read_text()


def test_explain_tables_every_initializer_and_default(file: Path) -> None:
    result = run("explain", str(file), "--to", "keras", "--output-format", "json")
    assert result.exit_code == 1
    rows = [(row["line"], row["place"], row["variance"], row["exact"]) for row in json.loads(result.stdout)["sites"]]
    assert rows == [
        (2, "argument kernel_initializer of tf.layers.dense", "1 / fan_avg", "yes"),
        (2, "bias of tf.layers.dense", "0", "-"),
        (3, "kernel of tf.layers.dense", "1 / fan_avg", "-"),
        (4, "", "?", "REFUSED"),
        (5, "in call (drawn at once)", "2.6 * truncated_variance / fan_in", "yes"),
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "csv"])
def test_other_forms_of_the_table(file: Path, form: str) -> None:
    lines = run("explain", str(file), "--to", "keras", "--output-format", form).stdout.splitlines()
    assert len(lines) == (7 if form == "markdown" else 6)
    assert all(name in lines[0] for name in ("line", "place", "source", "distribution", "variance", "target"))


@pytest.mark.parametrize("command", ["convert", "explain"])
def test_source_is_rewritten_for_pytorch(file: Path, command: str) -> None:
    result = run(command, str(file), "--to", "torch")
    assert result.exit_code == 1
    assert "nn.init.xavier_uniform_" in result.stdout


def test_options_of_source_code() -> None:
    source = "import tensorflow as tf\ni = tf.uniform_unit_scaling_initializer()\n"
    arguments = ("-", "--stdin-filename", "model.py", "--to", "keras")
    assert run("convert", *arguments, stdin=source).stdout == source
    converted = run("convert", *arguments, "--assume", "matrix", "--keras-module", "keras", stdin=source)
    assert converted.exit_code == 0
    assert "keras.initializers.LecunUniform()" in converted.stdout
    explained = run("explain", *arguments, "--assume", "matrix", "--output-format", "json", stdin=source)
    (row,) = json.loads(explained.stdout)["sites"]
    assert "tf.keras.initializers.lecun_uniform()" in row["target"]


def test_explain_of_a_notebook(tmp_path: Path) -> None:
    cells = [["%matplotlib inline\n", "import tensorflow as tf\n", "!ls\n"], "i = tf.zeros_initializer()\nprint 1"]
    path = tmp_path / "model.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in cells]}))
    result = run("explain", str(path), "--output-format", "json")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)["sites"]
    assert (row["line"], row["target"]) == (5, "nn.init.zeros_")
    path.write_text("{")
    assert run("explain", str(path)).exit_code == 2


def test_explain_of_pytorch(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "import torch.nn.init as init\ninit.kaiming_normal_(m.weight, nonlinearity='relu')\n"
        "init.uniform_(m.weight, -b, b)\nstart = init.zeros_\n"
    )
    result = run("explain", str(path), "--output-format", "json")
    assert result.exit_code == 0
    rows = [tuple(row.values()) for row in json.loads(result.stdout)["sites"]]
    assert [(row[1], *row[3:7]) for row in rows] == [
        ("fills m.weight", "normal", "2 / fan_in", "-", "yes"),
        ("fills m.weight", "uniform", "b ** 2 / 3", "-", "yes"),
        ("assigned to start", "constant", "0", "-", "yes"),
    ]


def test_what_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("(((xavier_initializer")
    converted = run("convert", str(broken), "--to", "keras")
    assert converted.exit_code == 1
    assert "broken.py:1" in converted.stderr
    explained = run("explain", str(broken), "--to", "keras")
    assert explained.exit_code == 1
    assert "REFUSED" in explained.stdout
    assert run("explain", str(tmp_path / "missing.py"), "--to", "keras").exit_code == 2
