"""The key of each weight, one for all slices of it. Emitted, never imported."""

import zlib
from typing import Any

import jax

TOGETHER: dict[tuple[str, str], tuple[str, str]] = {}


# The emitted text starts below this line.
def _key_of(key: Any, source: tuple[str, str]) -> Any:
    name = "/".join(TOGETHER.get(source, source))
    return jax.random.fold_in(key, zlib.crc32(name.encode()))
