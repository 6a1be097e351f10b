"""What is told of hand-written initializers, which are converted as they are."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.diagnostics import Code
from tests.rewrite.rewriting import outcome

SOURCE = """import numpy as np
import tensorflow as tf
def f(n, m):
    b = np.sqrt(2.0 / n)
    return tf.Variable(tf.random_uniform([n, m], -b, b))
"""


def test_a_mistake_is_told_and_kept() -> None:
    found = outcome(SOURCE.encode())
    assert found.after is not None
    assert b"tf.keras.initializers.RandomUniform(-b, b)([n, m])" in found.after
    (finding,) = found.diagnostics
    assert (finding.code, finding.location.line, finding.location.column) == (Code.STDDEV_AS_BOUND, 5, 24)
    assert "0.333 times the variance of He (2 / fan_in)" in finding.detail
    again = outcome(found.after)
    assert again.after is None
    assert [item.code for item in again.diagnostics] == [Code.STDDEV_AS_BOUND]


def test_a_mistake_is_told_of_values_that_stay() -> None:
    source = "import numpy as np, tensorflow as tf\nv = tf.Variable(np.random.normal(0, {}.0 / n, (n, 3)))\n"
    assert not outcome(source.format(7).encode()).diagnostics
    assert [item.code for item in outcome(source.format(2).encode()).diagnostics] == [Code.MISSING_ROOT]


@pytest.mark.parametrize(
    "made",
    [
        "rng = np.random.RandomState(0)",
        "from numpy.random import RandomState\nrng = RandomState(seed=0)",
        "rng = np.random.default_rng()",
        "rng = np.random.Generator(np.random.PCG64(0))",
    ],
)
def test_generators_of_numpy_draw_as_its_functions(made: str) -> None:
    source = (
        f"import numpy as np, theano\n{made}\nb = np.sqrt({{}}. / n)\nw = theano.shared(rng.uniform(-b, b, (n, 3)))\n"
    )
    assert not outcome(source.format(6).encode()).diagnostics
    assert [item.code for item in outcome(source.format(2).encode()).diagnostics] == [Code.STDDEV_AS_BOUND]


def test_a_generator_that_is_not_known_is_nothing_of_ours() -> None:
    source = "import numpy as np, theano\nb = np.sqrt(2. / n)\nw = theano.shared({}.uniform(-b, b, (n, 3)))\n"
    for made in ("rng", "RandomState(0)", "np.random.mine()"):
        found = outcome(source.format(made).encode())
        assert not found.diagnostics
        assert not found.modern


def test_a_mistake_does_not_count_as_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(SOURCE)
    written = CliRunner().invoke(main, ["codemod", str(path), "--write"])
    assert written.exit_code == 0
    assert "IP601" in written.output
    assert "0 refused" in written.stderr


def test_explain_says_the_law(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(f"{SOURCE}    w = tf.Variable(2 * tf.random_uniform([n, m], -b, b) / 4 + 1)\n")
    result = CliRunner().invoke(main, ["explain", str(path), "--to", "keras", "--output-format", "json"])
    first, second = json.loads(result.stdout)["weights"]
    assert (first["variance_formula"], first["law"]) == ("2 / (3 * n)", "He (2 / fan_in) x 0.333, IP601")
    assert second["law"] == ""
    assert "then computed with" in second["place"]


def test_explain_says_the_variance_in_the_sources_own_words(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("import tensorflow as tf\ni = tf.random_normal_initializer(stddev=FLAGS.std / 2)\n")
    result = CliRunner().invoke(main, ["explain", str(path), "--to", "keras", "--output-format", "json"])
    (row,) = json.loads(result.stdout)["weights"]
    assert row["variance_formula"] == "0.25 * FLAGS.std ** 2"
