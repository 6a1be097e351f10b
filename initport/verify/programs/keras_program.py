"""Run the ``initializers`` and ``init_weights`` of emitted Keras modules, and print power sums of what they draw.

Reads a job from stdin and prints its answer: see `initport.verify.run`. Needs keras and a backend; run as a program,
never imported.
"""

import json
import math
import random
import sys
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

BATCH = 2**18
"""Elements that are drawn, at most, before they are summed."""


def fresh(initializer: Any, seeds: random.Random) -> Any:
    """An initializer that draws independently of all draws before.

    An initializer object of Keras 3 gives the same values each time: an equal new one draws anew. A function draws with
    the next of consecutive seeds, whose first values are correlated on some backends: it gets one of ``seeds``.
    """
    if isinstance(initializer, keras.initializers.Initializer):
        return type(initializer).from_config(initializer.get_config())
    keras.utils.set_random_seed(seeds.getrandbits(31))
    return initializer


def stub(weights: list[Any]) -> tuple[Any, dict[str, Any]]:
    """What `init_weights` asks of a model: layers by name that have variables of these names and shapes, whatever
    holds them."""
    layers: dict[str, Any] = {}
    for weight in weights:
        layer = layers.setdefault(weight["layer"], SimpleNamespace(name=weight["layer"]))
        *holders, name = weight["parameter"].split(".")
        for holder in holders:
            layer = member(layer, holder)
        setattr(layer, name, keras.Variable(np.full(weight["shape"], np.nan), dtype="float32"))
    return SimpleNamespace(layers=list(layers.values()), trainable_weights=[]), layers


class Stack(SimpleNamespace):
    """A list of cells that grows as they are named."""

    def __iter__(self) -> Any:
        return (value for _, value in sorted(vars(self).items(), key=lambda item: int(item[0])))


def member(layer: Any, name: str) -> Any:
    if not hasattr(layer, name):
        setattr(layer, name, Stack() if name == "cells" else SimpleNamespace())
    return getattr(layer, name)


def variable(layer: Any, path: str) -> Any:
    for name in path.split("."):
        layer = getattr(layer, name)
    return layer


def part(values: Any, weight: Any) -> Any:
    """The slices of the variable that are asked for."""
    for axis, index, number in weight["slices"]:
        values = np.array_split(values, number, axis)[index]
    return values


def sums(values: Any, weight: Any) -> list[float]:
    values = values.astype("float64")
    centered = values - weight["center"]
    squares = centered * centered
    low, high = (np.nan if bound is None else bound for bound in (weight["low"], weight["high"]))
    slack = 1e-6 * max(abs(low), abs(high))
    outside = (values < low - slack) | (values > high + slack)
    return [values.size, float(centered.sum()), float(squares.sum()), float((squares * squares).sum()),
            float(values.min()), float(values.max()), int((values == 0).sum()), int(outside.sum())]  # fmt: skip


def merge(old: list[float], new: list[float]) -> list[float]:
    total = [a + b for a, b in zip(old, new, strict=True)]
    total[4], total[5] = min(old[4], new[4]), max(old[5], new[5])
    return total


def run(job: Any) -> list[list[float]]:
    seeds = random.Random(job["seed"])
    keras.utils.set_random_seed(job["seed"])
    namespace: dict[str, Any] = {}
    exec(compile(job["text"], job["path"], "exec"), namespace)
    model, layers = stub(job["weights"])
    namespace["init_weights"](model)
    answers = []
    for weight in job["weights"]:
        values = keras.ops.convert_to_numpy(variable(layers[weight["layer"]], weight["parameter"]))
        total = sums(part(values, weight), weight)
        name = weight["argument"] or weight["parameter"]
        table = namespace["initializers" if weight["argument"] else "others"]
        initializer = table()[weight["layer"]][name]
        shape = tuple(weight["shape"])
        while total[0] < weight["draws"]:
            elements = min(BATCH, weight["draws"] - total[0])
            batch = [fresh(initializer, seeds)(shape) for _ in range(math.ceil(elements / values.size))]
            drawn = [part(keras.ops.convert_to_numpy(draw), weight) for draw in batch]
            total = merge(total, sums(np.stack(drawn), weight))
        answers.append(total)
    return answers


answer = [run(job) for job in json.load(sys.stdin)]
json.dump({"backend": f"keras on {keras.backend.backend()}", "jobs": answer}, sys.stdout)
