"""Files through the codemod, in as many processes as gain time."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache as once
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from initport.diagnostics import Code
from initport.findings.select import Selection, selection
from initport.formats.index import of_project, project_endings
from initport.grammar.version import Version
from initport.grammar.versions import Versions
from initport.project import networks
from initport.project.options import ASSUME, DEFAULT_TARGETS, MAX_FILE_SIZE, SUFFIXES, Input, Values, target_of
from initport.project.pins import Chosen, Requirements, parse_versions, versions_alone, versions_of
from initport.project.regular_file import read
from initport.rewrite.outcome import Outcome, failure, may_differ, may_hold_sites, source_bytes

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

    from initport.emit.settings import Settings
    from initport.grammar.versions import Evidence
    from initport.project.cache import Cache, Counts
    from initport.python.vocabulary import Names

    _Several = tuple[list[Outcome], Mapping[bytes, Counts]]
    _Results = tuple[ProcessPoolExecutor, list[Future[_Several]]]

ALONE = 0.5
"""The seconds that one process works before others are started: their start takes about a tenth of that."""

_CHUNK = 32
"""The most files that a process is given at once."""


@dataclass(frozen=True, slots=True)
class Run:
    """What the user asked for, as far as it decides what is written: ``versions`` are stated by the user, ``network``
    is the target of files that describe networks, and ``baseline`` is whether comments are written that silence the
    findings. ``roots`` are directories whose files belong together, and ``remove_imports`` is whether no other file
    uses the imports of one around which no project is visible; ``inventory`` is whether all initializers are listed."""

    module: str = "auto"
    versions: Mapping[str, Version] = field(default_factory=dict)
    assume: frozenset[str] = frozenset()
    target: str = DEFAULT_TARGETS[Input.SOURCE]
    selection: Selection = field(default_factory=Selection)
    baseline: bool = False
    network: str = DEFAULT_TARGETS[Input.NETWORK]
    max_file_size: int = MAX_FILE_SIZE.default
    roots: tuple[str, ...] = ()
    remove_imports: bool = False
    inventory: bool = False

    @classmethod
    def of(cls, values: Values, root: str | None = None) -> "Run":
        """The run that options ask for, a missing one being its default; ``root`` is what the globs of
        `--per-file-ignores` are relative to. Raises ValueError for a version or a code that there is not."""
        per_file: dict[str, list[str]] = {}
        for item in values.get("per_file_ignores", ()):
            glob, _, codes = item.rpartition(":")
            per_file.setdefault(glob, []).append(codes)
        return cls(
            values.get("keras_module", "auto"),
            parse_versions(tuple(values.get("source_version", ()))),
            frozenset(ASSUME.choices if values.get("unsafe_fixes") else values.get("assume", ())),
            target_of(values, Input.SOURCE),
            selection(
                values.get("select", ()), values.get("extend_select", ()), values.get("ignore", ()), per_file, root
            ),
            bool(values.get("add_ignore")),
            target_of(values, Input.NETWORK),
            values.get("max_file_size", MAX_FILE_SIZE.default),
            remove_imports=bool(values.get("remove_imports")),
        )

    @property
    def key(self) -> str:
        """The same text for the same run, in every process."""
        asked = self.module, sorted(self.assume), self.target, self.selection, self.baseline, self.network
        return repr((*asked, self.remove_imports))

    def settings(self, versions: Versions, path: str = "", data: bytes | None = None) -> "Settings":
        """How a file of these versions is read; ``data`` are its bytes, where the settings are for no other file."""
        from initport.emit.settings import Settings, no_users, nowhere, stands_alone
        from initport.project.others import has_project, used_elsewhere, users
        from initport.python.vocabulary import names

        is_file = data is not None and os.path.isfile(path)
        return Settings(
            names(versions, data),
            _written_names(self.target),
            self.module,
            assume=self.assume,
            target=self.target,
            codes=self.selection.codes(path),
            versions=versions,
            is_used_elsewhere=nowhere if data is None else used_elsewhere(path, self.roots, self.remove_imports),
            users=users(path, self.roots) if is_file else no_users,
            has_project=partial(has_project, path, self.roots) if is_file else stands_alone,
            inventory=self.inventory,
        )

    def check(self, path: str) -> networks.Check:
        """How a file that describes a network is checked."""
        keras = ".".join(map(str, self.versions.get("keras", ()))) or None
        return networks.Check(self.network, keras, self.selection.codes(path))


@once
def _written_names(target: str) -> "Names":
    from initport.emit import targets

    return targets.target(target).sites.names_written()


def one(path: str, run: Run, cache: "Cache | None" = None) -> Outcome:
    """Never raises for what a file holds or for a file that cannot be read. A clean file is added to the cache."""
    try:
        data = read(path, run.max_file_size + 1)
    except OSError as error:
        return failure(path, error.strerror or str(error), run.selection.codes(path))
    if len(data) > run.max_file_size:
        return _too_large(path, run)
    outcome = process(data, path, run)
    if cache is not None and outcome.lasting and outcome.after is None and not outcome.findings:
        cache.remember(path, data, (outcome.modern, outcome.silenced), _may_report(data, path), outcome.alone)
    return outcome


def _too_large(path: str, run: Run) -> Outcome:
    large = f"it has more than {run.max_file_size:,} bytes; pass `--max-file-size` to read it"
    return failure(path, large, run.selection.codes(path), Code.TOO_LARGE)


def _may_report(data: bytes, path: str) -> bool:
    if path.endswith(project_endings()):
        return of_project(path, data) is not None
    return may_hold_sites(source_bytes(data, path))


def _may_default(data: bytes, path: str, target: str) -> bool:
    """Whether source code may make layers whose defaults are not the target's."""
    return not path.endswith(project_endings()) and may_differ(data, target)


