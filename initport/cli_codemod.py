"""The command line's part that rewrites source code: arguments, printing, exit codes."""

import csv
import difflib
import io
import json
import sys
import tokenize
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from initport.cli_output import printable, replace, report, write

if TYPE_CHECKING:
    from initport.codemod.outcome import Outcome
    from initport.codemod.table import Row
    from initport.codemod.tree import Run

HELP = """Rewrite the initializers in Python source, in place and exactly.

PATH is a file, a directory (whose .gitignore is respected) or `-` for standard input. Without --write nothing is
written: what would change is listed, and the exit status is 1 if anything would.

\b
Examples:
  initport codemod src/ --diff
  initport codemod src/ --write --jobs 2
  initport codemod - --stdin-filename model.py --write < model.py > new.py
"""


def source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say how Python source is read and written."""
    for decorate in reversed((
        click.option("--keras-module", type=click.Choice(["auto", "tf.keras", "keras", "tf_keras"]), default="auto",
                     show_default=True, help="The Keras to write for; auto is tf.keras under the file's own alias."),
        click.option("--source-version", "source_versions", multiple=True, metavar="tf=VERSION",
                     help="What the source was written for; else what its project pins, else the newest 1.x."),
        click.option("--assume", "assumed", multiple=True,
                     type=click.Choice(["matrix", "scalar", "unpartitioned"]),
                     help="Vouch that weights of unknown shape are matrices, constants of unknown value single "
                          "numbers, weights never made in parts; may be repeated."),
    )):  # fmt: skip
        command = decorate(command)
    return command


@click.command(help=HELP, short_help="Rewrite the initializers in Python source.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option("--to", "target", type=click.Choice(["keras"]), default="keras", show_default=True, help="The target.")
@source_options
@click.option("--diff", "show_diff", is_flag=True, help="Print a unified diff.")
@click.option("--write", "writing", is_flag=True, help="Apply the changes; with `-`, print the result.")
@click.option("-j", "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--include", multiple=True, metavar="GLOB", help="Only such files in directories; may be repeated.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="No such files or directories; may be repeated.")
@click.option("--stdin-filename", default="<stdin>.py", metavar="NAME", help="What `-` is called, and where it lies.")
@click.option("-q", "--quiet", is_flag=True, help="Print no summary.")
def codemod(
    paths: tuple[str, ...], show_diff: bool, writing: bool, jobs: int, include: tuple[str, ...],
    exclude: tuple[str, ...], stdin_filename: str, quiet: bool, **chosen: Any,
) -> None:  # fmt: skip
    from initport.codemod import tree

    run = make_run(chosen)
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` stands alone")
        sys.exit(_stdin(stdin_filename, run, show_diff, writing, quiet))
    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        raise click.UsageError(f"{missing[0]} does not exist")
    found = list(tree.files(paths, include, exclude))
    tally = Tally()
    for outcome in _watched(tree.outcomes(found, run, jobs), len(found), writing):
        tally.add(outcome)
        _show(outcome, show_diff, writing)
        if writing and outcome.after is not None:
            try:
                replace(Path(outcome.path), outcome.after)
            except OSError as error:
                click.echo(f"{outcome.path}: cannot be written: {error.strerror}", err=True)
                tally.unreadable += 1
    if not quiet:
        because = tree.version_of(found[0], run).because if found else ""
        click.echo(tally.summary(writing, because), err=True)
    sys.exit(tally.status(writing))


def make_run(chosen: Mapping[str, Any]) -> "Run":
    """The run that the options ask for."""
    from initport.codemod.tree import Run
    from initport.codemod.versions import stated

    try:
        versions = stated(chosen["source_versions"])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return Run(chosen["keras_module"], versions, frozenset(chosen["assumed"]))


def _watched(outcomes: "Iterable[Outcome]", count: int, writing: bool) -> "Iterable[Outcome]":
    """With a progress bar on a terminal."""
    if not sys.stderr.isatty() or (sys.stdout.isatty() and not writing) or count < 100:
        return outcomes
    from rich.console import Console
    from rich.progress import track

    return track(outcomes, "codemod", count, console=Console(stderr=True), transient=True)


def _stdin(name: str, run: "Run", show_diff: bool, writing: bool, quiet: bool) -> int:
    from initport.codemod.file import process
    from initport.codemod.tree import version_of

    data = sys.stdin.buffer.read()
    outcome = process(data, name, lambda: run.settings(version_of(Path(PurePath(name)), run).versions))
    tally = Tally()
    tally.add(outcome)
    if writing:
        sys.stdout.buffer.write(data if outcome.after is None else outcome.after)
    _show(outcome, show_diff and not writing, writing)
    if not quiet:
        click.echo(tally.summary(writing, version_of(Path(name), run).because), err=True)
    return tally.status(writing)


def _show(outcome: "Outcome", show_diff: bool, writing: bool) -> None:
    if show_diff and outcome.after is not None:
        click.echo(diff(outcome), nl=False)
    elif not writing:
        for change in outcome.changes:
            click.echo(printable(f"{outcome.path}:{change.line}:{change.column}: {change.source} -> {change.text}"))
    for item in outcome.diagnostics:
        code = click.style(item.code.code, fg="red", bold=True)
        click.echo(f"{printable(str(item.location))}: {code} {printable(item.detail)}", err=True)


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
    import re

    return re.sub(r"`[^`]*`", "...", detail.rpartition(": ")[2])


def convert_source(file: str, target: str, version: str | None, output: str | None, quiet: bool) -> int:
    """Print or write the rewritten file, and return the exit status."""
    from initport.codemod.tree import one

    outcome = one(Path(file), _run(target, version))
    if all(item.exit_code < 2 for item in outcome.diagnostics):
        data = outcome.after or Path(file).read_bytes()
        if output is None:
            sys.stdout.buffer.write(data)
        else:
            write(output, data, file)
    report(outcome.diagnostics, quiet)
    return max((item.exit_code for item in outcome.diagnostics), default=0)


def explain_source(file: str, target: str, version: str | None, output_format: str) -> int:
    """Print the table of a source file's initializers, and return the exit status."""
    from initport.codemod import table
    from initport.codemod.source import EncodingError
    from initport.codemod.tree import version_of

    run = _run(target, version)
    try:
        found = table.rows(Path(file).read_bytes(), run.settings(version_of(Path(file), run).versions))
    except (OSError, SyntaxError, EncodingError) as error:
        click.echo(f"{file}: IP101 the file cannot be read: {error}", err=True)
        return 2
    click.echo(_table(found, output_format), nl=False)
    return int(any(row.exact == "REFUSED" for row in found))


def _run(target: str, version: str | None) -> "Run":
    """The run that rewrites for the target what was written for that version, of TensorFlow where nothing is said."""
    if target != "keras":
        raise click.UsageError("source code is rewritten for Keras only; say --to keras")
    stated = () if version is None else (version if "=" in version else f"tf={version}",)
    return make_run({"keras_module": "auto", "source_versions": stated, "assumed": ()})


def _table(found: "list[Row]", output_format: str) -> str:
    from dataclasses import asdict

    from initport import tables
    from initport.codemod.table import COLUMNS

    if output_format == "json":
        return json.dumps({"sites": [asdict(row) for row in found]}, indent=2) + "\n"
    lines = [COLUMNS, *(tuple(printable(" ".join(cell.split())) for cell in row.cells()) for row in found)]
    if output_format == "csv":
        buffer = io.StringIO()
        csv.writer(buffer).writerows(lines)
        return buffer.getvalue()
    return tables.as_markdown(lines) if output_format == "markdown" else tables.as_text(lines)
