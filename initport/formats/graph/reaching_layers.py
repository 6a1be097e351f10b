"""Which layers of a graph reach which other, by the ops that read their variables."""

from collections.abc import Iterable, Iterator, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from initport.formats.connections import inputs, writers
from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_values import Variable
from initport.formats.graph.placement import reading_op

_BACK = frozenset({"NextIteration", "RefNextIteration"})
"""What hands the end of a loop's body back to its start."""


def inputs_of(graph: Graph, layers: Iterable[tuple[Variable, str]]) -> dict[str, tuple[str, ...]]:
    """Of variables with their layers' names: the layers that reach each layer past no other."""
    named = {place: name for variable, name in layers if (place := reading_op(variable, graph)) is not None}
    order = _order(graph) if len(set(named.values())) > 1 else None
    if order is None:
        return {}
    nodes = (graph.nodes[place] for place in order)
    places = {at: named[place] for at, place in enumerate(order) if place in named}
    reached = inputs(writers((list(_reads(node)), (node.name,)) for node in nodes), places)
    found: dict[str, dict[str, None]] = {}
    for at, name in places.items():
        found.setdefault(name, {}).update(dict.fromkeys(other for other in reached[at] if other != name))
    return {name: tuple(others) for name, others in found.items()}


def _reads(node: Any) -> Iterator[str]:
    """The nodes that give an op values."""
    return (source.partition(":")[0] for source in node.input if not source.startswith("^"))


def _order(graph: Graph) -> Sequence[int] | None:
    """The places of the nodes, each behind those that it takes, but for the ends of loops; None where there are other
    circles."""
    taken = [
        [
            at
            for source in _reads(node)
            if (at := graph.index.get(source)) is not None and graph.nodes[at].op not in _BACK
        ]
        for node in graph.nodes
    ]
    if all(at < place for place, sources in enumerate(taken) for at in sources):
        return range(len(taken))
    try:
        return list(TopologicalSorter(dict(enumerate(taken))).static_order())
    except CycleError:
        return None
