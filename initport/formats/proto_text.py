"""The text of a schema, `grammars/*.proto`, as plain data.

Reads the part of the languages that our grammars use (https://protobuf.dev/reference/protobuf/, proto2 and proto3):
top-level messages and enums, enums inside messages, fields with a label, `default` and `packed`. Anything else is a
SchemaError that names file and line: it is a mistake in our own data, never in a user's input.
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from initport.formats.proto import Schema

T = TypeVar("T")

SCALARS = frozenset({"double", "float", "int64", "uint64", "int32", "uint32", "bool", "string", "bytes"})

_STATEMENT = re.compile(
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
_BLANK = re.compile(r"\s*")


class SchemaError(ValueError):
    """A grammar file that is not in our part of the proto2 language; the message begins with ``file:line:``."""


class _Reader:
    """Turns the statements of one file into plain data; ``fail`` points at the current statement."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path, self.position = text, path, 0
        self.package, self.syntax = "", "proto2"
        self.messages: dict[str, dict[str, Any]] = {}
        self.enums: dict[str, dict[str, int]] = {}
        self.message: dict[str, Any] | None = None
        self.names: set[str] = set()
        """Of the fields of the message."""
        self.enum: dict[str, int] | None = None
        self.untyped: list[tuple[str, dict[str, Any], int]] = []

    def fail(self, problem: str, position: int | None = None) -> SchemaError:
        line = self.text.count("\n", 0, self.position if position is None else position) + 1
        return SchemaError(f"{self.path}:{line}: {problem}")

    def statements(self) -> Iterator[re.Match[str]]:
        while (start := _BLANK.match(self.text, self.position).end()) < len(self.text):  # type: ignore[union-attr]
            self.position = start
            found = _STATEMENT.match(self.text, start)
            if found is None:
                raise self.fail(f"cannot read {self.text[start:].splitlines()[0]!r}")
            yield found
            self.position = found.end()

    def read(self) -> dict[str, Any]:
        for found in self.statements():
            self.statement(found.lastgroup or "", found)
        if self.message is not None or self.enum is not None:
            raise self.fail("the file ends inside a message or enum")
        for name, scope, position in self.untyped:
            if name not in scope["enums"] and name not in self.enums and name not in self.messages:
                raise self.fail(f"no type is called {name!r}", position)
        return {"package": self.package, "syntax": self.syntax, "enums": self.enums, "messages": self.messages}

    def statement(self, kind: str, found: re.Match[str]) -> None:
        match kind:
            case "comment":
                pass
            case "syntax" if found["syntax"] in ("proto2", "proto3"):
                self.syntax = found["syntax"]
            case "package" if not self.messages:
                self.package = found["package"]
            case "message" if self.message is None and self.enum is None:
                self.message, self.names = {"enums": {}, "fields": []}, set()
                self.add(self.messages, found["message"], self.message)
            case "enum" if self.enum is None:
                self.enum = {}
                self.add(self.enums if self.message is None else self.message["enums"], found["enum"], self.enum)
            case "value_number" if self.enum is not None:
                self.add(self.enum, found["value"], int(found["value_number"]))
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

    def field(self, message: dict[str, Any], found: re.Match[str]) -> None:
        label, kind, name, number, option, setting = found.group(
            "label", "type", "field", "number", "option", "setting"
        )
        default = setting.strip('"') if option == "default" else None
        packed = option == "packed" and setting == "true"
        if name in self.names:
            raise self.fail(f"{name!r} occurs here twice")
        self.names.add(name)
        message["fields"].append((name, int(number), label or "optional", kind, default, packed))
        if kind not in SCALARS:
            self.untyped.append((kind, message, found.start()))


def parse(text: str, path: str) -> dict[str, Any]:
    """The plain data of a schema: what `Schema` takes. Raises SchemaError."""
    return _Reader(text, path).read()


def read_proto(path: str) -> Schema:
    """Raises SchemaError."""
    with open(path, encoding="utf-8") as file:
        return Schema(parse(file.read(), path), path)
