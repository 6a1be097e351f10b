"""What identifies a finding, run after run: neither lines nor columns, so that it moves with its code."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from initport.findings.escape import relative, sound
from initport.findings.finding import Finding


def fingerprints(findings: Sequence[Finding], root: str) -> list[str]:
    """One for each, all different: of the file, the code, and what it is about or else what it says; like ones are
    counted in their order."""
    seen: Counter[tuple[str, ...]] = Counter()
    found = []
    for finding in findings:
        subject = finding.subject or finding.message
        key = (relative(finding.location.path, root), finding.code.code, finding.location.key or "", subject)
        found.append(_hash((*key, str(seen[key]))))
        seen[key] += 1
    return found


def _hash(parts: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join(map(sound, parts)).encode()).hexdigest()[:32]
