"""Descriptions of networks and models among the files: they have no initializers to rewrite where they stand, so what
could not be converted is reported, and nothing but ignore comments is written."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from initport.diagnostics import Code
from initport.formats.index import of_project
from initport.rewrite.outcome import Outcome

if TYPE_CHECKING:
    from initport.conversion import Result


@dataclass(frozen=True, slots=True)
class Check:
    """How such a file is checked: the target, the version of Keras where it is stated, and the codes that count."""

    target: str
    keras: str | None
    codes: Collection[Code]

    def outcome(self, data: bytes, path: str) -> Outcome:
        """What cannot be converted exactly. Other files that it refers to are not read: they are checked themselves."""
        from initport.findings.network_findings import findings

        found = self._convert(data, path).diagnostics
        if any(item.code in (Code.NO_NETWORK, Code.REFERENCE_NOT_FOUND) for item in found):
            return Outcome(path)
        known = findings(found, path, lambda name: data if name == path else None, self.codes)
        kept = (item for item in known if item.exit_code or item.code is Code.UNUSED_IGNORE)
        return Outcome(path, findings=tuple(kept))

    def silence(self, data: bytes, path: str) -> Outcome:
        """A prototxt with a comment behind each line that has a finding; the other formats have no comments."""
        from initport.findings.comments import insertions
        from initport.python.text import Span
        from initport.rewrite.edits import Edit, splice

        found = self.outcome(data, path)
        wanted = [
            (item.location.line, item.code) for item in found.findings if item.exit_code == 1 and item.location.line
        ]
        if not wanted or not path.endswith(".prototxt"):
            return found
        before = self._convert(data, path).text
        content = data.decode("latin-1")  # a character a byte, of which all that counts here is ASCII
        edits = (Edit(Span(start, end), comment) for start, end, comment in insertions(content, wanted))
        after = splice(content, edits).encode("latin-1")
        again = self.outcome(after, path)
        if any(item.exit_code for item in again.findings) or self._convert(after, path).text != before:
            return found
        return Outcome(path, data, after, again.findings, silenced=len(wanted))

    def _convert(self, data: bytes, path: str) -> "Result":
        from initport.conversion import convert
        from initport.formats.read_options import Options

        found = of_project(path, data)
        options = Options(version=self.keras)
        return convert(data, source=found.name if found else "auto", target=self.target, path=path, options=options)
