"""One network description to one module of code: text in, result out. Nothing here touches the world."""

from initport.diagnostics import Diagnostic, InputError
from initport.emit.plan import Plan, plan
from initport.emit.targets import default
from initport.emit.targets import target as target_named
from initport.formats.format import ReadFile
from initport.formats.index import by_name, detect, names
from initport.formats.read_options import Options
from initport.ir.model import Model
from initport.records import NamedTuple

PYTHON = "python"
"""What source code is called among the formats."""


class Reading(NamedTuple):
    """What a reader made of an input."""

    model: Model
    diagnostics: tuple[Diagnostic, ...]


class Result(NamedTuple):
    """The emitted module, the plan that it was emitted from (both None where the input is unusable), and everything
    that there is to report about it."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]
    plan: Plan | None = None

    @property
    def exit_code(self) -> int:
        """0 all converted, 1 some weight refused, 2 unusable input."""
        return max((diagnostic.exit_code for diagnostic in self.diagnostics), default=0)


def read(
    text: str | bytes,
    *,
    source: str = "auto",
    path: str = "<text>",
    options: Options | None = None,
    read_file: ReadFile | None = None,
) -> Reading:
    """Read a network description into the shared model.

    ``source`` is the name of a format, ``python`` for a program that builds the network, or ``auto``; ``path`` names
    the input in every location; ``options`` choose the phase and complete the shapes; ``read_file`` gives the files
    that the input refers to (None: there are none).
    Raises InputError where the input as a whole is unusable, ValueError for an unknown ``source``.
    """
    data = text.encode() if isinstance(text, str) else text
    if source == PYTHON:
        from initport.program.network import read as read_program

        model, diagnostics = read_program(data, path, options or Options())
        return Reading(model, diagnostics)
    if source != "auto" and source not in names():
        raise ValueError(f"unknown source {source!r}; known: {', '.join(names())}")
    found = detect(path, data) if source == "auto" else by_name(source)
    model, diagnostics = found.read(data, path, options or Options(), read_file)
    return Reading(model, diagnostics)


def plan_for(model: Model, target: str) -> Plan:
    """What becomes of each weight in the target. Raises ValueError for an unknown ``target``, InputError for a
    model that exceeds a limit."""
    return plan(model, target_named(target).vocabulary)


def convert(
    text: str | bytes,
    *,
    source: str = "auto",
    target: str | None = None,
    path: str = "<text>",
    options: Options | None = None,
    read_file: ReadFile | None = None,
) -> Result:
    """Convert a network description to a module of the target framework, the default of networks where none is
    named; the other arguments are those of `read`.

    Never raises for what is in ``text``: an unusable input is a Result without text and with the diagnostic. Raises
    ValueError for an unknown ``target`` or ``source``, before anything is read.
    """
    chosen = target_named(target or default("network"))
    try:
        reading = read(text, source=source, path=path, options=options, read_file=read_file)
        decided = plan(reading.model, chosen.vocabulary)
    except InputError as error:
        return Result(None, (error.diagnostic,))
    return Result(chosen.emit(reading.model, decided), (*reading.diagnostics, *decided.diagnostics), decided)
