"""Which layer a variable belongs to, and what its axes are, from the op that reads it and from its scope.

A port calls a layer by the variable's scope, ``conv1`` of ``conv1/kernel``, where the last part of the name says which
weight of the layer it is; a variable whose name says nothing of the kind is a layer of its own.
"""

from collections.abc import Sequence
from typing import NamedTuple

from initport.formats.dimensions import Sizes, bare, solve
from initport.formats.graph.nodes import Graph, Use
from initport.formats.graph.op_values import Variable
from initport.formats.graph.table import Consumer, ScopeLayer, Table, table
from initport.grammar.layout import parse_layout
from initport.ir.weights import Kind, Layout, Role


class Placed(NamedTuple):
    """A variable as a weight of a layer: ``known`` is whether the op that reads it shows its axes; ``at`` is that op's
    place among the nodes."""

    variable: Variable
    layer: str
    kind: Kind
    role: Role
    layout: Layout | None
    known: bool
    sizes: Sizes
    at: int | None = None


class Read(NamedTuple):
    """What the first op that shows something shows of a variable."""

    variable: Variable
    scope: str
    leaf: str
    row: Consumer | None
    at: int | None = None


def place_variables(variables: Sequence[Variable], graph: Graph) -> list[Placed]:
    """In the order of the variables."""
    return group_axes([read_by(variable, *_consumer(variable, graph)) for variable in variables])


def read_by(variable: Variable, row: Consumer | None, at: int | None = None) -> Read:
    """A variable, and what the op that reads it shows."""
    return Read(variable, *_split(variable.name), row, at)


def group_axes(reads: Sequence[Read]) -> list[Placed]:
    """The variables as weights of layers, in their order."""
    rows = table()
    scopes: dict[str, list[Read]] = {}
    for read in reads:
        scopes.setdefault(read.scope, []).append(read)
    found: dict[str, Placed] = {}
    for scope, members in scopes.items():
        for one in _scope(scope, members, rows):
            found[one.variable.name] = one
    return [found[read.variable.name] for read in reads]


def _split(name: str) -> tuple[str, str]:
    scope, _, leaf = name.rpartition("/")
    return scope, leaf


def _consumer(variable: Variable, graph: Graph) -> tuple[Consumer | None, int | None]:
    """The row of the first op that reads the variable and shows what it is, and that op's place among the nodes."""
    rows = table().consumers
    uses = graph.uses.get(variable.name, ())
    if len(uses) > 1:  # a gradient is computed after what it is the gradient of
        uses = sorted(uses, key=lambda use: use[:3])
    for use in uses:
        for row in rows.get(use.op, ()):
            if row.input == use.input and _holds(row, variable, use, graph):
                return row, use.at
    return None, None


def _holds(row: Consumer, variable: Variable, use: Use, graph: Graph) -> bool:
    if row.rank is not None and (variable.shape is None or len(variable.shape) != row.rank):
        return False
    if row.name is not None and _split(variable.name)[1] != row.name:
        return False
    if row.trained is not None and variable.trained is not None and row.trained != variable.trained:
        return False
    if not row.where and row.axis is None:
        return True
    node = use.node or graph.nodes[use.at]
    if row.axis is not None:
        axis = graph.constant(node.input[row.axis], use.function) if len(node.input) > row.axis else None
        if axis is None or axis.single != 0:
            return False
    flags = {entry.key: entry.value.b for entry in node.attr}
    return all(flags.get(name, False) == wanted for name, wanted in row.where.items())


def _scope(scope: str, members: list[Read], rows: Table) -> list[Placed]:
    """The weights that share a scope."""
    leaves = {read.leaf for read in members}
    for layer, needed, names in rows.layer_names:
        if needed <= leaves and (found := _as_layer(scope, members, layer)) is not None:
            return found + _scope(scope, [read for read in members if read.leaf not in names], rows)
    roles: dict[Role, list[Read]] = {}
    for read in members:
        if read.row is not None and read.row.role in rows.leaves.get(read.leaf, ()) and scope:
            roles.setdefault(read.row.role, []).append(read)
    shared = {role: reads[0] for role, reads in roles.items() if len(reads) == 1}
    norm = [shared[role] for role in _NORM if role in shared]
    if (kernel := shared.get(Role.KERNEL)) is not None:
        together = [read for role, read in shared.items() if role not in _NORM]
    else:
        together = norm or [*shared.values()]
    kind = together[0].row.kind if kernel is None and together else None  # type: ignore[union-attr]
    kind = kernel.row.kind if kernel is not None and kernel.row is not None else kind
    first = _place(kernel, scope, kind) if kernel is not None else None
    sizes = first.sizes if first is not None and first.known else {}
    return [
        _place(read, scope, kind, sizes) if read in together else _place(read, read.variable.name, None)
        for read in members
    ]


_NORM = (Role.GAMMA, Role.BETA, Role.MOVING_MEAN, Role.MOVING_VARIANCE)


def _place(read: Read, name: str, kind: Kind | None, given: Sizes | None = None) -> Placed:
    """``kind`` is that of the layer that the weight shares with others, None where it is by itself; ``given`` are the
    sizes of that layer."""
    row, variable = read.row, read.variable
    if row is not None:
        text = row.layout
        if row.role is Role.BIAS and kind in (None, Kind.BIAS):
            text = "length"
        if row.role is Role.BIAS and kind is Kind.DEPTHWISE_CONV:
            text = "in * mult"
        layout = parse_layout(text)
        sizes = solve(layout, variable.shape, given)
        if sizes is not None:
            return Placed(variable, name, kind or row.kind, row.role, layout, True, sizes, read.at)
    layout_or_none = bare(variable.shape)
    sizes = solve(layout_or_none, variable.shape) if layout_or_none is not None else None
    return Placed(variable, variable.name, Kind.PARAMETER, Role.PARAMETER, layout_or_none, False, sizes or {}, read.at)


def _as_layer(scope: str, members: list[Read], layer: ScopeLayer) -> list[Placed] | None:
    """The weights of a layer, recognized by what shares a scope, where their sizes fit."""
    by_leaf = {read.leaf: read for read in members}
    sizes: dict[str, int] = {}
    found: list[Placed] = []
    for weight in layer.weights:
        read = by_leaf.get(weight.name)
        if read is None:
            continue
        layout = parse_layout(weight.layout)
        own = solve(layout, read.variable.shape, sizes)
        reader_kind = read.row.kind if read.row is not None else None
        if own is None or (weight.consumer is not Kind.UNKNOWN and reader_kind is not weight.consumer):
            return None
        sizes |= own
        found.append(Placed(read.variable, scope, layer.kind, weight.role, layout, True, {}, read.at))
    return [one._replace(sizes=dict(sizes)) for one in found]
