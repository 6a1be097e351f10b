"""`initport match`: which module of a model each layer of a source is."""

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import FILE, color_option, takes
from initport.cli.command import Command, line_of
from initport.cli.inputs import files_below, open_network, put
from initport.cli.printer import print_summary, report
from initport.project import options

if TYPE_CHECKING:
    from initport.compare.module_names import Naming

HELP = """Propose which module of PORT each layer of FILE is, for models whose names differ.

PORT is `package.module:factory` of a model of PyTorch, Keras, Flax, Haiku or Equinox, which is built in a separate
process, or a state dict (.safetensors, .npz). Layers are matched by name, by kind and shape, and by their positions
in both graphs; --write saves the map that `init_weights` takes as `rename`. Caffe's BatchNorm and the Scale after it
are one layer.

\b
Example:
  initport match train_val.prototxt package.module:factory --write rename.json
"""

WRITE = options.Option("write", "Write the map here, as JSON.", "Output", metavar="PATH")
FORMAT = options.COMPARISON_FORMAT._replace(choices=("text", "json", "markdown"))


@click.command(cls=Command, help=HELP)
@FILE
@click.argument("port", metavar="PORT")
@takes(options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS, options.PROGRAM, options.TO, options.TIME_LIMIT,
       options.MEMORY, WRITE, FORMAT, options.QUIET)  # fmt: skip
@color_option
@click.pass_context
def match(context: click.Context, /, file: str, port: str, output_format: str, **chosen: Any) -> None:
    from initport.compare.module_names import FORMATS

    found = _find(context, file, port, chosen)
    click.echo(FORMATS[output_format](found), nl=False)
    advice = ""
    if chosen["write"] is not None:
        put(chosen["write"], (json.dumps(found.rename, indent=2) + "\n").encode(), file)
        advice = f'; pass rename=json.load(open("{os.path.basename(chosen["write"])}")) to init_weights'
    print_summary(f"{found.sentence}{advice}.", chosen["quiet"])
    sys.exit(found.exit_code)


def _find(context: click.Context, file: str, port: str, chosen: dict[str, Any]) -> "Naming":
    """The map; exits with 2 where one side cannot be used."""
    from initport.compare.module_names import naming
    from initport.compare.port import FrameworkError, TensorsError, open_port
    from initport.conversion import read
    from initport.diagnostics import InputError
    from initport.verify.worker import Limits

    limits = Limits(chosen["time_limit"], int(chosen["memory"] * 2**30))
    network = open_network(line_of(context), file, chosen)
    try:
        reading = read(network.data, source=network.source, path=network.name, options=network.options,
                       read_file=files_below(network.name, network.options.root))  # fmt: skip
        report(reading.diagnostics, chosen["quiet"])
        opened = open_port(port, seed=0, limits=limits)
        if opened is None:
            raise click.UsageError("PORT is `package.module:factory`, or a file of tensors (.safetensors, .npz)")
        try:
            target = opened.framework or options.target_of(chosen, options.Input.NETWORK)
            return naming(reading.model, opened, target)
        finally:
            opened.close()
    except InputError as error:
        report([error.diagnostic], chosen["quiet"])
    except (FrameworkError, TensorsError) as error:
        click.echo(f"{port}: {error}", err=True)
    except OSError as error:
        click.echo(f"{port}: cannot be read: {error.strerror or os.fspath(port)}", err=True)
    sys.exit(2)
