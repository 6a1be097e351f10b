"""What must be left alone."""

import pytest

from initport.grammar import registry
from initport.grammar.versions import Versions
from initport.project.processes import Run
from initport.python.vocabulary import names
from initport.rewrite.outcome import may_hold_sites
from tests.rewrite.rewriting import outcome, refusals


@pytest.mark.parametrize(
    "source",
    [
        "",
        "import tensorflow as tf\ninit = tf.global_variables_initializer()\n",
        "import tensorflow as tf\nwith tf.variable_scope('a'): tf.get_variable('b', (3, 3))\n",
        "import oneflow as flow\ninit = flow.variance_scaling_initializer()\n",
        "from mylib import xavier_initializer\ninit = xavier_initializer()\n",
        "from .layers import xavier_initializer\ninit = xavier_initializer()\n",
        "def xavier_initializer(): pass\ninit = xavier_initializer()\n",
        "def f(tf): return tf.contrib.layers.xavier_initializer()\n",
        "tf = load()\ninit = tf.contrib.layers.xavier_initializer()\n",
        "# tf.contrib.layers.xavier_initializer()\n",
        "import tensorflow as tf\ntext = 'tf.contrib.layers.xavier_initializer()'\n",
        "import tensorflow as tf\nx = tf.random_normal((3, 3))\n",
        pytest.param(
            "import tensorflow.compat.v2 as tf\ninit = tf.random_normal_initializer()\n",
            id="TensorFlow 2's initializer",
        ),
        pytest.param(
            "import tensorflow as tf\ntf.layers.dense(x, 3, kernel_initializer=tf.keras.initializers.he_normal())\n",
            id="modern, used once",
        ),
        pytest.param(
            "import tensorflow as tf\n"
            "init = lambda shape, dtype=None, **_: tf.keras.initializers.he_normal()(shape, dtype=dtype)\n",
            id="modern, made for each weight",
        ),
        pytest.param("import tensorflow as tf\ninit = tf.keras.initializers.he_normal(seed=3)\n", id="a seed repeats"),
        pytest.param("import tensorflow as tf\ninit = tf.keras.initializers.Zeros()\n", id="zeros repeat"),
    ],
)
def test_noop(source: str) -> None:
    found = outcome(source.encode())
    assert found.after is None
    assert not found.diagnostics


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer(**options)\n", "write them out"),
        ("import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer(*options)\n", "write them out"),
        (
            "import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer(uniform=flag)\n",
            "`uniform`, which is known only when the program runs (`flag`)",
        ),
        (
            "import tensorflow as tf\ni = tf.contrib.layers.variance_scaling_initializer(mode=m())\n",
            "`mode`, which is known only when the program runs (`m()`)",
        ),
        ("import tensorflow as tf\ni = tf.contrib.layers.variance_scaling_initializer(mode='fan_in')\n", "fan_in"),
        (
            "import tensorflow as tf\ndef f(mode): return tf.contrib.layers.variance_scaling_initializer(mode=mode)\n",
            "`mode`, which is known only when the program runs; write",
        ),
        (
            "import tensorflow as tf\nd = {'uniform': False}\nd.update(e)\n"
            "i = tf.contrib.layers.xavier_initializer(**d)\n",
            "write them out",
        ),
        (
            "import tensorflow as tf\nd = {'uniform': u}\ni = tf.contrib.layers.xavier_initializer(**d)\n",
            "write them out",
        ),
        ("import tensorflow as tf\ni = (L := tf.contrib.layers).xavier_initializer()\n", "`:=`"),
        ("import tensorflow as tf\nfactory = tf.contrib.layers.xavier_initializer\n", "no use of `factory` is found"),
        (
            "import tensorflow as tf\nclass A:\n  make = tf.zeros_initializer\n  def f(self): return self.make()\n",
            "no use of `make`",
        ),
        ("import tensorflow as tf\nclass A(tf.zeros_initializer): pass\n", "a class is derived from it"),
        (
            "try:\n  from tensorflow.contrib.layers import xavier_initializer\nexcept ImportError:\n"
            "  def xavier_initializer(): pass\ni = xavier_initializer()\n",
            "is also bound to something unknown",
        ),
        (
            "import tensorflow as tf\ndef f(i=None):\n  if i is None:\n    i = tf.contrib.layers.xavier_initializer\n"
            "  return i()\n",
            "is also bound to something unknown",
        ),
        (
            "import tensorflow as tf\nx = tf.contrib.layers.xavier_initializer\nif (x := load()):\n  i = x()\n",
            "is also bound to something unknown",
        ),
        (
            "import enum\nimport tensorflow as tf\nclass A(enum.Enum):\n  X = tf.contrib.layers.xavier_initializer()\n",
            "a member or a field",
        ),
        (
            "import typing\nimport tensorflow as tf\nclass A(typing.NamedTuple):\n"
            "  x: object = tf.contrib.layers.xavier_initializer()\n",
            "a member or a field",
        ),
        ("import tensorflow as tf\ni = tf.contrib.layers.xavier_initializer(scale=2)\n", "does not take `scale`"),
        ("import tensorflow as tf\ni = f'{tf.contrib.layers.xavier_initializer()}'\n", "f-string"),
        ("import tensorflow as tf\nf(initializer=tf.contrib.layers.xavier_initializer)\n", "add `()`"),
        ("import tensorflow as tf\nf(initializer=tf.zeros_initializer)\n", "add `()`"),
        (
            "import tensorflow as tf\ntf.get_variable('a', (3,), initializer=tf.glorot_uniform_initializer)\n",
            "add `()`",
        ),
        ("import tensorflow as tf\nf(tf.contrib.layers.xavier_initializer)\n", "not called here"),
        ("import tensorflow as tf\ni = tf.keras.initializers.get(name)\n", "when the program runs"),
        ("import tensorflow as tf\ni = getattr(tf.keras.initializers, name)()\n", "`getattr`"),
        ("from a import *\nfrom tensorflow.contrib.layers import *\ni = xavier_initializer()\n", "may also be a."),
        ("from .compat import tf\ni = tf.glorot_normal_initializer()\n", "may also be .compat.tf.glorot_normal"),
        ("import tensorflow as tf\ni = tf.constant_initializer(values)\n", "may be an array"),
        ("import tensorflow as tf\ni = tf.constant_initializer([1, 2])\n", "is an array"),
        ("import tensorflow as tf\ni = tf.uniform_unit_scaling_initializer()\n", "the shape is not known here"),
        ("import tensorflow as tf\ni = tf.random_uniform_initializer(0, 9, dtype=tf.int32)\n", "integers"),
        ("import tensorflow as tf\ni = tf.contrib.framework.convolutional_orthogonal_2d()\n", "orthogonal convolution"),
        (
            "import tensorflow as tf\nwith tf.variable_scope('a', partitioner=p):\n"
            "  tf.get_variable('b', (3, 4), initializer=tf.glorot_uniform_initializer())\n",
            "--assume unpartitioned",
        ),
        (
            "try:\n  from tensorflow.contrib.layers import xavier_initializer\nexcept ImportError:\n"
            "  from mine import xavier_initializer\ni = xavier_initializer()\n",
            "may also be mine.xavier_initializer",
        ),
        (
            "import tensorflow as tf\nclass A:\n  i = tf.contrib.layers.xavier_initializer()\n  j = f(i)\n",
            "move it out of the class",
        ),
    ],
)
def test_refused(source: str, reason: str) -> None:
    (detail,) = refusals(source)
    assert reason in detail


def test_a_version_that_the_user_states() -> None:
    run = Run(versions={"tensorflow": (1, 4)})
    (detail,) = refusals("import tensorflow as tf\ni = tf.variance_scaling_initializer(distribution='bad')\n", run)
    assert "bad" in detail


def test_the_first_test_of_a_file_misses_no_trigger_word() -> None:
    for root in registry.all_roots() - {"tensorflow"}:
        words = names(Versions(), roots=frozenset({root})).triggers
        assert all(may_hold_sites(b"import " + root.encode() + b"\n" + word) for word in words), root
    assert all(may_hold_sites(word) for word in names(Versions(), roots=frozenset({"tensorflow"})).triggers)


def test_a_site_within_a_site() -> None:
    found = outcome(b"import tensorflow as tf\ni = tf.random_normal_initializer(f(tf.zeros_initializer()), 1.0)\n")
    assert [change.source for change in found.changes] == ["tf.zeros_initializer()"]
    assert "another initializer is inside it" in found.diagnostics[0].detail
