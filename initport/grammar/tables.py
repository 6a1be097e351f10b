"""The rows of a grammar by name, each read when it is asked for, and those of them that hold for a version."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Protocol, TypeVar

from initport.grammar.bundle import Packaged
from initport.grammar.record import reader
from initport.grammar.text import Text
from initport.grammar.version import Version, within

Source = Text | Packaged
"""A grammar file."""

Key = TypeVar("Key", bound=str)
Value = TypeVar("Value")


class Table(Mapping[Key, Value]):
    """The rows of a section, of type Mapping[Key, Value], of one grammar file, or of several: the last that has a row
    decides.

    Raises GrammarError, naming the file and the key, when a row that is broken is asked for."""

    def __init__(self, section: str, key: type[Key], value: object, texts: Sequence[Source]) -> None:
        self._section, self._key, self._value, self._texts = section, key, value, texts
        self._homes = {reader(key)(row, f"{text.name}.{section}"): text for text in texts for row in text.rows(section)}
        self._rows: dict[Key, Value] = {}

    def __getitem__(self, name: Key) -> Value:
        if name not in self._rows:
            text = self._homes[name]
            data, where = text.row(self._section, name), f"{text.name}.{self._section}.{name}"
            self._rows[name] = reader(self._value)(data, where)
        return self._rows[name]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def based_on(self, base: "Table[Key, Value]") -> "Table[Key, Value]":
        """The rows of both; where both have rows for a name, those of this one."""
        return Table(self._section, self._key, self._value, (*base._texts, *self._texts))

    def read_all(self) -> None:
        """Parse at once what is not parsed yet."""
        for text in self._texts:
            text.read_all()

    def mentioning(self, word: str) -> list[Key]:
        """The rows that can have this among their names, in order."""
        found = {(text, row) for text in self._texts for row in text.mentioning(self._section, word)}
        return [row for row, text in self._homes.items() if (text, row) in found]


class _Variant(Protocol):
    @property
    def versions(self) -> str: ...

    @property
    def aliases(self) -> Sequence[str]: ...


class _Synonym(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def versions(self) -> str: ...


Row = TypeVar("Row", bound=_Variant)


class Current(Mapping[str, tuple[Row, ...]]):
    """The rows of a table that hold for a version, by their names, aliases and the synonyms of their modules.

    Only the rows that a name can mean are read for it; all of them are, where the names are gone through."""

    def __init__(
        self, table: Table[str, Sequence[Row]], modules: Mapping[str, Sequence[_Synonym]], version: Version | None
    ) -> None:
        self._table, self._version = table, version
        self._modules = [
            (f"{module}.", [f"{synonym.name}." for synonym in synonyms if within(version, synonym.versions)])
            for module, synonyms in modules.items()
        ]
        self._found: dict[str, tuple[Row, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Row, ...]:
        if name not in self._found:
            self._found[name] = self._find(name, len(self._modules))
        if not self._found[name]:
            raise KeyError(name)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def _find(self, name: str, modules: int) -> tuple[Row, ...]:
        """The rows of a name, which the first so many modules may have under a synonym; none where it means nothing."""
        for row in reversed(self._table.mentioning(name)):
            current = self._holding(row)
            if current and (name == row or name in current[0].aliases):
                return current
        for index, (module, synonyms) in enumerate(self._modules[:modules]):
            for synonym in synonyms:
                found = self._find(module + name.removeprefix(synonym), index) if name.startswith(synonym) else ()
                if found:
                    return found
        return ()

    @cached_property
    def _all(self) -> dict[str, tuple[Row, ...]]:
        """All names; a row of that very name stands before a synonym, and a later row before an earlier one's alias."""
        self._table.read_all()
        found: dict[str, tuple[Row, ...]] = {}
        for name in self._table:
            current = self._holding(name)
            if current:
                found.update(dict.fromkeys((name, *current[0].aliases), current))
        for module, synonyms in self._modules:
            members = [(name.removeprefix(module), rows) for name, rows in found.items() if name.startswith(module)]
            for synonym in synonyms:
                for member, rows in members:
                    found.setdefault(synonym + member, rows)
        self._found = dict(found)
        return found

    def _holding(self, row: str) -> tuple[Row, ...]:
        return tuple(variant for variant in self._table[row] if within(self._version, variant.versions))


class First(Mapping[str, Row]):
    """The first, mostly only, of the rows that each name has."""

    def __init__(self, rows: Mapping[str, tuple[Row, ...]]) -> None:
        self._rows = rows

    def __getitem__(self, name: str) -> Row:
        return self._rows[name][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
