"""What PyTorch's functions are given are numbers: roots are Python's, tensors of a graph are refused."""

import pytest

from initport.project.processes import Run
from tests.rewrite.rewriting import refusals, rewritten


@pytest.mark.parametrize(
    ("draw", "std"),
    [
        ("tf.random_normal([5, 3], stddev=tf.sqrt(2. / 5))", "math.sqrt(2.0 / 5)"),
        ("tf.random_normal([n, 3], stddev=1. / tf.sqrt(n / 2.))", "1.0 / math.sqrt(n / 2.0)"),
        ("tf.random_normal(shape=s, stddev=tf.math.sqrt(s[0] / 2.))", "math.sqrt(s[0] / 2.0)"),
    ],
)
def test_roots_of_numbers_are_those_of_python(draw: str, std: str) -> None:
    after = rewritten(f"import tensorflow as tf\nw = tf.Variable({draw})\n", Run(target="torch"))
    assert f"std={std})" in after
    assert "import math\n" in after


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("w = tf.Variable(tf.random_normal([3, 4], stddev=tf.sqrt(tf.reduce_sum(x))))", "a tensor of TensorFlow"),
        ("w = tf.Variable(tf.random_normal([3, 4], stddev=tf.sqrt(x)))", "a tensor of TensorFlow"),
        ("d = 1. / tf.sqrt(n / 2.)\nw = tf.Variable(tf.random_normal([n, 4], stddev=d))", "a tensor of TensorFlow"),
        ("w = tf.Variable(tf.random_normal([tf.shape(x)[0], 4], stddev=0.1))", "the shape holds `tf.shape(x)`"),
        ("n = tf.shape(x)[0]\nw = tf.Variable(tf.random_normal([n, 4], stddev=0.1))", "the shape holds `tf.shape(x)`"),
    ],
)
def test_tensors_of_a_graph_are_refused(body: str, reason: str) -> None:
    (found,) = refusals(f"import tensorflow as tf\n{body}\n", Run(target="torch"))
    assert reason in found


@pytest.mark.parametrize("std", ["h.std", "2 * h.std"])
def test_a_setting_is_a_number(std: str) -> None:
    """HParams of TensorFlow 1.15.5 keeps numbers, and no tensors."""
    head = "import tensorflow as tf\nh = tf.contrib.training.HParams(std=0.02)\n"
    after = rewritten(f"{head}w = tf.Variable(tf.random_normal([3, 4], stddev={std}))\n", Run(target="torch"))
    assert f"nn.init.normal_(torch.empty([3, 4]), std={std})" in after
