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
