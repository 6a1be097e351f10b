"""What is written for the targets on JAX draws there what the sources' calls draw (`tests.emit.test_cross`)."""

import itertools
import math
from typing import Any

import pytest

pytest.importorskip("flax")

import jax
import jax.numpy as jnp

from tests.emit.test_cross import check_draws, helpers
from tests.jax.test_flax import TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_written_draws_it(target: str) -> None:
    namespace: dict[str, Any] = {"jax": jax, "jnp": jnp, "math": math}
    exec(helpers(target), namespace)
    numbers = itertools.count()

    def draw(text: str, shape: tuple[int, ...]) -> Any:
        return eval(text, namespace)(jax.random.key(next(numbers)), shape, jnp.float32)

    check_draws(target, draw)
