"""Signals through chains that the target's own initializers draw."""

import math
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from initport.report.chain import Depth
from initport.report.contents import Line, fans, is_transposed
from initport.report.naive import report_target
from initport.verify.worker import FrameworkError, Limits, Worker

MOST_ELEMENTS = 2**25
"""Elements of a layer's weight; chains of larger ones are computed only."""


def measure_depths(
    links: Sequence[Line],
    biases: Mapping[str, float],
    text: str,
    activation: str,
    *,
    factory: str | None = None,
    seed: int = 0,
    limits: Limits | None = None,
    python: str = sys.executable,
) -> dict[str, Depth]:
    """Standard deviations over depth, by what drew the weights; none where the target is not there, or a layer is too
    large or has groups. ``biases`` are the mean squares of the layers' biases, by name; ``factory`` is that of the
    user's port, whose own weights are taken."""
    if any(line.shape is None or math.prod(line.shape) > MOST_ELEMENTS for line in links):
        return {}
    if any(line.entry.weight.dims.get("groups", 1) > 1 or line.entry.place.part for line in links):
        return {}
    whole = sum(math.prod(line.shape or ()) for line in links)
    draws = max(1, min(16, MOST_ELEMENTS // max(1, whole)))
    found: dict[str, Depth] = {}
    named = any(line.call for line in links)
    ported = factory is not None and all(line.port is not None and line.port.port for line in links)
    for name, shown in (("converted", True), ("name for name", named), ("port", ported)):
        if not shown:
            continue
        layers = [_layer(line, biases.get(line.entry.layer.name, 0.0), name == "name for name") for line in links]
        asked = {"memory": (limits or Limits()).memory, "seed": seed, "text": text, "activation": activation,
                 "draws": draws, "layers": layers, "factory": factory if name == "port" else None,
                 "path": [os.getcwd()]}  # fmt: skip
        try:
            with Worker(report_target().program("signals"), python, limits) as worker:
                answer = worker.ask("chain", asked)
        except FrameworkError:
            continue
        found[name] = Depth(answer["activations"], answer["gradients"])
    return found


def _layer(line: Line, bias: float, use_names: bool) -> dict[str, Any]:
    assert line.shape is not None
    code = None
    if use_names and line.call is not None:
        code = line.call or report_target().nearest.DEFAULT
    return {
        "layer": line.entry.module,
        "parameter": line.entry.place.name or "",
        "port": line.port.port if line.port is not None else None,
        "shape": line.shape,
        "code": code,
        "bias": bias,
        "transposed": is_transposed(line),
        "fan_out": fans(line)[1],
    }
