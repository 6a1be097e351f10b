"""What is read of the graphs of small TensorFlow 1 programs is what TensorFlow 1.15.5 draws, variable by variable.

The programs, their graphs and the figures are in ``fixtures/graphs`` (see programs.py there).
"""

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code
from initport.ir.initializers import DeltaOrthogonal, Orthogonal, Unsupported
from initport.ir.model import Weight
from initport.ir.moments import moments
from initport.verify.stub_shapes import complete
from tests.formats.graph.build import weights

FOLDER = Path(__file__).parents[3] / "fixtures" / "graphs"
DRAWS: dict[str, dict[str, dict[str, Any]]] = json.loads((FOLDER / "draws.json").read_text())
CASES = [(program, name) for program, rows in DRAWS.items() for name in rows]

REFUSED = {
    ("arithmetic", "squared"): "Square",
    ("constants", "large"): "Const",
    ("partitioned", "uneven/ofparts"): "3 parts",
    ("parts", "between"): "shared draw",
    ("parts", "beside"): "shared draw",
    ("parts", "uniforms"): "AddN",
    ("parts", "with_term"): "shared draw",
    ("partitioned", "uneven/orthogonal"): "3 parts",
    ("types", "whole"): "RandomUniformInt",
}
"""What has no law, and the op that is named."""

SCALED = {("ties", "half")}
"""Variables that start with another's draws times a number."""


@cache
def program(name: str) -> Reading:
    path = FOLDER / f"{name}.meta"
    return read(path.read_bytes(), path=path.name)


def weight_of(case: tuple[str, str]) -> Weight | None:
    found = weights(program(case[0]))
    entry = found.get(case[1]) or found.get(case[1].rpartition("/part_")[0])
    return None if entry is None else entry[1]


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_starts_as_drawn(case: tuple[str, str]) -> None:
    row, weight = DRAWS[case[0]][case[1]], weight_of(case)
    spread = row["square"] - row["mean"] ** 2
    if weight is None:  # left out: it starts at one number
        assert abs(spread) < 1e-9
        return
    name = (case[0], weight.location.key or "")
    if isinstance(weight.initializer, Unsupported):
        assert weight.initializer.name == REFUSED[name]
        return
    assert name not in REFUSED
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    number = math.prod(row["shape"]) if case[0] == "stateless" else row["n"]  # the same at every run
    if isinstance(weight.initializer, Orthogonal | DeltaOrthogonal):
        assert row["square"] == pytest.approx(truth.variance, rel=1e-5)
    elif truth.variance:
        fourth = row["fourth"] / row["square"] ** 2
        assert abs(row["mean"] - truth.mean) < 5 * math.sqrt(truth.variance / number)
        assert abs(spread / truth.variance - 1) < 5 * math.sqrt(max(fourth - 1, 1e-9) / number)
    else:
        assert row["mean"] == pytest.approx(truth.mean, rel=1e-3 if "half" in case else 1e-6)
        assert abs(spread) < 1e-9
    assert row["low"] >= truth.low - 1e-6
    assert row["high"] <= truth.high + 1e-6
    assert weight.shape == tuple(row["shape"]) or "/part_" in case[1]
    assert (weight.repeats is not None) == ("same" in row or case in SCALED)


@pytest.mark.parametrize("target", ["torch", "keras"])
@pytest.mark.parametrize("name", DRAWS)
def test_every_program_converts(name: str, target: str) -> None:
    path = FOLDER / f"{name}.meta"
    result = convert(path.read_bytes(), path=path.name, target=target)
    assert result.text is not None
    compile(result.text, path.name, "exec")


