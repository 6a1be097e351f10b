"""From a Caffe network description to the model: every weight that it has, and how each starts."""

from collections.abc import Callable, Iterator, Sequence, Sized
from itertools import chain

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe import net as nets
from initport.formats.caffe.checks import Problem, problem, unshareable
from initport.formats.caffe.fillers import Fillers
from initport.formats.caffe.flow import Wires, connect, scales_channels
from initport.formats.caffe.shapes import Shape, blob_ranks, infer
from initport.formats.caffe.shapes.params import filler_of, fork_param, fork_text
from initport.formats.caffe.sizes import Sizes, sizes, static_bottom
from initport.formats.caffe.tree import Message
from initport.formats.read_options import Options
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.grammar.version import Version, parse_version
from initport.ir.initializers import Preset, Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Layout, Role
from initport.records import NamedTuple
from initport.source_initializer import SourceInitializer


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a prototxt, a solver or a caffemodel; ``read_file`` gives the files that a solver names.

    Raises InputError where the whole input is unusable.
    """
    version = _version(options.version, path)
    net = nets.load(
        data,
        path,
        phase=options.phase,
        level=options.level,
        stages=options.stages,
        read_file=read_file,
        root=options.root,
    )
    if options.inputs:
        from initport.formats.input_shapes import check

        check(options.inputs, blob_ranks(net), path, "blob")
    reader = _Reader({name for name, shape in net.inputs if shape is None} - set(options.inputs), version)
    name, place, diagnostics, inferred = net.name, net.location, net.diagnostics, infer(net, options.inputs)
    del net  # each layer's part of the file is let go once it is read
    wires: list[Wires] = []
    layers, scaled = dict[int, Layer](), set[int]()
    for layer, bottoms in inferred:
        found = reader.layer(layer, bottoms)
        if found is not None:
            layers[len(wires)] = found
            if scales_channels(found, layer):
                scaled.add(len(wires))
        wires.append((layer.bottoms, layer.tops))
    model = Model(name, "caffe", place, tuple(connect(wires, layers, scaled)))
    return model, (*diagnostics, *reader.all_findings())


def _version(text: str | None, path: str) -> Version | None:
    """Raises InputError for a text that is not a version."""
    if text is None:
        return None
    try:
        version = parse_version(text)
    except ValueError as error:
        raise InputError(Diagnostic(Code.WRONG_VALUE, Location(path), f"{error} of Caffe")) from error
    if (1, 0, 0) < version < (2013,):
        detail = f"there is no Caffe {text}; pass 1.0, the last release, or a source's year and month, such as 2018.1"
        raise InputError(Diagnostic(Code.WRONG_VALUE, Location(path), detail))
    return version


class _Owner(NamedTuple):
    layer: str
    weight: Weight


class _Reader:
    """The state of one reading: what was found, and which shared memory is whose."""

    def __init__(self, dangling: set[str], version: Version | None) -> None:
        self.dangling = dangling
        self.vocabulary = vocabulary("caffe")
        self.fillers = Fillers(self.vocabulary, version)
        self.findings: list[Diagnostic] = []
        self.owners: dict[str, _Owner] = {}
        self.assumed: set[tuple[str, str]] = set()
        self.rejected: dict[tuple[str, str], tuple[int, list[str]]] = {}
        self.unread: dict[tuple[str, str], list[tuple[str, Location]]] = {}
        self.opaque: dict[str, list[nets.NetLayer]] = {}
        self.known: dict[object, tuple[SourceLayer | None, Layer | None]] = {}
        """Layers of which there is nothing to report, by what they say and the shapes of their bottoms."""

    def layer(self, layer: nets.NetLayer, bottoms: tuple[Shape, ...]) -> Layer | None:
        """The layer's weights; None where it holds none. One that says what another says has the same."""
        shared = any(spec.name for spec in layer.params) or layer.message.has("blobs")
        alone = not shared and self.dangling.isdisjoint(layer.bottoms)
        content = layer.message.content(_NAMES) if alone else None
        same = self.known.get((content, bottoms))
        if same is not None:
            return _again(*same, layer)
        before = self._reports()
        row = _row(self.vocabulary.variants.get(layer.type, ()), layer)
        found = self._read(layer, bottoms, row)
        if content is not None and self._reports() == before:
            self.known[content, bottoms] = row, found
        return found

    def _reports(self) -> int:
        """How much there is to report so far."""
        lists: Iterator[Sized] = chain(self.unread.values(), self.opaque.values())
        named = sum(len(names) for _, names in self.rejected.values())
        return len(self.findings) + len(self.assumed) + named + self.fillers.times.total() + sum(map(len, lists))

    def _read(self, layer: nets.NetLayer, bottoms: tuple[Shape, ...], row: SourceLayer | None) -> Layer | None:
        if row is None:
            return self._foreign(layer)
        if row.fork and (layer.type, row.fork) not in self.assumed:
            self.assumed.add((layer.type, row.fork))
            self._find(Code.ASSUMED_LAYER, layer, f"{_outside(row, layer)} is outside BVLC Caffe; read as {row.fork}")
        message = fork_param(layer, row.message)
        rejected = (
            _check_position(layer, row) or self._check_bottoms(layer) or problem(row.kind, layer, message, bottoms)
        )
        if rejected is not None:
            self._reject(rejected[0], layer, rejected[1])
        known = sizes(row.kind, message, bottoms)
        present = [spec for spec in row.weights if _exists(spec, row, layer, message)]
        weights = [self._weight(spec, layer, message, known, rejected is not None) for spec in present]
        self._note_ignored(layer, row, {spec.argument for spec in present})
        shared = self._share(layer, self._presets(layer, weights), rejected is not None)
        return Layer(layer.name, row.kind, layer.type, layer.location, tuple(shared)) if shared else None

    def _check_bottoms(self, layer: nets.NetLayer) -> Problem | None:
        """A bottom that the net declares as an input without dimensions: Caffe then knows no such blob."""
        name = next((bottom for bottom in layer.bottoms if bottom in self.dangling), None)
        if name is None:
            return None
        return layer.location, f"its input {name!r} has no dimensions; give them with --input {name}=N,C,H,W"

    def _find(self, code: Code, layer: nets.NetLayer, detail: str) -> None:
        self.findings.append(Diagnostic(code, layer.location, f"{layer.name!r}: {detail}"))

    def _reject(self, location: Location, layer: nets.NetLayer, why: str) -> None:
        """A layer that Caffe refuses; those of one type for one reason are reported where the first stands."""
        first = self.rejected.setdefault((layer.type, why), (len(self.findings), []))
        if not first[1]:
            self.findings.append(Diagnostic(Code.REJECTED_LAYER, location, ""))
        first[1].append(layer.name)

    def _weight(
        self, spec: SourceWeight, layer: nets.NetLayer, message: Message, known: Sizes, rejected: bool
    ) -> Weight:
        layout = _bottom_layout(message, known) if spec.layout == "bottom" else parse_layout(spec.layout)
        filler = filler_of(message, spec.argument) if spec.argument else None
        if rejected:
            filled = SourceInitializer(Unsupported("layer", "Caffe rejects the layer"), "", layer.location)
        elif filler is None:
            filled = self.fillers.default(spec.default, layout, layer.location)
        else:
            filled = self.fillers.read(filler, f"{layer.name!r} {spec.role}", layout, known.dims)
        if filled.finding is not None:
            self.findings.append(filled.finding)
        return Weight(
            role=spec.role,
            initializer=filled.initializer,
            location=filled.location,
            setting=spec.argument or "filler",
            source=filled.source,
            implicit=filler is None,
            layout=layout,
            dims=known.dims,
            shape=known.shape(layout),
        )

    def _presets(self, layer: nets.NetLayer, weights: list[Weight]) -> list[Weight]:
        """Weights whose values the file itself holds: then Caffe never looks at a filler."""
        blobs = layer.message.messages("blobs")
        if not blobs:
            return weights
        if len(blobs) != len(weights):
            detail = f"`blobs` is given {len(blobs)} times, and the layer has {len(weights)} weights"
            self._reject(layer.location, layer, detail)
            return [weight._replace(initializer=Unsupported("blobs", detail)) for weight in weights]
        return [self._preset(layer, weight, blob) for weight, blob in zip(weights, blobs, strict=True)]

    def _preset(self, layer: nets.NetLayer, weight: Weight, blob: Message) -> Weight:
        from initport.formats.caffe.presets import preset

        values, wrong = preset(blob, weight.shape)
        if wrong:
            self._reject(blob.location, layer, wrong)
        initializer = Unsupported("blobs", wrong) if wrong else Preset(tuple(map(Scalar.of, values)))
        return weight._replace(initializer=initializer, location=blob.location, source="blobs", implicit=False)

    def _share(self, layer: nets.NetLayer, weights: list[Weight], rejected: bool) -> list[Weight]:
        """Settle which weights share memory: the first layer in net order owns it, and its filler alone decides."""
        if len(layer.params) > len(weights) and not rejected:
            place = layer.params[len(weights)].location
            detail = f"`param` is given {len(layer.params)} times for {len(weights)} weight{'s' * (len(weights) != 1)}"
            self._reject(place, layer, detail)
            return [weight._replace(initializer=Unsupported("param", detail)) for weight in weights]
        result = list(weights)
        for index, (spec, weight) in enumerate(zip(layer.params, weights, strict=False)):
            if not spec.name:
                continue
            owner = self.owners.setdefault(spec.name, _Owner(layer.name, weight))
            if owner.weight is weight:
                continue
            if unshareable(weight.shape, owner.weight.shape, spec.share_mode == "PERMISSIVE"):
                detail = f"`{spec.name}` of {owner.layer!r} has another shape: {owner.weight.shape}, not {weight.shape}"
                self._reject(spec.location, layer, detail)
                result[index] = weight._replace(initializer=Unsupported("param", detail))
            else:
                shared = (owner.layer, owner.weight.role)
                result[index] = weight._replace(
                    initializer=owner.weight.initializer,
                    owner=shared,
                    layout=owner.weight.layout,
                    dims=owner.weight.dims,
                    source=f"param {spec.name!r} of {owner.layer!r}",
                    implicit=False,
                )
        return result

    def _note_ignored(self, layer: nets.NetLayer, row: SourceLayer | None, read: set[str | None]) -> None:
        """Note the fillers that Caffe does not look at in a layer of its own."""
        for name, filler in _fillers(layer.message):
            if row is None or not (name.startswith(f"{row.message}.") and name.rpartition(".")[2] in read):
                self.unread.setdefault((layer.type, name), []).append((layer.name, filler.location))

    def _foreign(self, layer: nets.NetLayer) -> Layer | None:
        """A layer that BVLC Caffe does not have, or that has no weights there."""
        if layer.type in self.vocabulary.grammar.weightless:
            self._note_ignored(layer, None, set())
            self._share(layer, [], False)
            return None
        weights = []
        for name, filler in _fillers(layer.message):
            field_name = name.rpartition(".")[2]
            filled = self.fillers.read(filler, f"{layer.name!r} {field_name}", None, {})
            if filled.finding is not None:
                self.findings.append(_of_unknown_layer(filled.finding, layer, field_name))
            weights.append(
                Weight(Role.UNKNOWN, filled.initializer, filled.location, field_name, filled.source, False, None)
            )
        if not weights:
            self.opaque.setdefault(layer.type, []).append(layer)
        return Layer(layer.name, Kind.UNKNOWN, layer.type, layer.location, tuple(weights)) if weights else None

    def all_findings(self) -> list[Diagnostic]:
        """Layers of an unknown type are reported once a type, those that are rejected once a type and reason, fillers
        that are not looked at once a type and field."""
        found = list(self.findings)
        for (_, why), (index, names) in self.rejected.items():
            found[index] = found[index]._replace(detail=f"{names[0]!r}{_more(len(names) - 1)}: {why}")
        for (kind, name), places in self.unread.items():
            more = _more(len(places) - 1)
            detail = f"{places[0][0]!r}{more}: layers of type {kind} do not look at {name}"
            found.append(Diagnostic(Code.IGNORED_FILLER, places[0][1], detail))
        for kind, layers in self.opaque.items():
            found.append(Diagnostic(Code.OPAQUE_LAYER, layers[0].message.place("type"), self._unknown(kind, layers)))
        return [*found, *self.fillers.findings()]

    def _unknown(self, kind: str, layers: list[nets.NetLayer]) -> str:
        grammar = self.vocabulary.grammar
        if kind in grammar.layers:
            why = "has the name of layers of several forks, and none of its fields shows which it is"
        else:
            from initport.formats.similar import similar_name

            close = similar_name(kind, [*grammar.layers, *grammar.weightless])
            why = f"is not a layer type that is known{f' (did you mean {close!r}?)' if close else ''}"
        return (
            f"{layers[0].name!r}{_more(len(layers) - 1)}: {kind!r} {why}; BVLC Caffe stops at it, and in a fork it may "
            "hold weights: initialize those yourself"
        )


