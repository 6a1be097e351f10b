"""A module for a library on JAX: a table of initializers, constructor arguments made of them, and ``init_weights``,
which returns the parameters as they are to start."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from initport.emit.alike import lines_of
from initport.emit.code import assignment, literal, remark
from initport.emit.idioms import SLICE, SLICES, spell
from initport.emit.module_parts import (
    by_parameter,
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
from initport.ir.initializers import Constant
from initport.ir.model import Model
from initport.ir.scalar import Scalar

_PROGRAMS = "initport.emit.jax.programs"


class Library(NamedTuple):
    """What differs between the libraries: the title, the import that the module needs (or nothing), and the expression
    of the tree of parameters of what `init_weights` is ``given``, the ``model``. The others are programs: how leaves
    are called and put back (``paths``), how an initializer is called (``draws``), and what gives initializers to
    constructors (``arguments``), nothing where these take none."""

    title: str
    statement: str
    tree: str
    given: str
    paths: str = f"{_PROGRAMS}.trees"
    draws: str = f"{_PROGRAMS}.draw_by_key"
    arguments: tuple[str, ...] = (f"{_PROGRAMS}.constructors", f"{_PROGRAMS}.cast_by_key")


_DOCSTRING = "Initialize {} with exactly the distributions of its source."

_IMPORTS = """{math}import zlib
from collections.abc import Callable, Mapping
from types import EllipsisType
from typing import Any

{statements}
"""

_STATEMENTS = ("import jax", "import jax.numpy as jnp")

_TABLE = """
# (layer, parameter): its initializer, below the source's line and text
INITIALIZERS: dict[tuple[str, str], Callable[..., jax.Array]] = """

_ARGUMENTS = """
# (layer, parameter): the constructor argument that initializes it
ARGUMENTS: dict[tuple[str, str], str] = """

_TOGETHER = """
# (layer, parameter): the one that it is drawn together with, as slices of one matrix
TOGETHER: dict[tuple[str, str], tuple[str, str]] = """

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
    zeros = spell(target, Constant(Scalar.of(0)), None)
    assert zeros is not None
    file = model.location.path

    def write(entries: Iterable[Entry]) -> Iterator[str]:
        return (line for members in by_parameter(entries) for line in _lines(members, file, target, zeros.text))

    lines = list(lines_of(plan, file, write))
    defined = helpers(plan, target)
    statements = sorted(filter(None, (*_STATEMENTS, library.statement)), key=lambda line: (line[:4] == "from", line))
    imports = _IMPORTS.format(math=imports_math(plan, target), statements="\n".join(statements))
    arguments = (_ARGUMENTS, _display(_arguments(plan))) if library.arguments else ()
    joint = _together(plan)
    together = (_TOGETHER, _display(joint)) if joint else ()
    tables = (_TABLE, _display(lines), *arguments, *together, _EXPECTED, _display(list(expectations(plan, file, _key))))
    keys = f"{_PROGRAMS}.{'key_of_slices' if joint else 'key_of_weight'}"
    end = ending(plan, library.paths, library.draws, *library.arguments, keys, f"{_PROGRAMS}.init_weights")
    tree = _TREE.format(given=library.given, tree=library.tree) + "\n"
    head = header(model, _DOCSTRING.format(library.title))
    return "".join((head, imports, defined, "\n" if defined else "", *tables, tree, end))


def _display(lines: list[str]) -> str:
    return "".join(("{\n", *lines, "}\n")) if lines else "{}\n"


def _lines(entries: list[Entry], file: str, target: Vocabulary, zeros: str) -> list[str]:
    entry, whole = entries[0], spelling_of(entries, target)
    if whole is None:
        return [f"    # {text}\n" for text in note(entry)]
    lines = [f"    # {remark(part.weight, file)}\n" for part in entries]
    if adds := entry.place.adds:
        lines.append(f"    # less {adds.value} in the {adds.name}: the layer adds that when it runs\n")
    named = ((str(entry.place.name), whole),) if len(entries) > 1 else entry.by_parameter
    lines += [assignment(_key(entry, name), spelling.text, 4) for name, spelling in named if spelling]
    if entry.place.zero:
        lines.append("    # the source has one bias, which is the sum of these\n")
    lines += [f"    {_key(entry, other)}: {zeros},\n" for other in entry.place.zero]
    return lines


def _together(plan: Plan) -> list[str]:
    """The parameters that are slices of one draw, but for the first ones."""
    return [
        f"    {_key(entry, name)}: {_key(entry, str(entry.place.name))},\n"
        for entry, spelling in plan.emitted
        if spelling.function == SLICES and spelling.parts[0].function == SLICE
        for name in entry.place.alike
    ]


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
