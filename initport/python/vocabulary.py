"""The initializers that Python source can name, over all frameworks: by dotted path, and by the words to look for.

The frameworks are those whose grammars say in their heads that they read source (`grammar.registry`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from initport.grammar import registry, trigger_words
from initport.grammar.load import vocabulary
from initport.grammar.meaning import REQUIRED, Vocabulary
from initport.grammar.rows import Function, Grammar, Head, SourceLayer
from initport.grammar.version import Version, within
from initport.grammar.versions import Evidence, Key, Versions
from initport.python.text import Text
from initport.python.triggers import has_word, import_words, may_hold
from initport.records import NamedTuple


class Named(NamedTuple):
    """A function of a framework's vocabulary, by the name that the vocabulary gives it, and its ``path`` in Python.

    ``before`` are parameters in front of those of the vocabulary."""

    vocabulary: Vocabulary
    name: str
    path: str = ""
    before: tuple[str, ...] = ()

    @property
    def depends_on_axes(self) -> bool:
        """Whether it draws differently on other axes."""
        return _depends_on_axes(self)

    @property
    def function(self) -> Function:
        return _function_of(self)


@lru_cache(maxsize=1024)
def _depends_on_axes(named: Named) -> bool:
    return _SIZED.search(str(named.function.means)) is not None


@lru_cache(maxsize=1024)
def _function_of(named: Named) -> Function:
    row = named.vocabulary.function(named.name)
    if not named.before:
        return row
    return row._replace(parameters={**dict.fromkeys(named.before, REQUIRED), **row.parameters})


_SIZED = re.compile(r"\b(fan|rows|count|last[01]|size[01])")
"""What a meaning says of sizes."""


class Layer(NamedTuple):
    """A call that makes weights, as one version of a framework has it; ``speaker`` says what its strings mean, and
    ``framework`` names the grammar that the row is from."""

    row: SourceLayer
    speaker: Vocabulary | None
    framework: str = ""


Layers = Mapping[str, tuple[Layer, ...]]
"""By dotted path; several where versions or settings differ."""


@dataclass(frozen=True, eq=False)
class Names:
    """Every initializer by the dotted paths that lead to it, and the functions that take an initializer's name.

    ``draws`` are the functions that draw values at once, sites only where a variable is made of them (draw.py), and
    ``fills`` those that fill a tensor (inplace.py)."""

    functions: Mapping[str, Named]
    getters: Mapping[str, Vocabulary]
    speech: "Speech"
    draws: Mapping[str, Named]
    fills: Mapping[str, Named]

    @cached_property
    def telling(self) -> Mapping[str, frozenset[str]]:
        """The last parts of the paths, by the rarest word of each path: it occurs in every text that reaches
        the path by import or attribute."""
        found: dict[str, set[str]] = {}
        for path in (*self.functions, *self.getters):
            parts = path.split(".")[-2:]
            found.setdefault(max(parts, key=_distinctiveness), set()).add(parts[-1])
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
    def paths(self) -> frozenset[str]:
        """The paths of all but ``fills`` and ``layers``."""
        return frozenset((*self.functions, *self.getters, *self.draws))

    @cached_property
    def paths_of_layers(self) -> frozenset[str]:
        return frozenset(self.layers)

    def paths_for(self, text: Text) -> frozenset[str]:
        """Those of ``paths`` that a first look at a text leaves."""
        data = text.content.encode(errors="surrogatepass")
        if may_hold(data, "initializers"):
            return self.paths
        return self._drawing_paths if may_hold(data, "values") else frozenset()

    @cached_property
    def _drawing_paths(self) -> frozenset[str]:
        return frozenset(path for path in self.paths if path.rpartition(".")[2] in self.drawing)

    @cached_property
    def drawing(self) -> frozenset[str]:
        """The last parts of the paths of ``draws``."""
        return frozenset(path.rpartition(".")[2] for path in self.draws)

    @cached_property
    def homes(self) -> Mapping[str, frozenset[str]]:
        """The last parts of the paths of ``draws``, each with the parts before it, of which one occurs in every text
        that reaches such a path; with none where it may be taken from the package itself, by whatever name."""
        found: dict[str, set[str]] = {}
        for path in self.draws:
            *packages, home, last = path.split(".")
            found.setdefault(last, set()).add(home.removesuffix("()") if packages else "")
        return {last: frozenset() if "" in homes else frozenset(homes) for last, homes in found.items()}

    @cached_property
    def making(self) -> frozenset[str]:
        """The last parts of the paths of ``layers``."""
        return frozenset(path.rpartition(".")[2] for path in self.layers)

    @cached_property
    def filling(self) -> frozenset[str]:
        """The last parts of the paths of ``fills``."""
        return frozenset(path.rpartition(".")[2] for path in self.fills)

    @cached_property
    def filling_roots(self) -> frozenset[str]:
        """The packages of ``fills``."""
        return frozenset(root for named in self.fills.values() for root in registry.roots(named.vocabulary.framework))

    def may_fill(self, text: Text) -> bool:
        """Whether a text can speak of ``fills``."""
        return any(root in text.content for root in self.filling_roots)

    def may_number(self, text: Text) -> bool:
        """Whether a text can give a layer a number as an initializer."""
        return any(root in text.content for name in self.numbers for root in registry.roots(name))

    @cached_property
    def layers(self) -> Layers:
        """The calls that make weights."""
        return _layers(_of_layers(self.speech))

    @property
    def operations(self) -> Layers:
        """The calls that compute with weights."""
        return _operations(self.speech)

    @cached_property
    def unchanged(self) -> frozenset[str]:
        """The functions that give a weight on."""
        return frozenset(path for _, known, _ in self.speech.vocabularies() for path in known.grammar.unchanged)

    @cached_property
    def transforms(self) -> frozenset[str]:
        """The functions that give a function which builds what theirs does."""
        return frozenset(path for _, known, _ in self.speech.vocabularies() for path in known.grammar.transforms)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The functions that numbers stand for which layers are given as initializers, by the layers' grammar."""
        known = (item for _, item, _ in self.speech.vocabularies())
        return {item.framework: item.grammar.numbers for item in known if item.grammar.numbers}

    @cached_property
    def strings(self) -> frozenset[str]:
        """What layers understand as an initializer, TFLearn's in lower case for those that it takes in any."""
        return _strings(_of_layers(self.speech))

    @cached_property
    def initializer_arguments(self) -> Mapping[str, Sequence[tuple[str, Layer]]]:
        """The layers that look strings up, with the package that they are in, by the argument's name; one of those
        that are alike in what the argument starts."""
        return _initializer_arguments(_of_layers(self.speech))


