"""The initializers that Python source can name, over all frameworks: by dotted path, and by the words to look for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from initport.grammar.load import vocabulary
from initport.grammar.meaning import REQUIRED, Vocabulary
from initport.grammar.rows import Function, Grammar, SourceLayer
from initport.grammar.version import Version, within
from initport.python.text import Text
from initport.python.triggers import VARIABLES
from initport.python.versions import Versions

GRAMMARS: Mapping[str, str] = {
    "tensorflow": "tensorflow",
    "tf_contrib": "tensorflow",
    "tf_layers": "tensorflow",
    "keras_config": "keras",
    "tf_keras": "keras",
    "keras_calls": "keras",
    "tflearn": "tflearn",
    "sonnet": "sonnet",
    "tensorlayer": "tensorlayer",
}
"""The grammars whose initializers and layers are looked for, and the package whose version decides which of their rows
hold."""


DRAWS: Mapping[str, str | None] = {"tensorflow": "tensorflow", "numpy": None}
"""The same for the functions that draw values at once."""


@dataclass(frozen=True, slots=True)
class Named:
    """A function of a framework's vocabulary, by the name that the vocabulary gives it, and its ``path`` in Python.

    ``before`` are parameters in front of those of the vocabulary."""

    vocabulary: Vocabulary
    name: str
    path: str = ""
    before: tuple[str, ...] = ()

    @property
    def function(self) -> Function:
        row = self.vocabulary.function(self.name)
        if not self.before:
            return row
        return row._replace(parameters={**dict.fromkeys(self.before, REQUIRED), **row.parameters})


@dataclass(frozen=True, slots=True)
class Layer:
    """A call that makes weights, as one version of a framework has it; ``speaker`` says what its strings mean."""

    row: SourceLayer
    speaker: Vocabulary | None


Layers = Mapping[str, tuple[Layer, ...]]
"""By dotted path; several where versions or settings differ."""


@dataclass(frozen=True, eq=False)
class Names:
    """Every initializer by the dotted paths that lead to it, and the functions that take an initializer's name.

    ``draws`` are the functions that draw values at once, sites only where a variable is made of them (draws.py)."""

    functions: Mapping[str, Named]
    getters: Mapping[str, Vocabulary]
    speech: "Speech"
    draws: Mapping[str, Named]

    @cached_property
    def telling(self) -> Mapping[str, frozenset[str]]:
        """The last parts of the paths, by the word of each path that tells most: it occurs in every text that reaches
        the path by import or attribute."""
        found: dict[str, set[str]] = {}
        for path in (*self.functions, *self.getters):
            parts = path.split(".")[-2:]
            found.setdefault(max(parts, key=_telling), set()).add(parts[-1])
        return {word: frozenset(last) for word, last in found.items()}

    @cached_property
    def triggers(self) -> tuple[bytes, ...]:
        """A few words, one of which occurs in every text that reaches one of the paths."""
        words = set(self.telling)
        return tuple(sorted(word.encode() for word in words if not any(other in word for other in words - {word})))

    @cached_property
    def words(self) -> frozenset[str]:
        """The last parts of all the paths."""
        return frozenset().union(*self.telling.values())

    def words_of(self, text: Text) -> frozenset[str]:
        """The last parts of those paths that a text can reach, of the functions that draw too."""
        return _words_of(self, text)

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
    def layers(self) -> Layers:
        """The calls that make weights."""
        return _layers(self.speech)

    @cached_property
    def strings(self) -> frozenset[str]:
        """What layers understand as an initializer, TFLearn's in lower case for those that it takes in any."""
        speakers = {layer.speaker for variants in self.layers.values() for layer in variants}
        return frozenset(string for speaker in speakers if speaker is not None for string in speaker.strings)

    @cached_property
    def initializer_arguments(self) -> Mapping[str, Sequence[tuple[str, Layer]]]:
        """The layers that look strings up, with the package that they are in, by the argument's name; one of those
        that are alike in what the argument starts."""
        found: dict[str, dict[object, tuple[str, Layer]]] = {}
        speaking = ((path, layer) for path, variants in self.layers.items() for layer in variants if layer.speaker)
        for path, layer in speaking:
            package, weights = path.partition(".")[0], layer.row.weights
            for argument in {weight.argument for weight in weights if weight.argument is not None}:
                started = tuple((weight.layout, weight.key) for weight in weights if weight.argument == argument)
                found.setdefault(argument, {}).setdefault((package, layer.speaker, started), (package, layer))
        return {argument: tuple(layers.values()) for argument, layers in found.items()}


@lru_cache(maxsize=1)
def _words_of(names: Names, text: Text) -> frozenset[str]:
    telling = (last for word, last in names.telling.items() if text.reaches(word))
    drawing = names.drawing if any(word in text.content for word in VARIABLES) else ()
    return frozenset(word for word in frozenset().union(*telling, drawing) if text.reaches(word))


class Speech(NamedTuple):
    """What decides which names there are: the versions that are known, and the packages that a text may speak of;
    ``standalone`` is whether it may speak of Keras other than as a part of TensorFlow."""

    versions: tuple[tuple[str, Version], ...]
    packages: frozenset[str]
    standalone: bool

    def of(self, package: str) -> tuple[Version, ...]:
        return Versions(dict(self.versions)).of(package)

    def vocabularies(self) -> Iterator[tuple[Vocabulary, Version]]:
        """Those of every grammar, the versions that count first coming last."""
        for framework, package in GRAMMARS.items():
            if package in self.packages and (self.standalone or framework not in _STANDALONE):
                for version in reversed(self.of(package)):
                    yield vocabulary(framework, version), version


