"""How initializers come to Haiku's modules. Emitted, never imported."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from initport.emit.programs.names import Rename, Shape, _fits, _shape_text
from initport.emit.programs.rename import _rename

INITIALIZERS: dict[tuple[str, str], Callable[..., jax.Array]] = {}
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = {}


# The emitted text starts below this line.
def creator(rename: Rename | None = None) -> Callable[..., jax.Array]:
    """For modules whose constructors take no initializers, such as `hk.LSTM`:

        with hk.custom_creator(creator()):
            ...

    starts each parameter of the source that is created there. `rename` is that of
    `init_weights`. Raises ValueError for a shape that differs from the source's.
    """

    def create(next_creator: Any, shape: Any, dtype: Any, init: Any, context: Any) -> jax.Array:
        full = context.full_name
        for layer, name in INITIALIZERS:
            home = full.removesuffix(name).rstrip("/")
            if _rename(layer, rename, {home: None}) != home:
                continue
            if full != "/".join(filter(None, (home, name))):
                continue
            known = EXPECTED[layer, name][2]
            if known is not None and not _fits(tuple(shape), known, "shape"):
                raise ValueError(
                    f"{full}: its shape is {_shape_text(known)} in the source, {_shape_text(tuple(shape))} in the model"
                )
            init = _in_float32(INITIALIZERS[layer, name])
        return next_creator(shape, dtype, init)

    return create


def _in_float32(initializer: Callable[..., jax.Array]) -> Callable[..., jax.Array]:
    def cast(shape: Any, dtype: Any = jnp.float32) -> jax.Array:
        return initializer(shape, jnp.float32).astype(dtype)

    return cast
