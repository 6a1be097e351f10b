"""`initport convert`: the initialization of a network or model as code."""

import sys
from typing import Any

import click

from initport.cli.command import Command, option
from initport.cli.findings import Printer, chosen_codes, finding_options
from initport.cli.network import open_network, read_file, source_name
from initport.cli.options import network_options, rewriting_options
from initport.cli.output import write

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
@finding_options("concise")
@option("-o", "--output", metavar="FILE", group="Output", help="Write to FILE, in one step or not at all.")
def convert(
    file: str, source: str, target: str, output: str | None, quiet: bool, output_format: str, **chosen: Any
) -> None:
    from initport.conversion import convert as run
    from initport.findings.inputs import findings

    codes = chosen_codes(chosen).codes(file)
    printer = Printer(output_format, taken=output is None)
    name = source_name(file, chosen)
    if name is not None:
        from initport.cli.source import convert_source

        sys.exit(convert_source(file, name, {**chosen, "target": target}, output, quiet, printer))
    path, data, options = open_network(file, chosen, printer)
    result = run(data, source=source, target=target, path=path, options=options, read_file=read_file)
    if result.text is not None and output is None:
        click.echo(result.text, nl=False)
    elif result.text is not None and output is not None:
        write(output, result.text, file)
    found = findings(result.diagnostics, path, lambda name: data if name == path else read_file(name), codes)
    printer.add(item for item in found if item.exit_code or not quiet)
    printer.close()
    sys.exit(2 if result.text is None else max((item.exit_code for item in found), default=0))
