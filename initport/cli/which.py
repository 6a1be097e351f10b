"""`initport which`: which initializer an activation asks for, and what each framework calls it."""

from fractions import Fraction

import click

from initport.cli.click_options import color_option, takes
from initport.cli.command import Command
from initport.project import options

HELP = """Print which initializer suits an activation, and how each framework spells it.

QUERY is an activation (relu, leaky_relu, tanh, sigmoid, selu, linear), or the name of an initializer in some framework
(xavier, he_normal, msra), for which the meaning in each framework is printed.

\b
Examples:
  initport which relu
  initport which relu --framework tf1
  initport which leaky_relu --slope 0.2 --framework torch
  initport which xavier
"""


FRAMEWORK = options.Option("framework", "Only this framework, in one version or in all: tf1, tf=1.8, keras, torch, "
                           "caffe ...; may be repeated.", "Input", many=True, metavar="NAME")  # fmt: skip
SLOPE = options.Option("slope", "The negative slope of a leaky ReLU.", "Input", default="0.01")
FORMAT = options.TABLE_FORMAT._replace(help="How the tables are written.")


@click.command(cls=Command, help=HELP)
@click.argument("query")
@takes(FRAMEWORK, SLOPE, FORMAT)
@color_option
def which(query: str, framework: tuple[str, ...], slope: str, output_format: str) -> None:
    from initport.explain import spellings

    try:
        sections = spellings.answer(query, framework, Fraction(slope))
    except (ValueError, LookupError) as error:
        raise click.UsageError(str(error.args[0])) from error
    click.echo(spellings.format_sections(sections, output_format), nl=False)
