"""Grammar files, found, read and checked once a process."""

import dataclasses
from collections.abc import Iterable
from functools import cache
from typing import Any, Protocol, TypeVar

from initport.grammar.files import grammar_file
from initport.grammar.meaning import Vocabulary
from initport.grammar.rows import Grammar, GrammarError, read_row
from initport.grammar.versions import Version, within


@cache
def vocabulary(framework: str, version: Version | None = None) -> Vocabulary:
    """The vocabulary of a framework (the name of a grammar file) in a version; None is the newest.

    Raises GrammarError naming the file and key.
    """
    grammar = _grammar(framework)
    initializers = {}
    for name, rows in grammar.initializers.items():
        function = _current(rows, version)
        if function is not None:
            initializers.update(dict.fromkeys((name, *function.aliases), function))
    variants = {
        name: current
        for name, rows in grammar.layers.items()
        if (current := tuple(row for row in rows if within(version, row.versions)))
    }
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


class _Versioned(Protocol):
    @property
    def versions(self) -> str: ...


Row = TypeVar("Row", bound=_Versioned)


def _current(rows: Iterable[Row], version: Version | None) -> Row | None:
    """The row that holds for the version; rows of one name exclude each other."""
    return next((row for row in rows if within(version, row.versions)), None)


def read_grammar(text: str, name: str) -> Grammar:
    """Raises GrammarError naming the file and line, or the file and key."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        data = yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise GrammarError(name, str(error)) from error
    return read_row(Grammar, data, name)
