"""The weights of one layer: which there are by the grammar's row, their axes, and how each starts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from initport.diagnostics import Diagnostic
from initport.formats.keras.initializer_config import Initializers, argument
from initport.formats.keras.layer_sizes import Shape, axes_of, shape_of, sizes
from initport.formats.keras.node import Node, WrongValueError
from initport.formats.keras.walk import Placed
from initport.grammar.call import Argument, Call, default_call
from initport.grammar.layout import parse_layout
from initport.grammar.meaning import RejectedError
from initport.grammar.rows import SourceLayer, SourceWeight
from initport.ir.initializers import Blocks, Initializer, Unsupported
from initport.ir.model import Weight
from initport.ir.weights import Kind, Layout
from initport.records import NamedTuple
from initport.source_initializer import SourceInitializer

if TYPE_CHECKING:
    from initport.formats.keras.einsum import Einsum

_SHARED_RANK = 4
"""Axes of an input that are distinguished, its batch left out."""


def choose_row(rows: tuple[SourceLayer, ...], config: Node) -> SourceLayer:
    """The row that holds for a layer's settings. Raises WrongValueError where none does."""
    for row in rows:
        if all(config[name].flag(row.defaults.get(name)) == wanted for name, wanted in row.where.items()):
            return row
    name = next(iter(rows[0].where))
    value = config[name].value
    detail = "is missing, and decides" if value is None else f"is {value!r}, for which nothing is known of"
    raise WrongValueError(config[name], f"{name} {detail} how the layer stores its weights")


class WeightReader(NamedTuple):
    """Reads the weights of one layer, of which ``shape`` is the input's."""

    row: SourceLayer
    placed: Placed
    shape: Shape
    initializers: Initializers

    def weights(self) -> tuple[list[Weight], list[Diagnostic]]:
        """Raises WrongValueError for settings that Keras rejects."""
        einsum = self._einsum() if self.row.kind is Kind.EINSUM else None
        known = sizes(self.row.kind, self.placed.type, self.placed.settings, self.shape)
        known |= einsum.sizes if einsum else {}
        found = [self._weight(spec, known, einsum) for spec in self.row.weights if self._exists(spec)]
        return [weight for weight, _ in found], [finding for _, finding in found if finding is not None]

    def _einsum(self) -> "Einsum":
        from initport.formats.keras.einsum import analyze

        return analyze(self.placed.config, self.shape)

    def _exists(self, spec: SourceWeight) -> bool:
        conditions = spec.when.split(" and ") if spec.when else []
        return all(self._flag(name) for name in conditions) and not (spec.unless and self._flag(spec.unless))

    def _flag(self, name: str) -> bool:
        return bool(self.placed.config[name].flag(self.row.defaults.get(name)))

    def _weight(
        self, spec: SourceWeight, known: Mapping[str, int], einsum: "Einsum | None"
    ) -> tuple[Weight, Diagnostic | None]:
        layout = self._layout(spec.layout, einsum)
        whose = f"{self.placed.name!r} {spec.role}"
        blank = _Setting(None, spec.default, whose, _arguments_of(spec.passes, einsum), known)
        setting = self._setting(spec.argument, spec.default, blank)
        filled = self._initializer(spec, setting, layout)
        weight = Weight(
            role=spec.role,
            initializer=filled.initializer,
            location=filled.location,
            setting=spec.argument or f"initializer of {spec.role}",
            source=filled.source,
            implicit=setting.given is None,
            layout=layout,
            dims=known,
            shape=shape_of(layout, known),
            passed=setting.passed,
        )
        return weight, filled.finding

    def _layout(self, text: str, einsum: "Einsum | None") -> Layout:
        """The weight's axes; the grammar names those that depend on the config."""
        config = self.placed.config
        match text:
            case "einsum_kernel" | "einsum_bias":
                assert einsum is not None
                return einsum.kernel if text == "einsum_kernel" else einsum.bias
            case "normalized":
                number = len(axes_of(config))
                return parse_layout(("length", "first, second", "first, second, *rest")[min(number, 3) - 1])
            case "einsum_low_rank":
                assert einsum is not None
                return Layout((*einsum.kernel.axes[:-1], *parse_layout("low").axes))
            case "einsum_low_rank_out":
                assert einsum is not None
                return Layout((*parse_layout("low").axes, *einsum.kernel.axes[-1:]))
            case "shared":
                return _share_axes(config["shared_axes"], self.shape)
        return parse_layout(text)

    def _initializer(self, spec: SourceWeight, setting: "_Setting", layout: Layout) -> SourceInitializer:
        """What starts the weight."""
        if not spec.blocks:
            return self._part_initializer(setting, layout)
        inside = layout.part(-1, len(spec.blocks))
        parts = []
        for block in spec.blocks:
            if block is None or "of" in block:
                parts.append(self._part_initializer(setting, inside if block is None else parse_layout(block["of"])))
            else:
                own = self._setting(block.get("argument"), block, setting)
                parts.append(self._part_initializer(own, inside))
        return _join(parts)

    def _setting(self, name: str | None, default: Mapping[str, Any], like: "_Setting") -> "_Setting":
        config = self.placed.config
        given = config[name] if name is not None and name in config else None
        return like._replace(given=given, default=default)

    def _part_initializer(self, setting: "_Setting", layout: Layout) -> SourceInitializer:
        """What the setting makes of a weight, or a part of one, with that layout."""
        if setting.given is not None:
            return self.initializers.read(setting.given, setting.whose, layout, setting.passed, setting.known)
        call = self._default(setting.default)
        return self.initializers.default(call, setting.whose, layout, setting.passed, self.placed.record.location)

    def _default(self, row: Mapping[str, Any]) -> Call:
        """The call that the grammar's row states; a word among its arguments names a setting of the layer."""
        call = default_call({name: value for name, value in row.items() if name != "argument"})
        assert call is not None, "every weight of Keras has a default"
        arguments = (
            (name, self._setting_value(value) if isinstance(value, str) else value) for name, value in call.named
        )
        return Call(call.name, (), tuple(arguments))

    def _setting_value(self, name: str) -> Argument:
        """What the layer's setting of that name is, or would be if the config had it."""
        node = self.placed.config[name]
        try:
            return argument(node if node.value is not None else node.with_value(self.row.defaults.get(name)))
        except RejectedError as error:
            raise WrongValueError(node, str(error)) from error


