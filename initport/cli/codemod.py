"""`initport codemod`: initializers rewritten in source code."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from initport.cli.changes import Tally, diff
from initport.cli.command import CONFIG, Configured, option
from initport.cli.findings import Printer, finding_options, fix_options, ignores_root, is_told
from initport.cli.options import codemod_options, config_options
from initport.cli.output import replace
from initport.findings.text import printable

if TYPE_CHECKING:
    from initport.cli.settings import Config
    from initport.project.cache import Cache
    from initport.rewrite.outcome import Outcome

HELP = """Rewrite the initializers in Python source, in place and exactly.

PATH is a file, a directory (in which .py, .pyi and .ipynb are looked at, but what .gitignore leaves out) or `-` for
standard input. Without --write nothing is written: what would change is listed, and the exit status is 1 if anything
would. A .prototxt, .json, .yaml or .yml that is named is checked, and never written.

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
@option("--stdin-filename", default="<stdin>.py", metavar="NAME", group="File",
        help="What `-` is called, and where it lies.")  # fmt: skip
@option("-q", "--quiet", is_flag=True, group="Output", help="Print no summary.")
@option("-v", "--verbose", is_flag=True, group="Output", help="Tell what is used and what is done.")
@config_options
@click.pass_context
def codemod(
    context: click.Context, /, paths: tuple[str, ...], show_diff: bool, writing: bool, jobs: int,
    include: tuple[str, ...], exclude: tuple[str, ...], force_exclude: bool, stdin_filename: str, quiet: bool,
    verbose: bool, exit_zero: bool, output_format: str, no_cache: bool, cache_dir: str | None, **chosen: Any,
) -> None:  # fmt: skip
    from initport.project.discover import files
    from initport.project.pins import stated, versions_of

    given = stated(chosen["source_versions"])
    chosen["root"] = ignores_root(context)
    writing = writing or (chosen["baseline"] and not show_diff)
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` stands alone")
        status = _stdin(stdin_filename, chosen, show_diff and not writing, writing, quiet, output_format)
        sys.exit(_status(status, exit_zero))
    missing = [path for path in paths if not os.path.exists(path)]
    if missing:
        raise click.UsageError(f"{missing[0]} does not exist")
    found = list(files(paths, include, exclude, force_exclude))
    tally, printer = Tally(), Printer(output_format, taken=show_diff)
    config: Config = context.meta[CONFIG]
    cache = None if no_cache else _cache(cache_dir or os.path.join(config.root, ".initport_cache"), chosen, given)
    for outcome in _outcomes(_unknown(found, cache, tally), chosen, jobs, cache, writing):
        settled = _write(outcome, tally) if writing else outcome
        tally.add(settled)
        _show(settled, show_diff, printer)
    printer.close()
    if cache is not None:
        cache.save()
    if verbose:
        known = f"{cache.hits} clean files known from {cache.directory}" if cache else "no cache"
        click.echo(f"configuration: {config.path or 'none'}; {known}", err=True)
    if not quiet:
        because = versions_of(found[0], given).because if found else ""
        click.echo(tally.summary(because), err=True)
    sys.exit(_status(tally.status, exit_zero))


def _cache(directory: str, chosen: "Mapping[str, Any]", given: "Mapping[str, tuple[int, ...]]") -> "Cache":
    from initport.grammar.registry import fingerprint
    from initport.project.cache import Cache

    settings = repr((sorted(chosen.items()), fingerprint()))
    return Cache(directory, settings, given, by_path=bool(chosen["per_file_ignores"]))


def _unknown(paths: list[str], cache: "Cache | None", tally: Tally) -> list[str]:
    """The files of which the cache knows nothing; the others are counted."""
    unknown = []
    for path in paths:
        counts = None if cache is None else cache.recall(path)
        if counts is None:
            unknown.append(path)
        else:
            tally.add_clean(*counts)
    return unknown


def _outcomes(
    paths: list[str], chosen: "Mapping[str, Any]", jobs: int, cache: "Cache | None", writing: bool
) -> "Iterable[Outcome]":
    if not paths:
        return ()
    from initport.cli.source import make_run
    from initport.project.run import outcomes

    return _watched(outcomes(paths, make_run(chosen), jobs, cache), len(paths), writing)


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
    from pathlib import Path

    try:
        replace(Path(outcome.path), outcome.after)
    except OSError as error:
        click.echo(f"{printable(outcome.path)}: cannot be written: {error.strerror}", err=True)
        tally.unwritable += 1
        return outcome
    return outcome.written()


def _stdin(
    name: str, chosen: "Mapping[str, Any]", show_diff: bool, writing: bool, quiet: bool, output_format: str
) -> int:
    from initport.cli.source import make_run
    from initport.project.pins import versions_of
    from initport.project.run import process

    run = make_run(chosen)
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
        click.echo(tally.summary(versions_of(name, run.versions).because), err=True)
    return tally.status


def _show(outcome: "Outcome", show_diff: bool, printer: Printer) -> None:
    if show_diff and outcome.after is not None:
        click.echo(diff(outcome), nl=False)
    printer.add(item for item in outcome.findings if is_told(item, show_diff and printer.for_people))
