"""A call of an initializer, and its reading from Python source."""

import ast
from collections.abc import Mapping
from typing import Any

from initport.grammar.expression import ExpressionError, UnknownNameError, evaluate, value_of
from initport.grammar.layout import ROLES
from initport.ir.scalar import Scalar
from initport.records import NamedTuple

Argument = Scalar | str | bool | tuple[int, ...] | None
"""What a call can be given; a tuple of whole numbers is a list of axes."""


class Call(NamedTuple):
    """``name(*positional, **named)``, with numbers as exact scalars."""

    name: str
    positional: tuple[Argument, ...] = ()
    named: tuple[tuple[str, Argument], ...] = ()


def default_call(default: Mapping[str, Any], sizes: Mapping[str, Scalar] | None = None) -> Call | None:
    """The call that a layer's row states as the default of a weight; None where it states none.

    Its numbers are formulas of the weight's sizes by role, and of the sizes and settings that ``sizes`` gives. What a
    block says of itself (``argument``, ``of``) is not a part of it.

    Raises ExpressionError for one that is none.
    """
    if not default:
        return None
    known = {**ROLES, **(sizes or {})}
    arguments = ((name, _value_of(value, known)) for name, value in default.items() if name not in _ASIDE)
    return Call(str(default["type"]), named=tuple(arguments))


_ASIDE = ("type", "argument", "of")


def _value_of(value: object, known: Mapping[str, Scalar]) -> Argument:
    if value is None or isinstance(value, bool):
        return value
    try:
        return evaluate(str(value), known)
    except UnknownNameError:
        return str(value)


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
        return Call(_dotted_name(node))
    if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
        raise ExpressionError(f"not a call: {source!r}")
    return Call(
        _dotted_name(node.func),
        tuple(_argument(argument, names, given) for argument in node.args),
        tuple((keyword.arg or "", _argument(keyword.value, names, given)) for keyword in node.keywords),
    )


def _dotted_name(node: ast.expr) -> str:
    """The source of a function's name, whatever it is; names with dots the quicker way."""
    names = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    return ".".join((node.id if isinstance(node, ast.Name) else ast.unparse(node), *reversed(names)))


def _argument(node: ast.expr, names: Mapping[str, Scalar], given: frozenset[str]) -> Argument:
    match node:
        case ast.Constant(value=str() | bool() | None as value):
            return value
        case ast.Name(id=name) if name in given:
            return None
        case _:
            return value_of(node, names)
