"""`initport report`: a network's initialization as one page of HTML."""

import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import FILE, color_option, takes
from initport.cli.command import Command, line_of
from initport.cli.inputs import Network, files_below, open_network, put
from initport.cli.printer import report as report_findings
from initport.cli.progress import progress_bar
from initport.project import options

if TYPE_CHECKING:
    from collections.abc import Mapping

    from initport.compare.comparison import Comparison
    from initport.report.chain import Depth
    from initport.report.contents import Contents
    from initport.verify.worker import Limits

HELP = """Write one HTML page about the initialization of each FILE: the verdict, the variance of every weight beside
that of a port by names, signals over depth, the exact distributions, and what was assumed and refused.

Needs matplotlib (pip install "initport[report]"). Where PyTorch is installed, the weights are drawn and measured.

\b
Examples:
  initport report lenet.prototxt -o report.html
"""


PORT = options.Option("port", "A port of the first FILE, as for `initport compare`.", "Input", metavar="PORT")
ACTIVATION = options.Option("activation", "What follows each layer, for the signals over depth.", "Input",
                            choices=("relu", "tanh", "sigmoid", "linear"), default="relu")  # fmt: skip
NO_MEASURE = options.Option("no-measure", "Do not draw with PyTorch, even where it is installed.", "Output", "flag",
                            default=False)  # fmt: skip


@click.command(cls=Command, help=HELP)
@FILE
@click.argument("more", metavar="[FILE]...", nargs=-1, type=click.Path())
@takes(options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS, options.PROGRAM, PORT, ACTIVATION,
       options.SEED._replace(group="Input"),
       options.OUTPUT, NO_MEASURE, options.QUIET)  # fmt: skip
@color_option
@click.pass_context
def report(context: click.Context, /, file: str, more: tuple[str, ...], **chosen: Any) -> None:
    quiet, output = chosen["quiet"], chosen["output"]
    if output is None:
        raise click.UsageError("`-o FILE` is needed: where the page is written")
    try:
        from initport.report.page import page
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("matplotlib", "numpy"):
            raise
        click.echo('matplotlib is not installed: pip install "initport[report]"', err=True)
        sys.exit(2)
    from initport.cli.compare import comparison_of
    from initport.verify.worker import Limits

    inputs, measured, status = [], [], 0
    for index, name in enumerate((file, *more)):
        network, limits, comparison = open_network(line_of(context), name, chosen), Limits(300), None
        if chosen["port"] is not None and index == 0:
            asked = {**chosen, "effect": 0.01, "builds": 1000, "only": (), "skip": (), "to": None}
            comparison = comparison_of(context, name, chosen["port"], limits, quiet, asked)
        one, depths = _contents(
            network, comparison, limits, quiet, {**chosen, "port": chosen["port"] if not index else None}
        )
        inputs.append(one)
        measured.append(depths)
        worst = max((found.exit_code for found in one.diagnostics), default=0)
        status = max(status, worst, one.comparison.exit_code if one.comparison is not None else 0)
    put(output, page(inputs, measured, chosen["activation"]).encode(), file)
    sys.exit(status)


def _contents(
    network: Network, comparison: "Comparison | None", limits: "Limits", quiet: bool, chosen: dict[str, Any]
) -> "tuple[Contents, Mapping[str, Depth]]":
    from initport.compare.port import is_factory
    from initport.conversion import convert, read
    from initport.diagnostics import InputError
    from initport.emit.targets import default
    from initport.report.contents import biases, contents
    from initport.report.depth import measure_depths
    from initport.verify.measure import FrameworkError, Job, measure

    path, data, read_options, source = network
    read_file = files_below(path, read_options.root)
    try:
        reading = read(data, source=source, path=path, options=read_options, read_file=read_file)
    except InputError as error:
        report_findings([error.diagnostic], quiet)
        sys.exit(2)
    result = convert(
        data, source=source, target=default("report"), path=path, options=read_options, read_file=read_file
    )
    report_findings(result.diagnostics, quiet)
    if result.text is None or result.plan is None:
        sys.exit(2)
    checks = []
    if not chosen["no_measure"]:
        try:
            with progress_bar("Measuring", quiet) as progress:
                job = Job(path, result.text, result.plan)
                (checks,) = measure([job], default("report"), effect=0.05, seed=chosen["seed"], limits=limits,
                                    progress=progress)  # fmt: skip
        except FrameworkError as error:
            click.echo(f"not measured: {str(error).splitlines()[-1]}", err=True)
    found = contents(
        reading.model, result.plan, result.diagnostics, path=path, checks=checks, comparison=comparison,
        activation=chosen["activation"], advice=_advice(source),
    )  # fmt: skip
    depths = (
        measure_depths(
            found.links,
            biases(found.lines),
            result.text,
            chosen["activation"],
            factory=chosen["port"] if is_factory(chosen["port"]) else None,
            seed=chosen["seed"],
            limits=limits,
        )
        if checks
        else {}
    )
    return found, depths


def _advice(source: str) -> str:
    """How the sizes that such a source leaves open are stated."""
    from initport.formats.index import formats

    found = formats().get(source)
    if found is None:
        return (
            "Of a program those sizes are known that its code states as numbers. `model.to_json()` of Keras and a "
            'graph that `tf.compat.v1.train.export_meta_graph("model.meta")` writes state all: report on such a file.'
        )
    if "inputs" in found.options:
        return "Pass `--input NAME=N,C,H,W` with the name and the shape of the input."
    return f"{found.title} states them for the layers that it knows."
