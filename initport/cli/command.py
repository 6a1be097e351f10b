"""Commands whose help groups their options, and which take from a configuration file what is not given otherwise."""

from collections.abc import Iterator
from typing import Any

import click
from click.core import ParameterSource

from initport.cli.click_options import Flag
from initport.cli.line import Line, MisuseError
from initport.project.configuration import Config, ConfigError, find, load
from initport.project.options import Option, directory_of

CONFIG = "initport.config"
"""The key of ``Context.meta`` under which a `Configured` command finds its `Config`."""


class Command(click.Command):
    @property
    def declared(self) -> Iterator[Option]:
        return (item.declared for item in self.params if isinstance(item, Flag))

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except MisuseError as error:
            raise click.UsageError(str(error), context) from error

    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(context):
            record = parameter.get_help_record(context)
            if isinstance(parameter, click.Option) and record is not None:
                group = parameter.declared.group if isinstance(parameter, Flag) else "Other"
                groups.setdefault(group, []).append(record)
        for name in sorted(groups, key=lambda group: group == "Other"):
            with formatter.section(f"{name} options"):
                formatter.write_dl(groups[name])


class BadConfigError(click.ClickException):
    """A configuration file that cannot be used."""

    exit_code = 2


class Configured(Command):
    """Takes from a configuration file what neither the command line nor the environment gives."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        parsed, _, _ = self.make_parser(context).parse_args(list(args))
        given: dict[str, Any] = {name: value for name, value in parsed.items() if isinstance(value, str | bool | tuple)}
        asks = self.get_help_option(context)
        if not context.resilient_parsing and not (asks and given.get(asks.name or "")):
            path = given.get("config")
            try:
                if path is None and not given.get("isolated"):
                    paths = [name for name in given.get("paths", ()) if isinstance(name, str)]
                    path = find(directory_of(paths, given.get("stdin_filename")))
                config = load(path, (option for option in self.declared if option.configurable))
            except ConfigError as error:
                raise BadConfigError(str(error)) from error
            context.meta[CONFIG] = config
            context.default_map = config.values
        return super().parse_args(context, args)


def configuration(context: click.Context) -> Config:
    """What the configuration file of a `Configured` command gives."""
    config: Config = context.meta[CONFIG]
    return config


def line_of(context: click.Context) -> Line:
    """What the command line of a `Command` gives."""
    assert isinstance(context.command, Command)
    given = [name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    return Line(tuple(context.command.declared), given)
