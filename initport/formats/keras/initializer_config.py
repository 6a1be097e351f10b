"""Initializers in a config: from a name, or a class with its config, to the distribution of a weight.

Sources: `get` and `deserialize` of keras/initializers.py and keras/src/initializers, and serialization_lib.py of
Keras 3. A custom object, a lambda or a tensor is never built: it is reported.
"""

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.keras.node import Node, foreign_name, quote
from initport.formats.similar import similar_name
from initport.grammar.call import Argument, Call
from initport.grammar.meaning import MeaningError, RejectedError, UnknownCallError, UnknownLayoutError, Vocabulary
from initport.ir.initializers import Distribution, Initializer, TruncatedNormal, Unsupported, VarianceScaling
from initport.ir.location import Location
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout
from initport.source_initializer import SourceInitializer

_CODES = {
    UnknownCallError: Code.UNKNOWN_INITIALIZER,
    RejectedError: Code.REJECTED_INITIALIZER,
    UnknownLayoutError: Code.UNKNOWN_LAYER,
}
_OTHER_TRUNCATION = {
    "theano": (
        "on Theano, Keras clips this normal at two deviations instead of drawing again (4.6 % of the values stand at "
        "the bounds, variance 0.921 of the parent's), which neither target has; initialize this weight yourself"
    ),
    "cntk": (
        "on CNTK, Keras leaves this truncated normal to CNTK, which was not measured; initialize this weight yourself"
    ),
}
"""What becomes of a truncated normal on a backend. Authority: keras/backend/theano_backend.py and cntk_backend.py of
Keras 2, `truncated_normal`; Keras 2.1.6 on Theano 1.0.5 measured."""

READ_LIMIT = 5_000
"""Initializers that are read at most; layers that say the same are read once, and real models have hundreds."""

ARGUMENT_LIMIT = 64
"""Arguments that an initializer is given at most, and axes that one of them names."""

SUGGESTIONS = 100
"""Unknown names of a file to which a like one is looked for: looking takes its time."""


class Initializers:
    """Reads the initializers of one config, and remembers the first seed, to be reported once.

    ``backend`` is the library that Keras computed with, empty where the config does not say."""

    def __init__(self, vocabulary: Vocabulary, backend: str = "") -> None:
        self.vocabulary, self.backend = vocabulary, backend
        self.seed: Location | None = None
        self.count = self.unknown = 0

    def read(
        self,
        node: Node,
        whose: str,
        layout: Layout | None,
        passed: Iterable[tuple[str, Argument]] = (),
        sizes: Mapping[str, int] | None = None,
    ) -> SourceInitializer:
        """What the setting at ``node`` gives a weight with that layout and these sizes by role; ``whose`` names the
        weight to people."""
        source = ""
        self._count(node.location)
        try:
            call = self._call(node)
            source = words(call)
            self._check(call, layout, sizes or {})
            return SourceInitializer(self._meaning(call, layout, passed), source, node.location)
        except MeaningError as error:
            return _refusal(error, source or quote(node.value), whose, node.location, self._suggestion(error, node))

    def default(
        self, call: Call, whose: str, layout: Layout, passed: Iterable[tuple[str, Argument]], place: Location
    ) -> SourceInitializer:
        """What a weight starts with of which the config says nothing."""
        self._count(place)
        try:
            return SourceInitializer(self._meaning(call, layout, passed), words(call), place)
        except MeaningError as error:
            return _refusal(error, words(call), whose, place)

    def _count(self, place: Location) -> None:
        """Raises InputError beyond the limit."""
        self.count += 1
        if self.count > READ_LIMIT:
            detail = f"over {READ_LIMIT} initializers are in layers that differ"
            raise InputError(Diagnostic(Code.TOO_LARGE, place, detail))

    def _check(self, call: Call, layout: Layout | None, sizes: Mapping[str, int]) -> None:
        """Raises RejectedError where the framework rejects the call on a weight of these sizes."""
        if self.vocabulary.function(call.name).requires:
            violated = self.vocabulary.violation(call, layout, sizes)
            if violated is not None:
                raise RejectedError(violated)

    def _meaning(self, call: Call, layout: Layout | None, passed: Iterable[tuple[str, Argument]]) -> Initializer:
        """Raises a MeaningError, also where the grammar knows no distribution."""
        found = self.vocabulary.meaning(self.vocabulary.with_arguments(call, passed), layout)
        if isinstance(found, Unsupported):
            raise MeaningError(found.reason)
        if self.backend in _OTHER_TRUNCATION and _is_truncated(found):
            raise MeaningError(_OTHER_TRUNCATION[self.backend])
        return found

    def findings(self) -> list[Diagnostic]:
        if self.seed is None:
            return []
        detail = "the seed of this initializer, and any other in the file, is not carried over"
        return [Diagnostic(Code.SEED, self.seed, detail)]

    def _call(self, node: Node) -> Call:
        """The call that the setting stands for. Raises a MeaningError."""
        if node.value is None:
            return Call(self._known_name("GlorotUniform"))  # what add_weight falls back to, where it has a fallback
        if isinstance(node.value, str):
            return Call(self._known_name(node.text() or ""))
        if not isinstance(node.value, dict):
            raise RejectedError(f"an initializer is a name or a mapping, not {quote(node.value)}")
        name = node["class_name"].text()
        if name is None:
            raise RejectedError("the mapping has no class_name")
        _refuse_custom(node, name)
        config = node["config"]
        if config.value is not None and not isinstance(config.value, dict):
            raise RejectedError(f"the config of an initializer is a mapping, not {quote(config.value)}")
        self._known_name(name)
        return Call(name, (), tuple(self._arguments(config)))

    def _known_name(self, name: str) -> str:
        self.vocabulary.function(name)
        return name

    def _arguments(self, config: Node) -> Iterable[tuple[str, Argument]]:
        if len(config.value or ()) > ARGUMENT_LIMIT:
            raise RejectedError(f"no initializer takes {len(config.value)} arguments")
        for name in config.value or ():
            if not isinstance(name, str):
                raise RejectedError(f"{quote(name)} is not the name of an argument")
            node = config[name]
            if name == "seed" and node.value is not None and self.seed is None:
                self.seed = node.location
            if name not in ("seed", "dtype"):
                yield name, argument(node)

    def _suggestion(self, error: MeaningError, node: Node) -> str:
        if not isinstance(error, UnknownCallError):
            return ""
        self.unknown += 1
        if self.unknown > SUGGESTIONS:
            return "; initialize this weight yourself"
        name = node.text() or node["class_name"].text() or ""
        if isinstance(error, _CustomError):
            return "; initialize this weight yourself"
        close = similar_name(name, self.vocabulary.initializers)
        return f"; did you mean {close!r}?" if close else "; initialize this weight yourself"


