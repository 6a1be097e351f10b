"""Values that are drawn at once: sites where they start a variable, and nothing of ours anywhere else."""

import pytest

from initport.project.pins import parse_versions
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, refusals, rewritten

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
        pytest.param("v = tf.Variable(1 if tf.random_normal(()) > 0 else 2)", id="only decides"),
        pytest.param("v = tf.get_variable(tf.random_normal((3, 4)))", id="another argument"),
        pytest.param("with tf.variable_scope('a', initializer=tf.random_normal((3, 4))): pass", id="a scope"),
        pytest.param("v = tf.Variable(tf.random.normal((3, 4), stddev=0.1))", id="TensorFlow 2 draws the same"),
        pytest.param("v = tf.Variable(np.random.normal(0, 0.1, (3, 4)).astype('float32'))", id="NumPy's own"),
        pytest.param("v = tf.Variable(0.01 * np.random.randn(*shape))", id="NumPy's own, of unknown shape"),
        pytest.param("v = tf.Variable(initial_value=g.random_normal((3, 4)))", id="another framework's"),
        pytest.param("draw = tf.random_normal\nv = tf.Variable(0)", id="a function"),
        pytest.param("def f():\n  return tf.random_normal((3, 4))", id="returned, for who knows what"),
    ],
)
def test_noop(source: str) -> None:
    found = outcome(f"{TF}{source}\n".encode())
    assert found.after is None
    assert not found.diagnostics


