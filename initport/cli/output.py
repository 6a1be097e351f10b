"""What every command of the command line does alike: put files in place."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from pathlib import Path


def write(output: str, text: str | bytes, file: str) -> None:
    """Put the whole text in place at once; the input itself is never overwritten."""
    from pathlib import Path

    target = Path(output)
    try:
        if file != "-" and target.exists() and target.samefile(file):
            raise click.UsageError("the output would overwrite the input")
        replace(target, text if isinstance(text, bytes) else text.encode())
    except OSError as error:
        click.echo(f"{output}: cannot be written: {error.strerror}", err=True)
        sys.exit(2)


def replace(path: "Path", data: bytes) -> None:
    """Put the bytes in place in one step, with the mode of the file that was there. Raises OSError."""
    import tempfile

    target = path.resolve()
    mode = target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask()
    with _uninterrupted():
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
            os.chmod(temporary, mode)
            os.replace(temporary, target)
        except BaseException:
            os.unlink(temporary)
            raise


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits until the end, so that it leaves no temporary file; it is for the main thread to feel it."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    felt: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: felt.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if felt:
        raise KeyboardInterrupt


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
