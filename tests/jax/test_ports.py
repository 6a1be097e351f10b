"""The ports of the page on JAX, end to end: each network in each library starts as its source says, and runs."""

import importlib
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("flax")
pytest.importorskip("haiku")
pytest.importorskip("equinox")

import jax
import numpy as np

from initport.conversion import convert
from tests.jax.test_libraries import TARGETS, values_of

GUIDE = Path(__file__).parents[2] / "fixtures" / "guide" / "jax"
SOURCES = {
    "lenet": Path(__file__).parents[2] / "fixtures" / "convert" / "lenet" / "input.prototxt",
    "alexnet": GUIDE / "alexnet.prototxt",
    "resnet": GUIDE / "resnet.prototxt",
    "lstm": GUIDE / "lstm.json",
}
PORTS = {target: f"in_{target.removeprefix('flax-')}" for target in TARGETS}

UNIFORM = math.sqrt(3)
"""The end of a uniform law, in deviations."""

EXPECTED: dict[str, list[tuple[str, float, float]]] = {
    "lenet": [("ip1", 1 / 800, UNIFORM), ("conv2", 1 / 500, UNIFORM)],
    "alexnet": [("conv2", 1e-4, math.inf), ("fc6", 25e-6, math.inf), ("conv3", 1 / 576, UNIFORM)],
    "resnet": [("conv3b", 2 / 288, math.inf), ("conv2a", 2 / 144, math.inf), ("fc", 1 / 32, UNIFORM)],
    "lstm": [("embedding", 0.01 / 12, UNIFORM)],
}
"""By network: kernels, their variances, and where their laws end, in deviations."""


@pytest.fixture(params=TARGETS)
def port(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The module of the guide, beside what `initport convert` writes for it."""
    (tmp_path / "inits").mkdir()
    for name, source in SOURCES.items():
        result = convert(source.read_bytes(), path=source.name, target=request.param)
        assert all(item.exit_code == 0 for item in result.diagnostics), result.diagnostics
        (tmp_path / "inits" / f"{name}.py").write_text(str(result.text))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.syspath_prepend(str(GUIDE))
    try:
        yield importlib.import_module(PORTS[request.param])
    finally:
        for name in [name for name in sys.modules if name.startswith(("in_", "inits"))]:
            sys.modules.pop(name)


def kernel(values: dict[str, Any], layer: str) -> Any:
    """A layer's kernel, under the names of any library; the ResNet's convolutions are in a dict in Equinox."""
    homes = (layer, f"convs/{layer.removeprefix('conv')}")
    names = ("kernel", "embedding", "embeddings")
    return next(values[f"{home}/{name}"] for home in homes for name in names if f"{home}/{name}" in values)


@pytest.mark.parametrize("network", SOURCES)
def test_a_port_starts_as_its_source(port: Any, network: str) -> None:
    tree, found = port.start(network, jax.random.key(0))
    assert found.shape == (2, 1 if network == "lstm" else 10)
    assert np.isfinite(np.asarray(found)).all()
    values = values_of(tree)
    for layer, variance, end in EXPECTED[network]:
        weight = np.asarray(kernel(values, layer))
        assert weight.var() == pytest.approx(variance, rel=8 * math.sqrt(2 / weight.size)), layer
        assert np.abs(weight).max() <= end * math.sqrt(variance) * (1 + 1e-6)
