"""Descriptions of networks and models among the files: they have no initializers to rewrite where they stand, so what
could not be converted is told, and nothing is written."""

from typing import TYPE_CHECKING

from initport.formats.registry import of_project
from initport.rewrite.outcome import Outcome

if TYPE_CHECKING:
    from initport.conversion import Result
    from initport.project.run import Run


def check(data: bytes, path: str, run: "Run") -> Outcome:
    """What cannot be converted exactly. Other files that it refers to are not read: they are checked themselves."""
    from initport.diagnostics import Code
    from initport.findings.inputs import findings

    found = _converted(data, path, run).diagnostics
    if any(item.code in (Code.NO_NETWORK, Code.REFERENCE_NOT_FOUND) for item in found):
        return Outcome(path)
    told = findings(found, path, lambda name: data if name == path else None, run.selection.codes(path))
    return Outcome(path, findings=tuple(item for item in told if item.exit_code or item.code is Code.UNUSED_IGNORE))


def _converted(data: bytes, path: str, run: "Run") -> "Result":
    from initport.conversion import convert
    from initport.formats.options import Options

    options = Options(version=".".join(map(str, run.versions.get("keras", ()))) or None)
    found = of_project(path, data)
    return convert(data, source=found.name if found else "auto", target=run.target, path=path, options=options)


def silence(data: bytes, path: str, run: "Run") -> Outcome:
    """A prototxt with a comment behind each line that something is told of; the other formats have no comments."""
    from initport.findings.comments import insertions
    from initport.python.text import Span
    from initport.rewrite.edits import Edit, splice

    found = check(data, path, run)
    wanted = [(item.location.line, item.code) for item in found.findings if item.exit_code == 1 and item.location.line]
    if not wanted or not path.endswith(".prototxt"):
        return found
    before = _converted(data, path, run).text
    content = data.decode("latin-1")  # a character a byte, of which all that counts here is ASCII
    edits = (Edit(Span(start, end), comment) for start, end, comment in insertions(content, wanted))
    after = splice(content, edits).encode("latin-1")
    again = check(after, path, run)
    if any(item.exit_code for item in again.findings) or _converted(after, path, run).text != before:
        return found
    return Outcome(path, data, after, again.findings, silenced=len(wanted))
