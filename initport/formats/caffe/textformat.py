"""Reads protobuf text format into a tree that knows the line and column of everything.

Text is not read with google.protobuf.text_format, although that is tested against: it keeps no positions, stops at the
enum values of forks and at what is not well-formed text, and rounds the author's decimals to float32. Protobuf reads
binary input (``binary``), and is imported for that alone.
One regular expression recognises a whole field in its usual spelling; whatever that does not
match (lists, escapes, adjacent strings, oddities and mistakes) is read token by token.
Authority: https://protobuf.dev/reference/protobuf/textformat-spec/
"""

import re
from sys import intern
from typing import TYPE_CHECKING, Any, Final

from initport.diagnostics import Code, InputError
from initport.formats.caffe.fields import ANYTHING, NUMBER, STRING, WORD, Field, Fields, fields_of, filler_fields
from initport.formats.caffe.source import Source
from initport.formats.caffe.text_values import WrongValueError, unquote
from initport.formats.caffe.tree import Message, Unknown, Value
from initport.ir.location import Location
from initport.records import NamedTuple
from initport.regex import Pattern

if TYPE_CHECKING:
    from initport.formats.caffe.complaints import Complaints
    from initport.formats.caffe.schema import MessageType
    from initport.formats.caffe.tree import Scalar

MAX_DEPTH: Final = 100  # as protobuf's own default recursion limit

_BLANK = r"(?:[ \t\r\n\f\v]++|\#[^\n]*+)*+"
_END = r"(?=[\s,;}>\#]|\Z)"
_STEP = Pattern(
    rf"""{_BLANK} (?:
        ([A-Za-z_]\w*+) {_BLANK} (?:
            : {_BLANK} (?: "([^"\\\n$%{{@]*+)" (?! \s*+ ["'\#] )
                         | '([^'\\\n$%{{@]*+)' (?! \s*+ ["'\#] )
                         | ([-+]?(?:\d|\.\d)[\w.+-]*+) {_END}
                         | ([A-Za-z_]\w*+) {_END} ) [,;]?+
          | :?+ {_BLANK} ([{{<]) )
      | ([}}>]) )""",
    re.VERBOSE | re.ASCII,
)
_NAME, _OPEN, _CLOSE = 1, 6, 7  # groups of _STEP; those between are the scalars:
_KIND = (-1, -1, STRING, STRING, NUMBER, WORD, -1)
_SKIP = Pattern(_BLANK)
_FIELD_NAME = Pattern(r"[A-Za-z_]\w*|\[\s*[\w.\-/%]+\s*\]", re.ASCII)
_STRING = Pattern(r"\"((?:[^\"\\\n]++|\\.)*+)\"|'((?:[^'\\\n]++|\\.)*+)'")
_NUMBER = Pattern(r"[-+]?\s*+(?:\d|\.\d)[\w.+-]*+|[-+]\s*+(?i:inf(?:inity)?|nan)\b", re.ASCII)
_INNER_BLANK = Pattern(r"\s+")
_WORD = Pattern(r"[A-Za-z_]\w*", re.ASCII)
_RAW = Pattern(r"[^\s,;#{}<>\[\]\"']+")
_RAW_PATH = Pattern(r"[^\s,;#{}<>\[\]\"'\\=]*[\\=][^\n#{}<>\"']*")
_GLUED = Pattern(r"[\w.:/\\$%@]")  # what no value may be followed by at once
_CLOSING = {"{": "}", "<": ">"}


def parse(text: str, path: str, descriptor: "MessageType") -> Message:
    """The message of type ``descriptor`` that ``text`` spells; raises InputError, located, where it spells none."""
    parser = _Parser(text.removeprefix("\ufeff"), path)
    return parser.parse(fields_of(descriptor))


_SHARED, _LONGEST_SHARED = 8, 2000
"""How many messages of a type are compared with the next one, and how long they are at most."""


class _Text(NamedTuple):
    """A message whose text, with its brackets, stands at the offset ``at``, so ``depth`` deep, and holds nothing that
    is outside the schema: wherever that text stands so deep, it is that message."""

    text: str
    message: Message
    at: int
    depth: int


