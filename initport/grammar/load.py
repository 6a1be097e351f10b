"""Grammar files, found, read and checked once a process."""

import dataclasses
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
    initializers = {name: rows[0] for name, rows in _by_name(grammar.initializers, grammar, version).items()}
    variants = _by_name(grammar.layers, grammar, version)
    fans = tuple(rule for rule in grammar.fans if within(version, rule.versions))
    return Vocabulary(grammar.framework, initializers, variants, fans, grammar)


@cache
def _grammar(framework: str) -> Grammar:
    name = f"{framework}.yaml"
    grammar = read_grammar(grammar_file(name).read_text(encoding="utf-8"), name)
    return grammar if grammar.base is None else _merged(_grammar(grammar.base), grammar)


def _merged(base: Grammar, own: Grammar) -> Grammar:
    """The rows of both; where both have rows for a name, or fan rules, those of ``own``."""
    changes: dict[str, Any] = {}
    for item in dataclasses.fields(Grammar):
        mine, theirs = getattr(own, item.name), getattr(base, item.name)
        changes[item.name] = {**theirs, **mine} if isinstance(mine, dict) else mine or theirs
    return Grammar(**changes)


def _by_name(
    rows: Mapping[str, Iterable[Row]], grammar: Grammar, version: Version | None
) -> dict[str, tuple[Row, ...]]:
    """The rows that hold for the version, by their names, aliases and the synonyms of their modules."""
    found: dict[str, tuple[Row, ...]] = {}
    for name, variants in rows.items():
        current = tuple(row for row in variants if within(version, row.versions))
        if current:
            found.update(dict.fromkeys((name, *current[0].aliases), current))
    _add_synonyms(found, grammar, version)
    return found


def _add_synonyms(rows: dict[str, tuple[Row, ...]], grammar: Grammar, version: Version | None) -> None:
    """Offer the rows of each module under its synonyms too; a row of that very name stands."""
    for module, synonyms in grammar.modules.items():
        members = [(name.removeprefix(module), row) for name, row in rows.items() if name.startswith(f"{module}.")]
        for synonym in synonyms:
            if within(version, synonym.versions):
                for member, row in members:
                    rows.setdefault(f"{synonym.name}{member}", row)


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
