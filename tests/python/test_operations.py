"""What computes with a variable shows its layer: in PyTorch each starts with the variance of TensorFlow's own axes.

TensorFlow's variances are those of contrib's variance scaling (1.0058637 * 2 / fan_in, measured on 1.15.5), with fan_in
the product of all axes of the variable but the last.
"""

import ast
import functools
import math
from typing import Any

import pytest

from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, rewritten

RUN = Run(target="torch")
V = "tf.contrib.layers.variance_scaling_initializer()"
FACTOR = 1.0058636946


def body(text: str) -> str:
    return "import tensorflow as tf\n" + text.replace("V()", V) + "\n"


def codes(text: str, *assumed: str) -> list[str]:
    found = outcome(body(text).encode(), run=Run(target="torch", assume=frozenset(assumed)))
    return [item.diagnostic.code.code for item in found.findings]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        pytest.param("w = tf.get_variable('w', [3, 4], initializer=V())\nf(w)", "IP314", id="an unknown function"),
        pytest.param("w = tf.get_variable('w', [3, 4], initializer=V())\ntf.nn.l2_loss(w)", "IP314", id="a loss"),
        pytest.param("w = tf.get_variable('w', [3, 4], initializer=V())\ntf.nn.conv2d(w, k)", "IP314", id="an input"),
        pytest.param(
            "w = tf.get_variable('w', [3, 3, 4, 4], initializer=V())\ntf.matmul(x, tf.reshape(w, [-1, 4]))",
            "IP315",
            id="other axes than its own",
        ),
        pytest.param(
            "w = tf.get_variable('w', [3, 4], initializer=V())\ntf.matmul(x, tf.transpose(w))", "IP314", id="transposed"
        ),
        pytest.param("w = tf.get_variable('w', [3, 4], initializer=V())\ntf.matmul(x, w * w)", "IP314", id="a product"),
        pytest.param(
            "w = tf.get_variable('w', shape, initializer=V())\ntf.matmul(x, w)",
            "IP315",
            id="a stack of matrices, or one",
        ),
        pytest.param(
            "w = tf.get_variable('w', [8, 3, 4], initializer=V())\ntf.matmul(x, w)", "IP315", id="a stack of matrices"
        ),
        pytest.param(
            "w = tf.get_variable('w', [3, 4], initializer=V())\ntf.matmul(x, w, transpose_b=flag)",
            "IP314",
            id="a transposition that only running tells",
        ),
        pytest.param(
            "w = tf.get_variable('w', [3, 4], initializer=V())\ntf.einsum(equation, x, w)", "IP314", id="an equation"
        ),
        pytest.param(
            "w = tf.get_variable('w', [3, 4], initializer=V())\ntf.einsum('bj,bj->bj', x, w)", "IP314", id="elementwise"
        ),
        pytest.param(
            "ws = {'a': tf.get_variable('w', [3, 4], initializer=V())}\ntf.matmul(x, ws['b'])",
            "IP314",
            id="another key",
        ),
        pytest.param(
            "def w():\n    return tf.get_variable('w', [3, 4], initializer=V())\ntf.matmul(x, w())\nf(w())",
            "IP314",
            id="another call of the function",
        ),
        pytest.param(
            "def _w():\n    return tf.get_variable('w', [3, 4], initializer=V())", "IP314", id="a function of no call"
        ),
        pytest.param(
            "def w():\n    i = V()\n    a = tf.get_variable('a', [3, 4], initializer=i)\n"
            "    b = tf.get_variable('b', [3, 4], initializer=i)\n    return tf.matmul(x, a)",
            "IP314",
            id="another variable of the same initializer",
        ),
    ],
)
def test_what_shows_nothing_is_asked(text: str, code: str) -> None:
    assert codes(text) == [code]


FORMS = [
    pytest.param("w = tf.get_variable('w', {shape}, initializer=V())\n{use}", id="a name"),
    pytest.param(
        "w = tf.get_variable('w', {shape}, initializer=V())\nw = tf.nn.dropout(w, 0.5)\n{use}", id="unchanged"
    ),
    pytest.param(
        "def f():\n    i = V()\n    w = tf.get_variable('w', {shape}, initializer=i)\n    return {use}",
        id="a name of the initializer",
    ),
    pytest.param(
        "ws = {{'b': tf.zeros([3]), 'w': tf.get_variable('w', {shape}, initializer=V())}}\n"
        "def f(ws):\n    w = ws['w']\n    return {use}\nf(ws)",
        id="a dict",
    ),
    pytest.param(
        "ws = [tf.get_variable('w', {shape}, initializer=V()) for _ in range(3)]\nfor w in ws:\n    {use}", id="a list"
    ),
    pytest.param(
        "def _w():\n    w = tf.get_variable('w', {shape}, initializer=V())\n    return tf.zeros([3]), w\n"
        "b, w = _w()\n{use}",
        id="one of two results",
    ),
    pytest.param(
        "def layer(x, w):\n    return {use}\nlayer(x, tf.get_variable('w', {shape}, initializer=V()))", id="a parameter"
    ),
    pytest.param(
        "class Net:\n    def build(self):\n        self.w = tf.get_variable('w', {shape}, initializer=V())\n"
        "        tf.summary.histogram('w', self.w)\n    def call(self, x):\n        w = self.w\n        return {use}",
        id="an attribute",
    ),
]