def process(data: bytes, path: str, run: Run) -> Outcome:
    """Never raises for what is in the file."""
    return _process(data, path, run, lambda: versions_of(path, run.versions, data))


def process_alone(data: bytes, path: str, run: Run, required: Requirements) -> Outcome:
    """The same for a file whose project is not at hand, but for what that requires: no other file is looked at."""
    if len(data) > run.max_file_size:
        return _too_large(path, run)
    return _process(data, path, run, lambda: versions_alone(path, run.versions, data, required))


def _process(data: bytes, path: str, run: Run, versions: Callable[[], Chosen]) -> Outcome:
    if data.startswith(b"version https://git-lfs") and not path.endswith(project_endings()):
        from initport.formats.other_tools import LFS_POINTER

        return failure(path, LFS_POINTER.text, run.selection.codes(path))
    if (other := _other_source(data, path)) is not None:
        return failure(path, other, run.selection.codes(path))
    if not _may_report(data, path) and not _may_default(data, path, run.target):
        return Outcome(path)
    if path.endswith(project_endings()):
        check = run.check(path)
        return check.silence(data, path) if run.baseline else check.outcome(data, path)
    from initport.rewrite import file

    asked: list[str] = []
    chosen = versions().versions

    def around() -> "Mapping[str, Evidence]":
        asked.append(path)
        return chosen.around()

    def users(name: str) -> Iterator[tuple[str, str]]:
        asked_users.append(name)
        return settings.users(name)

    def has_project() -> bool:
        asked_users.append(path)
        return settings.has_project()

    asked_users: list[str] = []
    settings = run.settings(chosen._replace(around=around), path, source_bytes(data, path))
    given = replace(settings, users=users, has_project=has_project)
    outcome = file.silence(data, path, given) if run.baseline else file.process(data, path, lambda: given)
    return replace(outcome, alone=not asked, lasting=not asked_users)


def _other_source(data: bytes, path: str) -> str | None:
    """What a file is, and what to do, that was named as Python source and surely is something else."""
    if path.endswith((*SUFFIXES, *project_endings())):
        return None
    from initport.formats.other_tools import PYTHON, other_tool

    found = other_tool(data)
    return None if found is None or found is PYTHON else found.text


