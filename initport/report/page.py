"""The page as one file of HTML: nothing of it comes from elsewhere; without JavaScript only the sorting is missing."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from html import escape

from initport import __version__
from initport.compare.comparison import Outcome
from initport.compare.formats import remarks
from initport.findings.escape import printable
from initport.report import charts
from initport.report.chain import Depth
from initport.report.charts import Series
from initport.report.contents import Contents, Line

MOST_HISTOGRAMS = 24
"""Laws that are drawn; further ones are in the table."""

_STYLE = """
:root { color-scheme: light dark; --line: #d0d7de; --soft: #f6f8fa; --bad: #bc4c00; --good: #1a7f37; }
@media (prefers-color-scheme: dark) { :root { --line: #3d444d; --soft: #151b23; --bad: #f0883e; --good: #3fb950; } }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 72rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; } h3 { font-size: 1rem; }
h1, h2, h3, td, p { overflow-wrap: anywhere; }
.verdict { font-size: 1.1rem; border-left: 4px solid var(--good); padding: .5rem 1rem; background: var(--soft); }
.verdict.bad { border-color: var(--bad); color: inherit; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: normal; } td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th { position: sticky; top: 0; background: Canvas; } th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible { outline: 2px solid; } th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
code { font: 12px/1.4 ui-monospace, monospace; } .bad { color: var(--bad); } .good { color: var(--good); }
svg { width: 100%; height: auto; }
.wide { overflow-x: auto; } .wide svg { min-width: 40rem; } figure { margin: 1rem 0; } figcaption { font-size: 13px; }
.laws { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
footer { margin-top: 3rem; font-size: 13px; border-top: 1px solid var(--line); }
@page { margin: 12mm; }
@media print {
  :root { color-scheme: light; --line: #d0d7de; --soft: #f6f8fa; --bad: #bc4c00; --good: #1a7f37; }
  body { max-width: none; padding: 0; } .scroll, .wide { overflow: visible; } .wide svg { min-width: 0; }
  h1, h2, h3 { break-after: avoid; } figure, thead, tr { break-inside: avoid; }
  table { font-size: 10px; } th, td { padding: .15rem .3rem; } th { position: static; }
  th button { display: contents; }
  code { font-size: 9px; overflow-wrap: anywhere; } .wide svg { max-height: 230mm; }
}
"""

_SCRIPT = """
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => row.cells[index].dataset.value ?? row.cells[index].textContent;
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => {
        const [x, y] = [key(a), key(b)], [m, n] = [parseFloat(x), parseFloat(y)];
        const order = Number.isNaN(m) || Number.isNaN(n) ? x.localeCompare(y) : m - n;
        return up ? order : -order;
      });
      table.tBodies[0].append(...rows);
    });
  });
}
"""


def page(inputs: Sequence[Contents], measured: Sequence[Mapping[str, Depth]], activation: str) -> str:
    """The whole file."""
    digest = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    name = ", ".join(item.title for item in inputs)
    body = "".join(
        _input(item, depths, activation, str(number))
        for number, (item, depths) in enumerate(zip(inputs, measured, strict=True))
    )
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Initialization of {_text(name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}"
        f"<footer><p>By initport {_text(__version__)}.</p></footer>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
    )


def _text(value: str) -> str:
    return escape(printable(value))


def _input(item: Contents, measured: Mapping[str, Depth], activation: str, salt: str) -> str:
    bad = any(line.exact is False for line in item.lines) or (item.comparison is not None and item.comparison.differs)
    parts = [
        f"<h1>Initialization of {_text(item.title)}</h1>\n",
        f'<p class="verdict{" bad" if bad else ""}">{_text(item.sentence)}</p>\n',
        _missing_sizes(item),
        _ratios(item, salt),
        _depths(item, measured, activation, salt),
        _laws(item, salt),
        _table(item),
        _remarks(item),
    ]
    return f"<main>\n{''.join(parts)}</main>\n"


def _missing_sizes(item: Contents) -> str:
    if not item.unsized:
        return ""
    return (
        f'<p class="sizes">The sizes of {item.unsized} of {len(item.lines)} weights are not known, so that the figures '
        f"leave these weights out. {_text(item.advice)}</p>\n"
    )


def _ratios(item: Contents, salt: str) -> str:
    lines = [line for line in item.lines if line.truth is not None and line.truth.variance and _has_ratio(line)]
    if not lines:
        return ""
    series = [
        Series("converted", [line.converted or (1.0 if line.exact else None) for line in lines]),
        Series("name for name", [line.naive for line in lines]),
    ]
    if item.comparison is not None:
        series.append(Series("port", [_port_ratio(line) for line in lines]))
    figure = charts.ratios([printable(line.name) for line in lines], series, f"ratios {salt}")
    return (
        f'<h2>Variance of every weight</h2>\n<figure><div class="wide">{figure}</div>'
        "<figcaption>On the line the port has the variance of its "
        f"source. <em>Converted</em> is measured where {item.target} is installed, and else what is proved; <em>name "
        f"for name</em> is what {item.target}'s initializer of the nearest name, or its default, would have done."
        "</figcaption></figure>\n"
    )


def _has_ratio(line: Line) -> bool:
    return bool(line.exact or line.naive is not None or _port_ratio(line) is not None)


def _port_ratio(line: Line) -> float | None:
    return line.port.verdict.ratio if line.port is not None and line.port.verdict is not None else None


def _depths(item: Contents, measured: Mapping[str, Depth], activation: str, salt: str) -> str:
    if len(item.links) < 2:
        return ""
    none = Depth([], [])
    kinds = (("activations", 0), ("gradients", 1))
    figure = charts.depths(
        [
            (
                title,
                [Series(name, found[which], measured.get(name, none)[which]) for name, found in item.chains.items()],
            )
            for title, which in kinds
        ],
        f"depths {salt}",
    )
    how = f"; points are measured on chains that {item.target} drew" if measured else ""
    return (
        f'<h2>Signals over depth</h2>\n<figure><div class="wide">{figure}</div>'
        "<figcaption>Root mean squares after each of the "
        f"{len(item.links)} layers with kernels, for an input and an output gradient of 1, computed from the laws "
        f"with {_text(activation)} after each but the last{how}. The layers are taken as one chain: branches, "
        "normalization, pooling and strides are left out.</figcaption></figure>\n"
    )


def _laws(item: Contents, salt: str) -> str:
    shown = item.distinct[:MOST_HISTOGRAMS]
    if not shown:
        return ""
    figures = []
    for number, one in enumerate(shown):
        sample = one.sample
        figure = charts.histogram(
            one.law, sample.counts if sample else (), sample.n if sample else 1, f"law {salt} {number}"
        )
        drawn = f", {sample.n:,} draws" if sample else ""
        weights = ", ".join(one.weights[:3]) + (f" and {len(one.weights) - 3} more" if len(one.weights) > 3 else "")
        figures.append(
            f"<figure>{figure}<figcaption>{_text(one.words)}{drawn}: {_text(weights)}</figcaption></figure>\n"
        )
    rest = len(item.distinct) - len(shown)
    more = f"<p>{rest} more laws are in the table only.</p>\n" if rest else ""
    return f'<h2>Laws</h2>\n<div class="laws">\n{"".join(figures)}</div>\n{more}'


_COLUMNS = ("line", "weight", "shape", "source", "law", "variance", "target", "exact", "by name", "ratio by name")


def _table(item: Contents) -> str:
    columns = [*_COLUMNS, *(("your port", "ratio", "verdict") if item.comparison is not None else ())]
    head = "".join(f'<th scope="col">{_text(column)}</th>' for column in columns)
    rows = "".join(f"<tr>{''.join(_cells(line, item.comparison is not None))}</tr>\n" for line in item.lines)
    return (
        f'<h2>Every weight</h2>\n<div class="scroll"><table class="sortable">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{rows}</tbody>\n</table></div>\n"
    )


def _cells(line: Line, ported: bool) -> list[str]:
    weight = line.entry.weight
    shape = "?" if weight.shape is None else "x".join("?" if size is None else str(size) for size in weight.shape)
    exact = {True: ("good", "proved"), False: ("bad", "refused"), None: ("", "no line needed")}[line.exact]
    by_name = "-" if line.call is None else line.call or "(the default)"
    cells = [
        _number(None if weight.location.line is None else float(weight.location.line)),
        f"<td>{_text(line.name)}</td>",
        f"<td>{_text(shape)}</td>",
        f"<td>{_text(weight.source)}{' (default)' if weight.implicit else ''}</td>",
        f"<td>{_text(line.words)}</td>",
        _number(line.truth.variance if line.truth else None),
        f"<td><code>{_text(line.target or '-')}</code></td>",
        f'<td class="{exact[0]}">{exact[1]}</td>',
        f"<td><code>{_text(by_name)}</code></td>",
        _number(line.naive),
    ]
    if ported:
        row = line.port
        verdict = row.outcome if row is not None else Outcome.UNKNOWN
        mark = {Outcome.SAME: "good", Outcome.DIFFERS: "bad"}.get(verdict, "")
        words = f": {row.diagnosis}" if row is not None and row.diagnosis else ""
        name = row.port if row is not None and row.port else "-"
        cells += [f"<td>{_text(name)}</td>", _number(_port_ratio(line)),
                  f'<td class="{mark}">{verdict}{_text(words)}</td>']  # fmt: skip
    return cells


def _number(value: float | None) -> str:
    return (
        '<td class="n" data-value="-1">?</td>'
        if value is None
        else f'<td class="n" data-value="{value!r}">{value:.6g}</td>'
    )


def _remarks(item: Contents) -> str:
    notes = [
        f"<li>{_text(f'{found.location}: {found.code.code} {found.detail}')}</li>\n"
        for found in sorted(item.diagnostics, key=lambda found: (found.location.line or 0, found.code.code))
    ]
    sections = []
    if notes:
        sections.append(f"<h2>Assumed and refused</h2>\n<ul>\n{''.join(notes)}</ul>\n")
    if item.comparison is not None and (texts := remarks(item.comparison)):
        items = "".join(f"<li>{_text(line)}</li>\n" for line in texts)
        sections.append(f"<h2>Your port</h2>\n<ul>\n{items}</ul>\n")
    return "".join(sections)
