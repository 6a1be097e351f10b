"""`initport verify`: a conversion measured in the real framework."""

import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.command import Command, option
from initport.cli.findings import report
from initport.cli.network import open_network, read_file
from initport.cli.options import network_options
from initport.cli.progress import progress_bar

if TYPE_CHECKING:
    from initport.compare.comparison import Comparison

HELP = """Run the converted initialization of FILE in the installed framework, and measure what it draws.

Every weight is drawn often enough to see an error of EFFECT in its standard deviation, on stub layers of the right
shapes, or in the layers of MODEL, whose names must be those of FILE.

\b
Example:
  initport verify train_val.prototxt --to torch
"""


@click.command(cls=Command, help=HELP, short_help="Check a conversion by sampling the real framework.")
@network_options
@option("--model", metavar="PACKAGE.MODULE:FACTORY", group="Input",
        help="Initialize this model with the converted lines, and measure its weights.")  # fmt: skip
@option("--effect", type=click.FloatRange(0.001, 1), default=0.01, show_default=True,
        group="Statistics", help="The relative error of a standard deviation that must be seen.")  # fmt: skip
@option("--seed", type=int, default=0, show_default=True, group="Statistics", help="What the draws begin with.")
@option("--time-limit", type=click.FloatRange(1), default=1800, show_default=True, metavar="SECONDS",
        group="Limits", help="How long the framework may take.")  # fmt: skip
@option("--memory", type=click.FloatRange(0.1), default=8, show_default=True, metavar="GIB",
        group="Limits", help="Memory that its process may take.")  # fmt: skip
@option("--output-format", type=click.Choice(["text", "json", "markdown", "junit", "github"]), default="text",
        show_default=True, group="Output", help="How the result is written.")  # fmt: skip
def verify(file: str, target: str, output_format: str, quiet: bool, **chosen: Any) -> None:
    from initport.compare.formats import FORMATS
    from initport.conversion import convert as run

    path, data, options = open_network(file, chosen)
    result = run(data, source=chosen["source"], target=target, path=path, options=options, read_file=read_file)
    report(result.diagnostics, quiet)
    if result.text is None or result.plan is None:
        sys.exit(result.exit_code)
    found = _of_model(data, path, options, target, result.text, quiet, chosen) if chosen["model"] else None
    found = found or _of_stubs(path, target, result, quiet, chosen)
    click.echo(FORMATS[output_format](found), nl=False)
    sys.exit(max(result.exit_code, 1 if found.differs or (chosen["model"] and found.exit_code) else 0))


def _of_stubs(path: str, target: str, result: Any, quiet: bool, chosen: dict[str, Any]) -> "Comparison":
    from initport.compare.comparison import of_checks
    from initport.verify.run import FrameworkError, Job, measure
    from initport.verify.sampling import RUN_MISS, level_of, width
    from initport.verify.worker import Limits

    level = level_of(len(result.plan.emitted))
    try:
        with progress_bar("Drawing", quiet) as progress:
            (checks,) = measure(
                [Job(path, result.text, result.plan)],
                target,
                effect=1 - (1 - chosen["effect"]) ** 2,
                seed=chosen["seed"],
                level=level,
                errors=width(level, RUN_MISS),
                limits=Limits(chosen["time_limit"], int(chosen["memory"] * 2**30)),
                progress=progress,
            )
    except FrameworkError as error:
        click.echo(f"{target} could not run the emitted module:\n{error}", err=True)
        sys.exit(2)
    return of_checks(checks, source_name=path, framework=target, effect=chosen["effect"])


def _of_model(
    data: bytes, path: str, options: Any, target: str, text: str, quiet: bool, chosen: dict[str, Any]
) -> "Comparison":
    """What the converted lines make of the layers of a real model."""
    from initport.compare.comparison import compare
    from initport.compare.port import FactoryPort, FrameworkError
    from initport.conversion import read
    from initport.verify.worker import Limits

    model = read(data, source=chosen["source"], path=path, options=options, read_file=read_file).model
    limits = Limits(chosen["time_limit"], int(chosen["memory"] * 2**30))
    try:
        with (
            FactoryPort(chosen["model"], seed=chosen["seed"], limits=limits, text=text) as port,
            progress_bar("Building the model", quiet) as progress,
        ):
            return compare(
                model, port, source_name=path, port_name=chosen["model"], framework=target, effect=chosen["effect"],
                seed=chosen["seed"], progress=progress,
            )  # fmt: skip
    except FrameworkError as error:
        click.echo(f"{chosen['model']}: {error}", err=True)
        sys.exit(2)
