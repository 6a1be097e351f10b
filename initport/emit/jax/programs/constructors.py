"""Constructor arguments where initializers are given a key. Emitted, never imported."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

INITIALIZERS: dict[tuple[str, str], Callable[..., jax.Array]] = {}
ARGUMENTS: dict[tuple[str, str], str] = {}


# The emitted text starts below this line.
def initializers() -> dict[str, dict[str, Any]]:
    """Constructor arguments by layer: `**initializers()["conv1"]`.

    They draw in float32 and cast: draws of JAX in bfloat16 are biased.
    """
    found: dict[str, dict[str, Any]] = {}
    for (layer, name), argument in ARGUMENTS.items():
        found.setdefault(layer, {})[argument] = _in_float32(INITIALIZERS[layer, name])
    return found


def _in_float32(initializer: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def cast(key: Any, shape: Any, dtype: Any = jnp.float32, *_: Any) -> jax.Array:
        return initializer(key, shape, jnp.float32).astype(dtype)

    return cast