def _is_truncated(initializer: Initializer) -> bool:
    if isinstance(initializer, VarianceScaling):
        return initializer.distribution is Distribution.TRUNCATED_NORMAL
    return isinstance(initializer, TruncatedNormal)


def _refusal(error: MeaningError, name: str, whose: str, place: Location, suggestion: str = "") -> SourceInitializer:
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), Code.UNSUPPORTED_INITIALIZER)
    finding = Diagnostic(code, place, f"{whose}: {name}: {error}{suggestion}")
    return SourceInitializer(Unsupported(name, str(error)), name, place, finding)


class _CustomError(UnknownCallError):
    """The name is that of an object which Keras itself does not define."""


def _refuse_custom(node: Node, name: str) -> None:
    """Raises _CustomError for an object that Keras itself does not define."""
    foreign = foreign_name(node, name)
    if foreign is not None:
        raise _CustomError(f"{foreign!r} is a custom object, which is not evaluated")
    if name.startswith("__"):
        raise _CustomError(f"{name.strip('_')} objects are not evaluated")


def argument(node: Node) -> Argument:
    """An argument as the grammar takes it. Raises RejectedError for what no initializer takes."""
    value: Any = node.value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return node.text()
    if isinstance(value, int | float):
        if abs(value) > 1e300 or not math.isfinite(value):
            raise RejectedError(f"{node.key.rpartition('.')[2]} is {quote(value)}, which is not a usable number")
        return Scalar.of(Fraction(str(value)))
    if isinstance(value, list | tuple) and len(value) <= ARGUMENT_LIMIT and all(type(item) is int for item in value):
        return tuple(value)
    raise RejectedError(f"{node.key.rpartition('.')[2]} is {quote(value)}: only numbers, names and axes are read")


def words(call: Call) -> str:
    """The call for people: ``VarianceScaling(scale=2, mode=fan_in)``; what is null is left out."""
    arguments = [f"{name}={value}" for name, value in call.named if value is not None]
    return f"{call.name}({', '.join(arguments)})" if arguments else call.name
