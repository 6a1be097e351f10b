"""Values that are drawn at once: sites where they start a variable, and nothing of ours anywhere else."""

import pytest

from tests.codemod.rewriting import outcome, refusals, rewritten

TF = "import tensorflow as tf\nimport numpy as np\n"
NORMAL = "tf.keras.initializers.RandomNormal(stddev=1)((3, 4))"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = x + tf.random_normal((3, 4))", id="noise"),
        pytest.param("x = tf.layers.dense(tf.random_normal((3, 4)), 5)", id="an input"),
        pytest.param("x = f(tf.random_normal((3, 4)))", id="a call of something unknown"),
        pytest.param("v = tf.Variable(f(tf.random_normal((3, 4))))", id="by way of something unknown"),
        pytest.param("v = tf.Variable(tf.random_normal((3, 4)).op)", id="by way of an attribute"),
        pytest.param("n = tf.random_normal((3, 4))\nv = tf.Variable(n)\nx = x + n", id="a variable, and noise too"),
        pytest.param("def f():\n  n = tf.random_normal((3, 4))\n  v = tf.Variable(n)\n  return n", id="returned too"),
        pytest.param("n = m = tf.random_normal((3, 4))\nv = tf.Variable(n)", id="of two names"),
        pytest.param("class A:\n  n = tf.random_normal((3, 4))\n  v = tf.Variable(n)", id="an attribute of a class"),
        pytest.param("def f(n=tf.random_normal((3, 4))):\n  return tf.Variable(n)", id="a default"),
        pytest.param("d = {'w': tf.random_normal((3, 4))}\nv = tf.Variable(d['w'])", id="in a dict"),
        pytest.param("v = tf.Variable(1 if tf.random_normal(()) > 0 else 2)", id="only decides"),
        pytest.param("v = tf.get_variable(tf.random_normal((3, 4)))", id="another argument"),
        pytest.param("with tf.variable_scope('a', initializer=tf.random_normal((3, 4))): pass", id="a scope"),
        pytest.param("v = tf.Variable(tf.random.normal((3, 4), stddev=0.1))", id="TensorFlow 2 draws the same"),
        pytest.param("v = tf.Variable(np.random.normal(0, 0.1, (3, 4)).astype('float32'))", id="NumPy's own"),
        pytest.param("v = tf.Variable(0.01 * np.random.randn(*shape))", id="NumPy's own, of unknown shape"),
        pytest.param("v = tf.Variable(initial_value=g.random_normal((3, 4)))", id="another framework's"),
        pytest.param("draw = tf.random_normal\nv = tf.Variable(0)", id="a function"),
        pytest.param("def f():\n  return tf.random_normal((3, 4))", id="returned, for who knows what"),
        pytest.param(
            "def f():\n  return tf.random_normal((3, 4))\nv, x = tf.Variable(f()), 2 * f()", id="returned for noise too"
        ),
        pytest.param(
            "def f():\n  return tf.random_normal((3, 4))\nv, g = tf.Variable(f()), f", id="a function that is given on"
        ),
        pytest.param(
            "class A:\n  def f(self):\n    return tf.random_normal((3, 4))\n  v = tf.Variable(f(0))", id="a method"
        ),
        pytest.param(
            "def f():\n  return tf.random_normal((3, 4))\ndef f():\n  return 1\nv = tf.Variable(f())",
            id="two functions",
        ),
    ],
)
def test_noop(source: str) -> None:
    found = outcome(f"{TF}{source}\n".encode())
    assert found.after is None
    assert not found.diagnostics


