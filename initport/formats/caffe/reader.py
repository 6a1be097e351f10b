"""From a Caffe network description to the model: every weight that it has, and how each starts."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from initport.diagnostics import Code, Diagnostic
from initport.formats.caffe import net as nets
from initport.formats.caffe.checks import Problem, problem, unshareable
from initport.formats.caffe.fillers import Fillers
from initport.formats.caffe.presets import preset
from initport.formats.caffe.shapes import Shape, infer
from initport.formats.caffe.shapes.params import param
from initport.formats.caffe.sizes import Sizes, sizes, static_bottom
from initport.formats.caffe.tree import Message
from initport.formats.options import Options
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.initializers import Preset, Unsupported
from initport.ir.model import Layer, Model, Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind, Layout, Role
from initport.source_initializer import SourceInitializer


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a prototxt, a solver or a caffemodel; ``read_file`` gives the files that a solver names.

    Raises InputError where the whole input is unusable.
    """
    net = nets.load(data, path, phase=options.phase, level=options.level, stages=options.stages, read_file=read_file)
    reader = _Reader({name for name, shape in net.inputs if shape is None} - set(options.inputs))
    layers = [
        found
        for layer, bottoms in zip(net.layers, infer(net, options.inputs), strict=True)
        if (found := reader.layer(layer, bottoms)) is not None
    ]
    model = Model(net.name, "caffe", net.location, tuple(layers))
    return model, (*net.diagnostics, *reader.findings, *reader.fillers.findings())


class _Owner(NamedTuple):
    layer: str
    weight: Weight


class _Reader:
    """The state of one reading: what was found, and which shared memory is whose."""

    def __init__(self, dangling: set[str]) -> None:
        self.dangling = dangling
        self.vocabulary = vocabulary("caffe")
        self.fillers = Fillers(self.vocabulary)
        self.findings: list[Diagnostic] = []
        self.owners: dict[str, _Owner] = {}
        self.assumed: set[str] = set()

    def layer(self, layer: nets.NetLayer, bottoms: tuple[Shape, ...]) -> Layer | None:
        """The layer's weights; None where it holds none."""
        row = self.vocabulary.layers.get(layer.type)
        if row is None:
            return self._foreign(layer)
        if row.fork and layer.type not in self.assumed:
            self.assumed.add(layer.type)
            self._find(Code.ASSUMED_LAYER, layer, f"{layer.type} is no layer of BVLC Caffe; read as {row.fork}")
        message = param(layer, row.message)
        rejected = _misplaced(layer) or self._dangling(layer) or problem(row.kind, layer, message, bottoms)
        if rejected is not None:
            self.findings.append(Diagnostic(Code.REJECTED_LAYER, rejected[0], f"{layer.name!r}: {rejected[1]}"))
        known = sizes(row.kind, message, bottoms)
        present = [spec for spec in row.weights if _exists(spec, row.kind, layer, message)]
        weights = [self._weight(spec, layer, message, known, rejected is not None) for spec in present]
        self._ignored(layer, row, {spec.argument for spec in present})
        shared = self._share(layer, self._presets(layer, weights), rejected is not None)
        return Layer(layer.name, row.kind, layer.type, layer.location, tuple(shared)) if shared else None

    def _dangling(self, layer: nets.NetLayer) -> Problem | None:
        """A bottom that the net declares as an input without dimensions: Caffe then knows no such blob."""
        name = next((bottom for bottom in layer.bottoms if bottom in self.dangling), None)
        if name is None:
            return None
        return layer.location, f"its input {name!r} has no dimensions; give them with --input {name}=N,C,H,W"

    def _find(self, code: Code, layer: nets.NetLayer, detail: str) -> None:
        self.findings.append(Diagnostic(code, layer.location, f"{layer.name!r}: {detail}"))

    def _weight(
        self, spec: SourceWeight, layer: nets.NetLayer, message: Message, known: Sizes, rejected: bool
    ) -> Weight:
        layout = _bottom_layout(message, known) if spec.layout == "bottom" else parse_layout(spec.layout)
        filler = message.message(spec.argument) if spec.argument else None
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
            self._find(Code.REJECTED_LAYER, layer, detail)
            return [weight._replace(initializer=Unsupported("blobs", detail)) for weight in weights]
        return [self._preset(layer, weight, blob) for weight, blob in zip(weights, blobs, strict=True)]

    def _preset(self, layer: nets.NetLayer, weight: Weight, blob: Message) -> Weight:
        values, wrong = preset(blob, weight.shape)
        if wrong:
            self.findings.append(Diagnostic(Code.REJECTED_LAYER, blob.location, f"{layer.name!r}: {wrong}"))
        initializer = Unsupported("blobs", wrong) if wrong else Preset(tuple(map(Scalar.of, values)))
        return weight._replace(initializer=initializer, location=blob.location, source="blobs", implicit=False)

    def _share(self, layer: nets.NetLayer, weights: list[Weight], rejected: bool) -> list[Weight]:
        """Settle which weights share memory: the first layer in net order owns it, and its filler alone decides."""
        if len(layer.params) > len(weights) and not rejected:
            place = layer.params[len(weights)].location
            detail = f"{layer.name!r}: `param` is given {len(layer.params)} times for {len(weights)} weights"
            self.findings.append(Diagnostic(Code.REJECTED_LAYER, place, detail))
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
                self.findings.append(Diagnostic(Code.REJECTED_LAYER, spec.location, f"{layer.name!r}: {detail}"))
                result[index] = weight._replace(initializer=Unsupported("param", detail))
            else:
                shared = (owner.layer, owner.weight.role)
                result[index] = weight._replace(
                    initializer=owner.weight.initializer,
                    owner=shared,
                    dims=owner.weight.dims,
                    source=f"param {spec.name!r} of {owner.layer!r}",
                    implicit=False,
                )
        return result

    def _ignored(self, layer: nets.NetLayer, row: SourceLayer | None, read: set[str | None]) -> None:
        """Report the fillers that Caffe does not look at in a layer of its own."""
        for name, filler in _fillers(layer.message):
            if row is None or not (name.startswith(f"{row.message}.") and name.rpartition(".")[2] in read):
                detail = f"{layer.name!r}: layers of type {layer.type} do not look at {name}"
                self.findings.append(Diagnostic(Code.IGNORED_FILLER, filler.location, detail))

    def _foreign(self, layer: nets.NetLayer) -> Layer | None:
        """A layer that BVLC Caffe does not have, or that has no weights there."""
        if layer.type in self.vocabulary.grammar.weightless:
            self._ignored(layer, None, set())
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
        return Layer(layer.name, Kind.UNKNOWN, layer.type, layer.location, tuple(weights)) if weights else None


