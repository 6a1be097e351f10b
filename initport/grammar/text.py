"""A grammar file as text, of which only the rows that are asked for are parsed.

A command needs a few of a file's rows, and YAML takes its time. So the text is cut, by indentation alone, at the keys
of its sections, and in the sections that are tables at the keys of their rows, two blanks in. What is asked for is
parsed as the file in which all other rows are blank lines; rows that define an anchor which it names stay.
"""

import re
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import Any

from initport.grammar.record import GrammarError

Place = tuple[str, str | None]
"""A section and a row of it; None is the section without its rows."""

_ANCHORS = re.compile(r"([&*])([\w-]+)")
_WORD = re.compile(r"[\w.]+")


class Text:
    """A grammar file whose sections in ``tables`` hold rows by name. Raises GrammarError where the text is no YAML."""

    def __init__(self, text: str, name: str, tables: Collection[str]) -> None:
        self.name = name
        self._text = text
        self._blocks = _cut(text, name, tables)
        self._found: dict[Place, Any] = {}

    @cached_property
    def head(self) -> dict[str, Any]:
        """All but the rows that stand on lines of their own."""
        data = self._parse([place for place in self._blocks if place[1] is None])
        if not isinstance(data, dict):
            raise GrammarError(self.name, f"a mapping is expected, not {data!r}")
        cut = {section for section, row in self._blocks if row is not None}
        return {section: {} if section in cut else found for section, found in data.items()}

    def rows(self, section: str) -> list[Any]:
        """The names of a table's rows; those on lines of their own are not parsed."""
        cut = [row for place, row in self._blocks if place == section and row is not None]
        if cut:
            return cut
        data = self.head.get(section, {})
        if not isinstance(data, dict):
            raise GrammarError(f"{self.name}.{section}", f"a mapping is expected, not {data!r}")
        return list(data)

    def row(self, section: str, row: str) -> Any:
        """The plain data of a row. Raises GrammarError naming the file and line."""
        place = (section, row)
        if place not in self._blocks:
            return self.head[section][row]
        if place not in self._found:
            self._parse([place])
        return self._found[place]

    def read_all(self) -> None:
        """Parse at once what is not parsed yet."""
        self._parse([place for place in self._blocks if place not in self._found])

    def mentioning(self, section: str, word: str) -> list[Any]:
        """The rows of a table in whose own lines a word occurs."""
        if word not in self._text:
            return []
        blocks = ((row, self._blocks.get((section, row), word)) for row in self.rows(section))
        return [row for row, block in blocks if word in block and word in _WORD.findall(block)]

    def _parse(self, places: Iterable[Place]) -> Any:
        wanted = self._closure(places)
        kept = wanted | {(section, None) for section, _ in wanted}
        lines = (block if place in kept else "\n" * block.count("\n") for place, block in self._blocks.items())
        data = read_yaml("".join(lines), self.name)
        for section, row in wanted:
            if row is not None:
                self._found[section, row] = _value(data, section, row, self.name)
        return data

    def _closure(self, places: Iterable[Place]) -> set[Place]:
        """With these places, all that they refer to."""
        found: set[Place] = set()
        waiting = list(places)
        while waiting:
            place = waiting.pop()
            if place not in found:
                found.add(place)
                waiting += self._references.get(place, ())
        return found

    @cached_property
    def _references(self) -> dict[Place, list[Place]]:
        """The places of the anchors that a place names."""
        defined: dict[str, list[Place]] = {}
        named: dict[Place, list[str]] = {}
        for place, block in self._blocks.items():
            for sign, anchor in _ANCHORS.findall(block):
                if sign == "&":
                    defined.setdefault(anchor, []).append(place)
                else:
                    named.setdefault(place, []).append(anchor)
        return {
            place: [home for anchor in anchors for home in defined.get(anchor, ())] for place, anchors in named.items()
        }


def _cut(text: str, name: str, tables: Collection[str]) -> dict[Place, str]:
    """The lines of each place; comments belong to what stands before them."""
    place: Place = ("", None)
    blocks: dict[Place, list[str]] = {place: []}
    table = False
    for line in text.split("\n"):
        key, _, rest = line.partition(":")
        section, row = line[:1] not in ("", " ", "#"), table and line[:2] == "  " and line[2:3] not in ("", " ", "#")
        if section or row:
            table = row or (key in tables and not rest.strip())
            place = (place[0], key.strip()) if row else (key, None)
            if place in blocks:
                raise GrammarError(".".join(part for part in (name, *place) if part), "the key stands there twice")
        blocks.setdefault(place, []).append(f"{line}\n")
    return {place: "".join(lines) for place, lines in blocks.items()}


def _value(data: Any, section: str, row: str, name: str) -> Any:
    try:
        return data[section][row]
    except (KeyError, TypeError) as error:
        raise GrammarError(f"{name}.{section}", f"{row!r} is no plain name of a row") from error


def read_yaml(text: str, name: str) -> object:
    """Plain data. Raises GrammarError naming the file and line."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise GrammarError(name, str(error)) from error
