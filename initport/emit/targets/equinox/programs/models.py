"""Models of Equinox: their weights.

For `initport.verify.programs.build_program`, in a process that has loaded equinox;
never imported. A model is itself, alone or with its state behind it in a pair.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import models_of_jax as shared  # type: ignore[import-not-found]

TITLE = "Equinox"

LAYERS = "equinox.nn."
"""Where the classes of the framework's own layers are."""

array, is_weight, order, seed = shared.array, shared.is_weight, shared.order, shared.seed


GIVEN: Mapping[str, Callable[[int], Any]] = {"key": shared.key_of}
"""What a factory may ask for by these names, made of a seed."""


def is_model(model: Any) -> bool:
    equinox = sys.modules.get("equinox")
    return equinox is not None and isinstance(_alone(model), equinox.Module)


def _alone(model: Any) -> Any:
    """The model without its state."""
    return model[0] if isinstance(model, tuple) and len(model) == 2 else model


def weights_of(model: Any) -> Iterator[tuple[str, str, Any, str, Any]]:
    """Name, holder, value, type and layer of each; state is none."""
    import equinox
    import jax

    model = _alone(model)
    held = equinox.filter(
        model,
        equinox.is_inexact_array,
        is_leaf=lambda node: isinstance(node, equinox.nn.StateIndex),
    )
    leaves, _ = jax.tree_util.tree_flatten_with_path(held)
    for keys, value in leaves:
        owner, parts = model, []
        for key in keys[:-1]:
            owner = _within(owner, key)
        for key in keys:
            found = (getattr(key, kind, None) for kind in ("name", "key", "idx"))
            parts += [str(part) for part in found if part is not None]
        yield ".".join(parts), ".".join(parts[:-1]), value, str(value.dtype), owner


def _within(owner: Any, key: Any) -> Any:
    """What an attribute, a key or an index leads to."""
    if hasattr(key, "name"):
        return getattr(owner, key.name)
    return owner[key.key if hasattr(key, "key") else key.idx]


def start(init_weights: Any, model: Any, rename: dict[str, str], seed: int) -> Any:
    """The model after the ``init_weights`` of an emitted module."""
    paths = {layer: home.replace(".", "/") for layer, home in rename.items()}
    started, _ = init_weights(_alone(model), shared.key_of(seed), paths)
    return started if _alone(model) is model else (started, model[1])
