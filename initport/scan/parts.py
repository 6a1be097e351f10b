"""One part of a corpus into one Parquet file, which is there whole or not at all.

A journal beside it says which row is being worked on. Where the process ends at one row twice, whatever the engine,
that row is written with an error and left out from then on; where it ends twice between rows, the part cannot be read.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, ClassVar, NamedTuple, Self

import pyarrow as pa
import pyarrow.parquet as pq

from initport.batch import Rewriter, Row, schema
from initport.project.options import MAX_FILE_SIZE
from initport.rewrite.inventory import UNKNOWN
from initport.scan.sources import Columns, Part, SourceError, rows

_GROUP = 1000
"""The rows that are held before they are written."""

_HELD = 1 << 24
"""The bytes of rewritten files that are held before they are written."""

_DEATHS = 2
"""How often a process may end at a row before that is left out: once can be anything that ends a process."""

_KEY = b"initport.counts"

UNFINISHED = ".unfinished"
"""What the name of a part ends in that is being written."""

MISTAKES = "IP6"
"""What the codes of mistakes begin with."""


class Task(NamedTuple):
    """What a worker needs: where to write, and how to read. ``settings`` are those of `initport.batch.rewrite`."""

    out: str
    columns: Columns
    settings: Mapping[str, Any]


class Counts(NamedTuple):
    """Of one part or of many. ``laws``, ``functions`` and ``frameworks`` count all initializers: what they draw, what
    is called, and of which framework that is; ``codes`` count findings, ``failures`` the errors of rows without any.

    A table that grows beyond what memory should hold keeps its most frequent entries; the others are counted
    together."""

    files: int = 0
    bytes: int = 0
    changed: int = 0
    converted: int = 0
    reported: int = 0
    modern: int = 0
    silenced: int = 0
    errors: int = 0
    initializers: int = 0
    codes: Mapping[str, int] = {}
    laws: Mapping[str, int] = {}
    functions: Mapping[str, int] = {}
    frameworks: Mapping[str, int] = {}
    failures: Mapping[str, int] = {}

    def __add__(self, other: "Counts") -> "Counts":  # type: ignore[override]
        """The counts of both."""
        return Counts(*(_sum(one, two) for one, two in zip(self, other, strict=True)))


def _sum(one: Any, two: Any) -> Any:
    return one + two if isinstance(one, int) else _most(Counter(one) + Counter(two), _KEPT)


_KEPT, _KEPT_OF_PART = 10_000, 1000
"""The entries of a table of counts that are kept, of all parts and of one."""

OTHERS = "others"
"""What entries are counted under that are not kept."""


def _most(table: Counter[str], limit: int) -> Mapping[str, int]:
    if len(table) <= limit:
        return dict(table)
    ranked = sorted(table.items(), key=lambda item: (item[0] == OTHERS, -item[1], item[0]))
    kept = dict(ranked[: limit - 1])
    return {**kept, OTHERS: sum(count for _, count in ranked[limit - 1 :])}


def path_of(out: str, number: int) -> str:
    """The file of a part."""
    return os.path.join(out, f"part-{number:06}.parquet")


def counts_of(out: str, number: int) -> Counts | None:
    """What is in the file of a part that is done; None where there is none, or one of another version of initport."""
    try:
        noted = pq.read_metadata(path_of(out, number)).metadata or {}
        return Counts(**json.loads(noted[_KEY]))
    except (OSError, pa.ArrowException, KeyError, ValueError, TypeError):
        return None


def process(number: int, part: Part, task: Task) -> Counts:
    """Work on a part, and write its file. Raises SourceError where it cannot be read, and OSError where nothing can be
    written."""
    target = path_of(task.out, number)
    unfinished = os.path.join(task.out, f".part-{number:06}.{os.getpid()}{UNFINISHED}")
    counts, columns = _Counter(), columns_of(task)
    with _Journal(journal_of(task.out, number)) as journal:
        if journal.is_unreadable:
            raise SourceError(f"{part.source}: the process that read it ended {_DEATHS} times")
        try:
            with pq.ParquetWriter(unfinished, columns, compression="zstd") as writer:
                for group in _groups(_rewritten(part, task, journal, counts)):
                    writer.write_table(pa.Table.from_pylist(group, columns))
                writer.add_key_value_metadata({_KEY: json.dumps(counts.total()._asdict(), sort_keys=True).encode()})
            os.replace(unfinished, target)
        finally:
            with suppress(OSError):
                os.unlink(unfinished)
        journal.finish()
    return counts.total()


def columns_of(task: Task) -> pa.Schema:
    """What the file of a part holds: the source that a row is from, and what `initport.batch.rewrite` gives.

    Raises ValueError where a column that is kept has the name of one of these."""
    found = schema(keep=(*task.columns.keep, "source"), **task.settings)
    order = ["source", *(name for name in found.names if name != "source")]
    return pa.schema([found.field(name) for name in order], metadata=found.metadata)


def _rewritten(part: Part, task: Task, journal: "_Journal", counts: "_Counter") -> Iterator[dict[str, Any]]:
    """A row for each file that there is something to say of."""
    rewriter = Rewriter(**task.settings)
    limit = task.settings.get("max_file_size", MAX_FILE_SIZE.default)
    for index, row in enumerate(rows(part, task.columns, limit)):
        done = {"source": part.source, **_row(rewriter, index, row, journal)}
        journal.between()
        counts.add(row, done)
        if any(done[name] for name in ("findings", "initializers", "error", "modern", "silenced")):
            yield done


def _row(rewriter: Rewriter, index: int, row: Row, journal: "_Journal") -> dict[str, Any]:
    if index in journal.fatal:
        row = row._replace(error=f"the process that read it ended {_DEATHS} times")
    journal.at(index)
    return rewriter.whole(row)


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


def journal_of(out: str, number: int) -> str:
    """The journal of a part that is not done."""
    return os.path.join(out, f".part-{number:06}.at")


_ENTRY = 12
"""The bytes of an entry in a journal."""

_BETWEEN = "between"


class _Journal:
    """Which row is worked on, in a file that outlives the process: an entry for each process that ended by itself, and
    one for this, which is taken back when it ends in another way."""

    open: ClassVar[set["_Journal"]] = set()

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT)
        known = os.read(self._file, os.fstat(self._file).st_size).decode("ascii", "replace").split()
        deaths = Counter(known)
        self.fatal = frozenset(int(at) for at, count in deaths.items() if count >= _DEATHS and at.isdigit())
        self.is_unreadable = deaths[_BETWEEN] >= _DEATHS
        self._start = _ENTRY * len(known)
        self._is_finished = self.is_unreadable
        self.between()

    def at(self, index: int) -> None:
        self._note(str(index))

    def between(self) -> None:
        """The next row is read, or rows are written."""
        self._note(_BETWEEN)

    def _note(self, at: str) -> None:
        os.lseek(self._file, self._start, os.SEEK_SET)
        os.write(self._file, f"{at:>{_ENTRY - 1}}\n".encode())

    def finish(self) -> None:
        """Nothing is left to do."""
        self._is_finished = True

    def take_back(self) -> None:
        """The process is ended by another."""
        os.ftruncate(self._file, self._start)

    def __enter__(self) -> Self:
        self.open.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.open.discard(self)
        with suppress(OSError):
            self.take_back()
            if self._is_finished or not self._start:
                os.unlink(self._path)
        os.close(self._file)


def take_back() -> None:
    """Let no row be blamed for the end of this process."""
    for journal in tuple(_Journal.open):
        with suppress(OSError):
            journal.take_back()


class _Counter:
    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._tables: dict[str, Counter[str]] = {
            name: Counter() for name, default in Counts._field_defaults.items() if default != 0
        }

    def add(self, row: Row, done: dict[str, Any]) -> None:
        size = 0 if row.content is None else len(row.content)
        self._numbers.update(
            files=1, bytes=size, changed=done["content"] is not None, errors=done["error"] is not None,
            **{key: done[key] for key in ("converted", "reported", "modern", "silenced")},
        )  # fmt: skip
        if done["error"] and not done["findings"]:
            self._tables["failures"][done["error"]] += 1
        for finding in done["findings"]:
            self._tables["codes"][finding["code"]] += 1
        for item in done["initializers"]:
            self._numbers["initializers"] += 1
            self._tables["laws"][item["kind"]] += 1
            self._tables["functions"][item["function"] or UNKNOWN] += 1
            self._tables["frameworks"][item["framework"] or UNKNOWN] += 1

    def total(self) -> Counts:
        values: dict[str, Any] = {name: self._numbers[name] for name in Counts._fields}
        return Counts(**{**values, **{name: _most(table, _KEPT_OF_PART) for name, table in self._tables.items()}})
