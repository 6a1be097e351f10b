"""`initport report`: a network's initialization as one page of HTML."""

import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.command import Command, option
from initport.cli.findings import report as report_findings
from initport.cli.network import open_network, read_file
from initport.cli.options import network_options
from initport.cli.output import write
from initport.cli.progress import progress_bar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from initport.report.chain import Depth
    from initport.report.contents import Contents
    from initport.verify.worker import Limits

HELP = """Write one HTML page about how the weights of each FILE start: the verdict, the variance of every weight beside
what a port by names would have, signals over depth, the exact laws, and what was assumed and refused.

Needs matplotlib (pip install "initport[report]"). What can be measured is, where PyTorch is installed.

\b
Examples:
  initport report lenet.prototxt -o report.html
"""


@click.command(cls=Command, help=HELP, short_help="Write an HTML page about a network's initialization.")
@network_options
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path())
@option("-o", "--output", metavar="FILE", required=True, group="Output",
        help="Write to FILE, in one step or not at all.")  # fmt: skip
@option("--port", metavar="PORT", group="Input", help="A port of the first FILE, as for `initport compare`.")
@option("--activation", type=click.Choice(["relu", "tanh", "sigmoid", "linear"]), default="relu", show_default=True,
        group="Input", help="What follows each layer, for the signals over depth.")  # fmt: skip
@option("--seed", type=int, default=0, show_default=True, group="Input", help="What the draws begin with.")
@option("--measure/--no-measure", default=True, show_default=True, group="Output",
        help="Whether to draw with PyTorch where it is installed.")  # fmt: skip
def report(file: str, more: tuple[str, ...], output: str, port: str | None, quiet: bool, **chosen: Any) -> None:
    try:
        from initport.report.page import page
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("matplotlib", "numpy"):
            raise
        click.echo('matplotlib is not installed: pip install "initport[report]"', err=True)
        sys.exit(2)
    from initport.verify.worker import Limits

    inputs, measured, status = [], [], 0
    for index, name in enumerate((file, *more)):
        one, depths = _contents(name, port if index == 0 else None, Limits(300), quiet, chosen)
        inputs.append(one)
        measured.append(depths)
        worst = max((found.exit_code for found in one.diagnostics), default=0)
        status = max(status, worst, one.comparison.exit_code if one.comparison is not None else 0)
    write(output, page(inputs, measured, chosen["activation"]), file)
    sys.exit(status)


def _contents(
    file: str, port: str | None, limits: "Limits", quiet: bool, chosen: dict[str, Any]
) -> "tuple[Contents, Mapping[str, Depth]]":
    from initport.cli.compare import compared
    from initport.conversion import convert, read
    from initport.diagnostics import InputError
    from initport.report.contents import biases, contents
    from initport.report.measured import measured
    from initport.verify.run import FrameworkError, Job, measure

    path, data, options = open_network(file, chosen)
    try:
        reading = read(data, source=chosen["source"], path=path, options=options, read_file=read_file)
    except InputError as error:
        report_findings([error.diagnostic], quiet)
        sys.exit(2)
    result = convert(data, source=chosen["source"], target="torch", path=path, options=options, read_file=read_file)
    report_findings(result.diagnostics, quiet)
    if result.text is None or result.plan is None:
        sys.exit(2)
    checks = []
    if chosen["measure"]:
        try:
            with progress_bar("Measuring", quiet) as progress:
                job = Job(path, result.text, result.plan)
                (checks,) = measure([job], "torch", effect=0.05, seed=chosen["seed"], limits=limits, progress=progress)
        except FrameworkError as error:
            click.echo(f"not measured: {str(error).splitlines()[-1]}", err=True)
    comparison = None
    if port is not None:
        asked = {**chosen, "effect": 0.01, "builds": 1000, "only": (), "skip": ()}
        comparison = compared(file, port, limits, quiet, asked)
    found = contents(
        reading.model, result.plan, result.diagnostics, path=path, checks=checks, comparison=comparison,
        activation=chosen["activation"],
    )  # fmt: skip
    depths = (
        measured(
            found.links, biases(found.lines), result.text, chosen["activation"], seed=chosen["seed"], limits=limits
        )
        if checks
        else {}
    )
    return found, depths
