"""Keras 3: a module with constructor arguments for every layer, and ``init_weights(model)`` for a built model."""

from initport.emit.code import assigned, literal, remark
from initport.emit.idioms import Spelling
from initport.emit.module import header, helpers, imports_math, note
from initport.emit.plan import Entry, Plan
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
    return '''

_OTHERS = '''


def others() -> dict[str, dict[str, Any]]:
    """Initializers of weights that no constructor argument reaches, by layer and variable."""
    return '''

_INIT_WEIGHTS = '''


VARIABLES: dict[str, tuple[str, ...]] = {variables}


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
    for source, arguments in {everything}:
        layer = layers.get(path(source))
        for argument, initializer in arguments.items():
            if callable(initializer):
                names = VARIABLES.get(argument, (argument,))
                variables = [_variable(layer, name) for name in names]
                variable = next((w for w in variables if w is not None), None)
                found.append((variable, initializer))
                if variable is None:
                    missing.append(f"{{path(source)}}.{{names[0]}}")
    if missing:
        raise KeyError(f"not in the model: {{', '.join(missing)}}; see `rename`")
    for variable, initializer in found:
        variable.assign(initializer(variable.shape, dtype=variable.dtype))
    touched = {{id(variable) for variable, _ in found}}
    return [w.path for w in model.trainable_weights if id(w) not in touched]


def _variable(layer: Any, name: str) -> Any:
    for part in name.split("."):
        if part.isdigit():
            layer = dict(enumerate(layer or ())).get(int(part))
        else:
            layer = getattr(layer, "cell", layer)
            own = getattr(layer, "_" + part, None)  # LoRA makes the plain name a sum
            own = own if isinstance(own, keras.Variable) else None
            layer = getattr(layer, part, None) if own is None else own
    return layer


def _layers(model: keras.Model, prefix: str = "") -> Iterator[tuple[str, keras.Layer]]:
    for layer in model.layers:
        yield prefix + layer.name, layer
        inner = getattr(layer, "layer", layer)
        if isinstance(inner, keras.Model):
            yield from _layers(inner, f"{{prefix}}{{layer.name}}/")
'''


def emit(model: Model, plan: Plan, target: Vocabulary) -> str:
    """The text of the module."""
    by_module: dict[str, list[Entry]] = {}
    for entry in plan.entries:
        by_module.setdefault(entry.module, []).append(entry)
    lines = [line for module, entries in by_module.items() for line in _layer(module, entries, model.location.path)]
    others = [line for module, entries in by_module.items() for line in _other(module, entries, model.location.path)]
    parts = (header(model, _DOCSTRING), _IMPORTS.format(math=imports_math(plan, target)), helpers(plan, target), _TABLE)
    everything = "[*initializers().items(), *others().items()]" if others else "initializers().items()"
    code = _INIT_WEIGHTS.format(variables=_display(_variables(plan), 0), everything=everything)
    return "".join((*parts, _display(lines, 4), _OTHERS + _display(others, 4) if others else "", code))


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
    lines.append(assigned(literal(str(entry.place.argument or entry.place.name)), spelling.text, 12))
    lines += [f"            {literal(argument)}: {value!r},\n" for argument, value in entry.place.also.items()]
    return lines
