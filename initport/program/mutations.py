"""What gives layers other values after they were made, where it is not known which weights, or which values."""

import ast
from collections.abc import Sequence

from initport.grammar.versions import Versions
from initport.program.modules import CHANGED, KEEPING, READ, attributes, keeps_parameters
from initport.program.naming import is_label
from initport.program.parameters import ANY_PROBLEM, fill, parameter_names
from initport.program.values import ANY, Class, Entries, Fill, Function, Items, Made, Parameter, Unknown, Value
from initport.program.within import each_part, parts_of

_LATER = (
    "`{}` is given another value there, after the layer was made, which counts only where its weights were not there "
    "yet; give it to the layer's call, or initialize it yourself"
)
_OTHERS = ("_init", "default_init", "init", "initializer")
"""Attributes of a parameter that hold what starts it, in frameworks with ``attributes``."""


def is_change(name: str) -> bool:
    """Whether a method of that name gives parameters other values, of whatever framework."""
    in_place = name.endswith("_") and not name.endswith("__") and name not in KEEPING
    return in_place or name in CHANGED


def lose(values: Sequence[Value], node: ast.AST | None, reason: str = ANY_PROBLEM) -> int:
    """Any of the layers and parameters that ``values`` are or hold may have other values from here on. Gives the number
    of values that were gone through."""
    seen: set[int] = set()
    for part in each_part(values, seen):
        if isinstance(part, Parameter):
            fill(part, None, reason, node)
        elif part.wrapper != "variable":
            part.fills[ANY] = Fill(None, reason, node=node)
        elif keeps_parameters(part) or is_label(part.layer.framework, part.path, Versions()):
            part.fills[""] = Fill(None, reason, node=node)
    return len(seen)


def lose_contents(holder: Items | Entries, reason: str) -> None:
    """Anything may be in a list or a dict from here on. What a name stands for in one of names stays a function or a
    class: such are hardly replaced."""
    holder.open = True
    if isinstance(holder, Items):
        holder.items[:] = [Unknown(reason, parts=parts_of(item)) for item in holder.items]
        return
    for key, value in holder.entries.items():
        if not isinstance(value, Function | Class):
            holder.entries[key] = Unknown(reason, parts=parts_of(value))


def set_later(made: Made, name: str, node: ast.AST | None) -> None:
    """An attribute of a layer is given another value: what starts a weight, a size, or whether there is one."""
    row = made.layer.row
    started = [held for held, weight, _ in parameter_names(made) if weight.argument == name]
    for held in started:
        made.fills[held] = Fill(None, _LATER.format(name), node=node)
    flags = {flag for weight in row.weights for flag in (*(weight.when or "").split(" and "), weight.unless or "")}
    unnamed = name in row.arguments and not started
    if made.wrapper != "variable" and (unnamed or name in {*flags, *row.sizes.values()} - {""}):
        made.fills[ANY] = Fill(None, _LATER.format(name), node=node)


def set_any(values: Sequence[Value], name: str | None, node: ast.AST | None) -> int:
    """An attribute of any of the layers and parameters that ``values`` are or hold is given another value; ``name`` is
    None where it is not known which. Gives the number of values that were gone through."""
    seen: set[int] = set()
    for part in each_part(values, seen):
        if isinstance(part, Parameter):
            if name is None or name in READ or name in _OTHERS:
                lose([part], node)
        elif name is None or name in READ or name in attributes(part) or name in _torch_names(part):
            lose([part], node)
        else:
            set_later(part, name, node)
    return len(seen)


def _torch_names(made: Made) -> set[str]:
    return {held for held, *_ in parameter_names(made)} if keeps_parameters(made) else set()
