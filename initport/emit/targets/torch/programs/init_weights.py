"""What emitted PyTorch modules end with; the tables above the line are examples."""

from collections.abc import Callable

import torch
from torch import nn

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

INITIALIZERS: dict[tuple[str, str], Callable[[torch.Tensor], object]] = {}
EXPECTED: dict[tuple[str, str], tuple[str, str, Shape | None]] = {}
MODULES: dict[str, tuple[type[nn.Module], ...]] = {}


# The emitted text starts below this line.
@torch.no_grad()
def init_weights(
    model: nn.Module,
    rename: Rename | None = None,
    *,
    check: str | None = "shape",
    strict: bool = True,
) -> list[str]:
    """Initialize `model` in place; return the parameters that the source does not set.

    `rename` gives the path of a layer's module in `model`, or None to leave the layer
    out: a function of the layer's name, or a dict in which names that stay the same may
    be left out. Before anything is changed, each parameter is compared with what its
    initializer was proved for: with `check="shape"` the type of its module and its
    sizes, with "kind" the type and the number of axes, with None nothing.
    `strict=False` leaves out what `model` lacks.
    Raises KeyError for what `model` lacks, ValueError for what differs in it.
    """
    if check not in ("shape", "kind", None):
        raise ValueError(f'check is "shape", "kind" or None, not {check!r}')
    modules = dict(model.named_modules(remove_duplicate=False))
    chosen: dict[str, tuple[str, str]] = {}
    missing: list[tuple[str, str, str]] = []
    problems: dict[str, list[str]] = {}
    for layer, name in INITIALIZERS:
        path = _rename(layer, rename, modules)
        if path is None:
            continue
        full = ".".join(filter(None, (path, name)))
        home, _, last = full.rpartition(".")
        value = _own(modules[home]).get(last) if home in modules else None
        if full in chosen:
            both = f"{chosen[full][0]!r} and {layer!r}"
            problems.setdefault(f"{both} are renamed to the same", []).append(full)
        elif value is not None:
            chosen[full] = layer, name
            problem = _problem(modules[home], value, *EXPECTED[layer, name], check)
            if problem:
                problems.setdefault(problem, []).append(full)
        elif f"{home}.parametrizations.{last}".lstrip(".") in modules:
            problem = "it is parametrized; call init_weights before parametrizing it"
            problems.setdefault(problem, []).append(full)
        elif not _is_off(modules.get(home), layer, name):
            missing.append((layer, path, full))
    if missing and strict:
        homes = [path for path, module in modules.items() if _own(module)]
        text = _advice(
            missing, homes, ".", lambda layer, home: _suits(layer, modules[home])
        )
        raise KeyError(_Text(text))
    if problems:
        raise ValueError(_mismatch(problems))
    parameters = dict(model.named_parameters(remove_duplicate=False))
    for full, key in chosen.items():
        INITIALIZERS[key](parameters[full])
    touched = {id(parameters[full]) for full in chosen}
    return [name for name, value in parameters.items() if id(value) not in touched]


def _own(module: nn.Module) -> dict[str, nn.Parameter]:
    return dict(module.named_parameters(recurse=False))


def _is_off(module: nn.Module | None, layer: str, name: str) -> bool:
    """Whether `module` leaves out a bias that the source starts at zero."""
    zero = "bias" in name and INITIALIZERS[layer, name] is nn.init.zeros_
    return (
        zero and module is not None and getattr(module, "bias", module) in (None, False)
    )


def _problem(
    module: nn.Module,
    value: nn.Parameter,
    source: str,
    kind: str,
    shape: Shape | None,
    check: str | None,
) -> str | None:
    """Why a parameter cannot start as it does in the source."""
    if nn.parameter.is_lazy(value):
        return "its size is not known yet; run the model once first"
    if value.is_meta:
        return "it is on the meta device; call model.to_empty(device=...) first"
    here = type(module).__name__
    if check and kind in MODULES and not isinstance(module, MODULES[kind]):
        bases = [base for base in type(module).__mro__ if base is not nn.Module]
        if any(base.__module__.startswith("torch.nn.modules.") for base in bases):
            wanted = " or ".join(item.__name__ for item in MODULES[kind])
            return f"the source has {source}, which is {wanted}; the model has {here}"
    size = tuple(value.shape)
    if check and shape is not None and not _fits(size, shape, check):
        there = f"{_shape_text(shape)} in the source ({source})"
        return f"its shape is {there}, {_shape_text(size)} in the model ({here})"
    return None


def _suits(layer: str, module: nn.Module) -> bool:
    """Whether `module` has every parameter of `layer`, in the source's sizes."""
    own, names = _own(module), [name for other, name in EXPECTED if other == layer]
    return all(
        _problem(module, own[name], *EXPECTED[layer, name], "shape") is None
        if name in own
        else _is_off(module, layer, name)
        for name in names
    )
