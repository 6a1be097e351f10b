"""The command line: arguments, printing, exit codes. What anything means is decided elsewhere.

Exit status: 0 all converted, 1 some weight was refused, 2 bad usage or unusable input. Data goes to stdout, what there
is to tell to stderr.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from initport import __version__
from initport.cli_output import printable, report, write

if TYPE_CHECKING:
    from initport.explain import Row
    from initport.readers.options import Options

CONVERT_HELP = """Convert the initialization in FILE to code and print it.

FILE is a Caffe network (.prototxt, in any format since 2013), a solver that names one, or a .caffemodel; or a saved
Keras model of any version: its config as JSON or YAML, a .keras or .h5 file, a SavedModel's keras_metadata.pb. `-` is
standard input. A .py or .ipynb file is rewritten, as `initport codemod` does, for --to keras.

\b
Examples:
  initport convert train_val.prototxt > init.py
  initport convert solver.prototxt --to keras -o init.py
  initport convert deploy.prototxt --phase TEST --input data=1,3,224,224
  initport convert model.json --source-version 2.1.6
"""

EXPLAIN_HELP = """Print a table of every weight in FILE: shape, fans, initializer, variance, target line.

\b
Examples:
  initport explain train_val.prototxt
  initport explain lenet.prototxt --output-format json | jq '.weights[] | .variance'
"""


SOURCES = (".py", ".ipynb")
"""The endings of files that are source code, and so no description of a network."""


class _Commands(click.Group):
    """The commands, of which what rewrites source code is loaded only when it is asked for."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted([*super().list_commands(context), "codemod"])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name != "codemod":
            return super().get_command(context, name)
        from initport.cli_codemod import codemod

        return codemod


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="initport", message="%(prog)s %(version)s")
def main() -> None:
    """Port weight initialization to PyTorch and Keras without changing its distribution.

    Every line that initport writes is proved to have exactly the distribution of its source; what cannot be proved is
    refused, with the place and the reason.
    """


