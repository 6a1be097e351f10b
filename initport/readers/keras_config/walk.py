"""The layers of a config one by one: out of nested models and wrappers, each with the name it goes by in a model.

A layer of a nested model is called ``outer/inner``; a wrapped layer goes by its wrapper's name.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from initport.diagnostics import Code, Diagnostic, InputError
from initport.ir.weights import Wrapper
from initport.readers.keras_config.node import Node

LAYER_LIMIT = 20_000
DEPTH_LIMIT = 40


class Placed(NamedTuple):
    """One layer that is no container: its class, its config, and the record that it stands in."""

    name: str
    type: str
    config: Node
    record: Node
    wrapper: Wrapper | None = None

    @property
    def input_shape(self) -> tuple[int | None, ...] | None:
        """The shape that it is given, as far as its own record tells."""
        built = self.record["build_config"]
        for found in (built["input_shape"], built["query_shape"], built["sequences_shape"]):
            if (shape := found.shape()) is not None:
                return shape
        if self.wrapper is None:
            return self.config["batch_input_shape"].shape() or self.config["batch_shape"].shape()
        return None


class Walk:
    """One walk over a config; ``count`` guards against configs that unfold without end."""

    def __init__(self) -> None:
        self.count = 0

    def layers(self, record: Node, prefix: str = "", depth: int = 0) -> Iterator[Placed]:
        """The layers in a model's record, or the one layer that the record is."""
        if depth > DEPTH_LIMIT:
            raise _too_large(record, "models are nested too deeply")
        for name, child in children(record):
            self.count += 1
            if self.count > LAYER_LIMIT:
                raise _too_large(child, f"there are over {LAYER_LIMIT} layers")
            kind = child["class_name"].text() or ""
            yield from self._layer(prefix + name, kind, child, None, depth)

    def _layer(self, name: str, kind: str, record: Node, wrapper: Wrapper | None, depth: int) -> Iterator[Placed]:
        config = record["config"]
        if config.value is not None and not is_container(record):
            config.expect(dict, "a layer's config")
        inner = next((config[key] for key in ("layer", "forward_layer") if is_record(config[key])), None)
        if is_container(record):
            yield from self.layers(record, f"{name}/", depth + 1)
        elif inner is not None and kind == "Bidirectional":
            backward = config["backward_layer"]
            yield from self._wrapped(name, inner, Wrapper.FORWARD, depth)
            yield from self._wrapped(name, backward if is_record(backward) else inner, Wrapper.BACKWARD, depth)
        elif inner is not None:
            yield from self._wrapped(name, inner, Wrapper.INNER, depth)
        elif kind == "RNN" and is_record(config["cell"]) and "cells" not in config["cell"]["config"]:
            yield from self._wrapped(name, config["cell"], wrapper, depth)
        else:
            yield Placed(name, kind, config, record, wrapper)

    def _wrapped(self, name: str, record: Node, wrapper: Wrapper | None, depth: int) -> Iterator[Placed]:
        if depth > DEPTH_LIMIT:
            raise _too_large(record, "layers are nested too deeply")
        yield from self._layer(name, record["class_name"].text() or "", record, wrapper, depth + 1)


def is_record(node: Node) -> bool:
    return isinstance(node["class_name"].value, str) and "config" in node


def is_container(record: Node) -> bool:
    """Whether the record is a model: its config is a list of layers, or has one."""
    config = record["config"]
    return isinstance(config.value, list) or ("layers" in config and isinstance(config["layers"].value, list))


def children(record: Node) -> Iterator[tuple[str, Node]]:
    """The names and records of a model's layers; a record that is no model is its own only child.

    Raises InputError for what is no layer's record."""
    config = record["config"]
    layers = config if isinstance(config.value, list) else config["layers"]
    names: Counter[str] = Counter()
    for child in layers if is_container(record) else (record,):
        child.expect(dict, "a layer, that is a mapping with class_name and config,")
        kind = child["class_name"].expect(str, "the name of a layer's class").text() or ""
        yield child["config"]["name"].text() or child["name"].text() or _made_up(kind, names), child


def _too_large(node: Node, detail: str) -> InputError:
    return InputError(Diagnostic(Code.TOO_LARGE, node.location, detail))


def _made_up(kind: str, names: Counter[str]) -> str:
    """The name that Keras gives a layer without one."""
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
    names[stem] += 1
    return stem if names[stem] == 1 else f"{stem}_{names[stem] - 1}"
