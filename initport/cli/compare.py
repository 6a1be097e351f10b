"""`initport compare`: does a port start as its source says?"""

import os
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
    from initport.verify.worker import Limits

HELP = """Compare how the weights of PORT start with what SOURCE says.

SOURCE is a network or model that `initport explain` reads. PORT is `package.module:factory` of a PyTorch or Keras
model, which is built in a process of its own as often as the statistics need; a state dict at step 0 (.safetensors,
.npz); or another network or model, which is compared by formula.

\b
Examples:
  initport compare train_val.prototxt lenet.prototxt
"""


@click.command(cls=Command, help=HELP, short_help="Check that a port starts as its source says.")
@network_options
@click.argument("port", metavar="PORT")
@option("--effect", type=click.FloatRange(0.001, 1), default=0.01, show_default=True,
        group="Statistics", help="The relative error of a standard deviation that must be seen.")  # fmt: skip
@option("--seed", type=int, default=0, show_default=True, group="Statistics", help="What the draws begin with.")
@option("--builds", type=click.IntRange(1), default=1000, show_default=True, group="Statistics",
        help="Builds of PORT at most; small weights need many.")  # fmt: skip
@option("--only", multiple=True, metavar="PATTERN", group="Statistics",
        help="Only such weights, by their name in PORT or in SOURCE; may be repeated.")  # fmt: skip
@option("--skip", multiple=True, metavar="PATTERN", group="Statistics", help="No such weights; may be repeated.")
@option("--time-limit", type=click.FloatRange(1), default=300, show_default=True, metavar="SECONDS",
        group="Limits", help="How long PORT may take.")  # fmt: skip
@option("--memory", type=click.FloatRange(0.1), default=8, show_default=True, metavar="GIB",
        group="Limits", help="Memory that PORT's process may take.")  # fmt: skip
@option("--output-format", type=click.Choice(["text", "json", "markdown", "junit", "github"]), default="text",
        show_default=True, group="Output", help="How the comparison is written.")  # fmt: skip
def compare(file: str, port: str, output_format: str, quiet: bool, **chosen: Any) -> None:
    from initport.compare.formats import FORMATS
    from initport.verify.worker import Limits

    limits = Limits(chosen.pop("time_limit"), int(chosen.pop("memory") * 2**30))
    comparison = compared(file, port, limits, quiet, chosen)
    click.echo(FORMATS[output_format](comparison), nl=False)
    sys.exit(comparison.exit_code)


def compared(file: str, port: str, limits: "Limits", quiet: bool, chosen: dict[str, Any]) -> "Comparison":
    """The comparison; exits with 2 where one side cannot be used."""
    from initport.compare.comparison import compare as run
    from initport.compare.comparison import compare_models
    from initport.compare.port import FrameworkError, TensorsError, open_port
    from initport.conversion import read
    from initport.diagnostics import InputError

    path, data, options = open_network(file, chosen)
    try:
        reading = read(data, source=chosen["source"], path=path, options=options, read_file=read_file)
        report(reading.diagnostics, quiet)
        opened = open_port(port, seed=chosen["seed"], limits=limits)
        if opened is None:
            there, other, _ = open_network(port, chosen)
            second = read(other, path=there, options=options, read_file=read_file)
            report(second.diagnostics, quiet)
            return compare_models(
                reading.model, second.model, source_name=path, port_name=there, only=chosen["only"], skip=chosen["skip"]
            )
        try:
            with progress_bar("Building the port", quiet) as progress:
                return run(
                    reading.model, opened, source_name=path, port_name=port, effect=chosen["effect"],
                    framework=opened.framework or chosen["target"], seed=chosen["seed"], builds=chosen["builds"],
                    only=chosen["only"], skip=chosen["skip"], progress=progress,
                )  # fmt: skip
        finally:
            opened.close()
    except InputError as error:
        report([error.diagnostic], quiet)
    except (FrameworkError, TensorsError) as error:
        click.echo(f"{port}: {error}", err=True)
    except OSError as error:
        click.echo(f"{port}: cannot be read: {error.strerror or os.fspath(port)}", err=True)
    sys.exit(2)
