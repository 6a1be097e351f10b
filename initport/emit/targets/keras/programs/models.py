"""Models of Keras: their weights, and which layer reads what which other computes.

For `initport.verify.programs.build_program`, in a process that has loaded keras; never
imported.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

TITLE = "Keras 3"

LAYERS = "keras."
"""Where the classes of the framework's own layers are."""

_STATE = ("seed_generator_state",)
"""Variables that are not weights, and for which there is no initializer."""

GIVEN: Mapping[str, Callable[[int], Any]] = {}
"""What a factory may ask for by these names, made of a seed."""

Before = dict[str, list[str]]
"""The layers that hold weights, as they run, each with those before it that nothing
with weights lies between."""


def is_model(model: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(model, keras.Model)


def is_weight(value: Any) -> bool:
    keras = sys.modules.get("keras")
    return keras is not None and isinstance(value, keras.Variable)


def seed(number: int) -> None:
    if "keras" in sys.modules:
        sys.modules["keras"].utils.set_random_seed(number)


def array(value: Any) -> Any:
    import keras

    dtype = np.float64 if value.dtype == "float64" else np.float32
    return np.asarray(keras.ops.convert_to_numpy(value), dtype=dtype)


def weights_of(model: Any) -> Iterator[tuple[str, str, Any, str, Any]]:
    """Name, holder, value, type and layer of each."""
    if not model.built:
        raise TypeError(
            "the model is not built: give it an input shape, or call it in the factory"
        )
    yield from _weights(model, "")


def _weights(layer: Any, prefix: str) -> Iterator[tuple[str, str, Any, str, Any]]:
    seen: set[int] = set()
    for inner in _parts(layer):
        name = f"{prefix}{inner.name}"
        held = _parts(inner)
        within = {id(value) for part in held for value in part.weights}
        trained = {id(value) for value in inner.trainable_weights}
        own = [value for value in inner.weights if id(value) not in within]
        found = [
            (f"{name}.{_path(value, inner)}", name, value, value.dtype, inner)
            for value in own
            if id(value) in trained or value.name not in _STATE
        ]
        for weight in (*found, *(_weights(inner, f"{name}/") if held else ())):
            if id(weight[2]) not in seen:
                seen.add(id(weight[2]))
                yield weight


def _parts(layer: Any) -> list[Any]:
    """The layers of a model, or of a layer whose class is somebody's own."""
    import keras

    if isinstance(layer, keras.Model):
        return list(layer.layers)
    inner = "keras.src.layers."
    theirs = (base.__module__ for base in type(layer).__mro__)
    if any(name.startswith(inner) and name != f"{inner}layer" for name in theirs):
        return []
    parts = layer._flatten_layers(include_self=False, recursive=False)
    return [part for part in parts if part.weights]


def _path(value: Any, layer: Any) -> str:
    """The variable's name, and that of a holder within the layer where one is known."""
    for holder in ("forward_layer", "backward_layer"):
        inner = getattr(layer, holder, None)
        if inner is not None and any(item is value for item in inner.weights):
            return f"{holder}.cell.{value.name}"
    inner = getattr(layer, "cell", None)
    if inner is not None and any(
        item is value for item in getattr(inner, "weights", ())
    ):
        return f"cell.{value.name}"
    return str(value.name)


def start(init_weights: Any, model: Any, rename: dict[str, str], seed: int) -> Any:
    """The model after the ``init_weights`` of an emitted module."""
    init_weights(model, rename)
    return model


def order(model: Any) -> Before:
    """By the config of a functional or sequential model; empty for any other."""
    found: Before = {}
    try:
        _run(model, "", [], found)
    except Exception:  # subclassed models, and layers without a config
        return {}
    return found


def _run(model: Any, prefix: str, read: list[str], found: Before) -> list[str]:
    """The layers whose outputs the model passes on, of its own or those ``read``."""
    import keras

    layers = {layer.name: layer for layer in model.layers}
    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            read = _layer(layer, prefix, read, found)
        return read
    config = model.get_config()
    sources: dict[str, list[str]] = {}
    for item in config["layers"]:
        own = read if item["class_name"] == "InputLayer" else []
        inward = [name for node in item["inbound_nodes"] for name in _history(node)]
        own = list(
            dict.fromkeys(
                [*own, *(source for name in inward for source in sources.get(name, ()))]
            )
        )
        sources[item["name"]] = _layer(layers[item["name"]], prefix, own, found)
    return [
        source
        for name in _names(config["output_layers"])
        for source in sources.get(name, ())
    ]


def _layer(layer: Any, prefix: str, read: list[str], found: Before) -> list[str]:
    import keras

    if isinstance(layer, keras.Model):
        return _run(layer, f"{prefix}{layer.name}/", read, found)
    if not layer.weights:
        return read
    if _parts(layer):
        raise ValueError("what its own layers read is not known")
    own = f"{prefix}{layer.name}"
    found[own] = list(read)
    return [own]


def _history(node: Any) -> Iterator[str]:
    """The layers whose tensors stand anywhere in a node of a config."""
    if isinstance(node, dict):
        if "keras_history" in node:
            yield node["keras_history"][0]
        for value in node.values():
            yield from _history(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _history(value)


def _names(outputs: Any) -> Iterator[str]:
    """``[name, node, tensor]``, or any nesting of such."""
    if isinstance(outputs, list | tuple) and outputs and isinstance(outputs[0], str):
        yield outputs[0]
    elif isinstance(outputs, dict | list | tuple):
        for item in outputs.values() if isinstance(outputs, dict) else outputs:
            yield from _names(item)
