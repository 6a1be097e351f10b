"""What is known of values that the source computes or names: numbers, unpacked arguments, names bound again."""

import pytest

from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, refusals, rewritten

TF = "import tensorflow as tf\nimport numpy as np\n"
CONSTANT = "v = tf.get_variable('v', [3], initializer={})\n"


@pytest.mark.parametrize(
    ("before", "value"),
    [
        ("", "np.random.randn()"),
        ("x = np.random.rand()\n", "x"),
        ("p = tf.contrib.training.HParams(bias=0.1)\n", "p.bias"),
    ],
)
def test_single_numbers(before: str, value: str) -> None:
    source = f"{TF}{before}{CONSTANT.format(f'tf.constant_initializer({value})')}"
    assert rewritten(source) == f"{TF}{before}{CONSTANT.format(f'tf.keras.initializers.Constant({value})')}"


@pytest.mark.parametrize(
    "value", ["np.random.randn(3)", "np.random.randn(size)", "p.bias", "f(bias=0.1).bias", "np.random.randn(*size)"]
)
def test_what_may_be_an_array(value: str) -> None:
    details = refusals(f"{TF}{CONSTANT.format(f'tf.constant_initializer({value})')}")
    assert any("may be an array" in detail or "inside it" in detail for detail in details)


@pytest.mark.parametrize(
    ("before", "call", "written"),
    [
        ("A = [0.0, 0.02]\n", "tf.random_normal_initializer(*A)", "RandomNormal(stddev=0.02)"),
        ("A = (0.0, 0.02)\nprint(A)\n", "tf.random_normal_initializer(*A)", "RandomNormal(stddev=0.02)"),
        ("", "tf.random_normal_initializer(*[0.0, 0.02])", "RandomNormal(stddev=0.02)"),
        ("N = False\n", "tf.contrib.layers.xavier_initializer(uniform=not N)", "glorot_uniform()"),
        ("N = True\nM = not N\n", "tf.contrib.layers.xavier_initializer(uniform=not M)", "glorot_uniform()"),
    ],
)
def test_arguments_that_are_literals_elsewhere(before: str, call: str, written: str) -> None:
    variable = "v = tf.get_variable('v', [3, 4], initializer={})\n"
    source = f"{TF}{before}{variable.format(call)}"
    assert rewritten(source) == f"{TF}{before}{variable.format(f'tf.keras.initializers.{written}')}"


@pytest.mark.parametrize("before", ["", "A = [0.0, 0.02]\nA[1] = 3\n", "A = (0.0, s)\n", "A = (0, 1)\nA = (0, 2)\n"])
def test_unpacked_arguments_that_are_not_known(before: str) -> None:
    (detail,) = refusals(f"{TF}{before}v = tf.get_variable('v', [3], initializer=tf.random_normal_initializer(*A))\n")
    assert "write them out" in detail


AGAIN = """def f(x):
    init = {}
    y = tf.layers.dense(x, 10, kernel_initializer=init)
    init = {}
    return tf.layers.dense(y, 10, kernel_initializer=init)
"""


def test_a_name_that_is_bound_again() -> None:
    """Each object starts the layers before the next statement that gives the name another."""
    xavier = "tf.contrib.layers.xavier_initializer"
    found = rewritten(TF + AGAIN.format(f"{xavier}()", f"{xavier}(uniform=False)"), Run(target="torch"))
    assert "init = nn.init.xavier_uniform_\n" in found
    assert "init = lambda w: " in found or "init = functools.partial(" in found


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(AGAIN.replace("    y =", "    if a:\n        init = 3\n    y ="), id="in a branch"),
        pytest.param(AGAIN.replace("    y =", "    g = lambda: init\n    y ="), id="a function looks it up later"),
    ],
)
def test_a_name_that_is_bound_elsewhere_too(source: str) -> None:
    xavier = "tf.contrib.layers.xavier_initializer()"
    assert any("not visible" in detail for detail in refusals(TF + source.format(xavier, xavier), Run(target="torch")))


def test_one_xavier_of_a_matrix_and_a_dense_layer() -> None:
    source = """def f(x):
    init = {}
    w = tf.get_variable("w", [5, 4], initializer=init)
    return tf.layers.dense(tf.matmul(x, w), 10, kernel_initializer=init)
"""
    found = rewritten(TF + source.format("tf.contrib.layers.xavier_initializer()"), Run(target="torch"))
    assert source.format("nn.init.xavier_uniform_") in found


SEPARABLE = "SeparableConv2D(32, 3, kernel_initializer={})\n"