DRAW = "tf.random_normal((3, 4))"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (f"n = {DRAW}\nv = tf.Variable(n)\nx = x + n", "elsewhere"),
        (f"def f():\n  n = {DRAW}\n  v = tf.Variable(n)\n  return n", "elsewhere"),
        (f"n = m = {DRAW}\nv = tf.Variable(n)", "elsewhere"),
        (f"n = {DRAW}\nm = 2 * n\nm = 3 * n\nv = tf.Variable(m)\nprint(m)", "elsewhere"),
        (f"def f():\n  return {DRAW}\nv, x = tf.Variable(f()), 2 * f()", "elsewhere"),
        (f"def f():\n  return {DRAW}\nv, g = tf.Variable(f()), f", "elsewhere"),
        (f"def f():\n  return {DRAW}\ndef f():\n  return 1\nv = tf.Variable(f())", "elsewhere"),
        (f"def f():\n  return {DRAW}, 1\nn, m = f()\nv = tf.Variable(n)", "elsewhere"),
        (f"@cached\ndef f():\n  return {DRAW}\nv = tf.Variable(f())", "a decorated function"),
        (f"v = tf.Variable(n := {DRAW})\nprint(n)", "elsewhere"),
        (f"d = [{DRAW}]\nfor i, n in enumerate(d):\n  v = tf.Variable(n)", "elsewhere"),
        (f"class A:\n  n = {DRAW}\n  v = tf.Variable(n)", "a variable as `n`"),
        (f"self.n = {DRAW}\nv = tf.Variable(self.n)", "a variable as `self.n`"),
        (f"self.d['w'] = {DRAW}\nv = tf.Variable(self.d['w'])", "a variable as `self.d`"),
        (f"v = tf.Variable(*[{DRAW}])", "with `*` or `**`"),
        (f"@layer\ndef f(n):\n  return tf.Variable(n)\nf({DRAW})", "a decorated function"),
    ],
)
def test_what_may_not_only_start_variables(source: str, reason: str) -> None:
    (detail,) = refusals(f"{TF}{source}\n")
    assert reason in detail


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
        pytest.param("n = m = {}\nv, w = tf.Variable(n), tf.Variable(m)", id="two names"),
        pytest.param("n = {}\nn = 2 * n\nv = tf.Variable(n)", id="a name for what is made of it"),
        pytest.param("n, m = {}, 1\nv = tf.Variable(n)", id="side by side"),
        pytest.param("def f(n={}):\n  return tf.Variable(n)", id="a default"),
        pytest.param("def f(n):\n  return tf.Variable(n)\nf({})", id="an argument"),
        pytest.param("d = {{'w': {}}}\nv = tf.Variable(d['w'])", id="in a dict"),
        pytest.param("d = {{'w': tf.Variable({})}}", id="variables in a dict"),
        pytest.param("d = dict(w={})\nv = [tf.Variable(n) for n in d.values()]", id="what is in a dict"),
        pytest.param("d = {{}}\nd['w'] = {}\nv = tf.Variable(d['w'])", id="put into a dict"),
        pytest.param("d = []\nd.append({})\nfor n in d:\n  v = tf.Variable(n)", id="put into a list"),
        pytest.param("v = [tf.Variable({}) for i in range(3)]", id="a comprehension"),
        pytest.param("d = [{} for i in range(3)]\nv = [tf.Variable(n) for n in d]", id="two comprehensions"),
        pytest.param("f = lambda: {}\nv, w = tf.Variable(f()), tf.Variable(f)", id="a named lambda"),
        pytest.param(
            "class A:\n  def f(self):\n    return {}\n  def g(self):\n    return tf.Variable(self.f())", id="a method"
        ),
        pytest.param("class A:\n  def f(self):\n    return tf.Variable({})", id="in a method"),
        pytest.param("class A:\n  @staticmethod\n  def f():\n    return {}\nv = tf.Variable(A.f())", id="static"),
        pytest.param("class A:\n  def f():\n    return {}\n  v = tf.Variable(f())", id="in the class itself"),
        pytest.param("if a:\n  n = {}\nelse:\n  n = None\nv = tf.Variable(n)", id="one of several values"),
    ],
)
def test_ways_to_a_variable(source: str) -> None:
    before = source.format("tf.random_normal((3, 4))")
    assert rewritten(f"{TF}{before}\n") == f"{TF}{source.format(NORMAL)}\n"


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("tf.random_uniform([3], 0, 9, tf.int32)", "integers"),
        ("tf.random_uniform([3], maxval=9, dtype='int64')", "integers"),
        ("tf.random_normal(*shape)", "write them out"),
        ("tf.random_normal(**options)", "write them out"),
        ("tf.random_normal(stddev=0.1)", "needs `shape`"),
        ("tf.random_normal([3], sigma=0.1)", "does not take `sigma`"),
        ("tf.random_normal([3], name=unique())", "would be lost"),
        ("tf.random_normal(tf.truncated_normal([1]))", "another initializer is inside it"),
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


HAND_WRITTEN = "def he3(shape, dtype=tf.float32, partition_info=None):\n    return {}\n"
HE3 = "tf.truncated_normal(shape, 0.0, np.sqrt(2.0 / np.prod(shape[:-1])), dtype)"
KERAS_HE3 = "tf.keras.initializers.TruncatedNormal(stddev=np.sqrt(2.0 / np.prod(shape[:-1])))(shape, dtype=dtype)"
PLAIN = "def init(shape, dtype=None):\n    return {}\n"
RETURNING = "def scaled(scale):\n    def init(shape, dtype=None):\n        return scale * {}\n    return init\n"
DRAWN = "tf.random_normal(shape)"
KERAS_DRAWN = "tf.keras.initializers.RandomNormal(stddev=1)(shape)"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"{PLAIN}x = f(init)\n", id="handed to something unknown"),
        pytest.param(f"{PLAIN}x = f(key=init)\n", id="by a name that tells nothing"),
        pytest.param(f"{PLAIN}x = f(initializer=init([3]))\n", id="the values, not the function"),
        pytest.param(f"{PLAIN}x = tf.layers.dense(init([3, 4]), 5)\n", id="an input"),
        pytest.param(f"{PLAIN}x = init\n", id="a name for it"),
        pytest.param(
            f"class A(Layer):\n  def __call__(self, shape):\n    return {DRAWN}\n".replace("{}", ""), id="a layer"
        ),
    ],
)
def test_functions_that_are_no_initializers(source: str) -> None:
    found = outcome(f"{TF}{source.format(DRAWN)}".encode())
    assert found.after is None
    assert not found.diagnostics


