"""Grammar files, found, read and checked once a process."""

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
    _add_synonyms(initializers, grammar, version)
    layers = {name: layer for name, rows in grammar.layers.items() if (layer := _current(rows, version)) is not None}
    _add_synonyms(layers, grammar, version)
    fans = tuple(rule for rule in grammar.fans if within(version, rule.versions))
    return Vocabulary(grammar.framework, initializers, layers, fans, grammar)


@cache
def _grammar(framework: str) -> Grammar:
    name = f"{framework}.yaml"
    return read_grammar(grammar_file(name).read_text(encoding="utf-8"), name)


def _add_synonyms(rows: dict[str, Any], grammar: Grammar, version: Version | None) -> None:
    """Offer the rows of each module under its synonyms too; a row of that very name stands."""
    for module, synonyms in grammar.modules.items():
        members = [(name.removeprefix(module), row) for name, row in rows.items() if name.startswith(f"{module}.")]
        for synonym in synonyms:
            if within(version, synonym.versions):
                for member, row in members:
                    rows.setdefault(f"{synonym.name}{member}", row)


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
