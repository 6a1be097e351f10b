"""`initport verify`: a conversion measured in the real framework."""

import sys
from typing import TYPE_CHECKING, Any

import click

from initport.cli.click_options import FILE, color_option, takes
from initport.cli.command import Command, line_of
from initport.cli.inputs import Network, files_below, open_network
from initport.cli.printer import print_summary, report, terminal_width
from initport.cli.progress import progress_bar
from initport.emit.targets import target as target_named
from initport.project import options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from initport.compare.comparison import Comparison
    from initport.diagnostics import Diagnostic

HELP = """Run the converted initialization of FILE in the installed framework, and measure what it draws.

Every weight is drawn often enough to detect an error of EFFECT in its standard deviation, on stub layers of the right
shapes, or in the layers of MODEL, matched as by `initport match`.

\b
Example:
  initport verify train_val.prototxt --to torch
"""


MODEL = options.Option("model", "Initialize this model with the converted lines, and measure its weights.", "Input",
                       metavar="PACKAGE.MODULE:FACTORY")  # fmt: skip


@click.command(cls=Command, help=HELP)
@FILE
@takes(options.FROM, options.SOURCE_VERSION, *options.OF_NETWORKS, options.PROGRAM, options.STDIN_FILENAME, MODEL,
       options.TO, options.EFFECT, options.SEED, options.ONLY, options.SKIP,
       options.TIME_LIMIT._replace(default=1800), options.MEMORY, options.COMPARISON_FORMAT,
       options.QUIET)  # fmt: skip
@color_option
@click.pass_context
def verify(context: click.Context, /, file: str, output_format: str, **chosen: Any) -> None:
    from initport.compare.formats import in_format
    from initport.conversion import convert as run

    quiet = chosen["quiet"]
    path, data, read_options, source = network = open_network(line_of(context), file, chosen)
    target = options.target_of(chosen, options.Input.NETWORK)
    read_file = files_below(path, read_options.root)
    result = run(data, source=source, target=target, path=path, options=read_options, read_file=read_file)
    report(result.diagnostics, quiet)
    if result.text is None or result.plan is None:
        sys.exit(result.exit_code)
    _check_installed(target)
    found = _of_model(network, target, result.text, quiet, chosen) if chosen["model"] else None
    found = found or _of_stubs(path, target, result, quiet, chosen)
    click.echo(in_format(found, output_format, terminal_width()), nl=False)
    print_summary(_summary(found, result.diagnostics, chosen), quiet)
    chosen_none = bool(chosen["only"] or chosen["skip"]) and not found.rows
    wrong = found.differs or chosen_none or (chosen["model"] and found.exit_code)
    sys.exit(max(result.exit_code, int(bool(wrong))))


def _check_installed(target: str) -> None:
    """Exits with 2 where the framework is not there."""
    from importlib.util import find_spec

    chosen = target_named(target)
    if any(find_spec(library) is None for library in chosen.libraries):
        extra = f"pip install 'initport[{chosen.extra}]'"
        click.echo(f"verify runs {chosen.title}, which is not installed in this environment: {extra}", err=True)
        sys.exit(2)


def _summary(found: "Comparison", diagnostics: "Iterable[Diagnostic]", chosen: dict[str, Any]) -> str:
    refused = sum(item.exit_code > 0 for item in diagnostics)
    verdict = (
        "Some weights have another distribution"
        if found.differs
        else "Every weight drawn has the source's distribution"
    )
    target = options.chosen_target(chosen, options.Input.NETWORK)
    return f"{verdict}; {refused} refused and not drawn; for {target}."


def _of_stubs(path: str, target: str, result: Any, quiet: bool, chosen: dict[str, Any]) -> "Comparison":
    from initport.compare.comparison import of_checks
    from initport.verify.measure import FrameworkError, Job, measure
    from initport.verify.sampling import RUN_MISS, level_of, width
    from initport.verify.worker import Limits

    level = level_of(len(result.plan.emitted))
    try:
        with progress_bar("Drawing", quiet) as progress:
            (checks,) = measure(
                [Job(path, result.text, result.plan)],
                target,
                effect=1 - (1 - chosen["effect"]) ** 2,
                seed=chosen["seed"],
                level=level,
                errors=width(level, RUN_MISS),
                limits=Limits(chosen["time_limit"], int(chosen["memory"] * 2**30)),
                progress=progress,
            )
    except FrameworkError as error:
        click.echo(f"{target} could not run the emitted module:\n{error}", err=True)
        sys.exit(2)
    return of_checks(checks, source_name=path, framework=target, effect=chosen["effect"], only=chosen["only"],
                     skip=chosen["skip"])  # fmt: skip


def _of_model(network: Network, target: str, text: str, quiet: bool, chosen: dict[str, Any]) -> "Comparison":
    """What the converted lines make of the layers of a real model."""
    from initport.compare.comparison import compare
    from initport.compare.module_names import naming
    from initport.compare.port import FactoryPort, FrameworkError
    from initport.conversion import read
    from initport.verify.worker import Limits

    model = read(network.data, source=network.source, path=network.name, options=network.options,
                 read_file=files_below(network.name, network.options.root)).model  # fmt: skip
    limits = Limits(chosen["time_limit"], int(chosen["memory"] * 2**30))
    try:
        with (
            FactoryPort(chosen["model"], seed=chosen["seed"], limits=limits) as port,
            progress_bar("Building the model", quiet) as progress,
        ):
            if port.framework != target:
                there = target_named(port.framework or target)
                raise FrameworkError(f"it is a model of {there.title}; pass `--to {there.name}`")
            port.initialize(text, naming(model, port, target).rename)
            return compare(
                model, port, source_name=network.name, port_name=chosen["model"], framework=target,
                effect=chosen["effect"], seed=chosen["seed"], only=chosen["only"], skip=chosen["skip"],
                progress=progress,
            )  # fmt: skip
    except FrameworkError as error:
        click.echo(f"{chosen['model']}: {error}", err=True)
        sys.exit(2)
