"""tf_slim's own networks, rewritten as a whole package and built on TensorFlow 2: every variable starts as before."""

import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from initport.cli.output import replace
from initport.codemod.discover import files
from initport.codemod.tree import Run, one

PROGRAM = """
import importlib, json, sys
import numpy as np
import tensorflow.compat.v1 as tf
import tf_keras.src.legacy_tf_layers

# TensorFlow looks for these under the names that they had in another release of tf_keras.
sys.modules["tf_keras.legacy_tf_layers"] = tf_keras.src.legacy_tf_layers
for name in ("base", "convolutional", "core", "normalization", "pooling"):
    module = importlib.import_module(f"tf_keras.src.legacy_tf_layers.{name}")
    sys.modules[f"tf_keras.legacy_tf_layers.{name}"] = module

import tf_slim as slim
from tf_slim.nets import alexnet, inception_v1, inception_v2, inception_v3, overfeat, resnet_v1, resnet_v2, vgg

tf.disable_v2_behavior()
NETS = {
    "alexnet": (alexnet.alexnet_v2, alexnet.alexnet_v2_arg_scope, 224),
    "vgg": (vgg.vgg_a, vgg.vgg_arg_scope, 224),
    "overfeat": (overfeat.overfeat, overfeat.overfeat_arg_scope, 231),
    "inception_v1": (inception_v1.inception_v1, inception_v1.inception_v1_arg_scope, 224),
    "inception_v2": (inception_v2.inception_v2, None, 224),
    "inception_v3": (inception_v3.inception_v3, inception_v3.inception_v3_arg_scope, 299),
    "resnet_v1": (resnet_v1.resnet_v1_50, None, 224),
    "resnet_v2": (resnet_v2.resnet_v2_50, None, 224),
}
figures = {}
for name, (build, scope, size) in NETS.items():
    with tf.Graph().as_default(), tf.Session() as session:
        inputs = tf.placeholder(tf.float32, (1, size, size, 3))
        with slim.arg_scope(scope() if scope else []):
            build(inputs, 1000)
        session.run(tf.global_variables_initializer())
        for variable in tf.global_variables():
            values = session.run(variable).astype(np.float64)
            figures[f"{name}/{variable.op.name}"] = [values.size, values.mean(), values.var()]
print(slim.__file__)
print(json.dumps(figures))
"""


def measured(root: Path) -> dict[str, list[float]]:
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = [sys.executable, "-c", PROGRAM]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    place, figures = run.stdout.splitlines()[-2:]
    assert Path(place).is_relative_to(root)
    found: dict[str, list[float]] = json.loads(figures)
    return found


def test_every_variable_starts_as_before(tmp_path: Path) -> None:
    missing = [name for name in ("tensorflow", "tf_slim", "tf_keras") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: pip install 'initport[oracles]'")
    spec = importlib.util.find_spec("tf_slim")
    assert spec is not None
    assert spec.origin is not None
    for side in ("before", "after"):
        shutil.copytree(Path(spec.origin).parent, tmp_path / side / "tf_slim")
    changes = 0
    for path in files([str(tmp_path / "after")], (), ()):
        outcome = one(path, Run())
        changes += len(outcome.changes)
        if outcome.after is not None:
            replace(Path(path), outcome.after)
    assert changes > 50
    before, after = measured(tmp_path / "before"), measured(tmp_path / "after")
    assert before.keys() == after.keys()
    for name, (size, mean, variance) in before.items():
        again = after[name]
        larger = max(variance, again[2])
        assert again[1] == pytest.approx(mean, abs=6 * math.sqrt(2 * larger / size) + 1e-9), name
        assert again[2] == pytest.approx(variance, abs=12 * larger / math.sqrt(size) + 1e-12), name
