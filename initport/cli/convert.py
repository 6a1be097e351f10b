"""`initport convert`: the initialization of a network or model as code."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import color_option, takes
from initport.cli.command import Command
from initport.cli.inputs import (
    FILE,
    Opened,
    UnreadableError,
    check_source,
    files_below,
    network_of,
    open_input,
    put,
)
from initport.cli.printer import Printer, is_reported, print_summary
from initport.project import options

if TYPE_CHECKING:
    from initport.findings.finding import Finding

HELP = """Convert the initialization in FILE to code and print it.

FILE is a Caffe network (.prototxt, in any format since 2013), a solver that names one, or a .caffemodel; or a saved
Keras model of any version: its config as JSON or YAML, a .keras or .h5 file, a SavedModel's keras_metadata.pb. `-` is
standard input. A .py or .ipynb file is rewritten, as by `initport codemod`; with --module, the initialization of the
network that it builds is printed, by layer.

\b
Examples:
  initport convert train_val.prototxt > init.py
  initport convert solver.prototxt --to keras -o init.py
  initport convert deploy.prototxt --phase TEST --input data=1,3,224,224
  initport convert model.json --source-version 2.1.6
  initport convert network.py --to torch --module
"""


@click.command(cls=Command, help=HELP, short_help="Convert a network's initialization to code.")
@FILE
@takes(options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS, options.PROGRAM, options.MODULE,
       options.STDIN_FILENAME, options.TO, options.KERAS_MODULE, options.ASSUME, options.SELECT,
       options.EXTEND_SELECT, options.IGNORE, options.OUTPUT, options.FORMAT._replace(default="concise"),
       options.QUIET)  # fmt: skip
@color_option
@click.pass_context
def convert(context: click.Context, /, file: str, **values: Any) -> None:
    from initport.findings.finding import Finding

    printer = Printer(values["output_format"], taken=values["output"] is None)
    try:
        opened = open_input(context, file, values)
        convert_it = _source if opened.kind is options.Input.SOURCE and not values["module"] else _network
        result, found = convert_it(opened, values)
    except UnreadableError as error:
        result, found = None, [Finding(error.diagnostic)]
    status = max((item.exit_code for item in found), default=0)
    if result is not None:
        if values["output"] is None:
            click.echo(result, nl=False)
        else:
            put(values["output"], result, file)
    printer.add(item for item in found if is_reported(item) and (item.exit_code or not values["quiet"]))
    printer.close()
    if result is not None:
        print_summary(_summary(opened, found, values), values["quiet"])
    sys.exit(status if result is not None else 2)


def _source(opened: Opened, values: dict[str, Any]) -> "tuple[bytes | None, list[Finding]]":
    from initport.project.processes import Run, process

    check_source(values)
    outcome = process(opened.data, opened.name, Run.of(values)).as_written()
    unusable = any(item.exit_code > 1 for item in outcome.findings)
    result = opened.data if outcome.after is None else outcome.after
    return None if unusable else result, list(outcome.findings)


def _network(opened: Opened, values: dict[str, Any]) -> "tuple[bytes | None, list[Finding]]":
    from initport.conversion import convert as converted
    from initport.findings.network_findings import findings
    from initport.findings.select import selection

    path, data, read_options, source = network_of(opened, values)
    read_file = files_below(path, read_options.root)
    target = options.target_of(values, options.Input.NETWORK)
    result = converted(data, source=source, target=target, path=path, options=read_options, read_file=read_file)
    codes = selection(values["select"], values["extend_select"], values["ignore"]).codes(path)
    found = findings(result.diagnostics, path, lambda name: data if name == path else read_file(name), codes)
    return None if result.text is None else result.text.encode(), found


def _summary(opened: Opened, found: "Iterable[Finding]", values: dict[str, Any]) -> str:
    kind = options.Input.NETWORK if values["module"] else opened.kind
    refused = sum(item.exit_code > 0 for item in found)
    how = f"{refused} refused" if refused else "all converted"
    rewritten = opened.kind is options.Input.SOURCE and not values["module"]
    after = (
        f"`initport codemod {opened.path} --diff` shows what changes"
        if rewritten
        else f"`initport verify {opened.path}` draws the weights in the installed framework"
    )
    return f"{opened.name}: {how}, for {options.chosen_target(values, kind)}. {after}."
