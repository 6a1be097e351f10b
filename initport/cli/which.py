"""`initport which`: which initializer an activation asks for, and what each framework calls it."""

from fractions import Fraction

import click

from initport.cli.command import Command, option
from initport.cli.options import color_option

HELP = """Print which initializer suits an activation, and how each framework spells it.

QUERY is an activation (relu, leaky_relu, tanh, sigmoid, selu, linear), or a name that some framework gives to an
initializer (xavier, he_normal, msra): then what each framework means by it.

\b
Examples:
  initport which relu
  initport which leaky_relu --slope 0.2 --framework torch
  initport which xavier
"""


@click.command(cls=Command, help=HELP, short_help="Print which initializer suits, and its names.")
@click.argument("query")
@option("--framework", "frameworks", multiple=True, metavar="NAME", group="Input",
        help="Only this framework: tf, keras, torch, caffe ...; may be repeated.")  # fmt: skip
@option("--slope", default="0.01", show_default=True, group="Input", help="The negative slope of a leaky ReLU.")
@option("--output-format", type=click.Choice(["text", "markdown", "csv", "json"]), default="text", show_default=True,
        group="Output", help="How the tables are written.")  # fmt: skip
@color_option
def which(query: str, frameworks: tuple[str, ...], slope: str, output_format: str) -> None:
    from initport.explain import spellings

    try:
        sections = spellings.answer(query, frameworks, Fraction(slope))
    except (ValueError, LookupError) as error:
        raise click.UsageError(str(error.args[0])) from error
    click.echo(spellings.written(sections, output_format), nl=False)
