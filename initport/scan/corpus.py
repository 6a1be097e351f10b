"""A whole scan: planned, resumed where it was left, worked on, and summed up."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from initport import __version__
from initport.project.replace import replace
from initport.scan import engines
from initport.scan.parts import UNFINISHED, Counts, Task, columns_of, counts_of, journal_of, path_of
from initport.scan.sources import Columns, Fail, Part, SourceError, plan

MANIFEST = "scan.json"
"""What a directory of results holds beside the parts: settings, versions, and what was planned."""

Progress = Callable[[int, int], None]
"""Takes the parts that are done, and all."""


class OutputError(Exception):
    """A directory that cannot take the results."""


class Summary(NamedTuple):
    """``failed`` are the parts that could not be read, with the reasons; ``resumed`` were done before."""

    counts: Counts
    parts: int
    resumed: int
    failed: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """2 where a part could not be read, else 0: a corpus is looked at, not judged."""
        return 2 if self.failed else 0


def scan(
    sources: Sequence[str],
    out: str,
    *,
    columns: Columns = Columns(),  # noqa: B008 - a tuple
    settings: Mapping[str, Any],
    engine: str = "local",
    jobs: int = 1,
    address: str | None = None,
    restart: bool = False,
    fail: Fail | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Run the codemod over a corpus, and write what is found as Parquet files into the directory ``out``.

    ``sources`` are directories, Parquet files or directories of them, JSON lines, and archives. A scan that was
    interrupted goes on with the parts that are not done; ``restart`` does all again. ``settings`` are those of
    `initport.batch.rewrite`. Nothing of the sources is ever written.

    Raises SourceError for a source that cannot be used; OutputError where ``out`` holds anything but a scan of the same
    sources and settings; ImportError where the engine is not installed; OSError where nothing can be written.
    """
    task = Task(os.path.abspath(out), columns, settings)
    try:
        columns_of(task)
    except ValueError as error:
        raise SourceError(str(error)) from error
    parts = dict(enumerate(plan(sources, fail, columns)))
    manifest = _manifest(tuple(parts.values()), columns, settings)
    _prepare(out, manifest, restart)
    done = {number: counts for number in parts if (counts := counts_of(out, number)) is not None}
    left = {number: part for number, part in parts.items() if number not in done}
    works: Iterator[engines.Result] = (
        engines.ray(left, task, address) if engine == "ray" else engines.local(left, task, jobs)
    )
    total, failed, ready = sum(done.values(), Counts()), [], len(done)
    if progress is not None:
        progress(ready, len(parts))
    for _, counts, reason in works:
        ready += 1
        if counts is None:
            failed.append(reason or "")
        else:
            total += counts
        if progress is not None:
            progress(ready, len(parts))
    _sweep(out)
    return Summary(total, len(parts), len(done), tuple(sorted(failed)))


def _manifest(parts: Sequence[Part], columns: Columns, settings: Mapping[str, Any]) -> dict[str, Any]:
    sources = {part.source for part in parts}
    sizes = {source: os.path.getsize(source) if os.path.isfile(source) else 0 for source in sources}
    digest = hashlib.sha256()
    for part in parts:
        digest.update(json.dumps([*part, sizes[part.source]]).encode(errors="surrogateescape"))
    return {"initport": __version__, "settings": dict(settings), "columns": columns._asdict(), "parts": len(parts),
            "plan": digest.hexdigest()}  # fmt: skip


def _prepare(out: str, manifest: dict[str, Any], restart: bool) -> None:
    """Raises OutputError."""
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, MANIFEST)
    try:
        with open(path, encoding="utf-8") as file:
            before = json.load(file)
    except FileNotFoundError:
        strangers = [name for name in os.listdir(out) if not name.startswith(".")]
        if strangers:
            raise OutputError(f"{out} is not empty and holds no {MANIFEST}; choose another directory") from None
        before = None
    except ValueError:
        raise OutputError(f"{path} cannot be read; choose another directory") from None
    known = json.loads(json.dumps(manifest))
    if before is not None and (restart or before != known):
        if not restart:
            changed = ", ".join(key for key in known if not isinstance(before, dict) or before.get(key) != known[key])
            raise OutputError(
                f"{out} holds a scan that differs in its {changed}; choose another directory, or pass `--restart` to "
                "do it again"
            )
        _clear(out, before)
    replace(path, json.dumps(known, indent=1, sort_keys=True).encode() + b"\n")


def _clear(out: str, manifest: Any) -> None:
    """Remove the parts of a scan, and nothing else."""
    count = manifest.get("parts", 0) if isinstance(manifest, dict) else 0
    for number in range(count if isinstance(count, int) else 0):
        for path in (path_of(out, number), journal_of(out, number)):
            with suppress(FileNotFoundError):
                os.unlink(path)


def _sweep(out: str) -> None:
    """Remove what processes left behind that were killed."""
    for name in os.listdir(out):
        if name.startswith(".part-") and name.endswith(UNFINISHED):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(out, name))
