"""A module for a library on JAX: a table of initializers, constructor arguments made of them, and ``init_weights``,
which returns the parameters as they are to start."""

from typing import NamedTuple

from initport.emit.code import assignment, literal, remark
from initport.emit.idioms import Spelling
from initport.emit.module_parts import ending, expectations, header, helpers, imports_math, note
from initport.emit.plan import Entry, Plan
from initport.grammar.meaning import Vocabulary
from initport.ir.model import Model


class Library(NamedTuple):
    """What differs between the libraries: the title, the import that the module needs (or nothing), and the expression
    of the tree of parameters of what `init_weights` is given, the ``model``."""

    title: str
    statement: str
    tree: str
    given: str


_DOCSTRING = "Initialize {} with exactly the distributions of its source."

_IMPORTS = """{math}import zlib
from collections.abc import Callable, Mapping
from types import EllipsisType
from typing import Any

import jax
import jax.numpy as jnp
{statement}"""

_TABLE = """
# (layer, parameter): its initializer, below the source's line and text
INITIALIZERS: dict[tuple[str, str], Callable[..., jax.Array]] = """

_ARGUMENTS = """
# (layer, parameter): the constructor argument that initializes it
ARGUMENTS: dict[tuple[str, str], str] = """

_EXPECTED = """
# Sizes of axes: None for one that is not known, ... for any number of axes.
Shape = tuple[int | EllipsisType | None, ...]

# (layer, parameter): the source's type of layer, the kind of layer, and the shape here
# where the source determines it
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = """

_TREE = '''

def _tree(model: Any) -> Any:
    """The parameters of {given}."""
    return {tree}
'''


def emit(model: Model, plan: Plan, target: Vocabulary, library: Library) -> str:
    """The text of the module."""
    lines = [line for entry in plan.entries for line in _lines(entry, model.location.path)]
    defined = helpers(plan, target)
    imports = _IMPORTS.format(math=imports_math(plan, target), statement=library.statement)
    tables = (
        _TABLE,
        _display(lines),
        _ARGUMENTS,
        _display(_arguments(plan)),
        _EXPECTED,
        _display(expectations(plan, _key)),
    )
    end = ending(plan, "initport.emit.jax.programs.init_weights")
    tree = _TREE.format(given=library.given, tree=library.tree) + "\n"
    head = header(model, _DOCSTRING.format(library.title))
    return "".join((head, imports, defined, "\n" if defined else "", *tables, tree, end))


def _display(lines: list[str]) -> str:
    return "".join(("{\n", *lines, "}\n")) if lines else "{}\n"


def _lines(entry: Entry, file: str) -> list[str]:
    if entry.spelling is None:
        return [f"    # {text}\n" for text in note(entry)]
    lines = [f"    # {remark(entry.weight, file)}\n"]
    lines += [
        assignment(_key(entry, name), _callable(spelling), 4) for name, spelling in entry.by_parameter if spelling
    ]
    if entry.place.zero:
        lines.append("    # the source has one bias, which is the sum of these\n")
    lines += [f"    {_key(entry, other)}: jax.nn.initializers.zeros,\n" for other in entry.place.zero]
    return lines


def _arguments(plan: Plan) -> list[str]:
    """Of the weights that a constructor starts as they are stored."""
    return [
        f"    {_key(entry, str(entry.place.name))}: {literal(entry.place.argument)},\n"
        for entry, _ in plan.emitted
        if entry.place.argument and not entry.layer.wrapper
    ]


def _key(entry: Entry, name: str) -> str:
    path = name.replace(".", "/")
    return f"({literal(entry.module)}, {literal(path)})"


def _callable(spelling: Spelling) -> str:
    return spelling.text
