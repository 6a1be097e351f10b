"""From a saved Keras model to the shared model: every weight that it has, and how each starts."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.input_shapes import check
from initport.formats.keras.containers import open_container
from initport.formats.keras.dialect import dialect
from initport.formats.keras.initializer_config import Initializers
from initport.formats.keras.layer_sizes import Shape
from initport.formats.keras.layer_weights import WeightReader, choose_row
from initport.formats.keras.node import Node, WrongValueError
from initport.formats.keras.root import find_root
from initport.formats.keras.walk import Placed, Walk, class_of, is_container
from initport.formats.read_options import Options
from initport.grammar.load import vocabulary
from initport.grammar.rows import SourceLayer
from initport.ir.initializers import Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight, WeightsElsewhere
from initport.ir.weights import Kind, Role
from initport.source_initializer import SourceInitializer

WEIGHT_LIMIT = 20_000
"""Weights of a model at most; the largest of keras.applications have 2,000."""

_KERAS_1_SETTINGS = ("init", "inner_init")


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a config in any container. It refers to no other file, so ``read_file`` is never called.

    Raises InputError where the whole input is unusable.
    """
    container = open_container(data, path)
    root, version = find_root(Node(container.root, path))
    language = dialect(root, container.text, container.version or version, options.version)

    @cache
    def shapes() -> Mapping[str, Shape]:
        from initport.formats.keras.layer_shapes import input_shapes  # Keras 3 writes them down

        if options.inputs:
            ranks = {name: None if shape is None else len(shape) for name, shape in input_shapes(root, {}).items()}
            check(options.inputs, ranks, path, "layer")
        return input_shapes(root, options.inputs)

    backend = root["backend"].text() or container.backend or ""
    reader = _Reader(language.framework, language.version, shapes, backend)
    named = isinstance(root["config"].value, dict) and not is_container(
        root
    )  # else what is wrong with it is found below
    if named and not reader.knows(class_of(root), root):
        detail = f"a record of the class {class_of(root)!r} is neither a model nor a layer of this version of Keras"
        raise InputError(Diagnostic(Code.NO_NETWORK, root.location, detail))
    if options.inputs:
        shapes()
    layers: list[Layer] = []
    weights = 0
    for placed in list(Walk().layers(root)):  # whose limits come first
        layer = reader.layer(placed)
        if layer is not None:
            layers.append(layer)
            weights += len(layer.weights)
            if weights > WEIGHT_LIMIT:
                detail = f"there are over {WEIGHT_LIMIT} weights"
                raise InputError(Diagnostic(Code.TOO_LARGE, layer.location, detail))
    name = root["config"]["name"].text() or ""

    def connections() -> Mapping[str, tuple[str, ...]]:
        from initport.formats.keras.layer_calls import inputs_of

        return inputs_of(root, {layer.name for layer in layers})

    model = Model(name, language.framework, Location(path), tuple(layers), language.version, connections)
    first = [language.finding] if language.finding is not None else []
    return model, (*first, *reader.all_findings())


