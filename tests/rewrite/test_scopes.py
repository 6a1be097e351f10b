"""The layers that a scope lists decide what its initializers start, whatever is assumed; classes that are compared."""

import pytest

from initport.diagnostics import Code
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, refusals, rewritten

HEAD = "import tensorflow as tf\nslim = tf.contrib.slim\n"
SCOPE = "with slim.arg_scope({}, weights_initializer=slim.variance_scaling_initializer()):\n  pass\n"
TORCH = Run(target="torch")
CONV, DENSE = "std=math.sqrt(2.6 / w[0].numel())", "std=math.sqrt(2.6 / w.shape[1])"


@pytest.mark.parametrize("assume", [(), ("dense",), ("conv",)])
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (SCOPE.format("[slim.conv2d]"), CONV),
        (SCOPE.format("(slim.conv2d, slim.conv2d)"), CONV),
        (SCOPE.format("[slim.fully_connected]"), DENSE),
        (SCOPE.format("[slim.conv2d, slim.fully_connected]"), CONV),
        ("ours = [slim.conv2d]\n" + SCOPE.format("ours"), CONV),
        ("ours = [slim.conv2d]\nmore = ours + [slim.fully_connected]\n" + SCOPE.format("more"), CONV),
        ("d = tf.contrib.layers.conv2d\n" + SCOPE.format("[d]"), CONV),
        ("with slim.arg_scope([slim.conv2d], stride=1):\n  " + SCOPE.format("[slim.fully_connected]").replace(
            "\n  ", "\n    "), DENSE),
    ],
)  # fmt: skip
def test_the_layers_of_a_scope_decide(source: str, expected: str, assume: tuple[str, ...]) -> None:
    assert expected in rewritten(HEAD + source, Run(target="torch", assume=frozenset(assume)))


@pytest.mark.parametrize("layers", ["[slim.conv2d, mine]", "mine", "[*mine]", "[slim.conv2d] + mine"])
def test_a_layer_that_is_not_known_is_asked_for(layers: str) -> None:
    (finding,) = outcome((HEAD + SCOPE.format(layers)).encode(), run=TORCH).diagnostics
    assert finding.code in (Code.NEEDS_CONV, Code.NEEDS_DENSE)


def test_layers_of_different_axes_have_no_one_function() -> None:
    source = HEAD + SCOPE.format("[slim.conv2d, slim.separable_conv2d]")
    assert refusals(source, Run(target="torch", assume=frozenset({"conv"})))


@pytest.mark.parametrize("test", ["isinstance(x, {})", "isinstance(x, (int, {}))", "issubclass(X, {})"])
@pytest.mark.parametrize("target", ["keras", "torch"])
def test_a_class_that_is_compared_is_not_to_be_called(test: str, target: str) -> None:
    (reason,) = refusals(f"{HEAD}{test.format('tf.zeros_initializer')}\n", Run(target=target))
    assert "compare with the class of the replacement" in reason
    assert "call it" not in reason


def test_a_draw_that_a_method_makes_a_variable_of() -> None:
    source = (
        f"{HEAD}class A:\n  def variable(self, start):\n    return tf.Variable(start)\n"
        "  def build(self):\n    self.w = self.variable(tf.truncated_normal([3, 4]))\n"
    )
    (reason,) = refusals(source)
    assert "the method `variable`" in reason


def test_a_draw_that_a_static_method_is_given_by_name() -> None:
    source = (
        f"{HEAD}class A:\n  @staticmethod\n  def variable(start):\n    return tf.Variable(start)\n"
        "  def build(self):\n    self.w = self.variable(start=tf.truncated_normal([3, 4]))\n"
    )
    (reason,) = refusals(source)
    assert "the method `variable`" in reason


TENSORPACK = "from tensorpack import *\nfrom tensorpack.tfutils.argscope import argscope\n"
XAVIER = "tf.contrib.layers.xavier_initializer()"
FAN_IN = "tf.contrib.layers.variance_scaling_initializer()"


@pytest.mark.parametrize("assume", [(), ("dense",), ("conv",)])
@pytest.mark.parametrize(
    ("layers", "deviation"),
    [
        ("Conv2D", "math.sqrt(2.6 / w[0].numel())"),
        ("[Conv2D]", "math.sqrt(2.6 / w[0].numel())"),
        ("FullyConnected", "math.sqrt(2.6 / w.shape[1])"),
    ],
)
def test_the_scope_of_tensorpack(layers: str, deviation: str, assume: tuple[str, ...]) -> None:
    source = f"{HEAD}{TENSORPACK}with argscope({layers}, kernel_initializer={FAN_IN}):\n    pass\n"
    assert f"std={deviation}" in rewritten(source, Run(target="torch", assume=frozenset(assume)))


@pytest.mark.parametrize(
    "scope",
    [
        f"slim.arg_scope([slim.conv2d, mine], weights_initializer={XAVIER})",
        f"argscope([Conv2D, mine], kernel_initializer={XAVIER})",
    ],
)
def test_an_assumption_that_a_scope_contradicts_is_refused(scope: str) -> None:
    source = f"{HEAD}{TENSORPACK}with {scope}:\n    pass\n"
    details = refusals(source, Run(target="torch", assume=frozenset({"dense"})))
    assert any("`--assume dense` does not hold" in detail for detail in details)