@lru_cache(maxsize=1)
def _words_of(names: Names, text: Text) -> frozenset[str]:
    data = text.content.encode(errors="surrogatepass")
    words = text.words_among(frozenset(names.telling)) if may_hold(data, "initializers") else frozenset()
    telling = (names.telling[word] for word in words if text.reaches(word))
    homes = names.homes.items() if may_hold(data, "values") else ()
    drawing = [word for word, before in homes if not before or text.words_among(before)]
    return frozenset(word for word in frozenset().union(*telling, drawing) if text.reaches(word))


class Speech(NamedTuple):
    """What decides which names there are: the versions that are known, and the ``roots`` that a text may import."""

    key: Key
    roots: frozenset[str]

    @property
    def versions(self) -> Versions:
        chosen, ranges = self.key
        return Versions(dict(chosen), {package: Evidence(known, "") for package, known in ranges})

    def vocabularies(self, outlived: bool = False) -> Iterator[tuple[str, Vocabulary, Version | None]]:
        """Those of every grammar, by the name of its file, the versions that count first coming last; or of versions
        that the packages do not have any more, for code that outlived them."""
        versions = self.versions
        for name, head in registry.source_grammars().items():
            if not self.roots.isdisjoint(registry.roots(name)):
                for version in reversed((versions.others if outlived else versions.of)(head.package)):
                    if version is None or within(version, head.versions):
                        yield name, vocabulary(name, version), version

    def speakers(self) -> Iterator[tuple[str, Vocabulary]]:
        """Whatever can say what a string means to layers, by the name of the layers' grammar."""
        for name, known, version in (*self.vocabularies(outlived=True), *self.vocabularies()):
            own = registry.heads()[name].package
            every = known.grammar.speakers.items()
            for module, item in ((module, item) for module, items in every for item in items):
                package = registry.heads()[item.grammar].package
                if module.partition(".")[0] in self.roots and within(version, item.versions):
                    yield name, vocabulary(item.grammar, version if package == own else self.versions.of(package)[0])


def names(versions: Versions, data: bytes | None = None, roots: frozenset[str] | None = None) -> Names:
    """The names in these versions; ``data`` is the text, where only what it can speak of is wanted, or ``roots`` are
    the only packages that are."""
    wanted = registry.all_roots() if roots is None else roots
    if data is not None:
        wanted = frozenset(root for root in wanted if root == "tensorflow" or _may_import(data, root))
    return _names(Speech(versions.key(), wanted))


def _may_import(data: bytes, root: str) -> bool:
    """Whether a package may be named in a file, and not only as a part of another."""
    if root in trigger_words.packages():
        return root.encode() in import_words(data)
    return has_word(data, root) and _word(root).search(data) is not None


