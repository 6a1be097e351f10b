"""A schema of `grammars/*.proto` as message types, without protobuf: reading Caffe's text needs no more than these.

Reads the part of the languages that our grammars use (https://protobuf.dev/reference/protobuf/, proto2 and proto3):
top-level messages and enums, enums inside messages, fields with a label, `default` and `packed`. Anything else is a
SchemaError that names file and line: it is a mistake in our own data, never in a user's input.
The same types become protobuf's descriptors in ``descriptors``, which binary input alone needs.
"""

import functools
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TypeVar

from initport.regex import Pattern

T = TypeVar("T")

SCALARS = frozenset({"double", "float", "int64", "uint64", "int32", "uint32", "bool", "string", "bytes"})

_STATEMENT = Pattern(
    r"""(?P<comment>//.*)
    | syntax\s*=\s*"(?P<syntax>\w+)"\s*;
    | package\s+(?P<package>[\w.]+)\s*;
    | message\s+(?P<message>\w+)\s*\{
    | enum\s+(?P<enum>\w+)\s*\{
    | (?:(?P<label>optional|required|repeated)\s+)?(?P<type>\w+)\s+(?P<field>\w+)\s*=\s*(?P<number>\d+)\s*
      (?:\[\s*(?P<option>default|packed)\s*=\s*(?P<setting>"[^"\\\n]*"|[-+.\w]+)\s*\])?\s*;
    | (?P<value>\w+)\s*=\s*(?P<value_number>-?\d+)\s*;
    | (?P<end>\})""",
    re.VERBOSE,
)
_BLANK = Pattern(r"\s*")


class SchemaError(ValueError):
    """A grammar file that is not in our part of the proto2 language; the message begins with ``file:line:``."""


class EnumType:
    """``scope`` is the message that the enum stands in, if it stands in one; ``values`` are its numbers by name."""

    def __init__(self, name: str, scope: str) -> None:
        self.name, self.scope = name, scope
        self.values: dict[str, int] = {}


class FieldType:
    """``type`` is a scalar's name, ``message`` or ``enum``; ``default`` is the text as written, None without one."""

    def __init__(self, name: str, number: int, label: str, type_: str, default: str | None, packed: bool) -> None:
        self.name, self.number, self.label = name, number, label
        self.type, self.default, self.packed = type_, default, packed
        self.message_type: MessageType | None = None
        self.enum_type: EnumType | None = None

    @property
    def repeated(self) -> bool:
        return self.label == "repeated"

    @functools.cached_property
    def default_value(self) -> int | Decimal | bool | str:
        """What the field says where it is not given; of an enum the name, of a number the decimal as written."""
        if self.enum_type is not None:
            return self.default or next(iter(self.enum_type.values))
        match self.type:
            case "bool":
                return self.default == "true"
            case "string":
                return self.default or ""
            case "float" | "double":
                return Decimal(self.default or 0)
            case _:
                return int(self.default or 0)


class MessageType:
    def __init__(self, name: str) -> None:
        self.name = name
        self.fields_by_name: dict[str, FieldType] = {}
        self.enums: dict[str, EnumType] = {}


class Schema:
    """One file, its messages and top-level enums in their order."""

    def __init__(self, path: str) -> None:
        self.path, self.package, self.syntax = path, "", "proto2"
        self.messages: dict[str, MessageType] = {}
        self.enums: dict[str, EnumType] = {}


class _Reader:
    """Turns the statements of one file into a Schema; ``fail`` points at the current statement."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.position = text, 0
        self.schema = Schema(path)
        self.message: MessageType | None = None
        self.enum: EnumType | None = None
        self.untyped: list[tuple[FieldType, MessageType, int]] = []

    def fail(self, problem: str, position: int | None = None) -> SchemaError:
        line = self.text.count("\n", 0, self.position if position is None else position) + 1
        return SchemaError(f"{self.schema.path}:{line}: {problem}")

    def statements(self) -> Iterator[re.Match[str]]:
        while (start := _BLANK.match(self.text, self.position).end()) < len(self.text):  # type: ignore[union-attr]
            self.position = start
            found = _STATEMENT.match(self.text, start)
            if found is None:
                raise self.fail(f"cannot read {self.text[start:].splitlines()[0]!r}")
            yield found
            self.position = found.end()

    def read(self) -> Schema:
        for found in self.statements():
            self.statement(found.lastgroup or "", found)
        if self.message or self.enum:
            raise self.fail("the file ends inside a message or enum")
        for entry, scope, position in self.untyped:
            self.resolve(entry, scope, position)
        return self.schema

    def statement(self, kind: str, found: re.Match[str]) -> None:
        match kind:
            case "comment":
                pass
            case "syntax" if found["syntax"] in ("proto2", "proto3"):
                self.schema.syntax = found["syntax"]
            case "package" if not self.schema.messages:
                self.schema.package = found["package"]
            case "message" if self.message is None and self.enum is None:
                self.message = MessageType(found["message"])
                self.add(self.schema.messages, found["message"], self.message)
            case "enum" if self.enum is None:
                self.enum = EnumType(found["enum"], self.message.name if self.message else "")
                self.add((self.message or self.schema).enums, found["enum"], self.enum)
            case "value_number" if self.enum is not None:
                self.add(self.enum.values, found["value"], int(found["value_number"]))
            case "end" if self.enum is not None:
                self.enum = None
            case "end" if self.message is not None:
                self.message = None
            case "number" | "setting" if self.message is not None and self.enum is None:
                self.field(self.message, found)
            case _:
                raise self.fail(f"{found.group()!r} does not belong here")

    def add(self, table: dict[str, T], name: str, entry: T) -> None:
        if name in table:
            raise self.fail(f"{name!r} occurs here twice")
        table[name] = entry

    def field(self, message: MessageType, found: re.Match[str]) -> None:
        label, kind, name, number, option, setting = found.group(
            "label", "type", "field", "number", "option", "setting"
        )
        default = setting.strip('"') if option == "default" else None
        packed = option == "packed" and setting == "true"
        entry = FieldType(name, int(number), label or "optional", kind, default, packed)
        self.add(message.fields_by_name, name, entry)
        if kind not in SCALARS:
            self.untyped.append((entry, message, found.start()))

    def resolve(self, entry: FieldType, scope: MessageType, position: int) -> None:
        """Finds the type that a field names: an enum of its own message first, then the file's enums and messages."""
        name = entry.type
        if (enum := scope.enums.get(name) or self.schema.enums.get(name)) is not None:
            entry.type, entry.enum_type = "enum", enum
        elif (message := self.schema.messages.get(name)) is not None:
            entry.type, entry.message_type = "message", message
        else:
            raise self.fail(f"no type is called {name!r}", position)


def read_proto(path: str) -> Schema:
    """Raises SchemaError."""
    with open(path, encoding="utf-8") as file:
        return _Reader(file.read(), path).read()
