"""Which layer of a model reads what which other computes. Loaded beside the model's framework, never by itself."""

from collections.abc import Iterable, Iterator
from typing import Any

WRAPPERS = {"DataParallel": "module", "DistributedDataParallel": "module", "OptimizedModule": "_orig_mod"}
"""Classes that hold a model and pass on what it computes, and where."""

Before = dict[str, list[str]]
"""The layers that hold weights, as they run, each with those before it that nothing with weights lies between."""


def of_torch(model: Any) -> Before:
    """Traced symbolically; empty for a model that cannot be traced."""
    import torch

    prefix = ""
    while (inner := WRAPPERS.get(type(model).__name__)) is not None:
        model, prefix = getattr(model, inner), f"{prefix}{inner}."
    try:
        graph = torch.fx.Tracer().trace(model)
    except Exception:  # whatever the model's own code raises at a value that has no number
        return {}
    owners = {name.rpartition(".")[0] for name, _ in model.named_parameters()}
    found = _Graph(prefix)
    for node in graph.nodes:
        read = [source for item in node.all_input_nodes for source in found.sources[item.name]]
        holders: list[str] = []
        if node.op == "call_module":
            inside = [name for name in owners if name == node.target or name.startswith(f"{node.target}.")]
            holders = sorted(inside, key=[name for name, _ in model.named_modules()].index)
        elif node.op == "get_attr" and str(node.target).rpartition(".")[0] in owners:
            found.attributes[node.name] = _owner(str(node.target))
        else:
            holders = [found.attributes[item.name] for item in node.all_input_nodes if item.name in found.attributes]
        found.step(node.name, read, dict.fromkeys(holders))
    return found.before


def _owner(parameter: str) -> str:
    return parameter.partition(".parametrizations.")[0].rpartition(".")[0] if parameter.count(".") else ""


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
            known += [source for source in read if source not in known and source != own]
            read = [own]
        self.sources[name] = read


def of_keras(model: Any) -> Before:
    """By the config of a functional or sequential model; empty for one that only code connects."""
    found: Before = {}
    try:
        _run(model, "", [], found)
    except Exception:  # subclassed models, and layers without a config
        return {}
    return found


def _run(model: Any, prefix: str, read: list[str], found: Before) -> list[str]:
    """The layers whose outputs the model passes on, of those in it or those ``read``."""
    import keras

    layers = {layer.name: layer for layer in model.layers}
    if isinstance(model, keras.Sequential):
        for layer in model.layers:
            read = _layer(layer, prefix, read, found)
        return read
    config = model.get_config()
    sources: dict[str, list[str]] = {}
    for item in config["layers"]:
        own = read if item["class_name"] == "InputLayer" else []
        inward = [name for node in item["inbound_nodes"] for name in _history(node)]
        own = list(dict.fromkeys([*own, *(source for name in inward for source in sources.get(name, ()))]))
        sources[item["name"]] = _layer(layers[item["name"]], prefix, own, found)
    return [source for name in _names(config["output_layers"]) for source in sources.get(name, ())]


def _layer(layer: Any, prefix: str, read: list[str], found: Before) -> list[str]:
    import keras

    if isinstance(layer, keras.Model):
        return _run(layer, f"{prefix}{layer.name}/", read, found)
    if not layer.weights:
        return read
    own = f"{prefix}{layer.name}"
    found[own] = list(read)
    return [own]


def _history(node: Any) -> Iterator[str]:
    """The layers whose tensors stand anywhere in a node of a config."""
    if isinstance(node, dict):
        if "keras_history" in node:
            yield node["keras_history"][0]
        for value in node.values():
            yield from _history(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _history(value)


def _names(outputs: Any) -> Iterator[str]:
    """``[name, node, tensor]``, or any nesting of such."""
    if isinstance(outputs, list | tuple) and outputs and isinstance(outputs[0], str):
        yield outputs[0]
    elif isinstance(outputs, dict | list | tuple):
        for item in outputs.values() if isinstance(outputs, dict) else outputs:
            yield from _names(item)
