"""Which layers of a graph reach which other, by the ops that read their variables."""

from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from typing import Any

from initport.formats.connections import inputs
from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_values import Variable
from initport.formats.graph.placement import reading_op

_BACK = frozenset({"NextIteration", "RefNextIteration"})
"""What hands the end of a loop's body back to its start."""


def inputs_of(graph: Graph, layers: Iterable[tuple[Variable, str]]) -> dict[str, tuple[str, ...]]:
    """Of variables with their layers' names: the layers that reach each layer past no other."""
    named = {place: name for variable, name in layers if (place := reading_op(variable, graph)) is not None}
    if len(set(named.values())) < 2:
        return {}
    try:
        places, reached = named, inputs(_forward(graph, max(named)), named)
    except _BackwardError:
        ordered = _in_order(graph)
        if ordered is None:
            return {}
        order, taken = ordered
        places = {at: named[place] for at, place in enumerate(order) if place in named}
        reached = inputs(taken, places)
    found: dict[str, dict[str, None]] = {}
    for at, name in places.items():
        found.setdefault(name, {}).update(dict.fromkeys(other for other in reached[at] if other != name))
    return {name: tuple(others) for name, others in found.items()}


class _BackwardError(Exception):
    """An op stands before one that it takes."""


def _sources(node: Any, graph: Graph) -> list[int]:
    """The places of the nodes that give an op values, but for the ends of loops."""
    index, found = graph.index, []
    for source in node.input:
        at = index.get(source)
        if at is None:
            at = index.get(source.partition(":")[0]) if source[:1] != "^" else None
        if at is not None:
            found.append(at)
    return found


def _forward(graph: Graph, last: int) -> Iterator[list[int]]:
    """The same of each node up to the last, where each stands behind those that it takes. Raises _BackwardError."""
    for place, node in enumerate(graph.nodes):
        found = _sources(node, graph)
        if found and max(found) >= place:
            found = [at for at in found if at < place or graph.nodes[at].op not in _BACK]
            if found and max(found) >= place:
                raise _BackwardError
        yield found
        if place == last:
            return


def _in_order(graph: Graph) -> tuple[list[int], list[list[int]]] | None:
    """The places of the nodes, each behind those that it takes, and of each which those are in that order; None where
    there are circles other than loops."""
    taken = [
        [at for at in _sources(node, graph) if at < place or graph.nodes[at].op not in _BACK]
        for place, node in enumerate(graph.nodes)
    ]
    try:
        order = list(TopologicalSorter(dict(enumerate(taken))).static_order())
    except CycleError:
        return None
    at_of = {place: at for at, place in enumerate(order)}
    return order, [[at_of[source] for source in taken[place]] for place in order]
