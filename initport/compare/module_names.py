"""Which module of a model each layer of a source is, as what `init_weights` takes for ``rename``."""

import json
from collections.abc import Mapping
from typing import NamedTuple

from initport import tables
from initport.compare.comparison import Compared
from initport.compare.match_layers import port_layers
from initport.compare.port import Port
from initport.findings.escape import printable
from initport.ir.model import Model
from initport.match.layers import Layer, Match, match
from initport.match.pairing import Shape


class Line(NamedTuple):
    """One layer of the source: its name, behind that of the normalization that it is one layer with; its type, and what
    it holds. ``module`` is its home in the model, None where there is none; ``how`` says what showed it."""

    layer: str
    type: str
    parameters: Mapping[str, Shape | None]
    key: str
    module: str | None = None
    how: str | None = None
    alike: int = 1

    @property
    def evidence(self) -> str:
        """What showed it, and whether others could have been it."""
        if self.how is None:
            return "not in the model"
        return self.how if self.alike == 1 else f"{self.how}, one of {self.alike} alike"


class Naming(NamedTuple):
    """The map as far as it was found; ``extra`` are modules of the model that are not layers of the source, ``refused``
    the weights that no target's line starts."""

    lines: tuple[Line, ...]
    extra: tuple[str, ...]
    refused: tuple[str, ...]

    @property
    def rename(self) -> dict[str, str]:
        """Names of layers in an emitted module, and the modules' names in the model."""
        return {line.key: line.module for line in self.lines if line.module is not None}

    @property
    def exit_code(self) -> int:
        """1 where a layer of the source has no module."""
        return int(any(line.module is None for line in self.lines))

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        number = sum(line.module is not None for line in self.lines)
        by_order = sum(line.alike > 1 for line in self.lines)
        text = f"{number} of {len(self.lines)} layers are matched"
        return f"{text}, {by_order} of them by their order among equal ones" if by_order else text


def naming(model: Model, port: Port, framework: str) -> Naming:
    """Propose the map. Raises InputError for a model that exceeds a limit."""
    compared = Compared(model, framework)
    ours, theirs = compared.layers(), port_layers(port.weights, port.before, framework)
    found = {item.ours: item for item in match(ours, theirs)}
    types = {entry.module: entry.layer for entry in compared.entries.values()}
    by_home = {layer.name: layer for layer in ours}
    keys = {home: next((key for key in types if home == key or home.startswith(f"{key}.")), home) for home in by_home}
    lines: dict[str, Line] = {}
    for index, layer in enumerate(ours):
        key = keys[layer.name]
        if key in types:
            lines.setdefault(key, _line(layer, key, found.get(index), theirs, compared))
        else:
            lines |= {name: _bare(name, shape, types[name].type, theirs) for name, shape in layer.parameters.items()}
    taken = {item.theirs for item in found.values()}
    extra = tuple(layer.name for index, layer in enumerate(theirs) if index not in taken)
    return Naming(tuple(lines.values()), extra, tuple(row.source for row in compared.refused))


def _line(layer: Layer, key: str, found: Match | None, theirs: list[Layer], compared: Compared) -> Line:
    source = next(entry.layer for entry in compared.entries.values() if entry.module == key)
    shown = f"{source.normalization} + {key}" if source.normalization else key
    line = Line(shown, source.type, layer.parameters, key)
    if found is None:
        return line
    inside = layer.name.removeprefix(key)
    module = theirs[found.theirs].name
    if not module.endswith(inside):
        return line
    return line._replace(module=module.removesuffix(inside), how=found.how, alike=found.alike)


def _bare(name: str, shape: Shape | None, type_: str, theirs: list[Layer]) -> Line:
    """A parameter in no module: the model has it where it has one of that name and shape outside its modules."""
    line = Line(name, type_, {"parameter": shape}, name)
    held = next((layer.parameters for layer in theirs if not layer.name), {})
    return line._replace(module=name, how="name") if name in held and held[name] == shape else line


COLUMNS = ("layer", "type", "parameters", "module", "matched by")


def _cells(line: Line) -> list[str]:
    held = ", ".join(f"{name} {_sizes(shape)}" for name, shape in line.parameters.items())
    return [printable(cell) for cell in (line.layer, line.type, held, line.module or "-", line.evidence)]


def _sizes(shape: Shape | None) -> str:
    return "?" if shape is None else "x".join("?" if size is None else str(size) for size in shape) or "scalar"


def remarks(found: Naming) -> list[str]:
    """What there is to say beside the table."""
    lines = []
    if found.extra:
        lines.append(f"in the model and not in the source: {', '.join(found.extra)}")
    if found.refused:
        lines.append(f"refused, so that no line initializes them: {', '.join(found.refused)}")
    return [printable(line) for line in lines]


def as_text(found: Naming) -> str:
    table = tables.as_text([COLUMNS, *map(_cells, found.lines)])
    return "".join((table, *(f"{line}\n" for line in remarks(found))))


def as_markdown(found: Naming) -> str:
    return tables.as_markdown([COLUMNS, *map(_cells, found.lines)])


def as_json(found: Naming) -> str:
    """One object; ``rename`` is what `init_weights` takes."""
    layers = [
        {"layer": line.layer, "type": line.type, "parameters": line.parameters, "module": line.module,
         "matched_by": line.how, "alike": line.alike}
        for line in found.lines
    ]  # fmt: skip
    held = {"rename": found.rename, "layers": layers, "extra": found.extra, "refused": found.refused}
    return json.dumps(held, indent=2) + "\n"


FORMATS = {"text": as_text, "json": as_json, "markdown": as_markdown}
