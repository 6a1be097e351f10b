"""Figures measured on the real frameworks, and how far a distribution may lie from them by chance.

Each row of a table is a case: the framework's version, the call, the weight's shape and, over ``n`` drawn elements, the
mean, the variance and the extremes; or the message with which the framework refused. Where the mean is left out, the
other figures are rounded to a few digits. ``given`` are sizes of the layer that its call does not state.
"""

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from initport.ir import initializers as ir
from initport.ir.initializers import Initializer, canonical
from initport.ir.law import truncated_variance
from initport.ir.moments import Moments
from initport.ir.scalar import Dim
from initport.ir.weights import Layout

HERE = Path(__file__).resolve().parent
CHANCE = 5.0
"""The z-score that no case may reach: one in two million."""
ROUNDING = 3e-7
"""The relative error of single-precision values."""


@dataclass(frozen=True)
class Case:
    version: str
    api: str
    kwargs: Mapping[str, Any]
    layout: str
    shape: tuple[int, ...]
    n: int
    mean: float
    variance: float
    low: float
    high: float
    error: str
    given: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        shape = "x".join(map(str, self.shape))
        return f"{self.api}-{self.version}-{json.dumps(self.kwargs)}-{self.layout}-{shape}"


def cases(table: str) -> Iterator[Case]:
    with (HERE / f"{table}.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            shape = tuple(int(size) for size in row["shape"].split("x")) if row["shape"] else ()
            mean, variance, low, high = (float(row[name] or "nan") for name in ("mean", "var", "min", "max"))
            yield Case(
                row["version"],
                row["api"] if "api" in row else row["code"],
                json.loads(row.get("kwargs") or "{}"),
                row["layout"] if "layout" in row else row["weight"],
                shape,
                int(row["n"] or 0),
                mean,
                variance,
                low,
                high,
                row["error"],
                {name: int(size) for name, size in (item.split("=") for item in (row.get("given") or "").split())},
            )


def kurtosis(initializer: Initializer) -> float:
    """The fourth standardized moment."""
    match canonical(initializer):
        case ir.RandomUniform():
            return 1.8
        case ir.TruncatedNormal(_, _, bound):
            reach = bound.evaluate({})
            assert reach is not None
            second = truncated_variance(reach)
            cut = math.exp(-reach * reach / 2) * math.sqrt(2 / math.pi) / math.erf(reach / math.sqrt(2))
            return (3 * second - reach**3 * cut) / second**2
        case _:
            return 3.0


def scores(case: Case, initializer: Initializer, true: Moments) -> tuple[float, float]:
    """How many standard errors the measured mean and variance lie from the true ones."""
    match canonical(initializer):
        case ir.Constant() | ir.Identity():
            exact_mean, exact_variance = math.isclose, math.isclose
            mean = case.low if math.isnan(case.mean) else case.mean
            rounding = 1e-4 if math.isnan(case.mean) else ROUNDING
            assert exact_mean(mean, true.mean, rel_tol=rounding, abs_tol=1e-9), case.name
            assert exact_variance(case.variance, true.variance, rel_tol=1e-6, abs_tol=1e-12), case.name
            return 0.0, 0.0
        case ir.Orthogonal():
            square = true.variance + true.mean**2
            mean = 0.0 if math.isnan(case.mean) else case.mean
            assert math.isclose(case.variance + mean**2, square, rel_tol=1e-5), case.name
            return mean / math.sqrt(true.variance / case.n), 0.0
    spread = math.sqrt(true.variance / case.n)
    of_variance = true.variance * math.sqrt((kurtosis(initializer) - 1) / case.n)
    off = 0.0 if math.isnan(case.mean) else (case.mean - true.mean) / spread
    return off, (case.variance - true.variance) / of_variance


def within_support(case: Case, true: Moments) -> bool:
    """No value lies outside the support; of many values some lie near the ends of a bounded one, and some out in the
    tails of one that is not bounded, or only far out."""
    digits = 5e-4 if math.isnan(case.mean) else 1e-5
    slack = digits * max(abs(true.low), abs(true.high)) if math.isfinite(true.low) else 0.0
    inside = true.low - slack <= case.low and case.high <= true.high + slack
    if case.n < 100_000 or not true.variance:
        return inside
    deviation = math.sqrt(true.variance)
    end = min(0.97 * (true.high - true.mean), 3.5 * deviation)
    return inside and case.high > true.mean + end


def sizes_of(
    layout: Layout, shape: tuple[int, ...], groups: int = 1, given: Mapping[str, int] = MappingProxyType({})
) -> dict[str, int] | None:
    """The sizes by role, with those that are given, that give a layout this shape; None if none do."""
    axes = layout.axes
    fixed = sum(not axis.many for axis in axes)
    if len(shape) < fixed or (len(shape) > fixed and fixed == len(axes)):
        return None
    sizes = {"groups": groups, **given}
    position = 0
    for axis in axes:
        width = len(shape) - fixed if axis.many else 1
        size = 1
        for part in shape[position : position + width]:
            size *= part
        position += width
        known = axis.size.evaluate(sizes)
        if known is None:
            roles = [
                symbol.name for symbol, _ in axis.size.powers if isinstance(symbol, Dim) and symbol.name not in sizes
            ]
            share = axis.size.evaluate({**sizes, **dict.fromkeys(roles, 1)})
            assert share is not None
            sizes |= dict.fromkeys(roles, 1) | {roles[0]: round(size / share)}
        elif known != size:
            return None
    return sizes
