"""For people: the place, the rule, the source line with a mark, the distribution before and after, and the reason."""

import unicodedata
from collections.abc import Iterator, Sequence

from initport.findings.formats import Context
from initport.findings.formats.concise import head
from initport.findings.model import Excerpt, Finding
from initport.findings.text import printable

_TAB = "    "


def render(findings: Sequence[Finding], context: Context) -> str:
    return "".join("".join(f"{line}\n" for line in _lines(finding, context)) + "\n" for finding in findings)


def _lines(finding: Finding, context: Context) -> Iterator[str]:
    yield f"{head(finding, context)} {finding.code.title}"
    gutter = ""
    if finding.excerpt is not None:
        gutter = " " * len(str(finding.location.line))
        yield f"{gutter} |"
        yield from _marked(finding, finding.excerpt, context)
    for label, said in _notes(finding):
        yield f"{gutter} = {context.paint(f'{label}:', 'label')} {printable(said)}"


def _marked(finding: Finding, excerpt: Excerpt, context: Context) -> Iterator[str]:
    before, said = _shown(excerpt.text[: excerpt.start]), _shown(excerpt.text[excerpt.start : excerpt.end])
    number = str(finding.location.line)
    yield f"{number} | {before}{said}{_shown(excerpt.text[excerpt.end :])}".rstrip()
    mark = context.paint("^" * max(1, _cells(said)), "mark")
    yield f"{' ' * len(number)} | {' ' * _cells(before)}{mark}"


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


def _shown(text: str) -> str:
    return printable(text.replace("\t", _TAB))


def _cells(text: str) -> int:
    """The columns of a terminal that a text takes (Unicode's annex 11)."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
