"""Which versions of its packages a source shows by the names that it takes from them, as only some versions have these.

Names count where they are code, under a name that stands for the package alone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from initport.grammar import registry
from initport.grammar.load import vocabulary
from initport.grammar.rows import Mark
from initport.grammar.version import Range
from initport.grammar.versions import Evidence
from initport.lexis import code

_IMPORT = re.compile(
    r"^[^\S\n]*(?:import[^\S\n]+(?P<module>[\w.]+)(?:[^\S\n]+as[^\S\n]+(?P<alias>\w+))?"
    r"|from[^\S\n]+(?P<home>[\w.]+)[^\S\n]+import[^\S\n]*\(?(?P<names>[^)\n]*))",
    re.MULTILINE,
)


def evidence(content: str, where: str = "") -> Mapping[str, Evidence]:
    """What the names of a text show of each package; nothing of those that it shows nothing of. ``where`` is what the
    text is called where that needs to be told."""
    found: dict[str, Evidence] = {}
    for package, marks in _marks().items():
        if package not in content:
            continue
        shown = dict(_shown_ranges(content, package, marks))
        if shown:
            names = " and ".join(f"`{name}`" for name in shown.values())
            clauses = tuple((versions,) for versions in shown)
            found[package] = Evidence(Range(clauses), f"{names}{where and f' in {where}'}")
    return found


def _shown_ranges(content: str, package: str, marks: Sequence[Mark]) -> Iterator[tuple[str, str]]:
    """The ranges that are shown, each with the first name that does."""
    imported = list(_import_paths(content, package))
    aliases = {alias for path, alias in imported if not path and alias}
    begun = {start: path for path, _ in reversed(imported) for start in _starts(path)}
    for mark in marks:
        name = _first([begun[name] for name in mark.names if name in begun], imported)
        name = name or next(_attribute_paths(content, aliases, mark.names), None)
        if name is not None:
            yield mark.versions, f"{package}.{name}"
        elif imported and (word := next(_words(content, mark.words), None)) is not None:
            yield mark.versions, word


def _import_paths(content: str, package: str) -> Iterator[tuple[str, str]]:
    """What is imported of a package, as a path in it, and the name that stands for that; the package itself only where
    the name stands for nothing else."""
    imports = {
        found.start(): found
        for found in _IMPORT.finditer(content)
        if (found["module"] or found["home"]).partition(".")[0] == package
    }
    for at in code(content, imports):
        found = imports[at]
        root, _, path = (found["module"] or found["home"]).partition(".")
        if found["home"]:
            for part in re.findall(r"(\w+)(?:\s+as\s+(\w+))?", found["names"]):
                yield ".".join(filter(None, (path, part[0]))), part[1] or part[0]
        else:
            alias = found["alias"] or ("" if path else root)
            alone = not path and len(re.findall(rf"\bas\s+{alias}\b|^\s*{alias}\s*=(?!=)", content, re.MULTILINE))
            yield path, alias if path or alone <= bool(found["alias"]) else ""


def _starts(path: str) -> Iterator[str]:
    """A path, and the modules that it leads through."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _first(paths: Sequence[str], imported: Sequence[tuple[str, str]]) -> str | None:
    """The path that is imported first."""
    return min(paths, key=[path for path, _ in imported].index) if paths else None


def _attribute_paths(content: str, aliases: set[str], names: Sequence[str]) -> Iterator[str]:
    """The names that are taken from the package by an attribute, in order."""
    if aliases and names:
        used = {found.start(): found[1] for found in _attribute(frozenset(aliases), tuple(names)).finditer(content)}
        yield from (used[at] for at in code(content, used))


def _words(content: str, words: Sequence[str]) -> Iterator[str]:
    """The words that stand in the code, in order."""
    if words:
        used = {found.start(): found[0] for found in re.finditer(rf"\b(?:{'|'.join(words)})\b", content)}
        yield from (used[at] for at in code(content, used))


@cache
def _attribute(aliases: frozenset[str], names: tuple[str, ...]) -> re.Pattern[str]:
    paths = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"(?<![\w.])(?:{'|'.join(sorted(aliases))})\.({paths})\b")


@cache
def _marks() -> Mapping[str, Sequence[Mark]]:
    """By package."""
    found: dict[str, list[Mark]] = {}
    for name, head in registry.source_grammars().items():
        found.setdefault(head.package, []).extend(vocabulary(name).grammar.marks)
    return {package: marks for package, marks in found.items() if marks}
