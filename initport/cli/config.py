"""`initport config`: what is in force, and where it comes from."""

import json
import os
from typing import Any

import click
from click.core import ParameterSource

from initport.cli.codemod import codemod
from initport.cli.command import CONFIG, Configured, option
from initport.cli.options import config_options
from initport.cli.settings import Config, configurable
from initport.findings.text import printable

HELP = """Show the settings that `initport codemod` would run with, and where each of them comes from.

PATH is what would be converted: the configuration file is the nearest to it.

\b
Examples:
  initport config
  initport config src/ --jobs 2 --json
"""


@click.command(cls=Configured, help=HELP, short_help="Show the settings in force and where they come from.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(allow_dash=True))
@config_options
@option("--json", "as_json", is_flag=True, group="Output", help="Print JSON.")
@click.pass_context
def config(context: click.Context, /, paths: tuple[str, ...], as_json: bool, **chosen: Any) -> None:
    file: Config = context.meta[CONFIG]
    found = {
        item.key: (chosen[item.name or ""], _source(context, item.name or "", file))
        for item in configurable(context.command)
    }
    if as_json:
        settings = {key: {"value": value, "source": source} for key, (value, source) in sorted(found.items())}
        click.echo(json.dumps({"file": file.path, "settings": settings}, indent=2))
        return
    from initport.tables import as_text

    rows = [(key, json.dumps(value), source) for key, (value, source) in sorted(found.items())]
    lines = [("key", "value", "source"), *(tuple(map(printable, row)) for row in rows)]
    click.echo(as_text(lines), nl=False)


config.params += configurable(codemod)


def _source(context: click.Context, name: str, file: Config) -> str:
    """Where a value comes from, in words."""
    match context.get_parameter_source(name):
        case ParameterSource.COMMANDLINE:
            return "command line"
        case ParameterSource.ENVIRONMENT:
            return "environment"
        case ParameterSource.DEFAULT_MAP:
            return os.path.relpath(file.path or "")
        case _:
            return "default"