_NAMES = ("name", "bottom", "top")
"""The fields of a layer that say no more than which it is, and what it reads and writes."""


def _again(row: SourceLayer | None, same: Layer | None, layer: nets.NetLayer) -> Layer | None:
    """A layer that says what one before says, and so has its weights, at another place."""
    if same is None or row is None:
        return None
    message, own = fork_param(layer, row.message), layer.location

    def place(weight: Weight) -> Location:
        filler = None if weight.implicit else filler_of(message, weight.setting)
        return own if filler is None else filler.location

    weights = [Weight._make((*weight[:2], place(weight), *weight[3:])) for weight in same.weights]
    return Layer(layer.name, same.kind, same.type, own, tuple(weights))


def _more(count: int) -> str:
    return f" (and {count} more layer{'s' if count > 1 else ''})" if count else ""


def _of_unknown_layer(finding: Diagnostic, layer: nets.NetLayer, setting: str) -> Diagnostic:
    if finding.code is not Code.UNKNOWN_SHAPE:
        return finding
    detail = (
        f"{layer.name!r} {setting}: this filler depends on the weight's axes, which the layer type {layer.type!r} "
        "does not give; initialize the weight yourself, or write its filler as constant, uniform or gaussian"
    )
    return Diagnostic(Code.UNKNOWN_LAYER, finding.location, detail)


