"""Caffe's message types as protobuf's descriptors and classes, for binary input."""

import functools
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.descriptor_pool import DescriptorPool

from initport.formats.caffe.schema import caffe
from initport.formats.descriptors import class_of, descriptor_pool, file_descriptor

__all__ = ["descriptor", "file_descriptor", "message_class"]


@functools.cache
def _pool() -> DescriptorPool:
    return descriptor_pool(caffe())


def descriptor(message: str) -> Descriptor:
    """The descriptor of one of Caffe's messages, such as ``NetParameter``."""
    return _pool().FindMessageTypeByName(f"caffe.{message}")


def message_class(message: str) -> Any:
    """Protobuf's class for one of Caffe's messages."""
    return class_of(descriptor(message))
