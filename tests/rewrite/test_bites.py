"""Checks that nothing but a fault of our own would fail, and rules that are easily lost (see tests/mutation.py)."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from initport.diagnostics import Code
from initport.emit.settings import Settings
from initport.emit.targets.keras import site as keras
from initport.emit.targets.keras.form import form, plain
from initport.emit.targets.keras.fresh import Written
from initport.emit.terms import Call, Word, print_term, read
from initport.grammar.version import Range, within
from initport.grammar.versions import Evidence
from initport.ir.moments import Moments
from initport.project.pins import choose
from initport.project.processes import Run
from initport.python.sites import Site
from initport.rewrite import apply
from initport.rewrite.edits import splice
from initport.verify.sampling import Sample, judge
from tests.rewrite.rewriting import bytes_after, outcome, rewritten

TF = "import tensorflow as tf\n"


def codes(source: str) -> list[Code]:
    """Of a file that is left as it is."""
    found = outcome(source.encode())
    assert found.after is None
    return [item.code for item in found.diagnostics]


def test_what_is_written_is_one_expression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras, "form", lambda site, *_: Written(Word("0 or tf.keras.initializers.Zeros()"), site.node))
    assert codes(f"{TF}i = not tf.zeros_initializer()\n") == [Code.UNCHECKED]


def test_an_awkward_replacement_refuses_its_site_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def awkward(site: Site, call: Call, short: str, settings: Settings) -> Written:
        wrong = Written(Word("tf.keras.initializers.he_normal()"), site.node)
        return wrong if "zeros" in site.source else form(site, call, short, settings)

    monkeypatch.setattr(keras, "form", awkward)
    found = outcome(f"{TF}i = tf.zeros_initializer()\nj = tf.ones_initializer()\n".encode())
    assert found.after == f"{TF}i = tf.zeros_initializer()\nj = tf.keras.initializers.Ones()\n".encode()
    assert [item.code for item in found.diagnostics] == [Code.UNCHECKED]


def test_literals_beside_the_edits_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apply, "splice", lambda *given: splice(*given).replace("'a'", "'b'"))
    assert codes(f"{TF}x = 'a'\ni = tf.zeros_initializer()\n") == [Code.UNCHECKED]


def test_a_literal_beside_the_edits_may_be_spelled_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outline of the text has none of the literals of what no edit touches: the text is parsed again for them."""
    monkeypatch.setattr(apply, "splice", lambda *given: splice(*given).replace("'a'", '"a"'))
    found = outcome(f"{TF}x = 'a'\ni = tf.zeros_initializer()\n".encode())
    assert found.after == f'{TF}x = "a"\ni = tf.keras.initializers.Zeros()\n'.encode()


def test_the_first_lines_declare_what_they_did() -> None:
    """An import that goes from the first lines would make the comment below it declare an encoding."""
    head = "# A model.\nfrom tensorflow.contrib.layers import xavier_initializer\n"
    assert codes(f"{head}# coding: latin-1\nimport tensorflow as tf\nx = 'é'\ni = xavier_initializer()\n") == [
        Code.UNREADABLE
    ]


def test_a_byte_order_mark_before_what_is_no_utf_8() -> None:
    assert bytes_after(b"\xef\xbb\xbfimport tensorflow as tf\nx = '\xe9'\ni = tf.zeros_initializer()\n").startswith(
        b"\xef\xbb\xbfimport tensorflow as tf\nx = '\xe9'\ni = tf.zeros"
    )


@pytest.mark.parametrize(("version", "narrowed"), [("==2.2.0", False), ("==2.3.0", True), ("==2.4.0", True)])
def test_the_keras_of_a_tensorflow(version: str, narrowed: bool) -> None:
    """TensorFlow 2.3 has the Keras of 2.4, which is not a package of its own there."""
    chosen = choose({}, {"tensorflow": Evidence(Range(((version,),)), "requirements.txt")})
    assert (min(chosen.versions.candidates("keras")) >= (2, 4)) is narrowed


def test_what_only_a_newer_keras_takes_is_modern() -> None:
    source = f"{TF}i = tf.keras.initializers.VarianceScaling(2.0, 'fan_in', 'untruncated_normal')\n"
    found = outcome(source.encode(), run=Run(versions={"tensorflow": (1, 4)}))
    assert (found.after, found.diagnostics, found.modern) == (None, (), 1)


def test_a_name_that_only_a_newer_keras_knows_is_modern() -> None:
    source = "from keras.layers import Dense\nlayer = Dense(4, kernel_initializer='GlorotUniform')\n"
    found = outcome(source.encode(), run=Run(versions={"keras": (2, 3, 1)}))
    assert (found.after, found.diagnostics) == (None, ())


