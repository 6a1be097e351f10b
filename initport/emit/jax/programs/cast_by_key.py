"""How initializers that are given a key draw in float32. Emitted, never imported."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp


# The emitted text starts below this line.
def _in_float32(initializer: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def cast(key: Any, shape: Any, dtype: Any = jnp.float32, *_: Any) -> jax.Array:
        return initializer(key, shape, jnp.float32).astype(dtype)

    return cast
