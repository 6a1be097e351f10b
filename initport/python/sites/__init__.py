"""What the reader finds in a module: initializers, each with its place, and what it had to leave."""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from initport.diagnostics import Code
from initport.grammar.call import Argument, Call
from initport.grammar.meaning import MeaningError
from initport.grammar.rows import Synonym
from initport.ir.initializers import Initializer
from initport.ir.symbols import Verbatim
from initport.ir.weights import Layout
from initport.python.arguments import PLACEHOLDER, Arguments
from initport.python.follow import Reference
from initport.python.scope import Scope
from initport.python.symbolic import expand_text, rename_call, with_sizes
from initport.python.syntax import Spot, Syntax
from initport.python.text import Span, Text
from initport.python.vocabulary import Layer, Named
from initport.records import NamedTuple


class Form(Enum):
    """What the replaced expression gives."""

    INSTANCE = "an initializer: a callable on a shape"
    DRAW = "an initializer that is called on a shape at once"
    FILL = "a call that fills a tensor in place"
    FACTORY = "something that returns an initializer when called without arguments"


class Reach(Enum):
    """How many weights the one initializer object can start."""

    ONE = "one"
    MANY = "many"


class Place(NamedTuple):
    """Where a site stands, ``what`` in words.

    ``layer`` is what is known of the ``call`` to ``callee`` in a block (``scope``) that it is an argument of, and
    ``argument`` its own name; ``key`` is its name in there where the argument is a dict, ``parts`` whether the weight
    may be made in parts; ``shape`` is the weight's, where the call does not say it. ``bare`` is whether a lambda may
    stand there without parentheses, ``attribute`` whether it becomes one of a class, where a function would turn into a
    method."""

    what: str
    layer: Layer | None = None
    argument: str | None = None
    call: ast.Call | None = None
    callee: str = ""
    scope: Scope | None = None
    key: str = ""
    parts: bool = False
    shape: ast.expr | None = None
    bare: bool = False
    attribute: bool = False


class Site(NamedTuple):
    """An initializer in the source. ``layouts`` are those that its weights can have, as far as the source shows them;
    ``passes`` are arguments that the layer adds.
    ``outer`` is the call that draws at once, of ``shape``: the call of the initializer, or of a function that draws and
    is ``node`` itself. The variable starts with these values times ``scaling``: factors, and the powers that they are
    raised to. None where more is done to the values. ``places`` are those where a name for it stands, or the operations
    that its variables come to; ``partly`` are those of some of its weights, where others are not visible.

    ``string`` is the name that a layer looks up, where the site is a string or a dict with a class's name, ``package``
    that layer's or the initializer's own; ``obstacle`` is why nothing else may take its place; ``on_call`` is whether
    values are drawn in a function that is an initializer, each time that it is called on a shape. ``reference`` is what
    it was read from."""

    node: ast.expr
    named: Named
    arguments: Arguments
    form: Form
    reach: Reach
    place: Place
    layouts: tuple[Layout, ...]
    spot: Spot
    syntax: Syntax
    outer: ast.Call | None = None
    shape: ast.expr | None = None
    places: tuple[Place, ...] = ()
    partly: tuple[Place, ...] = ()
    scaling: "tuple[tuple[int, ast.expr], ...] | None" = ()
    passes: Mapping[str, Argument] = MappingProxyType({})
    string: str = ""
    package: str = ""
    obstacle: str = ""
    on_call: bool = False
    reference: Reference | None = None

    @property
    def scope(self) -> Scope:
        """The block that the site stands in."""
        return self.spot.scope

    @property
    def text(self) -> Text:
        return self.syntax.text

    @property
    def span(self) -> Span:
        return self.text.span(self.node)

    @property
    def line(self) -> int:
        return self.node.lineno

    @property
    def column(self) -> int:
        """In characters, from 1."""
        return self.text.place(self.span.start)[1]

    @property
    def source(self) -> str:
        return self.text.of(self.node)

    @property
    def is_drawn(self) -> bool:
        """Whether it is a call of a function that draws values, and no initializer."""
        return self.outer is self.node

    @property
    def repeats(self) -> bool:
        """Whether the object gives the same values at every call, with a seed or without."""
        return self._comes_from(self.named.vocabulary.grammar.repeats)

    @property
    def advances(self) -> bool:
        """Whether the object, given a seed, gives other values at every call all the same."""
        return self._comes_from(self.named.vocabulary.grammar.advances)

    def _comes_from(self, modules: Iterable[Synonym]) -> bool:
        return any(self.named.path.startswith(f"{module.name}.") for module in modules)

    @property
    def call(self) -> Call:
        """The call of the vocabulary, with what the layer adds to it."""
        return self.named.vocabulary.with_arguments(self.arguments.call, self.passes.items())

    def meaning(self, layout: Layout) -> Initializer:
        """The distribution, in symbols named after the parameters. Raises a MeaningError."""
        return self._meaning(self.call, layout)

    def _meaning(self, call: Call, layout: Layout | None) -> Initializer:
        known = self.named.vocabulary
        return known.meaning(with_sizes(call, known, layout), layout)

    def words(self, node: ast.expr) -> str:
        """An expression of the site as it is written, on one line."""
        text = self.text.of(node)
        return ast.unparse(node) if "\n" in text or "\r" in text or "#" in text else text

    def meanings(
        self, expressions: Mapping[str, str], layouts: Iterable[Layout | None]
    ) -> tuple[Initializer | None, ...]:
        """The distribution on each layout (None where the framework rejects it), its symbols being what
        ``expressions`` gives for each parameter: for comparing with another site."""
        names = {Verbatim(PLACEHOLDER + parameter): expand_text(source) for parameter, source in expressions.items()}
        call = rename_call(self.call, names)
        found: list[Initializer | None] = []
        for layout in layouts:
            try:
                found.append(self._meaning(call, layout))
            except MeaningError:
                found.append(None)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Left:
    """Something of the vocabulary that stays as it is: ``reason`` says why, and what the user can do; ``assume`` is
    the assumption that would do, and ``meaning`` what it draws, where that is known; ``modern`` names the
    framework that it is of, for which there is nothing to do."""

    line: int
    column: int
    source: str
    reason: str
    assume: str | None = None
    code: Code = Code.UNDECIDED
    meaning: Initializer | None = None
    modern: str = ""


@dataclass(frozen=True, slots=True)
class Sites:
    """To be closed (`contextlib.closing`) once the blocks that hold the sites are not asked any more. ``draws`` are the
    calls that draw values which come to no variable of the module."""

    found: tuple[Site, ...]
    left: tuple[Left, ...]
    syntax: Syntax
    draws: tuple[Reference, ...] = ()

    def close(self) -> None:
        self.syntax.close()
