"""What a rewriting run tells: diffs and numbers."""

import io
import re
from collections import Counter
from typing import TYPE_CHECKING

from initport.findings.text import printable

if TYPE_CHECKING:
    from initport.findings.model import Finding
    from initport.rewrite.outcome import Outcome


def diff(outcome: "Outcome") -> str:
    """A unified diff of a file that changed."""
    import difflib

    before, after = _lines(outcome.before or b""), _lines(outcome.after or b"")
    name = outcome.path.lstrip("/")
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    import tokenize

    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError):
        text = data.decode("latin-1")
    return io.StringIO(text, newline="").readlines() if "\n" in text else [text]


class Tally:
    """The numbers of a run."""

    def __init__(self) -> None:
        self.files = 0
        self.changed = 0
        self.modern = 0
        self.silenced = 0
        self.unwritable = 0
        self.done = 0
        self.possible = 0
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
        for item in outcome.findings:
            self.worst = max(self.worst, item.exit_code)
            if item.change is None:
                self.refused[_reason(item)] += item.code.exit_code > 0
            else:
                self.done += item.done
                self.possible += not item.done

    def summary(self, because: str) -> str:
        verb = "to convert" if self.possible else "converted"
        where = f" in {_number(self.changed, 'file')}" if self.possible or self.done else ""
        comments = f"; ignore comments in {_number(self.changed, 'file')}" if self.changed and not where else ""
        silenced = f", {self.silenced} ignored" if self.silenced else ""
        lines = [
            f"{_number(self.files, 'file')} scanned ({because}); "
            f"{_number(self.possible or self.done, 'initializer')} {verb}{where}, "
            f"{self.modern} already modern, {self.refused.total()} refused{silenced}{comments}"
        ]
        lines += [f"  {count:5} {reason}" for reason, count in self.refused.most_common() if count]
        return "\n".join(lines)

    @property
    def status(self) -> int:
        return 2 if self.unwritable else self.worst


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _reason(finding: "Finding") -> str:
    """A refusal without the words of its case."""
    said = re.sub(r"`[^`]*`", "...", finding.reason) if finding.subject else finding.code.title
    return f"{finding.code.code} {printable(said)}"
