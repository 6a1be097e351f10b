"""Files as bytes, of those that are files."""

import os
import stat


def read(path: str, size: int = -1) -> bytes:
    """The bytes of a regular file, or the first of them. Raises OSError, also for a file that is none: a pipe could be
    waited on for ever."""
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(None, "it is not a regular file")
        return file.read(size)