LAYERS = [
    ("layers_cnn", "conv1/kernel", "conv1", "conv", "kernel"),
    ("layers_cnn", "norm/moving_mean", "norm", "normalization", "moving_mean"),
    ("layers_cnn", "dense/bias", "dense", "dense", "bias"),
    ("slim_cnn", "net/conv1/weights", "net/conv1", "conv", "kernel"),
    ("slim_cnn", "net/sep/pointwise_weights", "net/sep", "separable_conv", "pointwise_kernel"),
    ("slim_cnn", "net/conv1/BatchNorm/beta", "net/conv1/BatchNorm", "normalization", "beta"),
    ("by_hand", "w1", "w1", "dense", "kernel"),
    ("by_hand", "b1", "b1", "bias", "bias"),
    ("by_hand", "layer2/biases", "layer2", "dense", "bias"),
    ("keras_layers", "lstm/bias", "lstm", "lstm", "bias"),
    ("keras_layers", "gru/recurrent_kernel", "gru", "gru_reset_before", "recurrent_kernel"),
    ("keras_layers", "emb/embeddings", "emb", "embedding", "kernel"),
    ("rnn_cells", "rnn/multi_rnn_cell/cell_1/gru_cell/gates/kernel", "rnn/multi_rnn_cell/cell_1/gru_cell/gates",
     "dense", "kernel"),
    ("transposed", "up/kernel", "up", "conv_transpose", "kernel"),
    ("depthwise", "depth/biases", "depth", "depthwise_conv", "bias"),
    ("partitioned", "even/kernel", "even", "dense", "kernel"),
    ("partitioned", "uneven/plain", "uneven/plain", "parameter", "parameter"),
    ("types", "mixed/kernel", "mixed", "dense", "kernel"),
    ("conditions", "loop/kernel", "loop", "dense", "kernel"),
    ("tensordot", "steps/kernel", "steps", "dense", "kernel"),
    ("tensordot", "conv/kernel", "conv", "conv", "kernel"),
    ("norms", "in/LayerNorm/gamma", "in/LayerNorm", "normalization", "gamma"),
    ("functions", "dense/kernel", "dense", "dense", "kernel"),
    ("functions", "dense/bias", "dense", "dense", "bias"),
    ("functions", "conv/kernel", "conv", "conv", "kernel"),
    ("functions", "table", "table", "embedding", "kernel"),
    ("scopes", "target/fc/kernel", "target/fc/kernel", "parameter", "parameter"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "variable", "layer", "kind", "role"), LAYERS)
def test_layer(name: str, variable: str, layer: str, kind: str, role: str) -> None:
    found, weight = weights(program(name))[variable]
    assert (found.name, found.kind, weight.role) == (layer, kind, role)


LAWS = [
    ("layers_cnn", "conv1/kernel", "truncated normal stddev 0.30941063; he_normal", "2 / fan_in"),
    ("layers_cnn", "dense/kernel", "uniform within 0.054406244; glorot_uniform", "1 / fan_avg"),
    ("slim_cnn", "net/fc/weights", "truncated normal stddev 0.026934113; contrib_variance_scaling", None),
    ("seeds", "b/kernel", "truncated normal stddev 0.25420678; lecun_normal or glorot_normal", None),  # 20 by 20
    ("arithmetic", "rooted", "truncated normal stddev 0.2; perhaps glorot_normal_uncorrected", None),
    ("scopes", "outer/inner/fc/kernel", "uniform within 0.05", None),
    ("orthogonal", "conv/kernel", "orthogonal gain 0.5", None),
    ("orthogonal", "delta/kernel", "delta orthogonal gain 2", None),
    ("constants", "tall", "identity", None),
]


@pytest.mark.parametrize(("name", "variable", "source", "variance"), LAWS)
def test_law(name: str, variable: str, source: str, variance: str | None) -> None:
    from initport.ir.describe import variance_formula

    weight = weights(program(name))[variable][1]
    assert weight.source == source
    assert variance is None or variance_formula(weight.initializer) == variance


FINDINGS = [
    ("optimizers", Code.NO_WEIGHTS, "not weights: 1 that count, 35 of optimizers"),
    ("seeds", Code.SEED, "the draws of 'a/kernel' (seed 42, 4) and of 1 more variables are seeded"),
    ("stateless", Code.SEED, "(seed 3, 4)"),
    ("types", Code.UNSUPPORTED_INITIALIZER, "RandomUniformInt: integers from 0 to below 10"),
]


@pytest.mark.parametrize(("name", "code", "detail"), FINDINGS)
def test_finding(name: str, code: Code, detail: str) -> None:
    assert any(item.code is code and detail in item.detail for item in program(name).diagnostics)


def test_no_program_is_without_a_case_that_is_not_refused() -> None:
    assert set(REFUSED) <= {(name, key) for name in DRAWS for key in weights(program(name))}
