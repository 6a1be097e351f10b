"""Which Keras a config speaks: its version, and whether it is standalone Keras or TensorFlow's.

Standalone Keras ends at 2.3.1 and begins again at 3.0; what calls itself 2.4 or later, or ends in `-tf`, is
TensorFlow's. Where no version is given, the config's own words show its generation.
"""

from collections.abc import Set
from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.keras.node import Node
from initport.formats.keras.root import UNKNOWN_WRITER
from initport.grammar.version import Version, parse_version
from initport.ir.location import Location
from initport.records import NamedTuple

SCAN_LIMIT = 200_000
"""Values looked at for signs of a generation."""

_KERAS_1 = frozenset({"init", "inner_init", "gamma_init", "nb_filter", "output_dim", "border_mode", "W_regularizer"})
_KERAS_3 = frozenset({"registered_name", "batch_shape"})
_FAMILY = frozenset({"GlorotUniform", "GlorotNormal", "HeUniform", "HeNormal", "LecunUniform", "LecunNormal"})
_GRAPH = frozenset({"inbound_nodes", "build_config", "compile_config"})
_NEWEST = "input_axes"
"""A setting of Keras 3.15 alone."""

_ESCAPES = ("\\u", "\\U", "\\x", "\\\n")
"""What letters can be written with, in JSON or YAML."""

_NAMING = ("class_name", "distribution")
_TF_DISTRIBUTIONS = frozenset({"truncated_normal", "untruncated_normal"})


class Dialect(NamedTuple):
    """The grammar that a config speaks, the version of it, and what was assumed."""

    framework: str
    version: Version
    finding: Diagnostic | None = None


def dialect(root: Node, text: str, beside: str | None, chosen: str | None) -> Dialect:
    """By the version that the user chose, the one in the file (``beside`` the config or in it), or the config's words,
    of which ``text`` is what was read.

    Raises InputError for a chosen version that is none, and where nothing tells Keras from TensorFlow.js."""
    if chosen is not None:
        try:
            return _of(chosen)
        except ValueError as error:
            raise InputError(Diagnostic(Code.WRONG_VALUE, Location(root.path), f"{error} of Keras")) from error
    if beside == UNKNOWN_WRITER:
        detail = (
            "the file is one of TensorFlow.js, and does not state whether that or Keras made the model, which start it "
            'differently; write `"keras_version": "tfjs-layers 4.22.0"` into its modelTopology, or pass '
            "`--source-version keras=VERSION`"
        )
        raise InputError(Diagnostic(Code.NEEDS_VERSION, Location(root.path), detail))
    for stated in (root["keras_version"].text(), beside):
        try:
            return _of(stated or "")
        except ValueError:
            continue
    version = _infer(root.value, text)
    detail = (
        f"no keras_version is given; the config is read as one of Keras {version}, whose words it uses; pass "
        "`--source-version` if it is another's"
    )
    found = _of(version)
    return Dialect(found.framework, found.version, Diagnostic(Code.ASSUMED_VERSION, Location(root.path), detail))


_OTHERS = {"tfjs-layers": "tfjs"}
"""Libraries that write configs of Keras's form, as they name themselves where Keras's version stands, and their
grammars."""


def _of(text: str) -> Dialect:
    name, blank, number = text.strip().partition(" ")
    if blank and name in _OTHERS:
        return Dialect(_OTHERS[name], parse_version(number))
    version = parse_version(text)
    theirs = "-tf" in text or (2, 4) <= version < (3,)
    return Dialect("tf_keras" if theirs else "keras_config", version)


def _infer(root: Any, text: str) -> str:
    newest = _NEWEST in text or ("\\" in text and any(escape in text for escape in _ESCAPES))
    words = _words(root, frozenset() if newest else _KERAS_3)
    if words & _KERAS_3:
        return "3.15" if _NEWEST in words else "3.14"
    if words & _KERAS_1 and not any(str(word).endswith("_initializer") for word in words):
        return "1.2.2"
    if "VarianceScaling" in words and not words & (_FAMILY | _TF_DISTRIBUTIONS):
        return "2.3.1"
    return "2.21-tf"


def _words(root: Any, enough: Set[str]) -> set[object]:
    """The keys, the classes and the distributions in the data, up to the limit or one of those that are ``enough``;
    what is shared is looked at once."""
    words: set[object] = set()
    waiting: list[Any] = [root]
    seen: set[int] = set()
    while waiting and len(seen) < SCAN_LIMIT and enough.isdisjoint(words):
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if not isinstance(value, dict):
            waiting += [item for item in value if type(item) is dict or type(item) is list]
            continue
        words.update(value)
        for name in _NAMING:
            if name in value and isinstance(value[name], str):
                words.add(value[name].strip())
        for key, item in value.items():
            if (type(item) is dict or type(item) is list) and key not in _GRAPH:
                waiting.append(item)
    return words
