"""First values that are made alike: by the same ops, but for the beginning of their names.

TensorFlow's initializers put their ops right before the last one and below its name:
``w/Initializer/random_uniform/{shape,min,max,RandomUniform,sub,mul}``, then ``w/Initializer/random_uniform``.
"""

from initport.formats.graph.nodes import Graph
from initport.formats.graph.op_values import Delta, Draw, Haar, Joined, Value
from initport.formats.graph.table import table

BYTES_LIMIT, PATTERNS_LIMIT = 4_000, 1_000
"""Bytes that the ops of one value take at most, and patterns that are remembered: arrays differ, as do seeded draws."""


class Pattern:
    """The ops of a first value in protobuf's binary form, and the name that theirs begin with."""

    def __init__(self, name: str, ops: bytes) -> None:
        self.name, self.ops = name, ops
        self.value: Value | None = None


class Patterns:
    """The first value of each kind that was met."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._known: dict[tuple[int, bytes], Pattern | None] = {}
        self._left = PATTERNS_LIMIT if len(graph.index) == len(graph.nodes) else 0

    def find(self, name: str) -> Pattern | None:
        """That of the value which the op of this name makes; None where that depends on more than the ops below it."""
        nodes, first = self._graph.nodes, self._graph.index.get(name, -1)
        last, size, ops = first, 0, []
        while first >= 0 and (node := nodes[first]).name.startswith(name):
            ops.append(node.SerializeToString())
            size += len(ops[-1])
            if size > BYTES_LIMIT:
                return None
            first -= 1
        whole, beginning = b"".join(ops), name.encode()
        key = len(beginning), whole.replace(beginning, b"")
        if key not in self._known:
            if not self._left:
                return None
            self._left -= 1
            self._known[key] = (
                Pattern(name, whole) if self._is_closed(first + 1, last, whole.count(beginning)) else None
            )
        pattern = self._known[key]
        if pattern is not None and pattern.ops.replace(pattern.name.encode(), beginning) == whole:
            return pattern
        return None

    def _is_closed(self, first: int, last: int, occurrences: int) -> bool:
        """Whether the ops take nothing but each other's outputs, and their names' beginning occurs nowhere else."""
        graph, variables = self._graph, table().variables
        for node in graph.nodes[first : last + 1]:
            inputs = [graph.index.get(text.removeprefix("^").partition(":")[0], -1) for text in node.input]
            if node.op in variables or not all(first <= at <= last for at in inputs):
                return False
            occurrences -= 1 + len(inputs)
        return not occurrences and last >= 0


def rename(value: Value, old: str, new: str) -> Value:
    """The same value, made by ops whose names begin with ``new`` in place of ``old``."""
    match value:
        case Draw(origin=(str() as op, *rest)) if op.startswith(old) and (value.terms or not value.seeds):
            terms = tuple(rename(term, old, new) for term in value.terms)
            return value._replace(origin=(new + op[len(old) :], *rest), terms=terms)  # type: ignore[arg-type]
        case Haar():
            draw = rename(value.draw, old, new)
            return value._replace(draw=draw) if isinstance(draw, Draw) else value
        case Delta():
            haar = rename(value.haar, old, new)
            return value._replace(haar=haar) if isinstance(haar, Haar) else value
        case Joined():
            return value._replace(parts=tuple((size, rename(part, old, new)) for size, part in value.parts))
    return value
