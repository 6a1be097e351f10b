"""One part of a corpus into one Parquet file, which is there whole or not at all.

A journal beside it says which row is being worked on. Where the process ends at one row twice, whatever the engine,
that row is written with an error and left out from then on.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from initport.batch import Rewriter, Row, failure, schema
from initport.project.options import MAX_FILE_SIZE
from initport.scan.sources import Columns, Part, rows

_GROUP = 1000
"""The rows that are held before they are written."""

_HELD = 1 << 24
"""The bytes of rewritten files that are held before they are written."""

_DEATHS = 2
"""How often a process may end at a row before that is left out: once can be anything that ends a process."""

_KEY = b"initport.counts"


class Task(NamedTuple):
    """What a worker needs: where to write, and how to read. ``settings`` are those of `initport.batch.rewrite`."""

    out: str
    columns: Columns
    settings: Mapping[str, Any]


class Counts(NamedTuple):
    """Of one part or of many. ``codes``, ``laws``, ``spellings`` and ``frameworks`` count findings: their codes, the
    distributions that were found, what was called, and in the words of the finding which framework that was;
    ``failures`` count the errors of rows without any."""

    files: int = 0
    bytes: int = 0
    changed: int = 0
    converted: int = 0
    reported: int = 0
    modern: int = 0
    silenced: int = 0
    errors: int = 0
    codes: Mapping[str, int] = {}
    laws: Mapping[str, int] = {}
    spellings: Mapping[str, int] = {}
    frameworks: Mapping[str, int] = {}
    failures: Mapping[str, int] = {}

    def __add__(self, other: "Counts") -> "Counts":  # type: ignore[override]
        """The counts of both."""
        return Counts(*(_sum(one, two) for one, two in zip(self, other, strict=True)))


def _sum(one: Any, two: Any) -> Any:
    return one + two if isinstance(one, int) else Counter(one) + Counter(two)


def path_of(out: str, number: int) -> str:
    """The file of a part."""
    return os.path.join(out, f"part-{number:06}.parquet")


def counts_of(out: str, number: int) -> Counts | None:
    """What is in the file of a part that is done; None where there is none."""
    try:
        noted = pq.read_metadata(path_of(out, number)).metadata or {}
    except (OSError, pa.ArrowException):
        return None
    return Counts(**json.loads(noted[_KEY])) if _KEY in noted else None


def process(number: int, part: Part, task: Task) -> Counts:
    """Work on a part, and write its file. Raises SourceError where it cannot be read, and OSError where nothing can be
    written."""
    target = path_of(task.out, number)
    unfinished = os.path.join(task.out, f".part-{number:06}.{os.getpid()}.unfinished")
    journal = _Journal(os.path.join(task.out, f".part-{number:06}.at"))
    counts, columns = _Counter(), schema(**task.settings)
    try:
        with pq.ParquetWriter(unfinished, columns, compression="zstd") as writer:
            for group in _groups(_rewritten(part, task, journal, counts)):
                writer.write_table(pa.Table.from_pylist(group, columns))
            writer.add_key_value_metadata({_KEY: json.dumps(counts.total()._asdict(), sort_keys=True).encode()})
        os.replace(unfinished, target)
    finally:
        with suppress(OSError):
            os.unlink(unfinished)
    journal.close()
    return counts.total()


def _rewritten(part: Part, task: Task, journal: "_Journal", counts: "_Counter") -> Iterator[dict[str, Any]]:
    """A row for each file that there is something to say of."""
    rewriter = Rewriter(**task.settings)
    limit = task.settings.get("max_file_size", MAX_FILE_SIZE.default)
    for index, row in enumerate(rows(part, task.columns, limit)):
        done = _row(rewriter, index, row, journal)
        counts.add(row, done)
        if done["findings"] or done["error"] or done["modern"] or done["silenced"]:
            yield done


def _row(rewriter: Rewriter, index: int, row: Row, journal: "_Journal") -> dict[str, Any]:
    if index in journal.fatal:
        return failure(row[0], f"the process that read it ended {_DEATHS} times")
    journal.at(index)
    return rewriter.row(*row)


def _groups(found: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    group: list[dict[str, Any]] = []
    held = 0
    for row in found:
        group.append(row)
        held += len(row["content"] or b"")
        if len(group) == _GROUP or held > _HELD:
            yield group
            group, held = [], 0
    if group:
        yield group


class _Journal:
    """Which row is worked on, in a file that outlives the process."""

    def __init__(self, path: str) -> None:
        self._path = path
        deaths: Counter[int] = Counter()
        with suppress(OSError), open(path, "rb") as file:
            ends = file.read().split(b"\n")
            deaths.update(int(end) for end in ends if end.strip().isdigit())
        self.fatal = frozenset(index for index, count in deaths.items() if count >= _DEATHS)
        self._file = open(path, "ab")  # noqa: SIM115 - open as long as the part
        self._start = self._file.tell()

    def at(self, index: int) -> None:
        """The one line of this process: the row that it is at."""
        os.ftruncate(self._file.fileno(), self._start)
        os.write(self._file.fileno(), b"%d\n" % index)

    def close(self) -> None:
        """Nothing ended the process."""
        self._file.close()
        with suppress(OSError):
            os.unlink(self._path)


class _Counter:
    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._tables: dict[str, Counter[str]] = {
            name: Counter() for name in ("codes", "laws", "spellings", "frameworks", "failures")
        }

    def add(self, row: Row, done: dict[str, Any]) -> None:
        size = 0 if row[1] is None else len(row[1])
        self._numbers.update(
            files=1, bytes=size, changed=done["content"] is not None, errors=done["error"] is not None,
            **{key: done[key] for key in ("converted", "reported", "modern", "silenced")},
        )  # fmt: skip
        if done["error"] and not done["findings"]:
            self._tables["failures"][done["error"]] += 1
        for finding in done["findings"]:
            self._tables["codes"][finding["code"]] += 1
            if finding["before"]:
                self._tables["laws"][finding["before"]] += 1
                self._tables["spellings"][(finding["source"] or "").partition("(")[0]] += 1
            if finding["version"]:
                self._tables["frameworks"][_framework(finding["version"])] += 1

    def total(self) -> Counts:
        values: dict[str, Any] = {name: self._numbers[name] for name in Counts._fields}
        return Counts(**{**values, **{name: dict(table) for name, table in self._tables.items()}})


def _framework(premise: str) -> str:
    """The words in front of a version: ``TensorFlow`` of ``TensorFlow 1.15, from --source-version``."""
    words = premise.partition(":")[0].split()
    named = []
    for word in words:
        if not word[0].isalpha():
            break
        named.append(word)
    return " ".join(named)
