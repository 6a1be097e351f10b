"""`initport convert`: the initialization of a network or model as code."""

import sys
from typing import Any

import click

from initport.cli.click_options import FILE, color_option, takes
from initport.cli.command import Command, line_of
from initport.cli.network_code import DECLARED
from initport.cli.network_code import convert as convert_file

HELP = """Convert the initialization in FILE to code and print it.

FILE is a Caffe network (.prototxt, in any format since 2013), a solver that names one, or a .caffemodel; or a saved
Keras model of any version: its config as JSON or YAML, a .keras or .h5 file, a SavedModel's keras_metadata.pb. `-` is
standard input. A .py or .ipynb file is rewritten, as by `initport codemod`; with --module, the initialization of the
network that it builds is printed, by layer.

\b
Examples:
  initport convert train_val.prototxt > init.py
  initport convert solver.prototxt --to keras -o init.py
  initport convert deploy.prototxt --phase TEST --input data=1,3,224,224
  initport convert model.json --source-version 2.1.6
  initport convert network.py --to torch --module
"""


@click.command(cls=Command, help=HELP)
@FILE
@takes(*DECLARED)
@color_option
@click.pass_context
def convert(context: click.Context, /, file: str, **values: Any) -> None:
    sys.exit(convert_file(line_of(context), file, values))
