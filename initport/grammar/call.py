"""A call of an initializer, and its reading from Python source."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from initport.grammar.expression import ExpressionError, value_of
from initport.ir.scalar import Scalar

Argument = Scalar | str | bool | tuple[int, ...] | None
"""What a call can be given; a tuple of whole numbers is a list of axes."""


@dataclass(frozen=True, slots=True)
class Call:
    """``name(*positional, **named)``, with numbers as exact scalars."""

    name: str
    positional: tuple[Argument, ...] = ()
    named: tuple[tuple[str, Argument], ...] = ()


def read_call(source: str, names: Mapping[str, Scalar], given: frozenset[str]) -> Call:
    """Read a call, a lambda around one, or the bare name of a function, as this tool writes them.

    ``names`` gives the values of the expressions that stand for sizes. Arguments that only hand a name of ``given`` on
    (the tensor, the shape, the dtype) say nothing about the distribution and become None.
    Raises ExpressionError for anything else.
    """
    node = ast.parse(source, mode="eval").body
    if isinstance(node, ast.Lambda):
        node = node.body
    if isinstance(node, ast.Name | ast.Attribute):
        return Call(ast.unparse(node))
    if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
        raise ExpressionError(f"not a call: {source!r}")
    return Call(
        ast.unparse(node.func),
        tuple(_argument(argument, names, given) for argument in node.args),
        tuple((keyword.arg or "", _argument(keyword.value, names, given)) for keyword in node.keywords),
    )


def _argument(node: ast.expr, names: Mapping[str, Scalar], given: frozenset[str]) -> Argument:
    match node:
        case ast.Constant(value=str() | bool() | None as value):
            return value
        case ast.Name(id=name) if name in given:
            return None
        case _:
            return value_of(node, names)
