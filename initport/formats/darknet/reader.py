"""From a cfg of Darknet to the shared model.

A cfg says nothing of how weights start: the code that makes a layer draws them. Authority: grammars/darknet.yaml.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.connections import inputs
from initport.formats.darknet.images import UNKNOWN, Image, after, first, references
from initport.formats.darknet.section_layers import Part, parts
from initport.formats.darknet.sections import Section, SettingError, parse
from initport.formats.operators import words
from initport.formats.read_options import Options
from initport.grammar.call import Call, default_call
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.grammar.version import Version, parse_version, within
from initport.ir.initializers import Initializer, Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout

_ALL = ((0,), (1,))
"""Versions between which all rows hold. Authority: the README of hank-ai/darknet, which counts them."""

_STATED = ("mean", "std")
"""Settings of sections that say how weights start."""

_ASK = (
    "pjreddie's Darknet draws these weights from a normal distribution, AlexeyAB's and all later ones from a uniform "
    "one of a third of the variance, and nothing in the cfg shows which it is for; pass `--source-version 0` for "
    "pjreddie's, `--source-version 1` for AlexeyAB's and later"
)


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a cfg. It refers to no other network, so ``read_file`` is never called.

    Raises InputError where the whole input is unusable, and where no section of it holds weights.
    """
    net, *sections = parse(data, path)
    version, findings = _version([net, *sections], options.version, path)
    reader = _Reader(path, _ALL if version is None else (version,), list(findings))
    try:
        given = first(net)
    except SettingError as error:
        raise InputError(Diagnostic(Code.WRONG_VALUE, Location(path, error.line), f"[net]: {error}")) from error
    for place, section in enumerate(sections):
        given = reader.section(place, section, given)
    layers = tuple(reader.layers())
    if not layers and not reader.findings:
        raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), "no section of the cfg holds weights"))
    return Model("", "darknet", Location(path), layers, version), tuple(reader.all_findings())


def _version(
    sections: Iterable[Section], stated: str | None, path: str
) -> tuple[Version | None, tuple[Diagnostic, ...]]:
    """The version that is stated, or that the words of the cfg show, if all that show one show the same."""
    if stated is not None:
        try:
            return parse_version(stated), ()
        except ValueError as error:
            raise InputError(Diagnostic(Code.WRONG_VALUE, Location(path), f"{error} of Darknet")) from error
    found: dict[str, tuple[str, int]] = {}
    marks = vocabulary("darknet").grammar.marks
    for section in sections:
        for word, line in _words(section):
            for mark in marks:
                if word in mark.words:
                    found.setdefault(mark.versions, (word, line))
    if len(found) != 1:
        return None, ()
    ((versions, (word, line)),) = found.items()
    version = next(version for version in _ALL if within(version, versions))
    detail = (
        f"no version is given; the cfg is read as one of Darknet {version[0]}, as no other reads `{word}`; pass "
        "`--source-version` if it is another's"
    )
    return version, (Diagnostic(Code.ASSUMED_VERSION, Location(path, line), detail),)


def _words(section: Section) -> Iterator[tuple[str, int]]:
    yield f"[{section.type}]", section.line
    for name, line in section.lines.items():
        yield name, line
        if name == "activation":
            yield f"activation={section.settings[name]}", line


