"""A line a finding, `path:line:column: CODE message`: what editors and `grep` understand."""

from collections.abc import Sequence

from initport.findings.escape import printable
from initport.findings.finding import Finding
from initport.findings.writers import Context


def render(findings: Sequence[Finding], context: Context) -> str:
    return "".join(f"{head(finding, context)} {printable(finding.message)}\n" for finding in findings)


def head(finding: Finding, context: Context) -> str:
    """The place and the code."""
    place = context.paint(printable(str(finding.location)), "path")
    return f"{place}: {context.paint(finding.code.code, finding.level)}"