def of_he3(text: str) -> tuple[str, str, str]:
    return text, HE3, KERAS_HE3


def of_draw(text: str) -> tuple[str, str, str]:
    return text, DRAWN, KERAS_DRAWN


VARIABLE = "v = tf.get_variable('v', [3, 4], initializer={})\n"
CALLED = "    def __call__(self, shape, dtype=None{}):\n        return {{}}\n"
MADE = "def f(x, init):\n    return tf.layers.dense(x, 5, kernel_initializer=init)\n"


@pytest.mark.parametrize(
    ("source", "drawn", "written"),
    [
        pytest.param(*of_he3(HAND_WRITTEN + VARIABLE.format("he3")), id="a variable"),
        pytest.param(*of_he3(HAND_WRITTEN + "tf.layers.dense(x, 5, kernel_initializer=he3)\n"), id="a layer"),
        pytest.param(*of_he3(HAND_WRITTEN + "y = f(x, w_initializer=he3)\n"), id="a layer that is not known"),
        pytest.param(*of_he3(HAND_WRITTEN), id="for other modules, by what it takes"),
        pytest.param(*of_draw(PLAIN + "i = init\n" + VARIABLE.format("i")), id="a name"),
        pytest.param(*of_draw(RETURNING + VARIABLE.format("scaled(2.0)")), id="made by a function"),
        pytest.param(
            *of_draw("tf.layers.dense(x, 5, kernel_initializer=lambda shape, dtype=None: {})\n"), id="a lambda"
        ),
        pytest.param(*of_draw(MADE + PLAIN + "f(x, init)\n"), id="an argument"),
        pytest.param(*of_draw("class A(tf.keras.initializers.Initializer):\n" + CALLED.format("")), id="a class"),
        pytest.param(*of_draw("class A(object):\n" + CALLED.format(", partition_info=None")), id="what it takes"),
    ],
)
def test_hand_written_initializers(source: str, drawn: str, written: str) -> None:
    assert rewritten(f"{TF}{source.format(drawn)}") == f"{TF}{source.format(written)}"


@pytest.mark.parametrize("function", [HAND_WRITTEN.format(HE3), "he3 = lambda shape: tf.random_normal(shape)\n"])
def test_pytorch_calls_no_initializer_on_a_shape(function: str) -> None:
    source = f"{TF}{function}v = tf.get_variable('v', [3, 4], initializer=he3)\n"
    details = refusals(source, Run(target="torch"))
    assert any("fill a tensor" in detail for detail in details)


@pytest.mark.parametrize(
    "source",
    [
        "f = partial(tf.truncated_normal, stddev=0.1)\nv = tf.Variable(f([3, 4]))\n",
        "v = tf.get_variable('v', [3, 4], initializer=partial(tf.truncated_normal, stddev=0.1))\n",
    ],
)
def test_a_partial_application_is_reported(source: str) -> None:
    (detail,) = refusals(f"{TF}from functools import partial\n{source}")
    assert "functools.partial" in detail


def test_a_partial_application_that_starts_nothing() -> None:
    source = (
        f"{TF}from functools import partial\nf = partial(tf.random_normal, stddev=0.1)\nx, v = f([3]), tf.Variable(0)\n"
    )
    assert not outcome(source.encode()).diagnostics


BACKEND = """\
{0}from {1} import backend as K
from {1}.layers import Dense


def start(shape, dtype=None):
    return {{}}


y = Dense(4, input_dim=3, {2}=start)
"""
STANDALONE = BACKEND.format("import keras\n", "keras", "kernel_initializer")
TENSORFLOWS = BACKEND.format("import tensorflow as tf\n", "tensorflow.keras", "kernel_initializer")


