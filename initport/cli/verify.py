"""`initport verify`: a conversion measured in the real framework."""

import sys
from typing import Any

import click

from initport.cli.command import Command, option
from initport.cli.findings import report
from initport.cli.network import open_network, read_file
from initport.cli.options import network_options
from initport.findings.text import printable

HELP = """Run the converted initialization of FILE in the installed framework, and measure what it draws.

Every weight is drawn often enough to see an error of EFFECT in its variance, on stub layers of the right shapes.

\b
Example:
  initport verify train_val.prototxt --to torch
"""


@click.command(cls=Command, help=HELP, short_help="Check a conversion by sampling the real framework.")
@network_options
@option("--effect", type=click.FloatRange(0.001, 1), default=0.01, show_default=True,
        group="Output", help="The relative error of a variance that must be seen.")  # fmt: skip
def verify(file: str, source: str, target: str, effect: float, quiet: bool, **chosen: Any) -> None:
    from initport.conversion import convert as run
    from initport.verify.run import FrameworkError, Job, measure

    path, data, options = open_network(file, chosen)
    result = run(data, source=source, target=target, path=path, options=options, read_file=read_file)
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