def outcomes(paths: Sequence[str], run: Run, jobs: int | None, cache: "Cache | None" = None) -> Iterator[Outcome]:
    """In the order of the paths; ``jobs`` is None for all cores where that gains time. Processes are started by the
    call, not by the first use of what it gives: by then the caller may have threads, and a process must not be parted
    from those. The cache is added to, not asked."""
    if jobs is None:
        return _start_when_slow(paths, run, cores(), cache)
    return _parallel(paths, run, jobs, cache)


def _start_when_slow(paths: Sequence[str], run: Run, cores: int, cache: "Cache | None") -> Iterator[Outcome]:
    """One process for a while, and all of them for what is left then."""
    if cores < 2 or len(paths) < 2:
        return _parallel(paths, run, 1, cache)
    start, first = time.monotonic(), []
    for path in paths:
        if time.monotonic() - start > ALONE:
            break
        first.append(one(path, run, cache))
    return chain(first, _parallel(paths[len(first) :], run, cores, cache))


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _parallel(paths: Sequence[str], run: Run, jobs: int, cache: "Cache | None") -> Iterator[Outcome]:
    if jobs < 2 or len(paths) < 2:
        return (one(path, run, cache) for path in paths)
    _load(run)
    chunks = list(_deal(paths, jobs))
    return _gather(_start(chunks, run, jobs, cache), chunks, run, jobs, cache)


def _deal(paths: Sequence[str], jobs: int) -> Iterator[Sequence[str]]:
    """The files that a process is given at once, ever fewer: of neighbours many may take long, and all processes are to
    end together."""
    start = 0
    while start < len(paths):
        size = min(_CHUNK, max(1, (len(paths) - start) // (jobs * 8)))
        yield paths[start : start + size]
        start += size


def _load(run: Run) -> None:
    """What every process needs is read once, before they part."""
    import multiprocessing

    method = multiprocessing.get_start_method()
    if method == "forkserver":
        multiprocessing.set_forkserver_preload(["initport.rewrite.file"])
    if method == "fork":
        from initport.rewrite import file  # noqa: F401

        names = run.settings(Versions(run.versions), data=b"").names
        _ = names.layers, names.strings


def _start(chunks: Sequence[Sequence[str]], run: Run, jobs: int, cache: "Cache | None") -> "_Results":
    from concurrent.futures import ProcessPoolExecutor

    from initport.project import worker_start

    pool = ProcessPoolExecutor(jobs, initializer=worker_start.start)
    return pool, [pool.submit(_several, chunk, run, cache and cache.empty()) for chunk in chunks]


def _gather(
    started: "_Results", chunks: Sequence[Sequence[str]], run: Run, jobs: int, cache: "Cache | None"
) -> Iterator[Outcome]:
    """What the processes give. Where one ends by itself, its files are tried one by one, in a process of their own, so
    that it costs no more than the file at which it ended."""
    from concurrent.futures.process import BrokenProcessPool

    pool, results = started
    try:
        for done, result in enumerate(results):
            try:
                outcomes, found = result.result()
            except BrokenProcessPool:
                chunk, rest = chunks[done], chunks[done + 1 :]
                break
            if cache is not None:
                cache.found.update(found)
            yield from outcomes
        else:
            return
    finally:
        pool.shutdown(cancel_futures=True)  # also when an interrupt ends this
    if jobs == 1 and len(chunk) == 1:
        yield failure(chunk[0], "the process that read it died", run.selection.codes(chunk[0]))
    else:
        parts = [[path] for path in chunk]
        yield from _gather(_start(parts, run, 1, cache), parts, run, 1, cache)
    if rest:
        yield from _gather(_start(rest, run, jobs, cache), rest, run, jobs, cache)


def _several(paths: Sequence[str], run: Run, cache: "Cache | None") -> "_Several":
    return [one(path, run, cache) for path in paths], cache.found if cache else {}
