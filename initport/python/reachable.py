"""Which paths of packages a text can reach at all, by its words alone: of most texts that is none, and no parser is
needed to show it.

A name stands for something of a package because a statement imports it, or because it was given what such a name stands
for. So all that is reached begins with a name that is imported, and with the attributes that are written behind it.
Anything may be reached where one stands alone, as what other names may be given, where an import is written in an
unusual way, or where there is none, as in a part of a text. What is in strings and comments, and in the imports
themselves, reaches nothing.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from heapq import merge

from initport.lexis import code, is_code
from initport.python.scope import CUSTOMARY
from initport.python.text import Text

UNKNOWN = "?"
"""What is reached where that is not known."""

ASIDE = r"(?:[\s\\]|#[^\n]*+\n)"
"""A pattern of what may stand between two words of code, and means nothing."""

_IMPORT = re.compile(
    r"[ \t]*+(?:from[ \t]+(?P<module>[.\w]+)[ \t]+)?+(?P<word>import\b)[ \t]*+"
    r"(?:\((?P<several>(?:[^()#\"']|\#[^\n\"']*)*+)\)|(?P<names>(?!\()[^\n;#\\]*+))[ \t\r]*+(?=[\n;#]|\Z)"
)
"""A statement that imports, at the start of a line and in a usual form."""

_NAME = re.compile(r"\s*+([\w.]++)(?:\s++as\s++(\w++))?+\s*+", re.ASCII)
_ODD_END = re.compile(r"\r(?!\n)")
_COMMENT = re.compile(r"#[^\n]*+")
_WORD = re.compile(r"\w++")
_ATTRIBUTES = re.compile(r"(?:\s*+\.\s*+[^\W\d]\w*+)*+")


@dataclass(frozen=True)
class Imports:
    """The imports of a text: ``paths`` by the names that they give, ``modules`` of which they bring all names, and the
    ``spans`` of the statements by their starts, in order. ``is_complete`` is whether there are no others."""

    paths: Mapping[str, set[str]] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    spans: list[tuple[int, int]] = field(default_factory=list)
    is_complete: bool = True


def within_reach(text: Text, wanted: frozenset[str]) -> Iterator[str]:
    """Those of the wanted paths that the text may reach, some perhaps several times; UNKNOWN where one may be reached
    and it is not known which."""
    if not wanted:
        return
    known, starts = imports(text), _starts(wanted)
    if not known.is_complete or not known.modules.isdisjoint(starts):
        yield UNKNOWN
        return
    roots = {name: found for name, paths in known.paths.items() if (found := [p for p in paths if p in starts])}
    if known.modules and "tensorflow" in starts:
        roots.setdefault("tf", []).append("tensorflow")
    places = merge(*([(at, name) for at in text.places(name)] for name in roots))
    names = dict(_outside(places, known.spans))
    for at in code(text.content, names):
        if not _is_attribute(text.content, at):
            behind = _ATTRIBUTES.match(text.content, at + len(names[at]))
            attributes = [] if behind is None else _WORD.findall(behind[0])
            ends = (_follow(path, attributes, wanted, starts) for path in roots[names[at]])
            yield from (path for path in ends if path is not None)


def may_reach(text: Text, wanted: frozenset[str]) -> bool:
    return next(within_reach(text, wanted), None) is not None


def _follow(path: str, attributes: Iterable[str], wanted: Collection[str], starts: Collection[str]) -> str | None:
    """What is reached from a path by attributes, or may be from where they end."""
    if path in wanted:
        return path
    for attribute in attributes:
        path = f"{path}.{attribute}"
        if path in wanted:
            return path
        if path not in starts:
            return None
    return UNKNOWN


@lru_cache(maxsize=256)
def _starts(paths: frozenset[str]) -> set[str]:
    """All paths that lead to these, and these; a call of something (``()``) is what is called, too."""
    found: set[str] = set()
    for path in paths:
        while path and path not in found:
            found.add(path)
            if path.endswith("()"):
                found.add(path[:-2])
            path = path.rpartition(".")[0]
    return found


def _outside(places: Iterable[tuple[int, str]], spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Those of the places, which are in order, that are in none of the spans."""
    rest = iter(spans)
    begin, end = next(rest, (0, 0))
    for at, name in places:
        while end <= at and end:
            begin, end = next(rest, (0, 0))
        if not begin <= at < end:
            yield at, name


def _is_attribute(content: str, at: int) -> bool:
    """Whether a word stands behind a dot, on the same line."""
    while at and content[at - 1] in " \t":
        at -= 1
    return content[at - 1 : at] == "."


@lru_cache(maxsize=1)
def imports(text: Text) -> Imports:
    """What a text imports, and what stands in its strings and looks the same."""
    content = text.content
    if ("\r" in content and _ODD_END.search(content)) or not unicodedata.is_normalized("NFKC", content):
        return Imports(is_complete=False)  # lines, or names, are not what they look like
    paths: dict[str, set[str]] = {}
    modules: set[str] = set()
    spans: list[tuple[int, int]] = []
    others: list[int] = []
    for at in text.places("import"):
        statement = _IMPORT.match(content, content.rfind("\n", 0, at) + 1)
        if statement is None or statement.start("word") != at:
            others.append(at)
            continue
        module, several, names = statement.group("module", "several", "names")
        names = names if several is None else _COMMENT.sub("", several).rstrip().removesuffix(",")
        found = [_NAME.fullmatch(name) for name in names.split(",")]
        if module is not None and names.strip() == "*":
            modules.add(module)
        elif all(found):
            _add(module, [(item[1], item[2]) for item in found if item is not None], paths)
        else:
            others.append(at)
            continue
        spans.append(statement.span())
    return Imports(paths, modules, spans, bool(spans) and not is_code(content, others))


def _add(module: str | None, names: Iterable[tuple[str, str | None]], paths: dict[str, set[str]]) -> None:
    """Note what an import gives each name."""
    for name, alias in names:
        if module is None:
            root = name.partition(".")[0]
            paths.setdefault(alias or root, set()).add(name if alias else root)
        else:
            paths.setdefault(alias or name, set()).add(f"{module}.{name}")
            if name in CUSTOMARY and not module.startswith("tensorflow"):
                paths[alias or name].add("tensorflow")
