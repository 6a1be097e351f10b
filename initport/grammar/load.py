"""Grammar files, found, read and checked once a process."""

from collections.abc import Mapping
from functools import cache
from typing import Any, get_args

from initport.grammar.files import read, read_yaml
from initport.grammar.meaning import Vocabulary
from initport.grammar.record import read_row
from initport.grammar.row_tables import Current, First, Source, Table
from initport.grammar.rows import Grammar
from initport.grammar.version import Version, within

_TABLES: Mapping[str, tuple[Any, Any]] = {
    section: get_args(kind)
    for section, kind in Grammar.__annotations__.items()
    if getattr(kind, "__origin__", None) is Table
}
"""The sections that are tables, and the types of their rows' names and of their rows."""


@cache
def vocabulary(framework: str, version: Version | None = None) -> Vocabulary:
    """The vocabulary of a framework (the name of a grammar file) in a version; None is the newest.

    Raises GrammarError naming the file and key: at once, or when a row that is broken is asked for.
    """
    grammar = _grammar(framework)
    initializers = First(Current(grammar.initializers, grammar.modules, version))
    variants = Current(grammar.layers, grammar.modules, version)
    fans = tuple(rule for rule in grammar.fans if within(version, rule.versions))
    now = grammar._replace(
        repeats=[item for item in grammar.repeats if within(version, item.versions)],
        advances=[item for item in grammar.advances if within(version, item.versions)],
    )
    operations = Current(grammar.operations, grammar.modules, version)
    return Vocabulary(grammar.framework, initializers, variants, fans, now, operations)


@cache
def _grammar(framework: str) -> Grammar:
    grammar = _read(Source(read(framework), f"{framework}.yaml"))
    return grammar if grammar.base is None else _merge(_grammar(grammar.base), grammar)


def _merge(base: Grammar, own: Grammar) -> Grammar:
    """What both state; where both have rows for a name, or a section that is not a table, that of ``own``."""

    def merge_section(section: str) -> Any:
        mine, theirs = getattr(own, section), getattr(base, section)
        return mine.based_on(theirs) if section in _TABLES else mine or theirs

    return Grammar(**{section: merge_section(section) for section in Grammar._fields})


def read_grammar(text: str, name: str) -> Grammar:
    """The grammar, of whose tables each row is read when it is asked for.

    Raises GrammarError naming the file and line, or the file and key.
    """
    return _read(Source(read_yaml(text, name), name))


def _read(source: Source) -> Grammar:
    tables: dict[str, Any] = {
        section: Table(section, key, value, [source]) for section, (key, value) in _TABLES.items()
    }
    return read_row(Grammar, source.data | tables, source.name)
