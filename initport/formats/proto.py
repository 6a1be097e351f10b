"""A schema of `grammars/*.proto` as message types, without protobuf: reading Caffe's text needs no more than these.

The same types become protobuf's descriptors in ``descriptors``, which binary input alone needs. A message's fields are
made when they are first asked for; `proto_text` reads them out of a file, and a wheel carries what that gives.
"""

import functools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from initport.grammar.files import data_in_wheel, grammar_file


class EnumType:
    """``scope`` is the message that the enum stands in, if it stands in one; ``values`` are its numbers by name."""

    def __init__(self, name: str, scope: str, values: Mapping[str, int]) -> None:
        self.name, self.scope, self.values = name, scope, values


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
    """One message; ``data`` are its enums' values, and the arguments of `FieldType` for each of its fields."""

    def __init__(self, name: str, data: Mapping[str, Any], schema: "Schema") -> None:
        self.name, self._data, self._schema = name, data, schema

    @functools.cached_property
    def enums(self) -> dict[str, EnumType]:
        return {name: EnumType(name, self.name, values) for name, values in self._data["enums"].items()}

    @functools.cached_property
    def fields_by_name(self) -> dict[str, FieldType]:
        return {row[0]: self._field(*row) for row in self._data["fields"]}

    def _field(self, name: str, number: int, label: str, type_: str, default: str | None, packed: bool) -> FieldType:
        """A field may name an enum of its own message, else one of the file's, or a message."""
        enum = self.enums.get(type_) or self._schema.enums.get(type_)
        message = self._schema.messages.get(type_) if enum is None else None
        kind = "enum" if enum is not None else "message" if message is not None else type_
        found = FieldType(name, number, label, kind, default, packed)
        found.enum_type, found.message_type = enum, message
        return found


class Schema:
    """One file, its messages and top-level enums in their order; ``data`` is what `proto_text.parse` gives."""

    def __init__(self, data: Mapping[str, Any], path: str) -> None:
        self.path, self.package, self.syntax = path, data["package"], data["syntax"]
        self.enums = {name: EnumType(name, "", values) for name, values in data["enums"].items()}
        self.messages = {name: MessageType(name, message, self) for name, message in data["messages"].items()}


def read_schema(file: str) -> Schema:
    """The schema in one of our grammar files. Raises SchemaError, and FileNotFoundError where the installation lacks
    it."""
    data = data_in_wheel(file)
    if data is not None:
        return Schema(data, file)
    from initport.formats.proto_text import read_proto

    return read_proto(grammar_file(file))
