"""`initport scan`: a corpus of source code through the codemod, into Parquet."""

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import color_option, takes
from initport.cli.command import Command
from initport.cli.console import number
from initport.cli.inputs import source_versions
from initport.cli.progress import progress_bar
from initport.diagnostics import Code
from initport.findings.escape import printable
from initport.project import options

if TYPE_CHECKING:
    from initport.scan.corpus import Summary

HELP = """Run the codemod over a corpus of source code, and write the findings and the rewritten files to Parquet.

SOURCE is a directory of source code, a .parquet or .jsonl file, a .zip or .tar archive, or a directory of such files.
Sources are never changed. Run the same command again to resume an interrupted scan. A file that crashes its process
becomes a row with an error, and costs no other file.

Needs pyarrow (pip install "initport[scan]"), and Ray for `--engine ray` (pip install "initport[ray]").

\b
Examples:
  initport scan src/ -o found/
  initport scan code.parquet --column text --path-column file -o found/
  initport scan src/ code.parquet -o found/ --jobs 2 --report
"""

OUT = options.Option("output", "The directory for the results.", "Output", "path", metavar="DIRECTORY", letter="o")
COLUMN = options.Option("column", "The column (or field of JSON lines) with the text of files.", "Input",
                        default="content", metavar="NAME")  # fmt: skip
PATH_COLUMN = options.Option(
    "path-column", "The column (or field) with their paths.", "Input", default="path", metavar="NAME"
)
KEEP_COLUMN = options.Option("keep-column", "Another column (or field) to take over into the results, such as one with "
                             "the repository; may be repeated.", "Input", many=True, metavar="NAME")  # fmt: skip
ENGINE = options.Option("engine", "What runs the scan: processes of this machine, or a Ray cluster.", "Engine",
                        choices=("local", "ray"), default="local")  # fmt: skip
ADDRESS = options.Option("address", "Of a running Ray cluster; without it, a local one is started.", "Engine",
                         metavar="HOST:PORT")  # fmt: skip
RESTART = options.Option(
    "restart", "Discard earlier results and scan everything again.", "Action", "flag", default=False
)
REPORT = options.Option("report", "Also write plots of the counts as SVG (needs matplotlib).", "Output",
                        "flag", default=False)  # fmt: skip


@click.command(cls=Command, help=HELP)
@click.argument("sources", metavar="SOURCE...", nargs=-1, required=True, type=click.Path())
@takes(OUT, options.TO, options.KERAS_MODULE, options.SOURCE_VERSION, options.ASSUME, options.MAX_FILE_SIZE, COLUMN,
       PATH_COLUMN, KEEP_COLUMN, ENGINE, ADDRESS,
       options.JOBS._replace(group="Engine", configurable=False, note="all cores"), RESTART, REPORT,
       options.QUIET)  # fmt: skip
@color_option
def scan(sources: tuple[str, ...], **values: Any) -> None:
    if values["output"] is None:
        raise click.UsageError("`-o DIRECTORY` is needed: where the results go")
    if values["address"] is not None and values["engine"] != "ray":
        raise click.UsageError("--address is for `--engine ray`")
    source_versions(values["source_version"])
    missing = [source for source in sources if not os.path.exists(source)]
    if missing:
        raise click.UsageError(f"{printable(missing[0])} does not exist")
    try:
        summary = _scan(sources, values)
        drawn = _plot(values["output"], summary) if values["report"] else []
    except ImportError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        click.echo(f'{error.name} is not installed: pip install "initport[{extra}]"', err=True)
        sys.exit(2)
    for reason in summary.failed:
        click.echo(f"{click.style('error:', fg='red', bold=True)} {printable(reason)}", err=True)
    if not values["quiet"]:
        click.echo(_closing(summary, values["output"], drawn), err=True)
    sys.exit(summary.exit_code)


_EXTRAS = {"pyarrow": "scan", "ray": "ray", "pandas": "ray", "matplotlib": "report", "numpy": "report"}
"""The extra that installs a library."""


def _scan(sources: tuple[str, ...], values: dict[str, Any]) -> "Summary":
    from initport.project.processes import cores
    from initport.scan.corpus import OutputError, scan
    from initport.scan.sources import Columns, SourceError

    names = ("to", "keras_module", "source_version", "assume", "max_file_size")
    settings = {name: list(value) if isinstance(value := values[name], tuple) else value for name in names}

    columns = Columns(values["column"], values["path_column"], list(values["keep_column"]))

    def fail(path: str, reason: str) -> None:
        click.echo(f"{printable(path)}: {printable(reason)}", err=True)

    with progress_bar("scan", values["quiet"]) as progress:
        try:
            return scan(
                sources, values["output"], columns=columns, settings=settings,
                engine=values["engine"], jobs=values["jobs"] or cores(), address=values["address"],
                restart=values["restart"], fail=fail, progress=progress,
            )  # fmt: skip
        except (SourceError, OutputError, OSError) as error:
            click.echo(f"{click.style('error:', fg='red', bold=True)} {printable(str(error))}", err=True)
            sys.exit(2)


def titles() -> dict[str, str]:
    """What the codes of findings mean."""
    return {item.code: item.title for item in Code}


def _plot(out: str, summary: "Summary") -> list[str]:
    from initport.scan import plots

    return plots.write(out, summary.counts, titles())


_SHOWN = 10
"""The entries of each table that the closing lines show."""


def _closing(summary: "Summary", out: str, drawn: list[str]) -> str:
    from initport.scan.parts import MISTAKES

    counts = summary.counts
    lines = [
        f"{number(counts.files, 'file')} ({counts.bytes:,} bytes) scanned in {number(summary.parts, 'part')}"
        + f", of which {summary.resumed} were done before" * bool(summary.resumed)
        + f"; {number(counts.errors, 'file')} with an error",
        f"{number(counts.initializers, 'initializer')} found; {counts.converted:,} can be converted in "
        f"{number(counts.changed, 'file')}, {counts.modern:,} already modern, {counts.silenced:,} silenced; "
        f"{number(counts.reported, 'other finding')}",
    ]
    codes = {f"{code}, {titles().get(code, '')}": count for code, count in counts.codes.items()}
    mistakes = {name: count for name, count in codes.items() if name.startswith(MISTAKES)}
    others = {name: count for name, count in codes.items() if name not in mistakes}
    for title, table in (
        ("distribution", counts.laws), ("framework", counts.frameworks), ("mistake", mistakes), ("finding", others),
        ("error", counts.failures),
    ):  # fmt: skip
        ranked = sorted(table.items(), key=lambda item: (-item[1], item[0]))
        lines += [f"  {count:8,}  {title} {printable(name)}" for name, count in ranked[:_SHOWN]]
        rest = sum(count for _, count in ranked[_SHOWN:])
        lines += [f"  {rest:8,}  {title} of {len(ranked) - _SHOWN:,} other kinds"] * bool(rest)
    lines += [f"Drawn: {', '.join(map(printable, drawn))}"] * bool(drawn)
    lines.append(f"Read {printable(os.path.join(out, 'part-*.parquet'))} with any reader of Parquet.")
    return "\n".join(lines)
