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

FEW = ("lenet", "keras_recurrent")
"""Of the fixtures, those that are executed here; `benchmarks.jax_models` executes others."""

CHOSEN = list(product([case for case in CASES if case.name in FEW], TARGETS))

OWN_LIMIT = {"lenet": 0}
"""How many of a network's layers the libraries may lack."""


@pytest.mark.parametrize(("case", "name"), CHOSEN, ids=lambda item: getattr(item, "name", item))
def test_a_model_starts_as_its_source(case: Path, name: str) -> None:
    path = source(case)
    result = convert(path.read_bytes(), path=path.name, target=name)
    if result.text is None or result.plan is None:
        assert any(item.exit_code for item in result.diagnostics)
        return
    layers, scores = execute(name, result.text, result.plan, seed=0)
    assert max(map(abs, scores), default=0.0) < CHANCE
    assert layers["own"] <= OWN_LIMIT.get(path.parent.name, layers["layers"])
