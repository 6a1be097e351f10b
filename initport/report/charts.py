"""The figures, drawn by matplotlib as SVG whose bytes depend on nothing but what is drawn."""

import io
import math
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from initport.ir.law import Law

COLOURS = {"converted": "#1a7f37", "name for name": "#bc4c00", "port": "#0969da"}
"""Readable on white and on black."""

INK = "#010203"
"""Stands for the page's own colour of text."""


class Series(NamedTuple):
    name: str
    values: Sequence[float | None]
    measured: Sequence[float | None] = ()


STYLE = {"svg.fonttype": "none", "font.family": ["sans-serif"], "text.parse_math": False}
"""Text stays text, in the page's fonts, and no name in it is read as a formula."""


def svg_of(figure: Figure, title: str, salt: str) -> str:
    """The ``<svg>`` element, with a title for readers of screens."""
    with mpl.rc_context({"svg.hashsalt": salt}):
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    text = stream.getvalue()
    text = text[text.index("<svg") :].replace(INK, "currentColor")
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'<svg [^>]*?viewBox="([^"]*)"[^>]*>', r'<svg viewBox="\1" role="img">', text, count=1)
    return text.replace('role="img">', f'role="img"><title>{title}</title>', 1)


def new_figure(width: float, height: float) -> Figure:
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasSVG(figure)
    return figure


def new_axes(figure: Figure, rows: int = 1, columns: int = 1) -> list[Axes]:
    found = figure.subplots(rows, columns, squeeze=False).ravel().tolist()
    for axes in found:
        axes.tick_params(colors=INK, labelsize=8)
        for spine in axes.spines.values():
            spine.set_color(INK)
            spine.set_linewidth(0.5)
        axes.grid(True, color=INK, alpha=0.15, linewidth=0.5)
    return found


def _plain_ticks(axis: Axis) -> None:
    """Numbers as people write them, at 1, 2 and 5 times the powers of ten."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=8))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def legend(axes: Axes) -> None:
    axes.legend(fontsize=8, frameon=False, labelcolor=INK)


@mpl.rc_context(STYLE)  # type: ignore[arg-type]
def ratios(names: Sequence[str], series: Sequence[Series], salt: str) -> str:
    """The variance of each weight over the source's, on a log axis."""
    figure = new_figure(8, max(2.0, 0.8 + 0.17 * len(names)))
    (axes,) = new_axes(figure)
    axes.axvline(1, color=INK, linewidth=0.8)
    places = range(len(names))
    for marker, one in zip("osD", series, strict=False):
        points = [(value, place) for value, place in zip(one.values, places, strict=True) if value]
        axes.plot(*(zip(*points, strict=True) if points else ([], [])), marker, color=COLOURS[one.name], markersize=4,
                  label=one.name, fillstyle="full" if marker == "o" else "none")  # fmt: skip
    axes.set_xscale("log")
    _plain_ticks(axes.xaxis)
    axes.set_yticks(list(places), [name[:40] for name in names], fontsize=7)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel("variance, as a multiple of the source's", color=INK, fontsize=8)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, 0.5), max(high, 2))
    legend(axes)
    return svg_of(figure, "Ratio of variances by weight", salt)


@mpl.rc_context(STYLE)  # type: ignore[arg-type]
def depths(series: Sequence[tuple[str, Sequence[Series]]], salt: str) -> str:
    """Activations and gradients by layer: computed as lines, measured as points."""
    figure = new_figure(8, 3)
    for axes, (title, found) in zip(new_axes(figure, 1, len(series)), series, strict=True):
        for one in found:
            places = range(1, len(one.values) + 1)
            lines = [math.nan if value is None else value for value in one.values]
            axes.plot(places, lines, color=COLOURS[one.name], linewidth=1.2, label=one.name)
            points = [(place, value) for place, value in zip(places, one.measured, strict=False) if value]
            if points:
                axes.plot(*zip(*points, strict=True), "o", color=COLOURS[one.name], markersize=3.5)
        axes.set_yscale("log")
        _plain_ticks(axes.yaxis)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_title(title, color=INK, fontsize=9)
        axes.set_xlabel("layer", color=INK, fontsize=8)
    legend(axes)
    return svg_of(figure, "Standard deviations over depth", salt)


@mpl.rc_context(STYLE)  # type: ignore[arg-type]
def histogram(law: Law, counts: Sequence[tuple[float, int]], draws: int, salt: str) -> str:
    """The exact density as a line, and the share of the draws between neighbouring edges as bars."""
    figure = new_figure(3.6, 2.2)
    (axes,) = new_axes(figure)
    low, high = _range(law)
    if counts:
        kept = [pair for pair in counts if low <= pair[0] <= high]
        for (left, before), (right, after) in pairwise(kept):
            if right - left > (high - low) * 1e-4:
                height = (after - before) / draws / (right - left)
                axes.fill_between([left, right], 0, height, color=COLOURS["converted"], alpha=0.3, linewidth=0)
    grid = [low + (high - low) * step / 300 for step in range(301)]
    axes.plot(grid, [law.density(x) for x in grid], color=INK, linewidth=1)
    for value, probability in law.atoms:
        axes.annotate(f"{probability:.3g} at {value:.4g}", (value, axes.get_ylim()[1] * 0.9), fontsize=7, color=INK)
    axes.set_ylim(bottom=0)
    return svg_of(figure, "Histogram and exact density", salt)


def _range(law: Law) -> tuple[float, float]:
    """What holds nearly all of the mass, and a little more."""
    low = min(part.quantile(0.0005) for _, part in law.parts)
    high = max(part.quantile(0.9995) for _, part in law.parts)
    margin = 0.08 * (high - low)
    return low - margin, high + margin
