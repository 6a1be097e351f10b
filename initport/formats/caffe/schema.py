"""`grammars/caffe.proto`: the part of Caffe's schema that decides how weights start."""

import functools

from initport.formats.proto import EnumType, FieldType, MessageType, Schema, read_schema

__all__ = ["EnumType", "FieldType", "MessageType", "Schema", "caffe", "message_type"]


@functools.cache
def caffe() -> Schema:
    return read_schema("caffe.proto")


def message_type(name: str) -> MessageType:
    """One of Caffe's messages, such as ``NetParameter``."""
    return caffe().messages[name]
