"""Keras 3: a module with constructor arguments for every layer, and ``init_weights(model)`` for a built model."""

from initport.emitters.code import assigned, literal, remark
from initport.emitters.idioms import Spelling
from initport.emitters.module import header, helpers, imports_math, note
from initport.emitters.plan import Entry, Plan
from initport.grammar.meaning import Vocabulary
from initport.ir.model import Model

_DOCSTRING = "Start a Keras 3 model's weights with exactly the distributions of their source."

_IMPORTS = """{math}from collections.abc import Callable, Iterator, Mapping
from typing import Any

import keras
"""

_TABLE = '''

def initializers() -> dict[str, dict[str, Any]]:
    """Constructor arguments by layer: `Conv2D(20, 5, **initializers()["conv1"])`.

    Every call returns new objects: an initializer object of Keras 3 gives the same
    values each time it is used.
    """
    return {
'''

_INIT_WEIGHTS = '''    }}


VARIABLES = {{
{variables}}}


def init_weights(
    model: keras.Model,
    rename: Callable[[str], str] | Mapping[str, str] | None = None,
) -> list[str]:
    """Initialize the built `model` in place; return its weights that the source does not set.

    `rename` gives the name in `model` of a layer: a function of its name here, or a dict
    in which names that stay the same may be left out. A layer of a nested model is
    called `outer/inner`.
    Raises KeyError with all weights that `model` lacks, before any is changed.
    """

    def path(layer: str) -> str:
        return rename(layer) if callable(rename) else (rename or {{}}).get(layer, layer)

    layers = dict(_layers(model))
    found, missing = [], []
    for source, arguments in initializers().items():
        layer = layers.get(path(source))
        for argument, initializer in arguments.items():
            if argument in VARIABLES:
                name = VARIABLES[argument]
                variable = getattr(getattr(layer, "cell", layer), name, None)
                found.append((variable, initializer))
                if variable is None:
                    missing.append(f"{{path(source)}}.{{name}}")
    if missing:
        raise KeyError(f"not in the model: {{', '.join(missing)}}; see `rename`")
    for variable, initializer in found:
        variable.assign(initializer(variable.shape, dtype=variable.dtype))
    touched = {{id(variable) for variable, _ in found}}
    return [w.path for w in model.trainable_weights if id(w) not in touched]


def _layers(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, keras.Layer]]:
    for layer in model.layers:
        yield prefix + layer.name, layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer, f"{{prefix}}{{layer.name}}/")
'''


def emit(model: Model, plan: Plan, target: Vocabulary) -> str:
    """The text of the module."""
    by_module: dict[str, list[Entry]] = {}
    for entry in plan.entries:
        by_module.setdefault(entry.module, []).append(entry)
    lines = [line for module, entries in by_module.items() for line in _layer(module, entries, model.location.path)]
    variables = {entry.place.argument: entry.place.name for entry, _ in plan.emitted}
    rows = "".join(f"    {literal(str(argument))}: {literal(str(name))},\n" for argument, name in variables.items())
    parts = (header(model, _DOCSTRING), _IMPORTS.format(math=imports_math(plan)), helpers(plan, target), _TABLE)
    return "".join((*parts, *lines, _INIT_WEIGHTS.format(variables=rows)))


def _layer(module: str, entries: list[Entry], file: str) -> list[str]:
    notes = [f"        # {text}\n" for entry in entries for text in note(entry)]
    arguments = [line for entry in entries if entry.spelling for line in _arguments(entry, entry.spelling, file)]
    return [*notes, f"        {literal(module)}: {{\n", *arguments, "        },\n"] if arguments else notes


def _arguments(entry: Entry, spelling: Spelling, file: str) -> list[str]:
    lines = [f"            # {remark(entry.weight, file)}\n"]
    lines.append(assigned(literal(str(entry.place.argument)), spelling.text, 12))
    lines += [f"            {literal(argument)}: {value!r},\n" for argument, value in entry.place.also.items()]
    return lines
