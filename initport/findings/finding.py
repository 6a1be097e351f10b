"""A finding: a diagnostic with the source around it, and what was or could be done about it."""

from initport.diagnostics import Code, Diagnostic
from initport.ir.location import Location
from initport.records import NamedTuple

WIDTH = 160
"""The most characters that are kept of a source line, so that a file on one line is not repeated for each finding."""


class Excerpt(NamedTuple):
    """The line that a finding starts on, cut to ``WIDTH``: the finding is about ``text[start:end]``.

    ``last`` is the line and column (from 1) behind the end of what it is about, which may be on a later line.
    """

    text: str
    start: int
    end: int
    last: tuple[int, int]


class Change(NamedTuple):
    """What takes the place of what, both on one line, and its distribution in words, as it reads."""

    source: str
    text: str
    after: str


class Finding(NamedTuple):
    """``subject`` is the source that it is about, on one line, and ``before`` its distribution where that is known.
    ``change`` is None where nothing can be done; what it rests on is ``assumed`` (as `--assume` calls it), ``done``
    is whether it was made, and ``premise`` says which version of the source's framework it is for, and why."""

    diagnostic: Diagnostic
    subject: str = ""
    excerpt: Excerpt | None = None
    before: str | None = None
    change: Change | None = None
    assumed: tuple[str, ...] = ()
    done: bool = False
    premise: str = ""

    @property
    def code(self) -> Code:
        return self.diagnostic.code

    @property
    def location(self) -> Location:
        return self.diagnostic.location

    @property
    def place(self) -> tuple[str, int, int]:
        """To sort by: the path, and the line and the column, 0 where there are none."""
        location = self.location
        return location.path, location.line or 0, location.column or 0

    @property
    def message(self) -> str:
        """The report, with the subject, in one line."""
        state = ["written"] * self.done + [f"assuming {self.assumptions}"] * bool(self.assumed)
        return self.diagnostic.detail + (f" ({', '.join(state)})" if state else "")

    @property
    def assumptions(self) -> str:
        return " and ".join(self.assumed)

    @property
    def reason(self) -> str:
        """Why nothing can be done, without the subject."""
        return self.diagnostic.detail.removeprefix(f"{self.subject}: ")

    @property
    def level(self) -> str:
        return level(self.code)

    @property
    def exit_code(self) -> int:
        """The least exit status of a run that reports this."""
        return 0 if self.done else self.code.exit_code


def level(code: Code) -> str:
    """``error`` for what cannot be converted, ``warning`` for what can or should be changed, ``note`` for the rest."""
    if code.code[2] in "12":
        return "error"
    return "warning" if code.exit_code or code.code[2] == "6" else "note"


def excerpt(content: str, line_start: int, start: int, end: int, last: tuple[int, int]) -> Excerpt:
    """The excerpt for ``content[start:end]``, which starts on the line whose first character is at ``line_start``."""
    part = _line(content[start:end])
    short = len(_line(content[line_start : line_start + WIDTH + 1])) <= WIDTH
    first = line_start if short else max(line_start, start - max(0, WIDTH - len(part)) // 2)
    text = _line(content[first : first + WIDTH])
    at = start - first
    return Excerpt(text, at, max(at, min(len(text), at + len(part))), last)


def _line(text: str) -> str:
    return text.partition("\n")[0].partition("\r")[0]
