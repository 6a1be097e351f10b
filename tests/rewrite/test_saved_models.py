"""What the layers of Keras are given: something that Keras saves with the model, never a function of ours."""

import pytest

from initport.grammar.version import parse_version
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, rewritten

RUN = Run(versions={"tensorflow": parse_version("1.15.5"), "keras": parse_version("2.3.1")})
HEAD = "import tensorflow as tf\nfrom tensorflow import keras\nfrom tensorflow.keras import layers\n"
DENSE = "layers.Dense(3, kernel_initializer=i)"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            f"i = keras.initializers.RandomNormal(stddev=0.02)\na = {DENSE}\nb = {DENSE}", id="a module's name"
        ),
        pytest.param(
            f"i = tf.truncated_normal_initializer(stddev=0.1)\na = {DENSE}\nb = {DENSE}", id="TensorFlow's own"
        ),
        pytest.param(
            f"def f():\n    i = keras.initializers.he_normal()\n    return {DENSE}, {DENSE}", id="a function's name"
        ),
        pytest.param(
            f"def f(i=keras.initializers.he_normal()):\n    return {DENSE}, g(i)", id="the default of a parameter"
        ),
        pytest.param(
            "class A(layers.Layer):\n    def __init__(self, i=tf.keras.initializers.he_normal()):\n        self.i = i",
            id="the default of a layer's own parameter",
        ),
        pytest.param(
            "class A(keras.Model):\n    def __init__(self):\n        self.i = tf.keras.initializers.he_normal()",
            id="an attribute of a model",
        ),
    ],
)
def test_what_would_become_a_function_is_refused(body: str) -> None:
    found = outcome(f"{HEAD}{body}\n".encode(), run=RUN)
    assert found.after is None
    (refused,) = found.diagnostics
    assert "cannot be saved and loaded" in refused.detail


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
