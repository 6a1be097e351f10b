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
from initport.python.follow import loads
from initport.python.scope import Scope, constant
from initport.python.syntax import Spot, Syntax

ASIDE = ("shape", "seed", "key", "dtype", "partition_info", "verify_shape", "name")
"""Parameters that no distribution depends on, and that any function may take."""

SIZE = "size"
"""What NumPy calls the shape."""


class UnreadableError(Exception):
    """What the call says is known only when it runs, or it is wrong (``code``); the message says what and what can
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
    spot: Spot,
    syntax: Syntax,
    telling: Collection[str] = (),
    axes: Collection[str] = (),
) -> Arguments:
    """``telling`` are parameters that must be literals besides those that the function's meaning branches by, ``axes``
    such as are one axis or several. Raises UnreadableError."""
    scope = spot.scope
    positional = [part for item in positional for part in _spread(item, scope, syntax)]
    bound = bind(name, function, positional, [part for item in keywords for part in _written_out(item, scope, syntax)])
    for parameter, reason in function.raises.items():
        if parameter in bound and literal(bound[parameter]) is not None:
            raise UnreadableError(reason, Code.REJECTED_INITIALIZER)
    chosen = {*branching_parameters(function.means), *function.pairs, *telling, *axes}
    aside = {parameter: node for parameter, node in bound.items() if parameter in (*ASIDE, SIZE)}
    verbatim: dict[str, ast.expr] = {}
    named: list[tuple[str, Argument]] = []
    for parameter, node in bound.items():
        if parameter in aside:
            continue
        value = literal(node) if parameter not in axes else _axes(constant(node, scope))
        if value is UNKNOWN and parameter in chosen:
            value = literal(_truth(constant(node, scope), scope))
        if value is UNKNOWN and parameter in chosen:
            raise UnreadableError(
                f"the distribution depends on `{parameter}`, which is known only when the program runs"
                f"{_quotation(parameter, node)}; write it out"
            )
        if value is UNKNOWN:
            value, verbatim[parameter] = _symbolic(node, parameter)
        elif isinstance(value, bool) and parameter not in chosen:
            value = Scalar.of(int(value))
        named.append((parameter, value))
    return Arguments(Call(name, (), tuple(named)), aside, verbatim)


def _axes(node: ast.expr) -> Any:
    """One axis, or several as a tuple; UNKNOWN for what is not written out."""
    if not isinstance(node, ast.Tuple | ast.List):
        return literal(node)
    axes = [value.rational if isinstance(value, Scalar) else None for value in map(literal, node.elts)]
    known = [int(axis) for axis in axes if axis is not None and axis.denominator == 1]
    return tuple(known) if len(known) == len(axes) else UNKNOWN


def _quotation(parameter: str, node: ast.expr) -> str:
    text = ast.unparse(node)
    return "" if text == parameter else f" (`{text}`)"


def _written_out(item: ast.keyword, scope: Scope, syntax: Syntax) -> list[ast.keyword]:
    """A keyword; those of a ``**`` of literals that are written out, and stay what they are, one by one."""
    if item.arg is not None:
        return [item]
    given = constant(item.value, scope)
    if given is not item.value and not _is_only_unpacked(item.value, scope, syntax):
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


def _spread(item: ast.expr, scope: Scope, syntax: Syntax) -> list[ast.expr]:
    """A positional argument; those of a ``*`` of literals one by one."""
    if not isinstance(item, ast.Starred):
        return [item]
    given = constant(item.value, scope)
    if not isinstance(given, ast.Tuple | ast.List) or any(literal(part) is UNKNOWN for part in given.elts):
        return [item]
    fixed = given is item.value or isinstance(given, ast.Tuple) or _is_only_unpacked(item.value, scope, syntax)
    return given.elts if fixed else [item]


def _truth(node: ast.expr, scope: Scope) -> ast.expr:
    """``not`` of a literal truth value, or of a name for one, as the literal."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        value = literal(_truth(constant(node.operand, scope), scope))
        if isinstance(value, bool):
            return ast.copy_location(ast.Constant(not value), node)
    return node


def _is_only_unpacked(node: ast.expr, scope: Scope, syntax: Syntax) -> bool:
    """Whether a name is looked up for nothing but ``*`` and ``**``."""
    home = scope.home(node.id) if isinstance(node, ast.Name) else None
    if home is None or not isinstance(node, ast.Name):
        return False
    parents = (spot.parent for spot in loads(syntax, node.id, home))
    return all(
        isinstance(parent, ast.Starred) or (isinstance(parent, ast.keyword) and parent.arg is None)
        for parent in parents
    )


