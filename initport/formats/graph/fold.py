"""What the outputs of a graph's ops are: each is folded once, from its inputs, without recursion; of first values that
differ in nothing but names, one is."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_rules import Operation, apply
from initport.formats.graph.op_values import Refused, Value
from initport.formats.graph.patterns import Patterns, rename
from initport.formats.graph.table import Op, table

OPS_LIMIT = 10_000
"""Ops that one variable's first value may be made of; those of TensorFlow's own initializers are some dozens."""

Reference = tuple[str, int]
"""A node's name and the number of its output."""


def reference(text: str) -> Reference:
    """An input as a node writes it: ``name`` or ``name:1``."""
    if ":" not in text:
        return text, 0
    name, _, output = text.partition(":")
    return name, int(output) if output.isdecimal() and len(output) < 5 else 0


class _Frame(NamedTuple):
    """An op whose inputs are being folded, one after the other (``rest``)."""

    output: Reference
    node: Any
    row: Op
    inputs: list[Reference]
    rest: Iterator[Reference]


class Folder:
    """``initial`` gives the reference of a variable's first value, None where the graph has none."""

    def __init__(self, graph: Graph, initial: Callable[[str], str | None]) -> None:
        self.graph, self.initial, self.rows = graph, initial, table()
        self.known: dict[Reference, Value] = {}
        self._patterns = Patterns(graph)

    def first(self, text: str) -> Value:
        """The same of a first value, which may be another's but for the names of its ops."""
        name, output = reference(text)
        pattern = self._patterns.find(name) if not output else None
        if pattern is None:
            return self.fold(text)
        if pattern.value is None:
            pattern.value = self.fold(text)
        return rename(pattern.value, pattern.name, name)

    def fold(self, text: str) -> Value:
        """The value of an input, written as nodes do."""
        known, goal = self.known, reference(text)
        if goal in known:
            return known[goal]
        first = self._open(goal)
        stack, within, count = [first] if first is not None else [], {goal}, 0
        while stack:
            frame = stack[-1]
            for item in frame.rest:
                if item in known:
                    continue
                if item in within:
                    known[item] = Refused(frame.node.op, "its value depends on itself")
                    continue
                inner = self._open(item)
                if inner is not None:
                    stack.append(inner)
                    within.add(item)
                    break
            else:
                known.setdefault(frame.output, self._apply(frame))
                within.discard(frame.output)
                stack.pop()
                continue
            count += 1
            if count > OPS_LIMIT:
                return Refused(frame.node.op, f"the value is made of over {OPS_LIMIT} ops")
        return known[goal]

    def _open(self, output: Reference) -> _Frame | None:
        """The op, if it has inputs; what has none is folded at once."""
        number = self.graph.index.get(output[0])
        if number is None:
            self.known[output] = Refused("nothing", "the graph has no node of the name that an op takes")
            return None
        node = self.graph.nodes[number]
        op = node.op
        row = self.rows.ops.get(op)
        if row is None:
            reason = self.rows.refused.get(op, "initport has no rule for this op; initialize the weight yourself")
            self.known[output] = Refused(op, reason)
            return None
        inputs = self._inputs(node, row.rule, output[1])
        if inputs is None:
            self.known[output] = Refused(op, "the value depends on a condition")
            return None
        frame = _Frame(output, node, row, inputs, iter(inputs))
        if inputs:
            return frame
        self.known[output] = self._apply(frame)
        return None

    def _apply(self, frame: _Frame) -> Value:
        values = [self.known[item] for item in frame.inputs]
        return apply(frame.row.rule, Operation(frame.node, frame.row.does, frame.output[1]), values)

    def _inputs(self, node: Any, rule: str, output: int) -> list[Reference] | None:
        """What the output is made of; None where that is not visible."""
        if rule == "variable":
            first = self.initial(node.name)
            return [reference(first if first is not None else "")]
        inputs = [reference(text) for text in node.input if text[:1] != "^"]
        if rule == "branches":
            places = self.graph.functions.places(node, output)
            return [inputs[place] for place in places if place < len(inputs)] or None
        return inputs[:1] if rule == "same" else inputs
