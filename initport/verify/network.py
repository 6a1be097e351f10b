"""A network converted, and the result measured."""

from initport.conversion import convert
from initport.diagnostics import InputError
from initport.emit.targets import default
from initport.formats.format import ReadFile
from initport.formats.options import Options
from initport.verify.run import Check, Job, measure


def verify(
    text: str | bytes,
    *,
    source: str = "auto",
    target: str | None = None,
    path: str = "<text>",
    options: Options | None = None,
    read_file: ReadFile | None = None,
    effect: float = 0.01,
) -> list[Check]:
    """Convert a network and run the module in the installed framework: one check a weight, drawn often enough to see a
    relative error of ``effect`` in its variance. The other arguments are those of `initport.convert`.

    Raises InputError where the input as a whole is unusable, FrameworkError where the framework is not installed or
    cannot run the module, ValueError for an unknown ``source`` or ``target`` before anything is read.
    """
    target = target or default("network")
    result = convert(text, source=source, target=target, path=path, options=options, read_file=read_file)
    if result.text is None or result.plan is None:
        raise InputError(result.diagnostics[0])
    (checks,) = measure([Job(path, result.text, result.plan)], target, effect=effect)
    return checks