def bind(
    name: str, function: Function, positional: Sequence[ast.expr], keywords: Sequence[ast.keyword]
) -> dict[str, ast.expr]:
    short = name.rpartition(".")[2]
    parameters = function.named
    if any(isinstance(node, ast.Starred) for node in positional) or any(item.arg is None for item in keywords):
        raise UnreadableError(
            f"{short} is called with `*` or `**`, so that its arguments are not known; write them out"
        )
    if len(positional) > len(parameters):
        raise UnreadableError(f"{short} takes at most {len(parameters)} arguments", Code.REJECTED_INITIALIZER)
    bound = dict(zip(parameters, positional, strict=False))
    for item in keywords:
        assert item.arg is not None
        if item.arg in bound or (item.arg not in parameters and item.arg not in ASIDE):
            raise UnreadableError(f"{short} does not take `{item.arg}` here", Code.REJECTED_INITIALIZER)
        bound[item.arg] = item.value
    for parameter, pair in function.pairs.items():
        given = bound.get(parameter)
        if isinstance(given, ast.Tuple | ast.List) and len(given.elts) == len(pair):
            del bound[parameter]
            bound.update(zip(pair, given.elts, strict=True))
    missing = [
        parameter
        for parameter, default in function.parameters.items()
        if default == REQUIRED and parameter not in bound and parameter not in ASIDE
    ]
    if missing:
        raise UnreadableError(f"{short} needs `{missing[0]}`", Code.REJECTED_INITIALIZER)
    return bound


def check_real(function: Function, arguments: Arguments, scope: Scope) -> None:
    """Raises UnreadableError where integers are drawn, or a number stands for a type."""
    stated = arguments.aside.get("dtype")
    if stated is not None and isinstance(literal(constant(stated, scope)), Scalar):
        words = ast.unparse(stated)
        raise UnreadableError(f"`{words}` is a number, where a dtype is expected", Code.REJECTED_INITIALIZER)
    if "Constant" in function.means:
        return
    node = constant(arguments.aside.get("dtype", ast.Constant(None)), scope)
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    if isinstance(last, str) and last.startswith(("int", "uint", "bool")):
        raise UnreadableError(
            "integers are drawn, and no initializer of PyTorch or Keras draws integers", Code.INEXPRESSIBLE
        )


def dtype_name(node: ast.expr | None) -> str | None:
    """The name of a dtype that is written out, as a string or as an attribute of a module."""
    match node:
        case ast.Attribute(attr=name) | ast.Constant(value=str() as name):
            return name
    return None


def branching_parameters(template: Any) -> list[str]:
    """The parameters whose value chooses the distribution, other than by being None."""
    if not isinstance(template, Mapping):
        return []
    branches = set(template) - {"by", "fold", "else", None}
    chosen = [template["by"]] if "by" in template and branches else []
    return chosen + [name for part in template.values() for name in branching_parameters(part)]


UNKNOWN = object()
"""Not a literal."""

PLACEHOLDER = "_given_"
"""What the name of a parameter gets in front where it stands for an expression of the source."""


def literal(node: ast.expr) -> Any:
    """The value of a literal, of a product, a sum or a root of literal numbers; UNKNOWN for all else.

    A quotient of whole numbers is another thing in Python 2, so it counts as no literal.
    """
    spine: list[ast.UnaryOp | ast.BinOp] = []
    while isinstance(node, _OPERATIONS):
        spine.append(node)
        node = node.operand if isinstance(node, ast.UnaryOp) else node.left
    value = _plain(node)
    is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
    for holder in reversed(spine):
        if not isinstance(value, Scalar):
            return UNKNOWN
        if isinstance(holder, ast.UnaryOp):
            value = -value if isinstance(holder.op, ast.USub) else UNKNOWN
        else:
            is_float = is_float or _is_float(holder.right)
            value = _arithmetic(value, holder.op, holder.right, is_float)
    return value


_OPERATIONS = (ast.UnaryOp, ast.BinOp)


def _plain(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=str() | bool() | None as value):
            return value
        case ast.Constant(value=int() | float() as number):
            if number == TRUNCATED_VARIANCE.value:
                return Scalar.of(TRUNCATED_VARIANCE)
            return Scalar.of(Fraction(repr(number))) if number == number and abs(number) != float("inf") else UNKNOWN
    return UNKNOWN


def _arithmetic(first: Scalar, operator: ast.operator, right: ast.expr, is_float: bool) -> Any:
    if isinstance(operator, ast.Pow):
        root = isinstance(right, ast.Constant) and right.value == 0.5
        return first.sqrt() if root and first.sign >= 0 else UNKNOWN
    second = literal(right)
    if not isinstance(second, Scalar):
        return UNKNOWN
    match operator:
        case ast.Mult():
            return first * second
        case ast.Add() if first.rational is not None and second.rational is not None:
            return first + second
        case ast.Sub() if first.rational is not None and second.rational is not None:
            return first - second
        case ast.Div() if second.sign and is_float:
            return first / second
    return UNKNOWN


def _is_float(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Constant) and isinstance(part.value, float) for part in ast.walk(node))


def _symbolic(node: ast.expr, parameter: str) -> tuple[Scalar, ast.expr]:
    """The value in the parameter's symbol, and the expression that the symbol stands for.

    A literal factor is kept apart, so that our own output reads back as what it came from."""
    factors = Scalar.of(1)
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for first, second in ((node.right, node.left), (node.left, node.right)):
            factor = literal(first)
            if isinstance(factor, Scalar) and factor.sign:
                factors, node = factor * factors, second
                break
        else:
            break
    return factors * Scalar.of(Verbatim(PLACEHOLDER + parameter)), node
