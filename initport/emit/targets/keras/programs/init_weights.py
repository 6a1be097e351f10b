"""What emitted Keras modules end with; the tables above the line are examples."""

from collections.abc import Iterator
from typing import Any

import keras

from initport.emit.programs.names import (
    Rename,
    Shape,
    _advice,
    _fits,
    _mismatch,
    _shape_text,
    _Text,
)
from initport.emit.programs.rename import _rename

VARIABLES: dict[str, tuple[str, ...]] = {}
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = {}
LAYERS: dict[str, tuple[type[keras.Layer], ...]] = {}


def initializers() -> dict[str, dict[str, Any]]:
    return {}


def others() -> dict[str, dict[str, Any]]:
    return {}


# The emitted text starts below this line.
def init_weights(
    model: keras.Layer,
    rename: Rename | None = None,
    *,
    check: str | None = "shape",
    strict: bool = True,
) -> list[str]:
    """Initialize the built `model` in place; return its weights that are not set here.

    `rename` gives the name in `model` of a layer, or None to leave the layer out: a
    function of its name here, or a dict in which names that stay the same may be left
    out. A layer within another is called `outer/inner`. Before anything is changed,
    each weight is compared with what its initializer was proved for: with
    `check="shape"` the type of its layer and its sizes, with "kind" the type and the
    number of axes, with None nothing. `strict=False` leaves out what `model` lacks.
    Raises KeyError for what `model` lacks, ValueError for what differs in it.
    """
    if check not in ("shape", "kind", None):
        raise ValueError(f'check is "shape", "kind" or None, not {check!r}')
    layers = dict(_layers(model))
    chosen: dict[int, tuple[str, Any, Any]] = {}
    missing: list[tuple[str, str, str]] = []
    problems: dict[str, list[str]] = {}
    for source, argument, initializer in _starts():
        path = _rename(source, rename, layers)
        if path is None:
            continue
        layer, names = layers.get(path), VARIABLES.get(argument, (argument,))
        variable = _variable(layer, argument)
        full = f"{path}.{names[0]}"
        if variable is not None:
            if id(variable) in chosen:
                both = f"{chosen[id(variable)][0]!r} and {source!r}"
                problems.setdefault(f"{both} are renamed to the same", []).append(full)
            chosen[id(variable)] = source, variable, initializer
            problem = _problem(layer, variable, *EXPECTED[source, argument], check)
            if problem:
                problems.setdefault(problem, []).append(full)
        elif not getattr(layer, "built", True):
            problem = "it does not exist yet; call or build the model first"
            problems.setdefault(problem, []).append(full)
        elif not _is_off(layer, argument, initializer):
            missing.append((source, path, full))
    if missing and strict:
        homes = [
            path
            for path, layer in layers.items()
            if getattr(layer, "_trainable_variables", ())
        ]
        text = _advice(
            missing, homes, "/", lambda source, path: _suits(source, layers[path])
        )
        raise KeyError(_Text(text))
    if problems:
        raise ValueError(_mismatch(problems))
    for _, variable, initializer in chosen.values():
        variable.assign(initializer(variable.shape, dtype=variable.dtype))
    return [w.path for w in model.trainable_weights if id(w) not in chosen]


def _starts() -> Iterator[tuple[str, str, Any]]:
    for layer, arguments in (*initializers().items(), *others().items()):
        for argument, initializer in arguments.items():
            if callable(initializer):
                yield layer, argument, initializer


def _layers(model: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """All layers by their names, those within others as `outer/inner`."""
    own: Any = getattr(model, "layers", ())
    for layer in own or getattr(model, "_layers", ()):
        yield prefix + layer.name, layer
        inner = getattr(layer, "layer", None)
        within = inner if isinstance(inner, keras.Model) else layer
        yield from _layers(within, f"{prefix}{layer.name}/")


def _variable(layer: Any, argument: str) -> Any:
    """What an argument starts in a layer, or None."""
    found = (_member(layer, name) for name in VARIABLES.get(argument, (argument,)))
    return next((variable for variable in found if variable is not None), None)


def _member(layer: Any, name: str) -> Any:
    for part in name.split("."):
        if part.isdigit():
            layer = dict(enumerate(layer or ())).get(int(part))
        else:
            layer = getattr(layer, "cell", layer)
            own = getattr(layer, "_" + part, None)  # LoRA makes the plain name a sum
            own = own if isinstance(own, keras.Variable) else None
            layer = getattr(layer, part, None) if own is None else own
    return layer


def _is_off(layer: Any, argument: str, initializer: Any) -> bool:
    """Whether `layer` leaves out a bias that the source starts at zero."""
    zero = "bias" in argument and isinstance(initializer, keras.initializers.Zeros)
    return zero and not getattr(getattr(layer, "cell", layer), "use_bias", True)


def _problem(
    layer: Any,
    variable: Any,
    source: str,
    kind: str,
    shape: Shape | None,
    check: str | None,
) -> str | None:
    """Why a weight cannot start as it does in the source."""
    if getattr(variable.value, "is_meta", False):
        return "it is on the meta device; build the model on another device first"
    here = type(layer).__name__
    if check and kind in LAYERS and not isinstance(layer, LAYERS[kind]):
        bases = [base for base in type(layer).__mro__ if base is not keras.Layer]
        if any(getattr(keras.layers, base.__name__, None) is base for base in bases):
            wanted = " or ".join(item.__name__ for item in LAYERS[kind])
            return f"the source has {source}, which is {wanted}; the model has {here}"
    size = tuple(variable.shape)
    if check and shape is not None and not _fits(size, shape, check):
        there = f"{_shape_text(shape)} in the source ({source})"
        return f"its shape is {there}, {_shape_text(size)} in the model ({here})"
    return None


def _suits(source: str, layer: Any) -> bool:
    """Whether `layer` has every weight of the source's layer, in its sizes."""
    found = [
        (argument, value, _variable(layer, argument))
        for name, argument, value in _starts()
        if name == source
    ]
    return all(
        _is_off(layer, argument, value)
        if variable is None
        else _problem(layer, variable, *EXPECTED[source, argument], "shape") is None
        for argument, value, variable in found
    )
