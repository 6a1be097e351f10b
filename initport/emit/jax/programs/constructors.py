"""Arguments of constructors that take initializers. Emitted, never imported."""

from collections.abc import Callable
from typing import Any

import jax

from initport.emit.jax.programs.cast_by_key import _in_float32

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
