"""A comparison as text, JSON, Markdown, JUnit's XML, or annotations of GitHub's workflows."""

import json
import math
from collections.abc import Callable, Mapping
from textwrap import wrap
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from initport import tables
from initport.compare.comparison import Comparison, Outcome, Row
from initport.findings.escape import printable
from initport.ir.moments import Moments

COLUMNS = ("verdict", "weight", "port's weight", "paired by", "law", "variance", "measured", "ratio", "KS distance",
           "draws")  # fmt: skip


def as_json(comparison: Comparison) -> str:
    """One object; numbers that JSON cannot write are null."""
    return (
        json.dumps(
            {
                "source": comparison.source,
                "port": comparison.port,
                "compared": "formula" if comparison.builds is None else "samples",
                "framework": comparison.framework,
                "verdict": comparison.sentence,
                "effect": comparison.effect,
                "builds": comparison.builds,
                "weights": [_row(row) for row in comparison.rows],
                "not_in_source": comparison.extra,
                "dependent": comparison.dependent,
                "notes": comparison.notes,
            }
        )
        + "\n"
    )


def _row(row: Row) -> dict[str, Any]:
    sample, verdict = row.sample, row.verdict
    measured = None
    if sample is not None and row.truth is not None:
        measured = {
            "draws": sample.n,
            "mean": _finite(row.truth.mean + sample.first / sample.n),
            "variance": _finite(row.variance),
            "low": _finite(sample.low),
            "high": _finite(sample.high),
            "zero_fraction": sample.zeros / sample.n,
            "outside": sample.outside,
        }
    return {
        "verdict": row.outcome.value,
        "weight": row.source,
        "line": row.line,
        "port": row.port,
        "paired_by": row.how,
        "shape": row.shape,
        "law": row.words,
        "expected": None if row.truth is None else _moments(row.truth),
        "measured": measured,
        "variance_ratio": None if verdict is None else _finite(verdict.ratio),
        "interval": None if verdict is None else verdict.interval,
        "distance": None if verdict is None else _finite(verdict.distance),
        "reason": row.reason,
        "diagnosis": row.diagnosis,
        "mend": row.mend,
    }


def _moments(truth: Moments) -> dict[str, float | None]:
    return {name: _finite(value) for name, value in truth._asdict().items()}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def cells(row: Row) -> list[str]:
    """The row's cells under COLUMNS; control characters are shown as escapes."""
    ratio = row.verdict.ratio if row.verdict is not None else None
    interval = row.verdict.interval if row.verdict is not None else None
    distance = row.verdict.distance if row.verdict is not None else None
    shown = "" if ratio is None else f"{ratio:.4g}"
    if interval is not None and interval[0] != interval[1]:
        shown += f" ({interval[0]:.4g} to {interval[1]:.4g})"
    values = [
        row.outcome.value,
        row.source,
        row.port or "-",
        row.how or "-",
        row.words,
        "?" if row.truth is None else f"{row.truth.variance:.5g}",
        "" if row.variance is None else f"{row.variance:.5g}",
        shown,
        "" if distance is None else f"{distance:.4f}",
        "" if row.sample is None else f"{row.sample.n:,}",
    ]
    return [printable(value) for value in values]


def _table(comparison: Comparison) -> list[list[str]]:
    """The table with its head, without the columns that are empty in every row: what a formula does not measure."""
    rows = [*map(cells, comparison.rows)]
    shown = [at for at in range(len(COLUMNS)) if not rows or any(row[at] for row in rows)]
    return [[row[at] for at in shown] for row in (COLUMNS, *rows)]


def remarks(comparison: Comparison) -> list[str]:
    """What there is to say beside the table, a sentence each."""
    said = []
    for row in comparison.rows:
        if row.outcome is not Outcome.SAME:
            said.append(remark(row))
    if comparison.extra:
        said.append(f"the source describes no such weights: {', '.join(comparison.extra)}")
    return [printable(line) for line in (*said, *comparison.dependent, *comparison.notes)]


def remark(row: Row) -> str:
    """What is wrong with a weight, what it is, and what mends it."""
    text = f"{row.source}: {row.reason}"
    if row.diagnosis:
        text += f". It is: {row.diagnosis}"
    elif row.outcome is Outcome.DIFFERS:
        text += ". It matches no known mistake"
    return text + (f". Correct it with: {row.mend}" if row.mend else "")


def summary(comparison: Comparison) -> str:
    """The last line."""
    if comparison.builds is None:
        return f"{comparison.sentence} (by formula)."
    builds = {0: "on stub layers", 1: "1 build"}.get(comparison.builds, f"{comparison.builds} builds")
    return (
        f"{comparison.sentence} ({builds}; an error of {comparison.effect:.3g} of a standard deviation is seen 199 "
        "times of 200, a false alarm for the whole model raised once in 200)."
    )


