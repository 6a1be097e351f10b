"""What the codemod did and left in a module as findings."""

from collections.abc import Callable

from initport.diagnostics import Diagnostic
from initport.findings.finding import Change, Excerpt, Finding, excerpt
from initport.ir.describe import law
from initport.ir.location import Location
from initport.lexis import one_line
from initport.python.sites import Left
from initport.python.text import Text
from initport.rewrite.apply import Converted, Rewritten

Locate = Callable[[int], Location]
"""An offset of a module's text to where it is in its file."""


def findings(rewritten: Rewritten, locate: Locate) -> tuple[Finding, ...]:
    """In the order of the source."""
    text = rewritten.before
    found = [
        *((item.line, item.column, _finding_of_change(item, text, locate)) for item in rewritten.converted),
        *((item.line, item.column, _finding_of_left(item, text, locate)) for item in rewritten.left),
    ]
    return tuple(finding for _, _, finding in sorted(found, key=lambda entry: entry[:2]))


def _finding_of_change(item: Converted, text: Text, locate: Locate) -> Finding:
    subject, written = one_line(item.source), one_line(item.text)
    before, after = ("?", "?") if item.read is None else map(law, item.read)
    detail = f"{subject} -> {written}"
    return Finding(
        Diagnostic(item.code, locate(item.place.start), detail),
        subject,
        _excerpt(text, item.line, item.place.start, item.place.end, locate),
        before,
        Change(subject, written, after),
        tuple(sorted(item.assumed)),
        premise=item.premise,
    )


def _finding_of_left(item: Left, text: Text, locate: Locate) -> Finding:
    subject = one_line(item.source)
    start = text.starts[item.line - 1] + item.column - 1
    return Finding(
        Diagnostic(item.code, locate(start), f"{subject}: {item.reason}", item.assume),
        subject,
        _excerpt(text, item.line, start, start + len(item.source), locate),
        None if item.meaning is None else law(item.meaning),
    )


def _excerpt(text: Text, line: int, start: int, end: int, locate: Locate) -> Excerpt:
    last = locate(end)
    return excerpt(text.content, text.starts[line - 1], start, end, (last.line or 1, last.column or 1))
