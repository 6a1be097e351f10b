"""Where in a container's data the model stands."""

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.keras.node import Node, quote
from initport.formats.keras.walk import is_container, is_record

_TOPOLOGY = "modelTopology"
_BESIDE = ("model_config", _TOPOLOGY)
"""Keys under which other files hold the config: the metadata of a SavedModel, and TensorFlow.js."""

_WRITERS = (("TensorFlow.js tfjs-layers v", "tfjs-layers "), ("keras v", ""))
"""What made a model, as TensorFlow.js's files state it before a version (`generatedBy`), and what ``keras_version`` has
before the same (tfjs-layers/src/engine/training.ts, Model.save; tensorflowjs/converters/keras_h5_conversion.py)."""


def find_root(node: Node) -> tuple[Node, str | None]:
    """The model's own record, and a ``keras_version`` found on the way to it. Raises InputError if there is none, and
    where a file of TensorFlow.js states nothing of what made the model."""
    outer, version = node, _stated_writer(node)
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
    if _TOPOLOGY in outer and version is None and node["keras_version"].text() is None:
        return node, UNKNOWN_WRITER
    return node, version


UNKNOWN_WRITER = "tfjs-layers"
"""The version of a model in a file of TensorFlow.js which does not say whether that or Keras made it."""


def _stated_writer(node: Node) -> str | None:
    stated = (node["generatedBy"].text() or "") if isinstance(node.value, dict) else ""
    return next((ours + stated.removeprefix(theirs) for theirs, ours in _WRITERS if stated.startswith(theirs)), None)


def _describe_missing(node: Node) -> str:
    known = ("layers" in node and "a model's record holds class_name and config, and this has layers only") or (
        "not a saved Keras model: class_name and config are missing"
    )
    keys = ", ".join(quote(key) for key in list(node.value)[:5])
    return f"{known} (found: {keys or 'nothing'})"


def _no_network(node: Node, detail: str) -> InputError:
    return InputError(Diagnostic(Code.NO_NETWORK, node.location, detail))
