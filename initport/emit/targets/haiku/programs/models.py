"""Models of Haiku: their weights.

For `initport.verify.programs.build_program`, in a process that has loaded haiku; never
imported. A model is its parameters, alone or behind its transformed function in a pair:
that holds none.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import models_of_jax as shared  # type: ignore[import-not-found]

TITLE = "Haiku"

LAYERS = "haiku."
"""Where the classes of the framework's own layers are."""

array, is_weight, order, seed = shared.array, shared.is_weight, shared.order, shared.seed


GIVEN: Mapping[str, Callable[[int], Any]] = {"key": shared.key_of, "rng": shared.key_of}
"""What a factory may ask for by these names, made of a seed."""


def is_model(model: Any) -> bool:
    return "haiku" in sys.modules and (_is_transformed(model) or _parameters(model) is not None)


def _is_transformed(model: Any) -> bool:
    haiku = sys.modules["haiku"]
    kinds = (haiku.Transformed, haiku.TransformedWithState)
    return isinstance(model, kinds)


def _parameters(model: Any) -> Any:
    pair = isinstance(model, tuple) and not _is_transformed(model)
    if pair and model and _is_transformed(model[0]):
        return model[1]
    two = isinstance(model, Mapping) and bool(model)
    two = two and all(isinstance(inner, Mapping) for inner in model.values())
    values = [value for inner in model.values() for value in inner.values()] if two else []
    return model if values and all(map(is_weight, values)) else None


def weights_of(model: Any) -> Iterator[tuple[str, str, Any, str, Any]]:
    """Name, holder, value, type and layer (which is not known) of each."""
    parameters = _parameters(model)
    if parameters is None:
        raise TypeError(
            "a transformed function holds no parameters: the factory returns it with "
            "what its `init` gives, `(net, net.init(key, x))`"
        )
    for home in shared.names_in_order(parameters):
        for name in shared.names_in_order(parameters[home]):
            value = parameters[home][name]
            yield f"{home}.{name}", home, value, str(value.dtype), None


def start(init_weights: Any, model: Any, rename: dict[str, str], seed: int) -> Any:
    """The model after the ``init_weights`` of an emitted module."""
    parameters = _parameters(model)
    started, _ = init_weights(parameters, shared.key_of(seed), rename)
    return started if parameters is model else (model[0], started, *model[2:])
