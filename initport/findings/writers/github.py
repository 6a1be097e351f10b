"""Annotations of GitHub Actions.

Authority: "Workflow commands for GitHub Actions" in GitHub's documentation, and the runner's `ActionCommand`, for what
is escaped; columns are for findings on one line only.
"""

import re
from collections.abc import Sequence

from initport.findings.escape import printable, relative
from initport.findings.finding import Finding
from initport.findings.writers import Context

_ESCAPED = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PARTS = re.compile(f"([{''.join(_ESCAPED)}])")
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(findings: Sequence[Finding], context: Context) -> str:
    return "".join(_line(finding, context) for finding in findings)


def _line(finding: Finding, context: Context) -> str:
    properties = {"title": f"initport ({finding.code.code})", "file": relative(finding.location.path, context.root)}
    properties.update(_place(finding))
    pairs = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{_COMMANDS[finding.level]} {pairs}::{_data(f'{finding.code.code} {finding.message}')}\n"


def _place(finding: Finding) -> dict[str, str]:
    line, column = finding.location.line, finding.location.column
    if line is None:
        return {}
    last_line, last_column = finding.excerpt.last if finding.excerpt is not None else (line, None)
    place = {"line": str(line), "endLine": str(last_line)}
    if column is not None and last_line == line:
        place["col"] = str(column)
        if last_column is not None:
            place["endColumn"] = str(last_column)
    return place


def _data(text: str) -> str:
    return "".join(_ESCAPED.get(part) or printable(part) for part in _PARTS.split(text))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
