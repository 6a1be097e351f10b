"""The nodes of a graph by name, and for its variables what puts values in them and what reads them: one pass."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from initport.formats.graph.table import Table, table

_OTHER, _VARIABLE, _ASSIGN, _PASS, _CONSUMER, _OPTIMIZER, _UPDATE, _JOIN = range(8)


class Use(NamedTuple):
    """An op that takes a variable at an input."""

    at: int
    op: str
    input: int


class Graph:
    """``nodes`` are messages in their order. The uses of a variable are those by way of ops that hand it on, ``at`` their places."""

    def __init__(self, nodes: Any) -> None:
        self.nodes = nodes
        self.index: dict[str, int] = {}
        self.variables: list[str] = []
        self.assigns: dict[str, list[int]] = {}
        self.uses: dict[str, list[Use]] = {}
        self.slots: set[str] = set()
        self.updated: set[str] = set()
        self.trained: set[str] = set()
        self.joined: dict[str, int] = {}
        self._read(table())

    def __contains__(self, name: str) -> bool:
        return name in self.index

    def node(self, name: str) -> Any:
        return self.nodes[self.index[name]]

    def _read(self, rows: Table) -> None:
        kinds = _Kinds(rows)
        carried: dict[str, str] = {}
        index = self.index
        for number, node in enumerate(self.nodes):
            name = node.name
            index[name] = number
            op = node.op
            kind = kinds[op]
            if kind == _OTHER:
                continue
            if kind == _VARIABLE:
                self.variables.append(name)
                carried[name] = name
                continue
            for place, source in enumerate(node.input):
                if ":" in source:
                    source = source.partition(":")[0]
                if source in carried:
                    self._use(kind, rows, number, name, op, place, carried[source], carried)

    def _use(
        self,
        kind: int,
        rows: Table,
        number: int,
        name: str,
        op: str,
        place: int,
        variable: str,
        carried: dict[str, str],
    ) -> None:
        if kind == _PASS:
            if rows.passes[op] == place:
                carried[name] = variable
        elif kind == _JOIN:
            if "/part_" in variable:
                carried.setdefault(name, variable)
                self.joined.setdefault(variable, number)
        elif kind == _ASSIGN:
            if place == 0:
                self.assigns.setdefault(variable, []).append(number)
        elif kind == _OPTIMIZER:
            (self.slots if place else self.trained).add(variable)
        else:
            if kind == _UPDATE and place == 0:
                self.updated.add(variable)
            self.uses.setdefault(variable, []).append(Use(number, op, place))


class _Kinds(dict[str, int]):
    """What an op is to a variable, by its name."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows

    def __missing__(self, op: str) -> int:
        rows = self._rows
        named: Iterable[tuple[int, Iterable[str] | Mapping[str, object]]] = (
            (_VARIABLE, rows.variables),
            (_ASSIGN, rows.assigns),
            (_PASS, rows.passes),
            (_JOIN, rows.joins),
            (_UPDATE, rows.updates),
            (_CONSUMER, rows.consumers),
        )
        known = next((kind for kind, ops in named if op in ops), _OTHER)
        if known == _OTHER and rows.optimizer.fullmatch(op):
            known = _OPTIMIZER
        self[op] = known
        return known
