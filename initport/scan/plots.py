"""What a corpus initializes with, as bars: laws, functions, frameworks, mistakes, findings."""

import os
from collections.abc import Mapping

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from initport.scan.parts import MISTAKES, Counts

_MOST = 20
"""The bars of a plot; the rest is one more."""


def write(out: str, counts: Counts, codes: Mapping[str, str]) -> list[str]:
    """Write a figure of each table into the directory ``out`` and give the paths; ``codes`` are the titles of findings
    by their codes. Raises OSError."""
    found = {f"{code}: {codes[code]}" if code in codes else code: count for code, count in counts.codes.items()}
    figures = {
        "laws": ("What initializers draw", counts.laws),
        "functions": ("Initializers", counts.functions),
        "frameworks": ("Frameworks of initializers", counts.frameworks),
        "mistakes": ("Mistakes", {name: count for name, count in found.items() if name.startswith(MISTAKES)}),
        "codes": ("Findings", found),
    }
    written = []
    for name, (title, table) in figures.items():
        if table:
            written.append(os.path.join(out, f"{name}.svg"))
            _bars(written[-1], title, table)
    return written


@mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "initport", "text.parse_math": False})
def _bars(path: str, title: str, table: Mapping[str, int]) -> None:
    ranked = sorted(table.items(), key=lambda item: (-item[1], item[0]))
    shown, rest = ranked[:_MOST], ranked[_MOST:]
    if rest:
        shown.append((f"{len(rest)} others", sum(count for _, count in rest)))
    names = [name if len(name) <= 60 else f"{name[:59]}…" for name, _ in reversed(shown)]
    figure = Figure(figsize=(9, 0.8 + 0.25 * len(shown)), layout="constrained")
    FigureCanvasSVG(figure)
    axes = figure.subplots()
    bars = axes.barh(range(len(shown)), [count for _, count in reversed(shown)], color="#0969da")
    axes.bar_label(bars, padding=3, fontsize=8)
    axes.set_yticks(range(len(shown)), names, fontsize=8)
    axes.set_title(title, fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
