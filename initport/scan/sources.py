"""What a corpus is made of, in parts that can be read apart: directories, Parquet, JSON lines, archives.

Nothing that an archive holds is unpacked onto a disk.
"""

import json
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import BinaryIO, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from initport.batch import Row, check, require, rows_of, text_of
from initport.project.discover import files
from initport.project.options import SUFFIXES
from initport.project.pins import (
    ROOTS,
    Requirements,
    Stated,
    required_by,
    requirements_in,
    stated_for,
    stated_in,
)
from initport.project.regular_file import read

_FILES = 1000
"""The most files of a directory or an archive in one part."""

_BYTES = 1 << 25
"""About how many bytes of a file of lines, or of the members of an archive, are one part."""

_ESCAPED = 6
"""The most bytes in JSON of one byte of text."""

_ROWS = 256
"""The rows that are read of a table at once."""


_BROKEN = (OSError, pa.ArrowException, zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error)
"""What libraries raise for files that are not what they should be."""


class SourceError(Exception):
    """A source that cannot be used."""


class Part(NamedTuple):
    """One piece of a source: ``items`` are paths of a directory, or numbers of members, row groups or bytes."""

    kind: str
    source: str
    items: tuple[str, ...] | tuple[int, ...]


class Columns(NamedTuple):
    """The columns of tables, and the fields of lines, that hold content and path, and others to take over."""

    content: str = "content"
    path: str = "path"
    keep: Sequence[str] = ()


Fail = Callable[[str, str], None]
"""Takes the path of what cannot be looked at, or holds nothing, and the reason."""


def plan(sources: Iterable[str], fail: Fail | None = None, columns: Columns | None = None) -> Iterator[Part]:
    """The parts of all sources, in an order that is always the same. Raises SourceError, also where a table lacks one
    of the ``columns``."""
    for source in sources:
        try:
            if not os.path.isdir(source):
                yield from _plan_file(source, columns)
            elif tables := _tables(source):
                for path in tables:
                    yield from _plan_file(path, columns)
            else:
                yield from _directory(source, fail)
        except _BROKEN as error:
            raise SourceError(f"{source}: {error}") from error
        except (KeyError, ValueError) as error:
            raise SourceError(f"{source}: {error.args[0]}") from error


