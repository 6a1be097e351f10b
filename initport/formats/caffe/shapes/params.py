"""How the rules read a layer's parameters: an absent message means the schema's defaults, as in Caffe."""

from initport.formats.caffe.net import HARMLESS, NetLayer
from initport.formats.caffe.shapes.dims import Dim, Shape, size, sizes
from initport.formats.caffe.tree import Message
from initport.regex import Pattern

_NUMBER = Pattern("[0-9]{1,10}")


def param(layer: NetLayer, name: str) -> Message:
    """The layer's message ``name``, or an empty one: every field then has its default."""
    found = layer.message.message(name)
    if found is not None:
        return found
    schema = layer.message.descriptor
    assert schema is not None, name
    return Message(schema.fields_by_name[name].message_type, layer.location)


def fork_param(layer: NetLayer, name: str) -> Message:
    """The layer's message ``name``; where it is outside the schema, as it stands in the file, or an empty one."""
    schema = layer.message.descriptor
    assert schema is not None, name
    if name in schema.fields_by_name:
        return param(layer, name)
    found = [entry.value for entry in layer.message.unknown if entry.name == name and isinstance(entry.value, Message)]
    return found[-1] if found else Message(None, layer.location)


def filler_of(message: Message, name: str) -> Message | None:
    """The filler ``name`` of a message, in the schema or outside of it."""
    if name in message.fields and name.endswith("filler"):
        return message.message(name)
    found = [entry.value for entry in message.unknown if entry.name == name and isinstance(entry.value, Message)]
    return found[-1] if found else None


def blob_shapes(message: Message, name: str = "shape") -> list[Shape]:
    """The ``BlobShape`` messages of the field ``name``."""
    return [sizes(shape.integers("dim")) for shape in message.messages(name)]


def foreign(message: Message) -> bool:
    """Whether a fork's field may change the sizes that the message gives."""
    harmless = HARMLESS[message.descriptor.name] if message.descriptor is not None else frozenset()
    return any(entry.name not in harmless for entry in message.unknown)


def fork_text(message: Message, name: str) -> str | None:
    """What a fork's field says, as written; ``None`` if it is not given or holds a message."""
    found = [entry.value for entry in message.unknown if entry.name == name]
    return found[-1] if found and isinstance(found[-1], str) else None


def fork_sizes(layer: NetLayer, name: str, *fields: str) -> tuple[Dim, ...]:
    """The sizes that the fields of a fork's message ``name`` give."""
    found = [entry.value for entry in layer.message.unknown if entry.name == name]
    message = found[-1] if found and isinstance(found[-1], Message) else None
    return tuple(None if message is None else fork_size(message, field) for field in fields)


def fork_size(message: Message, name: str) -> Dim:
    """The size that a fork's field gives."""
    text = fork_text(message, name)
    return size(int(text)) if text is not None and _NUMBER.fullmatch(text) else None
