"""tf_slim's own networks, rewritten as a whole package and built on TensorFlow 2: every variable starts as before.

The smallest mistake that is known of is to take tf.contrib's truncated normal for the corrected one: its variance is
0.6 % larger. So many values are measured that this is seen, in each variable as far as it has as many, and in all
variables of a network together.
"""

import importlib.util
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from initport.ir.initializers import TRUNCATED_VARIANCE
from initport.project.discover import files
from initport.project.processes import Run, one
from initport.project.replace import replace

pytestmark = pytest.mark.slow

EFFECT = 1.3 * TRUNCATED_VARIANCE.value - 1
"""The relative error of a variance that must be seen: contrib's truncated normal beside one that is corrected."""

LIMIT, MARGIN = 6, 3
"""Standard deviations within which all is well, and those by which the effect must lie beyond."""

RATIO = math.sqrt(2 * (2.3655 - 1))
"""The standard deviation of the ratio of two variances, of n values each, times sqrt(n): for a truncated normal, whose
kurtosis is the largest of all that slim draws."""

ENOUGH = math.ceil(((LIMIT + MARGIN) * RATIO / EFFECT) ** 2)
"""Values that show the effect."""

PROGRAM = """
import importlib, json, sys

import numpy as np
import tensorflow.compat.v1 as tf

# TensorFlow's layers.normalization, which slim imports, looks for this one level above where tf_keras has it.
normalization = importlib.import_module("tf_keras.src.legacy_tf_layers.normalization")
sys.modules["tf_keras.legacy_tf_layers.normalization"] = normalization

import tf_slim as slim
from tf_slim.nets import alexnet, inception_v1, inception_v2, inception_v3, overfeat, resnet_v1, resnet_v2, vgg

tf.disable_v2_behavior()
NETS = {
    "alexnet": (alexnet.alexnet_v2, alexnet.alexnet_v2_arg_scope, 224),
    "vgg": (vgg.vgg_a, vgg.vgg_arg_scope, 224),
    "overfeat": (overfeat.overfeat, overfeat.overfeat_arg_scope, 231),
    "inception_v1": (inception_v1.inception_v1, inception_v1.inception_v1_arg_scope, 224),
    "inception_v2": (inception_v2.inception_v2, inception_v2.inception_v2_arg_scope, 224),
    "inception_v3": (inception_v3.inception_v3, inception_v3.inception_v3_arg_scope, 299),
    "resnet_v1": (resnet_v1.resnet_v1_50, resnet_v1.resnet_arg_scope, 224),
    "resnet_v2": (resnet_v2.resnet_v2_50, resnet_v2.resnet_arg_scope, 224),
}


def some(variable):
    value, enough = variable.initial_value, int(sys.argv[1])
    return tf.reshape(value, [-1])[:enough] if variable.shape.num_elements() > enough else value


figures = {}
for name, (build, scope, size) in NETS.items():
    with tf.Graph().as_default(), tf.Session() as session:
        with slim.arg_scope(scope()):
            build(tf.placeholder(tf.float32, (1, size, size, 3)), 1000)
        variables = {variable.op.name: variable for variable in tf.global_variables()}
        drawn = session.run({key: some(variable) for key, variable in variables.items()})
        doubles = ((key, value.astype(np.float64)) for key, value in drawn.items())
        figures[name] = {key: (value.size, value.mean(), value.var()) for key, value in doubles}
print(slim.__file__)
print(json.dumps(figures))
"""

NETS = ("alexnet", "vgg", "overfeat", "inception_v1", "inception_v2", "inception_v3", "resnet_v1", "resnet_v2")

Figures = Mapping[str, Mapping[str, tuple[int, float, float]]]
"""Of each variable of each network: how many values were measured, their mean and variance."""


def measured(*roots: Path) -> tuple[Figures, ...]:
    """What the packages in these directories draw, measured at the same time."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(ENOUGH)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(root)},
        )
        for root in roots
    ]
    found = []
    for run, root in zip(runs, roots, strict=True):
        out, errors = run.communicate()
        assert run.returncode == 0, errors[-2000:]
        place, figures = out.splitlines()[-2:]
        assert Path(place).is_relative_to(root)
        found.append(json.loads(figures))
    return tuple(found)


@pytest.fixture(scope="module")
def sides(tmp_path_factory: pytest.TempPathFactory) -> tuple[Figures, ...]:
    """The package as it is, and rewritten."""
    missing = [name for name in ("tensorflow", "tf_slim", "tf_keras") if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} not installed: pip install 'initport[oracles]'")
    spec = importlib.util.find_spec("tf_slim")
    assert spec is not None
    assert spec.origin is not None
    root = tmp_path_factory.mktemp("slim")
    for side in ("before", "after"):
        shutil.copytree(Path(spec.origin).parent, root / side / "tf_slim")
    changes = 0
    for path in files([str(root / "after")], (), ()):
        outcome = one(path, Run())
        changes += len(outcome.changes)
        if outcome.after is not None:
            replace(str(path), outcome.after)
    assert changes > 50
    return measured(root / "before", root / "after")


@pytest.mark.parametrize("net", NETS)
def test_every_variable_starts_as_before(net: str, sides: tuple[Figures, ...]) -> None:
    before, after = (side[net] for side in sides)
    assert before.keys() == after.keys()
    for name, (size, mean, variance) in before.items():
        _, mean_after, variance_after = after[name]
        larger = max(variance, variance_after)
        assert mean_after == pytest.approx(mean, abs=LIMIT * math.sqrt(2 * larger / size) + 1e-9), name
        assert variance_after == pytest.approx(variance, abs=LIMIT * RATIO * larger / math.sqrt(size)), name


@pytest.mark.parametrize("net", NETS)
def test_all_variables_together_start_as_before(net: str, sides: tuple[Figures, ...]) -> None:
    before, after = (side[net] for side in sides)
    drawn = [(size, after[name][2] / variance) for name, (size, _, variance) in before.items() if variance]
    total = sum(size for size, _ in drawn)
    assert (LIMIT + MARGIN) * RATIO / math.sqrt(total) < EFFECT, "too few values to see the effect"
    ratio = sum(size * ratio for size, ratio in drawn) / total
    assert ratio == pytest.approx(1, abs=LIMIT * RATIO / math.sqrt(total))
