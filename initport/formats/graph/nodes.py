"""The nodes of a graph by name, and for its variables what puts values in them and what reads them."""

from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import compress
from operator import attrgetter
from typing import Any, NamedTuple

from initport.formats.graph.op_values import Array
from initport.formats.graph.table import Table, table
from initport.formats.graph.tensors import array as numbers_of

_OTHER, _VARIABLE, _ASSIGN, _PASS, _CONSUMER, _OPTIMIZER, _UPDATE, _JOIN, _TENSORDOT, _CALL = range(10)
_SEVERAL = (_CONSUMER, _UPDATE, _CALL)
_HAND_ON = (_VARIABLE, _PASS, _JOIN, _TENSORDOT)
_BITS = 4
_KIND = 15
"""What is left of an op's kind without the place of the input that it hands on, which stands above ``_BITS``."""

_HANDING = bytes(code & _KIND in _HAND_ON for code in range(256))
_USING = bytes(code & _KIND not in (_OTHER, *_HAND_ON) for code in range(256))


class Use(NamedTuple):
    """An op that takes a variable at an input; ``at`` is its place among the nodes, that of the call for a ``node`` of
    a ``function``."""

    at: int
    op: str
    input: int
    node: Any = None
    function: Any = None


class Graph:
    """``nodes`` are messages in their order, ``functions`` those of the graph's library. The uses of a variable are by
    way of ops that hand it on, and in functions that it is given to; ``joined`` are the ops that join the parts of
    one. ``carried`` are the nodes that hand a variable on, each with the place of that one among the ``variables``."""

    def __init__(self, nodes: Any, functions: Iterable[Any] = ()) -> None:
        self.nodes = nodes
        self.index: dict[str, int] = {}
        self.variables: list[str] = []
        self.assigns: dict[str, list[int]] = {}
        self.uses: dict[str, list[Use]] = {}
        self.slots: set[str] = set()
        self.updated: set[str] = set()
        self.trained: set[str] = set()
        self.joined: dict[str, int] = {}
        self.functions = Functions(functions)
        self._kinds = _Kinds(table(), self.functions)
        self.carried: dict[str, int] = {}
        self._read()

    @cached_property
    def slot_scopes(self) -> frozenset[str]:
        """Where optimizers have numbers of their own, as TensorFlow 2's do: ``training/Ftrl`` of its learning rate."""
        return frozenset(scope for name in self.slots if (scope := name.rpartition("/")[0]))

    def __contains__(self, name: str) -> bool:
        return name in self.index

    def node(self, name: str) -> Any:
        return self.nodes[self.index[name]]

    def _read(self) -> None:
        kinds, nodes = self._kinds, self.nodes
        found = bytearray(map(kinds.__getitem__, map(attrgetter("op"), nodes)))
        if _VARIABLE not in found:
            return
        names = list(map(attrgetter("name"), nodes))
        self.index = dict(zip(names, range(len(names)), strict=True))
        self._hand_on(found, names)
        self._read_uses(found)

    def _hand_on(self, found: bytearray, names: Sequence[str]) -> None:
        """What variable each op gives on. Most ops stand behind those that they take; those in loops and conditions
        wait for them."""
        nodes, carried = self.nodes, self.carried
        waiting, joins = array("i"), array("i")
        for number in compress(range(len(found)), found.translate(_HANDING)):
            kind = found[number] & _KIND
            if kind in (_PASS, _TENSORDOT):
                inputs = nodes[number].input
                try:
                    source = inputs[found[number] >> _BITS]
                except IndexError:
                    continue
                variable = carried.get(source.partition(":")[0] if ":" in source else source)
                if variable is None:
                    waiting.append(number)
                elif kind == _PASS or self._in_order(nodes[number]):
                    carried[names[number]] = variable
            elif kind == _VARIABLE:
                carried[names[number]] = len(self.variables)
                self.variables.append(names[number])
            else:
                joins.append(number)
        sources = (_source(nodes[number].input, found[number] >> _BITS) for number in waiting)
        if joins or any(source in carried for source in sources):
            self._hand_back(found, names, waiting, joins)

    def _hand_back(self, found: bytearray, names: Sequence[str], waiting: Sequence[int], joins: Sequence[int]) -> None:
        """The same of ops that wait for others, and of those that join parts: of each op the first that waits for it,
        and of each that waits the next."""
        nodes, carried, index = self.nodes, self.carried, self.index
        first = array("i", [-1]) * len(found)
        after = first[:]

        def follow(number: int, variable: int) -> None:
            carried[names[number]] = variable
            steps = [number]
            while steps:
                number = steps.pop()
                waits, first[number] = first[number], -1
                while waits >= 0:
                    if found[waits] & _KIND == _PASS or self._in_order(nodes[waits]):
                        carried[names[waits]] = variable
                        steps.append(waits)
                    waits = after[waits]

        begun = []
        for number in waiting:
            at = index.get(_source(nodes[number].input, found[number] >> _BITS), number)
            if first[at] < 0 and names[at] in carried:
                begun.append(at)
            after[number], first[at] = first[at], number
        for number in begun:
            follow(number, carried[names[number]])
        for number in joins:
            for variable in self._parts_at(number):
                self.joined.setdefault(self.variables[variable], number)
                if names[number] not in carried:
                    follow(number, variable)

    def _parts_at(self, number: int) -> list[int]:
        """The parts of partitioned variables that an op joins."""
        found = [self.carried[source] for source in self.nodes[number].input if source in self.carried]
        return [variable for variable in found if "/part_" in self.variables[variable]]

    def _in_order(self, node: Any) -> bool:
        """Whether a step of a tensordot leaves the axes of a matrix as they are."""
        if "Tensordot" not in node.name:
            return False
        if node.op != "Transpose":
            return True
        order = self.constant(node.input[1]) if len(node.input) > 1 else None
        return order is not None and order.values == tuple(range(len(order.values)))

    def constant(self, text: str, function: Any = None) -> Array | None:
        """The numbers that an input of the graph's nodes or of a function's is, where it is a constant."""
        name = text.partition(":")[0]
        if function is not None:
            node = next((node for node in function.node_def if node.name == name), None)
        else:
            node = self.node(name) if name in self else None
        value = None if node is None else next((e.value.tensor for e in node.attr if e.key == "value"), None)
        numbers = numbers_of(value) if value is not None else None
        return numbers if isinstance(numbers, Array) else None

    def _read_uses(self, found: bytearray) -> None:
        """What ops that hand nothing on do with the variables that they take."""
        nodes, carried, variables = self.nodes, self.carried, self.variables
        left = array("i", [MOST_READS]) * len(variables)
        for number in compress(range(len(found)), found.translate(_USING)):
            kind = found[number] & _KIND
            for place, source in enumerate(nodes[number].input):
                variable = carried.get(source.partition(":")[0] if ":" in source else source)
                if variable is not None:
                    if kind in _SEVERAL:
                        left[variable] -= 1
                        if left[variable] < 0:
                            continue
                    self._use(variables[variable], kind, number, place)

    def _use(self, variable: str, kind: int, number: int, place: int) -> None:
        if kind == _ASSIGN:
            if place == 0:
                self.assigns.setdefault(variable, []).append(number)
            return
        if kind == _OPTIMIZER:
            (self.slots if place else self.trained).add(variable)
            return
        if kind == _UPDATE and place == 0:
            self.updated.add(variable)
        uses = self.uses.setdefault(variable, [])
        if kind == _CALL:
            uses += [Use(number, *read) for read in self.functions.reads(self.nodes[number], place)]
        else:
            uses.append(Use(number, self.nodes[number].op, place))


