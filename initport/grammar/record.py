"""From plain data to rows, with errors that name the file and the key."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

from initport.grammar.errors import GrammarError
from initport.ir.weights import Kind, Role, Wrapper

Row = TypeVar("Row")
Read = Callable[[Any, str], Any]
"""Takes plain data and their place in the file. Raises GrammarError for data of another type."""


def read_row(row: type[Row], value: object, where: str) -> Row:
    """Build a row from plain data, checking keys and types all the way down."""
    read: Callable[[object, str], Row] = reader(row)  # type: ignore[arg-type]
    return read(value, where)


@cache
def reader(kind: Any) -> Read:
    """What reads values of a type: of a row, or of a field of one."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value, where: value
    if type(None) in arguments and any(map(_is_row, arguments)):
        inner = reader(arguments[0])
        return lambda value, where: None if value is None else inner(value, where)
    if origin is Sequence:
        return _sequence(reader(arguments[0]), _is_row(arguments[0]))
    if origin is Mapping:
        return _mapping(reader(arguments[0]), reader(arguments[1]))
    if origin is UnionType:
        return _instance(arguments, " or ".join(str(option) for option in arguments))
    if _is_row(kind):
        return _row(kind, kind.__annotations__, kind._field_defaults)
    if kind in (Role, Kind, Wrapper):
        return _word(kind)
    return _instance(origin or kind, kind.__name__)


def _is_row(kind: Any) -> bool:
    return hasattr(kind, "_field_defaults")


def _row(row: Callable[..., Any], fields: Mapping[str, Any], defaults: Mapping[str, Any]) -> Read:
    required = [name for name in fields if name not in defaults]

    def read(value: Any, where: str) -> Any:
        _expect(isinstance(value, dict), where, "a mapping", value)
        for key in value:
            if key not in fields:
                raise GrammarError(f"{where}.{key}", f"no such key; known: {', '.join(fields)}")
        for name in required:
            if name not in value:
                raise GrammarError(where, f"the key {name!r} is missing")
        return row(**{key: reader(fields[key])(item, f"{where}.{key}") for key, item in value.items()})

    return read


def _sequence(item: Read, single: bool) -> Read:
    """A list; where its items are rows, one row may stand for a list of it alone."""

    def read(value: Any, where: str) -> Any:
        if single and isinstance(value, dict):
            return [item(value, where)]
        _expect(isinstance(value, list), where, "a list", value)
        return [item(each, f"{where}[{index}]") for index, each in enumerate(value)]

    return read


def _mapping(name: Read, item: Read) -> Read:
    def read(value: Any, where: str) -> Any:
        _expect(isinstance(value, dict), where, "a mapping", value)
        return {name(key, where): item(each, f"{where}.{key}") for key, each in value.items()}

    return read


def _word(kind: Callable[[Any], Any]) -> Read:
    def read(value: Any, where: str) -> Any:
        try:
            return kind(value)
        except ValueError as error:
            raise GrammarError(where, str(error)) from error

    return read


def _instance(kind: Any, what: str) -> Read:
    def read(value: Any, where: str) -> Any:
        _expect(isinstance(value, kind), where, what, value)
        return value

    return read


def _expect(holds: bool, where: str, what: str, value: object) -> None:
    if not holds:
        raise GrammarError(where, f"{what} is expected, not {value!r}")
