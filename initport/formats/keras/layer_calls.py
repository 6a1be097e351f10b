"""Which layers of a model are called on which other's outputs, through models in it and past layers without weights."""

from collections.abc import Collection

from initport.formats.connections import MOST_INPUTS
from initport.formats.keras.layer_shapes import sources_of
from initport.formats.keras.node import Node
from initport.formats.keras.walk import DEPTH_LIMIT, children, is_container, is_record


def inputs_of(root: Node, kept: Collection[str]) -> dict[str, tuple[str, ...]]:
    """For the layers that are ``kept``, by the names that `Walk` gives, the kept ones that reach each past no other at
    its first call."""
    found: dict[str, tuple[str, ...]] = {}
    _follow(root, (), "", 0, set(kept), found)
    return found


def _follow(
    record: Node, given: tuple[str, ...], prefix: str, depth: int, kept: set[str], found: dict[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """What reaches the end of the model, where its inputs are reached by ``given``."""
    if depth > DEPTH_LIMIT or not is_container(record):
        return ()
    outputs: dict[str, tuple[str, ...]] = {}
    last = given
    for name, child in children(record):
        sources = sources_of(child.value.get("inbound_nodes"))
        if len(sources) == 1:
            read = outputs.get(sources[0], ())
        elif sources:
            read = tuple(dict.fromkeys(item for source in sources for item in outputs.get(source, ())))
            read = read if len(read) <= MOST_INPUTS else ()
        else:
            first = "inbound_nodes" in child or child.text_at("class_name") == "InputLayer"
            read = given if first else last
        whole = prefix + name
        inner = _inner_model(child)
        if inner is not None:
            last = _follow(inner, read, f"{whole}/", depth + 1, kept, found)
        elif whole in kept:
            found[whole], last = read, (whole,)
        else:
            last = read
        outputs[name] = last
    return last


def _inner_model(record: Node) -> Node | None:
    """The model that a record is, or that it wraps; None where it is a layer."""
    config = record.value.get("config")
    if isinstance(config, dict):
        wrapped = (record["config"][key] for key in ("layer", "forward_layer") if key in config)
        inner = next((node for node in wrapped if is_record(node) and is_container(node)), None)
        if inner is not None:
            return inner
    return record if is_container(record) else None
