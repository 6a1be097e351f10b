"""`grammars/caffe.proto` as protobuf descriptors, without protoc and without generated code.

Reads the part of the proto2 language that our grammar uses (https://protobuf.dev/reference/protobuf/proto2-spec/):
top-level messages and enums, enums inside messages, fields with a label, `default` and `packed`. Anything else is a
SchemaError that names file and line: it is a mistake in our own data, never in a user's input.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool

from initport.grammar.files import grammar_file

_SCALARS = {
    name: getattr(FieldDescriptorProto, f"TYPE_{name.upper()}")
    for name in ("double", "float", "int64", "uint64", "int32", "uint32", "bool", "string")
}
_LABELS = {
    name: getattr(FieldDescriptorProto, f"LABEL_{name.upper()}") for name in ("optional", "required", "repeated")
}
_STATEMENT = re.compile(
    r"""(?P<comment>//.*)
    | syntax\s*=\s*"(?P<syntax>\w+)"\s*;
    | package\s+(?P<package>[\w.]+)\s*;
    | message\s+(?P<message>\w+)\s*\{
    | enum\s+(?P<enum>\w+)\s*\{
    | (?P<label>optional|required|repeated)\s+(?P<type>\w+)\s+(?P<field>\w+)\s*=\s*(?P<number>\d+)\s*
      (?:\[\s*(?P<option>default|packed)\s*=\s*(?P<setting>"[^"\\\n]*"|[-+.\w]+)\s*\])?\s*;
    | (?P<value>\w+)\s*=\s*(?P<value_number>-?\d+)\s*;
    | (?P<end>\})""",
    re.VERBOSE,
)
_BLANK = re.compile(r"\s*")


class SchemaError(ValueError):
    """A grammar file that is not in our part of the proto2 language; the message begins with ``file:line:``."""


class _Reader:
    """Turns the statements of one file into a FileDescriptorProto; ``fail`` points at the current statement."""

    def __init__(self, text: str, path: Path) -> None:
        self.text, self.path, self.position = text, path, 0
        self.file = FileDescriptorProto(name=path.name)
        self.message: DescriptorProto | None = None
        self.enum: EnumDescriptorProto | None = None
        self.untyped: list[tuple[FieldDescriptorProto, DescriptorProto, int]] = []

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

    def read(self) -> FileDescriptorProto:
        for found in self.statements():
            self.statement(found.lastgroup or "", found)
        if self.message or self.enum:
            raise self.fail("the file ends inside a message or enum")
        for field, scope, position in self.untyped:
            self.resolve(field, scope, position)
        return self.file

    def statement(self, kind: str, found: re.Match[str]) -> None:
        match kind:
            case "comment":
                pass
            case "syntax" if found["syntax"] == "proto2":
                pass  # protoc leaves FileDescriptorProto.syntax empty for proto2
            case "package" if not self.file.message_type:
                self.file.package = found["package"]
            case "message" if self.message is None and self.enum is None:
                self.message = self.file.message_type.add(name=found["message"])
            case "enum" if self.enum is None:
                self.enum = (self.message or self.file).enum_type.add(name=found["enum"])
            case "value_number" if self.enum is not None:
                self.enum.value.add(name=found["value"], number=int(found["value_number"]))
            case "end" if self.enum is not None:
                self.enum = None
            case "end" if self.message is not None:
                self.message = None
            case "number" | "setting" if self.message is not None and self.enum is None:
                self.field(self.message, found)
            case _:
                raise self.fail(f"{found.group()!r} does not belong here")

    def field(self, message: DescriptorProto, found: re.Match[str]) -> None:
        field = message.field.add(name=found["field"], number=int(found["number"]), label=_LABELS[found["label"]])
        if found["type"] in _SCALARS:
            field.type = _SCALARS[found["type"]]
        else:
            field.type_name = found["type"]
            self.untyped.append((field, message, found.start()))
        if found["option"] == "packed":
            field.options.packed = found["setting"] == "true"
        elif found["option"] == "default":
            field.default_value = found["setting"].strip('"')

    def resolve(self, field: FieldDescriptorProto, scope: DescriptorProto, position: int) -> None:
        """Finds the type that a field names: an enum of its own message first, then the file's enums and messages."""
        name, package = field.type_name, f".{self.file.package}"
        if any(enum.name == name for enum in scope.enum_type):
            field.type, field.type_name = FieldDescriptorProto.TYPE_ENUM, f"{package}.{scope.name}.{name}"
        elif any(enum.name == name for enum in self.file.enum_type):
            field.type, field.type_name = FieldDescriptorProto.TYPE_ENUM, f"{package}.{name}"
        elif any(message.name == name for message in self.file.message_type):
            field.type, field.type_name = FieldDescriptorProto.TYPE_MESSAGE, f"{package}.{name}"
        else:
            raise self.fail(f"no type is called {name!r}", position)


def read_proto(path: Path) -> FileDescriptorProto:
    """What protoc would make of the file, apart from the JSON names; raises SchemaError."""
    return _Reader(path.read_text(encoding="utf-8"), path).read()


@functools.cache
def _pool() -> DescriptorPool:
    path = grammar_file("caffe.proto")
    pool = DescriptorPool()  # a private one: a program that imports initport may hold another caffe.proto
    try:
        pool.AddSerializedFile(read_proto(path).SerializeToString())
    except TypeError as error:  # protobuf's own word for a clash of numbers or names
        raise SchemaError(f"{path}:1: {error}") from error
    return pool


@functools.cache
def descriptor(message: str) -> Descriptor:
    """The descriptor of one of the grammar's messages, such as ``NetParameter``."""
    return _pool().FindMessageTypeByName(f"caffe.{message}")
