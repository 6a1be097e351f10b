"""The layers of a config one by one: out of nested models and wrappers, each with the name it goes by in a model.

A layer of a nested model is called ``outer/inner``; a wrapped layer goes by its wrapper's name.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.keras.node import Node, content_of, foreign_name
from initport.ir.weights import Wrapper
from initport.records import NamedTuple

LAYER_LIMIT = 10_000
NAMES_LIMIT = 10_000_000
DEPTH_LIMIT = 40

_BARE_WRAPPERS = frozenset({"TimeDistributed", "Wrapper"})
"""Wrappers that hold no weights of their own."""

_INNER = ("layer", "forward_layer")
"""Where a wrapper holds what it wraps."""

_OF_CELLS = frozenset({"RNN", "ConvRNN2D"})
"""Recurrent layers that are made of a cell."""


class Placed(NamedTuple):
    """One layer that is not a container: its class, and the record that it stands in. ``content`` is what that says
    (`content_of`), where it stands for itself alone."""

    name: str
    type: str
    record: Node
    wrapper: Wrapper | None = None
    cell: int | None = None
    content: bytes | None = None
    below: Node | None = None
    """The config of the cell below it in a stack, whose outputs it reads."""

    @property
    def config(self) -> Node:
        return self.record["config"]

    @property
    def built_shape(self) -> tuple[int | None, ...] | None:
        """The shape that it was built for (the first, if several), which Keras 3 writes down."""
        built = self._with_values
        names = ("input_shape", "query_shape", "sequences_shape")
        return next((shape for name in names if (shape := first_shape(built[name])) is not None), None)

    @property
    def stated_shape(self) -> tuple[int | None, ...] | None:
        """The shape of its input as its own settings state it, which Keras regards in a model's first layer only."""
        if self.wrapper is None:
            return first_shape(self.config["batch_input_shape"]) or self.config["batch_shape"].shape()
        return None

    @property
    def settings(self) -> Node:
        """Its config, and the shapes of its inputs by the names that the layer has for them."""
        if isinstance(self.config.value, dict) and isinstance(self._with_values.value, dict):
            return self.config.with_value({**self._with_values.value, **self.config.value})
        return self.config

    @property
    def _with_values(self) -> Node:
        built = self.record["build_config"]
        named = built["shapes_dict"]
        return built if named.value is None else named


