"""What a file's first bytes say: which of TensorFlow's messages it is."""

from collections.abc import Iterator

_TEXTS = (b"node {", b"node{", b"graph_def", b"meta_info_def", b"saved_model_schema_version", b"meta_graphs")


def is_events(data: bytes) -> bool:
    """Whether the first record of a TFRecord file is an event: a wall time, and the version of the file's format."""
    return data[12:13] == b"\x09" and b"brain.Event:" in data[:64]


def is_text(data: bytes) -> bool:
    return data[:512].lstrip().startswith(_TEXTS)


def kind_of(data: bytes) -> str | None:
    """The message that binary data are, by its first fields; None for none of TensorFlow's.

    A GraphDef begins with a node (1), which begins with its name (1) and op (2); a MetaGraphDef with what is known of
    it (1), then its graph (2); a SavedModel with a number (1), then a MetaGraphDef (2), which some tools begin with its
    objects (7).
    """
    fields = list(_fields(data))
    (number, wire, body), second = fields[0] if fields else (0, 0, b""), fields[1][:2] if len(fields) > 1 else None
    if (number, wire) == (1, 0):
        return "SavedModel" if second == (2, 2) and _begins(fields[1][2], 1, 2, 7) else None
    if number == 2 and wire == 2:
        return "MetaGraphDef" if _begins(body, 1) else None
    if number != 1 or wire != 2:
        return None
    inside = [field[:2] for field in _fields(body)]
    if inside == [(1, 2), (2, 2)]:
        return "GraphDef"
    known = not body or _begins(body, *range(1, 9))  # a network of Caffe has its name there, a text
    return "MetaGraphDef" if second == (2, 2) and known and _begins(fields[1][2], 1) else None


def _begins(data: bytes, *numbers: int) -> bool:
    """Whether a message begins with one of these fields, each a message itself."""
    first = next(_fields(data), None)
    return first is not None and first[0] in numbers and first[1] == 2


def _fields(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Number, wire type and (of messages, their start) content of the first two fields; none if it is not a message."""
    at = 0
    for _ in range(2):
        try:
            tag, at = _varint(data, at)
            if tag & 7 == 0:
                _, at = _varint(data, at)
                yield tag >> 3, 0, b""
            elif tag & 7 == 2:
                size, at = _varint(data, at)
                yield tag >> 3, 2, data[at : at + min(size, 4096)]
                at += size
            else:
                return
        except IndexError:
            return


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return value, at
    raise IndexError
