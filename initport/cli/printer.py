"""Findings on the command line: how they are written, and where to."""

import os
import sys
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from initport.cli.console import echo, is_coloured
from initport.findings import DOCUMENTS, LINES

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.findings.finding import Finding

_STYLES: dict[str, dict[str, Any]] = {
    "path": {"bold": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan", "bold": True},
    "mark": {"fg": "red", "bold": True},
    "label": {"bold": True},
}


def is_reported(item: "Finding", show_diff: bool = False) -> bool:
    """Whether to report a finding: not an exact change that was made, or that a diff shows."""
    return bool(item.assumed) or not (item.done or (show_diff and item.change is not None))


class Printer:
    """Writes findings in a format, to stdout, or to stderr where that is taken by other data; or, as ``statistics``,
    how often each code occurs."""

    def __init__(self, output_format: str, taken: bool = False, statistics: bool = False) -> None:
        self.format = output_format
        self.stderr = taken
        self.statistics = statistics
        self.kept: list[Finding] = []
        self.counts: Counter[Any] = Counter()

    @property
    def for_people(self) -> bool:
        """Whether people read the findings: they see the diff beside them, a machine does not."""
        return self.format in ("full", "concise")

    def add(self, findings: "Iterable[Finding]") -> None:
        """Findings of one file; they are written at once where the format is one of lines."""
        found = list(findings)
        if self.statistics:
            self.counts.update(item.code for item in found)
        elif self.format in LINES and found:
            self._write(found)
        else:
            self.kept += found

    def close(self) -> None:
        """To be called when all are added."""
        if self.statistics:
            for code, count in sorted(self.counts.items(), key=lambda item: (-item[1], item[0].code)):
                name = _paint(code.code, "label") if is_coloured(self.stderr) else code.code
                echo(f"{count:6}  {name}  {code.title}", err=self.stderr)
        elif self.format in DOCUMENTS:
            self._write(self.kept)

    def _write(self, findings: "list[Finding]") -> None:
        from initport.findings.writers import Context, plain, render

        context = Context(os.getcwd(), _paint if is_coloured(self.stderr) else plain, terminal_width(self.stderr))
        echo(render(findings, self.format, context), nl=False, err=self.stderr)


def terminal_width(stderr: bool = False) -> int | None:
    """The columns of the terminal that is written to, or that COLUMNS states; None where there is none."""
    stream = sys.stderr if stderr else sys.stdout
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated):
        return int(stated)
    try:
        return os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError, AttributeError):
        return None


def _paint(text: str, role: str) -> str:
    import click

    return click.style(text, **_STYLES[role])


def report(diagnostics: "Iterable[Diagnostic]", quiet: bool) -> None:
    """The findings beside a table, in the order of the source."""
    from initport.findings.finding import Finding

    found = (Finding(item) for item in diagnostics if item.exit_code or not quiet)
    Printer("concise", taken=True).add(sorted(found, key=lambda item: item.place))


def print_summary(line: str, quiet: bool) -> None:
    """The last line of a run: what was done, and what can be done next."""
    if not quiet:
        echo(line, err=True)
