"""What became of a file, and the first test of all: whether it can hold a site."""

from dataclasses import dataclass

from initport.diagnostics import Code, Diagnostic
from initport.ir.location import Location
from initport.readers.python_source.triggers import may_draw

ROUGH = (b"nitializ", b"init_ops", b"Normal", b"Uniform", b"Orthogonal", b"Scaling", b"orthogonal")
"""One of these is part of every trigger word (a test sees to it): without any, the grammars need not be read."""


def may_hold_sites(data: bytes) -> bool:
    return any(word in data for word in ROUGH) or may_draw(data)


@dataclass(frozen=True, slots=True)
class Change:
    """A site and what takes its place; ``assumed`` are the user's assumptions that this rests on."""

    line: int
    column: int
    source: str
    text: str
    assumed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: its bytes before and after where it changed, else None. ``modern`` counts the sites that
    need no change."""

    path: str
    before: bytes | None = None
    after: bytes | None = None
    changes: tuple[Change, ...] = ()
    modern: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()


def failed(path: str, detail: str, code: Code = Code.UNREADABLE, line: int | None = None) -> Outcome:
    """The outcome of a file that was left as it was."""
    return Outcome(path, diagnostics=(Diagnostic(code, Location(path, line), detail),))
