"""Where in a container's data the model stands."""

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.keras.node import Node, quote
from initport.formats.keras.walk import is_container, is_record

_BESIDE = ("model_config", "modelTopology")
"""Keys under which other files hold the config: the metadata of a SavedModel, and TensorFlow.js."""


def find_root(node: Node) -> tuple[Node, str | None]:
    """The model's own record, and a ``keras_version`` found on the way to it. Raises InputError if there is none."""
    version = None
    for _ in range(4):
        node.expect(dict, "a model, that is a mapping with class_name and config,")
        version = node["keras_version"].text() or version
        inner = next((node[key] for key in _BESIDE if isinstance(node[key].value, dict)), None)
        if is_record(node) and (inner is None or is_container(node)):
            break
        if inner is None:
            raise _no_network(node, _describe_missing(node))
        node = inner
    if not is_container(node) and "registered_name" in node and node["registered_name"].value is not None:
        detail = f"{node['class_name'].text()} is a model of its own class, whose config does not hold its layers"
        raise _no_network(node, f"{detail}; initialize it yourself")
    return node, version


def _describe_missing(node: Node) -> str:
    known = ("layers" in node and "a model's record holds class_name and config, and this has layers only") or (
        "not a saved Keras model: class_name and config are missing"
    )
    keys = ", ".join(quote(key) for key in list(node.value)[:5])
    return f"{known} (found: {keys or 'nothing'})"


def _no_network(node: Node, detail: str) -> InputError:
    return InputError(Diagnostic(Code.NO_NETWORK, node.location, detail))
