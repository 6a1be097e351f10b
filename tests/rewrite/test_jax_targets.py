"""Expressions of source code in the initializers of libraries on JAX: what is written, and what is refused."""

import pytest

from initport.diagnostics import Code
from initport.source_code import codemod

LIBRARIES = ("flax-linen", "flax-nnx", "haiku", "equinox")

HEAD = "import tensorflow as tf\n\nS = 0.05\n"


def layer(initializer: str, kind: str = "dense(x, 10") -> str:
    return f"{HEAD}a = tf.layers.{kind}, kernel_initializer={initializer})\n"


def written(text: str, target: str) -> str:
    """What took the initializer's place."""
    result = codemod(text, target=target, versions=["tf=1.15"])
    assert result.exit_code == 0, result.findings
    line = str(result.text).splitlines()[-1]
    return line.partition("kernel_initializer=")[2].removesuffix(")")


JAX, HAIKU = "jax.nn.initializers", "hk.initializers"
UNIFORM = "lambda key, shape, dtype=float: jax.random.uniform(key, shape, dtype, -0.1, 0.1)"
NAMED = "lambda key, shape, dtype=float, *, minval=-S, maxval=S: jax.random.uniform(key, shape, dtype, minval, maxval)"

SPELLINGS = [
    ("tf.zeros_initializer()", f"{JAX}.zeros", f"{HAIKU}.Constant(0)", f"{JAX}.zeros"),
    ("tf.ones_initializer()", f"{JAX}.ones", f"{HAIKU}.Constant(1)", f"{JAX}.ones"),
    ("tf.constant_initializer(0.1)", f"{JAX}.constant(0.1)", f"{HAIKU}.Constant(0.1)", f"{JAX}.constant(0.1)"),
    (
        "tf.truncated_normal_initializer(stddev=0.02)",
        f"{JAX}.truncated_normal(0.02)",
        f"{HAIKU}.TruncatedNormal(0.02)",
        f"{JAX}.truncated_normal(0.02)",
    ),
    (
        "tf.random_normal_initializer(stddev=S)",
        f"{JAX}.normal(S)",
        f"{HAIKU}.RandomNormal(S)",
        f"{JAX}.normal(S)",
    ),
    ("tf.random_uniform_initializer(-0.1, 0.1)", UNIFORM, f"{HAIKU}.RandomUniform(-0.1, 0.1)", UNIFORM),
    ("tf.random_uniform_initializer(-S, S)", NAMED, f"{HAIKU}.RandomUniform(-S, S)", NAMED),
    (
        "tf.glorot_uniform_initializer()",
        f"{JAX}.glorot_uniform()",
        f'{HAIKU}.VarianceScaling(1, "fan_avg", "uniform")',
        f"{JAX}.glorot_uniform(in_axis=1, out_axis=0)",
    ),
    (
        "tf.orthogonal_initializer(1.4)",
        f"{JAX}.orthogonal(1.4)",
        f"{HAIKU}.Orthogonal(1.4)",
        f"{JAX}.orthogonal(1.4, column_axis=0)",
    ),
]


@pytest.mark.parametrize(("initializer", "flax", "haiku", "equinox"), SPELLINGS)
def test_an_initializer_of_tensorflow_is_one_of_the_library(
    initializer: str, flax: str, haiku: str, equinox: str
) -> None:
    wanted = {"flax-linen": flax, "flax-nnx": flax, "haiku": haiku, "equinox": equinox}
    assert {name: written(layer(initializer), name) for name in LIBRARIES} == wanted


def test_a_transposed_convolution_has_the_library_s_axes() -> None:
    """TensorFlow's kernel is (window, outputs, inputs), whose fan_in is the outputs'; Flax has them the other way."""
    scaled = 'tf.keras.initializers.VarianceScaling(mode="fan_in", distribution="uniform")'
    text = layer(scaled, "conv2d_transpose(x, 10, 3")
    assert written(text, "flax-linen") == f'{JAX}.variance_scaling(1, "fan_out", "uniform")'
    assert written(text, "haiku") == f'{HAIKU}.VarianceScaling(1, "fan_in", "uniform")'
    assert written(text, "equinox") == f'{JAX}.variance_scaling(1, "fan_out", "uniform", in_axis=1, out_axis=0)'


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_is_written_stays(name: str) -> None:
    once = codemod(layer("tf.random_uniform_initializer(-S, S)"), target=name).text
    again = codemod(once, target=name)
    assert again.text == once
    assert again.exit_code == 0


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_import_that_is_there_is_used(name: str) -> None:
    text = "from jax.nn import initializers\nimport haiku\n" + layer("tf.random_normal_initializer(stddev=0.1)")
    result = written(text, name)
    assert result == ("haiku.initializers.RandomNormal(0.1)" if name == "haiku" else "initializers.normal(0.1)")


REFUSED = [
    (layer("tf.random_normal_initializer(stddev=0.1, seed=3)"), Code.REFUSED_SITE, "draws with the key"),
    (f"{HEAD}w = tf.Variable(tf.truncated_normal([3, 4], stddev=0.1))\n", Code.REFUSED_SITE, "takes a key in JAX"),
]


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize(("text", "code", "words"), REFUSED)
def test_what_has_no_key_is_refused(text: str, code: Code, words: str, name: str) -> None:
    result = codemod(text, target=name, versions=["tf=1.15"])
    assert result.text == text
    (found,) = (item.diagnostic for item in result.findings if item.exit_code)
    assert found.code is code
    assert words in found.detail


def test_what_is_no_expression_is_refused() -> None:
    """JAX's normal law has no mean; Haiku's has."""
    text = layer("tf.random_normal_initializer(1.0, 2.0)")
    (found,) = (item.diagnostic for item in codemod(text, target="flax-linen").findings if item.exit_code)
    assert found.code is Code.INEXPRESSIBLE
    assert written(text, "haiku") == f"{HAIKU}.RandomNormal(2, 1)"


@pytest.mark.parametrize("name", LIBRARIES)
def test_what_fills_a_tensor_is_refused(name: str) -> None:
    text = "import torch\nfrom torch import nn\nlayer = nn.Linear(3, 4)\nnn.init.normal_(layer.weight, std=0.1)\n"
    result = codemod(text, target=name, versions=["tf=1.15"])
    assert result.text == text
    assert [item for item in result.findings if item.diagnostic.code is Code.FILLED]