@cache
def _word(root: str) -> re.Pattern[bytes]:
    return re.compile(rf"{root}\b(?<![.\w]{root})".encode())


@cache
def _names(speech: Speech) -> Names:
    found: dict[str, dict[str, Named]] = {"initializers": {}, "values": {}, "filled": {}}
    getters: dict[str, Vocabulary] = {}
    for name, _, version in (*speech.vocabularies(outlived=True), *speech.vocabularies()):
        own, known = _own_names(name, version)
        for gives, paths in own.items():
            found[gives].update(paths)
        getters.update(known)
    functions = found["initializers"]
    contrib = [path for path in functions if path.startswith("tensorflow.contrib.")]
    functions.update((path.replace("tensorflow", "tensorflow.compat.v1", 1), functions[path]) for path in contrib)
    return Names(functions, getters, speech, found["values"], found["filled"])


@cache
def _own_names(
    name: str, version: Version | None
) -> tuple[Mapping[str, Mapping[str, Named]], Mapping[str, Vocabulary]]:
    """The functions of one grammar by what they give and by path, and those that take an initializer's name."""
    known, head, roots = vocabulary(name, version), registry.heads()[name], registry.roots(name)
    found: dict[str, dict[str, Named]] = {"initializers": {}, "values": {}, "filled": {}}
    getters: dict[str, Vocabulary] = {}
    if known.grammar.offers:
        found["initializers"].update(_offers(known, version))
        offers = (offer for offer in known.grammar.offers if within(version, offer.versions))
        getters.update((f"{offer.name}.get", known) for offer in offers)
    else:
        for path, row in known.initializers.items():
            gives = _gives(path, row, head, roots)
            if gives in found:
                found[gives][path] = _function_at(known, path, row)
            if row.strings:
                getters[f"{path.rpartition('.')[0]}.get"] = known
    return found, {path: item for path, item in getters.items() if path.endswith(_GETTERS)}


def _function_at(known: Vocabulary, path: str, row: Function) -> Named:
    return Named(known, path, path, tuple(known.grammar.called) if row.direct else ())


def _gives(path: str, row: Function, head: Head, roots: Sequence[str]) -> str:
    """What a function gives: initializers, values drawn at once for a variable, or a tensor that it filled; nothing of
    ours where its name is that of today's target, or it is not a function of Python's."""
    if row.code is not None:
        return "filled" if head.gives == "filled" else ""
    if path.partition(".")[0] not in roots or "." not in path or path.startswith("tensorflow.compat.v2"):
        return ""
    if head.gives != "initializers":
        return head.gives
    given = row.parameters
    if given.get("shape") == REQUIRED and (given.get("seed", REQUIRED) is None or given.get("key") == REQUIRED):
        return "values"
    drawn = REQUIRED in given.values() and ("shape" in given or "dims" in given)
    return "" if drawn else "initializers"


def _offers(known: Vocabulary, version: Version | None) -> Iterator[tuple[str, Named]]:
    """The functions that Python modules offer under the names of a grammar."""
    for offer in known.grammar.offers:
        if within(version, offer.versions):
            for name in known.initializers:
                if "." not in name:
                    path = f"{offer.name}.{name}"
                    yield path, Named(known, name, path, tuple(offer.before))


@cache
def variants(path: str, package: str, versions: tuple[Version, ...]) -> tuple[tuple[Version, Named], ...]:
    """What a path is in versions of its package, once for those that say the same of it; none where it is nothing."""
    found: dict[object, tuple[Version, Named]] = {}
    for version in versions:
        named = _find(path, package, version)
        if named is not None:
            known = named.vocabulary
            module = f"{path.rpartition('.')[0]}"
            behaviour = [any(item.name == module for item in items)
                         for items in (known.grammar.repeats, known.grammar.advances)]  # fmt: skip
            found.setdefault((repr(named.function), repr(known.fans), *behaviour), (version, named))
    return tuple(found.values())


def _find(path: str, package: str, version: Version) -> Named | None:
    """What a path is in a version of its package."""
    for name, head in registry.source_grammars().items():
        if head.package != package or not within(version, head.versions):
            continue
        known = vocabulary(name, version)
        if known.grammar.offers:
            found = next((named for offered, named in _offers(known, version) if offered == path), None)
        else:
            found = _function_at(known, path, known.initializers[path]) if path in known.initializers else None
        if found is not None:
            return found
    return None


@cache
def _layers(speech: Speech) -> Layers:
    found = _layers_of(speech, outlived=True)
    return {**found, **_layers_of(speech, outlived=False)}