class Walk:
    """One walk over a config; the count of layers, and of the characters of their names, which hold those of the models
    around them, guards against configs that unfold without end."""

    def __init__(self) -> None:
        self.count = self.characters = 0
        self.alone: dict[bytes, str] = {}
        """The classes of the layers that stand for themselves alone, by what their records say."""

    def layers(self, record: Node, prefix: str = "", depth: int = 0) -> Iterator[Placed]:
        """The layers in a model's record, or the one layer that the record is."""
        if depth > DEPTH_LIMIT:
            raise _too_large(record, "models are nested too deeply")
        for name, child in children(record):
            yield from self._layer(prefix + name, child, None, depth)

    def _layer(self, name: str, record: Node, wrapper: Wrapper | None, depth: int) -> Iterator[Placed]:
        self._count(name, record)
        if is_container(record):
            yield from self.layers(record, f"{name}/", depth + 1)
            return
        content = content_of(record.value)
        alone = None if content is None else self.alone.get(content)
        if alone is None:
            yield from self._look_inside(name, record, wrapper, depth, content)
        else:
            yield Placed(name, alone, record, wrapper, None, content)

    def _look_inside(
        self, name: str, record: Node, wrapper: Wrapper | None, depth: int, content: bytes | None
    ) -> Iterator[Placed]:
        """What a layer wraps, or else the layer."""
        config = record["config"]
        kind = class_of(record)
        if config.value is not None:
            config.expect(dict, "a layer's config")
        held = config.value or ()
        inner = next((config[key] for key in _INNER if key in held and is_record(config[key])), None)
        if inner is not None and kind == "Bidirectional":
            backward = config["backward_layer"]
            yield from self._walk_wrapped(name, inner, Wrapper.FORWARD, depth)
            yield from self._walk_wrapped(name, backward if is_record(backward) else inner, Wrapper.BACKWARD, depth)
        elif inner is not None:
            yield from self._walk_wrapped(name, inner, Wrapper.INNER, depth)
            if kind not in _BARE_WRAPPERS:
                yield Placed(name, kind, record, wrapper)
        elif kind in _OF_CELLS and is_record(config["cell"]):
            yield from self._cells(name, config["cell"], wrapper, depth)
        else:
            if content is not None:
                self.alone[content] = kind
            yield Placed(name, kind, record, wrapper, None, content)

    def _count(self, name: str, record: Node) -> None:
        """Raises InputError beyond the limits."""
        self.count += 1
        self.characters += len(name)
        if self.count > LAYER_LIMIT:
            raise _too_large(record, f"there are over {LAYER_LIMIT} layers")
        if self.characters > NAMES_LIMIT:
            raise _too_large(record, f"the names of the layers have over {NAMES_LIMIT} characters")

    def _cells(self, name: str, record: Node, wrapper: Wrapper | None, depth: int) -> Iterator[Placed]:
        """The cell of a recurrent layer, or the cells that are stacked in it."""
        stack = record["config"]["cells"]
        if not isinstance(stack.value, list):
            yield from self._walk_wrapped(name, record, wrapper, depth)
            return
        below: Node | None = None
        for index, cell in enumerate(stack):
            cell.expect(dict, "a cell, that is a mapping with class_name and config,")
            for placed in self._walk_wrapped(name, cell, wrapper, depth):
                yield placed._replace(cell=index, below=below)
            below = cell["config"]

    def _walk_wrapped(self, name: str, record: Node, wrapper: Wrapper | None, depth: int) -> Iterator[Placed]:
        if depth > DEPTH_LIMIT:
            raise _too_large(record, "layers are nested too deeply")
        yield from self._layer(name, record, wrapper, depth + 1)


def first_shape(node: Node) -> tuple[int | None, ...] | None:
    """A shape, or the first in a list of shapes."""
    several = isinstance(node.value, list) and node.value and isinstance(node.value[0], list | tuple | dict)
    return next(iter(node)).shape() if several else node.shape()


def class_of(record: Node) -> str:
    """The class of a layer: Keras's own name for its own, and for another's the one that it is registered by."""
    name = record.text_at("class_name") or ""
    return foreign_name(record, name) or name


def is_record(node: Node) -> bool:
    value = node.value
    return isinstance(value, dict) and "config" in value and isinstance(value.get("class_name"), str)


def is_container(record: Node) -> bool:
    """Whether the record is a model: its config is a list of layers, or has one."""
    config = record.value.get("config") if isinstance(record.value, dict) else None
    return isinstance(config, list) or (isinstance(config, dict) and isinstance(config.get("layers"), list))


def children(record: Node) -> list[tuple[str, Node]]:
    """The names and records of a model's layers; a record that is not a model is its own only child.

    Raises InputError for what is not a layer's record."""
    if record.layers is None:
        record.layers = list(_children(record))
    return record.layers


def _children(record: Node) -> Iterator[tuple[str, Node]]:
    config = record["config"]
    layers = config if isinstance(config.value, list) else config["layers"]
    names: Counter[str] = Counter()
    for child in layers if is_container(record) else (record,):
        child.expect(dict, "a layer, that is a mapping with class_name and config,")
        kind = child.text_at("class_name")
        if kind is None:
            child["class_name"].expect(str, "the name of a layer's class")
        yield _name_in(child.value.get("config")) or _name_in(child.value) or _default_name(kind or "", names), child


def _name_in(record: Any) -> str | None:
    name = record.get("name") if isinstance(record, dict) else None
    return name.strip() if isinstance(name, str) else None


def _too_large(node: Node, detail: str) -> InputError:
    return InputError(Diagnostic(Code.TOO_LARGE, node.location, detail))


def _default_name(kind: str, names: Counter[str]) -> str:
    """The name that Keras gives a layer without one."""
    stem = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", kind).lower()
    names[stem] += 1
    return stem if names[stem] == 1 else f"{stem}_{names[stem] - 1}"
