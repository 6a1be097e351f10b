"""A grammar as a wheel carries it (see hatch_build.py): plain data that were parsed when the wheel was built."""

from collections.abc import Collection, Mapping
from typing import Any


class Packaged:
    """What `text.Text` tells of a grammar file, out of its data."""

    def __init__(self, data: Mapping[str, Any], name: str, tables: Collection[str]) -> None:
        self.name = name
        self.head = {section: {} if section in tables else found for section, found in data.items()}
        self._data = data

    def rows(self, section: str) -> list[Any]:
        """The names of a table's rows."""
        return list(self._data.get(section, ()))

    def row(self, section: str, row: str) -> Any:
        """The plain data of a row."""
        return self._data[section][row]

    def read_all(self) -> None:
        """Nothing is left to parse."""

    def mentioning(self, section: str, word: str) -> list[Any]:
        """The rows of a table that have the word among their names."""
        return [row for row, data in self._data.get(section, {}).items() if row == word or word in _aliases(data)]


def _aliases(data: Any) -> list[Any]:
    variants = data if isinstance(data, list) else [data]
    return [alias for variant in variants for alias in variant.get("aliases", ())]