@pytest.mark.parametrize(
    "source",
    [
        "from keras.layers import SeparableConv2D\n" + SEPARABLE.format("'he_normal'"),
        TF + "tf.keras.layers." + SEPARABLE.format("tf.initializers.he_normal()"),
        TF + "tf.layers." + SEPARABLE.format("tf.glorot_uniform_initializer()"),
    ],
)
def test_an_argument_that_starts_nothing(source: str) -> None:
    """TensorFlow 1.15.5 and Keras 2.3.1 take it and make no weight of it, Keras 3.15 raises."""
    (detail,) = refusals(source)
    assert "drop it" in detail


@pytest.mark.parametrize("layer", ["separable_conv2d", "separable_conv1d"])
@pytest.mark.parametrize("initializer", ["tf.glorot_normal_initializer()", "tf.random_normal_initializer(0, 0.02)"])
def test_an_argument_that_is_a_type_error(layer: str, initializer: str) -> None:
    """TensorFlow 1.15.5: unexpected keyword argument 'kernel_initializer'; those of the two kernels are taken."""
    call = TF + f"y = tf.layers.{layer}(x, 4, 3, {{}}={initializer})\n"
    (detail,) = refusals(call.format("kernel_initializer"))
    assert "takes no `kernel_initializer`" in detail
    assert "`depthwise_initializer` or `pointwise_initializer`" in detail
    taken = outcome(call.format("depthwise_initializer").encode())
    assert not any("takes no" in item.diagnostic.detail for item in taken.findings)


@pytest.mark.parametrize(
    ("classes", "weight", "argument"),
    [
        ("nn.BatchNorm2d", "weight", "gamma_initializer"),
        ("nn.BatchNorm2d", "bias", "beta_initializer"),
        ("(nn.BatchNorm2d, nn.GroupNorm)", "weight", "gamma_initializer"),
        ("nn.Linear", "weight", "kernel_initializer"),
        ("nn.Conv2d", "bias", "bias_initializer"),
        ("nn.Embedding", "weight", "embeddings_initializer"),
    ],
)
def test_the_argument_of_the_layer_that_is_tested_for(classes: str, weight: str, argument: str) -> None:
    source = f"from torch import nn\nif isinstance(m, {classes}):\n    nn.init.constant_(m.{weight}, 0.5)\n"
    (detail,) = refusals(source)
    assert f"`{argument}=keras.initializers.Constant(0.5)`" in detail


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ("tf.keras.layers.Dense(3, bias_initializer={})", "tf.keras.initializers.Zeros()"),
        ("tf.layers.dense(x, 3, bias_initializer={})", "tf.keras.initializers.Zeros()"),
        ("tf.get_variable('v', [3], initializer={})", "tf.keras.initializers.Zeros()"),
        (
            "def f(init={}):\n    return tf.get_variable('v', [3], initializer=init())",
            "lambda: tf.keras.initializers.Zeros()",
        ),
        ("def f(init={}):\n    return tf.get_variable('v', [3], initializer=init)", "tf.keras.initializers.Zeros()"),
    ],
)
def test_a_class_that_is_not_called(source: str, written: str) -> None:
    """TensorFlow 1.15.5 makes an instance of it in get_variable, in its layers and in its own Keras."""
    assert rewritten(f"{TF}{source.format('tf.zeros_initializer')}\n") == f"{TF}{source.format(written)}\n"


def test_a_class_that_standalone_keras_calls_on_the_shape() -> None:
    """Keras 2.3.1: TypeError."""
    source = f"{TF}from keras.layers import Dense\nDense(3, bias_initializer=tf.zeros_initializer)\n"
    assert outcome(source.encode()).after is None


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("tf.get_variable('v', [3], initializer=tf.zeros_initializer(0.1))", "a dtype is expected"),
        ("std = 0.1\ntf.get_variable('v', [3], initializer=tf.zeros_initializer(std))", "a dtype is expected"),
        ("import tflearn\ntflearn.initializations.uniform_scaling(shape=[3, 4], factor=2.0)", "AttributeError"),
    ],
)
def test_calls_that_the_framework_rejects(source: str, reason: str) -> None:
    """TensorFlow 1.15.5: TypeError of a deviation for a dtype; TFLearn 0.3.2 and 0.5.0: AttributeError on a shape."""
    found = outcome(f"{TF}{source}\n".encode())
    assert found.after is None
    (finding,) = found.diagnostics
    assert (finding.code.code, reason in finding.detail) == ("IP201", True)
