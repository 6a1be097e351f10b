"""Propose and prove: the target's call for a site, the same for every weight that the site can start.

The spelling is proved by the target's own grammar on every layout that the weight can have.
"""

import ast
from collections.abc import Callable, Collection

from initport.diagnostics import Code
from initport.emit.constants import check_value
from initport.emit.decision import RefusedError, Weights
from initport.emit.forms import is_given, is_plain
from initport.emit.idioms import Spelling, means
from initport.emit.terms import Term, sources
from initport.grammar.meaning import MeaningError, RejectedError, Vocabulary
from initport.ir.initializers import Initializer, Unsupported
from initport.ir.weights import Layout
from initport.python.sites import Site

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


def check_arguments(
    site: Site, term: Term, value: str | None, assume: Collection[str], *, arrays: bool = False
) -> None:
    """Raises RefusedError where an argument that the target does not get may have an effect, or where the ``value``
    of a constant may be an array, or where a seed has another effect in the target; ``arrays`` is whether the target
    takes an array of the weight's own shape."""
    kept = DRAWN if site.is_drawn else ASIDE
    used = {*kept, *sources(term)}
    for name, node in {**site.arguments.verbatim, **site.arguments.aside}.items():
        if name not in used and not is_plain(node):
            raise RefusedError(f"`{name}` is computed by `{ast.unparse(node)}` and would be lost; give it a name first")
    if site.advances and is_given(site.arguments.aside.get("seed")):
        raise RefusedError(
            "with a seed it returns other values at every call, and the target the same; remove the seed, or set this "
            "weight yourself"
        )
    given = site.arguments.verbatim.get(value or "")
    if given is not None:
        check_value(site, given, assume, arrays)
