"""Which versions of its packages a source shows by the names that it takes from them, as only some versions have these.

Names count where they are code, under a name that stands for the package alone.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from itertools import chain

from initport.grammar import registry
from initport.grammar.load import vocabulary
from initport.grammar.rows import Mark
from initport.grammar.version import Range
from initport.grammar.versions import Evidence
from initport.lexis import code
from initport.python.reachable import Imports, imports
from initport.python.text import Text
from initport.python.triggers import import_words

_NAME = re.compile(r"(\w+)(?:\s+as\s+(\w+))?")


@lru_cache(maxsize=2)
def evidence(content: str, where: str = "") -> Mapping[str, Evidence]:
    """What the names of a text show of each package; nothing of those that it shows nothing of. ``where`` is what the
    text is called where that is needed."""
    found: dict[str, Evidence] = {}
    imported = import_words(content.encode(errors="surrogatepass"))
    known = imports(Text(content))
    for package in dict.fromkeys(head.package for head in registry.source_grammars().values()):
        may_show = package.encode() in imported and (not known.is_complete or _may_show(package, known))
        shown = dict(_shown_ranges(content, package)) if may_show else {}
        if shown:
            names = " and ".join(f"`{name}`" for name in shown.values())
            clauses = tuple((versions,) for versions in shown)
            found[package] = Evidence(Range(clauses), f"{names}{where and f' in {where}'}")
    return found


def _may_show(package: str, known: Imports) -> bool:
    """Whether imports bring the package, or what is in a part of it whose names show something."""
    wanted = _first_parts(package)
    paths = chain(known.modules, *known.paths.values())
    starting = (path.split(".", 2) for path in paths if path.startswith(package))
    return any(first == package and (not rest or wanted is None or rest[0] in wanted) for first, *rest in starting)


def _shown_ranges(content: str, package: str) -> Iterator[tuple[str, str]]:
    """The ranges that are shown, each with the first name that does."""
    marks = _marks(package)
    imported = list(_import_paths(content, package, _names_of_marks(package))) if marks else []
    aliases = {alias for path, alias in imported if not path and alias}
    begun = {start: path for path, _ in reversed(imported) for start in _starts(path)}
    for mark in marks:
        name = _first([begun[name] for name in mark.names if name in begun], imported)
        name = name or next(_attribute_paths(content, aliases, mark.names), None)
        if name is not None:
            yield mark.versions, f"{package}.{name}"
        elif imported and (word := next(_words(content, mark.words), None)) is not None:
            yield mark.versions, word


@cache
def _names_of_marks(package: str) -> frozenset[str] | None:
    """The names that show something of a package; None where what is imported beside them does, too."""
    marks = _marks(package)
    return None if any(mark.words for mark in marks) else frozenset(name for mark in marks for name in mark.names)


@cache
def _first_parts(package: str) -> frozenset[str] | None:
    wanted = _names_of_marks(package)
    return None if wanted is None else frozenset(name.partition(".")[0] for name in wanted)


def _import_paths(content: str, package: str, wanted: Collection[str] | None) -> Iterator[tuple[str, str]]:
    """What is imported of a package, as a path in it, and the name that stands for that; the package itself only where
    the name stands for nothing else, and of all else the paths that begin with one that is ``wanted`` (None: all)."""
    imports = {}
    first_parts = _first_parts(package)
    count = cache(partial(_count_bindings, content))
    for found in sorted(chain(*(item.finditer(content) for item in _imports(package))), key=re.Match.start):
        first = found["module"].partition(".")[2].partition(".")[0]
        if first and first_parts is not None and first not in first_parts:
            continue
        if _starts_line(content, found.start()):
            paths = _paths_of(found, count)
            counting = [
                (path, alias)
                for path, alias in paths
                if wanted is None or (alias and not path) or _begins(path, wanted)
            ]
            if counting:
                imports[found.start()] = counting
    for at in code(content, imports):
        yield from imports[at]


@cache
def _imports(package: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Both begin with a plain word, by which they are looked for quickest."""
    path = rf"{package}(?:\.[\w.]*+)?+(?!\w)"
    return (
        re.compile(rf"import[^\S\n]+(?P<module>{path})(?:[^\S\n]+as[^\S\n]+(?P<alias>\w+))?"),
        re.compile(rf"from[^\S\n]+(?P<module>{path})[^\S\n]+import[^\S\n]*\(?(?P<names>[^)\n]*)"),
    )


def _paths_of(found: re.Match[str], count: Callable[[str], int]) -> list[tuple[str, str]]:
    """The paths and names of an import; ``count`` says how often a name is given to something."""
    root, _, path = found["module"].partition(".")
    parts = found.groupdict()
    if "names" in parts:
        return [(f"{path}.{name}" if path else name, alias or name) for name, alias in _NAME.findall(parts["names"])]
    alias = parts["alias"] or ("" if path else root)
    alone = bool(path) or count(alias) <= bool(parts["alias"])
    return [(path, alias if alone else "")]


def _count_bindings(content: str, name: str) -> int:
    """How often a name is given to something."""
    given = (_starts_line(content, found.start()) for found in re.finditer(rf"{name}\s*=(?!=)", content))
    return len(re.findall(rf"as(?<!\was)\s+{name}\b", content)) + sum(given)


def _starts_line(content: str, at: int) -> bool:
    while at and content[at - 1] != "\n" and content[at - 1].isspace():
        at -= 1
    return at == 0 or content[at - 1] == "\n"


def _begins(path: str, wanted: Collection[str]) -> bool:
    return any(start in wanted for start in _starts(path))


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
    found = chain(*(_attribute(alias, tuple(names)).finditer(content) for alias in aliases if names))
    used = {item.start(): item[1] for item in sorted(found, key=re.Match.start)}
    yield from (used[at] for at in code(content, used))


def _words(content: str, words: Sequence[str]) -> Iterator[str]:
    """The words that stand in the code, in order."""
    if words:
        used = {found.start(): found[0] for found in re.finditer(rf"\b(?:{'|'.join(words)})\b", content)}
        yield from (used[at] for at in code(content, used))


@cache
def _attribute(alias: str, names: tuple[str, ...]) -> re.Pattern[str]:
    paths = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    return re.compile(rf"{alias}(?<![\w.]{alias})\.({paths})\b")


@cache
def _marks(package: str) -> Sequence[Mark]:
    grammars = (name for name, head in registry.source_grammars().items() if head.package == package)
    return [mark for name in grammars for mark in vocabulary(name).grammar.marks]
