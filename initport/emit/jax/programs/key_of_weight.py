"""The key of each weight. Emitted, never imported."""

import zlib
from typing import Any

import jax


# The emitted text starts below this line.
def _key_of(key: Any, source: tuple[str, str]) -> Any:
    return jax.random.fold_in(key, zlib.crc32("/".join(source).encode()))
