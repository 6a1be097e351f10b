"""`initport explain`: a table of every weight."""

import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.command import Command, option
from initport.cli.findings import report
from initport.cli.network import open_network, read_file, source_name
from initport.cli.options import network_options, rewriting_options

if TYPE_CHECKING:
    from initport.explain.network_table import Row

HELP = """Print a table of every weight in FILE: shape, fans, initializer, variance, target line.

\b
Examples:
  initport explain train_val.prototxt
  initport explain lenet.prototxt --output-format json | python -m json.tool
"""


@click.command(cls=Command, help=HELP, short_help="Print a table of every weight.")
@network_options
@rewriting_options
@option(
    "--output-format", type=click.Choice(["text", "json", "markdown", "csv"]), default="text", show_default=True,
    group="Output", help="How the table is printed.",
)  # fmt: skip
def explain(file: str, source: str, target: str, output_format: str, quiet: bool, **chosen: Any) -> None:
    from initport.conversion import planned, read
    from initport.diagnostics import InputError
    from initport.explain import network_table as tables

    name = source_name(file, chosen)
    if name is not None:
        from initport.cli.source import explain_source

        sys.exit(explain_source(file, name, {**chosen, "target": target}, output_format))
    path, data, options = open_network(file, chosen)
    table: list[Row] = []
    try:
        reading = read(data, source=source, path=path, options=options, read_file=read_file)
        plan = planned(reading.model, target)
        table, found = tables.rows(reading.model, plan), [*reading.diagnostics, *plan.diagnostics]
    except InputError as error:
        found = [error.diagnostic]
    status = max((item.exit_code for item in found), default=0)
    if output_format == "json":
        click.echo(tables.as_json(table, found), nl=False)
    elif status < 2:
        _print_table(table, output_format)
    report(found, quiet)
    sys.exit(status)


def _print_table(table: "list[Row]", output_format: str) -> None:
    from initport.explain import network_table as tables

    if output_format == "text" and sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        grid = Table(*tables.COLUMNS)
        for row in table:
            grid.add_row(*(Text(cell) for cell in tables.cells(row)))
        Console().print(grid)
    else:
        write = {"text": tables.as_text, "markdown": tables.as_markdown, "csv": tables.as_csv}[output_format]
        click.echo(write(table), nl=False)
