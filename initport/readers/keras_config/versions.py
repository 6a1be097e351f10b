"""Which Keras a config speaks: its version, and whether it is standalone Keras or TensorFlow's.

Standalone Keras ends at 2.3.1 and begins again at 3.0; what calls itself 2.4 or later, or ends in `-tf`, is
TensorFlow's. Where no version is given, the config's own words tell its generation.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from initport.diagnostics import Code, Diagnostic, InputError
from initport.grammar.versions import Version, parse_version
from initport.ir.location import Location
from initport.readers.keras_config.node import Node

SCAN_LIMIT = 200_000
"""Values looked at for signs of a generation."""

_KERAS_1 = frozenset({"init", "inner_init", "gamma_init", "nb_filter", "output_dim", "border_mode", "W_regularizer"})
_KERAS_3 = frozenset({"registered_name", "batch_shape"})
_FAMILY = frozenset({"GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"})
_GRAPH = frozenset({"inbound_nodes", "build_config", "compile_config"})
_TF_DISTRIBUTIONS = frozenset({"truncated_normal", "untruncated_normal"})


class Dialect(NamedTuple):
    """The grammar that a config speaks, the version of it, and what was assumed."""

    framework: str
    version: Version
    finding: Diagnostic | None = None


def dialect(root: Node, beside: str | None, chosen: str | None) -> Dialect:
    """By the version that the user chose, the one in the file (``beside`` the config or in it), or the config's words.

    Raises InputError for a chosen version that is none."""
    if chosen is not None:
        try:
            return _of(chosen)
        except ValueError as error:
            raise InputError(Diagnostic(Code.WRONG_VALUE, Location(root.path), f"{error} of Keras")) from error
    for text in (root["keras_version"].text(), beside):
        try:
            return _of(text or "")
        except ValueError:
            continue
    text = _inferred(root.value)
    detail = (
        f"no keras_version is given; the config is read as one of Keras {text}, whose words it uses; say "
        "--source-version if it is another's"
    )
    found = _of(text)
    return Dialect(found.framework, found.version, Diagnostic(Code.ASSUMED_VERSION, Location(root.path), detail))


def _of(text: str) -> Dialect:
    version = parse_version(text)
    theirs = "-tf" in text or (2, 4) <= version < (3,)
    return Dialect("tf_keras" if theirs else "keras_config", version)


def _inferred(root: Any) -> str:
    keys: set[str] = set()
    for mapping in _mappings(root):
        keys.update(key for key in mapping if isinstance(key, str))
        name, config = mapping.get("class_name"), mapping.get("config")
        if isinstance(name, str):
            keys.add(name.strip())
        if isinstance(config, dict) and isinstance(config.get("distribution"), str):
            keys.add(config["distribution"].strip())
    if keys & _KERAS_3:
        return "3.15" if "input_axes" in keys else "3.14"
    if keys & _KERAS_1 and not any(key.endswith("_initializer") for key in keys):
        return "1.2.2"
    if "VarianceScaling" in keys and not keys & (_FAMILY | _TF_DISTRIBUTIONS):
        return "2.3.1"
    return "2.21-tf"


def _mappings(root: Any) -> Iterator[Mapping[Any, Any]]:
    """The mappings in the data, each once, up to the limit."""
    waiting = [root]
    seen: set[int] = set()
    while waiting and len(seen) < SCAN_LIMIT:
        value = waiting.pop()
        if not isinstance(value, dict | list) or id(value) in seen:
            continue
        seen.add(id(value))
        if isinstance(value, dict):
            yield value
            waiting.extend(item for key, item in value.items() if key not in _GRAPH)
        else:
            waiting.extend(value)