def _of_unknown_layer(finding: Diagnostic, layer: nets.NetLayer, setting: str) -> Diagnostic:
    if finding.code is not Code.UNKNOWN_SHAPE:
        return finding
    detail = (
        f"{layer.name!r} {setting}: this filler depends on the weight's axes, which the layer type {layer.type!r} "
        "does not tell; initialize the weight by hand, or write its filler as constant, uniform or gaussian"
    )
    return Diagnostic(Code.UNKNOWN_LAYER, finding.location, detail)


def _misplaced(layer: nets.NetLayer) -> Problem | None:
    """A filler where BVLC's schema has none, in a layer of BVLC's: Caffe cannot read it, a fork may mean anything."""
    stray = next(layer.message.stray_fillers(), None)
    if stray is None:
        return None
    return stray.location, f"{layer.type} layers have no `{stray.name}` here; put it where Caffe's schema has it"


def _exists(spec: SourceWeight, kind: Kind, layer: nets.NetLayer, message: Message) -> bool:
    return (spec.when is None or _flag(spec.when, kind, layer, message)) and not (
        spec.unless is not None and _flag(spec.unless, kind, layer, message)
    )


def _flag(name: str, kind: Kind, layer: nets.NetLayer, message: Message) -> bool:
    """A condition of the grammar: a boolean field, or one of the two that depend on the number of bottoms."""
    if name == "two_bottoms":
        return len(layer.bottoms) > 1
    if name == "static_input":
        return static_bottom(message, kind, len(layer.bottoms)) is not None
    return message.flag(name)


def _bottom_layout(message: Message, known: Sizes) -> Layout:
    """The layout of a weight whose axes are a part of the bottom's, or of a Parameter's shape."""
    rank = known.dims.get("rank", len(known.scaled) if known.scaled is not None else None)
    if rank is None:
        return parse_layout("first, *rest")
    return parse_layout(("", "length", "first, second", "first, second, *rest")[min(rank, 3)])


def _fillers(message: Message, prefix: str = "") -> Iterator[tuple[str, Message]]:
    """Every filler of a layer with the path of its field, in the schema or outside of it; not DummyData's."""
    for name, values in message.fields.items():
        for value in values:
            if isinstance(value.value, Message) and name.endswith("filler") and name != "data_filler":
                yield prefix + name, value.value
            elif isinstance(value.value, Message) and name not in ("blobs", "param"):
                yield from _fillers(value.value, f"{prefix}{name}.")
    for stray in message.unknown:
        if isinstance(stray.value, Message):
            if stray.name.endswith("filler"):
                yield prefix + stray.name, stray.value
            else:
                yield from _fillers(stray.value, f"{prefix}{stray.name}.")
