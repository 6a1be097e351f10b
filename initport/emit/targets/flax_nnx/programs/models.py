"""Models of Flax NNX: their weights.

For `initport.verify.programs.build_program`, in a process that has loaded flax; never
imported.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

TITLE = "Flax NNX"

LAYERS = "flax.nnx.nn."
"""Where the classes of the framework's own layers are."""

Before = dict[str, list[str]]


def _rngs(seed: int) -> Any:
    from flax import nnx

    return nnx.Rngs(seed)


GIVEN: Mapping[str, Callable[[int], Any]] = {"rngs": _rngs}
"""What a factory may ask for by these names, made of a seed."""


def is_model(model: Any) -> bool:
    nnx = sys.modules.get("flax.nnx")
    return nnx is not None and isinstance(model, nnx.Module)


def is_weight(value: Any) -> bool:
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def seed(number: int) -> None:
    """Nothing draws without a key."""


def array(value: Any) -> Any:
    return np.asarray(value.astype("float32") if value.dtype.itemsize < 4 else value)


def weights_of(model: Any) -> Iterator[tuple[str, str, Any, str, Any]]:
    """Name, holder, value, type and layer of each."""
    import jax
    from flax import nnx

    layers = {_name(path): node for path, node in nnx.iter_graph(model)}
    leaves, _ = jax.tree_util.tree_flatten_with_path(nnx.state(model, nnx.Param))
    for keys, value in leaves:
        name = _name(_part(key) for key in keys if _part(key) is not None)
        home = name.rpartition(".")[0]
        yield name, home, value, str(value.dtype), layers.get(home)


def _part(key: Any) -> Any:
    return getattr(key, "key", getattr(key, "idx", None))


def _name(path: Any) -> str:
    return ".".join(str(part) for part in path)


def start(init_weights: Any, model: Any, rename: dict[str, str], seed: int) -> Any:
    """The model after the ``init_weights`` of an emitted module."""
    import jax
    from flax import nnx

    paths = {layer: home.replace(".", "/") for layer, home in rename.items()}
    state, _ = init_weights(model, jax.random.PRNGKey(seed), paths)
    nnx.update(model, state)
    return model


def order(model: Any) -> Before:
    """Not known: what a model reads is seen when it is called."""
    return {}
