"""The nodes of a graph by name, and for its variables what puts values in them and what reads them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from initport.formats.graph.table import Table, table
from initport.formats.graph.tensors import array
from initport.formats.graph.values import Array

_OTHER, _VARIABLE, _ASSIGN, _PASS, _CONSUMER, _OPTIMIZER, _UPDATE, _JOIN, _TENSORDOT = range(9)
_HAND_ON = (_PASS, _JOIN, _TENSORDOT)


class Use(NamedTuple):
    """An op that takes a variable at an input; ``at`` is its place among the nodes."""

    at: int
    op: str
    input: int


class Graph:
    """``nodes`` are messages in their order. The uses of a variable are those by way of ops that hand it on; ``joined``
    are the ops that join the parts of one."""

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
        self._kinds = _Kinds(table())
        self._carried: dict[str, str] = {}
        self._read()

    def __contains__(self, name: str) -> bool:
        return name in self.index

    def node(self, name: str) -> Any:
        return self.nodes[self.index[name]]

    def _read(self) -> None:
        """Most ops stand behind those that they take; in loops and conditions some do not, and are looked at again."""
        index, kinds, carried = self.index, self._kinds, self._carried
        late: list[int] = []
        readers: list[int] = []
        for number, node in enumerate(self.nodes):
            name = node.name
            index[name] = number
            kind = kinds[node.op]
            if kind == _OTHER:
                continue
            if kind == _VARIABLE:
                self.variables.append(name)
                carried[name] = name
            elif kind not in _HAND_ON:
                readers.append(number)
            elif not self._hand_on(kind, number, node):
                late.append(number)
        before = -1
        while before < len(carried):
            before = len(carried)
            late = [at for at in late if not self._hand_on(kinds[self.nodes[at].op], at, self.nodes[at])]
        for number in readers:
            node = self.nodes[number]
            self._uses(kinds[node.op], number, node)

    def _hand_on(self, kind: int, number: int, node: Any) -> bool:
        """Whether a variable comes in, which then goes by the op's name too."""
        rows, op, inputs = table(), node.op, node.input
        if kind == _JOIN:
            for source in inputs:
                variable = self._carried.get(source)
                if variable is not None and "/part_" in variable:
                    self._carried.setdefault(node.name, variable)
                    self.joined.setdefault(variable, number)
            return node.name in self._carried
        place = rows.tensordot[op] if kind == _TENSORDOT else rows.passes[op]
        if place >= len(inputs):
            return True
        source = inputs[place]
        variable = self._carried.get(source.partition(":")[0] if ":" in source else source)
        if variable is None:
            return False
        if kind == _PASS or self._in_order(node):
            self._carried[node.name] = variable
        return True

    def _in_order(self, node: Any) -> bool:
        """Whether a step of a tensordot leaves the axes of a matrix as they are."""
        if "Tensordot" not in node.name:
            return False
        if node.op != "Transpose":
            return True
        name = node.input[1] if len(node.input) > 1 else ""
        value = next((e.value.tensor for e in self.node(name).attr if e.key == "value"), None) if name in self else None
        order = array(value) if value is not None else None
        return isinstance(order, Array) and order.values == tuple(range(len(order.values)))

    def _uses(self, kind: int, number: int, node: Any) -> None:
        carried = self._carried
        for place, source in enumerate(node.input):
            variable = carried.get(source.partition(":")[0] if ":" in source else source)
            if variable is None:
                continue
            if kind == _ASSIGN:
                if place == 0:
                    self.assigns.setdefault(variable, []).append(number)
            elif kind == _OPTIMIZER:
                (self.slots if place else self.trained).add(variable)
            else:
                if kind == _UPDATE and place == 0:
                    self.updated.add(variable)
                self.uses.setdefault(variable, []).append(Use(number, node.op, place))


class _Kinds(dict[str, int]):
    """What an op is to a variable, by its name."""

    def __init__(self, rows: Table) -> None:
        self._rows = rows

    def __missing__(self, op: str) -> int:
        rows = self._rows
        named: Iterable[tuple[int, Iterable[str]]] = (
            (_VARIABLE, rows.variables),
            (_ASSIGN, rows.assigns),
            (_PASS, rows.passes),
            (_JOIN, rows.joins),
            (_TENSORDOT, rows.tensordot),
            (_UPDATE, rows.updates),
            (_CONSUMER, rows.consumers),
        )
        known = next((kind for kind, ops in named if op in ops), _OTHER)
        if known == _OTHER and rows.optimizer.fullmatch(op):
            known = _OPTIMIZER
        self[op] = known
        return known
