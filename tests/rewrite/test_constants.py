"""Constants that are arrays: TensorFlow 1 lays them out element by element, Keras 3 broadcasts them."""

import pytest

from initport import codemod
from initport.project.processes import Run
from tests.rewrite.rewriting import refusals, rewritten

TF = "import numpy as np\nimport tensorflow as tf\n"


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        pytest.param("[2]", "[0.1, 0.2]", id="a list of the weight's shape"),
        pytest.param("(2, 2)", "((1, 2), (3, 4))", id="lists of lists"),
        pytest.param("[2, 1]", "np.array([[1], [2]], dtype=np.float32)", id="an array"),
        pytest.param("w.shape", "w", id="the shape is the value's own"),
        pytest.param("[3, 4]", "np.float32(0.1)", id="one number of NumPy's"),
    ],
)
def test_converted(shape: str, value: str) -> None:
    call = f"{TF}tf.get_variable('a', {shape}, initializer={{}}({value}))\n"
    assert rewritten(call.format("tf.constant_initializer")) == call.format("tf.keras.initializers.Constant")


def test_sizes_and_values_by_name() -> None:
    source = f"{TF}def f(n):\n  v, shape = [0.1, 0.2], [2]\n  tf.get_variable('a', shape, initializer={{}}(v))\n"
    assert rewritten(source.format("tf.constant_initializer")) == source.format("tf.keras.initializers.Constant")


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        ("False", "Zeros()"),
        ("True", "Ones()"),
        ("0, dtype=tf.int32", "Zeros()"),
        ("7, tf.int64", "Constant(7)"),
    ],
)
def test_truth_values_and_whole_numbers(arguments: str, target: str) -> None:
    call = f"{TF}tf.get_variable('a', [], d, {{}})\n"
    after = rewritten(call.format(f"tf.constant_initializer({arguments})"))
    assert after == call.format(f"tf.keras.initializers.{target}")


def test_a_name_for_a_number_that_is_computed() -> None:
    source = f"{TF}def f(n):\n  v = 2 * float(n)\n  tf.get_variable('a', s, initializer={{}}(-v))\n"
    assert rewritten(source.format("tf.constant_initializer")) == source.format("tf.keras.initializers.Constant")


def test_a_parameter_whose_default_is_a_number() -> None:
    source = f"{TF}def f(s, v=0.1):\n  return tf.get_variable('a', s, initializer={{}}(-v))\n"
    assert rewritten(source.format("tf.constant_initializer")) == source.format("tf.keras.initializers.Constant")


@pytest.mark.parametrize(
    "parameters",
    ["v", "v=None", "v=[0.1, 0.2]", "v=w", "*v", "**v"],
    ids=["none", "None", "a list", "a name", "*", "**"],
)
def test_a_parameter_that_may_be_an_array(parameters: str) -> None:
    (reason,) = refusals(f"{TF}def f({parameters}):\n  return tf.get_variable('a', s, d, tf.constant_initializer(v))\n")
    assert "may be an array" in reason


def test_a_parameter_that_is_bound_again_may_be_an_array() -> None:
    body = "v = g(v)\n  return tf.get_variable('a', s, d, tf.constant_initializer(v))"
    (reason,) = refusals(f"{TF}def f(v=0.1):\n  {body}\n")
    assert "may be an array" in reason


@pytest.mark.parametrize("body", ["v = w; w = v", "v = w; return lambda w=1.0: {}", "v = float(a); v = b"])
def test_a_name_that_may_stand_for_an_array(body: str) -> None:
    site = "tf.get_variable('a', [2], initializer=tf.constant_initializer(v))"
    source = f"{TF}def f(a, b):\n  {body.format(site) if '{}' in body else f'{body}; {site}'}\n"
    (reason,) = refusals(source)
    assert "may be an array" in reason


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        pytest.param("[4]", "[0.1, 0.2]", id="the last element would be repeated"),
        pytest.param("[2, 2]", "[1, 2, 3, 4]", id="as many elements in another shape"),
        pytest.param("[2, 2]", "[1, 2]", id="would be broadcast"),
        pytest.param("[n]", "[1, 2]", id="a size that is not told"),
        pytest.param("shape", "np.array([1, 2])", id="a shape that is not told"),
    ],
)
def test_refused_whatever_is_assumed(shape: str, value: str) -> None:
    source = f"{TF}tf.get_variable('a', {shape}, initializer=tf.constant_initializer({value}))\n"
    (reason,) = refusals(source, Run(assume=frozenset({"scalar"})))
    assert "element by element" in reason


@pytest.mark.parametrize("value", ["[[1, 2], [3]]", "[]", "w", "np.load('w.npy')"])
def test_what_may_be_an_array(value: str) -> None:
    source = f"{TF}tf.get_variable('a', [2], initializer=tf.constant_initializer({value}))\n"
    (reason,) = refusals(source)
    assert "may be an array" in reason


def test_a_weight_in_parts_is_refused() -> None:
    source = (
        f"{TF}with tf.variable_scope('a', partitioner=p):\n"
        "  tf.get_variable('a', [2], initializer=tf.constant_initializer([1, 2]))\n"
    )
    (reason,) = refusals(source)
    assert "element by element" in reason


@pytest.mark.parametrize("target", ["keras", "torch"])
@pytest.mark.parametrize("stddev", ["np.arange(3.)", "np.ones(3)", "[.1, .2]", "v", "np.array([.1, .2])"])
def test_a_parameter_that_is_an_array_is_refused(stddev: str, target: str) -> None:
    source = "import numpy as np\nimport tensorflow as tf\nv = np.array([.1, .2])\n"
    for call in (f"tf.random_normal_initializer(0., {stddev})", f"tf.Variable(tf.random_normal([3, 2], 0., {stddev}))"):
        found = codemod(f"{source}w = {call}\n", target=target, versions=["tf=1.15.5"])
        assert not found.changed
        assert any("is an array, of which each element has its own" in item.message for item in found.findings)
    assert codemod(f"{source}w = tf.random_normal_initializer(0., .1)\n", target=target, versions=["tf=1.15.5"]).changed
