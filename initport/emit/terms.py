"""The code that takes a site's place, as a term: the target's own words around expressions of the source.

A term is printed by one rule: a part stands in parentheses where it binds less than its place needs. Authority for how
tightly expressions bind: the Python Language Reference, 6.17 "Operator precedence".
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Word:
    """A name, dotted or with an index, or a literal: code that no parentheses can be missing around."""

    text: str

    @property
    def root(self) -> str:
        """The name that it starts with."""
        return re.split(r"\W", self.text, maxsplit=1)[0]


@dataclass(frozen=True, slots=True)
class Given:
    """An expression of the source, the value of a ``parameter`` there; ``text`` is how it is written, on one line."""

    parameter: str
    node: ast.expr
    text: str


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of something that is not a name."""

    value: "Term"
    name: str


@dataclass(frozen=True, slots=True)
class Minus:
    """A negative value."""

    operand: "Term"


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic on two values."""

    left: "Term"
    operator: str
    right: "Term"


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call, ``name`` being empty where it is positional."""

    value: "Term"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call."""

    function: "Term"
    arguments: tuple[Argument, ...] = ()

    def plus(self, value: "Term", name: str) -> "Call":
        """The call with one more argument."""
        return Call(self.function, (*self.arguments, Argument(value, name)))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function, or one of the marks ``*`` and ``**name`` among them."""

    name: str
    default: "Term | None" = None


@dataclass(frozen=True, slots=True)
class Function:
    """A lambda."""

    parameters: tuple[Parameter, ...]
    body: "Term"


Term = Word | Given | Attribute | Minus | Operation | Call | Function

_ATOM, _POWER, _SIGN, _TERM, _SUM, _LAMBDA, _NAMED = 15, 14, 13, 12, 11, 1, 0

_SIDES = {
    "**": (_ATOM, _SIGN, _POWER),
    "*": (_TERM, _SIGN, _TERM),
    "/": (_TERM, _SIGN, _TERM),
    "+": (_SUM, _TERM, _SUM),
    "-": (_SUM, _TERM, _SUM),
}
"""How tightly the left and the right side of an operator must bind, and the operation does itself."""

_OPERATORS: Mapping[type[ast.operator], str] = {
    ast.Pow: "**", ast.Mult: "*", ast.Div: "/", ast.Add: "+", ast.Sub: "-",
}  # fmt: skip

_BINDING: tuple[tuple[type[ast.AST], int], ...] = (
    (ast.NamedExpr, _NAMED), (ast.Yield, _NAMED), (ast.YieldFrom, _NAMED), (ast.Lambda, _LAMBDA), (ast.IfExp, 2),
    (ast.Or, 3), (ast.And, 4), (ast.Not, 5), (ast.Compare, 6), (ast.BitOr, 7), (ast.BitXor, 8), (ast.BitAnd, 9),
    (ast.LShift, 10), (ast.RShift, 10), (ast.Add, _SUM), (ast.Sub, _SUM), (ast.Pow, _POWER), (ast.operator, _TERM),
    (ast.unaryop, _SIGN), (ast.Await, _POWER),
)  # fmt: skip
"""How tightly an expression of the source binds, by its kind or its operator's; all others are atoms."""


def binding(term: Term) -> int:
    """How tightly a term binds: it needs parentheses where a place asks for more."""
    match term:
        case Function():
            return _LAMBDA
        case Minus():
            return _SIGN
        case Operation(operator=operator):
            return _SIDES[operator][2]
        case Given(node=ast.BinOp(op=part) | ast.BoolOp(op=part) | ast.UnaryOp(op=part)) | Given(node=part):
            return next((level for kind, level in _BINDING if isinstance(part, kind)), _ATOM)
    return _ATOM


def print_term(term: Term, least: int = _NAMED) -> str:
    """The text of a term, in parentheses where it binds less than ``least``."""
    text = _print_term(term)
    return text if binding(term) >= least else f"({text})"


def _print_term(term: Term) -> str:
    match term:
        case Word(text=text) | Given(text=text):
            return text
        case Attribute(value, name):
            return f"{print_term(value, _ATOM)}.{name}"
        case Minus(operand):
            return f"-{print_term(operand, _SIGN)}"
        case Operation(left, operator, right):
            before, after, _ = _SIDES[operator]
            return f"{print_term(left, before)} {operator} {print_term(right, after)}"
        case Call(function, arguments):
            given = ", ".join(_keyword_text(item.name, item.value) for item in arguments)
            return f"{print_term(function, _ATOM)}({given})"
        case Function(parameters, body):
            head = " ".join(
                ("lambda", ", ".join(_keyword_text(item.name, item.default) for item in parameters))
            ).rstrip()
            return f"{head}: {print_term(body, _LAMBDA)}"


def _keyword_text(name: str, value: Term | None) -> str:
    text = "" if value is None else print_term(value, _LAMBDA)
    return "=".join(part for part in (name, text) if part)


def parts(term: Term) -> Iterator[Term]:
    """A term and all within it, in the order of the text."""
    yield term
    for child in _children(term):
        yield from parts(child)


def _children(term: Term) -> Iterator[Term]:
    match term:
        case Attribute(value=child) | Minus(operand=child):
            yield child
        case Operation(left=left, right=right):
            yield from (left, right)
        case Call(function, arguments):
            yield function
            yield from (item.value for item in arguments)
        case Function(parameters, body):
            yield from (item.default for item in parameters if item.default is not None)
            yield body


def map_parts(term: Term, change: Callable[[Term], Term]) -> Term:
    """A term with ``change`` made of every part, from within."""

    def inner(part: Term) -> Term:
        return map_parts(part, change)

    match term:
        case Attribute(value, name):
            term = Attribute(inner(value), name)
        case Minus(operand):
            term = Minus(inner(operand))
        case Operation(left, operator, right):
            term = Operation(inner(left), operator, inner(right))
        case Call(function, arguments):
            term = Call(inner(function), tuple(replace(item, value=inner(item.value)) for item in arguments))
        case Function(parameters, body):
            defaults = tuple(replace(item, default=item.default and inner(item.default)) for item in parameters)
            term = Function(defaults, inner(body))
    return change(term)


def sources(term: Term) -> dict[str, Given]:
    """The source's expressions in a term, by parameter."""
    return {part.parameter: part for part in parts(term) if isinstance(part, Given)}


def name_sources(term: Term) -> Term:
    """A term with the parameters' names for the source's expressions."""
    return map_parts(term, lambda part: Word(part.parameter) if isinstance(part, Given) else part)


def read(text: str, names: Mapping[str, Term]) -> Term:
    """The term of an idiom of ours: arithmetic, calls and words, in which some names stand for other terms."""

    def term(node: ast.expr) -> Term:
        match node:
            case ast.Name(id=name) if name in names:
                return names[name]
            case ast.BinOp(left, operator, right):
                return Operation(term(left), _OPERATORS[type(operator)], term(right))
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return Minus(term(operand))
            case ast.Call(function, arguments, keywords):
                positional = (Argument(term(item)) for item in arguments)
                by_name = (Argument(term(item.value), item.arg or "") for item in keywords)
                return Call(term(function), (*positional, *by_name))
        return Word(ast.get_source_segment(text, node) or "")

    return term(ast.parse(text, mode="eval").body)
