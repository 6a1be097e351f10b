"""`grammars/caffe.proto`: the part of Caffe's schema that decides how weights start."""

import functools

from initport.formats.proto import EnumType, FieldType, MessageType, Schema, SchemaError, read_proto
from initport.grammar.files import grammar_file

__all__ = ["EnumType", "FieldType", "MessageType", "Schema", "SchemaError", "caffe", "message_type", "read_proto"]


@functools.cache
def caffe() -> Schema:
    return read_proto(grammar_file("caffe.proto"))


def message_type(name: str) -> MessageType:
    """One of Caffe's messages, such as ``NetParameter``."""
    return caffe().messages[name]
