"""Findings on the command line: which count, how they are written, and where to."""

import os
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from initport.cli.command import CONFIG, Decorator, option, options
from initport.findings import DOCUMENTS, FORMATS, LINES

if TYPE_CHECKING:
    from initport.diagnostics import Diagnostic
    from initport.findings.model import Finding
    from initport.findings.select import Selection

_STYLES: dict[str, dict[str, Any]] = {
    "path": {"bold": True},
    "error": {"fg": "red", "bold": True},
    "warning": {"fg": "yellow", "bold": True},
    "note": {"fg": "cyan", "bold": True},
    "mark": {"fg": "red", "bold": True},
    "label": {"bold": True},
}


def _codes(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Every item names codes; that of `--per-file-ignores` a glob before them."""
    if values:
        from initport.findings.select import selectors

        try:
            for value in values:
                glob, colon, codes = value.rpartition(":")
                if parameter.name == "per_file_ignores" and not (glob and colon):
                    raise ValueError(f"{value!r} is not GLOB:CODES")
                selectors([codes])
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return values


_choice = partial(option, multiple=True, metavar="CODES", group="Finding", configurable=True, callback=_codes)


def finding_options(default: str) -> Decorator:
    """The options about findings, which are written in the ``default`` format."""
    return options(
        _choice("--select", help="Only these findings: codes or their beginnings, with commas between, or ALL."),
        _choice("--extend-select", help="These findings, too."),
        _choice("--ignore",
                help="Not these findings; where --select speaks of them as well, the longer of two counts."),
        option("--output-format", type=click.Choice(FORMATS), default=default, show_default=True, group="Output",
               configurable=True, help="How findings are written."),
    )  # fmt: skip


fix_options = options(
    _choice("--per-file-ignores", metavar="GLOB:CODES", help="Not these findings in such files."),
    option("--unsafe-fixes", is_flag=True, group="Finding", configurable=True,
           help="Convert also what rests on an assumption, as if each were given with --assume."),
)  # fmt: skip
"""The options about findings that come with a change."""


def ignores_root(context: click.Context) -> str | None:
    """The directory that the globs of `--per-file-ignores` are relative to: that of the file that says them."""
    configured = context.get_parameter_source("per_file_ignores") is ParameterSource.DEFAULT_MAP
    return context.meta[CONFIG].root if configured else None


def chosen_codes(chosen: Mapping[str, Any]) -> "Selection":
    """What the options select; ``root`` is that of `ignores_root`."""
    from initport.findings.select import selection

    per_file: dict[str, list[str]] = {}
    for item in chosen.get("per_file_ignores", ()):
        glob, _, codes = item.rpartition(":")
        per_file.setdefault(glob, []).append(codes)
    return selection(chosen["select"], chosen["extend_select"], chosen["ignore"], per_file, chosen.get("root"))


def is_told(item: "Finding", show_diff: bool = False) -> bool:
    """An exact change that was made, or that a diff shows, is told no more."""
    return bool(item.assumed) or not (item.done or (show_diff and item.change is not None))


class Printer:
    """Writes findings in a format, to stdout, or to stderr where that is taken by other data."""

    def __init__(self, output_format: str, taken: bool = False) -> None:
        self.format = output_format
        self.stderr = taken
        self.kept: list[Finding] = []

    @property
    def for_people(self) -> bool:
        """Who have a diff before their eyes, where a machine has not."""
        return self.format in ("full", "concise")

    def add(self, findings: "Iterable[Finding]") -> None:
        """Findings of one file; they are written at once where the format is one of lines."""
        found = list(findings)
        if self.format in LINES and found:
            self._write(found)
        else:
            self.kept += found

    def close(self) -> None:
        """To be called when all are added."""
        if self.format in DOCUMENTS:
            self._write(self.kept)

    def _write(self, findings: "list[Finding]") -> None:
        from initport.findings.formats import Context, render

        click.echo(render(findings, self.format, Context(os.getcwd(), _paint)), nl=False, err=self.stderr)


def _paint(text: str, role: str) -> str:
    """click takes the colours out again where the output is no terminal."""
    return click.style(text, **_STYLES[role])


def report(diagnostics: "Iterable[Diagnostic]", quiet: bool) -> None:
    """What there is to tell beside a table, in the order of the source."""
    from initport.findings.model import Finding

    told = (Finding(item) for item in diagnostics if item.exit_code or not quiet)
    Printer("concise", taken=True).add(sorted(told, key=lambda item: item.place))
