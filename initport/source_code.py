"""Python source with its initializers rewritten: text in, result out."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from initport.emit.targets import default
from initport.emit.targets import target as target_named
from initport.project.processes import Run, process

if TYPE_CHECKING:
    from initport.findings.finding import Finding


class Rewriting(NamedTuple):
    """The text after the changes that were proved, and all findings, those of the changes included."""

    text: str | bytes
    changed: bool
    findings: "tuple[Finding, ...]"

    @property
    def exit_code(self) -> int:
        """0 nothing is left to convert, 1 something was refused, 2 the text cannot be used."""
        return max((item.exit_code for item in self.findings), default=0)


def codemod(
    text: str | bytes,
    *,
    target: str | None = None,
    path: str = "<text>.py",
    versions: Iterable[str] = (),
    assume: Iterable[str] = (),
    keras_module: str = "auto",
    remove_imports: bool = False,
) -> Rewriting:
    """Rewrite the initializers of a module or a notebook, as `initport codemod` does, for the default target of source
    code where none is named.

    ``path`` says which of the two it is and names it in findings; ``versions`` (``tf=1.8``), ``assume``,
    ``keras_module`` and ``remove_imports`` are as on the command line, and no file of a project is read but for the
    versions that it pins, and for what its other files use.
    Never raises for what is in ``text``. Raises ValueError for an unknown ``target``, or a version of an unknown
    package, before anything is read.
    """
    chosen = target_named(target or default("source"))
    run = Run.of({"to": chosen.name, "source_version": tuple(versions), "assume": tuple(assume),
                  "keras_module": keras_module, "remove_imports": remove_imports})  # fmt: skip
    outcome = process(text.encode() if isinstance(text, str) else text, path, run).as_written()
    if outcome.after is None:
        return Rewriting(text, False, outcome.findings)
    return Rewriting(outcome.after.decode() if isinstance(text, str) else outcome.after, True, outcome.findings)
