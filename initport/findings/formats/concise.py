"""A line a finding, `path:line:column: CODE message`: what editors and `grep` understand."""

from collections.abc import Sequence

from initport.findings.formats import Context
from initport.findings.model import Finding
from initport.findings.text import printable


def render(findings: Sequence[Finding], context: Context) -> str:
    return "".join(f"{head(finding, context)} {printable(finding.message)}\n" for finding in findings)


def head(finding: Finding, context: Context) -> str:
    """The place and the code."""
    place = context.paint(printable(str(finding.location)), "path")
    return f"{place}: {context.paint(finding.code.code, finding.level)}"
