"""What became of a file, and the first test of all: whether it can hold a site."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from initport.diagnostics import Code, Diagnostic
from initport.findings import WORD
from initport.grammar import trigger_words
from initport.ir.location import Location
from initport.python.triggers import import_words, may_hold_any

if TYPE_CHECKING:
    from initport.findings.finding import Change, Finding
    from initport.rewrite.inventory import Entry


def source_bytes(data: bytes, path: str) -> bytes:
    """What the first looks are at: a file's bytes, or a notebook's without the escapes of its JSON (RFC 8259, 7), which
    stand before quotes and words."""
    if not path.endswith(".ipynb"):
        return data
    plain = data.replace(b"\\n", b"\n").replace(b"\\t", b"\t").replace(b'\\"', b'"')
    return _CODE.sub(lambda found: bytes((int(found[1], 16),)), plain) if b"\\u00" in plain else plain


_CODE = re.compile(rb"\\u00([0-7][0-9a-fA-F])")


def may_hold_sites(data: bytes) -> bool:
    """Whether there may be something to report: a site, or an ignore comment without one."""
    return WORD in data or may_hold_any(data)


def may_differ(data: bytes, target: str) -> bool:
    """Whether source code may make layers whose defaults are not those of the target's own layers."""
    return target in trigger_words.with_own_layers() and not _roots().isdisjoint(import_words(data))


@cache
def _roots() -> frozenset[bytes]:
    return frozenset(root.encode() for root in trigger_words.roots())


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: its bytes before and after where it changed, else None. ``modern`` counts the sites that
    need no change, and ``silenced`` those that are not reported. ``alone`` is whether the file and what its project
    requires decided it, and no other file's names; ``lasting`` is whether it stays the same whatever becomes of other
    files that use its functions. ``entries`` is every initializer, where the run asks for that."""

    path: str
    before: bytes | None = None
    after: bytes | None = None
    findings: "tuple[Finding, ...]" = ()
    modern: int = 0
    silenced: int = 0
    alone: bool = True
    lasting: bool = True
    entries: "tuple[Entry, ...]" = ()

    @property
    def changes(self) -> "tuple[Change, ...]":
        """What takes the place of what."""
        return tuple(item.change for item in self.findings if item.change is not None)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """The findings that come with no change."""
        return tuple(item.diagnostic for item in self.findings if item.change is None)

    def as_written(self) -> "Outcome":
        """The same once its changes were made."""
        done = (item._replace(done=item.change is not None) for item in self.findings)
        return replace(self, findings=tuple(done))


def failure(
    path: str, detail: str, codes: Collection[Code], code: Code = Code.UNREADABLE, line: int | None = None
) -> Outcome:
    """The outcome of a file that was left as it was."""
    from initport.findings.finding import Finding

    found = Finding(Diagnostic(code, Location(path, line), detail))
    return Outcome(path, findings=(found,) if code in codes else ())
