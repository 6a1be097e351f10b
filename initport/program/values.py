"""What an expression can stand for while a program is gone through."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from initport.formats.graph.table import Consumer
from initport.grammar.rows import SourceLayer
from initport.ir.scalar import Scalar
from initport.python.scope import Scope
from initport.python.vocabulary import Layer


@dataclass(eq=False)
class Value:
    """``node`` is the expression that it was read from."""

    node: ast.AST | None = field(default=None, kw_only=True)

    @property
    def line(self) -> int | None:
        return getattr(self.node, "lineno", None)


@dataclass(eq=False)
class Unknown(Value):
    """What is known only at run time, and why; ``called`` is whether something unknown was called for it, ``parts``
    what holds the layers and parameters that it may be or hold."""

    reason: str = "it is known only when the program runs"
    called: bool = False
    parts: "Sequence[Value]" = ()


@dataclass(eq=False)
class Known(Value):
    """A plain value: a string, a truth value, None, or a number, of which ``whole`` is whether it is an int."""

    value: str | bool | Scalar | None = None
    whole: bool = False

    @property
    def integer(self) -> int | None:
        known = self.number
        return int(known) if self.whole and known is not None else None

    @property
    def number(self) -> Fraction | None:
        return self.value.rational if isinstance(self.value, Scalar) else None


def number(value: int | Fraction | Scalar, node: ast.AST | None = None) -> Known:
    return Known(Scalar.of(value), isinstance(value, int), node=node)


@dataclass(eq=False)
class Items(Value):
    """A list or a tuple; ``open`` is whether its length is no longer known."""

    items: list[Value] = field(default_factory=list)
    open: bool = False


@dataclass(eq=False)
class Entries(Value):
    """A dict of string keys; ``open`` is whether more may be in it."""

    entries: dict[str, Value] = field(default_factory=dict)
    open: bool = False


@dataclass(eq=False)
class Path(Value):
    """Something of a library, by its dotted path."""

    path: str = ""

    @property
    def last(self) -> str:
        return self.path.rpartition(".")[2]


@dataclass(eq=False)
class Called(Value):
    """What a call of a library's function gives: nothing is known of it but the call."""

    path: str = ""
    args: Sequence[Value] = ()
    given: Mapping[str, Value] = field(default_factory=dict)


APPLIED = "()"
"""The path of a call of what another call gave, which is its first argument."""

RESHAPED = "reshape()"
"""The path of a call that gives the values of its first argument in the shape of its second."""


@dataclass(eq=False)
class Computed(Value):
    """Arithmetic with something that is not a number."""

    operator: type[ast.operator] = ast.Add
    left: Value = field(default_factory=Value)
    right: Value = field(default_factory=Value)


class Names:
    """The names of a block while it runs; ``block`` is where they stand in the source."""

    def __init__(self, block: Scope, outer: "Names | None" = None) -> None:
        self.block, self.outer, self.values = block, outer, dict[str, Value]()

    def get(self, name: str) -> Value | None:
        found: Names | None = self
        while found is not None:
            if name in found.values and (found is self or not found.block.is_class):
                return found.values[name]
            found = found.outer
        return None

    @property
    def module(self) -> "Names":
        found = self
        while found.outer is not None:
            found = found.outer
        return found


@dataclass(eq=False)
class Function(Value):
    """A function or lambda of the program, of the object ``owner`` where it is a method's."""

    names: Names = field(default_factory=lambda: Names(Scope(ast.Module([], []))))
    owner: "Value | None" = None
    scoped: bool = False
    """Whether `arg_scope` sets its arguments."""
    defaults: Mapping[str, Value] = field(default_factory=dict)
    """What its parameters are by default, worked out where it is defined."""

    @property
    def name(self) -> str:
        return getattr(self.node, "name", "lambda")

    @property
    def decorators(self) -> list[str]:
        return [ast.unparse(item) for item in getattr(self.node, "decorator_list", ())]


@dataclass(eq=False)
class Class(Value):
    names: Names = field(default_factory=lambda: Names(Scope(ast.Module([], []))))
    bases: Sequence[Value] = ()
    attributes: dict[str, Value] = field(default_factory=dict)

    def lookup(self, name: str) -> Value | None:
        for one in self.lineage():
            if name in one.attributes:
                return one.attributes[name]
        return None

    def lineage(self) -> "Iterator[Class]":
        """The class and those of the program that it is derived from, depth first."""
        yield self
        for base in self.bases:
            if isinstance(base, Class):
                yield from base.lineage()

    def libraries(self) -> Iterator[str]:
        """The paths of the library classes that it is derived from."""
        for one in self.lineage():
            yield from (base.path for base in one.bases if isinstance(base, Path))


