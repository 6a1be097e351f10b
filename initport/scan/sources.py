"""What a corpus is made of, in parts that can be read apart: directories, Parquet, JSON lines, archives.

Nothing that an archive holds is unpacked onto a disk.
"""

import json
import os
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from initport.batch import Row, rows_of
from initport.grammar.versions import Versions
from initport.project.discover import files
from initport.project.options import SUFFIXES
from initport.project.pins import Requirements, evidence_of, requirements_in, stated_for
from initport.project.regular_file import read

_FILES = 1000
"""The most files of a directory or an archive in one part."""

_BYTES = 1 << 25
"""About how many bytes of a file of lines, or of the members of an archive, are one part."""

_ROWS = 256
"""The rows that are read of a table at once."""


class SourceError(Exception):
    """A source that cannot be used."""


class Part(NamedTuple):
    """One piece of a source: ``items`` are paths of a directory, or numbers of members, row groups or bytes."""

    kind: str
    source: str
    items: tuple[str, ...] | tuple[int, ...]


class Columns(NamedTuple):
    """The columns of tables, and the fields of lines, that hold content and path."""

    content: str = "content"
    path: str = "path"


Fail = Callable[[str, str], None]
"""Takes the path of what cannot be looked at, and the reason."""


def plan(sources: Iterable[str], fail: Fail | None = None) -> Iterator[Part]:
    """The parts of all sources, in an order that is always the same. Raises SourceError."""
    for source in sources:
        try:
            if os.path.isdir(source) and not _is_dataset(source):
                yield from _directory(source, fail)
            elif os.path.isdir(source):
                for name in sorted(os.listdir(source)):
                    if name.endswith(".parquet"):
                        yield from _plan_file(os.path.join(source, name))
            else:
                yield from _plan_file(source)
        except (OSError, pa.ArrowException, zipfile.BadZipFile, tarfile.TarError) as error:
            raise SourceError(f"{source}: {error}") from error


def rows(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """The rows of a part; of a file of a directory or an archive no more than ``limit`` + 1 bytes. Raises
    SourceError."""
    try:
        yield from _READERS[part.kind](part, columns, limit)
    except (OSError, KeyError, pa.ArrowException, zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        reason = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise SourceError(f"{part.source}: {reason}") from error


def _is_dataset(directory: str) -> bool:
    """Whether a directory is one table in Parquet files, rather than a tree of source code."""
    names = [name for name in os.listdir(directory) if not name.startswith((".", "_"))]
    return any(name.endswith(".parquet") for name in names) and not any(name.endswith(SUFFIXES) for name in names)


def _plan_file(path: str) -> Iterator[Part]:
    name = path.lower()
    if name.endswith(".parquet"):
        with pq.ParquetFile(path) as table:
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
    chunk: list[str] = []
    for path in files([top], (), (), fail=fail):
        chunk.append(path)
        if len(chunk) == _FILES:
            yield Part("directory", top, tuple(chunk))
            chunk = []
    if chunk:
        yield Part("directory", top, tuple(chunk))


def _of_directory(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    for path in map(str, part.items):
        try:
            content = read(path, limit + 1)
        except OSError:
            yield path, None, {}
            continue
        yield path, content, requirements_in(os.path.dirname(os.path.abspath(path)))


def _of_parquet(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    with pq.ParquetFile(part.source) as table:
        wanted = [name for name in (*columns, "versions") if name in table.schema_arrow.names]
        for batch in table.iter_batches(_ROWS, row_groups=list(map(int, part.items)), columns=wanted):
            yield from rows_of(batch, *columns)


def _of_lines(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """The lines that begin in the part. What is not an object with such a field is a row without content."""
    start, end = map(int, part.items)
    with open(part.source, "rb") as file:
        if start:
            file.seek(start - 1)
            file.readline()
        while file.tell() < end and (line := file.readline()):
            yield _line(line, columns)


def _line(line: bytes, columns: Columns) -> Row:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None, None, {}
    held = value if isinstance(value, dict) else {}
    path, content, versions = held.get(columns.path), held.get(columns.content), held.get("versions")
    lines = versions if isinstance(versions, list) and all(isinstance(item, str) for item in versions) else ()
    return (
        path if isinstance(path, str) else None,
        content if isinstance(content, str) else None,
        evidence_of("\n".join(lines), "the field `versions`") if lines else {},
    )


def _of_zip(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    start, end = map(int, part.items)
    with zipfile.ZipFile(part.source) as archive:
        members = archive.infolist()
        pins = _Pins((item.filename, _zip_member(archive, item, _PINS)) for item in members if _is_pin(item.filename))
        for item in members[start:end]:
            if _is_source(item.filename):
                yield item.filename, _zip_member(archive, item, limit), pins.of(item.filename)


def _zip_member(archive: zipfile.ZipFile, item: zipfile.ZipInfo, limit: int) -> bytes | None:
    """None for a member that is broken or encrypted."""
    try:
        with archive.open(item) as file:
            return file.read(limit + 1)
    except (RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
        return None


def _of_tar(part: Part, columns: Columns, limit: int) -> Iterator[Row]:
    """Read twice, as what projects require may stand behind their files."""
    with tarfile.open(part.source) as archive:
        pins = _Pins((item.name, _tar_member(archive, item, _PINS)) for item in archive if _is_pin(item.name))
    with tarfile.open(part.source) as archive:
        for item in archive:
            if item.isreg() and _is_source(item.name):
                yield item.name, _tar_member(archive, item, limit), pins.of(item.name)
            archive.members = []  # type: ignore[attr-defined]  # what is behind is not kept


def _tar_member(archive: tarfile.TarFile, item: tarfile.TarInfo, limit: int) -> bytes | None:
    file = archive.extractfile(item) if item.isreg() else None
    return None if file is None else file.read(limit + 1)


_PINS = 1 << 22
"""The most bytes that are read of a file in which a project states what it requires."""


def _is_source(name: str) -> bool:
    return name.endswith(SUFFIXES)


def _is_pin(name: str) -> bool:
    return stated_for(name) is not None


class _Pins:
    """What the projects in an archive require: the files nearest to a member, as in a directory."""

    def __init__(self, found: Iterable[tuple[str, bytes | None]]) -> None:
        self._in: dict[str, Versions] = {}
        for name, data in sorted(found, key=lambda item: item[0]):
            directory = stated_for(name) or ""
            stated = evidence_of((data or b"").decode(errors="replace"), name)
            self._in[directory] = self._in.get(directory, Versions()).narrow(stated)

    def of(self, name: str) -> Requirements:
        above, directory = [], name
        while directory:
            directory = directory.rpartition("/")[0]
            above.append(self._in[directory].known if directory in self._in else {})
        return {package: evidence for known in reversed(above) for package, evidence in known.items()}


_READERS: Mapping[str, Callable[[Part, Columns, int], Iterator[Row]]] = {
    "directory": _of_directory,
    "parquet": _of_parquet,
    "lines": _of_lines,
    "zip": _of_zip,
    "tar": _of_tar,
}
