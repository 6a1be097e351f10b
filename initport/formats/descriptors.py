"""The message types of a schema as protobuf's descriptors and classes, without protoc or generated code."""

import os
from itertools import islice
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
)
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError, Message

from initport.formats.proto import EnumType, FieldType, MessageType, Schema
from initport.formats.proto_text import SchemaError
from initport.formats.wire import BYTES, WireError, fields
from initport.regex import Pattern


def file_descriptor(schema: Schema) -> FileDescriptorProto:
    """What protoc would make of the file, apart from the JSON names; it leaves ``syntax`` empty for proto2."""
    return FileDescriptorProto(
        name=os.path.basename(schema.path),
        package=schema.package,
        syntax=None if schema.syntax == "proto2" else schema.syntax,
        message_type=[_message(message, schema.package) for message in schema.messages.values()],
        enum_type=[_enum(enum) for enum in schema.enums.values()],
    )


def _message(message: MessageType, package: str) -> DescriptorProto:
    return DescriptorProto(
        name=message.name,
        field=[_field(field, package) for field in message.fields_by_name.values()],
        enum_type=[_enum(enum) for enum in message.enums.values()],
    )


def _enum(enum: EnumType) -> EnumDescriptorProto:
    result = EnumDescriptorProto(name=enum.name)
    for name, number in enum.values.items():
        result.value.add(name=name, number=number)
    return result


def _field(field: FieldType, package: str) -> FieldDescriptorProto:
    result = FieldDescriptorProto(
        name=field.name,
        number=field.number,
        label=getattr(FieldDescriptorProto, f"LABEL_{field.label.upper()}"),
        type=getattr(FieldDescriptorProto, f"TYPE_{field.type.upper()}"),
    )
    if field.message_type is not None:
        result.type_name = f".{package}.{field.message_type.name}"
    elif field.enum_type is not None:
        parts = (package, field.enum_type.scope, field.enum_type.name)
        result.type_name = "".join(f".{part}" for part in parts if part)
    if field.default is not None:
        result.default_value = field.default
    if field.packed:
        result.options.packed = True
    return result


def descriptor_pool(schema: Schema) -> DescriptorPool:
    """A pool of the schema's own: a program that imports initport may hold another file of its name.

    Raises SchemaError where two fields of a message share a name or a number."""
    pool = DescriptorPool()
    try:
        pool.AddSerializedFile(file_descriptor(schema).SerializeToString())
    except TypeError as error:  # protobuf's own word for a clash of numbers or names
        raise SchemaError(f"{schema.path}:1: {error}") from error
    return pool


def class_of(descriptor: Descriptor) -> Any:
    """Protobuf's class for a message."""
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor)
    factory: Any = message_factory.MessageFactory()
    return factory.GetPrototype(descriptor)  # protobuf 4.21


EMPTY_LIMIT = 250_000
"""Messages and texts without content that a message holds at most: protobuf takes sixty bytes for two in a file."""

_EMPTY = Pattern(rb'[\n\x12\x1a"*2:BJRZbjrz]\x00')
"""A field of bytes whose number is at most 15, without content."""


class EmptyPartsError(DecodeError):
    """Nearly all of the bytes are parts without content."""


def parse_message(kind: Any, data: bytes) -> Any:
    """A message of one of protobuf's classes. Raises DecodeError where the bytes are none, and EmptyPartsError, before
    memory is taken, where they hold too much that is empty."""
    if data.count(0) > EMPTY_LIMIT and next(islice(_EMPTY.finditer(data), EMPTY_LIMIT, None), None) is not None:
        _check_parts(data, kind.DESCRIPTOR)  # what looks so may be a tensor's numbers
    return kind.FromString(data)


def _check_parts(data: bytes, kind: Descriptor) -> None:
    """Raises EmptyPartsError; what is malformed is protobuf's to find."""
    left, todo = EMPTY_LIMIT, [(memoryview(data), kind)]
    while todo:
        view, within = todo.pop()
        known = within.fields_by_number
        try:
            for number, wire_type, _, body, end in fields(view):
                field = known.get(number)
                if field is None or wire_type != BYTES:
                    continue
                if body == end:
                    left -= 1
                    if left < 0:
                        raise EmptyPartsError(f"over {EMPTY_LIMIT:,} of its parts are empty")
                elif field.message_type is not None:
                    todo.append((view[body:end], field.message_type))
        except WireError:
            continue


def is_text(message: Any) -> bool:
    """Whether every string of a message is text: of a proto2 message protobuf gives what is not UTF-8 as bytes."""
    for field, value in message.ListFields():
        if field.type in (FieldDescriptorProto.TYPE_STRING, FieldDescriptorProto.TYPE_MESSAGE):
            items = (value,) if isinstance(value, str | bytes | Message) else value
            if not all(is_text(item) if isinstance(item, Message) else isinstance(item, str) for item in items):
                return False
    return True
