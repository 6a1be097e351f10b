"""Scopes of TensorFlow 1 that are not visible, or that change what a variable starts with."""

import pytest

from tests.program.reading import lines

HEAD = """
import tensorflow as tf
import tensorflow.contrib.slim as slim
from nets import ops

x = tf.placeholder(tf.float32, [2, 8, 8, 4])
own = tf.random_normal_initializer(stddev=0.3)
"""
OWN, GLOROT, ZERO = "nn.init.normal_(w, std=0.3)", "nn.init.xavier_uniform_(w)", "nn.init.zeros_(w)"
CONV = "slim.conv2d(x, 8, 3, scope='a')"


@pytest.mark.parametrize(
    ("program", "kernel", "bias"),
    [
        (CONV, GLOROT, ZERO),
        (f"with tf.device('/cpu:0'):\n    {CONV}", GLOROT, ZERO),
        (f"with tf.Graph().as_default():\n    {CONV}", GLOROT, ZERO),
        (f"with slim.arg_scope([slim.conv2d], weights_initializer=own):\n    {CONV}", OWN, ZERO),
        (f"with slim.arg_scope([slim.fully_connected], weights_initializer=own):\n    {CONV}", GLOROT, ZERO),
        (f"with slim.arg_scope(ops.arg_scope()):\n    {CONV}", None, None),
        (f"with ops.scope():\n    {CONV}", None, None),
        (f"with ops.arg_scope() as scope, slim.arg_scope(scope):\n    {CONV}", None, None),
        (
            "with slim.arg_scope(ops.arg_scope()):\n"
            f"    with slim.arg_scope([slim.conv2d], weights_initializer=own):\n        {CONV}",
            OWN,
            None,
        ),
        (f"with slim.arg_scope(ops.LAYERS, weights_initializer=own):\n    {CONV}", None, ZERO),
        (
            "with slim.arg_scope([slim.conv2d], weights_initializer=own):\n"
            f"    with slim.arg_scope(ops.LAYERS, biases_initializer=own):\n        {CONV}",
            OWN,
            None,
        ),
        (f"with slim.arg_scope([slim.conv2d], **ops.SETTINGS):\n    {CONV}", None, None),
        (f"with slim.arg_scope([slim.conv2d], weights_initializer=own, **ops.SETTINGS):\n    {CONV}", OWN, None),
    ],
)
def test_an_arg_scope_that_is_not_visible_may_set_any_argument(
    program: str, kernel: str | None, bias: str | None
) -> None:
    assert lines(HEAD + program) == {"a kernel": kernel, "a bias": bias}


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("tf.get_variable('w', [3, 4])", GLOROT),
        ("with tf.variable_scope('', initializer=own):\n    tf.get_variable('w', [3, 4])", OWN),
        ("with ops.scope():\n    tf.get_variable('w', [3, 4])", None),
        ("with ops.scope():\n    tf.get_variable('w', [3, 4], initializer=own)", OWN),
        ("with tf.variable_scope('', **ops.SETTINGS):\n    tf.get_variable('w', [3, 4], initializer=own)", None),
        ("tf.get_variable_scope().set_initializer(own)\ntf.get_variable('w', [3, 4])", OWN),
        ("with tf.variable_scope('') as vs:\n    vs.set_initializer(own)\n    tf.get_variable('w', [3, 4])", OWN),
        ("with tf.variable_scope('') as vs:\n    vs.set_initializer(own)\ntf.get_variable('w', [3, 4])", GLOROT),
        ("with tf.variable_creator_scope(ops.creator):\n    tf.Variable(tf.random_normal([3, 4]), name='w')", None),
    ],
)
def test_a_variable_scope_is_followed_or_refused(program: str, expected: str | None) -> None:
    assert list(lines(HEAD + program).values()) == [expected]


@pytest.mark.parametrize(
    ("getter", "expected"),
    [
        ("def getter(getter, *args, **kwargs):\n    return tf.identity(getter(*args, **kwargs))", GLOROT),
        (
            "def getter(get, name, shape=None, dtype=None, initializer=None, *args, **kwargs):\n"
            "    kept = get(name, shape, tf.float32, *args, initializer=initializer, **kwargs)\n"
            "    return tf.cast(kept, dtype)",
            GLOROT,
        ),
        ("def getter(get, name, *args, **kwargs):\n    kwargs['initializer'] = own\n"
         "    return get(name, *args, **kwargs)", None),
        ("def getter(get, name, *args, **kwargs):\n    return get(name, *args, **dict(kwargs, initializer=own))", None),
        ("def getter(get, name, shape=None, initializer=None, **kwargs):\n    initializer = own\n"
         "    return get(name, shape, initializer=initializer, **kwargs)", None),
        ("def getter(get, name, *args, **kwargs):\n    return ops.made(name)", None),
        ("getter = ops.getter", None),
    ],
)  # fmt: skip
def test_a_custom_getter_hands_the_initializer_on_or_the_variable_is_refused(getter: str, expected: str | None) -> None:
    scope = "with tf.variable_scope('', custom_getter=getter):\n    tf.get_variable('w', [3, 4])"
    call = "tf.get_variable('w', [3, 4], custom_getter=getter)"
    for program in (scope, call):
        assert list(lines(f"{HEAD}{getter}\n{program}").values()) == [expected]
