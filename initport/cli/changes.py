"""What a rewriting run tells: diffs and numbers."""

import difflib
import io
import re
import tokenize
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from initport.codemod.outcome import Outcome


def diff(outcome: "Outcome") -> str:
    """A unified diff of a file that changed."""
    before, after = _lines(outcome.before or b""), _lines(outcome.after or b"")
    name = outcome.path.lstrip("/")
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
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
        self.converted = 0
        self.modern = 0
        self.unreadable = 0
        self.refused: Counter[str] = Counter()

    def add(self, outcome: "Outcome") -> None:
        self.files += 1
        self.changed += outcome.after is not None
        self.converted += len(outcome.changes)
        self.modern += outcome.modern
        self.unreadable += any(item.exit_code == 2 for item in outcome.diagnostics)
        self.refused.update(item.code.title if item.code.code != "IP221" else _reason(item.detail)
                            for item in outcome.diagnostics)  # fmt: skip

    def summary(self, writing: bool, because: str) -> str:
        verb = "converted" if writing else "to convert"
        lines = [
            f"{self.files} files scanned ({because}); {self.converted} initializers {verb} in {self.changed} files, "
            f"{self.modern} already modern, {self.refused.total()} refused"
        ]
        lines += [f"  {count:5} {reason}" for reason, count in self.refused.most_common()]
        return "\n".join(lines)

    def status(self, writing: bool) -> int:
        if self.unreadable:
            return 2
        return 1 if self.refused or (self.changed and not writing) else 0


def _reason(detail: str) -> str:
    """A refusal without the words of its case."""
    return re.sub(r"`[^`]*`", "...", detail.rpartition(": ")[2])
