"""Run the ``initializers`` and ``init_weights`` of emitted Keras modules, and print power sums of what they draw.

Reads a job from stdin and prints its answer: see `initport.verify.run`. Needs keras and a backend; run as a program,
never imported.
"""

import json
import random
import sys
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np

BATCH = 2**18
"""Elements that are drawn before they are summed."""


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
    """What `init_weights` asks of a model: layers by name that have variables of these names and shapes."""
    layers: dict[str, Any] = {}
    for weight in weights:
        layer = layers.setdefault(weight["layer"], SimpleNamespace(name=weight["layer"]))
        setattr(layer, weight["parameter"], keras.Variable(np.full(weight["shape"], np.nan), dtype="float32"))
    return SimpleNamespace(layers=list(layers.values()), trainable_weights=[]), layers


def sums(values: Any, center: float) -> list[float]:
    centered = values.astype("float64") - center
    squares = centered * centered
    return [values.size, float(centered.sum()), float(squares.sum()), float((squares * squares).sum()),
            float(values.min()), float(values.max()), int((values == 0).sum())]  # fmt: skip


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
        values = keras.ops.convert_to_numpy(getattr(layers[weight["layer"]], weight["parameter"]))
        total = sums(values, weight["center"])
        initializer = namespace["initializers"]()[weight["layer"]][weight["argument"]]
        shape = tuple(weight["shape"])
        while total[0] < weight["draws"]:
            batch = [fresh(initializer, seeds)(shape) for _ in range(max(1, BATCH // values.size))]
            drawn = keras.ops.convert_to_numpy(keras.ops.stack(batch))
            total = merge(total, sums(drawn, weight["center"]))
        answers.append(total)
    return answers


json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
