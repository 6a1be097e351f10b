"""Which files are meant: those named, and those in the directories named that are not left out."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch

from initport.project.ignore import Ignore, ignore
from initport.project.options import SUFFIXES

_Rules = tuple[tuple[str, int, Ignore], ...]
"""The .gitignore files that apply, nearest first: a path is relative to one as the words put before what is left of the
path when its first letters are taken off."""


Fail = Callable[[str, str], None]
"""Takes the path of what cannot be looked at, and the reason."""


def files(
    paths: Iterable[str], include: Sequence[str], exclude: Sequence[str], force: bool = False, fail: Fail | None = None
) -> Iterator[str]:
    """Paths as given or below those given, of which symbolic links are left out. Files that are named are meant
    whatever the patterns and .gitignore say; ``force`` applies ``exclude`` to them too. Raises OSError for a directory
    that cannot be listed, unless there is a ``fail``."""
    for given in paths:
        path = os.path.normpath(given)
        if os.path.isdir(path):
            yield from _inside(path, include, exclude, fail)
        elif not (force and _is_excluded(path, exclude)):
            yield path


def _inside(top: str, include: Sequence[str], exclude: Sequence[str], fail: Fail | None) -> Iterator[str]:
    """The files below a directory, in the order of their names. Own stack: Python's is as deep as 1,000 directories."""
    prefix = "" if top == os.curdir else os.path.join(top, "")
    root = len(prefix)
    stack = [_level(top, prefix, _above(top, root), fail)]
    while stack:
        entries, prefix, rules = stack[-1]
        entry = next(entries, None)
        if entry is None:
            stack.pop()
            continue
        name = entry.name
        is_directory = entry.is_dir(follow_symlinks=False)
        if name == ".git" or not (is_directory or name.endswith(SUFFIXES)):
            continue
        path = prefix + name
        if _is_ignored(path, name, is_directory, rules) or (exclude and _matches(path[root:], exclude)):
            continue
        if is_directory:
            stack.append(_level(path, f"{path}{os.sep}", rules, fail))
        elif entry.is_file(follow_symlinks=False) and (not include or _matches(path[root:], include)):
            yield path


def _level(
    directory: str, prefix: str, rules: _Rules, fail: Fail | None
) -> "tuple[Iterator[os.DirEntry[str]], str, _Rules]":
    """What is in a directory, the words before the names there, and the rules for them."""
    entries = _entries(directory, fail)
    if any(entry.name == ".gitignore" for entry in entries):
        rules = (*_rules(directory, "", len(prefix)), *rules)
    return iter(entries), prefix, rules


def _entries(directory: str, fail: Fail | None) -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(directory) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError as error:
        if fail is None:
            raise
        fail(directory, error.strerror or str(error))
        return []


def _matches(relative: str, patterns: Sequence[str]) -> bool:
    relative = relative.replace(os.sep, "/")
    name = relative.rpartition("/")[2]
    return any(fnmatch(relative, pattern) or fnmatch(name, pattern) for pattern in patterns)


def _is_excluded(path: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern leaves out a path, or a directory on the way to it from the current one."""
    relative = os.path.relpath(path)
    parts = relative.split(os.sep)
    return any(_matches("/".join(parts[: end + 1]), patterns) for end in range(len(parts)))


def _is_ignored(path: str, name: str, is_directory: bool, rules: _Rules) -> bool:
    for lead, start, rule in rules:
        verdict = rule.excludes(lead + path[start:].replace(os.sep, "/"), name, is_directory)
        if verdict is not None:
            return verdict
    return False


def _above(directory: str, start: int) -> _Rules:
    """The .gitignore files above a directory, up to the top of its repository."""
    found: _Rules = ()
    here, lead = os.path.abspath(directory), ""
    while not os.path.exists(os.path.join(here, ".git")):
        parent, name = os.path.split(here)
        if not name:
            return ()
        here, lead = parent, f"{name}/{lead}"
        found += _rules(here, lead, start)
    return found


def _rules(directory: str, lead: str, start: int) -> _Rules:
    try:
        with open(os.path.join(directory, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file:
            return ((lead, start, ignore(file.read())),)
    except OSError:
        return ()
