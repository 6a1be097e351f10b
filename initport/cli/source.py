"""Source code: the run that the options ask for, and such a file given to `convert` and `explain`."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from initport.cli.findings import Printer, chosen_codes, is_told
from initport.cli.output import write
from initport.findings.text import printable

if TYPE_CHECKING:
    from initport.explain.source_table import Row
    from initport.project.run import Run


def make_run(chosen: Mapping[str, Any]) -> "Run":
    """The run that the options ask for."""
    from initport.project.pins import stated
    from initport.project.run import ASSUMPTIONS, Run

    try:
        versions = stated(chosen["source_versions"])
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    assumed = ASSUMPTIONS if chosen["unsafe_fixes"] else chosen["assumed"]
    return Run(
        chosen["keras_module"],
        versions,
        frozenset(assumed),
        chosen["target"],
        selection=chosen_codes(chosen),
        baseline=chosen["baseline"],
    )


def convert_source(
    file: str, name: str, chosen: Mapping[str, Any], output: str | None, quiet: bool, printer: Printer
) -> int:
    """Print or write the rewritten file, and return the exit status; ``name`` is what it is called."""
    from initport.project.run import process
    from initport.rewrite.outcome import failed

    run = _run(chosen)
    try:
        data = _bytes(file)
    except OSError as error:
        printer.add(failed(name, error.strerror or str(error), run.selection.codes(name)).findings)
        printer.close()
        return 2
    outcome = process(data, name, run).written()
    status = max((item.exit_code for item in outcome.findings), default=0)
    if status < 2:
        result = data if outcome.after is None else outcome.after
        if output is None:
            sys.stdout.buffer.write(result)
        else:
            write(output, result, file)
    printer.add(item for item in outcome.findings if is_told(item) and (item.exit_code or not quiet))
    printer.close()
    return status


def explain_source(file: str, name: str, chosen: Mapping[str, Any], output_format: str) -> int:
    """Print the table of a source file's initializers, and return the exit status; ``name`` is what it is called."""
    from initport.explain import source_table as table
    from initport.project.pins import versions_of
    from initport.rewrite.encoding import EncodingError

    run = _run(chosen)
    try:
        data = _bytes(file)
        found = table.rows(data, run.settings(versions_of(name, run.versions, data).versions, name, data), name)
    except (OSError, SyntaxError, EncodingError) as error:
        click.echo(f"{name}: IP101 the file cannot be read: {error}", err=True)
        return 2
    click.echo(_table(found, output_format), nl=False)
    return int(any(row.exact == "REFUSED" for row in found))


def _bytes(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    with open(file, "rb") as stream:
        return stream.read()


def _run(chosen: Mapping[str, Any]) -> "Run":
    """The run that rewrites for the target what was written for that version, of TensorFlow where nothing is said."""
    version = chosen["source_version"]
    stated = () if version is None else (version if "=" in version else f"tf={version}",)
    return make_run({**_DEFAULTS, **chosen, "source_versions": stated})


_DEFAULTS = {
    "unsafe_fixes": False, "baseline": False, "select": (), "extend_select": (), "ignore": (),
}  # fmt: skip


def _table(found: "list[Row]", output_format: str) -> str:
    import csv
    import io
    import json
    from dataclasses import asdict

    from initport import tables
    from initport.explain.source_table import COLUMNS

    if output_format == "json":
        return json.dumps({"sites": [asdict(row) for row in found]}, indent=2) + "\n"
    lines = [COLUMNS, *(tuple(printable(" ".join(cell.split())) for cell in row.cells()) for row in found)]
    if output_format == "csv":
        buffer = io.StringIO()
        csv.writer(buffer).writerows(lines)
        return buffer.getvalue()
    return tables.as_markdown(lines) if output_format == "markdown" else tables.as_text(lines)
