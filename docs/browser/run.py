"""What the page "Try it in the browser" runs in Pyodide: a text in, what the page shows as JSON out."""

import json
import math
from collections.abc import Sequence

import initport
from initport.explain.row import Row, Table, cells, lines
from initport.ir.law import Law, Normal, SphereCoordinate, Uniform, truncated_variance

PATHS = {"caffe": "net.prototxt", "keras": "model.json", "python": "model.py"}
PLOTS = 12
"""Densities that are shown at most."""


def answer(text: str, kind: str, target: str, version: str = "") -> str:
    """An object with ``summary``, ``findings``, ``head`` and ``rows`` of a table, ``plots``, ``note`` and ``code``.

    ``version`` is the source's, or empty. Never raises for a text: what is wrong with it is a finding, or the summary.
    """
    try:
        table = _table(text, kind, target, version)
        code, missing = _code(text, kind, target, version)
    except ValueError as error:
        return _shape_text(str(error), [], Table([], []), "")
    refused = sum(row["exact"] is False for row in table.rows)
    count = len(table.rows)
    summary = f"{count} weight{'s' * (count != 1)}, {refused} refused."
    if table.exit_code > 1:
        summary, code = "Not converted.", ""
    findings = [f"{item.code.code}: {_place(item.location.line)}{item.detail}" for item in table.diagnostics]
    return _shape_text(summary, [*dict.fromkeys(findings), *missing], table, code)


def _place(line: int | None) -> str:
    return f"line {line}: " if line else ""


def _table(text: str, kind: str, target: str, version: str) -> Table:
    if kind == "python":
        return initport.explain(text, source="python", path=PATHS[kind], target=target, versions=_versions(version))
    options = initport.Options(version=version or None)
    return initport.explain(text, path=PATHS[kind], target=target, options=options)


def _versions(version: str) -> list[str]:
    """Of TensorFlow, where no package is named."""
    return [version if "=" in version else f"tf={version}"] if version else []


def _code(text: str, kind: str, target: str, version: str) -> tuple[str, list[str]]:
    """The converted code, and what there is to say where there is none."""
    if kind != "python":
        options = initport.Options(version=version or None)
        return initport.convert(text, path=PATHS[kind], target=target, options=options).text or "", []
    try:
        result = initport.codemod(text, path=PATHS[kind], target=target, versions=_versions(version))
    except ModuleNotFoundError as error:
        return "", [f"The rewritten file needs {error.name}, which has no build for browsers; the table has each line."]
    return str(result.text), []


def _shape_text(summary: str, findings: list[str], table: Table, code: str) -> str:
    head, *rows = lines(map(cells, table.rows)) if table.rows else [[]]
    plots, note = _plots(table.rows)
    found = {"summary": summary, "findings": findings, "head": head, "rows": rows, "plots": plots, "note": note}
    return json.dumps({**found, "code": code})


def law_of(row: Row) -> Law | None:
    """The law of a row's numbers; None where it has none that has a density."""
    mean, variance, low, high = row["mean"], row["variance"], row["low"], row["high"]
    if mean is None or not variance:
        return None
    match row["distribution"]:
        case "uniform" if low is not None and high is not None:
            return Law((), ((1.0, Uniform(low, high)),))
        case "normal":
            return Law((), ((1.0, Normal(mean, math.sqrt(variance))),))
        case "truncated normal" if high is not None:
            bound = cut(high - mean, variance)
            return Law((), ((1.0, Normal(mean, (high - mean) / bound, bound)),))
        case "orthogonal" if high is not None:
            return Law((), ((1.0, SphereCoordinate(high, round(high * high / variance))),))
    return None


def cut(reach: float, variance: float) -> float:
    """The deviations at which a normal is cut that reaches so far from its mean and has this variance: where
    ``b ** 2 / truncated_variance(b)`` equals ``reach ** 2 / variance``, which grows with b."""
    low, high = 1e-3, 40.0
    for _ in range(100):
        middle = (low + high) / 2
        if middle * middle / truncated_variance(middle) < reach * reach / variance:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _plots(rows: Sequence[Row]) -> tuple[list[dict[str, str]], str]:
    """A density for each law, and what is left out."""
    groups: dict[tuple[object, ...], tuple[Law, list[Row]]] = {}
    without = 0
    for row in rows:
        found = law_of(row)
        if found is not None:
            key = (row["distribution"], row["mean"], row["variance"])
            groups.setdefault(key, (found, []))[1].append(row)
        elif row["variance"] != 0:
            without += 1
    plots = [_plot(*group) for group in list(groups.values())[:PLOTS]]
    many = f"{without} weights have" if without > 1 else "One weight has"
    notes = [f"{many} no density here, since sizes are not known."] * bool(without)
    notes += [f"The table has {len(groups) - PLOTS} more laws."] * (len(groups) > PLOTS)
    return plots, " ".join(notes)


WIDTH, HEIGHT, BASE = 220, 120, 98


def _plot(found: Law, rows: Sequence[Row]) -> dict[str, str]:
    """An SVG of numbers alone; the names of the weights are in the caption."""
    first = rows[0]
    deviation, mean = math.sqrt(first["variance"] or 0), first["mean"] or 0
    span = max(3.2 * deviation, 1.15 * ((first["high"] or 0) - mean))
    xs = [mean - span + 2 * span * i / 240 for i in range(241)]
    ys = [found.density(x) for x in xs]
    top = max(ys)
    points = " ".join(f"{8 + (WIDTH - 16) * i / 240:.1f},{BASE - 88 * y / top:.1f}" for i, y in enumerate(ys))
    places = (
        (8 + (WIDTH - 16) * (x - mean + span) / (2 * span), x) for x in (mean - deviation, mean, mean + deviation)
    )
    ticks = "".join(f'<text x="{at:.1f}" y="{BASE + 16}" text-anchor="middle">{x:.3g}</text>' for at, x in places)
    svg = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="density: {first["distribution"]}, deviation '
        f'{deviation:.4g}" font-size="10" fill="currentColor">'
        f'<polyline points="{points}" fill="currentColor" fill-opacity="0.12" stroke="currentColor"/>'
        f'<line x1="8" x2="{WIDTH - 8}" y1="{BASE}" y2="{BASE}" stroke="currentColor" stroke-width="0.5"/>{ticks}</svg>'
    )
    names = " ".join(part for part in (first["layer"], first["weight"], first["place"]) if part)
    more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
    return {"svg": svg, "caption": f"{names}{more}: {first['distribution']}, standard deviation {deviation:.4g}"}
