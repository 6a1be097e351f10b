"""What `initport convert` does with its command line."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from initport.cli.console import echo
from initport.cli.inputs import (
    Opened,
    UnreadableError,
    check_source,
    files_below,
    network_of,
    open_input,
    put,
)
from initport.cli.line import Line
from initport.cli.printer import Printer, is_reported, print_summary
from initport.findings import WORD
from initport.project import options

if TYPE_CHECKING:
    from initport.findings.finding import Finding

DECLARED = (
    options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS, options.PROGRAM, options.MODULE,
    options.STDIN_FILENAME, options.TO, options.KERAS_MODULE, options.ASSUME, options.SELECT, options.EXTEND_SELECT,
    options.IGNORE, options.OUTPUT, options.FORMAT._replace(default="concise"), options.QUIET,
)  # fmt: skip
"""The options that it takes, in the order of its help."""


def convert(line: Line, file: str, values: dict[str, Any]) -> int:
    """Convert and print, and return the exit status. Raises MisuseError before anything is written."""
    printer = Printer(values["output_format"], taken=values["output"] is None)
    try:
        opened = open_input(line, file, values)
        convert_it = _source if opened.kind is options.Input.SOURCE and not values["module"] else _network
        result, found = convert_it(opened, values)
    except UnreadableError as error:
        from initport.findings.finding import Finding

        result, found = None, [Finding(error.diagnostic)]
    status = max((item.exit_code for item in found), default=0)
    if result is not None:
        if values["output"] is None:
            echo(result, nl=False)
        else:
            put(values["output"], result, file)
    printer.add(item for item in found if is_reported(item) and (item.exit_code or not values["quiet"]))
    printer.close()
    if result is not None:
        print_summary(_summary(opened, result, found, values), values["quiet"])
    return status if result is not None else 2


def _source(opened: Opened, values: dict[str, Any]) -> "tuple[bytes | None, list[Finding]]":
    from initport.project.processes import Run, process

    check_source(values)
    outcome = process(opened.data, opened.name, Run.of(values)).as_written()
    unusable = any(item.exit_code > 1 for item in outcome.findings)
    result = opened.data if outcome.after is None else outcome.after
    return None if unusable else result, list(outcome.findings)


def _network(opened: Opened, values: dict[str, Any]) -> "tuple[bytes | None, list[Finding]]":
    from initport.conversion import convert as converted

    path, data, read_options, source = network_of(opened, values)
    read_file = files_below(path, read_options.root)
    target = options.target_of(values, options.Input.NETWORK)
    result = converted(data, source=source, target=target, path=path, options=read_options, read_file=read_file)
    found: list[Finding] = []
    if result.diagnostics or WORD in data:
        from initport.findings.network_findings import findings
        from initport.findings.select import selection

        codes = selection(values["select"], values["extend_select"], values["ignore"]).codes(path)
        found = findings(result.diagnostics, path, lambda name: data if name == path else read_file(name), codes)
    return None if result.text is None else result.text.encode(), found


def _summary(opened: Opened, result: bytes, found: "Iterable[Finding]", values: dict[str, Any]) -> str:
    kind = options.Input.NETWORK if values["module"] else opened.kind
    refused = sum(item.exit_code > 0 for item in found)
    rewritten = opened.kind is options.Input.SOURCE and not values["module"]
    unchanged = rewritten and result == opened.data
    how = f"{refused} refused" if refused else "nothing to convert" if unchanged else "all converted"
    if unchanged:
        return f"{opened.name}: {how}, for {options.chosen_target(values, kind)}."
    after = (
        f"`initport codemod {opened.path} --diff` shows what changes"
        if rewritten
        else f"`initport verify {opened.path}` draws the weights in the installed framework"
    )
    return f"{opened.name}: {how}, for {options.chosen_target(values, kind)}. {after}."
