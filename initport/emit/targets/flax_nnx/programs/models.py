"""Models of Flax NNX: their weights.

For `initport.verify.programs.build_program`, in a process that has loaded flax; never
imported.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import models_of_jax as shared  # type: ignore[import-not-found]

TITLE = "Flax NNX"

LAYERS = "flax.nnx.nn."
"""Where the classes of the framework's own layers are."""

array, is_weight, order, seed = shared.array, shared.is_weight, shared.order, shared.seed


def _rngs(seed: int) -> Any:
    from flax import nnx

    return nnx.Rngs(seed)


GIVEN: Mapping[str, Callable[[int], Any]] = {"rngs": _rngs}
"""What a factory may ask for by these names, made of a seed."""


def is_model(model: Any) -> bool:
    nnx = sys.modules.get("flax.nnx")
    return nnx is not None and isinstance(model, nnx.Module)


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
    from flax import nnx

    paths = {layer: home.replace(".", "/") for layer, home in rename.items()}
    state, _ = init_weights(model, shared.key_of(seed), paths)
    nnx.update(model, state)
    return model
