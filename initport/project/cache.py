"""What is remembered of clean files, so that they are not read twice: nothing but hashes and counts.

A file in the cache's directory holds records of a key and its counts under a checksum, and is replaced as a whole; what
does not bear its checksum is as if it were not there. Several runs may share it: each adds what it found to what is
there when it ends, and what one of them loses is found again. The directory follows the Cache Directory Tagging
Specification.
"""

import os
from collections.abc import Iterator, Mapping
from functools import cache as once
from hashlib import sha256
from struct import Struct

from initport import __version__
from initport.grammar.version import Version
from initport.grammar.versions import Versions
from initport.project.pins import versions_of
from initport.project.regular_file import read

Counts = tuple[int, int]
"""How many initializers of a clean file need no change, and how many findings its comments silence."""

_WITH_OTHERS = ((1 << 32) - 1, 0)
"""Stands for the counts of a file that are remembered together with what the project's other files show."""

_MAGIC = b"initport cache 2\n"
_RECORD = Struct(">16s2I")
_LIMIT = 1 << 16
"""Records that a file holds; beyond, only those of the last run are kept."""

_TAG = b"Signature: 8a477f597d28d172789f06886806bc55\n# A cache of initport; it may be deleted at any time.\n"


class Cache:
    """What was found to be clean under ``settings``, a text of all that decides it but the versions, which
    ``given`` states or the file's project pins. ``by_path`` is whether where a file lies decides too."""

    def __init__(self, directory: str, settings: str, given: Mapping[str, Version], by_path: bool = False) -> None:
        self.directory = directory
        self.hits = 0
        self.found: dict[bytes, Counts] = {}
        self._settings = settings
        self._given = given
        self._by_path = by_path
        self._known: dict[bytes, Counts] | None = None
        self._used: set[bytes] = set()
        self._versions: dict[tuple[str, bool], object] = {}

    def empty(self) -> "Cache":
        """One for another process to fill."""
        return Cache(self.directory, self._settings, self._given, self._by_path)

    def recall(self, path: str) -> Counts | None:
        """What is known of a file as it is now; None where nothing is."""
        if self._known is None:
            self._known = dict(_records(self._path))
        try:
            held = _key_of(path, read(path))
        except OSError:
            return None
        used = held if held in self._known else self._read(path, held)
        counts = self._known.get(used)
        if counts == _WITH_OTHERS:
            self._used.add(used)
            used = self._read(path, held, with_others=True)
            counts = self._known.get(used)
        if counts is not None:
            self._used.add(used)
            self.hits += 1
        return counts

    def remember(self, path: str, data: bytes, counts: Counts, read: bool, alone: bool = True) -> None:
        """A clean file; ``read`` is whether it holds anything to be read, so that the settings decide, and ``alone``
        is whether the names in the project's other files had no part in it."""
        held = _key_of(path, data)
        if read and not alone:
            self.found[self._read(path, held)] = _WITH_OTHERS
        self.found[self._read(path, held, not alone) if read else held] = counts

    def _read(self, path: str, held: bytes, with_others: bool = False) -> bytes:
        """The key of a file that is read, with what decides how."""
        where = os.path.abspath(path) if self._by_path else ""
        decides = (self._settings, self._versions_in(os.path.dirname(path), with_others), where)
        return sha256(held + repr(decides).encode(errors="surrogateescape")).digest()[:16]

    def _versions_in(self, directory: str, with_others: bool) -> object:
        """What is known of the versions of the packages in a directory; of the names in other files only if asked, as
        those have to be read."""
        known = self._versions.get((directory, with_others))
        if known is None:
            versions = versions_of(os.path.join(directory, "a.py"), self._given).versions
            known = versions.key(), Versions(known=versions.around()).key() if with_others else ()
            self._versions[directory, with_others] = known
        return known

    @property
    def _path(self) -> str:
        return os.path.join(self.directory, fingerprint().hex()[:16])

    def save(self) -> None:
        """Add what was found to the file. A directory that cannot be written is no error."""
        if not self.found:
            return
        records = {**dict(_records(self._path)), **self.found}
        if len(records) > _LIMIT:
            records = {key: counts for key, counts in records.items() if key in self._used or key in self.found}
        body = b"".join(_RECORD.pack(key, *counts) for key, counts in records.items())
        try:
            _make(self.directory)
            temporary = f"{self._path}.{os.getpid()}"
            with open(temporary, "wb") as file:
                file.write(_MAGIC + sha256(body).digest() + body)
            os.replace(temporary, self._path)
        except OSError:
            return


def _key_of(path: str, data: bytes) -> bytes:
    """The key of what a file holds and what its name says that it is."""
    suffix = path.rpartition(".")[2].encode(errors="surrogateescape")
    digest = sha256(b"%d %s " % (len(suffix), suffix))
    digest.update(data)
    return digest.digest()[:16]


@once
def fingerprint() -> bytes:
    """The hash of what identifies this initport: its version, and the names, sizes and times of its code and its
    grammars (see `grammar.files`). To read them all would take a tenth of a run over clean files."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    beside = os.path.join(os.path.dirname(package), "grammars")
    digest = sha256(__version__.encode())
    for root in (package,) if os.path.isdir(os.path.join(package, "grammars")) else (package, beside):
        for directory, directories, names in os.walk(root):
            directories[:] = sorted(name for name in directories if name != "__pycache__")
            for name in sorted(names):
                info = os.stat(os.path.join(directory, name))
                digest.update(f"{name} {info.st_size} {info.st_mtime_ns}\n".encode())
    return digest.digest()


def _records(path: str) -> Iterator[tuple[bytes, Counts]]:
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError:
        return
    start = len(_MAGIC) + 32
    body = data[start:]
    if data[:start] == _MAGIC + sha256(body).digest() and len(body) % _RECORD.size == 0:
        for key, modern, silenced in _RECORD.iter_unpack(body):
            yield key, (modern, silenced)


def _make(directory: str) -> None:
    """The directory, which keeps itself out of repositories and backups. Raises OSError."""
    if os.path.isdir(directory):
        return
    os.makedirs(directory)
    for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", b"*\n")):
        with open(os.path.join(directory, name), "wb") as file:
            file.write(text)