@pytest.mark.parametrize(
    ("call", "target"),
    [
        ("tf.truncated_normal([n, 4], stddev=0.1)", "TruncatedNormal(stddev=0.1)([n, 4])"),
        ("tf.truncated_normal(shape, 0.0, s)", "TruncatedNormal(stddev=s)(shape)"),
        ("tf.random_normal(shape=x.get_shape(), seed=3)", "RandomNormal(stddev=1, seed=3)(x.get_shape())"),
        ("tf.random_normal(shape, seed=None, name='draw')", "RandomNormal(stddev=1)(shape)"),
        ("tf.random_normal(shape, 0.5, 0.1, tf.float64)", "RandomNormal(0.5, 0.1)(shape, dtype=tf.float64)"),
        ("tf.random_normal(shape, dtype=t())", "RandomNormal(stddev=1)(shape, dtype=t())"),
        ("tf.random_uniform([3, 4])", "RandomUniform(0, 1)([3, 4])"),
        ("tf.random_uniform([3, 4], -0.1)", "RandomUniform(-0.1, 1)([3, 4])"),
        ("tf.random_uniform([3, 4], -b, maxval=b())", "RandomUniform(-b, b())([3, 4])"),
        ("tf.compat.v1.random_uniform(f(x), 0, 2)", "RandomUniform(0, 2)(f(x))"),
    ],
)
def test_the_initializer_is_called_on_the_shape(call: str, target: str) -> None:
    assert rewritten(f"{TF}v = tf.Variable({call})\n") == f"{TF}v = tf.Variable(tf.keras.initializers.{target})\n"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("v = tf.get_variable('v', initializer={}, trainable=True)", id="get_variable"),
        pytest.param("v = tf.contrib.framework.model_variable('v', initializer={})", id="contrib"),
        pytest.param("v = tf.Variable(initial_value={} / np.sqrt(4) * 2)", id="arithmetic"),
        pytest.param("v = tf.Variable(tf.cast(-{}, tf.float64))", id="functions of TensorFlow"),
        pytest.param("v = tf.Variable({} if a else tf.zeros((3, 4)))", id="a condition"),
        pytest.param("v = tf.Variable(lambda: {}, dtype=tf.float32)", id="a lambda"),
        pytest.param("v = tf.Variable(tf.stack([{}, x]))", id="a part"),
        pytest.param("def f():\n  n = {}\n  return tf.Variable(n)", id="a name"),
        pytest.param("n = {}\nv, w = tf.Variable(n), tf.Variable(n * 2)", id="two variables that start the same"),
        pytest.param("def f():\n  n = {}\n  m = 2 * n\n  return tf.Variable(m)", id="a name of a name"),
        pytest.param("def f():\n  return {}\nv, w = tf.Variable(f()), tf.Variable(2 * f())", id="a function's result"),
        pytest.param("def f():\n  n = {}\n  return n\ndef g():\n  return tf.Variable(f())", id="a named result"),
        pytest.param("if a:\n  n = {}\nelse:\n  n = None\nv = tf.Variable(n)", id="one of several values"),
    ],
)
def test_ways_to_a_variable(source: str) -> None:
    before = source.format("tf.random_normal((3, 4))")
    assert rewritten(f"{TF}{before}\n") == f"{TF}{source.format(NORMAL)}\n"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("tf.random_uniform([3], 0, 9, tf.int32)", "whole numbers"),
        ("tf.random_uniform([3], maxval=9, dtype='int64')", "whole numbers"),
        ("tf.random_normal(*shape)", "write them out"),
        ("tf.random_normal(**options)", "write them out"),
        ("tf.random_normal(stddev=0.1)", "needs `shape`"),
        ("tf.random_normal([3], sigma=0.1)", "does not take `sigma`"),
        ("tf.random_normal([3], name=unique())", "would be lost"),
        ("tf.random_normal(tf.truncated_normal([1]))", "another initializer stands within it"),
    ],
)
def test_refused(call: str, reason: str) -> None:
    found = outcome(f"{TF}v = tf.Variable({call})\n".encode())
    (finding,) = found.diagnostics
    assert reason in finding.detail


def test_a_name_of_several_modules_is_refused() -> None:
    source = (
        "try:\n  from tensorflow import random_normal\nexcept ImportError:\n  from mine import random_normal\n"
        "import tensorflow as tf\nv = tf.Variable(random_normal([3]))\n"
    )
    (reason,) = refusals(source)
    assert "mine.random_normal" in reason


def test_comments_survive() -> None:
    source = f"{TF}v = tf.Variable(tf.random_normal([3],  # rows\n                                 stddev=2))\n"
    assert "# rows" in rewritten(source)
