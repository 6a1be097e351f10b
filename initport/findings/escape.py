"""Text of inputs and names of files, made fit to be printed."""

import os
from functools import lru_cache


def printable(text: str) -> str:
    """A terminal must not obey what an input says, and one finding stays on one line."""
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def sound(text: str) -> str:
    """The text without lone surrogates, which no encoding can write; a byte of a path that is not UTF-8 is one."""
    return text.encode("utf-8", "backslashreplace").decode()


@lru_cache(maxsize=1024)
def relative(path: str, root: str) -> str:
    """The path from the directory ``root``, with slashes; absolute where it leads out of it."""
    whole = os.path.normpath(os.path.join(root, path))
    inside = os.path.relpath(whole, root) if os.path.splitdrive(whole)[0] == os.path.splitdrive(root)[0] else whole
    outside = inside == os.pardir or inside.startswith(os.pardir + os.sep)
    return (whole if outside else inside).replace(os.sep, "/")


@lru_cache(maxsize=1024)
def uri(path: str, root: str) -> str:
    """The same as a URI reference of RFC 3986: relative, or ``file:``."""
    from urllib.parse import quote  # costly to import

    name = relative(path, root)
    quoted = quote(name.encode("utf-8", "surrogateescape" if _is_escaped(name) else "backslashreplace"))
    return f"file://{quoted}" if name.startswith("/") else quoted


def _is_escaped(name: str) -> bool:
    """Whether all lone surrogates stand for bytes."""
    return all("\udc80" <= character <= "\udcff" for character in name if "\ud800" <= character <= "\udfff")
