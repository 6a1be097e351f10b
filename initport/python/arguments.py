"""The arguments of a call in the source: exact numbers where they are literals, the source's own words where not."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from initport.diagnostics import Code
from initport.grammar.call import Argument, Call
from initport.grammar.meaning import REQUIRED
from initport.grammar.rows import Function
from initport.ir.initializers import TRUNCATED_VARIANCE
from initport.ir.scalar import Scalar
from initport.ir.symbols import Verbatim
from initport.python.scope import Scope, constant

ASIDE = ("shape", "seed", "dtype", "partition_info", "verify_shape", "name")
"""Parameters that no distribution depends on, and that any function may take."""

SIZE = "size"
"""What NumPy calls the shape."""


class UnreadableError(Exception):
    """What the call says can only be told by running it, or it is none (``code``); the message says what and what can
    be done."""

    def __init__(self, reason: str, code: Code = Code.UNDECIDED) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Arguments:
    """``call`` is what the vocabulary is asked; ``aside`` are the expressions of those arguments that only say when
    and how values are drawn, and ``verbatim`` the expressions behind the call's symbols, both by parameter."""

    call: Call
    aside: Mapping[str, ast.expr]
    verbatim: Mapping[str, ast.expr]


def read_arguments(
    name: str,
    function: Function,
    positional: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
    scope: Scope,
    telling: Collection[str] = (),
) -> Arguments:
    """``telling`` are parameters that must be literals besides those that the function's meaning branches by. Raises
    UnreadableError."""
    bound = bind(name, function, positional, [part for item in keywords for part in _spelled(item, scope)])
    chosen = {*deciding(function.means), *telling}
    aside = {parameter: node for parameter, node in bound.items() if parameter in (*ASIDE, SIZE)}
    verbatim: dict[str, ast.expr] = {}
    named: list[tuple[str, Argument]] = []
    for parameter, node in bound.items():
        if parameter in aside:
            continue
        value = literal(node)
        if value is UNKNOWN and parameter in chosen:
            value = literal(constant(node, scope))
        if value is UNKNOWN and parameter in chosen:
            raise UnreadableError(
                f"the distribution depends on `{parameter}`, which is known only when the program runs"
                f"{_said(parameter, node)}; write it out"
            )
        if value is UNKNOWN:
            value, verbatim[parameter] = _symbolic(node, parameter)
        elif isinstance(value, bool) and parameter not in chosen:
            value = Scalar.of(int(value))
        named.append((parameter, value))
    return Arguments(Call(name, (), tuple(named)), aside, verbatim)


def _said(parameter: str, node: ast.expr) -> str:
    said = ast.unparse(node)
    return "" if said == parameter else f" (`{said}`)"


def _spelled(item: ast.keyword, scope: Scope) -> list[ast.keyword]:
    """A keyword; those of a ``**`` of literals that are written out, and stay what they are, one by one."""
    given = constant(item.value, scope)
    if item.arg is not None or (given is not item.value and not _only_spread(item.value, scope)):
        return [item]
    match given:
        case ast.Dict(keys=keys, values=values):
            found = [
                (literal(key) if key is not None else None, value) for key, value in zip(keys, values, strict=True)
            ]
        case ast.Call(func=ast.Name(id="dict"), args=[], keywords=keywords) if scope.home("dict") is None:
            found = [(keyword.arg, keyword.value) for keyword in keywords]
        case _:
            return [item]
    plain = all(isinstance(name, str) and literal(value) is not UNKNOWN for name, value in found)
    return [ast.keyword(name, value) for name, value in found] if plain else [item]


def _only_spread(node: ast.expr, scope: Scope) -> bool:
    """Whether a name is looked up for nothing but ``**``."""
    home = scope.home(node.id) if isinstance(node, ast.Name) else None
    if home is None or not isinstance(node, ast.Name):
        return False
    found = list(ast.walk(home.node))
    spread = {
        keyword.value for call in found if isinstance(call, ast.Call) for keyword in call.keywords if not keyword.arg
    }
    uses = (use for use in found if isinstance(use, ast.Name) and use.id == node.id and isinstance(use.ctx, ast.Load))
    return all(use in spread for use in uses)


