"""TensorFlow's messages as protobuf's classes, from `grammars/tensorflow.proto`."""

from functools import cache
from typing import Any

from google.protobuf.descriptor_pool import DescriptorPool

from initport.formats.descriptors import class_of, descriptor_pool
from initport.formats.proto import Schema, read_schema


@cache
def _schema() -> Schema:
    return read_schema("tensorflow.proto")


@cache
def _pool() -> DescriptorPool:
    return descriptor_pool(_schema())


@cache
def message_class(name: str) -> Any:
    """Protobuf's class for one of TensorFlow's messages, such as ``GraphDef``."""
    return class_of(_pool().FindMessageTypeByName(f"tensorflow.{name}"))


@cache
def type_names() -> dict[int, str]:
    """The names of TensorFlow's element types by their numbers; that of a reference is that of what it refers to."""
    values = _schema().enums["DataType"].values
    return {number: name.removeprefix("DT_").removesuffix("_REF").lower() for name, number in values.items()}
