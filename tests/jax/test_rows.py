"""Every law that was measured, on its layer, as it is written for the libraries: drawn, with the same moments."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

pytest.importorskip("flax")
pytest.importorskip("haiku")
pytest.importorskip("equinox")

import jax

from benchmarks.jax_models import deviations, parts_of
from initport.diagnostics import Code
from initport.emit.plan import Outcomes, Plan, plan
from initport.emit.targets import target
from initport.grammar.layout import parse_layout
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Axis, Kind, Layout, Role
from initport.python.vocabulary import names
from initport.verify.measure import draws_of
from tests.jax.test_libraries import TARGETS
from tests.oracles import test_jax as rows
from tests.oracles.measured import CHANCE, Case, sizes_of

HERE = Location("rows.py", 1, 1)
MODULES = {"nn": "flax.linen", "nnx": "flax.nnx", "hk": "haiku", "eqx": "equinox"}

OUTCOMES = {Code.STATISTICS: "no parameter", Code.NO_COUNTERPART: "no parameter", Code.INEXPRESSIBLE: "not expressed"}
EXPECTED = {
    "flax-linen": {"agrees": 223, "not expressed": 6, "no parameter": 4},
    "flax-nnx": {"agrees": 223, "not expressed": 6, "no parameter": 4},
    "haiku": {"agrees": 222, "not expressed": 7, "no parameter": 4},
    "equinox": {"agrees": 221, "not expressed": 8, "no parameter": 4},
}
"""By library: how many rows agree, and what becomes of the others."""


def kind_of(code: str) -> Kind:
    root, _, rest = code.partition("(")[0].partition(".")
    return names(rows.NEW).layers[f"{MODULES[root]}.{rest}"][0].row.kind


def role_of(case: Case) -> Role:
    """Of what a row measured."""
    call = rows.LAYERS.get(rows._key(case))
    if call is None:
        return Role.PARAMETER
    return Role(call.roles[case.layout if case.layout in call.roles else case.layout.rpartition("/")[2]])


def layer_of(case: Case, name: str) -> Layer:
    """The row's layer, with its weight; of a cell with all of them, which some libraries keep in one parameter."""
    call, sizes = rows.LAYERS.get(rows._key(case)), rows._law(case)[1]
    if call is None:
        plain = Layout(tuple(Axis(Scalar.of(size)) for size in case.shape))
        layout = parse_layout("in, out") if len(case.shape) == 2 else plain
        if case.api.startswith("caffe2."):
            layout = parse_layout("out, in, *kernel" if case.shape[2:] else "out, in")
        weight = _weight(Role.PARAMETER, rows._law(case)[0], layout, sizes, case.shape)
        return Layer(name, Kind.PARAMETER, "row", HERE, (weight,))
    weights = []
    for role, (law, there) in rows._laws(call.code).items():
        if role is not role_of(case) and "units" not in call.sizes:
            continue
        fits = there is not None and sizes_of(there, case.shape, call.sizes.get("groups", 1)) is not None
        weights.append(_weight(role, law, there, sizes, case.shape if fits and role is role_of(case) else None))
    return Layer(name, kind_of(call.code), "row", HERE, tuple(weights))


def _weight(role: Role, law: Any, layout: Layout | None, sizes: Mapping[str, int], shape: Any) -> Weight:
    return Weight(role, law, HERE, role.value, role.value, False, layout, dict(sizes), shape)


CASES = [case for case in rows.CASES if rows._kind(case) in ("law", "rounded")]


def layers() -> Iterator[Layer]:
    for index, case in enumerate(CASES):
        yield layer_of(case, f"row_{index}")


def started(name: str, found: Plan, model: Model) -> dict[str, Any]:
    """What each parameter's line in the emitted module draws."""
    chosen = target(name)
    namespace: dict[str, Any] = {}
    exec(compile(chosen.emit(model, found), "<emitted>", "exec"), namespace)
    values = {}
    for index, part in enumerate(parts_of(found)):
        for path, shape in part.shapes.items():
            key = jax.random.fold_in(jax.random.key(0), index)
            drawn = namespace["_draw"](namespace["INITIALIZERS"][part.name, path], key, shape)
            values["/".join(filter(None, (part.name, path)))] = drawn
    return values


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_each_row_is_written_and_drawn(name: str) -> None:
    chosen = target(name)
    model = Model("rows", "jax", HERE, tuple(layers()))
    found = plan(model, chosen.vocabulary)
    values = started(name, found, model)
    homes = {layer.name: layer.name for layer in model.layers}
    axis = getattr(chosen.vocabulary.grammar.blocks, "axis", 0)
    worst, outcomes = 0.0, Counter[str]()
    own = {(entry.layer.name, entry.weight.role): entry for entry in found.entries}
    for index, case in enumerate(CASES):
        entry = own[f"row_{index}", role_of(case)]
        if entry.spelling is None:
            assert entry.finding is not None
            outcomes[OUTCOMES[entry.finding.code]] += 1
            continue
        scores = [
            abs(score)
            for score in deviations(draws_of(Plan(((entry.layer, Outcomes([entry])),), ()), axis), values, homes)
        ]
        worst = max(worst, *scores, 0.0)
        outcomes["agrees"] += 1
    assert worst < CHANCE
    assert outcomes == EXPECTED[name]
