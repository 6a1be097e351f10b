"""Emitted modules on models of each library's own layers: through their constructors, and by `init_weights`."""

from itertools import product
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("haiku")
pytest.importorskip("equinox")

from benchmarks.jax_models import execute
from initport.conversion import convert
from tests.fixtures import CASES, source
from tests.jax.test_libraries import TARGETS
from tests.oracles.measured import CHANCE

FEW = ["lenet", "keras_recurrent"]
"""Of the fixtures, those that every run executes; the others are executed with `-m slow`."""

CHOSEN = [
    pytest.param(case, name, marks=() if case.name in FEW else pytest.mark.slow, id=f"{case.name}-{name}")
    for case, name in product(CASES, TARGETS)
]
OWN_LIMIT = {"lenet": 0}
"""How many of a network's layers the libraries may lack."""


@pytest.mark.parametrize(("case", "name"), CHOSEN)
def test_a_model_starts_as_its_source(case: Path, name: str) -> None:
    path = source(case)
    result = convert(path.read_bytes(), path=path.name, target=name)
    if result.text is None or result.plan is None:
        assert any(item.exit_code for item in result.diagnostics)
        return
    layers, scores = execute(name, result.text, result.plan, seed=0)
    assert max(map(abs, scores), default=0.0) < CHANCE
    assert layers["own"] <= OWN_LIMIT.get(path.parent.name, layers["layers"])