class _Setting(NamedTuple):
    """What a config says of a weight (``given``, None where it says nothing) and what is known of the weight."""

    given: Node | None
    default: Mapping[str, Any]
    whose: str
    passed: tuple[tuple[str, Argument], ...]
    known: Mapping[str, int]


def _arguments_of(row: Mapping[str, Any], einsum: "Einsum | None") -> tuple[tuple[str, Argument], ...]:
    """What the layer hands on; of an EinsumDense, the axes come from its equation."""
    if einsum is not None and row:
        return (("input_axes", einsum.input_axes), ("output_axes", einsum.output_axes))
    return tuple((name, tuple(value) if isinstance(value, list) else value) for name, value in row.items())


def _share_axes(axes: Node, shape: Shape) -> Layout:
    """Of a weight for each element of the input, but one along the axes that share it, counted from 1."""
    given = axes.value if isinstance(axes.value, list | tuple) else [axes.value]
    shared = [axis for axis in given if axis is not None]
    if shape is None or not 2 <= len(shape) <= _SHARED_RANK + 1:
        return parse_layout("*one, length" if shared else "*rest, length")
    names = [*(f"axis{index}" for index in range(len(shape) - 2)), "length"]
    for axis in shared:
        if type(axis) is not int or not -len(names) < axis <= len(names):
            raise WrongValueError(axes, f"axes counted from 1 to {len(names)} are expected")
        names[axis - 1] = "one"
    return parse_layout(", ".join(names))


def _join(parts: list[SourceInitializer]) -> SourceInitializer:
    """Parts of equal size as one; the words are those of the parts that differ from the one before."""
    sources = [part.source for part in parts]
    initializer: Initializer = Blocks(tuple(part.initializer for part in parts))
    finding = next((part.finding for part in parts if part.finding is not None), None)
    bad = next((part.initializer for part in parts if isinstance(part.initializer, Unsupported)), None)
    text = sources[0] if len(set(sources)) == 1 else f"blocks {', '.join(sources)}"
    return SourceInitializer(bad or initializer, text, parts[0].location, finding)
