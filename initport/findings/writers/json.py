"""One JSON document, for scripts.

It has the ``version`` of this format, and ``findings``, each with all of `KEYS`, null where not known.
"""

import json
from collections.abc import Sequence

from initport.findings.escape import relative, sound
from initport.findings.finding import Finding
from initport.findings.fingerprints import fingerprints
from initport.findings.writers import Context

VERSION = 1
"""Higher only when a key goes or changes its meaning; new keys may come."""

KEYS = {
    "code": "of `initport rules`",
    "rule": "the code's name",
    "level": "`error`, `warning` or `note`",
    "message": "what the finding is, in one line",
    "path": "from the current directory, with slashes; absolute outside of it",
    "line": "from 1",
    "column": "in characters, from 1",
    "end_line": "of the end",
    "end_column": "behind the end",
    "key": "the path of a value in nested data",
    "source": "what it is about, on one line",
    "replacement": "what takes its place",
    "before": "the distribution of the source",
    "after": "the distribution of the replacement, as it reads",
    "assumes": "what the replacement rests on, as `--assume` calls it",
    "version": "the version of the source's framework that it was read in, and what states that",
    "done": "whether it was written",
    "fingerprint": "the same for the same finding, wherever its line moves",
}


def render(findings: Sequence[Finding], context: Context) -> str:
    marks = fingerprints(findings, context.root)
    rows = [_row(finding, mark, context.root) for finding, mark in zip(findings, marks, strict=True)]
    return json.dumps({"version": VERSION, "findings": rows}) + "\n"


def _row(finding: Finding, fingerprint: str, root: str) -> dict[str, object]:
    location, change = finding.location, finding.change
    end_line, end_column = (None, None) if finding.excerpt is None else finding.excerpt.last
    values = (
        finding.code.code, finding.code.rule, finding.level, finding.message, relative(location.path, root),
        location.line, location.column, end_line, end_column, location.key, finding.subject or None,
        change and change.text, finding.before, change and change.after, list(finding.assumed),
        finding.premise or None, finding.done, fingerprint,
    )  # fmt: skip
    return {key: sound(value) if isinstance(value, str) else value for key, value in zip(KEYS, values, strict=True)}
