"""`initport explain`: a table of every weight."""

import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import FILE, color_option, takes
from initport.cli.command import Command, line_of
from initport.cli.console import number
from initport.cli.inputs import Opened, UnreadableError, check_source, files_below, network_options, open_input
from initport.cli.printer import print_summary, report, terminal_width
from initport.project import options

if TYPE_CHECKING:
    from initport.explain.row import Table

HELP = """Print a table of every weight in FILE: shape, fans, initializer, variance, target line.

FILE is what `initport convert` reads: a network, a model, or Python source. Source code gives a row for every
initializer, and for every weight that a layer leaves to its default.

\b
Examples:
  initport explain train_val.prototxt
  initport explain model.py --to torch
  initport explain lenet.prototxt --output-format json | python -m json.tool
"""


@click.command(cls=Command, help=HELP)
@FILE
@takes(options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS,
       options.STDIN_FILENAME, options.TO, options.KERAS_MODULE, options.ASSUME, options.TABLE_FORMAT,
       options.ALL_ROWS, options.QUIET)  # fmt: skip
@color_option
@click.pass_context
def explain(context: click.Context, /, file: str, **values: Any) -> None:
    from initport.explain.row import Table, as_json

    try:
        opened = open_input(line_of(context), file, values)
        target = options.target_of(values, opened.kind)
        table = _table(opened, target, values)
    except UnreadableError as error:
        target, table = "", Table([], [error.diagnostic])
    status = table.exit_code
    if values["output_format"] == "json":
        click.echo(as_json(table, target), nl=False)
    elif status < 2:
        _print(table, values)
    report(table.diagnostics, values["quiet"])
    if status < 2:
        print_summary(_summary(table, opened.kind, values), values["quiet"])
    sys.exit(status)


def _table(opened: Opened, target: str, values: dict[str, Any]) -> "Table":
    from initport.explain.any_input import explain

    is_source = opened.kind is options.Input.SOURCE
    read_options = None if is_source else network_options(values, opened.name)
    if is_source:
        check_source(values)
    return explain(
        opened.data,
        source=options.PYTHON if is_source else opened.format,
        target=target,
        path=opened.name,
        options=read_options,
        read_file=None if read_options is None else files_below(opened.name, read_options.root),
        versions=values["source_version"] if is_source else (),
        assume=values["assume"],
        keras_module=values["keras_module"],
    )


def _print(table: "Table", values: dict[str, Any]) -> None:
    from initport.explain.row import as_csv, as_markdown
    from initport.explain.screen import as_text

    match values["output_format"]:
        case "csv":
            click.echo(as_csv(table.rows), nl=False)
        case "markdown":
            click.echo(as_markdown(table.rows), nl=False)
        case _:
            click.echo(as_text(table.rows, terminal_width(), values["all"]), nl=False)


def _summary(table: "Table", kind: options.Input, values: dict[str, Any]) -> str:
    refused = sum(row["exact"] is False for row in table.rows)
    count = len(table.rows)
    return (
        f"{number(count, 'weight')}, {refused} refused; for {options.chosen_target(values, kind)}. "
        f"`initport {'codemod' if kind is options.Input.SOURCE else 'convert'}` writes the code."
    )
