"""The initializers that Python source can name, over all frameworks: by dotted path, and by the words to look for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

from initport.grammar.load import vocabulary
from initport.grammar.meaning import REQUIRED, Vocabulary
from initport.grammar.rows import Function, SourceLayer
from initport.grammar.versions import Version
from initport.readers.python_source.versions import LEGACY, Versions

FRAMEWORKS: Mapping[str, str] = {"tensorflow": "tensorflow", "tf_contrib": "tensorflow"}
"""The grammars whose initializers are looked for, and the package whose version decides which of their rows hold."""

LAYERS: Mapping[str, str | None] = {
    "tf_layers": "tensorflow", "tf_contrib": "tensorflow", "keras_calls": "keras", "numpy": None,
}  # fmt: skip
"""The same for the calls that make weights."""

DRAWS: Mapping[str, str | None] = {"tensorflow": "tensorflow", "numpy": None}
"""The same for the functions that draw values at once."""


@dataclass(frozen=True, slots=True)
class Named:
    """A function of a framework's vocabulary, under the name that the vocabulary gives it."""

    vocabulary: Vocabulary
    name: str

    @property
    def function(self) -> Function:
        return self.vocabulary.function(self.name)


@dataclass(frozen=True)
class Names:
    """Every initializer by the dotted paths that lead to it, and the functions that take an initializer's name.

    ``words`` are the last parts of all those paths; each text that holds a site of them holds one of ``triggers``.
    ``draws`` are the functions that draw values at once, sites only where a variable is made of them (draws.py)."""

    functions: Mapping[str, Named]
    getters: Mapping[str, Vocabulary]
    versions: tuple[tuple[str, Version], ...]
    words: frozenset[str]
    triggers: tuple[bytes, ...]
    draws: Mapping[str, Named]

    @cached_property
    def drawing(self) -> frozenset[str]:
        """The last parts of the paths of ``draws``."""
        return frozenset(path.rpartition(".")[2] for path in self.draws)

    @property
    def fills(self) -> Mapping[str, Named]:
        """The functions that fill a tensor (fills.py)."""
        return _fills()

    @cached_property
    def filling(self) -> frozenset[str]:
        """The last parts of the paths of ``fills``."""
        return frozenset(path.rpartition(".")[2] for path in self.fills)

    @property
    def layers(self) -> Mapping[str, SourceLayer]:
        """The calls that make weights, by dotted path."""
        return _layers(self.versions)


def names(versions: Versions) -> Names:
    return _names(versions.key())


@cache
def _names(versions: tuple[tuple[str, Version], ...]) -> Names:
    chosen = {**LEGACY, **dict(versions)}
    functions: dict[str, Named] = {}
    getters: dict[str, Vocabulary] = {}
    for framework, package in FRAMEWORKS.items():
        known = vocabulary(framework, chosen[package])
        rows = known.initializers.items()
        functions.update((path, Named(known, path)) for path, row in rows if _is_legacy(path, row))
        getters.update((f"{path.rpartition('.')[0]}.get", known) for path, row in rows if row.strings)
    contrib = [path for path in functions if path.startswith("tensorflow.contrib.")]
    functions.update((path.replace("tensorflow", "tensorflow.compat.v1", 1), functions[path]) for path in contrib)
    getters = {path: known for path, known in getters.items() if path.endswith(_GETTERS)}
    words = frozenset(path.rpartition(".")[2] for path in (*functions, *getters))
    return Names(functions, getters, versions, words, _triggers(functions), _draws(chosen))


def _draws(chosen: Mapping[str, Version]) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for framework, package in DRAWS.items():
        known = vocabulary(framework, None if package is None else chosen[package])
        rows = known.initializers.items()
        found.update((path, Named(known, path)) for path, row in rows if package is None or _is_draw(path, row))
    return found


@cache
def _fills() -> dict[str, Named]:
    known = vocabulary("torch")
    rows = known.initializers.items()
    return {path: Named(known, path) for path, row in rows if path.startswith("torch.") or row.code is not None}


def with_target(known: Names) -> Names:
    """The vocabulary that rewritten source is read with: also Keras itself, under either of its names."""
    keras = vocabulary("keras")
    functions = dict(known.functions)
    for path in keras.initializers:
        if path.startswith("keras.initializers."):
            functions[path] = functions[f"tf_{path}"] = Named(keras, path)
    return replace(known, functions=functions, words=known.words | {path.rpartition(".")[2] for path in functions})


@cache
def _layers(versions: tuple[tuple[str, Version], ...]) -> Mapping[str, SourceLayer]:
    chosen = {**LEGACY, **dict(versions)}
    found: dict[str, SourceLayer] = {}
    for framework, package in LAYERS.items():
        found.update(vocabulary(framework, None if package is None else chosen[package]).layers)
    return found


_GETTERS = ("keras.initializers.get", "keras.initializations.get")


def _is_legacy(path: str, row: Function) -> bool:
    """Whether a row is an initializer of a framework that is ported from, and not a value that is drawn at once."""
    drawn = any(default == REQUIRED for default in row.parameters.values())
    return "." in path and not path.startswith("tensorflow.compat.v2") and not drawn


def _is_draw(path: str, row: Function) -> bool:
    """Whether a row of TensorFlow draws random values of a shape, its seed left to chance if none is given."""
    return "." in path and row.parameters.get("shape") == REQUIRED and row.parameters.get("seed", REQUIRED) is None


def _triggers(paths: Mapping[str, object]) -> tuple[bytes, ...]:
    """A few words, one of which occurs in every text that reaches one of these paths by import or attribute."""
    telling = {max(path.split(".")[-2:], key=_telling) for path in paths}
    return tuple(sorted(word.encode() for word in telling if not any(other in word for other in telling - {word})))


def _telling(word: str) -> tuple[bool, int]:
    return "initializ" in word, len(word)
