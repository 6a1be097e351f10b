"""What a rewriting run reports: diffs, numbers, and what can be done next."""

import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from initport.cli.console import number
from initport.findings.escape import printable
from initport.project.options import SUFFIXES, Input, Values, chosen_target

if TYPE_CHECKING:
    from initport.findings.finding import Finding
    from initport.rewrite.outcome import Outcome


def diff(outcome: "Outcome") -> bytes:
    """A unified diff of a file that changed, in the file's own bytes, as git and patch read it."""
    import difflib

    before, after = _lines(outcome.before or b""), _lines(outcome.after or b"")
    name = os.fsencode(outcome.path.lstrip("/"))
    lines = difflib.diff_bytes(difflib.unified_diff, before, after, _quote(b"a/" + name), _quote(b"b/" + name))
    return b"".join(line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines)


_ESCAPES = {7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 34: '"', 92: "\\"}


def _quote(name: bytes) -> bytes:
    """A file's name as git writes it: in quotes where it has bytes that would not do, and with a tab behind where it
    has spaces."""
    if all(32 <= byte < 127 and byte not in _ESCAPES for byte in name):
        return name + b"\t" * (b" " in name)
    plain = (
        chr(byte) if 32 <= byte < 127 and byte not in _ESCAPES else f"\\{_ESCAPES.get(byte, f'{byte:03o}')}"
        for byte in name
    )
    return f'"{"".join(plain)}"'.encode()


def _lines(data: bytes) -> list[bytes]:
    """By line feeds alone, as git and patch count them."""
    return io.BytesIO(data).readlines()


class Tally:
    """The numbers of a run."""

    def __init__(self) -> None:
        self.files = 0
        self.unreadable = 0
        self.changed = 0
        self.modern = 0
        self.silenced = 0
        self.unwritable = 0
        self.done = 0
        self.possible = 0
        self.assumable = 0
        self.refused: Counter[str] = Counter()
        self.worst = 0

    def add_clean(self, modern: int, silenced: int) -> None:
        """A file that is known to be clean, with its counts."""
        self.files += 1
        self.modern += modern
        self.silenced += silenced

    def add(self, outcome: "Outcome") -> None:
        self.add_clean(outcome.modern, outcome.silenced)
        self.changed += outcome.after is not None
        self.unreadable += any(item.exit_code == 2 for item in outcome.findings)
        for item in outcome.findings:
            self.worst = max(self.worst, item.exit_code)
            if item.change is None:
                self.refused[_reason(item)] += item.code.exit_code > 0
                self.assumable += item.diagnostic.assume is not None
            else:
                self.done += item.done
                self.possible += not item.done

    def summary(self, because: str, values: Values) -> str:
        """The numbers, the target, and on the last line what can be done next."""
        verb = "to convert" if self.possible else "converted"
        where = f" in {number(self.changed, 'file')}" if self.possible or self.done else ""
        comments = f"; ignore comments in {number(self.changed, 'file')}" if self.changed and not where else ""
        silenced = f", {self.silenced} ignored" if self.silenced else ""
        lines = [
            f"{number(self.files, 'file')} scanned{f' ({because})' if because else ''}; "
            f"{number(self.possible or self.done, 'initializer')} {verb}{where}, "
            f"{self.modern} already modern, {self.refused.total()} refused{silenced}{comments}"
        ]
        lines += [f"  {count:5} {reason}" for reason, count in self.refused.most_common() if count]
        lines += [f"Written for {chosen_target(values, Input.SOURCE)}."] * bool(self.possible or self.done)
        return "\n".join((*lines, *self._next()))

    def _next(self) -> Iterator[str]:
        total = self.possible + self.done + self.refused.total()
        if self.possible:
            yield f"{self.possible} of {total} can be converted: run with --write, or with --diff to see how."
        elif self.refused.total():
            yield "Each refusal names its reason and what to do; `initport rules CODE` explains a code."
        if self.assumable:
            yield f"{self.assumable} more can be converted with the --assume that their findings name."

    def warnings(self, paths: Sequence[str]) -> Iterator[str]:
        """Warnings about a run that looked at nothing."""
        named = ", ".join(map(printable, paths))
        if not self.files:
            yield (
                f"nothing was scanned: there is no {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]} file in {named} that "
                "--include, --exclude and .gitignore leave"
            )
        elif self.unreadable == self.files:
            yield f"none of the files named could be read: {named}"
        elif not any(path.endswith(SUFFIXES) or os.path.isdir(path) for path in paths):
            from initport.formats.index import project_endings

            if all(path.endswith(project_endings()) for path in paths):
                yield f"networks are checked and not rewritten: `initport convert FILE` writes a module for {named}"

    @property
    def status(self) -> int:
        return 2 if self.unwritable else self.worst


def _reason(finding: "Finding") -> str:
    """A refusal without the words of its case."""
    reason = re.sub(r"`[^`]*`", "...", finding.reason) if finding.subject else finding.code.title
    return f"{finding.code.code} {printable(reason)}"