def rows(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """The rows of a part; of a file of a directory or an archive no more than ``limit`` + 1 bytes. Raises
    SourceError."""
    try:
        yield from _READERS[part.kind](part, columns, limit)
    except (
        OSError,
        KeyError,
        ValueError,
        pa.ArrowException,
        zipfile.BadZipFile,
        tarfile.TarError,
        EOFError,
        zlib.error,
    ) as error:
        reason = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise SourceError(f"{part.source}: {reason}") from error


_TABLES = (".parquet", ".jsonl", ".ndjson", ".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
"""The endings of files with many files in them."""


def _tables(directory: str) -> list[str]:
    """The tables and archives in a directory, in order; none where it is a tree of source code."""
    found = []
    for here, folders, names in os.walk(directory):
        folders[:] = [name for name in folders if not name.startswith((".", "_"))]
        if any(name.endswith(SUFFIXES) for name in names):
            return []
        found += [os.path.join(here, name) for name in names if name.lower().endswith(_TABLES) and name[0] not in "._"]
    return sorted(found)


def _plan_file(path: str, columns: Columns | None) -> Iterator[Part]:
    name = path.lower()
    if name.endswith(".parquet"):
        with pq.ParquetFile(path) as table:
            if columns is not None:
                check(table.schema_arrow, *columns)
            yield from (Part("parquet", path, (group,)) for group in range(table.num_row_groups))
    elif name.endswith((".jsonl", ".ndjson")):
        size = os.path.getsize(path)
        yield from (Part("lines", path, (start, min(start + _BYTES, size))) for start in range(0, size, _BYTES))
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            sizes = [item.file_size if _is_source(item.filename) else 0 for item in archive.infolist()]
        yield from (Part("zip", path, chunk) for chunk in _chunks(sizes))
    elif tarfile.is_tarfile(path):
        yield Part("tar", path, ())
    else:
        raise SourceError(
            f"{path}: a directory, .parquet, .jsonl, or a .zip or .tar archive is expected; this is none of them"
        )


def _chunks(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """From and up to which member each part goes."""
    start, held = 0, 0
    for index, size in enumerate(sizes):
        if held and (held + size > _BYTES or index - start >= _FILES):
            yield start, index
            start, held = index, 0
        held += size
    if held:
        yield start, len(sizes)


def _directory(top: str, fail: Fail | None) -> Iterator[Part]:
    def report(path: str, reason: str) -> None:
        if fail is not None:
            fail(path, f"the directory cannot be listed: {reason}")

    found = files([top], (), (), fail=None if fail is None else report)
    first = True
    while chunk := tuple(islice(found, _FILES)):
        yield Part("directory", top, chunk)
        first = False
    if first and fail is not None:
        fail(top, "nothing in it is Python source, a table or an archive")


def _of_directory(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    for path in map(str, part.items):
        try:
            content = read(path, limit + 1)
        except OSError as error:
            yield Row(path, None, error=error.strerror or str(error))
            continue
        yield Row(path, content, requirements_in(os.path.dirname(os.path.abspath(path))))


def _of_parquet(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """A row without a path is called by its number in the file, from 0 on."""
    with pq.ParquetFile(part.source) as table:
        check(table.schema_arrow, *columns)
        names = dict.fromkeys((columns.content, columns.path, "versions", *columns.keep))
        wanted = [name for name in names if name in table.schema_arrow.names]
        groups = list(map(int, part.items))
        number = sum(table.metadata.row_group(group).num_rows for group in range(groups[0]))
        for batch in table.iter_batches(_ROWS, row_groups=groups, columns=wanted):
            for row in rows_of(batch, *columns):
                yield row._replace(path=row.path or f"{part.source}#row={number}")
                number += 1


def _of_lines(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """The lines that begin in the part; one without a path is called by the byte that it begins at. What is not an
    object with such a field is a row without content, and so is a line that no file of ``limit`` bytes fills; an empty
    line is none."""
    start, end = map(int, part.items)
    most = _ESCAPED * limit + _BYTES
    with open(part.source, "rb") as file:
        if start:
            file.seek(start - 1)
            _end_line(file, file.readline(most))
        while (at := file.tell()) < end and (line := file.readline(most)):
            whole = _end_line(file, line)
            if not line.strip():
                continue
            row = _line(line, columns) if whole else Row(None, None, error="the line is longer than that of any file")
            yield row._replace(path=row.path or f"{part.source}#byte={at}")


def _end_line(file: BinaryIO, line: bytes) -> bool:
    """Read on to the end of a line, of which nothing is kept; whether it had ended."""
    whole = line.endswith(b"\n") or not file.peek(1)  # type: ignore[attr-defined]
    while not line.endswith(b"\n") and (line := file.readline(_BYTES)):
        pass
    return whole


def _line(line: bytes, columns: Columns) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Row(None, None, error=f"the line is not JSON: {error}")
    if not isinstance(value, dict):
        return Row(None, None, error="the line is no object of JSON")
    path, content, versions = value.get(columns.path), value.get(columns.content), value.get("versions")
    kept = {name: text_of(value.get(name)) for name in columns.keep}
    row = Row(path if isinstance(path, str) else None, None, kept=kept)
    if content is not None and not isinstance(content, str):
        return row._replace(error=f"the field `{columns.content}` is no string")
    is_list = isinstance(versions, list) and all(isinstance(item, str) for item in versions)
    if not (versions is None or isinstance(versions, str) or is_list):
        return row._replace(error="the field `versions` is no list of strings")
    return row._replace(content=content, required=require(versions, "the field `versions`"))


def _of_zip(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    start, end = map(int, part.items)
    with zipfile.ZipFile(part.source) as archive:
        members = archive.infolist()

        def read_some(wanted: Wanted) -> Iterator[tuple[str, bytes | None]]:
            chosen = (item for item in members if wanted(item.filename))
            return ((item.filename, _zip_member(archive, item, _PINS)) for item in chosen)

        pins = _Pins(read_some)
        for item in members[start:end]:
            if _is_source(item.filename):
                yield _member(item.filename, _zip_member(archive, item, limit), pins)


def _zip_member(archive: zipfile.ZipFile, item: zipfile.ZipInfo, limit: int) -> bytes | None:
    """None for a member that is broken or encrypted."""
    try:
        with archive.open(item) as file:
            return file.read(limit + 1)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def _member(name: str, content: bytes | None, pins: "_Pins") -> Row:
    error = "the member of the archive is broken or encrypted" if content is None else None
    return Row(name, content, pins.of(name), error=error)


def _of_tar(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """Read more than once, as what projects require may stand behind their files."""

    def read_some(wanted: Wanted) -> Iterator[tuple[str, bytes | None]]:
        for archive, item in _tar_members(part.source):
            if wanted(item.name):
                yield item.name, _tar_member(archive, item, _PINS)

    pins = _Pins(read_some)
    for archive, item in _tar_members(part.source):
        if item.isreg() and _is_source(item.name):
            yield _member(item.name, _tar_member(archive, item, limit), pins)


def _tar_members(path: str) -> Iterator[tuple[tarfile.TarFile, tarfile.TarInfo]]:
    with tarfile.open(path) as archive:
        for item in archive:
            yield archive, item
            archive.members = []  # type: ignore[attr-defined]  # what is behind is not kept


def _tar_member(archive: tarfile.TarFile, item: tarfile.TarInfo, limit: int) -> bytes | None:
    file = archive.extractfile(item) if item.isreg() else None
    return None if file is None else file.read(limit + 1)


_PINS = 1 << 22
"""The most bytes that are read of a file in which a project states what it requires."""

_TAKEN = 10_000
"""The most files that those take in, of a whole archive."""

_DEPTH = 3
"""How often an archive is read again for files that those take in."""

Wanted = Callable[[str], bool]


def _is_source(name: str) -> bool:
    return name.endswith(SUFFIXES)


class _Pins:
    """What the projects in an archive require: the files nearest to a member, with those that they take in, as in a
    directory. ``read_some`` reads the members whose names are wanted."""

    def __init__(self, read_some: Callable[[Wanted], Iterable[tuple[str, bytes | None]]]) -> None:
        self._stated: dict[str, Stated] = {}
        self._roots: set[str] = set()
        self._add(read_some(self._is_pin))
        for _ in range(_DEPTH):
            others = (name for stated in self._stated.values() for name in stated.others)
            missing = frozenset(islice((name for name in others if name not in self._stated), _TAKEN))
            if not missing:
                break
            self._stated.update(dict.fromkeys(missing, _NOTHING))
            self._add(read_some(missing.__contains__))
        self._by_directory: dict[str, list[str]] = {}
        for name in sorted(self._stated):
            if (directory := stated_for(name)) is not None:
                self._by_directory.setdefault(directory, []).append(name)
        self._required: dict[str, Requirements] = {}

    def _is_pin(self, name: str) -> bool:
        """Whether it is a file in which a project states what it requires; tops of projects are noted in passing."""
        parts = name.split("/")
        self._roots.update("/".join(parts[:at]) for at, part in enumerate(parts) if part in ROOTS)
        return stated_for(name) is not None

    def _add(self, found: Iterable[tuple[str, bytes | None]]) -> None:
        self._stated.update(
            (name, stated_in((data or b"").decode(errors="replace"), name, name)) for name, data in found
        )

    def of(self, name: str) -> Requirements:
        above, directory = [], name
        while directory:
            directory = directory.rpartition("/")[0]
            above.append(self._in(directory) if directory in self._by_directory else {})
        return {package: evidence for known in reversed(above) for package, evidence in known.items()}

    def _in(self, directory: str) -> Requirements:
        """What the files of a directory require."""
        if directory not in self._required:
            names, root = self._by_directory[directory], self._root_of(directory)
            self._required[directory] = required_by(names, lambda path: self._stated.get(path, _NOTHING), root)
        return self._required[directory]

    def _root_of(self, directory: str) -> str:
        """The top directory of the project that a directory is in, as the start of paths."""
        here = directory
        while here and here not in self._roots:
            here = here.rpartition("/")[0]
        found = here if here in self._roots else directory
        return f"{found}/" if found else ""


_NOTHING = Stated({}, ())


_READERS: Mapping[str, Callable[[Part, Columns, int], Iterator[Row]]] = {
    "directory": _of_directory,
    "parquet": _of_parquet,
    "lines": _of_lines,
    "zip": _of_zip,
    "tar": _of_tar,
}
