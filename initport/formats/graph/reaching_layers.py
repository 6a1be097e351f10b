"""Which layers of a graph reach which other, by the ops that read their variables."""

from collections.abc import Mapping

from initport.formats.connections import MOST_INPUTS
from initport.formats.graph.nodes import Graph

_BACK = frozenset({"NextIteration", "RefNextIteration"})
"""What hands the end of a loop's body back to its start."""

NAMES_LIMIT = 1_000_000
"""Names that are kept in all, so that memory stays within bounds whatever the ops join."""

Names = tuple[str, ...]


def inputs_of(graph: Graph, named: Mapping[int, str]) -> dict[str, Names]:
    """Of layers by the places of the ops that read their variables: the layers that reach each layer past no other.
    Empty where the ops go round in a circle that is no loop, or where there are too many names."""
    if len(set(named.values())) < 2:
        return {}
    walk = _Walk(graph, named)
    found: dict[str, dict[str, None]] = {}
    try:
        for place, name in named.items():
            found.setdefault(name, {}).update(dict.fromkeys(other for other in walk.before(place) if other != name))
    except _EndlessError:
        return {}
    return {name: tuple(others) for name, others in found.items()}


class _EndlessError(Exception):
    """Ops take each other's outputs, or join too many names."""


class _Walk:
    """Backwards from the ops that read variables, each op once; ``named`` are the layers by the places of such ops."""

    def __init__(self, graph: Graph, named: Mapping[int, str]) -> None:
        self._graph = graph
        self._known: dict[int, Names] = {place: (name,) for place, name in named.items()}
        self._left = NAMES_LIMIT

    def before(self, goal: int) -> Names:
        """The layers that reach an op past no other. Raises _EndlessError."""
        known, sources = self._known, self._sources(goal)
        stack = [(source, self._sources(source)) for source in sources if source not in known]
        begun = set[int]()
        while stack:
            place, inner = stack[-1]
            ahead = [source for source in inner if source not in known] if place not in known else []
            if ahead:
                begun.add(place)
                if not begun.isdisjoint(ahead):
                    raise _EndlessError
                stack += [(source, self._sources(source)) for source in ahead]
                continue
            if place not in known:
                known[place] = self._union(inner)
            stack.pop()
        return self._union(sources)

    def _union(self, sources: list[int]) -> Names:
        if len(sources) == 1:
            return self._known[sources[0]]  # one tuple for all that a chain of ops hands on
        several = {id(names): names for names in map(self._known.__getitem__, sources)}
        if len(several) == 1:
            return next(iter(several.values()))
        names = tuple(dict.fromkeys(name for some in several.values() for name in some))
        self._left -= len(names)
        if self._left < 0:
            raise _EndlessError
        return names if len(names) <= MOST_INPUTS else ()

    def _sources(self, place: int) -> list[int]:
        """The places of the nodes that give an op values, but for variables and the ends of loops."""
        graph = self._graph
        index, carried, found = graph.index, graph.carried, []
        for source in graph.nodes[place].input:
            name = source.partition(":")[0] if ":" in source else source
            at = index.get(name) if name not in carried else None
            if at is not None and (at < place or graph.nodes[at].op not in _BACK):
                found.append(at)
        return found
