"""Command lines of `initport convert` that say plainly what they mean, and `initport --version`, run without click.

click takes most of the time in which a small network is converted. It is left out where every word of the command line
is the file, an option of the command in full, or a value that the option takes, and nothing is to be coloured; any
other line, and one that asks for what there is not, is click's, which has the words for it.
"""

import errno
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from initport.project.options import Option

_CLICKS = ("_INITPORT_COMPLETE", "NO_COLOR", "FORCE_COLOR")
"""Variables that click regards."""


class _NotPlainError(Exception):
    pass


def run(args: Sequence[str]) -> int | None:
    """The exit status of `initport` with these arguments; None where it is not run, and nothing is written."""
    if os.name != "posix" or any(name in os.environ for name in _CLICKS):
        return None
    if args == ["--version"]:
        return _print_version()
    if args[:1] != ["convert"]:
        return None
    from initport.cli.line import Line, MisuseError
    from initport.cli.network_code import DECLARED, convert

    try:
        file, values, given = parse(args[1:], DECLARED)
        with_large_steps()
        gc.enable()
        return convert(Line(DECLARED, given), file, values)
    except (_NotPlainError, MisuseError):
        return None
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        return fail_to_write(error)


def _print_version() -> int:
    from initport import __version__

    try:
        print(f"initport {__version__}")
    except OSError as error:
        return fail_to_write(error)
    return flush(0)


def with_large_steps() -> None:
    """Modules and what is made of a file are not garbage, and soon gone with the process."""
    gc.set_threshold(1_000_000)


def flush(status: int) -> int:
    """The exit status of a command that ends so, once all that it printed is written."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError as error:
        return fail_to_write(error)
    return status


def fail_to_write(error: OSError) -> int:
    """The exit status where output cannot be written: 1 where a pipe's reader has gone, else 2, and stderr says why.
    What is left in the buffers is lost."""
    if error.errno != errno.EPIPE:
        with suppress(OSError):
            os.write(2, f"initport: the output cannot be written: {error.strerror}\n".encode())
    null = os.open(os.devnull, os.O_WRONLY)
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        if stream is not None:
            os.dup2(null, number)
    return 1 if error.errno == errno.EPIPE else 2


def parse(args: Sequence[str], declared: "Sequence[Option]") -> tuple[str, dict[str, Any], list[str]]:
    """The file, the values of all options by their names in the code, and the names of those that are given. Raises
    _NotPlainError."""
    by_word = {word: option for option in declared for word in _words(option)}
    values: dict[str, Any] = {option.name: _default(option) for option in declared}
    files, given = [], []
    words = iter(args)
    for word in words:
        if not word.startswith("-"):
            files.append(word)
            continue
        key, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        option = by_word.get(key)
        if option is None or (option.name in given and not option.many):
            raise _NotPlainError
        found = _flag(equals) if option.kind == "flag" else _value(option, value if equals else next(words, ""))
        values[option.name] = (*values[option.name], found) if option.many else found
        given.append(option.name)
    if len(files) != 1 or not files[0]:
        raise _NotPlainError
    _check(values, (option for option in declared if option.name in given))
    return files[0], values, given


def _words(option: "Option") -> Iterator[str]:
    yield from (f"--{name}" for name in (option.key, *option.also))
    if option.letter:
        yield f"-{option.letter}"


def _default(option: "Option") -> Any:
    """Where a variable may state it, click reads it."""
    if option.variable is not None:
        raise _NotPlainError
    return () if option.many else option.default


def _flag(equals: str) -> bool:
    if equals:
        raise _NotPlainError
    return True


def _value(option: "Option", text: str) -> str | int:
    plain = option.kind in ("string", "path", "integer") and text and not text.startswith("-")
    if not plain or (option.choices and text not in option.choices):
        raise _NotPlainError
    if option.kind != "integer":
        return text
    if not (text.isascii() and text.isdecimal() and len(text) < 10) or option.least is not None:
        raise _NotPlainError
    return int(text)


def _check(values: dict[str, Any], options: "Iterator[Option]") -> None:
    for option in options:
        if option.check is not None:
            try:
                option.check(values[option.name])
            except ValueError:
                raise _NotPlainError from None
