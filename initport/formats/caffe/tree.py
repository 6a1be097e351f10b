"""A network description as a tree of typed messages, each value with the place where it was said.

Text and binary inputs both become this tree, so that nothing after it needs to know which one was given.

What the schema does not know is kept beside what it does, in ``Message.unknown``: a scalar or a list of scalars as its
text, a message as a Message that has no descriptor and whose fields are all unknown. One thing is understood wherever
it stands: an unknown field whose name ends in ``filler`` holds a Message of the type FillerParameter, so that the
fillers of forks' layers, and misplaced ones, can be reported (``stray_fillers``).
"""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeVar

from initport.ir.location import Location
from initport.records import NamedTuple

if TYPE_CHECKING:
    from initport.formats.caffe.schema import MessageType

    Scalar = int | Decimal | bool | str

T = TypeVar("T")


class Places(Protocol):
    """Turns an offset into a place."""

    def place(self, offset: int) -> Location: ...


class Value(NamedTuple):
    """One occurrence of a field. A ``float`` is the decimal number that the author wrote; an enum value is its name.

    ``where`` is the place, or what finds it for an ``offset``: most places are never asked for.
    """

    value: "Scalar | Message"
    where: Location | Places
    offset: int = 0

    @property
    def location(self) -> Location:
        return self.where if isinstance(self.where, Location) else self.where.place(self.offset)


class Unknown(NamedTuple):
    """One occurrence of a field outside the schema; ``value`` is the text as written (strings with their quotes)."""

    name: str
    location: Location
    value: "Message | str"


class Message(NamedTuple):
    """One message: its known fields by name, in order of occurrence, and the fields that the schema does not know.

    ``descriptor`` is None where the message itself is unknown. ``where`` is the place, or what finds it for an
    ``offset``. Messages of one text share their ``fields``, which then stand ``shift`` characters behind the offsets in
    them: what is in a message is asked for by its methods.
    """

    descriptor: "MessageType | None"
    where: Location | Places
    fields: Mapping[str, tuple[Value, ...]] = MappingProxyType({})
    unknown: tuple[Unknown, ...] = ()
    offset: int = 0
    shift: int = 0

    @property
    def location(self) -> Location:
        return self.where if isinstance(self.where, Location) else self.where.place(self.offset)

    def has(self, name: str) -> bool:
        return name in self.fields

    def place(self, name: str) -> Location:
        """Where the field was given last; where it was not, the place of the message."""
        if name not in self.fields:
            return self.location
        _, where, offset = self.fields[name][-1]
        return where if isinstance(where, Location) else where.place(offset + self.shift)

    def _at_home(self, inner: "Message") -> "Message":
        """A message in this one, at its own place."""
        if not self.shift:
            return inner
        return inner._replace(offset=inner.offset + self.shift, shift=inner.shift + self.shift)

    def inner(self) -> "Iterator[tuple[str, Message]]":
        """The messages in this one, with the names of their fields."""
        for name, values in self.fields.items():
            for value, _, _ in values:
                if isinstance(value, Message):
                    yield name, self._at_home(value)

    def _all(self, name: str, kind: type[T]) -> Iterator[T]:
        for item in self.fields.get(name, ()):
            assert isinstance(item.value, kind), (name, item)
            yield item.value

    def _one(self, name: str, kind: type[T]) -> T:
        if (values := self.fields.get(name)) is None:
            return kind(self._default(name))  # type: ignore[call-arg]
        value = values[-1].value
        assert isinstance(value, kind), (name, value)
        return value

    def _default(self, name: str) -> "Scalar":
        assert self.descriptor is not None, f"an unknown message has no defaults ({name})"
        return self.descriptor.fields_by_name[name].default_value

    def integer(self, name: str) -> int:
        return self._one(name, int)

    def integers(self, name: str) -> tuple[int, ...]:
        return tuple(self._all(name, int))

    def number(self, name: str) -> Decimal:
        return self._one(name, Decimal)

    def numbers(self, name: str) -> tuple[Decimal, ...]:
        return tuple(self._all(name, Decimal))

    def flag(self, name: str) -> bool:
        return self._one(name, bool)

    def string(self, name: str) -> str:
        return self._one(name, str)

    def strings(self, name: str) -> tuple[str, ...]:
        return tuple(self._all(name, str))

    def enum(self, name: str) -> str:
        """The value's name; a number or name outside the schema (a fork's) as it was written."""
        return self._one(name, str)

    def message(self, name: str) -> "Message | None":
        found = self.messages(name)
        return found[-1] if found else None

    def messages(self, name: str) -> "tuple[Message, ...]":
        return tuple(map(self._at_home, self._all(name, Message)))

    def content(self, but: Collection[str] = ()) -> tuple[object, ...] | None:
        """What the message says, but for some of its fields, and not where: equal only where that is equal. None where
        a field outside the schema is in it."""
        if self.unknown:
            return None
        found: list[object] = [self.descriptor]
        for name, values in self.fields.items():
            if name not in but:
                found += (name, len(values))
                for value, _, _ in values:
                    if isinstance(value, Message):
                        inner = value.content()
                        if inner is None:
                            return None
                        found.append(inner)
                    else:  # a decimal as it is written: 1 and 1.0 are other words
                        found.append(value if type(value) is not Decimal else str(value))
        return tuple(found)

    def stray_fillers(self) -> Iterator[Unknown]:
        """The fillers, at any depth, that stand where the schema has none; ``value`` is a FillerParameter Message.

        An unknown ``..._filler`` that is not a message or not a FillerParameter, is given as it is found.
        """
        for entry in self.unknown:
            if entry.name.endswith("filler"):
                yield entry
            elif isinstance(entry.value, Message):
                yield from entry.value.stray_fillers()
        for _, message in self.inner():
            yield from message.stray_fillers()
