"""`initport compare`: does a port start as its source says?"""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import FILE, color_option, takes
from initport.cli.command import Command, line_of
from initport.cli.inputs import Network, UnreadableError, files_below, network_of, open_input
from initport.cli.printer import report, terminal_width
from initport.cli.progress import progress_bar
from initport.project import options

if TYPE_CHECKING:
    from initport.compare.comparison import Comparison
    from initport.verify.worker import Limits

HELP = """Check that the weights of PORT are initialized as those of SOURCE.

SOURCE is a network or model that `initport convert` reads, or source code that builds one. PORT is
`package.module:factory` of a model of PyTorch, Keras, Flax, Haiku or Equinox, which is built in a separate process as
often as the statistics require; a state dict at step 0 (.safetensors, .npz); or another SOURCE, which is compared by
formula.

\b
Examples:
  initport compare train_val.prototxt lenet.prototxt
"""


BUILDS = options.Option("builds", "Builds of PORT at most; small weights need many.", "Statistics", "integer",
                        default=1000, least=1)  # fmt: skip


@click.command(cls=Command, help=HELP)
@FILE
@click.argument("port", metavar="PORT")
@takes(options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS, options.PROGRAM, options.TO, options.EFFECT,
       options.SEED, BUILDS, options.ONLY, options.SKIP, options.TIME_LIMIT, options.MEMORY, options.COMPARISON_FORMAT,
       options.QUIET)  # fmt: skip
@color_option
@click.pass_context
def compare(context: click.Context, /, file: str, port: str, output_format: str, quiet: bool, **values: Any) -> None:
    from initport.compare.formats import in_format
    from initport.verify.worker import Limits

    limits = Limits(values.pop("time_limit"), int(values.pop("memory") * 2**30))
    comparison = comparison_of(context, file, port, limits, quiet, values)
    click.echo(in_format(comparison, output_format, terminal_width()), nl=False)
    sys.exit(comparison.exit_code)


def comparison_of(
    context: click.Context, file: str, port: str, limits: "Limits", quiet: bool, values: dict[str, Any]
) -> "Comparison":
    """The comparison; exits with 2 where one side cannot be used."""
    from initport.compare.comparison import compare as run
    from initport.compare.comparison import compare_models
    from initport.compare.port import FrameworkError, TensorsError, open_port
    from initport.conversion import read
    from initport.diagnostics import InputError

    try:
        source = _network(context, file, port, values)
        read_file = files_below(source.name, source.options.root)
        reading = read(source.data, source=source.source, path=source.name, options=source.options,
                       read_file=read_file)  # fmt: skip
        report(reading.diagnostics, quiet)
        opened = open_port(port, seed=values["seed"], limits=limits)
        if opened is None:
            other = _network(context, port, file, {**values, "from": "auto"})
            second = read(other.data, source=other.source, path=other.name, options=other.options,
                          read_file=files_below(other.name, other.options.root))  # fmt: skip
            report(second.diagnostics, quiet)
            return compare_models(reading.model, second.model, source_name=source.name, port_name=other.name,
                                  only=values["only"], skip=values["skip"])  # fmt: skip
        try:
            with progress_bar("Building the port", quiet) as progress:
                return run(
                    reading.model, opened, source_name=source.name, port_name=port, effect=values["effect"],
                    framework=opened.framework or options.target_of(values, options.Input.NETWORK), seed=values["seed"],
                    builds=values["builds"], only=values["only"], skip=values["skip"], progress=progress,
                )  # fmt: skip
        finally:
            opened.close()
    except (InputError, UnreadableError) as error:
        report([error.diagnostic], quiet)
    except (FrameworkError, TensorsError) as error:
        click.echo(f"{port}: {error}", err=True)
    except OSError as error:
        click.echo(f"{port}: cannot be read: {error.strerror or os.fspath(port)}", err=True)
    sys.exit(2)


def _network(context: click.Context, file: str, beside: str, values: dict[str, Any]) -> Network:
    """One side. Where the other is of another kind, versions count for the side that they can be of: those of packages
    for source code, a bare one for a network."""
    opened = open_input(line_of(context), file, values)
    if options.kind_of(beside) is not opened.kind:
        code = opened.kind is options.Input.SOURCE
        stated = tuple(value for value in values["source_version"] if ("=" in value) == code)
        values = {**values, "source_version": stated}
    return network_of(opened, values)
