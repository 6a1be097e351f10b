"""Opening the one input of a command: what it is, and its bytes."""

import os
import stat
import sys
from typing import TYPE_CHECKING, Any

from initport.cli.console import echo
from initport.cli.line import Line, MisuseError
from initport.project.options import PYTHON, Input, Values, kind_of, shapes, target_of
from initport.records import NamedTuple

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.formats.format import ReadFile
    from initport.formats.read_options import Options


class Opened(NamedTuple):
    """``name`` is what the input is called in messages, and ``path`` where it is (`-` for standard input); ``format``
    is that of a network, and empty for source code."""

    kind: Input
    format: str
    path: str
    name: str
    data: bytes


class UnreadableError(Exception):
    """The input cannot be read, for the reason that ``diagnostic`` gives."""

    def __init__(self, diagnostic: "Diagnostic") -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def open_input(line: Line, file: str, values: dict[str, Any]) -> Opened:
    """Raises UnreadableError, and MisuseError for an option that has no use for such an input."""
    file = _in_directory(file)
    stdin = values.get("stdin_filename")
    name = file if file != "-" else stdin or "<stdin>"
    stated = values["from"]
    kind = kind_of(name) if stated == "auto" else Input.SOURCE if stated == PYTHON else Input.NETWORK
    line.check_use(kind)
    try:
        data = sys.stdin.buffer.read() if file == "-" else _bytes(file)
    except (OSError, ValueError) as error:
        from initport.diagnostics import Code, Diagnostic
        from initport.ir.location import Location

        reason = error.strerror if isinstance(error, OSError) else str(error)
        place = Location(name)
        raise UnreadableError(Diagnostic(Code.UNREADABLE, place, f"the file cannot be read: {reason}")) from error
    if kind is Input.SOURCE:
        _reject_pointer(name, data)
    return Opened(kind, "" if kind is Input.SOURCE else _format(line, stated, name, data), file, name, data)


def _reject_pointer(name: str, data: bytes) -> None:
    """Raises UnreadableError where Git LFS has left a pointer in the place of source code."""
    if data.startswith(b"version https://git-lfs"):
        from initport.diagnostics import Code, Diagnostic
        from initport.formats.other_tools import LFS_POINTER
        from initport.ir.location import Location

        raise UnreadableError(Diagnostic(Code.UNREADABLE, Location(name), LFS_POINTER.text))


_FIELDS = {"phase": "phase", "level": "level", "stage": "stages", "input": "inputs", "source_version": "version",
           "root": "root", "laws": "laws", "with": "laws", "strip_scope": "strip_scope"}  # fmt: skip
"""The fields of `formats.read_options.Options` that options set."""


def _format(line: Line, stated: str, name: str, data: bytes) -> str:
    """Raises UnreadableError where the input is of none, and MisuseError for an option that the format does not use."""
    from initport.diagnostics import InputError
    from initport.formats.index import by_name, detect, inapplicable

    try:
        found = detect(name, data) if stated == "auto" else by_name(stated)
    except InputError as error:
        raise UnreadableError(error.diagnostic) from error
    given = {_FIELDS[option]: option for option in line.given if option in _FIELDS}
    idle = next(iter(inapplicable(found, given)), None)
    if idle is not None:
        key = given[idle].replace("_", "-")
        from initport.findings.escape import printable

        raise MisuseError(f"`--{key}` has no use for {found.title} ({printable(name)})")
    return found.name


def network_options(values: dict[str, Any], name: str) -> "Options":
    """What is read of a network of that name. Raises MisuseError for the version of a package that is none of its
    formats."""
    from initport.formats.read_options import Options

    return Options(
        phase=values["phase"].upper(),
        level=values["level"],
        stages=frozenset(values["stage"]),
        inputs=shapes(values["input"]),
        version=_version(values["source_version"]),
        laws=(*values["laws"], *_laws_in(values["with"])),
        strip_scope=values["strip_scope"],
        root=_root(values["root"], name),
    )


def _laws_in(files: tuple[str, ...]) -> list[str]:
    """The laws that the initializers of programs are. Raises MisuseError for a file that cannot be read."""
    found: list[str] = []
    for file in files:
        from initport.diagnostics import InputError
        from initport.explain.source_laws import laws_in

        try:
            found += laws_in(_bytes(file), file)
        except (OSError, InputError) as error:
            from initport.findings.escape import printable

            reason = error.strerror if isinstance(error, OSError) else error.diagnostic.detail
            raise MisuseError(f"`--with {printable(file)}`: {reason}") from error
    return found