def _row(rows: Sequence[SourceLayer], layer: nets.NetLayer) -> SourceLayer | None:
    """The row that asks for the most of those that hold for the layer's settings."""
    held = [row for row in rows if all(_setting(key, row, layer) == row.where[key] for key in row.where)]
    return max(held, key=lambda row: len(row.where), default=None)


_BOTTOMS = {"two_bottoms": 1, "three_bottoms": 2}
"""Conditions that hold of a layer with more bottoms than this."""


def _setting(name: str, row: SourceLayer, layer: nets.NetLayer) -> object:
    """A setting that a row asks for: whether there are two bottoms, what a boolean field says, or whether a field
    outside the schema is ``given``."""
    if name in _BOTTOMS:
        return len(layer.bottoms) > _BOTTOMS[name]
    message = fork_param(layer, row.message)
    found = _boolean(name, row, message)
    return "given" if found is None and filler_of(message, name) is not None else found


def _outside(row: SourceLayer, layer: nets.NetLayer) -> str:
    """What of a layer is a fork's: its type, or a field of it."""
    if any(name in _BOTTOMS for name in row.where):
        return f"{layer.type} with {len(layer.bottoms)} bottoms"
    field = next((name for name in row.where if row.where[name] is not False), None)
    return layer.type if field is None else f"{layer.type} `{field}` in {row.message}"


