"""From a saved graph to the shared model: every variable that is a weight, and how the graph starts it."""

from collections import Counter
from collections.abc import Callable, Sequence

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.graph.fold import Folder
from initport.formats.graph.initial_values import Place, Start, start
from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_values import Array, Refused, Shared, Value, Variable, draws
from initport.formats.graph.partitions import join_parts
from initport.formats.graph.placement import Placed, place_variables
from initport.formats.graph.reaching_layers import inputs_of
from initport.formats.graph.saved_graph import Container, check_number, open_container, refuse
from initport.formats.graph.table import table
from initport.formats.graph.variables import graphs_own, variables_of
from initport.formats.read_options import Options
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.ir.initializers import Unsupported
from initport.ir.location import Location
from initport.ir.model import Layer, Model, Weight
from initport.ir.weights import Kind, Role

FRAMEWORK = "tensorflow"


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a graph in any container. It refers to no other file, so ``read_file`` is never called.

    Raises InputError where the whole input is unusable, and where it holds no variable with its first value.
    """
    unknown = [name for name in options.laws if name not in table().laws]
    if unknown:
        refuse(Code.WRONG_VALUE, path, f"{unknown[0]!r} is not a law; known: {', '.join(table().laws)}")
    container = open_container(data, path)
    check_number(0, path, len(container.graph.node))
    graph = Graph(container.graph.node, container.graph.library.function)
    variables = variables_of(container, graph, path)
    initial = {variable.name: variable.initial for variable in variables}
    folder = Folder(graph, initial.get)
    values = {variable.name: _first(variable, folder) for variable in variables}
    if not any(variable.initial is not None for variable in variables):
        refuse(Code.NO_NETWORK, path, _no_variables(graph))
    weights, out = _sort_out(variables, values, graph)
    whole, values = join_parts(weights, values, graph, folder)
    reader = _Reader(path, graph, folder, values, options)
    layers = reader.layers(place_variables(whole, graph))
    version = _version(container.version)
    model = Model("", FRAMEWORK, Location(path), layers, version)
    return model, (
        *_about(container, path),
        *reader.findings,
        *_report_left_out(out, path),
        *_seeds(reader.seeded, path),
    )


def _first(variable: Variable, folder: Folder) -> Value:
    if variable.initial is None:
        return Refused("VarHandleOp", variable.problem or "it has no first value")
    return folder.first(variable.initial)


def _version(text: str | None) -> tuple[int, ...] | None:
    parts = (text or "").split(".")[:3]
    numbers = ["".join(character for character in part if character.isdecimal()) for part in parts]
    return tuple(int(number) for number in numbers) if all(numbers) and all(len(n) < 6 for n in numbers) else None


def _no_variables(graph: Graph) -> str:
    """What the graph seems to be, and what to bring in its place."""
    bring = "use the graph that trained it: the .meta file beside a checkpoint, graph.pbtxt, or an events file"
    if graph.variables:
        return (
            "the graph has variables and no op that starts them, as those that TensorFlow 2 saves and those that were "
            f"extracted for inference; {bring}, or the program"
        )
    if len(graph.nodes):
        return f"the graph has no variables: it was frozen, so that they are constants; {bring}"
    return f"the file holds no graph; {bring}"


def _sort_out(
    variables: Sequence[Variable], values: dict[str, Value], graph: Graph
) -> tuple[list[Variable], Counter[str]]:
    """The variables that are weights, and the numbers of the others by what they are."""
    names = {variable.name for variable in variables}
    weights, out = [], Counter[str]()
    for variable in variables:
        role = _other(variable, values[variable.name], graph, names)
        if role is None:
            weights.append(variable)
        else:
            out[role] += 1
    return weights, out


_SLOTS, _COUNTERS, _STATE = "of optimizers", "that count", "that are not trained and start at one number"


def _other(variable: Variable, value: Value, graph: Graph, names: set[str]) -> str | None:
    """What a variable is that is not a weight; None for a weight. Only what starts at a number can be left out: a draw
    is never passed over."""
    constant = isinstance(value, Array) and value.single is not None
    if not constant or variable.trained:
        return None
    scope = variable.name.rpartition("/")[0]
    if variable.name in graph.slots or scope in names or (variable.shape == () and scope in graph.slot_scopes):
        return _SLOTS
    if variable.type not in _REAL:
        return _COUNTERS
    read = any(use.op in _LAYERS for use in graph.uses.get(variable.name, ()))
    if read or variable.name.rpartition("/")[2] in table().leaves:
        return None
    if variable.trained is False:
        return _STATE
    return _COUNTERS if variable.shape == () and variable.name in graph.updated else None


_REAL = frozenset({"float", "double", "half", "bfloat16"})
_LAYERS = frozenset({
    "MatMul", "Conv2D", "Conv3D", "DepthwiseConv2dNative", "BiasAdd", "FusedBatchNorm", "FusedBatchNormV2",
    "FusedBatchNormV3",
})  # fmt: skip


class _Reader:
    """The state of one reading: what was found."""

    def __init__(self, path: str, graph: Graph, folder: Folder, values: dict[str, Value], options: Options) -> None:
        self.path, self.graph, self.folder, self.values = path, graph, folder, values
        self.laws, self.strip = options.laws, options.strip_scope
        self.vocabulary: Vocabulary = vocabulary(FRAMEWORK)
        self.findings: list[Diagnostic] = []
        self.seeded: list[tuple[str, tuple[int, ...]]] = []
        self.drawn: dict[object, tuple[str, Role]] = {}
        self.shared = Shared()

    def layers(self, weights: Sequence[Placed]) -> tuple[Layer, ...]:
        """By layer, in the order of the first variable of each."""
        groups: dict[tuple[str, Kind], list[Placed]] = {}
        for one in weights:
            groups.setdefault((one.layer, one.kind), []).append(one)
        found = []
        reached = inputs_of(self.graph, {one.at: self._name_of(one.layer) for one in weights if one.at is not None})
        for (name, kind), members in groups.items():
            shown = self._name_of(name)
            inside = tuple(self._weight(one, shown) for one in members)
            where, type_ = inside[0].location, _TYPES.get(kind, kind.value)
            found.append(Layer(shown, kind, type_, where, inside, inputs=reached.get(shown, ())))
        return tuple(found)

    def _name_of(self, name: str) -> str:
        return name.removeprefix(f"{self.strip}/") if self.strip else name

    def _weight(self, one: Placed, layer: str) -> Weight:
        variable = one.variable
        value = self.values[variable.name]
        where = Location(self.path, key=variable.name)
        place = Place(one.layout, one.known, variable.whole_shape, variable.type)
        found = start(value, place, self.vocabulary, self.laws)
        if (other := self.shared.add(variable.name, value)) is not None:
            found = Start(Unsupported("shared draw", _shares(other)), "shared draw")
        if isinstance(found.initializer, Unsupported):
            found = self._refusal(found, one, layer, place, where)
        repeats = None
        for draw in draws(value):
            if draw.seeds:
                self.seeded.append((variable.name, draw.seeds))
            first = self.drawn.setdefault((draw.origin, draw.part), (layer, one.role))
            repeats = repeats or (first if first != (layer, one.role) else None)
        return Weight(
            role=one.role,
            initializer=found.initializer,
            location=where,
            setting=f"initializer of {one.role}",
            source=found.source,
            implicit=False,
            layout=one.layout,
            dims=dict(one.sizes),
            shape=variable.shape,
            repeats=repeats,
        )

    def _refusal(self, found: Start, one: Placed, layer: str, place: Place, where: Location) -> Start:
        """Why, and of a run that started from a checkpoint what the graph itself would have drawn."""
        initializer = found.initializer
        assert isinstance(initializer, Unsupported)
        reason = initializer.reason
        if initializer.name in ("Restore", "RestoreV2", "RestoreSlice"):
            own = graphs_own(self.graph, one.variable.name)
            scratch = start(self.folder.fold(own), place, self.vocabulary, self.laws).source if own else "not known"
            reason = (
                f"{initializer.name}: this run started from a checkpoint, whose values are to be loaded; "
                f"the graph's own initializer is {scratch}"
            )
            found = found._replace(source=f"from a checkpoint; the graph's own is {scratch}")
        self.findings.append(Diagnostic(Code.UNSUPPORTED_INITIALIZER, where, f"{layer!r} {one.role}: {reason}"))
        return found._replace(initializer=Unsupported(initializer.name, reason))


def _shares(other: str) -> str:
    return (
        f"some of its numbers are those of {other!r}, and a port draws each weight by itself; initialize it yourself "
        "from the same draw"
    )


_TYPES = {
    Kind.DENSE: "MatMul",
    Kind.CONV: "Conv",
    Kind.CONV_TRANSPOSE: "ConvBackpropInput",
    Kind.DEPTHWISE_CONV: "DepthwiseConv2dNative",
    Kind.EMBEDDING: "Gather",
    Kind.PARAMETER: "Variable",
}


def _about(container: Container, path: str) -> list[Diagnostic]:
    if not container.others:
        return []
    more = "1 more graph" if container.others == 1 else f"{container.others} more graphs"
    detail = f"the file holds {more}; the one that was made for training, or else the largest, was read"
    return [Diagnostic(Code.OTHER_GRAPHS, Location(path), detail)]


def _report_left_out(out: "Counter[str]", path: str) -> list[Diagnostic]:
    if not out:
        return []
    counts = ", ".join(f"{count} {what}" for what, count in out.items())
    return [Diagnostic(Code.NO_WEIGHTS, Location(path), f"variables left out, as they are not weights: {counts}")]


def _seeds(seeded: list[tuple[str, tuple[int, ...]]], path: str) -> list[Diagnostic]:
    if not seeded:
        return []
    (name, seeds), *others = seeded
    more = f" and of {len(others)} more variables" if others else ""
    numbers = ", ".join(map(str, seeds))
    detail = f"the draws of {name!r} (seed {numbers}){more} are seeded in the graph; the target draws values of its own"
    return [Diagnostic(Code.SEED, Location(path, key=name), detail)]


__all__ = ["InputError", "read"]