def bind(
    name: str, function: Function, positional: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> dict[str, ast.expr]:
    short = name.rpartition(".")[2]
    parameters = list(function.parameters)
    if any(isinstance(node, ast.Starred) for node in positional) or any(item.arg is None for item in keywords):
        raise UnreadableError(
            f"{short} is called with `*` or `**`, so that its arguments cannot be told; write them out"
        )
    if len(positional) > len(parameters):
        raise UnreadableError(f"{short} takes at most {len(parameters)} arguments", Code.REJECTED_INITIALIZER)
    bound = dict(zip(parameters, positional, strict=False))
    for item in keywords:
        assert item.arg is not None
        if item.arg in bound or (item.arg not in parameters and item.arg not in ASIDE):
            raise UnreadableError(f"{short} does not take `{item.arg}` here", Code.REJECTED_INITIALIZER)
        bound[item.arg] = item.value
    missing = [
        parameter
        for parameter, default in function.parameters.items()
        if default == REQUIRED and parameter not in bound and parameter not in ASIDE
    ]
    if missing:
        raise UnreadableError(f"{short} needs `{missing[0]}`", Code.REJECTED_INITIALIZER)
    return bound


def check_real(function: Function, arguments: Arguments, scope: Scope) -> None:
    """Raises UnreadableError where whole numbers are drawn."""
    if "Constant" in function.means:
        return
    node = constant(arguments.aside.get("dtype", ast.Constant(None)), scope)
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    if isinstance(last, str) and last.startswith(("int", "uint", "bool")):
        raise UnreadableError(
            "whole numbers are drawn, and no initializer of PyTorch or Keras draws such", Code.INEXPRESSIBLE
        )


def deciding(template: Any) -> list[str]:
    """The parameters whose value chooses the distribution, other than by being None."""
    if not isinstance(template, Mapping):
        return []
    branches = set(template) - {"by", "fold", "else", None}
    chosen = [template["by"]] if "by" in template and branches else []
    return chosen + [name for part in template.values() for name in deciding(part)]


UNKNOWN = object()
"""Not a literal."""

PLACEHOLDER = "_given_"
"""What the name of a parameter gets in front where it stands for an expression of the source."""


def literal(node: ast.expr) -> Any:
    """The value of a literal, of a product, a sum or a root of literal numbers; UNKNOWN for all else.

    A quotient of whole numbers is another thing in Python 2, so it counts as no literal.
    """
    match node:
        case ast.Constant(value=str() | bool() | None as value):
            return value
        case ast.Constant(value=int() | float() as number):
            if number == TRUNCATED_VARIANCE.value:
                return Scalar.of(TRUNCATED_VARIANCE)
            return Scalar.of(Fraction(repr(number))) if number == number and abs(number) != float("inf") else UNKNOWN
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = literal(operand)
            return -inner if isinstance(inner, Scalar) else UNKNOWN
        case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=0.5)):
            inner = literal(left)
            return inner.sqrt() if isinstance(inner, Scalar) and inner.sign >= 0 else UNKNOWN
        case ast.BinOp(left=left, op=ast.Mult() | ast.Add() | ast.Sub() | ast.Div() as operator, right=right):
            return _arithmetic(left, operator, right)
    return UNKNOWN


def _arithmetic(left: ast.expr, operator: ast.operator, right: ast.expr) -> Any:
    first, second = literal(left), literal(right)
    if not isinstance(first, Scalar) or not isinstance(second, Scalar):
        return UNKNOWN
    match operator:
        case ast.Mult():
            return first * second
        case ast.Add() if first.rational is not None and second.rational is not None:
            return first + second
        case ast.Sub() if first.rational is not None and second.rational is not None:
            return first - second
        case ast.Div() if second.sign and (_is_float(left) or _is_float(right)):
            return first / second
    return UNKNOWN


def _is_float(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in ast.walk(node))


def _symbolic(node: ast.expr, parameter: str) -> tuple[Scalar, ast.expr]:
    """The value in the parameter's symbol, and the expression that the symbol stands for.

    A literal factor is kept apart, so that our own output reads back as what it came from."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for first, second in ((node.left, node.right), (node.right, node.left)):
            factor = literal(first)
            if isinstance(factor, Scalar) and factor.sign:
                value, rest = _symbolic(second, parameter)
                return factor * value, rest
    return Scalar.of(Verbatim(PLACEHOLDER + parameter)), node
