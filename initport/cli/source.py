"""Source code: the run that the options ask for, and such a file given to `convert` and `explain`."""

import csv
import io
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initport.cli.findings import chosen_codes
from initport.cli.output import report, write
from initport.findings.text import printable

if TYPE_CHECKING:
    from initport.codemod.table import Row
    from initport.codemod.tree import Run


def make_run(chosen: Mapping[str, Any]) -> "Run":
    """The run that the options ask for."""
    from initport.codemod.tree import ASSUMPTIONS, Run
    from initport.codemod.versions import stated

    try:
        versions = stated(chosen["source_versions"])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    assumed = ASSUMPTIONS if chosen["unsafe_fixes"] else chosen["assumed"]
    return Run(
        chosen["keras_module"],
        versions,
        frozenset(assumed),
        selection=chosen_codes(chosen),
        baseline=chosen["baseline"],
    )


def convert_source(file: str, target: str, version: str | None, output: str | None, quiet: bool) -> int:
    """Print or write the rewritten file, and return the exit status."""
    from initport.codemod.tree import one

    outcome = one(file, _run(target, version))
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
        found = table.rows(Path(file).read_bytes(), run.settings(version_of(file, run).versions))
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
    return make_run({**_DEFAULTS, "source_versions": stated})


_DEFAULTS = {
    "keras_module": "auto", "assumed": (), "unsafe_fixes": False, "baseline": False, "select": (), "extend_select": (),
    "ignore": (), "per_file_ignores": (), "root": None,
}  # fmt: skip


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