class _Parser:
    """One pass over one text; ``opened`` holds the names of the messages open at the moment, with their offsets."""

    def __init__(self, text: str, path: str) -> None:
        self.text = text
        self.source = Source(text, path)
        self.opened: list[tuple[str, int]] = []
        self.unknowns = 0  # fields outside the schema, so far
        self.texts: dict[int, list[_Text]] = {}
        """The messages in layers that were read, by the tables of their fields, the last first."""
        self.fillers = True  # whether an unknown `..._filler` is tried as a FillerParameter

    @property
    def complaints(self) -> "Complaints":
        from initport.formats.caffe.complaints import Complaints

        return Complaints(self.source)

    def parse(self, table: Fields) -> Message:
        return self.body(table, Location(self.source.path, 1, 1), 0, 0, "")[0]

    def body(
        self, table: Fields, where: Location | Source, offset: int, position: int, close: str
    ) -> tuple[Message, int]:
        """The fields up to the bracket ``close`` (where it is empty: to the end), and the offset behind it."""
        into = _Content()
        text, step, source, entries, fields = self.text, _STEP.match, self.source, table.entries, into.fields
        while position >= 0:
            found = step(text, position)
            if found is None:
                position = self.rare(table, into, position, close)
                continue
            group, position = found.lastindex or 0, found.end()
            if group == _CLOSE:
                if found[_CLOSE] != close:
                    raise self.complaints.broken_text(found.start(_CLOSE), _expectation(close), self.opened)
                break
            start = found.start(_NAME)
            entry = entries.get(found[_NAME])
            if entry is None or group == _OPEN:
                at = found.start(group) - (_KIND[group] == STRING)  # the quote belongs to the value
                position = self.value(found[_NAME], start, at, entry, into)
                continue
            try:
                value = Value(entry.convert[_KIND[group]](intern(found[group])), source, start)
            except WrongValueError as error:
                at = found.start(group) - (_KIND[group] == STRING)
                raise self.complaints.wrong(at, entry.name, str(error)) from None
            if entry.repeated:
                fields.setdefault(entry.name, []).append(value)
            elif entry.name in fields:
                raise self.twice(entry, start, into)
            else:
                fields[entry.name] = (value,)
        return into.message(table, where, offset), position

    def rare(self, table: Fields, into: "_Content", position: int, close: str) -> int:
        """Reads a separator or a field that `_STEP` does not match; the offset behind it, or -1 at the end."""
        text, start = self.text, self.skip(position)
        if start == len(text):
            if close:
                raise self.complaints.broken_text(start, _expectation(close), self.opened)
            return -1
        if text[start] in ",;":
            return start + 1
        if (name := _FIELD_NAME.match(text, start)) is None:
            raise self.complaints.broken_text(start, _expectation(close), self.opened)
        at = self.skip(name.end())
        if text.startswith(":", at):
            at = self.skip(at + 1)
        elif not text.startswith(("{", "<", "["), at):
            raise self.complaints.broken_text(at, f"`:` after `{name.group()}`", self.opened)
        return self.value(name.group(), start, at, table.entries.get(name.group()), into)

    def value(self, name: str, start: int, at: int, entry: Field | None, into: "_Content") -> int:
        """Reads the value at offset ``at`` of the field whose name stands at ``start``; the offset behind it."""
        if at == len(self.text):
            raise self.complaints.broken_text(at, f"the value of `{name}`", self.opened)
        if entry is None:
            return self.unknown(name, start, at, into)
        if not entry.repeated and entry.name in into.fields:
            raise self.twice(entry, start, into)
        if not (entry.repeated and self.text[at] == "["):
            return self.known(entry, start, at, into)
        position = self.skip(at + 1)
        while not self.text.startswith("]", position):
            position = self.skip(self.known(entry, position, position, into))
            if self.text.startswith(",", position):
                position = self.skip(position + 1)
            elif not self.text.startswith("]", position):
                raise self.complaints.broken_text(
                    position, f"`,` or `]` in the list `{name}`", [*self.opened, (name, start)]
                )
        return position + 1

    def known(self, entry: Field, start: int, at: int, into: "_Content") -> int:
        """Reads one value of a field of the schema."""
        value: Scalar | Message
        if entry.message is not None and self.text.startswith(("{", "<"), at):
            value, end = self.message(entry.name, fields_of(entry.message), start, at)
        else:
            value, end = self.scalar(entry, at)
        item = Value(value, self.source, start)
        if entry.repeated:
            into.fields.setdefault(entry.name, []).append(item)
        else:
            into.fields[entry.name] = (item,)
        return end

    def scalar(self, entry: Field, at: int) -> tuple["Scalar", int]:
        bodies, end = self.strings(at)
        try:
            if bodies:
                text = unquote(bodies)
                if entry.placeholders:
                    self.reject_placeholder(text, at)
                return entry.convert[STRING](text), end
            if (number := _NUMBER.match(self.text, at)) is not None:
                end = number.end()
                value = entry.convert[NUMBER](_INNER_BLANK.sub("", number.group()))
            elif (word := _WORD.match(self.text, at)) is not None:
                end, value = word.end(), entry.convert[WORD](word.group())
            else:
                raise WrongValueError(entry.expected)
        except WrongValueError as error:
            raise self.complaints.wrong(at, entry.name, str(error)) from None
        if _GLUED.match(self.text, end):
            raise self.complaints.wrong(at, entry.name, entry.expected)
        return value, end

    def reject_placeholder(self, text: str, at: int) -> None:
        from initport.formats.caffe.complaints import placeholder_in

        if placeholder := placeholder_in(text):
            raise self.complaints.template(at, placeholder)

    def strings(self, at: int) -> tuple[list[str], int]:
        """The adjacent string literals at ``at``, without their quotes, and the offset behind the last of them."""
        bodies: list[str] = []
        end = position = at
        while self.text.startswith(('"', "'"), position):
            if (found := _STRING.match(self.text, position)) is None:
                raise self.complaints.unclosed_string(position, self.opened)
            bodies.append(found[1] if found[1] is not None else found[2])
            end = found.end()
            position = self.skip(end)
        return bodies, end

    def message(self, name: str, table: Fields, start: int, at: int) -> tuple[Message, int]:
        """Reads the message whose opening bracket stands at ``at``."""
        if len(self.opened) == MAX_DEPTH:
            raise self.complaints.error(Code.TOO_LARGE, start, f"messages are nested more than {MAX_DEPTH} deep")
        texts = self.texts.setdefault(id(table), []) if self.opened and self.opened[0][0] == "layer" else None
        for known in texts or ():
            if known.depth == len(self.opened) and self.text.startswith(known.text, at):
                message = known.message._replace(offset=start, shift=known.message.shift + at - known.at)
                return message, at + len(known.text)
        unknown = self.unknowns
        self.opened.append((name, start))
        found = self.body(table, self.source, start, at + 1, _CLOSING[self.text[at]])
        self.opened.pop()
        if texts is not None and self.unknowns == unknown and found[1] - at <= _LONGEST_SHARED:
            texts.insert(0, _Text(self.text[at : found[1]], found[0], at, len(self.opened)))
            del texts[_SHARED:]
        return found

    def unknown(self, name: str, start: int, at: int, into: "_Content") -> int:
        """Reads whatever stands as the value of a field outside the schema."""
        self.unknowns += 1
        value: Message | str
        if self.text[at] == "[":
            return self.unknown_list(name, start, at, into)
        if self.text[at] in _CLOSING:
            value, end = self.unknown_message(name, start, at)
        else:
            end = self.raw(name, at)
            value = self.text[at:end]
        into.unknown.append(Unknown(name, self.source.place(start), value))
        return end

    def unknown_message(self, name: str, start: int, at: int) -> tuple[Message, int]:
        if not (self.fillers and name.endswith("filler")):
            return self.message(name, ANYTHING, start, at)
        depth = len(self.opened)
        try:
            return self.message(name, filler_fields(), start, at)
        except InputError as error:
            if error.diagnostic.code is not Code.WRONG_VALUE:
                raise
        del self.opened[depth:]
        self.fillers = False  # inside a filler that is none of Caffe's nothing is a filler: no trial within a trial
        try:
            return self.message(name, ANYTHING, start, at)
        finally:
            self.fillers = True

    def unknown_list(self, name: str, start: int, at: int, into: "_Content") -> int:
        position, before = self.skip(at + 1), len(into.unknown)
        while not self.text.startswith("]", position):
            if position == len(self.text):
                raise self.complaints.broken_text(position, "`]`", [*self.opened, (name, start)])
            if self.text[position] in _CLOSING:
                message, position = self.unknown_message(name, position, position)
                into.unknown.append(Unknown(name, message.location, message))
            else:
                position = position + 1 if self.text[position] == "," else self.raw(name, position)
            position = self.skip(position)
        if len(into.unknown) == before:
            into.unknown.append(Unknown(name, self.source.place(start), self.text[at : position + 1]))
        return position + 1

    def raw(self, name: str, at: int) -> int:
        """The offset behind an unknown field's scalar, which may be what no text format allows, such as a bare path."""
        bodies, end = self.strings(at)
        if bodies:
            return end
        found = _RAW_PATH.match(self.text, at) or _RAW.match(self.text, at)
        if found is None:
            raise self.complaints.broken_text(at, f"the value of `{name}`", self.opened)
        return at + len(found.group().rstrip())

    def skip(self, position: int) -> int:
        found = _SKIP.match(self.text, position)
        assert found is not None, "blanks may be empty"
        return found.end()

    def twice(self, entry: Field, start: int, into: "_Content") -> InputError:
        first = into.fields[entry.name][0].location.line
        detail = f"`{entry.name}` is given twice, in line {first} and here; Caffe refuses that, so keep one of them"
        return self.complaints.repetition(start, detail)


class _Content:
    """What has been read of one message; a repeated field's values are a list until the message is complete."""

    __slots__ = ("fields", "unknown")

    def __init__(self) -> None:
        self.fields: dict[str, Any] = {}
        self.unknown: list[Unknown] = []

    def message(self, table: Fields, where: Location | Source, offset: int) -> Message:
        fields = self.fields
        for name, values in fields.items():
            if type(values) is list:
                fields[name] = tuple(values)
        return Message(table.descriptor, where, fields, tuple(self.unknown), offset)


def _expectation(close: str) -> str:
    return f"a field name or `{close}`" if close else "a field name"