def as_text(comparison: Comparison, width: int | None = None) -> str:
    """For a terminal of ``width`` columns: a table where it fits, else some lines a weight, of which no word is cut;
    without a width, for a file or a pipe, a line a weight."""
    table = tables.as_text(_table(comparison))
    words = [*remarks(comparison), summary(comparison)]
    if width is not None:
        words = [line for text in words for line in wrap(text, max(width, 20), subsequent_indent="    ")]
        if max(map(len, table.splitlines())) > width:
            table = "".join(f"{line}\n" for row in comparison.rows for line in _lines(row, max(width, 20)))
    return "".join((table, "\n", *(f"{line}\n" for line in words)))


def _lines(row: Row, width: int) -> list[str]:
    """The verdict on a weight and its pair, its law, and what was measured of it."""
    verdict, weight, port, how, law, variance, measured, ratio, distance, draws = cells(row)
    numbers = (("variance", variance), ("measured", measured), ("ratio", ratio), ("KS distance", distance))
    facts = [f"{name} {value}" for name, value in numbers if value] + ([f"{draws} draws"] if draws else [])
    head = f"{verdict:15}{weight}" + (f" = {port} ({how})" if port != "-" else "")
    return [
        *wrap(head, width, subsequent_indent="    "),
        *wrap(law, width, initial_indent="    ", subsequent_indent="    "),
        *wrap(", ".join(facts), width, initial_indent="    ", subsequent_indent="    "),
    ]


def as_markdown(comparison: Comparison) -> str:
    table = tables.as_markdown(_table(comparison))
    lines = "".join(f"- {_plain(line)}\n" for line in remarks(comparison))
    return f"{table}\n{lines}\n{_plain(summary(comparison))}\n"


def _plain(text: str) -> str:
    """Without what Markdown or HTML would make of it."""
    return "".join(f"\\{c}" if c in "\\`*_[]<>|#" else c for c in text)


def as_junit(comparison: Comparison) -> str:
    """A test case a weight: a failure where it differs, skipped where it is undecided."""
    cases = []
    for row in comparison.rows:
        name = f"<testcase classname={_attribute(comparison.port)} name={_attribute(row.source)}"
        if row.outcome is Outcome.SAME:
            cases.append(f"    {name}/>")
        else:
            kind = "failure" if row.outcome is Outcome.DIFFERS else "skipped"
            cases.append(
                f"    {name}><{kind} message={_attribute(row.reason or '')}>{_text(remark(row))}</{kind}></testcase>"
            )
    for line in comparison.dependent:
        name = f"<testcase classname={_attribute(comparison.port)} name={_attribute('independence')}"
        cases.append(f"    {name}><failure message={_attribute(line)}/></testcase>")
    failures = comparison.count(Outcome.DIFFERS) + len(comparison.dependent)
    head = f'tests="{len(cases)}" failures="{failures}" skipped="{comparison.count(Outcome.UNKNOWN)}" errors="0"'
    body = "".join(f"{case}\n" for case in cases)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<testsuites {head}>\n  <testsuite name={_attribute(f'{comparison.source} and {comparison.port}')} {head}>\n"
        f"{body}  </testsuite>\n</testsuites>\n"
    )


def _text(value: str) -> str:
    return escape(printable(value))


def _attribute(value: str) -> str:
    return quoteattr(printable(value))


def as_github(comparison: Comparison) -> str:
    """A workflow command for each finding, and the closing line."""
    lines = []
    for row in comparison.rows:
        if row.outcome is not Outcome.SAME:
            level = "error" if row.outcome is Outcome.DIFFERS else "warning"
            line = f",line={row.line}" if row.line else ""
            place = f"file={_property(comparison.source)}{line},title=initport compare"
            lines.append(f"::{level} {place}::{_data(remark(row))}")
    lines += [f"::error title=initport compare::{_data(line)}" for line in comparison.dependent]
    return "".join(f"{line}\n" for line in (*lines, printable(summary(comparison))))


def _data(value: str) -> str:
    return printable(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def in_format(comparison: Comparison, name: str, width: int | None = None) -> str:
    """In one of the `FORMATS`; ``width`` is that of the terminal that it is for, if it is for one."""
    return as_text(comparison, width) if name == "text" else FORMATS[name](comparison)


FORMATS: Mapping[str, Callable[[Comparison], str]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
    "junit": as_junit,
    "github": as_github,
}
