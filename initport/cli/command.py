"""Commands whose help groups their options, and which take what a configuration file says for what is not said."""

import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

CONFIG = "initport.config"
"""The key of ``Context.meta`` under which a `Configured` command finds its `cli.settings.Config`."""


class Option(click.Option):
    """``group`` heads it in the help; ``configurable`` is whether a configuration file may say it."""

    def __init__(self, *args: Any, group: str = "Other", configurable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group = group
        self.configurable = configurable

    @property
    def key(self) -> str:
        """What it is called in a configuration file: its long name without the dashes."""
        return max(self.opts, key=len).removeprefix("--")


option = partial(click.option, cls=Option)


class Command(click.Command):
    def format_options(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(context):
            record = parameter.get_help_record(context)
            if isinstance(parameter, click.Option) and record is not None:
                groups.setdefault(getattr(parameter, "group", "Other"), []).append(record)
        for name in sorted(groups, key=lambda group: group == "Other"):
            with formatter.section(f"{name} options"):
                formatter.write_dl(groups[name])


class Configured(Command):
    """Takes from a configuration file what neither the command line nor the environment says."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        parsed, _, _ = self.make_parser(context).parse_args(list(args))
        given: dict[str, Any] = {name: value for name, value in parsed.items() if isinstance(value, str | bool | tuple)}
        asks = self.get_help_option(context)
        if not context.resilient_parsing and not (asks and given.get(asks.name or "")):
            from initport.cli.settings import find, load

            path = given.get("config")
            if path is None and not given.get("isolated"):
                path = find(above(given.get("paths", ()), given.get("stdin_filename")))
            config = load(path, self, context)
            context.meta[CONFIG] = config
            context.default_map = config.values
        return super().parse_args(context, args)


def above(paths: Sequence[str], stdin: str | None = None) -> str:
    """The directory that holds all the paths: where the search for a configuration file begins."""
    named = [stdin or "." if path == "-" else path for path in paths if isinstance(path, str)]
    places = {os.path.abspath(path if os.path.isdir(path) else os.path.dirname(path)) for path in named}
    try:
        return os.path.commonpath(places) if places else os.getcwd()
    except ValueError:  # on several drives
        return os.getcwd()


def options(*decorators: Decorator) -> Decorator:
    """Several options as one decorator, in the order given."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for one in reversed(decorators):
            command = one(command)
        return command

    return decorate