USES = [
    pytest.param("tf.nn.conv2d(x, w, [1, 1, 1, 1], 'SAME')", (3, 5, 16, 64), (64, 16, 3, 5), id="conv2d"),
    pytest.param("tf.nn.conv2d_transpose(x, w, s, 2)", (3, 5, 16, 64), (64, 16, 3, 5), id="conv2d_transpose"),
    pytest.param("tf.nn.depthwise_conv2d(x, w, s, 'SAME')", (3, 5, 64, 2), (128, 1, 3, 5), id="depthwise_conv2d"),
    pytest.param("tf.nn.embedding_lookup(w, ids)", (100, 32), (100, 32), id="embedding_lookup"),
    pytest.param("tf.matmul(x, w)", (64, 32), (32, 64), id="matmul"),
    pytest.param("tf.matmul(x, w, transpose_b=True)", (64, 32), (64, 32), id="matmul, transposed"),
    pytest.param("tf.matmul(w, x)", (64, 32), (64, 32), id="matmul from the left"),
    pytest.param("tf.einsum('bij,jk->bik', x, w)", (64, 32), (32, 64), id="einsum"),
    pytest.param("tf.einsum('bij,kj->bik', x, w)", (64, 32), (64, 32), id="einsum, transposed"),
    pytest.param("tf.nn.bias_add(x, w)", (4096,), (4096,), id="bias_add"),
]


@pytest.mark.parametrize(("use", "shape", "there"), USES)
def test_the_variance_of_each_use(use: str, shape: tuple[int, ...], there: tuple[int, ...]) -> None:
    _check_variance("w = tf.get_variable('w', {shape}, initializer=V())\n{use}", use, shape, there)


@pytest.mark.parametrize("form", FORMS)
def test_the_variance_whatever_the_weight_is_called(form: str) -> None:
    _check_variance(form, "tf.nn.embedding_lookup(w, ids)", (100, 32), (100, 32))


def _check_variance(form: str, use: str, shape: tuple[int, ...], there: tuple[int, ...]) -> None:
    """``shape`` is TensorFlow's, ``there`` the shape of the same weight in PyTorch."""
    import torch
    from torch import nn

    after = rewritten(body(form.format(use=use, shape=list(shape))), RUN)
    fill = next(
        node
        for node in ast.walk(ast.parse(after))
        if isinstance(node, ast.Lambda | ast.Attribute | ast.Call)
        and ast.unparse(node).startswith(("lambda w: nn.init", "functools"))
    )
    names: dict[str, Any] = {"nn": nn, "math": math, "functools": functools}
    weight = torch.empty(there)
    torch.manual_seed(1)
    eval(ast.unparse(fill), names)(weight)
    fan_in = math.prod(shape[:-1]) if len(shape) > 1 else shape[0]
    wanted = FACTOR * 2 / fan_in
    error = wanted * math.sqrt((2.3655 - 1) / weight.numel())
    assert abs(weight.square().mean().item() - wanted) < 5 * error


def test_weights_of_two_kinds() -> None:
    """A convolution and a transposed one of a tied variable take one formula, a depthwise one takes another."""
    made = "w = tf.get_variable('w', [3, 3, 4, 4], initializer=V())\ntf.nn.conv2d(x, w, 1, 'SAME')\n"
    assert codes(made + "tf.nn.conv2d_transpose(x, w, s, 1)") == ["IP501"]
    assert codes(made + "tf.nn.depthwise_conv2d(x, w, 1, 'SAME')") == ["IP221"]


def test_an_assumption_that_a_use_contradicts() -> None:
    text = (
        "def f(ids):\n    i = V()\n    e = tf.get_variable('e', [100, 16], initializer=i)\n"
        "    g(tf.get_variable('f', [100, 16], initializer=i))\n    return tf.nn.embedding_lookup(e, ids)"
    )
    found = outcome(body(text).encode(), run=Run(target="torch", assume=frozenset({"dense"})))
    (refused,) = found.diagnostics
    assert found.after is None
    assert "`--assume dense` does not hold" in refused.detail
    assert "`tf.nn.embedding_lookup` in line 6" in refused.detail


def test_an_assumption_decides_nothing_where_the_use_does() -> None:
    """What `--assume dense` made of an embedding had 100 / 16 times its variance."""
    text = "e = tf.get_variable('e', [100, 16], initializer=V())\ntf.nn.embedding_lookup(e, ids)"
    after = rewritten(body(text), Run(target="torch", assume=frozenset({"dense"})))
    assert "w.shape[0]" in after
    assert "w.shape[1]" not in after
