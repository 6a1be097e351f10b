"""Caffe's message types as protobuf's descriptors and classes, for binary input; without protoc or generated code."""

import functools
import os
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

from initport.formats.caffe.schema import EnumType, FieldType, MessageType, Schema, SchemaError, caffe


def file_descriptor(schema: Schema) -> FileDescriptorProto:
    """What protoc would make of the file, apart from the JSON names; it leaves ``syntax`` empty for proto2."""
    return FileDescriptorProto(
        name=os.path.basename(schema.path),
        package=schema.package,
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


@functools.cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()  # a private one: a program that imports initport may hold another caffe.proto
    try:
        pool.AddSerializedFile(file_descriptor(caffe()).SerializeToString())
    except TypeError as error:  # protobuf's own word for a clash of numbers or names
        raise SchemaError(f"{caffe().path}:1: {error}") from error
    return pool


def descriptor(message: str) -> Descriptor:
    """The descriptor of one of Caffe's messages, such as ``NetParameter``."""
    return _pool().FindMessageTypeByName(f"caffe.{message}")


def message_class(message: str) -> Any:
    """Protobuf's class for one of Caffe's messages."""
    if hasattr(message_factory, "GetMessageClass"):
        return message_factory.GetMessageClass(descriptor(message))
    factory: Any = message_factory.MessageFactory()
    return factory.GetPrototype(descriptor(message))  # protobuf 4.21
