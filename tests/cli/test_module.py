"""`convert model.py --module`: the module of a network in code initializes a real model, in both directions."""

import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from initport.cli import main

TENSORFLOW = """import tensorflow as tf
def network(x, training):
    x = tf.layers.conv2d(x, 64, 3, name="conv1")
    x = tf.layers.batch_normalization(x, name="bn", training=training)
    x = tf.layers.flatten(x)
    return tf.layers.dense(x, 200, kernel_initializer=tf.variance_scaling_initializer(2.0), name="fc")
"""
TORCH = """import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(16, 64, 3)
        self.fc = nn.Linear(300, 200)
        nn.init.xavier_normal_(self.fc.weight)
    def forward(self, x):
        return self.fc(self.conv(x).flatten(1))
"""


def emitted(tmp_path: Path, source: str, *options: str) -> dict[str, Any]:
    (tmp_path / "network.py").write_text(source)
    ran = CliRunner().invoke(main, ["convert", str(tmp_path / "network.py"), "--module", *options])
    assert ran.exit_code == 0, ran.stderr
    namespace: dict[str, Any] = {}
    exec(compile(ran.stdout, "emitted", "exec"), namespace)
    return namespace


def near(value: float, number: int, variance: float, kurtosis: float) -> bool:
    """Within five standard deviations of a sample's variance."""
    return abs(value / variance - 1) < 5 * math.sqrt((kurtosis - 1) / number)


def test_from_tensorflow_to_pytorch(tmp_path: Path) -> None:
    nn = pytest.importorskip("torch.nn")
    module = emitted(tmp_path, TENSORFLOW, "--to", "torch", "--source-version", "tf=1.15.5")
    model = nn.Sequential()
    for name, layer in (("conv1", nn.Conv2d(16, 64, 3)), ("bn", nn.BatchNorm2d(64)), ("fc", nn.Linear(300, 200))):
        model.add_module(name, layer)
    nn.init.constant_(model.bn.weight, 7)
    assert module["init_weights"](model) == []
    glorot = 2 / (9 * (16 + 64))
    assert near(model.conv1.weight.var().item(), 64 * 16 * 9, glorot, 1.8)
    assert near(model.fc.weight.var().item(), 60_000, 2 / 300, 2.37)
    assert (model.bn.weight.unique().tolist(), model.fc.bias.unique().tolist()) == ([1], [0])


def test_from_pytorch_to_keras(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    module = emitted(tmp_path, TORCH, "--to", "keras", "--source-version", "torch=2.1")
    settings = module["initializers"]()
    conv = keras.layers.Conv2D(64, 3, **settings["conv"])
    dense = keras.layers.Dense(200, **settings["fc"])
    conv.build((None, 9, 9, 16))
    dense.build((None, 300))
    kernel, bias, weight, shift = (
        keras.ops.convert_to_numpy(item) for item in (conv.kernel, conv.bias, dense.kernel, dense.bias)
    )
    assert near(kernel.var(), kernel.size, 1 / (3 * 144), 1.8)
    assert abs(bias).max() <= 1 / 12
    assert near(weight.var(), weight.size, 2 / 500, 3)
    assert abs(shift).max() <= 300**-0.5
    assert len(set(bias.tolist())) == 64