def _check_position(layer: nets.NetLayer, row: SourceLayer) -> Problem | None:
    """A filler where BVLC's schema has none, in a layer of BVLC's: Caffe cannot read it, a fork may mean anything."""
    own = fork_param(layer, row.message)
    read = {id(filler_of(own, name)) for name in (*row.arguments, *row.where)}
    stray = next((item for item in layer.message.stray_fillers() if id(item.value) not in read), None)
    if stray is None:
        return None
    where = f"put it in `{row.message}`" if stray.name in row.arguments else "initialize its weights yourself"
    return stray.location, f"{layer.type} layers have no `{stray.name}` here; {where}"


def _boolean(name: str, row: SourceLayer, message: Message) -> bool | None:
    """A boolean field; of a fork's, what the row gives for one that is left out."""
    if message.descriptor is not None and name in message.descriptor.fields_by_name:
        return message.flag(name)
    text = fork_text(message, name)
    return row.defaults.get(name) if text is None else text.lower() in ("true", "1", "t")


def _exists(spec: SourceWeight, row: SourceLayer, layer: nets.NetLayer, message: Message) -> bool:
    return (spec.when is None or _flag(spec.when, row, layer, message)) and not (
        spec.unless is not None and _flag(spec.unless, row, layer, message)
    )


def _flag(name: str, row: SourceLayer, layer: nets.NetLayer, message: Message) -> bool:
    """A condition of the grammar: a boolean field, or one of the two that depend on the number of bottoms."""
    if name in _BOTTOMS:
        return len(layer.bottoms) > _BOTTOMS[name]
    if name == "static_input":
        return static_bottom(message, row.kind, len(layer.bottoms)) is not None
    return bool(_boolean(name, row, message))


def _bottom_layout(message: Message, known: Sizes) -> Layout:
    """The layout of a weight whose axes are a part of the bottom's, or of a Parameter's shape."""
    rank = known.dims.get("rank", len(known.scaled) if known.scaled is not None else None)
    if rank is None:
        return parse_layout("first, *rest")
    return parse_layout(("", "length", "first, second", "first, second, *rest")[min(rank, 3)])


def _fillers(message: Message, prefix: str = "") -> Iterator[tuple[str, Message]]:
    """Every filler of a layer with the path of its field, in the schema or outside of it; not DummyData's."""
    for name, inner in message.inner():
        if name.endswith("filler") and name != "data_filler":
            yield prefix + name, inner
        elif name not in ("blobs", "param"):
            yield from _fillers(inner, f"{prefix}{name}.")
    for stray in message.unknown:
        if isinstance(stray.value, Message):
            if stray.name.endswith("filler"):
                yield prefix + stray.name, stray.value
            else:
                yield from _fillers(stray.value, f"{prefix}{stray.name}.")
