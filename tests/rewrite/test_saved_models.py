"""What the layers of Keras are given: something that Keras saves with the model, never a function of ours."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from initport.diagnostics import Code
from initport.grammar.version import parse_version
from initport.project.processes import Run, one, process
from tests.rewrite.rewriting import outcome, rewritten

RUN = Run(versions={"tensorflow": parse_version("1.15.5"), "keras": parse_version("2.3.1")})
HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
DENSE = "layers.Dense(3, kernel_initializer=i)"
UNUSED = HEAD.replace("from tensorflow import keras\n", "")
CALLED = DENSE.replace("=i)", "=i())")
GIVEN = DENSE.replace("=i)", "=tf.keras.initializers.he_normal() if i is None else i)")
OWN = DENSE.replace("=i)", "=self.i)")


LAYERS = """
class First(layers.Layer):
    def __init__(self, i=keras.initializers.RandomUniform(-0.3, 0.3), **settings):
        super().__init__(**settings)
        self.i = keras.initializers.get(i)

    def build(self, shape):
        self.w = self.add_weight(name="w", shape=(200, 200), initializer=self.i)
        super().build(shape)

    def call(self, x):
        return x

    def get_config(self):
        return {**super().get_config(), "i": keras.initializers.serialize(self.i)}
"""
CASES = [
    pytest.param(
        f"i = keras.initializers.RandomNormal(stddev=0.02)\na = {DENSE}\nb = {DENSE}",
        f"i = lambda: tf.keras.initializers.RandomNormal(stddev=0.02)\na = {CALLED}\nb = {CALLED}",
        id="a module's name",
    ),
    pytest.param(
        f"i = tf.truncated_normal_initializer(stddev=0.1)\na = {DENSE}\nb = {DENSE}",
        f"i = lambda: tf.keras.initializers.TruncatedNormal(stddev=0.1)\na = {CALLED}\nb = {CALLED}",
        id="TensorFlow's own",
    ),
    pytest.param(
        f"def f():\n    i = keras.initializers.he_normal()\n    return {DENSE}, {DENSE}",
        f"def f():\n    i = lambda: tf.keras.initializers.he_normal()\n    return {CALLED}, {CALLED}",
        id="a function's name",
    ),
    pytest.param(
        f"def f(n):\n    i = keras.initializers.he_normal()\n    return [{DENSE} for _ in range(n)]",
        f"def f(n):\n    i = lambda: tf.keras.initializers.he_normal()\n    return [{CALLED} for _ in range(n)]",
        id="a loop",
    ),
    pytest.param(
        f"def f(s):\n    i = keras.initializers.RandomNormal(stddev=s)\n    return {DENSE}, {DENSE}",
        "def f(s):\n    i = lambda *, stddev=s: tf.keras.initializers.RandomNormal(stddev=stddev)\n"
        f"    return {CALLED}, {CALLED}",
        id="what is computed is so once",
    ),
    pytest.param(
        f"def f(i=keras.initializers.he_normal()):\n    return {DENSE}, {DENSE}",
        f"def f(i=None):\n    return {GIVEN}, {GIVEN}",
        id="the default of a parameter",
    ),
    pytest.param(
        f"class A(keras.Model):\n    def __init__(self):\n        self.i = keras.initializers.he_normal()\n"
        f"        self.a, self.b = {OWN}, {OWN}",
        f"class A(keras.Model):\n    def __init__(self):\n        self.i = lambda: tf.keras.initializers.he_normal()\n"
        f"        self.a, self.b = {OWN.replace('self.i', 'self.i()')}, {OWN.replace('self.i', 'self.i()')}",
        id="an attribute of a model",
    ),
    pytest.param(
        LAYERS.replace("keras.initializers.serialize(self.i)", "self.i"),
        LAYERS.replace("i=keras.initializers.RandomUniform(-0.3, 0.3)", "i=None")
        .replace("get(i)", "get(tf.keras.initializers.RandomUniform(-0.3, 0.3) if i is None else i)")
        .replace("keras.initializers.serialize(self.i)", "self.i"),
        id="the default of a layer's own parameter, in its config",
    ),
    pytest.param(
        LAYERS,
        LAYERS.replace("i=keras.initializers.RandomUniform(-0.3, 0.3)", "i=None").replace(
            "get(i)", "get(tf.keras.initializers.RandomUniform(-0.3, 0.3) if i is None else i)"
        ),
        id="the default of a layer's own parameter",
    ),
    pytest.param(
        f"i = lambda: keras.initializers.he_normal()\na = {CALLED}\nb = {CALLED}", None, id="a function of one's own"
    ),
    pytest.param(
        f"def i():\n    return keras.initializers.he_normal()\na = {CALLED}\nb = {CALLED}",
        None,
        id="a def of one's own",
    ),
    pytest.param(
        "class A(layers.Layer):\n    def build(self, shape):\n"
        "        self.w = self.add_weight('w', (2, 3), initializer=keras.initializers.he_normal())",
        None,
        id="a weight of a layer's own",
    ),
]


@pytest.mark.parametrize(("body", "expected"), CASES)
def test_a_new_object_at_every_place(body: str, expected: str | None) -> None:
    after = rewritten(f"{HEAD}{body}\n", RUN)
    assert after.removeprefix(HEAD).removeprefix(UNUSED) == f"{body if expected is None else expected}\n"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"i = keras.initializers.he_normal()\n__all__ = ['i']\na = {DENSE}\nb = {DENSE}", id="exported"),
        pytest.param(f"i = keras.initializers.he_normal()\na = {DENSE}\nb = g(i)", id="another use"),
        pytest.param(f"i = keras.initializers.he_normal()\nj = i\na = {DENSE}", id="another name"),
        pytest.param(f"i = keras.initializers.he_normal()\nif i:\n    a = {DENSE}\nb = {DENSE}", id="a condition"),
        pytest.param(
            f"def f(i=keras.initializers.he_normal()):\n    return {DENSE}, g(i)", id="a default, another use"
        ),
        pytest.param(
            f"def f(i=keras.initializers.he_normal()):\n    return {DENSE}, {DENSE}\nf(None)", id="None is given"
        ),
        pytest.param(
            f"s = 1\ndef f(i=keras.initializers.RandomNormal(stddev=s)):\n    return {DENSE}", id="a computed default"
        ),
        pytest.param(
            "class A(layers.Layer):\n    def __init__(self, i=tf.keras.initializers.he_normal()):\n        self.i = i",
            id="an attribute that nothing looks at",
        ),
        pytest.param(
            LAYERS.replace(
                "super().build(shape)", "self.u = self.add_weight(name='u', shape=(2, 3), initializer=self.i)"
            ),
            id="an attribute that starts two weights",
        ),
        pytest.param(
            "k = dict(kernel_initializer=keras.initializers.he_normal())\na = layers.Dense(3, **k)\n"
            "b = layers.Dense(3, **k)",
            id="settings of several layers",
        ),
        pytest.param(
            "import functools\nd = functools.partial(layers.Dense, kernel_initializer=keras.initializers.he_normal())",
            id="a layer that is prepared",
        ),
        pytest.param(
            f"def g(i):\n    return {DENSE}, {DENSE}\na = g(keras.initializers.RandomNormal(stddev=0.1))",
            id="a function's argument",
        ),
    ],
)
def test_where_no_spelling_is_exact_it_is_refused(body: str) -> None:
    found = outcome(f"{HEAD}{body}\n".encode(), run=RUN)
    assert found.after is None
    (refused,) = (item for item in found.diagnostics if item.code is not Code.UNDECIDED)
    assert "cannot be saved and loaded" in refused.detail


def test_what_other_files_may_use_stays(tmp_path: Path) -> None:
    """A text around which no project is visible: its names may be given to layers elsewhere."""
    source = f"{HEAD}i = keras.initializers.he_normal()\na = {DENSE}\nb = {DENSE}\n".encode()
    (refused,) = process(source, "net.py", RUN).diagnostics
    assert "other files may use `i`" in refused.detail
    for name, others in (("alone", ""), ("used", "from net import i\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "net.py").write_bytes(source)
        (tmp_path / name / "train.py").write_text(others)
        after = one(str(tmp_path / name / "net.py"), replace(RUN, roots=(str(tmp_path / name),))).after
        assert (after is None) is (name == "used")


PROGRAM = """
import json, sys, os, tempfile
import numpy as np, keras
namespace = {}
exec(compile(sys.stdin.read(), "net.py", "exec"), namespace)
objects = {name: value for name, value in namespace.items() if isinstance(value, type)}
model = namespace["model"]()
again = keras.models.model_from_json(model.to_json(), custom_objects=objects)
path = os.path.join(tempfile.mkdtemp(), "model.keras")
model.save(path)
loaded = keras.models.load_model(path, custom_objects=objects)
for one, other in zip(model.get_weights(), loaded.get_weights(), strict=True):
    assert np.array_equal(one, other)
