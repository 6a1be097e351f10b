"""`initport convert`: the initialization of a network or model as code."""

import sys
from typing import Any

import click

from initport.cli.command import Command, option
from initport.cli.network import open_network, read_file, source_name
from initport.cli.options import network_options, rewriting_options
from initport.cli.output import report, write

HELP = """Convert the initialization in FILE to code and print it.

FILE is a Caffe network (.prototxt, in any format since 2013), a solver that names one, or a .caffemodel; or a saved
Keras model of any version: its config as JSON or YAML, a .keras or .h5 file, a SavedModel's keras_metadata.pb. `-` is
standard input. A .py or .ipynb file is rewritten, as `initport codemod` does.

\b
Examples:
  initport convert train_val.prototxt > init.py
  initport convert solver.prototxt --to keras -o init.py
  initport convert deploy.prototxt --phase TEST --input data=1,3,224,224
  initport convert model.json --source-version 2.1.6
"""


@click.command(cls=Command, help=HELP, short_help="Convert a network's initialization to code.")
@network_options
@rewriting_options
@option("-o", "--output", metavar="FILE", group="Output", help="Write to FILE, in one step or not at all.")
def convert(file: str, source: str, target: str, output: str | None, quiet: bool, **chosen: Any) -> None:
    from initport.conversion import convert as run

    name = source_name(file, chosen)
    if name is not None:
        from initport.cli.source import convert_source

        sys.exit(convert_source(file, name, {**chosen, "target": target}, output, quiet))
    path, data, options = open_network(file, chosen)
    result = run(data, source=source, target=target, path=path, options=options, read_file=read_file)
    if result.text is not None and output is None:
        click.echo(result.text, nl=False)
    elif result.text is not None and output is not None:
        write(output, result.text, file)
    report(result.diagnostics, quiet)
    sys.exit(result.exit_code)
