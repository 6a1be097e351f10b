"""For each message type: its fields by name, and how each of them reads what was written.

Built from the schema once per type, so that the text reader asks one dictionary per field and nothing else.
"""

import functools
from collections.abc import Callable, Mapping
from typing import Final, NoReturn

from initport.formats.caffe import text_values
from initport.formats.caffe.schema import FieldType, MessageType, message_type
from initport.records import NamedTuple

STRING: Final = 0
NUMBER: Final = 1
WORD: Final = 2

# What decides no weight may hold anything: a template's `${DATA}/train_lmdb` does not make the net unusable.
_PATHS = frozenset({"source", "mean_file", "meanfile", "root_folder", "crop_mode", "det_crop_mode"})

_INTEGER_RANGES = {
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}


class Field(NamedTuple):
    """One field; ``convert`` holds, at STRING, NUMBER and WORD, what reads such a token or raises WrongValueError."""

    name: str
    repeated: bool
    expected: str
    convert: tuple[text_values.Converter, text_values.Converter, text_values.Converter]
    message: MessageType | None = None
    placeholders: bool = False


class Fields(NamedTuple):
    """A message type's fields; ``descriptor`` is None, and ``entries`` empty, for a message outside the schema."""

    descriptor: MessageType | None
    entries: Mapping[str, Field]


ANYTHING: Final = Fields(None, {})


@functools.cache
def fields_of(descriptor: MessageType) -> Fields:
    return Fields(descriptor, {name: _field(field) for name, field in descriptor.fields_by_name.items()})


def filler_fields() -> Fields:
    """The fields of FillerParameter, by which an unknown `..._filler` is read."""
    return fields_of(message_type("FillerParameter"))


def _field(field: FieldType) -> Field:
    def make(expected: str, **readers: text_values.Converter) -> Field:
        refuse = _refuse(expected)
        convert = (readers.get("string", refuse), readers.get("number", refuse), readers.get("word", refuse))
        placeholders = "string" in readers and field.name not in _PATHS
        return Field(field.name, field.repeated, expected, convert, field.message_type, placeholders)

    if field.message_type is not None:
        return make(f"a message: `{field.name} {{ ... }}`")
    if field.enum_type is not None:
        read = text_values.enumeration(field.enum_type)
        return make(f"one of {', '.join(field.enum_type.values)}, without quotes", number=read, word=read)
    if field.type in _INTEGER_RANGES:
        low, high = _INTEGER_RANGES[field.type]
        return make(f"an integer from {low} to {high}", number=text_values.integer(low, high))
    if field.type == "bool":
        return make("true or false", number=text_values.boolean, word=text_values.boolean)
    if field.type == "float":
        return make("a decimal number", number=text_values.decimal, word=text_values.not_finite)
    if field.type == "double":
        return make("a decimal number", number=text_values.wide_decimal, word=text_values.not_finite)
    return make("text in quotes", string=_identity)


def _identity(text: str) -> str:
    return text


def _refuse(expected: str) -> Callable[[str], NoReturn]:
    def refuse(_: str) -> NoReturn:
        raise text_values.WrongValueError(expected)

    return refuse
