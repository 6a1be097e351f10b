"""Models of PyTorch: their weights, and which module reads what which other computes.

For `initport.verify.programs.build_program`, in a process that has loaded torch; never
imported.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

TITLE = "PyTorch"

LAYERS = "torch.nn.modules."
"""Where the classes of the framework's own layers are."""

WRAPPERS = {
    "DataParallel": "module",
    "DistributedDataParallel": "module",
    "OptimizedModule": "_orig_mod",
}
"""Classes that hold a model and pass on what it computes, and where."""

GIVEN: Mapping[str, Callable[[int], Any]] = {}
"""What a factory may ask for by these names, made of a seed."""

Before = dict[str, list[str]]
"""The layers that hold weights, as they run, each with those before it that nothing
with weights lies between."""


def is_model(model: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(model, torch.nn.Module)


def is_weight(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def seed(number: int) -> None:
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


def array(value: Any) -> Any:
    value = value.detach()
    return (value.float() if value.dtype.itemsize < 4 else value).cpu().numpy()


def weights_of(model: Any) -> Iterator[tuple[str, str, Any, str, Any]]:
    """A parametrized weight is what its parametrization makes of it."""
    modules = dict(model.named_modules())
    seen: set[str] = set()
    for name, value in model.named_parameters():
        home, _, last = name.rpartition(".")
        before, parametrized, inside = f".{name}".partition(".parametrizations.")
        if parametrized:
            home, last = before[1:], inside.partition(".")[0]
            name, value = f"{home}.{last}".lstrip("."), getattr(modules[home], last)
        if name not in seen:
            seen.add(name)
            yield (
                name,
                home,
                value,
                str(value.dtype).removeprefix("torch."),
                modules[home],
            )


def start(init_weights: Any, model: Any, rename: dict[str, str], seed: int) -> Any:
    """The model after the ``init_weights`` of an emitted module."""
    init_weights(model, rename)
    return model


def order(model: Any) -> Before:
    """Traced symbolically; empty for a model that cannot be traced."""
    import torch

    prefix = ""
    while (inner := WRAPPERS.get(type(model).__name__)) is not None:
        model, prefix = getattr(model, inner), f"{prefix}{inner}."
    try:
        graph = torch.fx.Tracer().trace(model)
    except (
        Exception
    ):  # whatever the model's own code raises at a value that has no number
        return {}
    owners = {name.rpartition(".")[0] for name, _ in model.named_parameters()}
    found = _Graph(prefix)
    for node in graph.nodes:
        read = [
            source
            for item in node.all_input_nodes
            for source in found.sources[item.name]
        ]
        holders: list[str] = []
        if node.op == "call_module":
            inside = [
                name
                for name in owners
                if name == node.target or name.startswith(f"{node.target}.")
            ]
            holders = sorted(
                inside, key=[name for name, _ in model.named_modules()].index
            )
        elif node.op == "get_attr" and str(node.target).rpartition(".")[0] in owners:
            found.attributes[node.name] = _owner(str(node.target))
        else:
            holders = [
                found.attributes[item.name]
                for item in node.all_input_nodes
                if item.name in found.attributes
            ]
        found.step(node.name, read, dict.fromkeys(holders))
    return found.before


def _owner(parameter: str) -> str:
    return (
        parameter.partition(".parametrizations.")[0].rpartition(".")[0]
        if parameter.count(".")
        else ""
    )


class _Graph:
    """What was gone through so far."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.sources: dict[str, list[str]] = {}
        self.attributes: dict[str, str] = {}
        self.before: Before = {}

    def step(self, name: str, read: Iterable[str], holders: Iterable[str]) -> None:
        read = list(dict.fromkeys(read))
        for holder in holders:
            own = f"{self.prefix}{holder}"
            known = self.before.setdefault(own, [])
            known += [
                source for source in read if source not in known and source != own
            ]
            read = [own]
        self.sources[name] = read
