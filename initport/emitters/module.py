"""What the emitted modules of all targets share: the header, the helpers they define, and the notes on refusals."""

from initport import __version__
from initport.diagnostics import Code
from initport.emitters.code import comment
from initport.emitters.plan import Entry, Plan
from initport.grammar.meaning import Vocabulary
from initport.ir.model import Model


def header(model: Model, docstring: str) -> str:
    """The module's docstring, and a comment that says what was converted and by what.

    The comment never comes first: on the first lines of a file Python takes `coding:` in a comment at its word.
    """
    name = comment(f"{model.name} ({model.location.path})".strip())
    return f'"""{docstring}"""\n\n# From {name}\n# by initport {__version__}.\n\n'


def helpers(plan: Plan, target: Vocabulary) -> str:
    """The definitions of those functions of ours that the plan's spellings call."""
    used = {spelling.function for _, spelling in plan.emitted}
    functions = target.initializers.items()
    return "".join(f"\n\n{row.code}" for name, row in functions if name in used and row.code)


def imports_math(plan: Plan) -> str:
    return "import math\n" if any("math." in spelling.text for _, spelling in plan.emitted) else ""


def note(entry: Entry) -> list[str]:
    """The comment that stands where a weight's line would, where the reader of the module misses one."""
    if entry.spelling is not None or (entry.finding is not None and entry.finding.code is Code.STATISTICS):
        return []
    if entry.finding is not None:
        return [comment(f"{entry.finding.code.code}: {entry.finding.detail}")]
    reason = getattr(entry.weight.initializer, "reason", "")
    return [comment(f"not initialized: {entry.layer.name!r} {entry.weight.role}: {reason}")]
