"""Hand-written initializers: a distribution whose bound or deviation the source computes from the sizes of its weight.

Which sizes are the fans follows from the shape that stands beside the formula: fan_in is the product of all axes but
the last, fan_out of all but the last but one, as TensorFlow counts (init_ops.py, _compute_fans). Where there is no
shape, what is divided by under the root is taken for the fan.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product as product_of
from typing import TypeGuard

from initport.grammar.meaning import MeaningError
from initport.grammar.mistakes import Recognition, recognise
from initport.ir.initializers import Initializer, RandomNormal, RandomUniform, TruncatedNormal, canonical
from initport.ir.scalar import InexactError, Scalar, product
from initport.ir.symbols import Verbatim
from initport.python.arguments import PLACEHOLDER
from initport.python.arithmetic import elements, exact
from initport.python.follow import parts
from initport.python.place import shape_of
from initport.python.scope import Scope
from initport.python.sites import Form, Site
from initport.python.symbolic import rename_call

_HEADS = 3
"""Axes of a weight whose first may be that of a kernel as well as one of several matrices side by side. With more, the
first are a kernel's for certain where it is a square."""


@dataclass(frozen=True, slots=True)
class Formula:
    """The law that a hand-written initializer follows or misses.

    ``fans`` are those that were taken for such without a shape as evidence, none where the shape gives them."""

    recognition: Recognition
    fans: tuple[str, ...] = ()


def formula(site: Site) -> Formula | None:
    """None where the source computes nothing, or nothing that is known."""
    written = [*site.arguments.verbatim.values(), *(node for _, node in site.scaling or ())]
    if site.form is Form.FILL and isinstance(site.node, ast.Call):  # what is kept apart are the names in an argument
        written += [*site.node.args[1:], *(item.value for item in site.node.keywords)]
    initializer = starting_law(site) if any(_computes(node, site.scope) for node in written) else None
    if initializer is None:
        return None
    slopes: list[Mapping[str, Scalar]] = [{}, *({"slope": slope} for slope in _slopes(site, written))]
    for (fans, is_known), slope in product_of(list(_fans(site, written)), slopes):
        try:
            found = recognise(initializer, {**fans, **slope})
        except (InexactError, ZeroDivisionError):
            continue
        if found is not None:
            named = () if is_known else tuple(str(fans[name]) for name in ("fan_in", "fan_out") if name in fans)
            return Formula(found, named)
    return None


def starting_law(site: Site) -> Initializer | None:
    """What the variable starts with, in the source's own expressions: the values that are drawn, times what they are
    multiplied by. None where that is not a uniform or normal distribution, or has no exact form."""
    if site.scaling is None:
        return None
    try:
        return _starting_law(site, site.scaling)
    except (MeaningError, InexactError, ZeroDivisionError):
        return None


def _computes(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression, or one that a name in it stands for, holds a quotient, a product or a root."""
    for part, _ in parts(node, scope):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div | ast.Mult | ast.Pow):
            return True
        if _is_root(part):
            return True
    return False


def _is_root(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", None)) == "sqrt"


def _starting_law(site: Site, scaling: Iterable[tuple[int, ast.expr]]) -> Initializer | None:
    values = {Verbatim(PLACEHOLDER + name): exact(node, site.scope) for name, node in site.arguments.verbatim.items()}
    drawn = canonical(site.named.vocabulary.meaning(rename_call(site.arguments.call, values), site.layouts[0]))
    factor = product(*(exact(node, site.scope) ** power for power, node in scaling))
    match drawn:
        case RandomUniform(minval, maxval):
            return RandomUniform(minval * factor, maxval * factor)
        case RandomNormal(mean, stddev):
            return RandomNormal(mean * factor, stddev * factor)
        case TruncatedNormal(mean, stddev, bound):
            return TruncatedNormal(mean * factor, stddev * factor, bound)
    return None


def _fans(site: Site, written: list[ast.expr]) -> Iterator[tuple[Mapping[str, Scalar], bool]]:
    """The fans that the formula may speak of, and whether the shape gives them."""
    shape = site.shape or shape_of(site.place)
    sizes = None if shape is None else elements(shape, site.scope)
    if sizes is not None:
        if len(sizes) > 1:
            area = product(*sizes[:-2])
            square = len(sizes) > _HEADS and len(set(sizes[:-2])) == 1
            yield (
                {"fan_in": sizes[-2] * area, "fan_out": sizes[-1] * area, **({"kernel": area} if square else {})},
                True,
            )
        return
    if isinstance(shape, ast.Name | ast.Attribute):
        first, second = (Scalar.of(Verbatim(f"{ast.unparse(shape)}[{index}]")) for index in (0, 1))
        yield {"fan_in": first}, False
        yield {"fan_in": first, "fan_out": second}, False
    for node in written:
        for fan in _divisors(node, site.scope, plain=site.form is Form.FILL):
            value = exact(fan, site.scope)
            terms = value.terms
            yield ({"fan_in": value} if terms is None else {"fan_in": terms[0], "fan_out": terms[1]}), False


def _slopes(site: Site, written: Iterable[ast.expr]) -> Iterator[Scalar]:
    """What stands squared beside a 1: the slope of leaky units, that the source gives a name."""
    for node in written:
        for part, scope in parts(node, site.scope):
            match part:
                case (
                    ast.BinOp(left=ast.Constant(value=1), op=ast.Add(), right=other)
                    | ast.BinOp(left=other, op=ast.Add(), right=ast.Constant(value=1))
                ):
                    base = _square(other)
                    if base is not None:
                        yield exact(base, scope)


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 2


def _square(node: ast.expr) -> ast.expr | None:
    match node:
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=2)):
            return base
        case ast.BinOp(left=base, op=ast.Mult(), right=other) if ast.dump(base) == ast.dump(other):
            return base
    return None


def _divisors(node: ast.expr, scope: Scope, *, plain: bool) -> Iterator[ast.expr]:
    """What is divided by under a root, or is itself under one that is divided by; ``plain`` is whether what 2 is
    divided by counts without a root, too."""
    for part, _ in parts(node, scope):
        if plain and isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div) and _is_two(part.left):
            yield part.right  # the variance of He, whether its root is taken or not
        for argument in part.args if _is_root(part) else ():
            if isinstance(argument, ast.BinOp) and isinstance(argument.op, ast.Div):
                yield argument.left if isinstance(argument.right, ast.Constant) else argument.right
            else:
                yield argument
