"""A report of GitLab Code Quality.

Authority: "Code Quality report format" in GitLab's documentation; the severities are its own.
"""

import json
from collections.abc import Sequence

from initport.findings.escape import relative, sound
from initport.findings.finding import Finding
from initport.findings.fingerprints import fingerprints
from initport.findings.writers import Context

_SEVERITIES = {"error": "major", "warning": "minor", "note": "info"}


def render(findings: Sequence[Finding], context: Context) -> str:
    marks = fingerprints(findings, context.root)
    rows = [_row(finding, mark, context.root) for finding, mark in zip(findings, marks, strict=True)]
    return json.dumps(rows) + "\n"


def _row(finding: Finding, fingerprint: str, root: str) -> dict[str, object]:
    line = finding.location.line or 1
    return {
        "description": sound(f"{finding.code.code} {finding.message}"),
        "check_name": finding.code.code,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": {
            "path": sound(relative(finding.location.path, root)),
            "lines": {"begin": line, "end": line if finding.excerpt is None else finding.excerpt.last[0]},
        },
    }
