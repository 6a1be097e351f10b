"""Run the ``initializers`` and ``init_weights`` of emitted Keras modules, and summarize what they draw.

Answers the requests of `initport.verify.run`. Needs keras and a backend; run as a program, never imported.
"""

import json
import random
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
from serve import code_key, limit, merge, part, serve, summarize  # type: ignore[import-not-found]

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


def key_of(initializer: Any) -> Any:
    """Equal only for initializers that draw alike."""
    if isinstance(initializer, keras.initializers.Initializer):
        kind = type(initializer)
        return (kind.__module__, kind.__qualname__, json.dumps(initializer.get_config(), sort_keys=True, default=repr))
    return code_key(initializer)


def run(job: Any, pools: dict[Any, Any], step: Any) -> list[Any]:
    """Of each weight the summary of its own start, and that of the draws of all weights that start alike."""
    seeds = random.Random(job["seed"])
    keras.utils.set_random_seed(job["seed"])
    namespace: dict[str, Any] = {}
    exec(compile(job["text"], job["path"], "exec"), namespace)
    model, layers = stub(job["weights"])
    namespace["init_weights"](model)
    tables = {True: namespace["initializers"]()}
    if "others" in namespace:
        tables[False] = namespace["others"]()
    answers = []
    for weight in job["weights"]:
        values = keras.ops.convert_to_numpy(variable(layers[weight["layer"]], weight["parameter"]))
        own = summarize(part(values, weight["slices"]), weight)
        initializer = tables[bool(weight["argument"])][weight["layer"]][weight["argument"] or weight["parameter"]]
        asked = [weight[name] for name in ("shape", "slices", "center", "low", "high", "edges", "draws")]
        key = (key_of(initializer), json.dumps(asked))
        if key not in pools:
            pools[key] = pool(initializer, weight, own, seeds)
        answers.append({"own": own, "pool": pools[key]})
        step()
    return answers


def pool(initializer: Any, weight: Any, total: Any, seeds: random.Random) -> Any:
    shape, size = tuple(weight["shape"]), total["sums"][0]
    while total["sums"][0] < weight["draws"]:
        number = min(max(1, BATCH // size), -(-(weight["draws"] - total["sums"][0]) // size))
        batch = [fresh(initializer, seeds)(shape) for _ in range(int(number))]
        drawn = [part(keras.ops.convert_to_numpy(draw), weight["slices"]) for draw in batch]
        total = merge(total, summarize(np.stack(drawn), weight))
    return total


def measure(request: Any, progress: Any) -> Any:
    limit(request["memory"])
    done, of = 0, sum(len(job["weights"]) for job in request["jobs"])

    def step() -> None:
        nonlocal done
        done += 1
        progress(done, of)

    pools: dict[Any, Any] = {}
    answers = [run(job, pools, step) for job in request["jobs"]]
    return {"backend": f"keras on {keras.backend.backend()}", "jobs": answers}


serve({"measure": measure})
