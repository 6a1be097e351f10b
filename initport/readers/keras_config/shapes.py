"""The shapes of the layers' inputs (to be inferred)."""

from collections.abc import Mapping

from initport.readers.keras_config.node import Node

Shape = tuple[int | None, ...]


def input_shapes(root: Node, inputs: Mapping[str, tuple[int | None, ...]]) -> dict[str, Shape]:
    return dict(inputs)
