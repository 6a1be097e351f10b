"""What the outputs of a graph's ops are: each is folded once, from its inputs, without recursion."""

from collections.abc import Callable

from initport.formats.graph.network import Graph
from initport.formats.graph.rules import Operation, apply
from initport.formats.graph.table import table
from initport.formats.graph.values import Refused, Value

OPS_LIMIT = 10_000
"""Ops that one variable's first value may be made of; those of TensorFlow's own initializers are some dozens."""

Reference = tuple[str, int]
"""A node's name and the number of its output."""


def reference(text: str) -> Reference:
    """An input as a node writes it: ``name`` or ``name:1``."""
    name, _, output = text.partition(":")
    return name, int(output) if output.isdecimal() and len(output) < 5 else 0


class Folder:
    """``initial`` gives the reference of a variable's first value, None where the graph has none."""

    def __init__(self, graph: Graph, initial: Callable[[str], str | None]) -> None:
        self.graph, self.initial = graph, initial
        self.known: dict[Reference, Value] = {}

    def fold(self, text: str) -> Value:
        """The value of an input, written as nodes do."""
        goal = reference(text)
        stack, opened = [goal], set[Reference]()
        while stack:
            top = stack[-1]
            if top in self.known:
                stack.pop()
                continue
            rows, (name, output) = table(), top
            if name not in self.graph:
                self.known[top] = Refused("nothing", "the graph has no node of the name that an op takes")
                continue
            node = self.graph.node(name)
            row = rows.ops.get(node.op)
            if row is None:
                reason = rows.refused.get(node.op, "initport has no rule for this op; set the weight by hand")
                self.known[top] = Refused(node.op, reason)
                continue
            inputs = self._inputs(node, row.rule)
            waiting = [item for item in inputs if item not in self.known]
            if not waiting:
                values = [self.known[item] for item in inputs]
                self.known[top] = apply(row.rule, Operation(node, row.does, output), values)
            elif top in opened:
                self.known[top] = Refused(node.op, "its value depends on itself")
            elif len(opened) >= OPS_LIMIT:
                return Refused(node.op, f"the value is made of over {OPS_LIMIT} ops")
            else:
                opened.add(top)
                stack += waiting
        return self.known[goal]

    def _inputs(self, node: object, rule: str) -> list[Reference]:
        if rule == "variable":
            first = self.initial(node.name)  # type: ignore[attr-defined]
            return [reference(first if first is not None else "")]
        inputs = [reference(text) for text in node.input if not text.startswith("^")]  # type: ignore[attr-defined]
        return inputs[:1] if rule == "same" else inputs
