"""Files put in place whole, or not at all: whatever ends a run, what is there is the old file or the new one."""

import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

_REST = re.compile(r"\..*\.(\d+)-\w+\.initport")
"""The name of a file that is not in place yet, with the process that writes it."""


class ChangedError(OSError):
    """Another program has written the file since it was read."""


def replace(path: str, data: bytes, before: bytes | None = None) -> None:
    """Put the bytes in place in one step, with the mode and the owner of the file that was there; a link stays one.

    ``before`` is what the file held when it was read: where it holds anything else now, it is left alone. Raises
    OSError: ChangedError for that, and for a file that is read-only, or has several names, which would part. A device,
    a pipe or an open descriptor (`/dev/null`, `/dev/stdout`) takes the bytes, and stays what it is.
    """
    if before is None and _is_stream(path):
        with open(path, "ab") as stream:
            stream.write(data)
        return
    target = os.path.realpath(path)
    directory, name = os.path.split(target)
    _clean(directory)
    with _no_interrupt():
        handle, temporary = tempfile.mkstemp(".initport", f".{name}.{os.getpid()}-", directory)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(handle)
            _prepare(temporary, target, before)
            os.replace(temporary, target)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise


def _is_stream(path: str) -> bool:
    """Whether the path leads to something other than a file in a directory, or to a descriptor of a process."""
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        return False
    links = [path, os.readlink(path)] if os.path.islink(path) else [path]
    if any(os.path.realpath(os.path.dirname(link)).startswith("/proc/") for link in links):
        return True
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _prepare(temporary: str, target: str, before: bytes | None) -> None:
    """Give the new file what the old one has besides its bytes. Raises OSError where that cannot be."""
    try:
        info = os.stat(target)
    except FileNotFoundError:
        os.chmod(temporary, 0o666 & ~_umask())
        return
    if before is not None:
        with open(target, "rb") as file:
            if file.read() != before:
                raise ChangedError(None, "another program has changed it since it was read, so it was left unchanged")
        if not info.st_mode & 0o222:
            raise OSError(None, "it is read-only")
        if info.st_nlink > 1:
            raise OSError(None, f"it has {info.st_nlink} names (hard links), of which only one would change")
    if hasattr(os, "chown") and (info.st_uid, info.st_gid) != _owner(temporary):
        os.chown(temporary, info.st_uid, info.st_gid)
    os.chmod(temporary, stat.S_IMODE(info.st_mode))


def _owner(path: str) -> tuple[int, int]:
    info = os.stat(path)
    return info.st_uid, info.st_gid


@cache
def _clean(directory: str) -> None:
    """Remove what runs that were killed have left, once a directory."""
    for name in os.listdir(directory or os.curdir):
        rest = _REST.fullmatch(name)
        if rest is not None and not _runs(int(rest[1])):
            with suppress(OSError):
                os.unlink(os.path.join(directory, name))


def _runs(process: int) -> bool:
    try:
        if os.name == "posix":  # elsewhere, this would end it
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def _no_interrupt() -> Iterator[None]:
    """Ctrl-C waits until the end, so that it leaves no temporary file; only the main thread receives it."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if received:
        raise KeyboardInterrupt


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
