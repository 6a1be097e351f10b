"""One weight as a row of plain values, whatever the input is, and rows as JSON, CSV and Markdown."""

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypedDict

from initport import tables
from initport.diagnostics import Diagnostic
from initport.ir.describe import distribution_of_gates, variance_formula
from initport.ir.identity import by_identity
from initport.ir.initializers import Initializer
from initport.ir.moments import moments


class Row(TypedDict):
    """One weight, or one initializer in source code.

    ``layer`` is its name in a network, or the function that is called in source code; ``weight`` is its role there, and
    ``place`` says in words where an initializer is that is not an argument of a known layer. ``key`` is the path in
    nested data of what sets it. ``shape``, fans and moments are the source's; None where unknown or not
    bounded. ``implicit`` is whether the source leaves it to a default or a scope, ``statistics`` whether it is a
    running statistic. ``law`` is what a hand-written formula follows or misses.

    ``exact`` is whether ``target`` was proved equal; None where the weight needs no line of its own. ``reason`` says
    why it is refused.
    """

    path: str
    line: int | None
    key: str | None
    layer: str
    kind: str
    weight: str
    place: str
    shape: list[int | None] | None
    fan_in: float | None
    fan_out: float | None
    source: str
    implicit: bool
    statistics: bool
    distribution: str
    mean: float | None
    variance: float | None
    variance_formula: str | None
    low: float | None
    high: float | None
    zero_fraction: float | None
    law: str
    target: str | None
    exact: bool | None
    reason: str | None


class Law(TypedDict):
    """The part of a row that an initializer gives."""

    distribution: str
    mean: float | None
    variance: float | None
    variance_formula: str | None
    low: float | None
    high: float | None
    zero_fraction: float | None


class Table(NamedTuple):
    """The rows of an input in the order of the source, and the findings beside them."""

    rows: list[Row]
    diagnostics: list[Diagnostic]

    @property
    def exit_code(self) -> int:
        return max((item.exit_code for item in self.diagnostics), default=0)


@by_identity
def law_of(initializer: Initializer | None, dims: Mapping[str, int], gates: Sequence[str] = ()) -> Law:
    """For the sizes by role, ``gates`` being what the parts of the weight are; nothing but question marks for None."""
    known = None if initializer is None else moments(initializer, dims)
    return Law(
        distribution="?" if initializer is None else distribution_of_gates(initializer, gates),
        mean=finite(known.mean if known else None),
        variance=finite(known.variance if known else None),
        variance_formula=None if initializer is None else variance_formula(initializer),
        low=finite(known.low if known else None),
        high=finite(known.high if known else None),
        zero_fraction=finite(known.zero_fraction if known else None),
    )


def finite(value: float | None) -> float | None:
    """A whole number as an int, for people; None for what JSON has no number for."""
    if value is None or not math.isfinite(value):
        return None
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def as_json(table: Table, target: str) -> str:
    """An object with ``target``, ``weights`` and ``diagnostics``."""
    found = [
        {
            "code": item.code.code,
            "message": item.detail,
            "path": item.location.path,
            "line": item.location.line,
            "column": item.location.column,
            "key": item.location.key,
        }
        for item in table.diagnostics
    ]
    return json.dumps({"target": target, "weights": table.rows, "diagnostics": found}) + "\n"


def as_csv(rows: Sequence[Row]) -> str:
    """RFC 4180, with a header; an unknown value is an empty cell."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(Row.__annotations__))
    writer.writeheader()
    writer.writerows({**row, "shape": shape_text(row)} for row in rows)
    return buffer.getvalue()


COLUMNS = ("line", "layer", "kind", "weight", "place", "shape", "fan_in", "fan_out", "source", "distribution",
           "variance", "law", "target", "exact")  # fmt: skip
"""What the tables for people show, but those that are empty in every row."""

_UNKNOWN = ("", "?")


def cells(row: Row) -> dict[str, str]:
    """The row's cells by column; control characters of the source are shown as escapes."""
    formula, variance = row["variance_formula"], row["variance"]
    number = "?" if variance is None else f"{variance:.6g}"
    values = {
        "line": "" if row["line"] is None else str(row["line"]),
        "layer": row["layer"],
        "kind": row["kind"],
        "weight": row["weight"],
        "place": row["place"],
        "shape": shape_text(row),
        "fan_in": "?" if row["fan_in"] is None else f"{row['fan_in']:g}",
        "fan_out": "?" if row["fan_out"] is None else f"{row['fan_out']:g}",
        "source": f"({row['source']})" if row["implicit"] else row["source"],
        "distribution": row["distribution"],
        "variance": number if formula in (None, "0", number) else formula if variance is None else
        f"{formula} = {number}",
        "law": row["law"],
        "target": row["target"] or "-",
        "exact": {True: "yes", False: "REFUSED", None: "-"}[row["exact"]],
    }  # fmt: skip
    return {name: printable(" ".join(value.split())) for name, value in values.items()}


def printable(text: str) -> str:
    """A terminal must not obey what an input holds."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shape_text(row: Row) -> str:
    return "?" if row["shape"] is None else "x".join("?" if size is None else str(size) for size in row["shape"])


def lines(table: Iterable[Mapping[str, str]]) -> list[list[str]]:
    """The table with its head, without the columns that are unknown in every row."""
    found = list(table)
    shown = [name for name in COLUMNS if any(row[name] not in _UNKNOWN for row in found)] if found else list(COLUMNS)
    return [shown, *([row[name] for name in shown] for row in found)]


def as_markdown(rows: Sequence[Row]) -> str:
    return tables.as_markdown(lines(map(cells, rows)))
