"""What modules emitted for JAX end with; what is above the line are examples."""

from collections.abc import Callable
from typing import Any

import jax

from initport.emit.jax.programs.draw_by_key import _ZEROS, _draw
from initport.emit.jax.programs.key_of_weight import _key_of
from initport.emit.jax.programs.trees import _path, _with_values
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

INITIALIZERS: dict[tuple[str, str], Callable[..., jax.Array]] = {}
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = {}


def _tree(model: Any) -> Any:
    return model


# The emitted text starts below this line.
def init_weights(
    model: Any,
    key: Any,
    rename: Rename | None = None,
    *,
    check: str | None = "shape",
    strict: bool = True,
) -> tuple[Any, list[str]]:
    """Return the parameters as the source starts them, and the names of those that it
    does not set, which stay as they are. Nothing is changed in place.

    Each weight is drawn with a key of its own, made of `key` and the weight's name in
    the source: another layer changes no draw. `rename` gives the path of a layer here,
    or None to leave the layer out: a function of the layer's name, or a dict in which
    names that stay the same may be left out. Paths have slashes between their parts.
    With `check="shape"` the sizes of each parameter are compared with those that its
    initializer was proved for, with "kind" the number of axes, with None nothing.
    `strict=False` leaves out what is not there.
    Raises KeyError for what is not there, ValueError for what differs.
    """
    if check not in ("shape", "kind", None):
        raise ValueError(f'check is "shape", "kind" or None, not {check!r}')
    leaves, _ = jax.tree_util.tree_flatten_with_path(_tree(model))
    values = {_path(keys): value for keys, value in leaves}
    homes = dict.fromkeys(path.rpartition("/")[0] for path in values)
    chosen: dict[str, tuple[str, str]] = {}
    missing: list[tuple[str, str, str]] = []
    problems: dict[str, list[str]] = {}
    for layer, name in INITIALIZERS:
        path = _rename(layer, rename, homes)
        if path is None:
            continue
        full = "/".join(filter(None, (path, name)))
        if full in chosen:
            both = f"{chosen[full][0]!r} and {layer!r}"
            problems.setdefault(f"{both} are renamed to the same", []).append(full)
        elif full in values:
            chosen[full] = layer, name
            problem = _problem(values[full], *EXPECTED[layer, name], check)
            if problem:
                problems.setdefault(problem, []).append(full)
        elif not _is_off(values, path, layer, name):
            missing.append((layer, path, full))
    if missing and strict:
        text = _advice(
            missing, list(homes), "/", lambda layer, home: _suits(values, layer, home)
        )
        raise KeyError(_Text(text))
    if problems:
        raise ValueError(_mismatch(problems))
    started = dict(values)
    for full, source in chosen.items():
        own = _key_of(key, source)
        drawn = _draw(INITIALIZERS[source], own, values[full].shape)
        started[full] = drawn.astype(values[full].dtype)
    left = [path for path in values if path not in chosen]
    return _with_values(model, started), left


def _is_off(values: Any, path: str, layer: str, name: str) -> bool:
    """Whether a layer leaves out a bias that the source starts at zero."""
    is_bias = f"/{name}".endswith(("bias", "/b", "/offset"))
    there = any(full.startswith(f"{path}/") for full in values)
    return is_bias and INITIALIZERS[layer, name] is _ZEROS and there


def _problem(
    value: Any, source: str, kind: str, shape: Shape | None, check: str | None
) -> str | None:
    """Why a parameter cannot start as it does in the source."""
    if check and shape is not None and not _fits(value.shape, shape, check):
        there = f"{_shape_text(shape)} in the source ({source})"
        return f"its shape is {there}, {_shape_text(value.shape)} in the model"
    return None


def _suits(values: Any, layer: str, home: str) -> bool:
    """Whether `home` has every parameter of `layer`, in the source's sizes."""
    names = [name for other, name in EXPECTED if other == layer]
    return all(
        _problem(values[f"{home}/{name}"], *EXPECTED[layer, name], "shape") is None
        if f"{home}/{name}" in values
        else _is_off(values, home, layer, name)
        for name in names
    )
