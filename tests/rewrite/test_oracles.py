"""What the rewritten programs measure on TensorFlow 2, against what they measured on TensorFlow 1.15.5 before.

TensorFlow runs in a process of its own: it is slow to import and changes global state. Programs whose remaining API
TensorFlow 2 has not are judged by their text alone (test_fixtures).
"""

import importlib.util
import json
import math
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import pytest

from tests.rewrite.test_fixtures import CASES, FIXTURES

GONE = ("tf.contrib", "tensorflow.contrib", "tf.layers", "rnn_cell", "tflearn", "sonnet", "tensorlayer")
"""What TensorFlow 2 has not."""

PROGRAM = """
import json, pathlib, sys
import numpy as np
import tensorflow.compat.v1 as tf

tf.disable_v2_behavior()
figures = {}
for path in map(pathlib.Path, sys.argv[1:]):
    text = path.read_text().replace("import tensorflow as tf", "import tensorflow.compat.v1 as tf")
    namespace = {}
    exec(compile(text, str(path), "exec"), namespace)
    drawn = []
    for seed in range(3):
        with tf.Graph().as_default(), tf.Session() as session:
            tf.set_random_seed(seed)
            weights = namespace["weights"]()
            session.run(tf.global_variables_initializer())
            drawn.append([value.astype(np.float64).ravel() for value in session.run(weights)])
    values = np.concatenate([value for pair in drawn for value in pair])
    row = {"n": values.size, "mean": values.mean(), "var": values.var(), "min": values.min(), "max": values.max()}
    row["pair_corr"] = float(np.corrcoef(drawn[0])[0, 1]) if len(drawn[0]) == 2 else None
    figures[path.name.split(".")[0]] = row
print(json.dumps(figures))
"""

FIGURES: dict[str, dict[str, Any]] = json.loads((FIXTURES / "figures.json").read_text())


def measurable(case: str) -> bool:
    text = (FIXTURES / f"{case}.keras.py").read_text()
    return case in FIGURES and not any(word in text for word in GONE)


@pytest.fixture(scope="module")
def measured(request: pytest.FixtureRequest) -> Mapping[str, Mapping[str, float]]:
    if importlib.util.find_spec("tensorflow") is None:
        pytest.skip("TensorFlow is not installed: pip install 'initport[oracles]'")
    asked = {item.name.partition("[")[2].rstrip("]") for item in request.session.items if item.path == request.path}
    paths = [str(FIXTURES / f"{case}.keras.py") for case in CASES if case in asked]
    run = subprocess.run([sys.executable, "-c", PROGRAM, *paths], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    found: dict[str, dict[str, float]] = json.loads(run.stdout.splitlines()[-1])
    return found


@pytest.mark.slow  # where they are rewritten, the formulas of all are compared
@pytest.mark.parametrize("case", [case for case in CASES if measurable(case)])
def test_the_same_distribution(case: str, measured: Mapping[str, Mapping[str, float]]) -> None:
    before, after = FIGURES[case], measured[case]
    draws = min(before["n"], after["n"])
    deviation = math.sqrt(before["var"])
    assert after["mean"] == pytest.approx(before["mean"], abs=6 * deviation * math.sqrt(2 / draws) + 1e-9)
    spread = before["var"] * math.sqrt(2 * max(before["kurt"] - 1, 0.01) / draws)
    assert after["var"] == pytest.approx(before["var"], abs=6 * spread + 1e-12)
    assert after["pair_corr"] == pytest.approx(before["pair_corr"], abs=0.02)