drawn = [[w.astype("float64").ravel() for w in m.get_weights()] for m in (model, again)]
print(json.dumps([[(w[:3].tolist(), float(np.mean(w * w)), w.size) for w in weights] for weights in drawn]))
"""

NETWORK = """
import keras
from keras import layers
from keras.initializers import RandomNormal
init = RandomNormal(stddev=0.02)
def pair(k=keras.initializers.RandomUniform(-0.1, 0.1)):
    return [layers.Dense(200, use_bias=False, kernel_initializer=k) for _ in range(2)]
def model():
    first = layers.Dense(200, use_bias=False, kernel_initializer=init)
    second = layers.Dense(200, use_bias=False, kernel_initializer=init)
    return keras.Sequential([keras.Input((200,)), first, second, *pair(), First(), First()])
"""


@pytest.mark.slow
def test_models_are_saved_and_loaded_and_start_as_they_did() -> None:
    """Keras 3: from JSON and from a file; every weight's variance, and no two weights are equal."""
    pytest.importorskip("keras", reason="Keras is not installed: pip install 'initport[oracles]'")
    source = NETWORK + LAYERS
    after = rewritten(source, Run(versions={"keras": parse_version("2.3.1")}))
    run = subprocess.run([sys.executable, "-c", PROGRAM], input=after, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    for drawn in json.loads(run.stdout.splitlines()[-1]):
        assert len(drawn) == 6
        assert len({tuple(first) for first, _, _ in drawn}) == 6
        for (_, found, size), (variance, kurtosis) in zip(drawn, NOMINAL, strict=True):
            assert found == pytest.approx(variance, rel=5 * math.sqrt((kurtosis - 1) / size))


NOMINAL = [(0.02**2, 3.0)] * 2 + [(0.1**2 / 3, 1.8)] * 2 + [(0.3**2 / 3, 1.8)] * 2
"""Variance and kurtosis of the weights, as the source has them."""


def test_a_graph_of_tensorflow_1_takes_the_function() -> None:
    body = "i = tf.truncated_normal_initializer(stddev=0.1)\na = tf.get_variable('a', [3], initializer=i)\nb = f(i)\n"
    assert "i = lambda shape" in rewritten(f"import tensorflow as tf\n{body}", RUN)


@pytest.mark.parametrize("name", ["zeros", "ones"])
def test_what_keras_looks_up_today_as_it_did_stays(name: str) -> None:
    """It would be TensorFlow's Keras else, which another backend has not."""
    source = (
        f"import keras\nfrom keras import initializers\nclass A(keras.Model):\n    i = initializers.get('{name}')\n"
    )
    found = outcome(source.encode(), run=RUN)
    assert (found.after, found.modern) == (None, 1)


def test_what_draws_otherwise_is_looked_up_in_the_files_own_keras() -> None:
    source = "import keras\nfrom keras import initializers\nx = f(initializers.get('he_normal'))\n"
    after = rewritten(source, Run(versions=RUN.versions, assume=frozenset({"matrix"})))
    assert "tensorflow" not in after
    assert "import keras" in after
