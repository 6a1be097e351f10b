"""What is written for the targets on JAX draws there what the sources' calls draw (`tests.emit.test_cross`)."""

import itertools
import math
from typing import Any

import pytest

pytest.importorskip("flax")
pytest.importorskip("haiku")
pytest.importorskip("equinox")

import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np

from initport.source_code import codemod
from tests.emit.test_cross import check_draws, helpers
from tests.jax.test_libraries import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_written_draws_it(target: str) -> None:
    namespace: dict[str, Any] = {"hk": hk, "jax": jax, "jnp": jnp, "math": math}
    exec(helpers(target), namespace)
    numbers = itertools.count()

    def draw(text: str, shape: tuple[int, ...]) -> Any:
        initializer, key = eval(text, namespace), jax.random.key(next(numbers))
        if target == "haiku":
            return hk.transform(lambda: initializer(shape, jnp.float32)).apply({}, key)
        return initializer(key, shape, jnp.float32)

    check_draws(target, draw)


def test_a_lambda_that_is_written_into_source_code_draws_what_stood_there() -> None:
    text = "import tensorflow as tf\n\nS = 0.05\ninit = tf.random_uniform_initializer(-S, 2 * S)\n"
    result = codemod(text, target="flax-nnx", versions=["tf=1.15"])
    assert result.exit_code == 0, result.findings
    namespace: dict[str, Any] = {"tf": None}
    exec(str(result.text).replace("import tensorflow as tf\n", ""), namespace)
    drawn = np.asarray(namespace["init"](jax.random.key(0), (100, 1000), jnp.float32))
    assert drawn.var() == pytest.approx(0.15**2 / 12, rel=0.02)
    assert -0.05 <= drawn.min() < -0.0499
    assert 0.0999 < drawn.max() <= 0.1
