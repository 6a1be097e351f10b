"""Models of Flax Linen: their weights.

For `initport.verify.programs.build_program`, in a process that has loaded flax; never
imported. A model is its variables, alone or behind its module in a pair: a Linen module
holds no parameters.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import models_of_jax as shared  # type: ignore[import-not-found]

TITLE = "Flax Linen"

LAYERS = "flax.linen."
"""Where the classes of the framework's own layers are."""

array, is_weight, order, seed = shared.array, shared.is_weight, shared.order, shared.seed


GIVEN: Mapping[str, Callable[[int], Any]] = {"key": shared.key_of, "rng": shared.key_of}
"""What a factory may ask for by these names, made of a seed."""


def is_model(model: Any) -> bool:
    return _is_module(model) or _variables(model) is not None


def _is_module(model: Any) -> bool:
    linen = sys.modules.get("flax.linen")
    return linen is not None and isinstance(model, linen.Module)


def _variables(model: Any) -> Any:
    if isinstance(model, tuple) and len(model) == 2 and _is_module(model[0]):
        return model[1]
    alone = isinstance(model, Mapping) and isinstance(model.get("params"), Mapping)
    return model if alone and "flax.linen" in sys.modules else None


def weights_of(model: Any) -> Iterator[tuple[str, str, Any, str, Any]]:
    """Name, holder, value, type and layer (which is not known) of each."""
    variables = _variables(model)
    if variables is None:
        raise TypeError(
            "a Linen module holds no parameters: the factory returns it with what its "
            "`init` gives, `(module, module.init(key, x))`"
        )
    for path, value in _leaves(variables["params"]):
        yield ".".join(path), ".".join(path[:-1]), value, str(value.dtype), None


def _leaves(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The parameters in their order; a box of axes' names is its value."""
    if isinstance(tree, Mapping):
        for name in shared.names_in_order(tree):
            yield from _leaves(tree[name], (*path, str(name)))
    else:
        yield path, tree.unbox() if hasattr(tree, "unbox") else tree


def start(init_weights: Any, model: Any, rename: dict[str, str], seed: int) -> Any:
    """The model after the ``init_weights`` of an emitted module."""
    variables = _variables(model)
    paths = {layer: home.replace(".", "/") for layer, home in rename.items()}
    parameters, _ = init_weights(variables["params"], shared.key_of(seed), paths)
    started = {**variables, "params": parameters}
    return started if variables is model else (model[0], started)
