"""The rows of a network: every weight that a reader found, with what a plan makes of it in the target."""

from collections.abc import Mapping
from typing import Any

from initport.emit.plan import Entry, Plan
from initport.explain.row import Row, finite, law_of
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.ir.identity import by_identity
from initport.ir.initializers import Unsupported
from initport.ir.model import Layer, Model
from initport.ir.weights import Layout, Wrapper


def rows(model: Model, plan: Plan) -> list[Row]:
    """One row a weight, in the order of the source."""
    known = vocabulary(model.framework, model.version)
    return [row(entry, known) for entry in plan.entries]


def row(entry: Entry, known: Vocabulary | None) -> Row:
    """The row of one weight; ``known`` is the framework that says what its fans are."""
    weight = entry.weight
    fan_in, fan_out = _fans(known, weight.layout, weight.passed, weight.dims)
    refused = entry.spelling is None and (entry.finding is None or entry.finding.exit_code != 0)
    return Row(
        path=weight.location.path,
        line=weight.location.line,
        key=weight.location.key,
        layer=entry.layer.name,
        kind=entry.layer.kind.value,
        weight=weight.role.value,
        place=_place(entry.layer),
        shape=None if weight.shape is None else list(weight.shape),
        fan_in=fan_in,
        fan_out=fan_out,
        source=weight.source,
        implicit=weight.implicit,
        statistics=entry.place.statistics is not None,
        **law_of(weight.initializer, weight.dims, entry.place.gates),
        law="",
        target=entry.spelling.text if entry.spelling else None,
        exact=True if entry.spelling else False if refused else None,
        reason=_reason(entry) if refused else None,
    )


@by_identity
def _fans(
    known: Vocabulary | None, layout: Layout | None, passed: tuple[tuple[str, Any], ...], dims: Mapping[str, int]
) -> tuple[float | None, ...]:
    """Those that the framework counts, of a weight of these sizes by role."""
    names = {} if known is None else known.names(layout, passed)
    return tuple(finite(names[name].evaluate(dims) if name in names else None) for name in ("fan_in", "fan_out"))


def _place(layer: Layer) -> str:
    """Which of the layers of a stack it is, and which way it runs."""
    way = "" if layer.wrapper in (None, Wrapper.INNER) else str(layer.wrapper)
    return ", ".join(filter(None, ("" if layer.cell is None else f"cell {layer.cell}", way)))


def _reason(entry: Entry) -> str | None:
    if entry.finding is not None:
        return entry.finding.detail
    initializer = entry.weight.initializer
    return initializer.reason if isinstance(initializer, Unsupported) else None
