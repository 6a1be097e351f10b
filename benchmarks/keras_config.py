"""How long converting a saved Keras model takes as a whole process, against reading its JSON.

``python -m benchmarks.keras_config [FILE...]``: medians of 15 runs, the two sides in turn, and their ratio, of the
given configs and of residual networks as ``to_json`` of Keras 3 writes them; the first is of ResNet50's size.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.convert import compare, installed

READ = "import json, sys, click; json.load(open(sys.argv[1]))"


def keras(kind: str, config: dict[str, Any], module: str = "keras.layers") -> dict[str, Any]:
    return {"module": module, "class_name": kind, "config": config, "registered_name": None}


def initializer(kind: str, **config: Any) -> dict[str, Any]:
    return keras(kind, config, "keras.initializers")


def layer(kind: str, name: str, source: str, shape: list[int | None], **config: Any) -> dict[str, Any]:
    policy = keras("DTypePolicy", {"name": "float32"}, "keras")
    tensor = {
        "class_name": "__keras_tensor__",
        "config": {"shape": shape, "dtype": "float32", "keras_history": [source, 0, 0]},
    }
    record = keras(kind, {"name": name, "trainable": True, "dtype": policy, **config})
    calls = [{"args": [tensor], "kwargs": {}}]
    return record | {"build_config": {"input_shape": shape}, "name": name, "inbound_nodes": calls}


def resnet(blocks: int) -> str:
    """Blocks of a convolution, a batch normalization and an activation."""
    shape = [None, 56, 56, 64]
    entry = keras("InputLayer", {"batch_shape": shape, "dtype": "float32", "name": "a-1"})
    layers = [{**entry, "name": "a-1", "inbound_nodes": []}]
    glorot, zeros = initializer("GlorotUniform", seed=None), initializer("Zeros")
    ones = initializer("Ones")
    for index in range(blocks):
        layers += [
            layer("Conv2D", f"c{index}", f"a{index - 1}", shape, filters=64, kernel_size=[3, 3], strides=[1, 1],
                  padding="same", data_format="channels_last", dilation_rate=[1, 1], groups=1, activation="linear",
                  use_bias=True, kernel_initializer=glorot, bias_initializer=zeros),
            layer("BatchNormalization", f"b{index}", f"c{index}", shape, axis=3, momentum=0.99, epsilon=1e-5,
                  center=True, scale=True, beta_initializer=zeros, gamma_initializer=ones,
                  moving_mean_initializer=zeros, moving_variance_initializer=ones),
            layer("Activation", f"a{index}", f"b{index}", shape, activation="relu"),
        ]  # fmt: skip
    return json.dumps({"class_name": "Functional", "config": {"name": "resnet", "layers": layers}})


def main() -> None:
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder, installed() as initport:
        compare("initport --version", [*initport, "--version"], "import click", [python, "-c", "import click"])
        models = {Path(name).name: Path(name) for name in sys.argv[1:]}
        for blocks in (54, 500, 2_000):
            path = models[f"{blocks:,} blocks"] = Path(folder) / f"{blocks}.json"
            path.write_text(resnet(blocks), encoding="utf-8")
        for name, path in models.items():
            what = f"convert {name} ({path.stat().st_size // 1000:,} kB)"
            compare(what, [*initport, "convert", str(path)], "json.load", [python, "-c", READ, str(path)])


if __name__ == "__main__":
    main()
