"""Keras 3: a module with constructor arguments for every layer, and ``init_weights(model)`` for a built model."""

from initport.emit.code import assignment, literal, number_note, remark
from initport.emit.idioms import Spelling
from initport.emit.module_parts import classes_table, ending, expectation, header, helpers, imports_math, note
from initport.emit.plan import Entry, Plan
from initport.grammar.meaning import Vocabulary
from initport.ir.model import Model

_DOCSTRING = "Initialize a Keras 3 model with exactly the distributions of its source."

_IMPORTS = """{math}from collections.abc import Callable, Iterator, Mapping
from types import EllipsisType
from typing import Any

import keras
"""

_TABLE = '''

def initializers() -> dict[str, dict[str, Any]]:
    """Constructor arguments by layer: `Conv2D(20, 5, **initializers()["conv1"])`.

    Every call returns new objects: an initializer object of Keras 3 gives the same
    values each time it is used.
    """
    return '''

_OTHERS = '''


def others() -> dict[str, dict[str, Any]]:
    """Initializers of weights that no constructor argument reaches, by layer and variable."""
    return '''

_VARIABLES = """

# argument: the variables that it initializes; a layer has one of them
VARIABLES: dict[str, tuple[str, ...]] = """

_EXPECTED = """
# Sizes of axes: None for one that is not known, ... for any number of axes.
Shape = tuple[int | EllipsisType | None, ...]

# (layer, argument or variable): the source's type of layer, the kind of layer, and the
# shape in Keras where the source determines it
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = """


def emit(model: Model, plan: Plan, target: Vocabulary) -> str:
    """The text of the module."""
    by_module: dict[str, list[Entry]] = {}
    for entry in plan.entries:
        by_module.setdefault(entry.module, []).append(entry)
    lines = [line for module, entries in by_module.items() for line in _layer(module, entries, model.location.path)]
    others = [line for module, entries in by_module.items() for line in _other(module, entries, model.location.path)]
    parts = (header(model, _DOCSTRING), _IMPORTS.format(math=imports_math(plan, target)), helpers(plan, target), _TABLE)
    tables = (
        _VARIABLES + _display(_variables(plan), 0) + "\n",
        _EXPECTED + _display(_expectations(plan), 0) + "\n",
        classes_table(plan, target, "LAYERS", "keras.Layer"),
    )
    text = (*parts, _display(lines, 4), _OTHERS, _display(others, 4), "\n", *tables)
    return "".join((*text, ending(plan, "initport.emit.targets.keras.programs.init_weights")))


def _expectations(plan: Plan) -> list[str]:
    """What is known of each weight that the tables name."""
    lines: dict[str, str] = {}
    for entry, _ in plan.emitted:
        key = f"({literal(entry.module)}, {literal(str(entry.place.argument or entry.place.name))})"
        lines.setdefault(key, expectation(key, entry, str(entry.place.name)))
    return list(lines.values())


def _display(lines: list[str], indent: int) -> str:
    """A dict display of these lines, its end indented."""
    return "".join(("{\n", *lines, " " * indent, "}")) if lines else "{}"


def _variables(plan: Plan) -> list[str]:
    """The names under which layers keep what an argument starts: the special ones first, which fewer layers have."""
    names: dict[str, set[str]] = {}
    for entry, _ in plan.emitted:
        if entry.place.argument:
            names.setdefault(entry.place.argument, set()).add(str(entry.place.name))
    ordered = {argument: sorted(found, key=lambda name: (-len(name), name)) for argument, found in names.items()}
    return [
        f"    {literal(argument)}: ({', '.join(map(literal, found))}{',' * (len(found) == 1)}),\n"
        for argument, found in ordered.items()
    ]


def _layer(module: str, entries: list[Entry], file: str) -> list[str]:
    notes = [f"        # {text}\n" for entry in entries for text in note(entry)]
    return [*notes, *_rows(module, [entry for entry in entries if entry.place.argument], file)]


def _other(module: str, entries: list[Entry], file: str) -> list[str]:
    return _rows(module, [entry for entry in entries if not entry.place.argument], file)


def _rows(module: str, entries: list[Entry], file: str) -> list[str]:
    arguments = [line for entry in entries if entry.spelling for line in _arguments(entry, entry.spelling, file)]
    return [f"        {literal(module)}: {{\n", *arguments, "        },\n"] if arguments else []


def _arguments(entry: Entry, spelling: Spelling, file: str) -> list[str]:
    lines = [f"            # {remark(entry.weight, file)}\n"]
    if text := number_note(spelling.text):
        lines.append(f"            # {text}\n")
    lines.append(assignment(literal(str(entry.place.argument or entry.place.name)), spelling.text, 12))
    lines += [f"            {literal(argument)}: {value!r},\n" for argument, value in entry.place.also.items()]
    return lines
