"""Grammar files, found, read and checked once a process."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Protocol, TypeVar

from initport.grammar.files import grammar_file
from initport.grammar.meaning import Vocabulary
from initport.grammar.rows import Grammar, GrammarError, read_row
from initport.grammar.versions import Version, within


class _Named(Protocol):
    @property
    def versions(self) -> str: ...

    @property
    def aliases(self) -> list[str]: ...


Row = TypeVar("Row", bound=_Named)


@cache
def vocabulary(framework: str, version: Version | None = None) -> Vocabulary:
    """The vocabulary of a framework (the name of a grammar file) in a version; None is the newest.

    Raises GrammarError naming the file and key.
    """
    grammar = _grammar(framework)
    initializers = _by_name(grammar.initializers, grammar, version)
    layers = _by_name(grammar.layers, grammar, version)
    fans = tuple(rule for rule in grammar.fans if within(version, rule.versions))
    return Vocabulary(grammar.framework, initializers, layers, fans, grammar)


@cache
def _grammar(framework: str) -> Grammar:
    name = f"{framework}.yaml"
    return read_grammar(grammar_file(name).read_text(encoding="utf-8"), name)


def _by_name(rows: Mapping[str, Iterable[Row]], grammar: Grammar, version: Version | None) -> dict[str, Row]:
    """The rows that hold for the version, by their names, aliases and the synonyms of their modules."""
    current = {name: row for name, variants in rows.items() if (row := _current(variants, version)) is not None}
    found = {alias: row for name, row in current.items() for alias in (name, *row.aliases)}
    _add_synonyms(found, grammar, version)
    return found


def _add_synonyms(rows: dict[str, Row], grammar: Grammar, version: Version | None) -> None:
    """Offer the rows of each module under its synonyms too; a row of that very name stands."""
    for module, synonyms in grammar.modules.items():
        members = [(name.removeprefix(module), row) for name, row in rows.items() if name.startswith(f"{module}.")]
        for synonym in synonyms:
            if within(version, synonym.versions):
                for member, row in members:
                    rows.setdefault(f"{synonym.name}{member}", row)


def _current(rows: Iterable[Row], version: Version | None) -> Row | None:
    """The row that holds for the version; rows of one name exclude each other."""
    return next((row for row in rows if within(version, row.versions)), None)


def read_grammar(text: str, name: str) -> Grammar:
    """Raises GrammarError naming the file and line, or the file and key."""
    return read_row(Grammar, read_yaml(text, name), name)


def read_yaml(text: str, name: str) -> object:
    """Plain data. Raises GrammarError naming the file and line."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise GrammarError(name, str(error)) from error
