"""What models of all libraries on JAX have in common: their weights are arrays of JAX,
and nothing draws without a key.

`initport.verify.programs.build_program` loads it before the models of each library, in
a process that need not have initport; never imported.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

Before = dict[str, list[str]]


def key_of(seed: int) -> Any:
    import jax

    return jax.random.PRNGKey(seed)


def is_weight(value: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def seed(number: int) -> None:
    """Nothing draws without a key."""


def array(value: Any) -> Any:
    return np.asarray(value.astype("float32") if value.dtype.itemsize < 4 else value)


def order(model: Any) -> Before:
    """Not known: what a model reads is seen when it is called."""
    return {}


def names_in_order(tree: Mapping[str, Any]) -> list[str]:
    """As they were made; by their numbers where a compiled function sorted them."""
    found = list(tree)
    return sorted(found, key=_natural) if found == sorted(found) else found


def _natural(name: str) -> list[tuple[str, int]]:
    return [(text, int(part or 0)) for text, part in re.findall(r"(\D*)(\d*)", name)]