def names(versions: Versions, data: bytes | None = None) -> Names:
    """The names in these versions; ``data`` is the text, where only what it can speak of is wanted."""
    packages = frozenset(GRAMMARS.values())
    if data is None:
        return _names(Speech(versions.key(), packages, standalone=True))
    present = frozenset(item for item in packages if item == "tensorflow" or item.encode() in data)
    standalone = "keras" in present and _KERAS.search(data) is not None
    return _names(Speech(versions.key(), present, standalone))


_STANDALONE = ("keras_config", "tf_keras")
"""The grammars of initializers that only standalone Keras has."""

_KERAS = re.compile(rb"keras\b(?<![.\w]keras)")


@cache
def _names(speech: Speech) -> Names:
    functions: dict[str, Named] = {}
    getters: dict[str, Vocabulary] = {}
    for known, version in speech.vocabularies():
        rows = () if known.grammar.offers else known.initializers.items()
        functions.update((path, Named(known, path, path)) for path, row in rows if _is_legacy(path, row))
        getters.update((f"{path.rpartition('.')[0]}.get", known) for path, row in rows if row.strings)
        functions.update(_offered(known, version))
        getters.update(
            (f"{offer.name}.get", known) for offer in known.grammar.offers if within(version, offer.versions)
        )
    contrib = [path for path in functions if path.startswith("tensorflow.contrib.")]
    functions.update((path.replace("tensorflow", "tensorflow.compat.v1", 1), functions[path]) for path in contrib)
    getters = {path: known for path, known in getters.items() if path.endswith(_GETTERS)}
    return Names(functions, getters, speech, _draws(speech))


def _draws(speech: Speech) -> dict[str, Named]:
    found: dict[str, Named] = {}
    for framework, package in DRAWS.items():
        known = vocabulary(framework, None if package is None else speech.of(package)[0])
        rows = known.initializers.items()
        found.update((path, Named(known, path, path)) for path, row in rows if package is None or _is_draw(path, row))
    return found


@cache
def _fills() -> dict[str, Named]:
    known = vocabulary("torch")
    rows = known.initializers.items()
    return {path: Named(known, path, path) for path, row in rows if path.startswith("torch.") or row.code is not None}


def _offered(known: Vocabulary, version: Version) -> Iterator[tuple[str, Named]]:
    """The functions that Python modules offer under the names of a grammar."""
    for offer in known.grammar.offers:
        if within(version, offer.versions):
            for name in known.initializers:
                if "." not in name:
                    path = f"{offer.name}.{name}"
                    yield path, Named(known, name, path, tuple(offer.before))


def with_target(known: Names) -> Names:
    """The vocabulary that rewritten source is read with: also Keras itself, under either of its names."""
    keras = vocabulary("keras")
    functions = dict(known.functions)
    for path in keras.initializers:
        module, _, name = path.rpartition(".")
        if module == "keras.initializers":
            old = f"{module}.{re.sub('(?<=[a-z])(?=[A-Z])', '_', name).lower()}"
            for spelled in (path, old):
                functions[spelled] = functions[f"tf_{spelled}"] = Named(keras, path, spelled)
    return replace(known, functions=functions)


@cache
def _layers(speech: Speech) -> Layers:
    found: dict[str, tuple[Layer, ...]] = {}
    for known, version in (*speech.vocabularies(), (vocabulary("numpy"), None)):
        for path, rows in known.variants.items():
            if "." in path and (speech.standalone or not path.startswith("keras.")):
                speaker = _speaker(known.grammar, path, version, speech)
                former = _formerly(known.grammar, path, rows, version)
                found[path] = (
                    *(Layer(row, speaker) for row in rows),
                    *found.get(path, ()),  # a version that has the former names as its own comes before
                    *(Layer(row, speaker) for row in former),
                )
    return found


def _formerly(
    grammar: Grammar, path: str, rows: Sequence[SourceLayer], version: Version | None
) -> Iterator[SourceLayer]:
    """A layer's rows with the former names of its arguments."""
    module, _, name = path.rpartition(".")
    for former in grammar.former:
        names = former.names
        if name in former.layers and f"{module}.".startswith(f"{former.module}.") and within(version, former.versions):
            for row in rows:
                weights = [
                    item._replace(argument=names.get(item.argument or "", item.argument)) for item in row.weights
                ]
                yield row._replace(weights=weights, parameters=[names.get(item, item) for item in row.parameters])


def _speaker(grammar: Grammar, path: str, version: Version | None, speech: Speech) -> Vocabulary | None:
    modules = [module for module in grammar.speakers if path.startswith(f"{module}.")]
    for speaker in grammar.speakers[max(modules, key=len)] if modules else ():
        if within(version, speaker.versions):
            package = GRAMMARS[speaker.grammar]
            same = package == GRAMMARS[grammar.framework]
            return vocabulary(speaker.grammar, version if same else speech.of(package)[0])
    return None


_GETTERS = ("keras.initializers.get", "keras.initializations.get")


def _is_legacy(path: str, row: Function) -> bool:
    """Whether a row is an initializer of a framework that is ported from, and not a value that is drawn at once."""
    drawn = REQUIRED in row.parameters.values() and ("shape" in row.parameters or "dims" in row.parameters)
    return "." in path and not path.startswith("tensorflow.compat.v2") and not drawn


def _is_draw(path: str, row: Function) -> bool:
    """Whether a row of TensorFlow draws random values of a shape, its seed left to chance if none is given."""
    return "." in path and row.parameters.get("shape") == REQUIRED and row.parameters.get("seed", REQUIRED) is None


def _telling(word: str) -> tuple[bool, int]:
    return "initializ" in word, len(word)
