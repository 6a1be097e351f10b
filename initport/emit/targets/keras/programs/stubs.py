"""Run the ``initializers`` and ``init_weights`` of emitted Keras modules.

Answers the requests of `initport.verify.measure` with sums of what they draw. Needs
keras and a backend; run as a program, never imported.
"""

import json
import random
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
from serve import code_key, measuring, serve  # type: ignore[import-not-found]


def stub(weights: list[Any]) -> tuple[Any, dict[str, Any]]:
    """What `init_weights` asks of a model: layers by name that have variables of these
    names and shapes, whatever holds them."""
    layers: dict[str, Any] = {}
    for weight in weights:
        name = weight["layer"]
        layer = layers.setdefault(name, SimpleNamespace(name=name))
        *holders, name = weight["parameter"].split(".")
        for holder in holders:
            layer = member(layer, holder)
        empty = np.full(weight["shape"], np.nan)
        setattr(layer, name, keras.Variable(empty, dtype="float32"))
    return SimpleNamespace(layers=list(layers.values()), trainable_weights=[]), layers


class Stack(SimpleNamespace):
    """A list of cells that grows as they are named."""

    def __iter__(self) -> Any:
        cells = sorted(vars(self).items(), key=lambda item: int(item[0]))
        return (value for _, value in cells)


def member(layer: Any, name: str) -> Any:
    if not hasattr(layer, name):
        setattr(layer, name, Stack() if name == "cells" else SimpleNamespace())
    return getattr(layer, name)


class Run:
    """An emitted module, after it has started a stub."""

    def __init__(self, job: Any, namespace: dict[str, Any]) -> None:
        self.seeds = random.Random(job["seed"])
        keras.utils.set_random_seed(job["seed"])
        model, self.layers = stub(job["weights"])
        namespace["init_weights"](model)
        self.arguments = namespace["initializers"]()
        self.others = namespace["others"]()

    def start(self, weight: Any) -> Any:
        variable = self.layers[weight["layer"]]
        for name in weight["parameter"].split("."):
            variable = getattr(variable, name)
        return keras.ops.convert_to_numpy(variable)

    def function(self, weight: Any) -> Any:
        if weight["argument"]:
            return self.arguments[weight["layer"]][weight["argument"]]
        return self.others[weight["layer"]][weight["parameter"]]

    def key_of(self, function: Any) -> Any:
        if isinstance(function, keras.initializers.Initializer):
            kind, config = type(function), function.get_config()
            written = json.dumps(config, sort_keys=True, default=repr)
            return (kind.__module__, kind.__qualname__, written)
        return code_key(function)

    def draw(self, function: Any, weight: Any) -> Any:
        """An initializer object of Keras 3 gives the same values each time: an equal
        new one draws anew. A function draws with the next of consecutive seeds, whose
        first values are correlated on some backends: it gets one of ``seeds``."""
        if isinstance(function, keras.initializers.Initializer):
            function = type(function).from_config(function.get_config())
        else:
            keras.utils.set_random_seed(self.seeds.getrandbits(31))
        return keras.ops.convert_to_numpy(function(tuple(weight["shape"])))


serve({"measure": measuring(f"keras on {keras.backend.backend()}", Run)})
