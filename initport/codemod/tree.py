"""Files and directories through the codemod: what is looked at, and what becomes of it.

Authority: gitignore(5) for what a directory leaves out, as `pathspec` reads it.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from initport.codemod.outcome import Outcome, failed, may_hold_sites
from initport.codemod.versions import Chosen, Pin, choose, pin_in
from initport.grammar.versions import Version
from initport.readers.python_source.versions import Versions

if TYPE_CHECKING:
    from initport.codemod.settings import Settings
    from initport.readers.python_source.vocabulary import Names

SUFFIXES = (".py", ".ipynb")


@dataclass(frozen=True, slots=True)
class Run:
    """What the user asked for, as far as it decides what is written; ``versions`` are stated by the user."""

    module: str = "auto"
    versions: Mapping[str, Version] = field(default_factory=dict)
    assume: frozenset[str] = frozenset()
    target: str = "keras"

    def settings(self, versions: Versions) -> "Settings":
        """How files of these versions are read."""
        from initport.codemod.settings import Settings
        from initport.readers.python_source.vocabulary import names

        return Settings(names(versions), _written(self.target), self.module, assume=self.assume, target=self.target)


@cache
def _written(target: str) -> "Names":
    from initport.codemod import targets
    from initport.readers.python_source.vocabulary import names

    return targets.target(target).written(names(Versions()))


def files(paths: Iterable[str], include: Sequence[str], exclude: Sequence[str]) -> Iterator[Path]:
    """The files that are meant: those named, and those in the directories named that are not left out."""
    for path in map(Path, paths):
        if path.is_dir():
            yield from _inside(path, path, include, exclude, ())
        else:
            yield path


def _inside(
    directory: Path, root: Path, include: Sequence[str], exclude: Sequence[str], ignored: "tuple[_Ignore, ...]"
) -> Iterator[Path]:
    ignored = (*ignored, *_Ignore.of(directory))
    for entry in sorted(os.scandir(directory), key=lambda item: item.name):
        path = directory / entry.name
        relative = path.relative_to(root).as_posix()
        is_directory = entry.is_dir(follow_symlinks=False)
        if entry.name == ".git" or any(rule.matches(path, is_directory) for rule in ignored):
            continue
        if _matches(relative, exclude):
            continue
        if is_directory:
            yield from _inside(path, root, include, exclude, ignored)
        elif entry.is_file() and entry.name.endswith(SUFFIXES) and (not include or _matches(relative, include)):
            yield path


def _matches(relative: str, patterns: Sequence[str]) -> bool:
    name = relative.rpartition("/")[2]
    return any(fnmatch(relative, pattern) or fnmatch(name, pattern) for pattern in patterns)


class _Ignore:
    """One .gitignore."""

    def __init__(self, directory: Path, text: str) -> None:
        from pathspec import GitIgnoreSpec

        self.directory = directory
        self.spec = GitIgnoreSpec.from_lines(text.splitlines())

    @classmethod
    def of(cls, directory: Path) -> "tuple[_Ignore, ...]":
        text = _text(directory / ".gitignore")
        return () if text is None else (cls(directory, text),)

    def matches(self, path: Path, is_directory: bool) -> bool:
        relative = path.relative_to(self.directory).as_posix()
        return bool(self.spec.match_file(f"{relative}/" if is_directory else relative))


def _text(path: str | Path) -> str | None:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def version_of(path: Path, run: Run) -> Chosen:
    """The versions that a file was written for."""
    return _choose(_pin(os.path.dirname(os.path.abspath(path))), tuple(sorted(run.versions.items())))


@cache
def _choose(pin: Pin | None, given: tuple[tuple[str, Version], ...]) -> Chosen:
    return choose(dict(given), pin)


@cache
def _pin(directory: str) -> Pin | None:
    """What the project around a directory pins, nearest first."""
    found = pin_in(directory, _text)
    parent = os.path.dirname(directory)
    return found if found is not None or parent == directory else _pin(parent)


def one(path: Path, run: Run) -> Outcome:
    """Never raises for what a file holds or for a file that cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        return failed(str(path), error.strerror or str(error))
    if not may_hold_sites(data):
        return Outcome(str(path))
    from initport.codemod.file import process

    return process(data, str(path), lambda: run.settings(version_of(path, run).versions))


def outcomes(paths: Sequence[Path], run: Run, jobs: int) -> Iterator[Outcome]:
    """In the order of the paths."""
    if jobs < 2 or len(paths) < 2:
        yield from (one(path, run) for path in paths)
        return
    from concurrent.futures import ProcessPoolExecutor

    run.settings(Versions(run.versions))  # read once, before the processes part
    size = max(1, min(64, len(paths) // (jobs * 4) or 1))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
    with ProcessPoolExecutor(jobs) as pool:
        for found in pool.map(_several, chunks, [run] * len(chunks)):
            yield from found


def _several(paths: Sequence[Path], run: Run) -> list[Outcome]:
    return [one(path, run) for path in paths]
