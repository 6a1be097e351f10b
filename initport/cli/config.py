"""`initport config`: what is in force, and where it comes from."""

import json
import os
from typing import Any

import click
from click.core import ParameterSource

from initport.cli.click_options import Flag, takes
from initport.cli.codemod import codemod
from initport.cli.command import Configured, configuration
from initport.findings.escape import printable
from initport.project import options
from initport.project.configuration import Config

HELP = """Show the settings of `initport codemod`, and where each of them comes from.

PATH is what would be converted: the nearest configuration file above it applies.

\b
Examples:
  initport config
  initport config src/ --jobs 2 --json
"""

JSON = options.Option("json", "Print JSON.", "Output", "flag", default=False)


@click.command(cls=Configured, help=HELP)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(allow_dash=True))
@takes(options.CONFIG, options.ISOLATED, JSON)
@click.pass_context
def config(context: click.Context, /, paths: tuple[str, ...], **values: Any) -> None:
    file = configuration(context)
    found = {option.key: (values[option.name], _source(context, option.name, file)) for option in configurable()}
    if values["json"]:
        settings = {key: {"value": value, "source": source} for key, (value, source) in sorted(found.items())}
        click.echo(json.dumps({"file": file.path, "settings": settings}, indent=2))
        return
    from initport.tables import as_text

    rows = [(key, json.dumps(value), source) for key, (value, source) in sorted(found.items())]
    lines = [("key", "value", "source"), *(tuple(map(printable, row)) for row in rows)]
    click.echo(as_text(lines), nl=False)


config.params += [item for item in codemod.params if isinstance(item, Flag) and item.declared.configurable]


def configurable() -> list[options.Option]:
    """The options that a configuration file may set."""
    return [item.declared for item in codemod.params if isinstance(item, Flag) and item.declared.configurable]


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
