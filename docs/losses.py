"""Losses of the networks that `benchmarks.does_it_matter` trained, as tables and as curves, from what it kept."""

import json
import statistics
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypedDict

KEPT = Path(__file__).parent / "does_it_matter.json"
"""What the benchmark wrote: by network and by initialization, the runs of all seeds."""

EPOCHS = (0, 1, 3, 12)
"""Those in the tables; 0 is before training."""

HEAD = "initialization | initial loss | after 1 | after 3 | after 12 | accuracy, each seed"

COLOURS = ("#1a7f37", "#bc4c00", "#0969da")
"""Of the initializations, in their order; readable on white and on black."""


class Run(TypedDict):
    """The losses on the training data, before training and after each epoch, and the accuracy on what is left."""

    losses: list[float]
    accuracy: float


Runs = Mapping[str, Sequence[Run]]


def kept() -> dict[str, Runs]:
    """What the benchmark wrote when it was last run."""
    found: dict[str, Runs] = json.loads(KEPT.read_text(encoding="utf-8"))
    return found


def table(runs: Runs) -> str:
    """A row an initialization: medians of the losses over the seeds."""
    return "".join(_rows(runs))


def _rows(runs: Runs) -> Iterator[str]:
    for name, found in runs.items():
        losses = [f"{statistics.median(run['losses'][epoch] for run in found):.3f}" for epoch in EPOCHS]
        accuracies = ", ".join(f"{run['accuracy']:.1%}" for run in found)
        yield f"| {name} | {' | '.join(losses)} | {accuracies} |\n"


def curves(results: Mapping[str, Runs]) -> str:
    """All losses as an ``<svg>`` element: thin lines are seeds, thick ones their medians. Needs matplotlib."""
    import matplotlib as mpl

    from initport.report import charts

    with mpl.rc_context(charts.STYLE):  # type: ignore[arg-type]
        figure = charts.new_figure(9, 3.2)
        panels = charts.new_axes(figure, 1, len(results))
        for axes, (title, runs) in zip(panels, results.items(), strict=True):
            for colour, (name, found) in zip(COLOURS, runs.items(), strict=True):
                for run in found:
                    axes.plot(run["losses"], color=colour, linewidth=0.5, alpha=0.5)
                losses = zip(*(run["losses"] for run in found), strict=True)
                axes.plot([statistics.median(of_epoch) for of_epoch in losses], color=colour, label=name)
            axes.set_title(title.replace(", 8 and", ",\n8 and"), color=charts.INK, fontsize=9)
            axes.set_xlabel("epochs", color=charts.INK, fontsize=8)
        panels[0].set_ylabel("loss on the training data", color=charts.INK, fontsize=8)
        charts.legend(panels[0])
        return charts.svg_of(figure, "Losses over epochs", "losses")


def written(results: Mapping[str, Runs]) -> str:
    """What is kept: losses to five digits after the point."""
    rounded = {
        network: {name: [_rounded(run) for run in found] for name, found in runs.items()}
        for network, runs in results.items()
    }
    return f"{json.dumps(rounded)}\n"


def _rounded(run: Run) -> Run:
    return {"losses": [round(loss, 5) for loss in run["losses"]], "accuracy": round(run["accuracy"], 6)}
