"""What the emitted modules of all targets share: the header, the helpers they define, and the notes on refusals."""

from collections.abc import Iterator

from initport import __version__
from initport.diagnostics import Code
from initport.emit.code import comment
from initport.emit.idioms import BLOCKS, Spelling
from initport.emit.plan import Entry, Plan
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.ir.model import Model


def header(model: Model, docstring: str) -> str:
    """The module's docstring, and a comment that says what was converted and by what.

    The comment never comes first: on the first lines of a file Python takes `coding:` in a comment at its word.
    """
    name = comment(f"{model.name} ({model.location.path})".strip())
    spoken = vocabulary(model.framework, model.version).grammar.title
    version = "" if model.version is None else f", {spoken} {'.'.join(map(str, model.version))}"
    return f'"""{docstring}"""\n\n# From {name}{version}\n# by initport {__version__}.\n\n'


def helpers(plan: Plan, target: Vocabulary) -> str:
    """The definitions of those functions of ours that the plan's spellings call."""
    used = {function for _, spelling in plan.emitted for function in _functions(spelling)}
    rows = [target.function(name).code for name in target.grammar.initializers if name in used]
    joint = target.grammar.blocks
    if joint is not None and (BLOCKS in used or any(entry.place.part for entry, _ in plan.emitted)):
        rows.append(joint.code)
    return "".join(f"\n\n{code}" for code in rows if code)


def _functions(spelling: Spelling) -> Iterator[str]:
    yield spelling.function
    for part in spelling.parts:
        yield from _functions(part)


def imports_math(plan: Plan, target: Vocabulary) -> str:
    texts = (helpers(plan, target), *(spelling.text for _, spelling in plan.emitted))
    return "import math\n" if any("math." in text for text in texts) else ""


def note(entry: Entry) -> list[str]:
    """The comment that stands where a weight's line would, where the reader of the module misses one."""
    if entry.spelling is not None or (entry.finding is not None and entry.finding.code is Code.STATISTICS):
        return []
    if entry.finding is not None:
        return [comment(f"{entry.finding.code.code}: {entry.finding.detail}")]
    reason = getattr(entry.weight.initializer, "reason", "")
    return [comment(f"not initialized: {entry.layer.name!r} {entry.weight.role}: {reason}")]