class _Reader:
    """The state of one reading."""

    def __init__(self, path: str, versions: tuple[Version, ...], findings: list[Diagnostic]) -> None:
        self.path, self.findings = path, findings
        self.vocabularies = [vocabulary("darknet", version) for version in versions]
        self.images: list[Image] = []
        self.sources: list[tuple[int, ...]] = []
        self.made: dict[int, list[tuple[Layer, bool]]] = {}
        self.asked: list[Layer] = []
        self.known: dict[object, tuple[Initializer, Diagnostic | None]] = {}

    def section(self, place: int, section: Section, given: Image) -> Image:
        """Reads one, and returns what it puts out."""
        try:
            out = after(section, given, self.images, place)
            self.sources.append(tuple(index for index in self._reads(place, section) if 0 <= index < place))
            self._read_layers(place, section, given, out)
        except SettingError as error:
            out = UNKNOWN
            self.sources = [*self.sources[:place], ()]
            self._find(Code.REJECTED_LAYER, error.line, f"section {place}, [{section.type}]: {error}")
        self.images.append(out)
        return out

    def _reads(self, place: int, section: Section) -> list[int]:
        before = [place - 1] if section.type != "route" else []
        return before + references(section, place)

    def _find(self, code: Code, line: int, detail: str) -> None:
        self.findings.append(Diagnostic(code, Location(self.path, line), detail))

    def _read_layers(self, place: int, section: Section, given: Image, out: Image) -> None:
        grammar = self.vocabularies[0].grammar
        if section.type in grammar.refused:
            self._find(Code.OPAQUE_LAYER, section.line, f"section {place}, [{section.type}]: "
                       f"{grammar.refused[section.type]}; initialize its weights yourself")  # fmt: skip
            return
        found = [part for part in parts(section, place, given, out) if self._row(part, section) is not None]
        share = section.settings.get("share_index")
        if not found and section.type not in grammar.weightless:
            known = "not a section that this version of Darknet knows"
            self._find(Code.OPAQUE_LAYER, section.line, f"section {place}: [{section.type}] is {known}; if it holds "
                       "weights, initialize them yourself")  # fmt: skip
        for part in found:
            layer = self._layer(part, section)
            if share is not None and part.type == "convolutional":
                layer = self._share(layer, section, place)
            self.made.setdefault(place, []).append((layer, part.outer))

    def _share(self, layer: Layer, section: Section, place: int) -> Layer:
        """With the weights of another section. Authority: `share_layer` in convolutional_layer.c."""
        index = section.number("share_index", 0)
        owners = self.made.get(index + place if index < 0 else index)
        if not owners:
            raise SettingError(
                f"`share_index` is {index}, which is not a section with weights", section.lines["share_index"]
            )
        owner, _ = owners[0]
        held = {weight.role for weight in owner.weights}
        shared = (item._replace(owner=(owner.name, item.role)) if item.role in held else item for item in layer.weights)
        return layer._replace(weights=tuple(shared))

    def _row(self, part: Part, section: Section) -> SourceLayer | None:
        rows = [row for each in self.vocabularies for row in each.variants.get(part.type, ())]
        return next(
            (row for row in rows if all(section.settings.get(key) == row.where[key] for key in row.where)), None
        )

    def _layer(self, part: Part, section: Section) -> Layer:
        row = self._row(part, section)
        assert row is not None
        place = Location(self.path, section.line)
        layer = Layer(part.name, row.kind, section.type, place, ())
        stated = {name: value for name in _STATED if (value := section.decimal(name)) is not None}
        weights = [
            self._weight(layer, part, spec, stated)
            for spec in row.weights
            if not (spec.unless == "batch_normalize" and part.normalized)
        ]
        return layer._replace(weights=tuple(weights))

    def _weight(self, layer: Layer, part: Part, spec: SourceWeight, given: Mapping[str, Fraction]) -> Weight:
        layout = parse_layout(spec.layout)
        sizes = {name: size for name, size in part.sizes.items() if size is not None}
        numbers: dict[str, int | Fraction] = {**sizes, **given}
        default = {name: value for name, value in spec.default.items() if value not in _STATED or value in given}
        call = default_call(default, {name: Scalar.of(value) for name, value in numbers.items()})
        assert call is not None, "every weight of Darknet has a default"
        initializer, finding = self._meaning(call, layout)
        if finding is not None and finding.code is not Code.NEEDS_VERSION:
            self._find(finding.code, layer.location.line or 1, f"{layer.name!r} {spec.role}: {finding.detail}")
        elif finding is not None:
            self.asked.append(layer)
        dims = {name: size for name, size in sizes.items() if name not in ("area", "out_area")}
        return Weight(
            role=spec.role,
            initializer=initializer,
            location=layer.location,
            setting="initializer",
            source=words(call),
            implicit=not given.keys() & spec.default.keys(),
            layout=layout,
            dims=dims,
            shape=_shape(layout, sizes, part.kernel),
        )

    def _meaning(self, call: Call, layout: Layout) -> tuple[Initializer, Diagnostic | None]:
        """What the call makes of a weight in each version that the cfg may be for."""
        key = (call, layout)
        if key not in self.known:
            self.known[key] = self._find_meaning(call, layout)
        return self.known[key]

    def _find_meaning(self, call: Call, layout: Layout) -> tuple[Initializer, Diagnostic | None]:
        place = Location(self.path)
        if any(isinstance(value, str) for _, value in call.named):
            reason = (
                "its deviation is .02 * out_w * out_h / (w * h), and the sizes of the images are not known; state "
                "`width` and `height` in [net]"
            )
            return Unsupported(call.name, reason), Diagnostic(Code.UNKNOWN_SHAPE, place, reason)
        meanings = {each.meaning(call, layout) for each in self._vocabularies_of(call)}
        if len(meanings) > 1:
            return Unsupported(call.name, _ASK), Diagnostic(Code.NEEDS_VERSION, place, _ASK)
        (meaning,) = meanings
        if isinstance(meaning, Unsupported):
            return meaning, Diagnostic(Code.UNSUPPORTED_INITIALIZER, place, meaning.reason)
        return meaning, None

    def _vocabularies_of(self, call: Call) -> list[Vocabulary]:
        return [each for each in self.vocabularies if call.name in each.initializers]

    def layers(self) -> Iterator[Layer]:
        """The layers in the order of the sections, each with those that reach it."""
        reached = inputs(self.sources, {place: found[-1][0].name for place, found in self.made.items()})
        for place, found in self.made.items():
            last: tuple[str, ...] = ()
            for layer, outer in found:
                yield layer._replace(inputs=reached[place] if outer else last)
                last = (layer.name,)

    def all_findings(self) -> Iterator[Diagnostic]:
        """That the version decides is reported once."""
        yield from self.findings
        if self.asked:
            first_layer, *others = self.asked
            more = f" (and {len(others)} more layers)" if others else ""
            yield Diagnostic(Code.NEEDS_VERSION, first_layer.location, f"{first_layer.name!r}{more}: {_ASK}")


def _shape(layout: Layout, sizes: Mapping[str, int], kernel: tuple[int, ...]) -> tuple[int | None, ...]:
    found: list[int | None] = []
    for axis in layout.axes:
        size = axis.size.evaluate({"groups": 1, **sizes})
        found += kernel if axis.many else [None if size is None else round(size)]
    return tuple(found)