@pytest.mark.parametrize(("source", "package"), [(STANDALONE, "keras"), (TENSORFLOWS, "tf.keras")])
@pytest.mark.parametrize(
    ("drawn", "written"),
    [
        ("K.random_normal(shape, dtype=dtype)", "RandomNormal(stddev=1)(shape, dtype=dtype)"),
        ("K.random_normal(shape, stddev=0.02)", "RandomNormal(stddev=0.02)(shape)"),
        ("0.1 * K.truncated_normal(shape)", "0.1 * {}.initializers.TruncatedNormal(stddev=1)(shape)"),
        ("K.random_uniform(shape)", "RandomUniform(0, 1)(shape)"),
        ("K.random_uniform(shape, -0.1, 0.1)", "RandomUniform(-0.1, 0.1)(shape)"),
    ],
)
def test_draws_of_keras_backend(source: str, package: str, drawn: str, written: str) -> None:
    """Without arguments: deviation 1 before truncation, and 0 to 1 (measured on TensorFlow 1.15.5 and Keras 2.3.1);
    the initializers of these names have 0.05."""
    whole = written.format(package) if "{}" in written else f"{package}.initializers.{written}"
    after = rewritten(source.format(drawn))
    assert f"    return {whole}\n" in after
    assert "backend" not in after


@pytest.mark.parametrize(("drawn", "written"), [("std=0.02", "stddev=0.02"), ("", "stddev=1")])
def test_draws_of_keras_1(drawn: str, written: str) -> None:
    source = BACKEND.format("import keras\n", "keras", "init")
    run = Run(versions=parse_versions(("keras=1.2.2",)))
    after = rewritten(source.format(f"K.random_normal(shape, {drawn})"), run)
    assert f"keras.initializers.RandomNormal({written})(shape)" in after


def test_draws_of_keras_backend_that_are_noise() -> None:
    source = "from keras import backend as K\ny = x + K.random_normal(K.shape(x), stddev=0.1)\n"
    assert not outcome(source.encode()).findings


ORTHOGONAL = """\
def ortho_init(scale=1.0):
    def start(shape, dtype{partition}):
        flat = tuple(shape) if len(shape) == 2 else (np.prod(shape[:-1]), shape[-1])
        a = np.random.normal(0.0, 1.0, flat)
        {decomposition}
        return (scale * q.reshape(shape)).astype(np.float32)
    return start


w = tf.get_variable("w", [64, 32], initializer=ortho_init(np.sqrt(2)))
"""


@pytest.mark.parametrize("target", ["keras", "torch"])
@pytest.mark.parametrize("partition", ["", ", partition_info=None"])
@pytest.mark.parametrize(
    ("decomposition", "function"),
    [
        ("u, _, v = np.linalg.svd(a, full_matrices=False)\n        q = u if u.shape == flat else v", "np.linalg.svd"),
        ("q, _ = np.linalg.qr(a)", "np.linalg.qr"),
    ],
)
def test_an_orthogonal_initializer_of_the_file_is_reported(
    decomposition: str, function: str, partition: str, target: str
) -> None:
    source = TF + ORTHOGONAL.format(decomposition=decomposition, partition=partition)
    found = outcome(source.encode(), run=Run(target=target))
    assert found.after is None
    ((code, line, detail),) = [
        (item.diagnostic.code.code, item.diagnostic.location.line, item.diagnostic.detail) for item in found.findings
    ]
    assert (code, line) == ("IP221", 6)
    assert f"an orthogonal matrix of it with `{function}`" in detail
    assert "give an orthogonal initializer in its place" in detail


def test_a_draw_of_numpy_in_an_initializer_that_only_draws_stays() -> None:
    source = TF + ORTHOGONAL.format(decomposition="q = 0.1 * a", partition="")
    assert not outcome(source.encode()).findings