@pytest.mark.parametrize("multiplier", [2, 5])
def test_a_depth_multiplier(multiplier: int) -> None:
    layer = f"tf.keras.layers.DepthwiseConv2D(3, depth_multiplier={multiplier}, depthwise_initializer="
    after = rewritten(f"{TF}{layer}tf.initializers.he_uniform())\n_ = tf\n", Run(target="torch"))
    assert f"{6 * multiplier} / w.numel()" in after


def test_whole_numbers_divide_as_floats() -> None:
    call = read("f(x / 3, 1.5 / y, y=math.sqrt(2 / 3))", {})
    assert isinstance(call, Call)
    assert print_term(plain(call)) == "f(x / 3.0, 1.5 / y, y=(2 / 3.0) ** 0.5)"


@pytest.mark.parametrize("variance", [1.05, 0.95])
def test_a_sample_of_another_variance(variance: float) -> None:
    number = 100_000
    sample = Sample(number, 0.0, variance * number, 3 * variance**2 * number, -4.5, 4.5, 0)
    truth = Moments(0.0, 1.0, float("-inf"), float("inf"))
    assert judge(sample, truth).problem is not None


def test_a_sample_of_another_mean() -> None:
    number = 100_000
    sample = Sample(number, 0.1 * number, 1.0 * number, 3.0 * number, -4.5, 4.5, 0)
    truth = Moments(0.0, 1.0, float("-inf"), float("inf"))
    assert judge(sample, truth).problem is not None
    right = Sample(number, 0.0, 1.0 * number, 3.0 * number, -4.5, 4.5, 0)
    assert judge(right, truth).problem is None


@pytest.mark.parametrize(
    ("uses", "expected"),
    [
        (
            "def f(i='he_normal'): return Dense(3, init=i)\n",
            "def f(i=None): return Dense(3, init=X if i is None else i)\n",
        ),
        (
            "def f(*, i='he_normal'): return Dense(3, init=i)\n",
            "def f(*, i=None): return Dense(3, init=X if i is None else i)\n",
        ),
        (
            "def f():\n  i = 'he_normal'\n  Dense(3, init=i)\n  Dense(4, init=i)\n",
            "def f():\n  i = lambda: X\n  Dense(3, init=i())\n  Dense(4, init=i())\n",
        ),
        (
            "def f():\n  i = 'he_normal'\n  return [Dense(n, init=i) for n in x]\n",
            "def f():\n  i = lambda: X\n  return [Dense(n, init=i()) for n in x]\n",
        ),
    ],
)
def test_no_function_of_a_shape_where_a_model_is_saved(uses: str, expected: str) -> None:
    after = rewritten(f"from keras.layers import Dense\n{uses}", Run(versions={"keras": (1, 2, 2)}))
    call = 'keras.initializers.VarianceScaling(2, "fan_in", "untruncated_normal")'
    assert after == f"import keras\nfrom keras.layers import Dense\n{expected.replace('X', call)}"


def test_a_name_that_something_else_binds_is_no_free_name() -> None:
    """`tf` comes from elsewhere (a notebook's other cell): what the codemod binds must not take its place."""
    head = "from tensorflow.contrib.layers import xavier_initializer\n"
    source = f"{head}i = xavier_initializer()\nj = tf.zeros_initializer()\n"
    after = rewritten(source)
    assert "import tensorflow as tf" not in after
    assert "j = tf.zeros_initializer()" in after


def test_the_codemod_of_libcst(tmp_path: Path) -> None:
    """By LibCST's own tool."""
    path = tmp_path / "model.py"
    path.write_text("import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer(seed=1)  # Glorot\n")
    (tmp_path / "requirements.txt").write_text("tensorflow==1.15.5\n")
    options = ["--no-format", "-j", "1", "--to", "keras", str(path)]
    command = [sys.executable, "-m", "libcst.tool", "codemod", "-x", "initport.libcst.ConvertInitializers", *options]
    environment = dict(os.environ)
    result = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=environment)
    assert result.returncode == 0, result.stderr
    assert path.read_text() == "import tensorflow as tf\ni = tf.keras.initializers.glorot_uniform(seed=1)  # Glorot\n"


@pytest.mark.parametrize(("bound", "holds"), [(">=2.3", True), ("<=2.3", True), ("<2.3", False), (">2.3", False)])
def test_a_bound_at_its_own_version(bound: str, holds: bool) -> None:
    assert within((2, 3), bound) is holds


def test_a_gain_is_the_root_of_the_scale() -> None:
    source = f"{TF}i = tf.variance_scaling_initializer(4.0, 'fan_avg', 'uniform')\n"
    assert "xavier_uniform_, gain=2)" in rewritten(source, Run(target="torch", assume=frozenset({"dense"})))


def test_a_function_among_operators_stands_in_parentheses() -> None:
    source = f"{TF}i = x or tf.glorot_uniform_initializer()\n"
    assert "x or (lambda shape, dtype=None, **_: tf.keras.initializers.glorot_uniform()(" in rewritten(source)