def _inputs(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> dict[str, tuple[int | None, ...]]:
    """Parse NAME=N,C,H,W; a `?` is a size that is not known."""
    shapes = {}
    for value in values:
        name, _, dims = value.rpartition("=")
        parts = [part.strip() for part in dims.split(",")]
        if not name or not all(part == "?" or (part.isdecimal() and int(part) > 0) for part in parts):
            raise click.BadParameter(f"{value!r} is not NAME=N,C,H,W with sizes above 0 (or ? where unknown)")
        shapes[name] = tuple(None if part == "?" else int(part) for part in parts)
    return shapes


def _source_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say what is read and for which target."""
    for decorate in reversed((
        click.argument("file", metavar="FILE"),
        click.option("--from", "source", type=click.Choice(["auto", "caffe", "keras"]), default="auto",
                     show_default=True, help="What FILE is."),
        click.option("--to", "target", type=click.Choice(["torch", "keras"]), default="torch", show_default=True,
                     help="The framework to write for."),
        click.option("--phase", type=click.Choice(["TRAIN", "TEST"], case_sensitive=False), default="TRAIN",
                     show_default=True, help="The phase that include and exclude rules see."),
        click.option("--stage", "stages", multiple=True, metavar="NAME", help="A stage they see; may be repeated."),
        click.option("--level", type=int, default=0, show_default=True, help="The level they see."),
        click.option("--input", "inputs", multiple=True, metavar="NAME=N,C,H,W", callback=_inputs,
                     help="The shape of a blob that FILE does not tell, for the reported numbers; may be repeated."),
        click.option("--source-version", metavar="VERSION",
                     help="The source framework's version, where FILE does not tell it or tells it wrongly."),
        click.option("-q", "--quiet", is_flag=True, help="Report only errors and refused weights."),
    )):  # fmt: skip
        command = decorate(command)
    return command


@main.command(help=CONVERT_HELP, short_help="Convert a network's initialization to code.")
@_source_options
@click.option("-o", "--output", metavar="FILE", help="Write to FILE, in one step or not at all.")
def convert(file: str, source: str, target: str, output: str | None, quiet: bool, **chosen: Any) -> None:
    from initport.conversion import convert as run

    if file.endswith(SOURCES):
        from initport.cli_codemod import convert_source

        sys.exit(convert_source(file, target, chosen["source_version"], output, quiet))
    path, data, options = _open(file, chosen)
    result = run(data, source=source, target=target, path=path, options=options, read_file=_read_file)
    if result.text is not None and output is None:
        click.echo(result.text, nl=False)
    elif result.text is not None and output is not None:
        write(output, result.text, file)
    report(result.diagnostics, quiet)
    sys.exit(result.exit_code)


@main.command(help=EXPLAIN_HELP, short_help="Print a table of every weight.")
@_source_options
@click.option(
    "--output-format", type=click.Choice(["text", "json", "markdown", "csv"]), default="text", show_default=True
)
def explain(file: str, source: str, target: str, output_format: str, quiet: bool, **chosen: Any) -> None:
    from initport import explain as tables
    from initport.conversion import planned, read
    from initport.diagnostics import InputError

    if file.endswith(SOURCES):
        from initport.cli_codemod import explain_source

        sys.exit(explain_source(file, target, chosen["source_version"], output_format))
    path, data, options = _open(file, chosen)
    table: list[Row] = []
    try:
        reading = read(data, source=source, path=path, options=options, read_file=_read_file)
        plan = planned(reading.model, target)
        table, found = tables.rows(reading.model, plan), [*reading.diagnostics, *plan.diagnostics]
    except InputError as error:
        found = [error.diagnostic]
    status = max((item.exit_code for item in found), default=0)
    if output_format == "json":
        click.echo(tables.as_json(table, found), nl=False)
    elif status < 2:
        _print_table(table, output_format)
    report(found, quiet)
    sys.exit(status)


VERIFY_HELP = """Run the converted initialization of FILE in the installed framework, and measure what it draws.

Every weight is drawn often enough to see an error of EFFECT in its variance, on stub layers of the right shapes.

\b
Example:
  initport verify train_val.prototxt --to torch
"""


@main.command(help=VERIFY_HELP, short_help="Check a conversion by sampling the real framework.")
@_source_options
@click.option("--effect", type=click.FloatRange(0.001, 1), default=0.01, show_default=True,
              help="The relative error of a variance that must be seen.")  # fmt: skip
def verify(file: str, source: str, target: str, effect: float, quiet: bool, **chosen: Any) -> None:
    from initport.conversion import convert as run
    from initport.verify.run import FrameworkError, Job, measure

    path, data, options = _open(file, chosen)
    result = run(data, source=source, target=target, path=path, options=options, read_file=_read_file)
    report(result.diagnostics, quiet)
    if result.text is None or result.plan is None:
        sys.exit(result.exit_code)
    try:
        (checks,) = measure([Job(path, result.text, result.plan)], target, effect=effect)
    except FrameworkError as error:
        click.echo(f"{target} could not run the emitted module:\n{error}", err=True)
        sys.exit(2)
    for check in checks:
        name = printable(f"{check.entry.module} {check.entry.weight.role}")
        found = check.sample.second / check.sample.n
        verdict = check.verdict.problem or "ok"
        click.echo(f"{name}: variance {check.truth.variance:.6g}, drawn {found:.6g} (n = {check.sample.n}): {verdict}")
    sys.exit(1 if any(check.verdict.problem for check in checks) else result.exit_code)


def _print_table(table: "list[Row]", output_format: str) -> None:
    from initport import explain as tables

    if output_format == "text" and sys.stdout.isatty():
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        grid = Table(*tables.COLUMNS)
        for row in table:
            grid.add_row(*(Text(cell) for cell in tables.cells(row)))
        Console().print(grid)
    else:
        write = {"text": tables.as_text, "markdown": tables.as_markdown, "csv": tables.as_csv}[output_format]
        click.echo(write(table), nl=False)


def _open(file: str, chosen: dict[str, Any]) -> "tuple[str, bytes, Options]":
    """The input's name for messages, its bytes, and what is to be read of it; exits with 2 if it cannot be read."""
    from initport.readers.options import Options

    options = Options(
        phase=chosen["phase"].upper(),
        level=chosen["level"],
        stages=frozenset(chosen["stages"]),
        inputs=chosen["inputs"],
        version=chosen["source_version"],
    )
    if file == "-":
        return "<stdin>", sys.stdin.buffer.read(), options
    try:
        return file, Path(file).read_bytes(), options
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        click.echo(f"{file}: IP101 the file cannot be read: {reason}", err=True)
        sys.exit(2)


def _read_file(path: str) -> bytes | None:
    try:
        return Path(path).read_bytes()
    except (OSError, ValueError):
        return None