class _Reader:
    """The state of one reading: what was found."""

    def __init__(
        self, framework: str, version: tuple[int, ...], shapes: Callable[[], Mapping[str, Shape]], backend: str
    ) -> None:
        self.vocabulary = vocabulary(framework, version)
        self.weightless = frozenset(self.vocabulary.grammar.weightless)
        self.initializers = Initializers(self.vocabulary, backend)
        self.shapes = shapes
        self.findings: list[Diagnostic] = []
        self.opaque: dict[str, list[Placed]] = {}
        self.known: dict[tuple[object, ...], Layer] = {}
        """Layers by what decides their weights: class, content, and the shape of the input."""

    def knows(self, kind: str, record: Node) -> bool:
        """Whether a record is a layer of Keras, or states a weight's initializer as one would."""
        if kind in self.weightless or kind in self.vocabulary.variants or kind in self.vocabulary.grammar.refused:
            return True
        settings = record["config"].value
        return isinstance(settings, dict) and any(str(name).endswith("_initializer") for name in settings)

    def layer(self, placed: Placed) -> Layer | None:
        """The layer, if it holds weights that are read."""
        same = self.known.get((placed.type, placed.content))  # of those whose content says the shape
        if same is not None:
            return _again(same, placed)
        if placed.type in self.weightless:
            return None
        rows = self.vocabulary.variants.get(placed.type, ())
        if placed.type in self.vocabulary.grammar.refused:
            self.opaque.setdefault(placed.type, []).append(placed)
            return None
        if not rows:
            return self._foreign(placed)
        built = placed.built_shape
        shape = built or self._shape(placed)
        key = (placed.type, placed.content) if built else (placed.type, placed.content, shape)
        if key in self.known:
            return _again(self.known[key], placed)
        try:
            _refuse_quantized(placed.config["dtype"])
            row = choose_row(rows, placed.config)
            weights, findings = WeightReader(row, placed, shape, self.initializers).weights()
        except WrongValueError as error:
            self.findings.append(Diagnostic(Code.REJECTED_LAYER, error.location, f"{placed.name!r}: {error}"))
            return None
        findings += _unknown(placed, rows)
        self.findings += findings
        if not weights:
            return None
        where = placed.record.location
        layer = Layer(placed.name, row.kind, placed.type, where, tuple(weights), placed.wrapper, placed.cell)
        if not findings and placed.content is not None:
            self.known[key] = layer
        return layer

    def _shape(self, placed: Placed) -> Shape:
        """The shape of its input: what the layers before it give it counts more than its own settings, which Keras
        regards in a model's first layer only; either completes the other. A cell in a stack reads the one below it."""
        shape = _complete(self.shapes().get(placed.name), placed.stated_shape)
        if placed.below is None:
            return shape
        return None if shape is None else (*shape[:-1], _outputs(placed.below))

    def _foreign(self, placed: Placed) -> Layer | None:
        """A layer of a class that this version of Keras does not have: what its settings alone show."""
        weights, config = [], placed.config
        for name in config.value or ():
            if isinstance(name, str) and (name.endswith("_initializer") or name in _KERAS_1_SETTINGS):
                filled = self.initializers.read(config[name], f"{placed.name!r} {name}", None)
                if name in _KERAS_1_SETTINGS and filled.finding is None:
                    filled = _of_unknown_layer(filled, placed, name)
                if filled.finding is not None:
                    self.findings.append(filled.finding)
                weights.append(
                    Weight(Role.UNKNOWN, filled.initializer, filled.location, name, filled.source, False, None)
                )
        if weights:
            return Layer(placed.name, Kind.UNKNOWN, placed.type, placed.record.location, tuple(weights), placed.wrapper)
        self.opaque.setdefault(placed.type, []).append(placed)
        return None

    def all_findings(self) -> list[Diagnostic]:
        """The layers of an unknown class are reported once a class."""
        found = list(self.findings)
        for kind, (first, *others) in self.opaque.items():
            more = f" (and {len(others)} more layers)" if others else ""
            known = self.vocabulary.grammar.refused.get(kind)
            why = f"{known};" if known else "is not a layer of this version of Keras; if it holds weights,"
            detail = f"{first.name!r}{more}: {kind!r} {why} initialize them yourself"
            found.append(Diagnostic(Code.OPAQUE_LAYER, first.record["class_name"].location, detail))
        return [*found, *self.initializers.findings()]


def _complete(first: Shape, second: Shape) -> Shape:
    """The first shape, with the second's sizes where it has none; the second where there is no first."""
    if first is None or second is None or len(first) != len(second):
        return second if first is None else first
    return tuple(theirs if own is None else own for own, theirs in zip(first, second, strict=True))


def _outputs(cell: Node) -> int | None:
    """How many outputs a cell has, so far as its config says."""
    try:
        return cell["units"].size()
    except WrongValueError:
        return None


def _unknown(placed: Placed, rows: tuple[SourceLayer, ...]) -> Iterator[Diagnostic]:
    """Settings that would start a weight, of which the layer has none."""
    for name in placed.config.value or ():
        if isinstance(name, str) and name.endswith("_initializer") and not any(name in row.arguments for row in rows):
            detail = f"{placed.name!r}: {name!r} is not a setting of {placed.type} in this version of Keras"
            yield Diagnostic(Code.UNKNOWN_FIELD, placed.config[name].location, detail)


def _refuse_quantized(dtype: Node) -> None:
    """Raises WrongValueError for a layer whose weights are made to be loaded."""
    if (dtype["class_name"].text() or "").startswith("Quantized"):
        raise WrongValueError(dtype, "a quantized layer starts with no distribution: its weights are made to be loaded")


def _again(layer: Layer, placed: Placed) -> Layer:
    """A layer that equals one before in all but its name, and so has the same weights at another place."""
    where = placed.record.location
    weights = WeightsElsewhere(layer, where)
    return Layer(placed.name, layer.kind, layer.type, where, weights, placed.wrapper, placed.cell)


def _of_unknown_layer(filled: SourceInitializer, placed: Placed, setting: str) -> SourceInitializer:
    """Of a layer that Keras does not have, a setting of Keras 1 states an initializer, but not of which weight."""
    reason = f"the layer class {placed.type!r} does not state which weight this starts; initialize it yourself"
    finding = Diagnostic(Code.UNKNOWN_LAYER, filled.location, f"{placed.name!r} {setting}: {reason}")
    return filled._replace(initializer=Unsupported(setting, reason), finding=finding)
