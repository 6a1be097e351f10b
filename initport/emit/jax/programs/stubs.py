"""Run the ``init_weights`` of emitted modules on stubs of trees of parameters.

Answers the requests of `initport.verify.measure` with sums of what they draw. Needs
jax, and the library that the module imports; run as a program, never imported.
"""

import os
from typing import Any

os.environ.setdefault("JAX_PLATFORMS", "cpu")

import jax
import jax.numpy as jnp
import numpy as np
from serve import code_key, measuring, serve  # type: ignore[import-not-found]


def stub(weights: list[Any]) -> dict[str, Any]:
    """A tree that has the parameters of these names and shapes, and nothing else."""
    root: dict[str, Any] = {}
    for weight in weights:
        home = root.setdefault(weight["layer"], {})
        *holders, name = weight["parameter"].split(".")
        for holder in holders:
            home = home.setdefault(holder, {})
        empty = jnp.full(weight["shape"], jnp.nan)
        if name:
            home[name] = empty
        else:
            root[weight["layer"]] = empty
    return root


class Run:
    """An emitted module, after it has started a stub."""

    def __init__(self, job: Any, namespace: dict[str, Any]) -> None:
        self.key = jax.random.key(job["seed"])
        namespace["_tree"] = lambda model: model  # a stub is the tree itself
        started, _ = namespace["init_weights"](stub(job["weights"]), self._next())
        leaves, _ = jax.tree_util.tree_flatten_with_path(started)
        self.values = {namespace["_path"](keys): value for keys, value in leaves}
        self.initializers, self._draw = namespace["INITIALIZERS"], namespace["_draw"]

    def start(self, weight: Any) -> Any:
        name = weight["parameter"].replace(".", "/")
        return np.asarray(self.values["/".join(filter(None, (weight["layer"], name)))])

    def function(self, weight: Any) -> Any:
        return self.initializers[weight["layer"], weight["parameter"].replace(".", "/")]

    def key_of(self, function: Any) -> Any:
        return code_key(function)

    def draw(self, function: Any, weight: Any) -> Any:
        return np.asarray(self._draw(function, self._next(), tuple(weight["shape"])))

    def _next(self) -> Any:
        self.key, own = jax.random.split(self.key)
        return own


serve({"measure": measuring("jax", Run)})
