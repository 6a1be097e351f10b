"""The rows of a grammar by name, each read when it is asked for, and those of them that hold for a version."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol, TypeVar

from initport.grammar.errors import GrammarError
from initport.grammar.record import reader
from initport.grammar.version import Version, within

Key = TypeVar("Key", bound=str)
Value = TypeVar("Value")


class Source:
    """The plain data of a grammar file. Raises GrammarError where they is not a mapping."""

    def __init__(self, data: Any, name: str) -> None:
        if not isinstance(data, dict):
            raise GrammarError(name, f"a mapping is expected, not {data!r}")
        self.name, self.data = name, data
        self._asked: dict[str, int] = {}
        self._mentioning: dict[str, dict[Any, list[Any]]] = {}

    def rows(self, section: str) -> Mapping[Any, Any]:
        """The plain data of a table's rows by their names. Raises GrammarError for a section that is not a mapping."""
        found = self.data.get(section, {})
        if not isinstance(found, dict):
            raise GrammarError(f"{self.name}.{section}", f"a mapping is expected, not {found!r}")
        return found

    def mentioning(self, section: str, word: str) -> list[Any]:
        """The rows of a table that have the word among their names."""
        if section not in self._mentioning:
            self._asked[section] = self._asked.get(section, 0) + 1
            if self._asked[section] <= _FEW:
                return [row for row, data in self.rows(section).items() if row == word or word in _aliases(data)]
            found: dict[Any, dict[Any, None]] = {}
            for row, data in self.rows(section).items():
                for name in (name for name in (row, *_aliases(data)) if isinstance(name, str)):
                    found.setdefault(name, {})[row] = None
            self._mentioning[section] = {name: list(rows) for name, rows in found.items()}
        return self._mentioning[section].get(word, [])


_FEW = 8
"""Names that are looked for in less time than it takes to sort all names of a table."""


def _aliases(data: Any) -> list[Any]:
    variants = data if isinstance(data, list) else [data]
    return [alias for variant in variants for alias in variant.get("aliases", ())]


class Table(Mapping[Key, Value]):
    """The rows of a section, of type Mapping[Key, Value], of one grammar file, or of several: the last that has a row
    decides.

    Raises GrammarError, naming the file and the key, when a row that is broken is asked for."""

    def __init__(self, section: str, key: type[Key], value: object, files: Sequence[Source]) -> None:
        self._section, self._key, self._value, self._files = section, key, value, files
        self._homes = {reader(key)(row, f"{file.name}.{section}"): file for file in files for row in file.rows(section)}
        self._rows: dict[Key, Value] = {}

    def __getitem__(self, name: Key) -> Value:
        if name not in self._rows:
            file = self._homes[name]
            data, where = file.rows(self._section)[name], f"{file.name}.{self._section}.{name}"
            self._rows[name] = reader(self._value)(data, where)
        return self._rows[name]

    def __iter__(self) -> Iterator[Key]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)

    def based_on(self, base: "Table[Key, Value]") -> "Table[Key, Value]":
        """The rows of both; where both have rows for a name, those of this one."""
        return Table(self._section, self._key, self._value, (*base._files, *self._files))

    def mentioning(self, word: str) -> list[Key]:
        """The rows that can have this among their names, in order."""
        found = {(file, row) for file in self._files for row in file.mentioning(self._section, word)}
        return [row for row, file in self._homes.items() if (file, row) in found]


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
            current = self._rows_within(row)
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
        found: dict[str, tuple[Row, ...]] = {}
        for name in self._table:
            current = self._rows_within(name)
            if current:
                found.update(dict.fromkeys((name, *current[0].aliases), current))
        for module, synonyms in self._modules:
            members = [(name.removeprefix(module), rows) for name, rows in found.items() if name.startswith(module)]
            for synonym in synonyms:
                for member, rows in members:
                    found.setdefault(synonym + member, rows)
        self._found = dict(found)
        return found

    def _rows_within(self, row: str) -> tuple[Row, ...]:
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
