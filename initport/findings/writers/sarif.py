"""SARIF 2.1.0, for code scanning.

Authority: the OASIS standard (sarif-v2.1.0-errata01-os); columns are counted in Unicode's code points.
"""

import json
from collections.abc import Sequence

from initport import __version__
from initport.diagnostics import Code
from initport.findings.escape import sound, uri
from initport.findings.finding import Finding, level
from initport.findings.fingerprints import fingerprints
from initport.findings.rule_pages import page
from initport.findings.writers import Context

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT = "initport/v1"

_CODES = tuple(Code)


def render(findings: Sequence[Finding], context: Context) -> str:
    marks = fingerprints(findings, context.root)
    results = [_result(finding, mark, context.root) for finding, mark in zip(findings, marks, strict=True)]
    driver = {"name": "initport", "version": __version__, "rules": [_rule(code) for code in _CODES]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}) + "\n"


def _rule(code: Code) -> dict[str, object]:
    return {
        "id": code.code,
        "name": code.rule,
        "shortDescription": {"text": code.title},
        "help": {"text": f"`initport rules {code.code}` explains it with an example.", "markdown": page(code)},
        "defaultConfiguration": {"level": level(code)},
    }


def _result(finding: Finding, fingerprint: str, root: str) -> dict[str, object]:
    place: dict[str, object] = {"artifactLocation": {"uri": uri(finding.location.path, root)}}
    if finding.location.line is not None:
        place["region"] = _region(finding)
    location: dict[str, object] = {"physicalLocation": place}
    if finding.location.key is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": sound(finding.location.key)}]
    return {
        "ruleId": finding.code.code,
        "ruleIndex": _CODES.index(finding.code),
        "level": finding.level,
        "message": {"text": sound(finding.message)},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: fingerprint},
    }


def _region(finding: Finding) -> dict[str, object]:
    region: dict[str, object] = {"startLine": finding.location.line}
    if finding.location.column is not None:
        region["startColumn"] = finding.location.column
    if finding.excerpt is not None:
        region["endLine"], region["endColumn"] = finding.excerpt.last
    return region
