"""What the codemod did and left in a module as findings."""

from collections.abc import Callable

from initport.codemod.module import Converted, Rewritten
from initport.diagnostics import Diagnostic
from initport.findings.model import Change, Finding, excerpt
from initport.ir.describe import law
from initport.ir.location import Location
from initport.readers.python_source.sites import Left
from initport.readers.python_source.text import Text

Locate = Callable[[int, int], Location]
"""A line and a column of a module's text to where they are in its file."""


def findings(rewritten: Rewritten, locate: Locate) -> tuple[Finding, ...]:
    """In the order of the source."""
    text = rewritten.before
    found = [
        *((item.site.line, item.site.column, _converted(item, text, locate)) for item in rewritten.converted),
        *((item.line, item.column, _left(item, text, locate)) for item in rewritten.left),
    ]
    return tuple(finding for _, _, finding in sorted(found, key=lambda entry: entry[:2]))


def _converted(item: Converted, text: Text, locate: Locate) -> Finding:
    site = item.site
    subject, written = _flat(site.source), _flat(item.text)
    before, after = ("?", "?") if item.read is None else map(law, item.read)
    detail = f"{subject} -> {written}"
    return Finding(
        Diagnostic(item.decision.code, locate(site.line, site.column), detail),
        subject,
        excerpt(text.content, text.starts[site.line - 1], site.line, site.span.start, site.span.end),
        Change(subject, written, before, after),
        tuple(sorted(item.decision.assumed)),
    )


def _left(item: Left, text: Text, locate: Locate) -> Finding:
    subject = _flat(item.source)
    line_start = text.starts[item.line - 1]
    start = line_start + item.column - 1
    return Finding(
        Diagnostic(item.code, locate(item.line, item.column), f"{subject}: {item.reason}", item.assume),
        subject,
        excerpt(text.content, line_start, item.line, start, start + len(item.source)),
    )


def _flat(source: str) -> str:
    return " ".join(source.split())