def _source(inputs: Any, place: int) -> str:
    """The node behind an input; empty where there is no such input."""
    try:
        source: str = inputs[place]
    except IndexError:
        return ""
    return source.partition(":")[0] if ":" in source else source


class _Kinds(dict[str, int]):
    """What an op is to a variable, by its name, and above that the place of the input that it hands on."""

    def __init__(self, rows: Table, functions: "Functions") -> None:
        self._rows = rows
        self._functions = functions

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
        if known == _OTHER and (op in rows.calls or op in self._functions):
            known = _CALL
        place = rows.passes[op] if known == _PASS else rows.tensordot[op] if known == _TENSORDOT else 0
        self[op] = code = known | place << _BITS
        return code


Read = tuple[str, int, Any, Any]
"""The op that reads something, its input, its node, and the function that holds it."""


class Functions:
    """What the functions of a graph's library do with what they are given; each is gone through once."""

    def __init__(self, functions: Iterable[Any]) -> None:
        self._known = {function.signature.name: function for function in functions}
        self._read: dict[str, dict[str, list[Read]]] = {}
        self._depth = 0

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def reads(self, node: Any, place: int) -> list[Read]:
        """The ops in the functions that a call names which read its input at a place."""
        found = []
        for name, at in self._targets(node, place):
            arguments = self._known[name].signature.input_arg if name in self._known else ()
            if 0 <= at < len(arguments):
                found += self._reads_in(name)[arguments[at].name]
        return found[:MOST_READS]

    def places(self, node: Any, output: int) -> list[int]:
        """Of a condition, the inputs that its branches hand on as an output; empty where one makes something else."""
        row = table().calls[node.op]
        names = [entry.value.func.name for entry in node.attr if entry.key in row.functions]
        found = [self._argument(name, output) for name in names]
        return [row.before + place for place in found if place is not None] if None not in found else []

    def _argument(self, name: str, output: int) -> int | None:
        """The place of the argument that a function hands on as an output, if it does."""
        function = self._known.get(name)
        if function is None or output >= len(function.signature.output_arg):
            return None
        places = {argument.name: place for place, argument in enumerate(function.signature.input_arg)}
        nodes = {node.name: node for node in function.node_def}
        text = next((e.value for e in function.ret if e.key == function.signature.output_arg[output].name), "")
        for _ in range(DEEPEST):
            source = text.partition(":")[0]
            if source in places:
                return places[source]
            node = nodes.get(source)
            row = table().ops.get(node.op) if node is not None else None
            if node is None or row is None or row.rule != "same" or not node.input:
                return None
            text = node.input[0]
        return None

    def _targets(self, node: Any, place: int) -> list[tuple[str, int]]:
        """The functions that get an input of a call, and as which of theirs."""
        if node.op in self._known:
            return [(node.op, place)]
        row = table().calls[node.op]
        return [(e.value.func.name, place - row.before) for e in node.attr if e.key in row.functions]

    def _reads_in(self, name: str) -> dict[str, list[Read]]:
        """By the name of the argument. Of a function that calls itself, what it reads by that is left out."""
        if name in self._read:
            return self._read[name]
        function, rows = self._known[name], table()
        found = self._read[name] = {argument.name: [] for argument in function.signature.input_arg}
        if self._depth == DEEPEST:
            return found
        self._depth += 1
        carried = {argument: argument for argument in found}
        for _ in range(ROUNDS):
            before = len(carried)
            for node in function.node_def:
                self._follow(node, carried, rows)
            if len(carried) == before:
                break
        for node in function.node_def:
            for place, source in enumerate(node.input):
                argument = carried.get(source.partition(":")[0])
                if argument is None or node.name in carried:
                    continue
                calls = node.op in rows.calls or node.op in self._known
                found[argument] += self.reads(node, place) if calls else [(node.op, place, node, function)]
                del found[argument][MOST_READS:]
        self._depth -= 1
        return found

    @staticmethod
    def _follow(node: Any, carried: dict[str, str], rows: Table) -> None:
        """What an op hands on of an argument."""
        place = rows.passes.get(node.op)
        argument = None if place is None else carried.get(_source(node.input, place))
        if argument is not None:
            carried[node.name] = argument


MOST_READS, DEEPEST, ROUNDS = 1000, 50, 4
"""Ops that read one variable or argument, functions that call the next, and how often one is gone through: TensorFlow
writes an op behind those that it takes."""