def _root(root: str | None, name: str) -> str | None:
    """The directory, absolute where the input's name is and relative otherwise."""
    if root is None:
        return None
    return os.path.abspath(root) if os.path.isabs(name) else os.path.relpath(root)


def _version(stated: tuple[str, ...]) -> str | None:
    from initport.formats.index import formats

    found = None
    for value in stated:
        package, equals, version = value.rpartition("=")
        packages = [name for name, item in formats().items() if "version" in item.options]
        if equals and package not in packages:
            raise MisuseError(f"`--source-version {value}`: {package} is the format of no network; VERSION alone "
                                   f"is the input's own, and the packages are {', '.join(packages)}")  # fmt: skip
        found = version
    return found


def check_source(values: Values) -> None:
    """Raises MisuseError for a target that source code is not rewritten for, and for a version without its package."""
    try:
        target_of(values, Input.SOURCE)
    except ValueError as error:
        raise MisuseError(str(error)) from error
    source_versions(values["source_version"])


def source_versions(stated: tuple[str, ...]) -> None:
    """Raises MisuseError for a version without its package: source code can use several."""
    for value in stated:
        if value.startswith("caffe="):
            raise MisuseError(f"`--source-version {value}`: source code uses no initializers of Caffe")
        if "=" not in value:
            raise MisuseError(f"`--source-version {value}`: of which package? Source code can use several: pass "
                                   f"`--source-version tf={value}` or `keras={value}`")  # fmt: skip


def _in_directory(file: str) -> str:
    """Of a directory, the file in it that describes the network, if there is one; else what is given."""
    if not os.path.isdir(file):
        return file
    from initport.formats.directory import network_file

    assets = os.path.join(file, "assets")
    inside = [f"assets/{name}" for name in os.listdir(assets)] if os.path.isdir(assets) else []
    found = network_file([*os.listdir(file), *inside])
    return file if found is None else os.path.join(file, found)


def files_below(name: str, root: str | None) -> "ReadFile":
    """Reads the files that an input of that name refers to: those below ``root``, or else its own directory, to which
    no link leads on the way."""
    top = (os.path.dirname(name) if root is None else root) or os.curdir

    def read(path: str) -> bytes | None:
        direct = os.path.normpath(os.path.join(os.path.realpath(top), os.path.relpath(path, top)))
        return _read_file(path) if os.path.realpath(path) == direct else None

    return read


def _read_file(path: str) -> bytes | None:
    """The content of a file; None where it is not a regular file, is a link, or is too large."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            found = os.fstat(file.fileno())
            return file.read() if stat.S_ISREG(found.st_mode) and found.st_size <= 1 << 31 else None
    except (OSError, ValueError):
        return None


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


class Network(NamedTuple):
    """A network that is opened: its name in messages, its bytes, what is read of it, and its format."""

    name: str
    data: bytes
    options: "Options"
    source: str


def open_network(line: Line, file: str, values: dict[str, Any]) -> Network:
    """Exits with 2 where the input cannot be read."""
    from initport.cli.printer import report

    try:
        opened = open_input(line, file, values)
    except UnreadableError as error:
        report([error.diagnostic], values["quiet"])
        sys.exit(2)
    return network_of(opened, values)


def network_of(opened: Opened, values: dict[str, Any]) -> Network:
    """An input as a network; of Python source, that which the program builds. Raises MisuseError for an option that has
    no use."""
    if opened.kind is Input.NETWORK:
        return Network(opened.name, opened.data, network_options(values, opened.name), opened.format)
    from initport.formats.read_options import Options
    from initport.project.pins import parse_versions, versions_of

    source_versions(values["source_version"])
    chosen = versions_of(opened.name, parse_versions(tuple(values["source_version"])), opened.data)
    read = Options(versions=chosen.versions, network=values.get("network"))
    return Network(opened.name, opened.data, read, PYTHON)


def put(output: str, data: bytes, file: str) -> None:
    """Write the whole at once; the input itself is never overwritten. Exits with 2 where it cannot be written."""
    from initport.project.replace import replace

    try:
        if file != "-" and os.path.exists(output) and os.path.samefile(output, file):
            raise MisuseError("the output would overwrite the input")
        replace(output, data)
    except OSError as error:
        echo(f"{output}: cannot be written: {error.strerror}", err=True)
        sys.exit(2)
