"""Our moments against real Caffe's figures, blob by blob, and its refusals against ours.

``caffe/measured.json`` holds what BVLC Caffe 9b891540183d drew for the nets of ``caffe/cases`` in both phases.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from initport import Options, convert, read
from initport.ir.model import Weight
from initport.ir.moments import moments

HERE = Path(__file__).parent / "caffe"
MEASURED: dict[str, dict[str, Any]] = json.loads((HERE / "measured.json").read_text())["cases"]
RUNS = [(case, phase) for case, phases in MEASURED.items() for phase, run in phases.items() if "blobs" in run]
REFUSED = [case for case, phases in MEASURED.items() if "error" in phases["TRAIN"]]

FALSE_ALARM = 5.0
"""Standard errors: of the 4,000 comparisons here, one would be beyond by chance in 440 such suites."""


def weights(case: str, phase: str) -> dict[tuple[str, int], Weight]:
    text = (HERE / "cases" / f"{case}.prototxt").read_bytes()
    model = read(text, path=f"{case}.prototxt", options=Options(phase=phase)).model
    return {(layer.name, index): weight for layer in model.layers for index, weight in enumerate(layer.weights)}


@pytest.mark.parametrize(("case", "phase"), RUNS)
def test_every_blob_agrees(case: str, phase: str) -> None:
    found = weights(case, phase)
    rows = MEASURED[case][phase]["blobs"]
    assert {(row[0], row[1]) for row in rows} == set(found)
    for layer, blob, shape, mean, variance, low, high, n, kurtosis, zeros, deterministic in rows:
        weight = found[layer, blob]
        assert weight.shape == tuple(shape)
        truth = moments(weight.initializer, weight.dims)
        assert truth is not None, (layer, blob)
        if deterministic:
            expected = (truth.mean, truth.variance, truth.low, truth.high)
            assert (mean, variance, low, high) == pytest.approx(expected, rel=1e-6, abs=1e-9), (layer, blob)
            continue
        assert truth.variance > 0
        if zeros is not None:
            assert abs(zeros - truth.zero_fraction) <= FALSE_ALARM * math.sqrt(truth.zero_fraction / n) + 1e-6
        assert abs(mean - truth.mean) <= FALSE_ALARM * math.sqrt(truth.variance / n), (layer, blob)
        error = math.sqrt((kurtosis - 1) / n)
        assert abs(variance / truth.variance - 1) <= FALSE_ALARM * error, (layer, blob)
        assert FALSE_ALARM * error < 0.04, "the sample is too small to see anything"
        assert truth.low * (1 + 1e-6) - 1e-9 <= low
        assert high <= truth.high * (1 + 1e-6) + 1e-9


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("target", ["torch", "keras"])
def test_what_caffe_refuses_is_refused(case: str, target: str) -> None:
    text = (HERE / "cases" / f"{case}.prototxt").read_bytes()
    result = convert(text, path=f"{case}.prototxt", target=target)
    refusals = [item for item in result.diagnostics if item.exit_code]
    assert refusals, MEASURED[case]["TRAIN"]["error"]
    assert all(item.location.line and item.location.column and item.detail for item in refusals)