@dataclass(eq=False)
class Object(Value):
    """An object of a class of the program (``cls``), or of a container of a library (``path``): its attributes, and in
    a container its members by name or number, in order."""

    cls: Class | None = None
    path: str = ""
    attributes: dict[str, Value] = field(default_factory=dict)
    members: dict[str, Value] = field(default_factory=dict)
    name: str | None = None
    is_built: bool = False


@dataclass(eq=False)
class Super(Value):
    """``super()`` in a method of an object."""

    of: Object = field(default_factory=Object)
    after: Class = field(default_factory=Class)


@dataclass(eq=False)
class Made(Value):
    """A layer or a variable that a call makes.

    ``given`` are the call's arguments by name, those of scopes included; ``name`` is its full name, where it has one
    by itself; ``problem`` says why it has none, or why nothing can be said of it. ``initializer`` is what the
    enclosing variable scope gives, ``position`` its number among all that the program makes."""

    path: str = ""
    layer: Layer = field(default=None)  # type: ignore[assignment]
    given: dict[str, Value] = field(default_factory=dict)
    name: str | None = None
    problem: str = ""
    initializer: Value | None = None
    partitioned: bool = False
    replaced: str = ""
    """Why the enclosing variable scope may start it with other values."""
    position: int = 0
    starred: bool = False
    wrapper: str = ""
    consumer: Consumer | None = None
    """What the op that reads a variable shows of it."""
    fills: dict[str, "Fill"] = field(default_factory=dict)
    """What a parameter is filled with after the layer was made, by its name."""

    @property
    def label(self) -> str:
        call = self.node
        function = ast.unparse(call.func) if isinstance(call, ast.Call) else self.path
        return " ".join(function.split())

    @property
    def column(self) -> int | None:
        offset = getattr(self.node, "col_offset", None)
        return None if offset is None else offset + 1


@dataclass(eq=False)
class Fill(Value):
    """A parameter that is filled in place by a call, None where what fills it is not known for the reason given; or a
    ``part`` of one, of which the rest is as it was ``before``: None where that is the layer's own default."""

    call: Called | None = None
    problem: str = ""
    part: "tuple[int, int] | None" = None
    before: "Fill | None" = None


@dataclass(eq=False)
class Parameter(Value):
    """A parameter of a layer, by the name of the attribute that holds it, or a part of it along its first axis: from
    one index to before another, None for the ends, Unknown for what is known only when the program runs."""

    of: Made = field(default_factory=Made)
    name: str = ""
    part: "tuple[Value | None, Value | None] | None" = None

    @property
    def is_any(self) -> bool:
        """Whether it may be any parameter of the layer."""
        return self.name == ANY


ANY = "*"
"""The name of a parameter whose name is known only when the program runs."""


@dataclass(eq=False)
class Scoped(Value):
    """What `arg_scope` gives: arguments by the function that they are for; under `ANY` those that may be for any
    function, and under the name `ANY` one that may be any argument."""

    arguments: Mapping[object, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(eq=False)
class VariableScope(Value):
    """A variable scope by its full name; None where that is not known. ``problem`` says why a variable in it may start
    with other values than those that its own call gives."""

    name: str | None = ""
    reuse: bool = False
    initializer: Value | None = None
    partitioned: bool = False
    problem: str = ""


class Bound(Value):
    """A method of something that is not an object of the program, or an attribute that nothing is known of: ``parts``
    holds the layers and parameters that it may be or hold."""

    def __init__(
        self,
        does: Callable[[Sequence[Value], Mapping[str, Value]], Value],
        node: ast.AST | None = None,
        parts: Sequence[Value] = (),
    ) -> None:
        super().__init__(node=node)
        self.does, self.parts = does, parts


def plain(value: Known) -> str | int | float | bool | None:
    if not isinstance(value.value, Scalar):
        return value.value
    known = value.number
    return None if known is None else int(known) if value.whole else float(known)


def fits(row: SourceLayer, given: Mapping[str, Value]) -> bool:
    """Whether the settings that a row is for are those that a call gives; what is known only when it runs may be."""
    for name, wanted in row.where.items():
        value = given.get(name)
        if wanted is None and value is not None and not isinstance(value, Known | Unknown):
            return False
        stated = row.defaults.get(name) if value is None else plain(value) if isinstance(value, Known) else wanted
        if stated != wanted:
            return False
    return True
