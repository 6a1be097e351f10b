"""`grammars/graph_ops.yaml`: what ops do to an initial value, and what they show of a variable that they read."""

import re
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from typing import Any, NamedTuple

from initport.grammar.files import read
from initport.grammar.record import read_row
from initport.ir.weights import Kind, Role

FILE = "graph_ops"


class Op(NamedTuple):
    """The ``rule`` that folds an op's output, and what it is to know of the op."""

    rule: str
    authority: str
    does: str = ""


class Consumer(NamedTuple):
    """What a variable at the ``input`` of an op is: of ``rank`` axes, and with this ``name`` as the last part of its
    own, where these are stated. ``trained`` restricts the row to variables that are, or are not, trained, and ``axis``
    is the input that states an axis, which must be the first."""

    input: int
    kind: Kind
    role: Role
    layout: str
    authority: str
    where: Mapping[str, bool] = {}
    rank: int | None = None
    name: str | None = None
    trained: bool | None = None
    axis: int | None = None


class Function(NamedTuple):
    """A function of Python that makes an ``op``: its parameters in order, and which of them is which input."""

    op: str
    parameters: Sequence[str]
    inputs: Mapping[str, int]


class Called(NamedTuple):
    """The attributes of an op that name the ``functions`` it calls, and how many inputs stand ``before`` their own."""

    functions: Sequence[str]
    before: int = 0


class ScopeWeight(NamedTuple):
    """A weight of a layer, recognized by its scope; ``consumer`` is what an op must have shown of it, if anything."""

    name: str
    role: Role
    layout: str
    consumer: Kind = Kind.UNKNOWN
    optional: bool = False


class ScopeLayer(NamedTuple):
    kind: Kind
    weights: Sequence[ScopeWeight]
    authority: str


class NamedLaw(NamedTuple):
    """A call of a function of another grammar."""

    grammar: str
    call: Mapping[str, Any]
    version: str | None = None


class _Rows(NamedTuple):
    ops: Mapping[str, Op]
    refused: Mapping[str, str]
    variables: Sequence[str]
    assigns: Sequence[str]
    optimizers: str
    updates: Sequence[str]
    passes: Mapping[str, int]
    calls: Mapping[str, Called]
    joins: Mapping[str, int]
    tensordot: Mapping[str, int]
    consumers: Mapping[str, Sequence[Consumer]]
    functions: Mapping[str, Function]
    names: Mapping[Role, Sequence[str]]
    layers: Sequence[ScopeLayer]
    laws: Mapping[str, NamedLaw]


class Table(_Rows):
    """The rows, and what is asked of them."""

    @cached_property
    def optimizer(self) -> re.Pattern[str]:
        return re.compile(self.optimizers)

    @cached_property
    def leaves(self) -> Mapping[str, frozenset[Role]]:
        """The roles that the last part of a variable's name may name."""
        found: dict[str, set[Role]] = {}
        for role, names in self.names.items():
            for name in names:
                found.setdefault(name, set()).add(role)
        return {name: frozenset(roles) for name, roles in found.items()}

    @cached_property
    def layer_names(self) -> Sequence[tuple[ScopeLayer, frozenset[str], frozenset[str]]]:
        """Each layer with the names of the weights that it must have, and of all that it may have."""
        return [
            (
                layer,
                frozenset(weight.name for weight in layer.weights if not weight.optional),
                frozenset(weight.name for weight in layer.weights),
            )
            for layer in self.layers
        ]


@cache
def table() -> Table:
    """Raises GrammarError naming the file and key."""
    return Table(*read_row(_Rows, read(FILE), f"{FILE}.yaml"))
