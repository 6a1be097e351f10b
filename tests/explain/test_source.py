"""`convert` and `explain` of a source file."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from initport.cli import main
from initport.explain.row import Row

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
    keys = ("line", "layer", "weight", "place", "variance_formula", "exact")
    rows = [tuple(row[key] for key in keys) for row in json.loads(result.stdout)["weights"]]
    assert rows == [
        (2, "tf.layers.dense", "kernel", "", "1 / fan_avg", True),
        (2, "tf.layers.dense", "bias", "", "0", True),
        (3, "tf.layers.dense", "kernel", "", "1 / fan_avg", True),
        (4, "", "", "", None, False),
        (5, "", "", "in call (drawn at once)", "2.6 * truncated_variance / fan_in", True),
    ]


@pytest.mark.parametrize("form", ["text", "markdown", "csv"])
def test_other_forms_of_the_table(file: Path, form: str) -> None:
    lines = run("explain", str(file), "--to", "keras", "--output-format", form).stdout.splitlines()
    assert len(lines) == (7 if form == "markdown" else 6)
    assert all(name in lines[0] for name in ("line", "place", "source", "distribution", "variance", "target"))


def test_a_network_and_source_have_the_same_keys(file: Path) -> None:
    """Whatever the input is: one type of row, one set of keys, one word for exact."""
    network = file.with_name("net.prototxt")
    network.write_text('layer { name: "a" type: "InnerProduct" inner_product_param { num_output: 4 } }')
    found = [json.loads(run("explain", str(path), "--output-format", "json").stdout) for path in (file, network)]
    assert {tuple(table) for table in found} == {("target", "weights", "diagnostics")}
    assert {tuple(row) for table in found for row in table["weights"]} == {tuple(Row.__annotations__)}
    assert {row["exact"] for table in found for row in table["weights"]} <= {True, False, None}
    assert [table["target"] for table in found] == ["keras", "torch"]


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
    (row,) = json.loads(explained.stdout)["weights"]
    assert "tf.keras.initializers.lecun_uniform()" in row["target"]


def test_explain_of_a_notebook(tmp_path: Path) -> None:
    cells = [["%matplotlib inline\n", "import tensorflow as tf\n", "!ls\n"], "i = tf.zeros_initializer()\nprint 1"]
    path = tmp_path / "model.ipynb"
    path.write_text(json.dumps({"cells": [{"cell_type": "code", "source": source} for source in cells]}))
    result = run("explain", str(path), "--output-format", "json", "--to", "torch")
    assert result.exit_code == 0
    (row,) = json.loads(result.stdout)["weights"]
    assert (row["line"], row["target"]) == (5, "nn.init.zeros_")
    path.write_text("{")
    assert run("explain", str(path)).exit_code == 2


def test_explain_of_pytorch(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(
        "import torch.nn.init as init\ninit.kaiming_normal_(m.weight, nonlinearity='relu')\n"
        "init.uniform_(m.weight, -b, b)\nstart = init.zeros_\n"
    )
    result = run("explain", str(path), "--output-format", "json", "--to", "torch")
    assert result.exit_code == 0
    keys = ("place", "distribution", "variance_formula", "target", "exact")
    assert [tuple(row[key] for key in keys) for row in json.loads(result.stdout)["weights"]] == [
        ("fills m.weight", "normal", "2 / fan_in", None, True),
        ("fills m.weight", "uniform", "b ** 2 / 3", None, True),
        ("assigned to start", "constant", "0", None, True),
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
