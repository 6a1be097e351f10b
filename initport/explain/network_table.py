"""Every weight of a network as one row of plain values, and the rows as text, JSON, Markdown or CSV."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import TypedDict

from initport import tables
from initport.diagnostics import Diagnostic
from initport.emit.plan import Entry, Plan
from initport.grammar.load import vocabulary
from initport.ir.describe import distribution, variance_formula
from initport.ir.model import Model
from initport.ir.moments import moments


class Row(TypedDict):
    """One weight. ``key`` is the path in nested data of what is said of it. ``shape``, fans and moments are the
    source's; None where unknown, not bounded, or not meant.

    ``exact`` is whether ``target`` was proved equal; None where the weight needs no line of its own.
    """

    path: str
    line: int | None
    key: str | None
    layer: str
    kind: str
    weight: str
    shape: list[int | None] | None
    fan_in: float | None
    fan_out: float | None
    source: str
    implicit: bool
    distribution: str
    mean: float | None
    variance: float | None
    variance_formula: str | None
    low: float | None
    high: float | None
    zero_fraction: float | None
    target: str | None
    exact: bool | None


def rows(model: Model, plan: Plan) -> list[Row]:
    """One row a weight, in the order of the source."""
    return [_row(entry, model) for entry in plan.entries]


def _row(entry: Entry, model: Model) -> Row:
    weight = entry.weight
    names = vocabulary(model.framework, model.version).names(weight.layout, weight.passed)
    fans = [names[name].evaluate(weight.dims) if name in names else None for name in ("fan_in", "fan_out")]
    known = moments(weight.initializer, weight.dims)
    refused = entry.spelling is None and (entry.finding is None or entry.finding.exit_code != 0)
    return Row(
        path=weight.location.path,
        line=weight.location.line,
        key=weight.location.key,
        layer=entry.layer.name,
        kind=entry.layer.kind.value,
        weight=weight.role.value,
        shape=None if weight.shape is None else list(weight.shape),
        fan_in=_finite(fans[0]),
        fan_out=_finite(fans[1]),
        source=weight.source,
        implicit=weight.implicit,
        distribution=distribution(weight.initializer),
        mean=_finite(known.mean if known else None),
        variance=_finite(known.variance if known else None),
        variance_formula=variance_formula(weight.initializer),
        low=_finite(known.low if known else None),
        high=_finite(known.high if known else None),
        zero_fraction=_finite(known.zero_fraction if known else None),
        target=entry.spelling.text if entry.spelling else None,
        exact=True if entry.spelling else False if refused else None,
    )


def _finite(value: float | None) -> float | None:
    """A whole number as an int, for people; None for what JSON cannot say."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def as_json(table: Sequence[Row], diagnostics: Iterable[Diagnostic]) -> str:
    """An object with ``weights`` and ``diagnostics``."""
    found = [
        {
            "code": item.code.code,
            "message": item.detail,
            "path": item.location.path,
            "line": item.location.line,
            "column": item.location.column,
            "key": item.location.key,
        }
        for item in diagnostics
    ]
    return json.dumps({"weights": table, "diagnostics": found}) + "\n"


def as_csv(table: Sequence[Row]) -> str:
    """RFC 4180, with a header; an unknown value is an empty cell."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(Row.__annotations__))
    writer.writeheader()
    writer.writerows({**row, "shape": _shape(row)} for row in table)
    return buffer.getvalue()


COLUMNS = ("line", "layer", "kind", "weight", "shape", "fan_in", "fan_out", "source", "variance", "target", "exact")
"""What the tables for people show."""


def cells(row: Row) -> list[str]:
    """The row's cells under COLUMNS; control characters of the source are shown as escapes."""
    variance = "?" if row["variance"] is None else f"{row['variance']:.6g}"
    formula = row["variance_formula"]
    values = {
        "line": "" if row["line"] is None else str(row["line"]),
        "layer": row["layer"],
        "kind": row["kind"],
        "weight": row["weight"],
        "shape": _shape(row),
        "fan_in": _number(row["fan_in"]),
        "fan_out": _number(row["fan_out"]),
        "source": f"({row['source']})" if row["implicit"] else row["source"],
        "variance": variance if formula in (None, "0", variance) else f"{formula} = {variance}",
        "target": row["target"] or "-",
        "exact": {True: "yes", False: "REFUSED", None: "-"}[row["exact"]],
    }
    return ["".join(c if c.isprintable() else ascii(c)[1:-1] for c in values[name]) for name in COLUMNS]


def _shape(row: Row) -> str:
    return "?" if row["shape"] is None else "x".join("?" if size is None else str(size) for size in row["shape"])


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:g}"


def as_markdown(table: Sequence[Row]) -> str:
    return tables.as_markdown([COLUMNS, *map(cells, table)])


def as_text(table: Sequence[Row]) -> str:
    return tables.as_text([COLUMNS, *map(cells, table)])
