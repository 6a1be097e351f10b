"""`initport codemod`: initializers rewritten in source code."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initport.cli.changes import Tally, diff
from initport.cli.command import CONFIG, Configured, option
from initport.cli.findings import Printer, finding_options, fix_options, ignores_root, is_told
from initport.cli.options import codemod_options, config_options
from initport.cli.output import replace
from initport.cli.source import make_run
from initport.findings.text import printable

if TYPE_CHECKING:
    from initport.codemod.outcome import Outcome
    from initport.codemod.tree import Run

HELP = """Rewrite the initializers in Python source, in place and exactly.

PATH is a file, a directory (whose .gitignore is respected) or `-` for standard input. Without --write nothing is
written: what would change is listed, and the exit status is 1 if anything would.

\b
Examples:
  initport codemod src/ --diff
  initport codemod src/ --write --jobs 2
  initport codemod src/ --ignore IP6 --output-format github
  initport codemod - --stdin-filename model.py --write < model.py > new.py
"""


@click.command(cls=Configured, help=HELP, short_help="Rewrite the initializers in Python source.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@option("--diff", "show_diff", is_flag=True, group="Action", help="Print a unified diff.")
@option("--write", "writing", is_flag=True, group="Action", help="Apply the changes; with `-`, print the result.")
@option(
    "--add-ignore",
    "baseline",
    is_flag=True,
    group="Action",
    help="Write an ignore comment behind every finding instead, so that only new ones are told from then on.",
)
@codemod_options
@finding_options("full")
@fix_options
@option("--stdin-filename", default="<stdin>.py", metavar="NAME", group="File", tells=True,
        help="What `-` is called, and where it lies.")  # fmt: skip
@option("-q", "--quiet", is_flag=True, group="Output", tells=True, help="Print no summary.")
@option("-v", "--verbose", is_flag=True, group="Output", tells=True, help="Tell what is used and what is done.")
@config_options
@click.pass_context
def codemod(
    context: click.Context, /, paths: tuple[str, ...], show_diff: bool, writing: bool, jobs: int,
    include: tuple[str, ...], exclude: tuple[str, ...], force_exclude: bool, stdin_filename: str, quiet: bool,
    verbose: bool, exit_zero: bool, output_format: str, **chosen: Any,
) -> None:  # fmt: skip
    from initport.codemod import tree
    from initport.codemod.discover import files

    run = make_run({**chosen, "root": ignores_root(context)})
    writing = writing or (run.baseline and not show_diff)
    if verbose:
        click.echo(f"configuration: {context.meta[CONFIG].path or 'none'}", err=True)
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` stands alone")
        status = _stdin(stdin_filename, run, show_diff and not writing, writing, quiet, output_format)
        sys.exit(_status(status, exit_zero))
    missing = [path for path in paths if not os.path.exists(path)]
    if missing:
        raise click.UsageError(f"{missing[0]} does not exist")
    found = list(files(paths, include, exclude, force_exclude))
    tally, printer = Tally(), Printer(output_format, taken=show_diff)
    for outcome in _watched(tree.outcomes(found, run, jobs), len(found), writing):
        settled = _write(outcome, tally) if writing else outcome
        tally.add(settled)
        _show(settled, show_diff, printer)
    printer.close()
    if not quiet:
        because = tree.version_of(found[0], run).because if found else ""
        click.echo(tally.summary(because), err=True)
    sys.exit(_status(tally.status, exit_zero))


def _status(found: int, exit_zero: bool) -> int:
    return 0 if found == 1 and exit_zero else found


def _watched(outcomes: "Iterable[Outcome]", count: int, writing: bool) -> "Iterable[Outcome]":
    """With a progress bar on a terminal."""
    if not sys.stderr.isatty() or (sys.stdout.isatty() and not writing) or count < 100:
        return outcomes
    from rich.console import Console
    from rich.progress import track

    return track(outcomes, "codemod", count, console=Console(stderr=True), transient=True)


def _write(outcome: "Outcome", tally: Tally) -> "Outcome":
    """The outcome after its changes were made, if they could be."""
    if outcome.after is None:
        return outcome
    try:
        replace(Path(outcome.path), outcome.after)
    except OSError as error:
        click.echo(f"{printable(outcome.path)}: cannot be written: {error.strerror}", err=True)
        tally.unwritable += 1
        return outcome
    return outcome.written()


def _stdin(name: str, run: "Run", show_diff: bool, writing: bool, quiet: bool, output_format: str) -> int:
    from initport.codemod.tree import process, version_of

    data = sys.stdin.buffer.read()
    outcome = process(data, name, run)
    if writing:
        sys.stdout.buffer.write(data if outcome.after is None else outcome.after)
        outcome = outcome.written()
    tally, printer = Tally(), Printer(output_format, taken=show_diff or writing)
    tally.add(outcome)
    _show(outcome, show_diff, printer)
    printer.close()
    if not quiet:
        click.echo(tally.summary(version_of(name, run).because), err=True)
    return tally.status


def _show(outcome: "Outcome", show_diff: bool, printer: Printer) -> None:
    if show_diff and outcome.after is not None:
        click.echo(diff(outcome), nl=False)
    printer.add(item for item in outcome.findings if is_told(item, show_diff))
