"""For people: the place, the rule, the source line with a mark, the distribution before and after, and the reason."""

import unicodedata
from collections.abc import Iterator, Sequence

from initport.findings.escape import printable
from initport.findings.finding import Excerpt, Finding
from initport.findings.writers import Context
from initport.findings.writers.concise import head

_TAB = "    "


def render(findings: Sequence[Finding], context: Context) -> str:
    return "".join("".join(f"{line}\n" for line in _lines(finding, context)) + "\n" for finding in findings)


def _lines(finding: Finding, context: Context) -> Iterator[str]:
    yield f"{head(finding, context)} {finding.code.title}"
    gutter = ""
    if finding.excerpt is not None:
        gutter = " " * len(str(finding.location.line))
        yield f"{gutter} |"
        yield from _underline(finding, finding.excerpt, context)
    for label, note in _notes(finding):
        yield f"{gutter} = {context.paint(f'{label}:', 'label')} {printable(note)}"


def _underline(finding: Finding, excerpt: Excerpt, context: Context) -> Iterator[str]:
    parts = (excerpt.text[: excerpt.start], excerpt.text[excerpt.start : excerpt.end], excerpt.text[excerpt.end :])
    number = str(finding.location.line)
    room = None if context.width is None else max(context.width - len(number) - 3, 10)
    before, subject, after = _clip([_escape(part) for part in parts], room)
    yield f"{number} | {before}{subject}{after}".rstrip()
    mark = context.paint("^" * max(1, _cells(subject)), "mark")
    yield f"{' ' * len(number)} | {' ' * _cells(before)}{mark}"


def _clip(parts: Sequence[str], room: int | None) -> tuple[str, str, str]:
    """The line in so many columns, an ellipsis where it is cut; of the subject its start is kept."""
    before, subject, after = parts
    if room is None or _cells(before + subject + after) <= room:
        return before, subject, after
    if _cells(before) > room // 3 and _cells(before + subject) > room - 1:
        kept = max(room - _cells(subject) - 2, room // 3)
        before = f"…{_last(before, kept - 1)}"
    if _cells(before + subject) > room - 1:
        return before, f"{_first(subject, room - _cells(before) - 1)}…", ""
    return before, subject, after and f"{_first(after, room - _cells(before + subject) - 1)}…"


def _first(text: str, room: int) -> str:
    """The start of a text that takes so many columns at most."""
    end = taken = 0
    while end < len(text) and (taken := taken + _cells(text[end])) <= room:
        end += 1
    return text[:end]


def _last(text: str, room: int) -> str:
    return _first(text[::-1], room)[::-1]


def _notes(finding: Finding) -> Iterator[tuple[str, str]]:
    change = finding.change
    if finding.before is not None:
        yield "before", finding.before
    if change is None:
        yield "reason", finding.reason
        return
    yield "after", change.after
    yield "written" if finding.done else "write", change.text
    if finding.assumed:
        yield "assumes", finding.assumptions
    if finding.premise:
        yield "version", finding.premise


def _escape(text: str) -> str:
    return printable(text.replace("\t", _TAB))


def _cells(text: str) -> int:
    """The columns of a terminal that a text takes (Unicode's annex 11)."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
