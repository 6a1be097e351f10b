"""Opening what the commands about networks read."""

import sys
from typing import TYPE_CHECKING, Any

from initport.cli.findings import Printer

if TYPE_CHECKING:
    from initport.formats.options import Options

SOURCES = (".py", ".ipynb")
"""The endings of files that are source code, and so no description of a network."""


def source_name(file: str, chosen: dict[str, Any]) -> str | None:
    """The name of an input that is source code; None for any other."""
    name = str(chosen["stdin_filename"] or "") if file == "-" else file
    return name if name.endswith(SOURCES) else None


def open_network(file: str, chosen: dict[str, Any], printer: Printer | None = None) -> "tuple[str, bytes, Options]":
    """The input's name for messages, its bytes, and what is to be read of it; exits with 2 if it cannot be read, which
    the ``printer`` tells."""
    from initport.diagnostics import Code, Diagnostic
    from initport.findings.model import Finding
    from initport.formats.options import Options
    from initport.ir.location import Location

    options = Options(
        phase=chosen["phase"].upper(),
        level=chosen["level"],
        stages=frozenset(chosen["stages"]),
        inputs=chosen["inputs"],
        version=chosen["source_version"],
        laws=tuple(chosen["laws"]),
        strip_scope=chosen["strip_scope"],
    )
    if file == "-":
        return "<stdin>", sys.stdin.buffer.read(), options
    try:
        return file, _bytes(file), options
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        said = Diagnostic(Code.UNREADABLE, Location(file), f"the file cannot be read: {reason}")
        printer = printer or Printer("concise", taken=True)
        printer.add([Finding(said)])
        printer.close()
        sys.exit(2)


def read_file(path: str) -> bytes | None:
    try:
        return _bytes(path)
    except (OSError, ValueError):
        return None


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()
