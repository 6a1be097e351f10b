"""Expressions of the source as exact scalars of what they are made of."""

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache

from initport.grammar.call import Argument, Call
from initport.grammar.expression import ExpressionError, evaluate, value_of
from initport.grammar.meaning import Vocabulary
from initport.ir.scalar import InexactError, Scalar
from initport.ir.symbols import Magnitude, Sum, Verbatim
from initport.ir.weights import Layout

SIZE = "_size_"
"""What the symbol of a tensor's size starts with, before the size's spelling on a tensor `w`."""


class _Operands(Mapping[str, Scalar]):
    """Every operand has a value: that which is known of it, else a symbol of its own."""

    def __init__(self, known: Mapping[str, Scalar]) -> None:
        self.known = known

    def __getitem__(self, source: str) -> Scalar:
        return self.known.get(source) or Scalar.of(Verbatim(source))

    def __contains__(self, source: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def expand(node: ast.expr, known: Mapping[str, Scalar] | None = None) -> Scalar:
    """The arithmetic of an expression in symbols of its operands; one symbol where it is not arithmetic of ours."""
    try:
        return value_of(node, _Operands(known or {}))
    except (ExpressionError, InexactError, ZeroDivisionError, OverflowError):
        return Scalar.of(Verbatim(ast.unparse(node)))


@lru_cache(maxsize=1024)
def expand_text(source: str) -> Scalar:
    """The same for an expression's source."""
    try:
        return expand(ast.parse(source, mode="eval").body)
    except (SyntaxError, ValueError):
        return Scalar.of(Verbatim(source))


def operands(scalar: Scalar) -> Iterator[Verbatim]:
    """The source's own expressions that a scalar is made of."""
    for symbol, _ in scalar.powers:
        match symbol:
            case Verbatim():
                yield symbol
            case Magnitude(of):
                yield from operands(Scalar.of(of))
            case Sum(first, second):
                yield from (*operands(first), *operands(second))


def rename(scalar: Scalar, names: Mapping[Verbatim, Scalar]) -> Scalar:
    """The scalar with values in place of such symbols. Raises InexactError where the result has no exact form."""
    result = Scalar(scalar.sign, scalar.square)
    for symbol, power in scalar.powers:
        match symbol:
            case Verbatim() if symbol in names:
                factor = names[symbol]
            case Magnitude(of):
                factor = (rename(Scalar.of(of), names) ** 2).sqrt()
            case Sum(first, second):
                factor = rename(first, names) + rename(second, names)
            case _:
                factor = Scalar.of(symbol)
        result = result * factor**power
    return result


def with_sizes(call: Call, vocabulary: Vocabulary, layout: Layout | None) -> Call:
    """The call on a tensor of this layout, with its sizes in place of their symbols."""
    scalars = (value for _, value in call.named if isinstance(value, Scalar) and value.powers)
    if not any(operand.source.startswith(SIZE) for value in scalars for operand in operands(value)):
        return call
    names: dict[Verbatim, Scalar] = {}
    for spelling, value in vocabulary.grammar.sizes:
        try:
            names[Verbatim(SIZE + spelling)] = evaluate(value, vocabulary.names(layout))
        except ExpressionError:
            continue
    return rename_call(call, names)


def rename_call(call: Call, names: Mapping[Verbatim, Scalar]) -> Call:
    """The call with values in place of such symbols in its arguments."""
    return Call(call.name, (), tuple((name, _rename(value, names)) for name, value in call.named))


def _rename(value: Argument, names: Mapping[Verbatim, Scalar]) -> Argument:
    """Where the value has no exact form, it is a symbol that says what it was made of."""
    if not isinstance(value, Scalar):
        return value
    try:
        return rename(value, names)
    except (InexactError, ZeroDivisionError):
        made = ", ".join(f"{operand.source}: {names.get(operand, operand)}" for operand in operands(value))
        return Scalar.of(Verbatim(f"{value} with {made}"))
