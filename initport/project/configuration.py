"""Configuration files: `[tool.initport]` in a pyproject.toml, or an initport.toml with the same keys.

The keys are the names of the options that are configurable; a value counts unless the environment or the command line
states another. Authority for where they are looked for: black's documentation.
"""

import os
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from initport.emit.targets import aliases
from initport.project.options import Option

FILES = ("initport.toml", "pyproject.toml")
"""In the order in which they count within one directory."""


class ConfigError(Exception):
    """A configuration file that cannot be used: which, what in it, and why."""


class Config(NamedTuple):
    """``values`` are those of the options, by their names in the code; ``path`` is None where there is no file."""

    path: str | None
    values: dict[str, Any]

    @property
    def root(self) -> str:
        """The directory that the file is about; the current one where there is none."""
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


def load(path: str | None, options: Iterable[Option]) -> Config:
    """The values that a file gives to these options. Raises ConfigError, naming file and key."""
    if path is None:
        return Config(None, {})
    table = _table(path)
    if table is None:
        raise ConfigError(f"{path}: it has no table [tool.initport]")
    known = {option.key: option for option in options}
    values = {}
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{path}: unknown key `{key}`{_suggestion(key, list(known))}")
        values[known[key].name] = _check(path, known[key], value)
    return Config(path, values)


def _table(path: str) -> Mapping[str, Any] | None:
    """The keys in a file; None for a pyproject.toml that does not name initport."""
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


def _check(path: str, option: Option, value: Any) -> Any:
    """The value as the command line would give it. Raises ConfigError."""
    where = f"{path}: `{option.key}`"
    if option.many and isinstance(value, dict) and "table" in option.type:
        if not all(_strings(items) for items in value.values()):
            raise ConfigError(f"{where} must be {option.type}")
        value = [f"{key}:{','.join(items)}" for key, items in value.items()]
    fits = {
        "a boolean": isinstance(value, bool),
        "an integer": isinstance(value, int) and not isinstance(value, bool),
        "a string": isinstance(value, str),
    }
    if not fits.get(option.type, _strings(value)):
        raise ConfigError(f"{where} must be {option.type}, not {_kind(value)}")
    named = [aliases().get(item, item) for item in (value if option.many else [value])] if option.choices else []
    for item in named:
        if item not in option.choices:
            raise ConfigError(f"{where}: {item!r} is not one of {', '.join(map(repr, option.choices))}")
    if option.least is not None and value < option.least:
        raise ConfigError(f"{where}: {value} is not in the range x>={option.least}.")
    try:
        if option.check is not None:
            option.check(value)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from error
    if option.kind == "path":
        return os.path.join(os.path.dirname(os.path.abspath(path)), value)
    return named[0] if named and not option.many else value


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "an integer", str: "a string", dict: "a table", list: "such an array"}
    return names.get(type(value), f"a {type(value).__name__}")


def _suggestion(key: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(key, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; known: {', '.join(f'`{name}`' for name in sorted(known))}"
