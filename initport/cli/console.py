"""Text and bytes to the standard streams, in colour where click says so.

click is imported only where there are colours to write, or a stream whose encoding it mends: most runs need neither.
"""

import sys
from typing import Any, TextIO


def is_coloured(err: bool = False) -> bool:
    """Whether the stream is to have colours: as the command line says, else where it is a terminal."""
    stream = sys.stderr if err else sys.stdout
    click = sys.modules.get("click")  # which has read the command line, where it is loaded
    context = None if click is None else click.get_current_context(silent=True)
    stated = None if context is None else context.color
    return bool(stated) if stated is not None else stream is not None and stream.isatty()


def number(count: int, thing: str) -> str:
    """A number of things, in words."""
    return f"{count:,} {thing}{'s' * (count != 1)}"


def echo(data: str | bytes, err: bool = False, nl: bool = True) -> None:
    """Write to stdout, or to stderr; whatever cannot be written as it is goes through click."""
    stream: TextIO | Any = sys.stderr if err else sys.stdout
    plain = (stream is not None and (stream.encoding or "").lower() == "utf-8" and not is_coloured(err)
             and not (isinstance(data, str) and "\x1b" in data))  # fmt: skip
    if not plain:
        import click

        click.echo(data, nl=nl, err=err)
    elif isinstance(data, str):
        stream.write(f"{data}\n" if nl else data)
        stream.flush()
    else:
        stream.flush()
        stream.buffer.write(data + b"\n" if nl else data)
        stream.buffer.flush()
