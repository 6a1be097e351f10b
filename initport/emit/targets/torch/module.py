"""PyTorch: a module with one line a weight and ``init_weights(model)``."""

from collections.abc import Iterable, Iterator

from initport.emit.alike import lines_of
from initport.emit.code import assignment, literal, remark
from initport.emit.idioms import Spelling
from initport.emit.module_parts import (
    by_parameter,
    classes_table,
    ending,
    expectations,
    header,
    helpers,
    imports_math,
    note,
    spelling_of,
)
from initport.emit.plan import Entry, Plan
from initport.grammar.meaning import Vocabulary
from initport.ir.identity import by_identity
from initport.ir.model import Model

_DOCSTRING = "Initialize a PyTorch model with exactly the distributions of its source."

_IMPORTS = """{math}from collections.abc import Callable, Mapping
from types import EllipsisType

import torch
from torch import nn
"""

_TABLE = """
# (layer, parameter): its initializer, below the source's line and text
INITIALIZERS: dict[tuple[str, str], Callable[[torch.Tensor], object]] = {
"""

_EXPECTED = """
# Sizes of axes: None for one that is not known, ... for any number of axes.
Shape = tuple[int | EllipsisType | None, ...]

# (layer, parameter): the source's type of layer, the kind of layer, and the shape in
# PyTorch where the source determines it
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = {
"""


def emit(model: Model, plan: Plan, target: Vocabulary) -> str:
    """The text of the module."""
    file = model.location.path

    def write(entries: Iterable[Entry]) -> Iterator[str]:
        return (line for members in by_parameter(entries) for line in _lines(members, file, target))

    defined = helpers(plan, target)
    imports = _IMPORTS.format(math=imports_math(plan, target))
    tables = (
        _TABLE,
        *lines_of(plan, file, write),
        "}\n",
        _EXPECTED,
        *expectations(plan, file, _key),
        "}\n",
        classes_table(plan, target, "MODULES", "nn.Module"),
    )
    end = ending(plan, "initport.emit.targets.torch.programs.init_weights")
    return "".join((header(model, _DOCSTRING), imports, defined, "\n" if defined else "", *tables, end))


def _lines(entries: list[Entry], file: str, target: Vocabulary) -> list[str]:
    entry = entries[0]
    spelling = spelling_of(entries, target)
    if spelling is None:
        return [f"    # {text}\n" for text in note(entry)]
    lines = [f"    # {remark(part.weight, file)}\n" for part in entries]
    value, place = _callable(spelling), entry.place
    lines += [assignment(_key(entry, name), value, 4) for name in (place.name or "", *place.alike)]
    if place.zero:
        lines.append("    # the source has one bias, which is the sum of these\n")
        lines += [f"    {_key(entry, other)}: nn.init.zeros_,\n" for other in place.zero]
    return lines


def _key(entry: Entry, name: str) -> str:
    return f"({literal(entry.module)}, {literal(name)})"


@by_identity
def _callable(spelling: Spelling) -> str:
    return spelling.function if spelling.text == f"{spelling.function}(w)" else f"lambda w: {spelling.text}"
