"""The table of any input: a network, a model, or Python source."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from initport.conversion import plan_for, read
from initport.diagnostics import InputError
from initport.emit.targets import target as target_named
from initport.explain.model_rows import rows
from initport.explain.row import Table
from initport.formats.format import ReadFile
from initport.formats.read_options import Options
from initport.project.options import PYTHON, Input, kind_of, target_of

if TYPE_CHECKING:
    from initport.project.processes import Run


def explain(
    text: str | bytes,
    *,
    source: str = "auto",
    target: str | None = None,
    path: str = "<text>",
    options: Options | None = None,
    read_file: ReadFile | None = None,
    versions: Iterable[str] = (),
    assume: Iterable[str] = (),
    keras_module: str = "auto",
) -> Table:
    """Every weight of an input as a row (`initport.explain.row.Row`), with the findings beside them.

    ``source`` is the name of a format, ``python``, or ``auto``: by the ending of ``path``. ``target`` is by default
    that of such an input. ``options`` and ``read_file`` are for networks, as in `initport.convert`;
    ``versions`` (``tf=1.8``), ``assume`` and ``keras_module`` for source code, as on the command line. An unusable
    input is a table without rows and with the diagnostic. Raises ValueError for an unknown ``target`` or ``source``,
    or for a version of an unknown package, before anything is read.
    """
    kind = kind_of(path) if source == "auto" else Input.SOURCE if source == PYTHON else Input.NETWORK
    target = target_of({"to": target}, kind)
    target_named(target)
    values = {"to": target, "source_version": tuple(versions), "assume": tuple(assume), "keras_module": keras_module}
    try:
        if kind is Input.SOURCE:
            from initport.project.processes import Run

            return _source(text.encode() if isinstance(text, str) else text, path, Run.of(values))
        reading = read(text, source=source, path=path, options=options, read_file=read_file)
        plan = plan_for(reading.model, target)
    except InputError as error:
        return Table([], [error.diagnostic])
    return Table(rows(reading.model, plan), [*reading.diagnostics, *plan.diagnostics])


def _source(data: bytes, path: str, run: "Run") -> Table:
    """Raises InputError."""
    from initport.explain.source_rows import table
    from initport.project.pins import versions_of
    from initport.rewrite.encoding import EncodingError
    from initport.rewrite.file import input_error

    settings = run.settings(versions_of(path, run.versions, data).versions, path, data)
    try:
        return table(data, settings, path)
    except (SyntaxError, EncodingError) as error:
        raise input_error(error, path) from error
