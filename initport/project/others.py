"""What the other files of a project use of a module: names that they import from it, be it with a star and by way of
others, or take from it as attributes."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import islice

from initport.emit.settings import nowhere
from initport.project.discover import files
from initport.project.pins import is_project, project_root

_FILES = 2000
"""The most files of a project that are looked at; of a larger one, nothing is known of what its files use."""

_BYTES = 1 << 20
"""The most bytes of a file that are looked at."""

_IMPORT = re.compile(r"^\s*(?:from|import)\b.*$", re.MULTILINE)


def used_elsewhere(path: str, roots: Sequence[str], stands_alone: bool) -> Callable[[str], bool]:
    """Whether another file uses a name of a module: one of the project around it, whose files in the directories
    ``roots`` belong together. Of a file or a text around which no project is visible, other files may use whatever is
    public, unless it is known that it ``stands_alone``."""
    if not os.path.isfile(path):
        return nowhere if stands_alone else is_public
    return partial(_is_used, os.path.abspath(path), tuple(roots), stands_alone)


def is_public(name: str) -> bool:
    """Whether other files may use a name of a module, of which no more is known."""
    return not name.startswith("_")


@cache
def _top(directory: str, roots: tuple[str, ...]) -> tuple[str, bool]:
    """The highest directory of those that hold a module's, and that its project shows to be its own; and whether that
    is more than the directory that the module lies in by chance."""
    above = (os.path.abspath(root) for root in roots if os.path.isdir(root))
    around = [root for root in above if os.path.join(directory, "").startswith(os.path.join(root, ""))]
    project = project_root(directory)
    return min((*around, project), key=len), bool(around) or is_project(project)


@cache
def _is_used(path: str, roots: tuple[str, ...], stands_alone: bool, name: str) -> bool:
    root, is_whole = _top(os.path.dirname(path), roots)
    if _is_importable(path) and (not (is_whole or stands_alone) or _sources(root) is None):
        return is_public(name)
    return next(_users(path, roots, name), None) is not None


def has_project(path: str, roots: Sequence[str]) -> bool:
    """Whether the other files of the project may be looked at: not where it is one of the directories ``roots``, which
    are gone through anyway, and these are too many."""
    root, _ = _top(os.path.dirname(os.path.abspath(path)), tuple(roots))
    return root not in map(os.path.abspath, roots) or _paths(root) is not None


def users(path: str, roots: Sequence[str]) -> Callable[[str], Iterator[tuple[str, str]]]:
    """The other files of the project that use a name of a module, each with its text: none where they are too many."""
    return partial(_users, os.path.abspath(path), tuple(roots))


def _is_importable(path: str) -> bool:
    return os.path.splitext(os.path.basename(path))[0].isidentifier()


def _users(path: str, roots: tuple[str, ...], name: str) -> Iterator[tuple[str, str]]:
    sources = _sources(_top(os.path.dirname(path), roots)[0]) if _is_importable(path) else None
    if sources is None:
        return
    if os.path.basename(path).startswith("__init__."):  # what a package has is imported in many ways
        named = re.compile(rf"\b{name}\b")
        yield from ((other, text) for other, text in sources.items() if other != path and named.search(text))
        return
    modules, pending = {path}, [path]
    while pending:
        home = pending.pop()
        short, dotted = _name_of(home)[-1], _dotted_name(home)
        for other, text in sources.items():
            if other in modules or short not in text:
                continue
            stars = re.search(rf"from\s+\.*{dotted}\s+import\s*\(?\s*\*", text) is not None
            if _uses(name, short, dotted, text, stars):
                yield other, text
            if stars:
                modules.add(other)
                pending.append(other)


def _uses(name: str, short: str, dotted: str, text: str, stars: bool) -> bool:
    """Whether a text uses a name of a module, which it may import all of with a star."""
    if re.search(rf"\b{name}\b", text) is None:
        return False
    if re.search(rf"from\s+\.*{dotted}\s+import\s*(?:\([^)]*|[^\n(]*)\b{name}\b", text):
        return True
    whole = rf"^\s*(?:import\b[^\n]*\b{dotted}\b|from\s+[\w.]+\s+import\s*(?:\([^)]*|[^\n(]*)\b{short}\b)"
    if re.search(whole, text, re.MULTILINE) and re.search(rf"\.{name}\b", _IMPORT.sub("", text)):
        return True
    own = rf"^\s*(?:from\s+\S+\s+)?import\b[^\n]*\b{name}\b|^\s*{name}\s*=[^=]"
    return stars and re.search(own, text, re.MULTILINE) is None


def _name_of(path: str) -> list[str]:
    """The parts of a module's dotted name, as long as any is."""
    return [re.escape(part) for part in os.path.splitext(path)[0].split(os.sep) if part.isidentifier()]


def _dotted_name(path: str) -> str:
    """A pattern of the module's name, with as many packages in front as are written."""
    *packages, last = _name_of(path)
    before = ""
    for package in packages:
        before = rf"(?:{before}{package}\.)?"
    return before + last


@cache
def _sources(root: str) -> "dict[str, str] | None":
    """The texts of a project's files; None where they are too many."""
    paths = _paths(root)
    if paths is None:
        return None
    found: dict[str, str] = {}
    for path in paths:
        try:
            with open(path, "rb") as file:
                found[os.path.abspath(path)] = file.read(_BYTES).decode(errors="replace")
        except OSError:
            continue
    return found


@cache
def _paths(root: str) -> "list[str] | None":
    """The project's files; None where they are too many."""
    paths = list(islice(files([root], (), ()), _FILES + 1))
    return None if len(paths) > _FILES else paths
