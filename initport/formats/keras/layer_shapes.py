"""The shapes of the layers' inputs, followed through a model's graph from what its input layers say.

Source: compute_output_shape of Keras's layers. A shape holds the batch axis; None stands for an unknown size, and a
layer that no rule knows has an output of unknown shape. Only reported numbers depend on what is found here.
"""

from collections.abc import Mapping
from typing import Any

from initport.formats.keras.layer_sizes import Shape
from initport.formats.keras.node import Node, WrongValueError
from initport.formats.keras.outputs import output_shape
from initport.formats.keras.walk import children, is_container, is_record


def input_shapes(root: Node, inputs: Mapping[str, tuple[int | None, ...]]) -> dict[str, Shape]:
    """By the names that `Walk` gives; ``inputs`` are shapes of layers that the user states."""
    found: dict[str, Shape] = {}
    _Follow(inputs, found).model(root, None, "", 0)
    return found


class _Follow:
    """One pass over a model; a nested model is followed at its first call."""

    def __init__(self, inputs: Mapping[str, Shape], found: dict[str, Shape]) -> None:
        self.inputs, self.found = inputs, found

    def model(self, record: Node, given: Shape, prefix: str, depth: int) -> Shape:
        """The model's output shape, for this shape of its (first) input."""
        if depth > 40 or not is_container(record):
            return None
        outputs: dict[str, Shape] = {}
        last = given
        for name, child in children(record):
            sources = sources_of(child.value.get("inbound_nodes"))
            shapes = [outputs.get(source) for source in sources] if sources else [last]
            kind = child["class_name"].text() or ""
            if kind == "InputLayer" or (sources == [] and "inbound_nodes" in child):
                shapes = [_shape_of(child) or (given if kind == "InputLayer" else None)]
            stated = _shape_of(child)  # which Keras regards in the first layer only
            known = (stated, shapes[0]) if not outputs and not sources else (shapes[0], stated)
            shapes[0] = self.inputs.get(prefix + name) or known[0] or known[1]
            last = outputs[name] = self._layer(kind, child, shapes, prefix + name, depth)
        return last

    def _layer(self, kind: str, record: Node, shapes: list[Shape], name: str, depth: int) -> Shape:
        first, config = shapes[0], record["config"]
        self.found[name] = first
        if kind == "InputLayer":
            return first
        inner = next((config[key] for key in ("layer", "cell") if is_record(config[key])), None)
        if is_container(record):
            return self.model(record, first, f"{name}/", depth + 1)
        if kind == "TimeDistributed" and inner is not None:
            step = None if first is None else (*first[:1], *first[2:])
            out = self._layer(inner["class_name"].text() or "", inner, [step], name, depth + 1)
            return None if out is None or first is None else (*first[:2], *out[1:])
        if kind == "Bidirectional" and inner is not None:
            out = self._layer(inner["class_name"].text() or "", inner, [first], name, depth + 1)
            joined = config["merge_mode"].text() in ("concat", None)
            return (*out[:-1], out[-1] and 2 * out[-1]) if out and joined else out
        try:
            return output_shape(kind, config, shapes)
        except (WrongValueError, IndexError):  # an input with fewer axes than the layer takes
            return None


def _shape_of(record: Node) -> Shape:
    config = record["config"]
    for node in (config["batch_input_shape"], config["batch_shape"], record["build_config"]["input_shape"]):
        if (shape := node.shape()) is not None:
            return shape
    return None


def sources_of(calls: Any) -> list[str]:
    """The layers that a layer is called on, first call first, by its ``inbound_nodes``: nested lists in Keras 1 and 2,
    tensors in Keras 3."""
    call = calls[0] if isinstance(calls, list) and calls else None
    found: list[str] = []
    if isinstance(call, dict):
        _add_tensors(call.get("args"), 0, found)
    elif isinstance(call, list):
        for item in call:
            if isinstance(item, list) and item and isinstance(item[0], str):
                found.append(item[0].strip())
    return found


def _add_tensors(value: Any, depth: int, found: list[str]) -> None:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value:
            _add_tensors(item, depth + 1, found)
    elif isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        config = value.get("config")
        history = config.get("keras_history") if isinstance(config, dict) else None
        if isinstance(history, list) and history and isinstance(history[0], str):
            found.append(history[0])
