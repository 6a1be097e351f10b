"""Configuration files: `[tool.initport]` in a pyproject.toml, or an initport.toml with the same keys.

The keys are the names of the options that are configurable; what is written there counts unless the environment or
the command line says otherwise. Authority for where they are looked for: black's documentation.
"""

import os
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import click

from initport.cli.command import Option

FILES = ("initport.toml", "pyproject.toml")
"""In the order in which they count within one directory."""


class ConfigError(click.ClickException):
    """A configuration file that cannot be used: which, what in it, and why."""

    exit_code = 2


class Config(NamedTuple):
    """``values`` are those of the parameters, by their names in the code; ``path`` is None where there is no file."""

    path: str | None
    values: dict[str, Any]

    @property
    def root(self) -> str:
        """The directory that the file speaks of; the current one where there is none."""
        return os.path.dirname(os.path.abspath(self.path)) if self.path else os.getcwd()


def find(directory: str) -> str | None:
    """The nearest configuration file, upwards from a directory. Raises ConfigError for one that is not TOML."""
    while True:
        for name in FILES:
            path = os.path.join(directory, name)
            if os.path.exists(path) and _table(path) is not None:
                return path
        parent = os.path.dirname(directory)
        if parent == directory:
            return None
        directory = parent


def load(path: str | None, command: click.Command, context: click.Context) -> Config:
    """What a file says about the options of a command. Raises ConfigError, naming file and key."""
    if path is None:
        return Config(None, {})
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: it has no table [tool.initport]")
    known = {item.key: item for item in configurable(command)}
    values = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{path}: unknown key `{key}`{_suggestion(key, list(known))}")
        values[known[key].name or key] = _checked(path, known[key], value, context)
    return Config(path, values)


def configurable(command: click.Command) -> Iterator[Option]:
    """The options that a configuration file may set."""
    return (item for item in command.params if isinstance(item, Option) and item.configurable)


def expected(option: Option) -> str:
    """The type of an option's value, in TOML's words."""
    if option.multiple:
        table = " or a table of arrays of strings" if ":" in (option.metavar or "") else ""
        return f"an array of strings{table}"
    if option.is_flag:
        return "a boolean"
    return "an integer" if isinstance(option.type, click.types.IntParamType) else "a string"


def _table(path: str) -> Mapping[str, Any] | None:
    """The keys in a file; None for a pyproject.toml that does not speak of initport."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: it cannot be read: {error.strerror}") from error
    own = os.path.basename(path) != "pyproject.toml"
    if not own and b"initport" not in data:
        return None
    import tomllib

    try:
        table = tomllib.loads(data.decode())
    except ValueError as error:
        raise ConfigError(f"{path}: it is not TOML: {error}") from error
    if own:
        return table
    tools = table.get("tool")
    found = tools.get("initport") if isinstance(tools, dict) else None
    if found is not None and not isinstance(found, dict):
        raise ConfigError(f"{path}: `tool.initport` must be a table")
    return found


def _checked(path: str, option: Option, value: Any, context: click.Context) -> Any:
    """The value as the command line would give it. Raises ConfigError."""
    where = f"{path}: `{option.key}`"
    if option.multiple and isinstance(value, dict) and "table" in expected(option):
        if not all(_strings(items) for items in value.values()):
            raise ConfigError(f"{where} must be {expected(option)}")
        value = [f"{key}:{','.join(items)}" for key, items in value.items()]
    fits = {
        "a boolean": isinstance(value, bool),
        "an integer": isinstance(value, int) and not isinstance(value, bool),
        "a string": isinstance(value, str),
    }
    if not fits.get(expected(option), _strings(value)):
        raise ConfigError(f"{where} must be {expected(option)}, not {_kind(value)}")
    try:
        option.process_value(context, value)
    except click.BadParameter as error:
        raise ConfigError(f"{where}: {error.message}") from error
    if isinstance(option.type, click.Path):
        return os.path.join(os.path.dirname(os.path.abspath(path)), value)
    return value


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "an integer", str: "a string", dict: "a table", list: "such an array"}
    return names.get(type(value), f"a {type(value).__name__}")


def _suggestion(key: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(f'`{name}`' for name in sorted(known))}"