@cache
def _operations(speech: Speech) -> Layers:
    found: dict[str, tuple[Layer, ...]] = {}
    for outlived in (True, False):
        for _, known, _ in speech.vocabularies(outlived=outlived):
            found.update((path, tuple(Layer(row, None, known.framework) for row in rows))
                         for path, rows in known.operations.items())  # fmt: skip
    return found


@cache
def _of_layers(speech: Speech) -> Speech:
    """The same of those roots alone that have layers: most names differ by others."""
    every = (*speech.vocabularies(outlived=True), *speech.vocabularies())
    having = {root for name, _, version in every for root in _own_rows(name, version)}
    return Speech(speech.key, speech.roots & having)


@cache
def _strings(speech: Speech) -> frozenset[str]:
    speakers = {layer.speaker for variants in _layers(speech).values() for layer in variants}
    return frozenset(string for speaker in speakers if speaker is not None for string in speaker.strings)


@cache
def _initializer_arguments(speech: Speech) -> Mapping[str, Sequence[tuple[str, Layer]]]:
    found: dict[str, dict[object, tuple[str, Layer]]] = {}
    speaking = ((path, layer) for path, variants in _layers(speech).items() for layer in variants if layer.speaker)
    # Most paths are other names of the same rows.
    once = {
        (package := path.partition(".")[0], id(layer.row), layer.speaker): (package, layer) for path, layer in speaking
    }
    for package, layer in once.values():
        weights = layer.row.weights
        for argument in {weight.argument for weight in weights if weight.argument is not None}:
            started = tuple((weight.layout, weight.key) for weight in weights if weight.argument == argument)
            found.setdefault(argument, {}).setdefault((package, layer.speaker, started), (package, layer))
    return {argument: tuple(layers.values()) for argument, layers in found.items()}


def _layers_of(speech: Speech, outlived: bool) -> dict[str, tuple[Layer, ...]]:
    found: dict[str, tuple[Layer, ...]] = {}
    for name, known, version in speech.vocabularies(outlived):
        for root in (root for root in _own_rows(name, version) if root in speech.roots):
            others = {item.grammar: registry.heads()[item.grammar].package
                      for module, speakers in known.grammar.speakers.items() for item in speakers
                      if module.partition(".")[0] == root}  # fmt: skip
            speakers = tuple((grammar, speech.versions.of(package)[0]) for grammar, package in others.items())
            for path, (layers, former) in _own_layers(name, version, root, speakers).items():
                # A version that has the former names as its own comes before.
                found[path] = (*layers, *found.get(path, ()), *former)
    return found


@cache
def _own_layers(
    name: str, version: Version | None, root: str, speakers: tuple[tuple[str, Version | None], ...]
) -> Mapping[str, tuple[tuple[Layer, ...], tuple[Layer, ...]]]:
    """The layers of one grammar in a package, and those with former names of arguments, by path; the ``speakers`` of
    other packages are in these versions."""
    known, others = vocabulary(name, version), dict(speakers)
    speaking: dict[str, Vocabulary | None] = {}
    found: dict[str, tuple[tuple[Layer, ...], tuple[Layer, ...]]] = {}
    for path, (rows, former) in _own_rows(name, version)[root].items():
        module = path.rpartition(".")[0]
        if module not in speaking:
            speaking[module] = _speaker(known.grammar, path, version, others)
        speaker = speaking[module]
        found[path] = (
            tuple(Layer(row, speaker, known.framework) for row in rows),
            tuple(Layer(row, speaker, known.framework) for row in former),
        )
    return found


_Rows = tuple[tuple[SourceLayer, ...], tuple[SourceLayer, ...]]


@cache
def _own_rows(name: str, version: Version | None) -> Mapping[str, Mapping[str, _Rows]]:
    """The rows of the layers of one grammar, and those with former names of arguments, by package and path."""
    known, found = vocabulary(name, version), dict[str, dict[str, _Rows]]()
    for path, rows in known.variants.items():
        if "." in path:
            former = tuple(_formerly(known.grammar, path, rows, version)) if known.grammar.former else ()
            found.setdefault(path.partition(".")[0], {})[path] = rows, former
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


def _speaker(
    grammar: Grammar, path: str, version: Version | None, others: Mapping[str, Version | None]
) -> Vocabulary | None:
    modules = [module for module in grammar.speakers if path.startswith(f"{module}.")]
    for speaker in grammar.speakers[max(modules, key=len)] if modules else ():
        if within(version, speaker.versions):
            package = registry.heads()[speaker.grammar].package
            same = package == registry.heads()[grammar.framework].package
            return vocabulary(speaker.grammar, version if same else others[speaker.grammar])
    return None


_GETTERS = ("keras.initializers.get", "keras.initializations.get")


def _distinctiveness(word: str) -> tuple[bool, int]:
    return "initializ" in word or word.startswith("init_"), len(word)
