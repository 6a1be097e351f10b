"""Files through the codemod, in as many processes as are asked for."""

import gc
import signal
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache as once
from itertools import repeat
from typing import TYPE_CHECKING

from initport.findings.select import Selection
from initport.formats.registry import of_project, project_endings
from initport.grammar.version import Version
from initport.project import networks
from initport.project.pins import versions_of
from initport.python.versions import Versions
from initport.rewrite.outcome import Outcome, failed, may_hold_sites

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

    from initport.emit.settings import Settings
    from initport.project.cache import Cache, Counts
    from initport.python.vocabulary import Names


ASSUMPTIONS = ("matrix", "scalar", "unpartitioned", "dense", "conv")
"""What a replacement can rest on, and a user can vouch for."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the user asked for, as far as it decides what is written; ``versions`` are stated by the user, and
    ``baseline`` is whether comments are written that silence the findings."""

    module: str = "auto"
    versions: Mapping[str, Version] = field(default_factory=dict)
    assume: frozenset[str] = frozenset()
    target: str = "keras"
    selection: Selection = field(default_factory=Selection)
    baseline: bool = False

    def settings(self, versions: Versions, path: str = "", data: bytes | None = None) -> "Settings":
        """How a file of these versions is read; ``data`` are its bytes, where the settings are for no other file."""
        from initport.emit.settings import Settings
        from initport.python.vocabulary import names

        return Settings(
            names(versions, data),
            _written(self.target),
            self.module,
            assume=self.assume,
            target=self.target,
            codes=self.selection.codes(path),
            versions=versions,
        )


@once
def _written(target: str) -> "Names":
    from initport.emit import targets

    return targets.target(target).written()


def one(path: str, run: Run, cache: "Cache | None" = None) -> Outcome:
    """Never raises for what a file holds or for a file that cannot be read. A clean file is told to the cache."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return failed(path, error.strerror or str(error), run.selection.codes(path))
    outcome = process(data, path, run)
    if cache is not None and outcome.after is None and not outcome.findings:
        cache.remember(path, data, (outcome.modern, outcome.silenced), _may_tell(data, path))
    return outcome


def _may_tell(data: bytes, path: str) -> bool:
    return of_project(path, data) is not None if path.endswith(project_endings()) else may_hold_sites(data)


def process(data: bytes, path: str, run: Run) -> Outcome:
    """Never raises for what is in the file."""
    if not _may_tell(data, path):
        return Outcome(path)
    if path.endswith(project_endings()):
        return networks.silence(data, path, run) if run.baseline else networks.check(data, path, run)
    from initport.rewrite import file

    settings = run.settings(versions_of(path, run.versions, data).versions, path, data)
    gc.disable()  # the tree of a large module would be gone through again and again while it grows, for nothing
    try:
        return file.silence(data, path, settings) if run.baseline else file.process(data, path, lambda: settings)
    finally:
        gc.enable()


def outcomes(paths: Sequence[str], run: Run, jobs: int, cache: "Cache | None" = None) -> Iterator[Outcome]:
    """In the order of the paths. Processes are started by the call, not by the first use of what it gives: by then the
    caller may have threads, and a process must not be parted from those. The cache is told, not asked."""
    if jobs < 2 or len(paths) < 2:
        return (one(path, run, cache) for path in paths)
    from concurrent.futures import ProcessPoolExecutor

    run.settings(Versions(run.versions))  # read once, before the processes part
    size = max(1, min(64, len(paths) // (jobs * 4) or 1))
    chunks = [paths[start : start + size] for start in range(0, len(paths), size)]
    pool = ProcessPoolExecutor(jobs, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN))
    return _gathered(pool, pool.map(_several, chunks, repeat(run), repeat(cache and cache.empty())), cache)


def _gathered(
    pool: "ProcessPoolExecutor",
    results: "Iterator[tuple[list[Outcome], Mapping[bytes, Counts]]]",
    cache: "Cache | None",
) -> Iterator[Outcome]:
    with pool:
        for outcomes, found in results:
            if cache is not None:
                cache.found.update(found)
            yield from outcomes  # what is left is cancelled when an interrupt ends this


def _several(paths: Sequence[str], run: Run, cache: "Cache | None") -> "tuple[list[Outcome], Mapping[bytes, Counts]]":
    return [one(path, run, cache) for path in paths], cache.found if cache else {}
