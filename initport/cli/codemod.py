"""`initport codemod`: initializers rewritten in source code."""

import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from initport.cli.changes import Tally, diff
from initport.cli.click_options import color_option, takes
from initport.cli.command import Configured, configuration
from initport.cli.inputs import check_source
from initport.cli.printer import Printer, is_reported
from initport.findings.escape import printable
from initport.project import options

if TYPE_CHECKING:
    from initport.project.cache import Cache
    from initport.project.processes import Run
    from initport.rewrite.outcome import Outcome

HELP = """Rewrite the initializers in Python source, in place and exactly.

PATH is a file, `-` for standard input, or a directory, in which .py, .pyi and .ipynb files are read, without those that
.gitignore excludes and symbolic links. Without --write nothing is written: what would change is listed, and the exit
status is 1 if there is anything. A .prototxt, .json, .yaml or .yml file that is named is checked and never written.

\b
Examples:
  initport codemod src/ --diff
  initport codemod src/ --write --jobs 2
  initport codemod src/ --statistics
  initport codemod src/ --ignore IP6 --output-format github
  initport codemod - --stdin-filename model.py --write < model.py > new.py
"""


@click.command(cls=Configured, help=HELP)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(allow_dash=True))
@takes(options.DIFF, options.WRITE, options.ADD_IGNORE, options.TO, options.KERAS_MODULE, options.SOURCE_VERSION,
       options.ASSUME, options.UNSAFE_FIXES, options.REMOVE_IMPORTS, options.SELECT, options.EXTEND_SELECT,
       options.IGNORE, options.PER_FILE_IGNORES, options.INCLUDE, options.EXCLUDE, options.FORCE_EXCLUDE,
       options.MAX_FILE_SIZE, options.JOBS,
       options.STDIN_FILENAME._replace(default="<stdin>.py"), options.FORMAT, options.STATISTICS, options.EXIT_ZERO,
       options.QUIET, options.VERBOSE)  # fmt: skip
@color_option
@takes(options.NO_CACHE, options.CACHE_DIR, options.CONFIG, options.ISOLATED)
@click.pass_context
def codemod(context: click.Context, /, paths: tuple[str, ...], **values: Any) -> None:
    from initport.project.processes import Run

    check_source(values)
    run = Run.of(values, _ignores_root(context))
    if "-" in paths:
        if len(paths) > 1:
            raise click.UsageError("`-` cannot be combined with other paths")
        tally = _stdin(run, values)
    else:
        tally = _files(paths, replace(run, roots=paths), values, context)
    sys.exit(0 if tally.status == 1 and values["exit_zero"] else tally.status)


def _ignores_root(context: click.Context) -> str | None:
    """The directory that the globs of `--per-file-ignores` are relative to: that of the file that states them."""
    configured = context.get_parameter_source("per_file_ignores") is ParameterSource.DEFAULT_MAP
    return configuration(context).root if configured else None


def _files(paths: tuple[str, ...], run: "Run", values: dict[str, Any], context: click.Context) -> Tally:
    from initport.project.discover import files
    from initport.project.pins import versions_of
    from initport.rewrite.outcome import failure

    missing = [path for path in paths if not os.path.lexists(path)]
    if missing:
        raise click.UsageError(f"{printable(missing[0])} does not exist")
    tally = Tally()
    printer = Printer(values["output_format"], taken=values["diff"], statistics=values["statistics"])

    def fail(path: str, reason: str) -> None:
        outcome = failure(path, f"the directory cannot be listed: {reason}", run.selection.codes(path))
        tally.add(outcome)
        printer.add(outcome.findings)

    found = list(files(paths, values["include"], values["exclude"], values["force_exclude"], fail))
    cache = None if values["no_cache"] else _cache(values, run, context)
    writing = (values["write"] or values["add_ignore"]) and not values["diff"]
    for outcome in _outcomes(_unknown(found, cache, tally), run, values["jobs"], cache, writing):
        settled = _write(outcome, tally) if writing else outcome
        tally.add(settled)
        _show(settled, values["diff"], printer)
    printer.close()
    if cache is not None:
        cache.save()
    if values["verbose"]:
        known = f"{cache.hits} clean files known from {cache.directory}" if cache else "no cache"
        click.echo(f"configuration: {configuration(context).path or 'none'}; {known}", err=True)
    if not values["quiet"]:
        for line in tally.warnings(paths):
            click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {line}", err=True)
        because = versions_of(found[0], run.versions).because if found else ""
        click.echo(tally.summary(because, values), err=True)
    return tally


def _cache(values: dict[str, Any], run: "Run", context: click.Context) -> "Cache":
    from initport.grammar.trigger_words import fingerprint
    from initport.project.cache import Cache

    directory = values["cache_dir"] or os.path.join(configuration(context).root, ".initport_cache")
    return Cache(directory, repr((run.key, fingerprint())), run.versions, by_path=bool(run.selection.per_file))


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
    paths: list[str], run: "Run", jobs: int | None, cache: "Cache | None", writing: bool
) -> "Iterable[Outcome]":
    if not paths:
        return ()
    from initport.project.processes import outcomes

    return _watch(outcomes(paths, run, jobs, cache), len(paths), writing)


def _watch(outcomes: "Iterable[Outcome]", count: int, writing: bool) -> "Iterable[Outcome]":
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
    from initport.project.replace import replace

    try:
        replace(outcome.path, outcome.after, outcome.before)
    except OSError as error:
        click.echo(f"{printable(outcome.path)}: cannot be written: {error.strerror}", err=True)
        tally.unwritable += 1
        return outcome
    return outcome.as_written()


def _stdin(run: "Run", values: dict[str, Any]) -> Tally:
    from initport.project.pins import versions_of
    from initport.project.processes import process

    name, writing = values["stdin_filename"], values["write"] and not values["diff"]
    data = sys.stdin.buffer.read()
    outcome = process(data, name, run)
    if writing:
        sys.stdout.buffer.write(data if outcome.after is None else outcome.after)
        outcome = outcome.as_written()
    tally = Tally()
    printer = Printer(values["output_format"], taken=values["diff"] or writing, statistics=values["statistics"])
    tally.add(outcome)
    _show(outcome, values["diff"], printer)
    printer.close()
    if not values["quiet"]:
        click.echo(tally.summary(versions_of(name, run.versions, data).because, values), err=True)
    return tally


def _show(outcome: "Outcome", show_diff: bool, printer: Printer) -> None:
    if show_diff and outcome.after is not None:
        click.echo(diff(outcome), nl=False)
    printer.add(item for item in outcome.findings if is_reported(item, show_diff and printer.for_people))
