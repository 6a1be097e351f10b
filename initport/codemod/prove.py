"""Propose and prove: the target's call for a site, the same for every weight that the site can start.

The spelling is proved by the target's own grammar on every layout that the weight can have.
"""

import ast
from collections.abc import Callable, Collection

from initport.codemod.decision import RefusedError, Weights
from initport.codemod.forms import is_plain
from initport.diagnostics import Code
from initport.emitters.idioms import Spelling, means
from initport.grammar.meaning import MeaningError, RejectedError, Vocabulary
from initport.ir.initializers import Initializer, Unsupported
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout
from initport.readers.python_source.arguments import PLACEHOLDER, literal
from initport.readers.python_source.names import Scope, constant
from initport.readers.python_source.sites import Site

ASIDE = frozenset({"seed"})
"""Arguments that no distribution depends on, and that a replacement takes over."""

DRAWN = ASIDE | {"shape", "dtype"}
"""Those of a function that draws."""


def prove(
    site: Site,
    target: Vocabulary,
    weights: Weights,
    spelled: Callable[[Initializer, Layout | None], Spelling],
    differs: Callable[[Layout], RefusedError],
) -> Spelling:
    """The target's call, as ``spelled`` for the first weight that the source framework does not reject.

    ``differs`` is the refusal where that call means something else on a weight. Raises RefusedError, MeaningError."""
    spelling: Spelling | None = None
    rejected: RejectedError | None = None
    for source, there in weights:
        try:
            initializer = site.meaning(source)
        except RejectedError as error:
            rejected = error
            continue
        if isinstance(initializer, Unsupported):
            raise RefusedError(initializer.reason, code=Code.UNSUPPORTED_INITIALIZER)
        if spelling is None:
            spelling = spelled(initializer, there)
        elif not means(target, spelling.text, there, initializer):
            raise differs(source)
    if spelling is None:
        raise rejected or MeaningError("nothing is known of the weight")
    return spelling


def check_arguments(site: Site, text: str, value: str | None, assume: Collection[str]) -> None:
    """Raises RefusedError where an argument that the target does not get may have an effect, or where the ``value``
    of a constant may be an array."""
    kept = DRAWN if site.is_drawn else ASIDE
    used = {*kept, *(name for name in site.arguments.verbatim if f"{PLACEHOLDER}{name}" in text)}
    for name, node in {**site.arguments.verbatim, **site.arguments.aside}.items():
        if name not in used and not is_plain(node):
            raise RefusedError(f"`{name}` is computed by `{ast.unparse(node)}` and would be lost; give it a name first")
    given = site.arguments.verbatim.get(value or "")
    if given is not None and not is_number(given, site.scope) and "scalar" not in assume:
        raise RefusedError(
            f"the value `{ast.unparse(given)}` may be an array, which the target lays out differently; say --assume "
            "scalar if it is one number",
            assume="scalar",
        )


def is_number(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is arithmetic on single numbers, as far as its names are bound to literals here."""
    match node:
        case ast.Name():
            bound = constant(node, scope)
            return bound is not node and isinstance(literal(bound), Scalar)
        case ast.BinOp(left=left, right=right):
            return is_number(left, scope) and is_number(right, scope)
        case ast.UnaryOp(operand=operand):
            return is_number(operand, scope)
        case ast.Call(func=ast.Name(id="float" | "int")) | ast.Call(func=ast.Attribute(value=ast.Name(id="math"))):
            return True
    return isinstance(literal(node), Scalar)
