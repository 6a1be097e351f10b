"""Propose and prove: the target's call for a site, the same for every weight that the site can start.

The spelling is proved by the target's own grammar on every layout that the weight can have.
"""

import ast
import re
from collections.abc import Callable, Collection

from initport.diagnostics import Code
from initport.emit.constants import check_no_array, check_value
from initport.emit.decision import RefusedError, Weights
from initport.emit.forms import is_given, is_plain
from initport.emit.idioms import Spelling, means
from initport.emit.terms import Term, sources
from initport.grammar.meaning import MeaningError, RejectedError, Vocabulary
from initport.ir.describe import exact_law
from initport.ir.initializers import Blocks, Constant, Identity, Initializer, Unsupported, canonical, elementwise
from initport.ir.scalar import Scalar, roles
from initport.ir.weights import Layout
from initport.python.place import PARTITIONER
from initport.python.sites import Form, Reach, Site

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
        if isinstance(simple := canonical(initializer), Blocks):
            parts = ", ".join(map(exact_law, simple.parts))
            raise RefusedError(
                f"its parts start as {parts}, and one expression makes no parts; `initport explain` and `convert "
                "--module` write such a weight by its layer",
                code=Code.INEXPRESSIBLE,
            )
        if spelling is None:
            spelling = spelled(initializer, there)
        elif not means(target, spelling.text, there, initializer):
            raise differs(source)
    if spelling is None:
        raise rejected or MeaningError("nothing is known of the weight")
    return spelling


def check_arguments(site: Site, term: Term, assume: Collection[str], *, constant: bool, arrays: bool = False) -> None:
    """Raises RefusedError where an argument that the target does not get may have an effect, or where the value of a
    ``constant`` may be an array, or where a seed has another effect in the target; ``arrays`` is whether the target
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
    of_value = re.findall(r"\w+", str(site.named.function.means)) if constant else ()
    for name, node in site.arguments.verbatim.items():
        if name in of_value:
            check_value(site, node, assume, arrays)
        elif name in used:
            check_no_array(node, site.scope)


def check_whole(site: Site, held: Weights, assume: Collection[str]) -> None:
    """A variable in parts is drawn part by part. TensorFlow's core looks at the whole shape then, as the target will.

    Raises RefusedError."""
    core = site.named.vocabulary.framework == "tensorflow" or site.form is Form.DRAW
    if core or "unpartitioned" in assume or not site.text.contains(PARTITIONER):
        return
    if not all(map(is_sizeless, _meanings(site, held))):
        raise RefusedError(
            "the module names partitioners, and the source takes the shape of each part of a weight for the whole; "
            "pass `--assume unpartitioned` if this weight is in one piece",
            assume="unpartitioned",
        )


def check_repeats(site: Site, held: Weights, title: str) -> None:
    """Where an object without a seed repeats itself, no initializer of the target does as it. Raises RefusedError."""
    again = site.repeats and site.reach is Reach.MANY and site.form is Form.INSTANCE
    seeded = is_given(site.arguments.aside.get("seed"))
    constant = all(isinstance(canonical(item), Constant | Identity) for item in _meanings(site, held))
    if again and not seeded and not constant:
        raise RefusedError(
            f"this object returns the same values at every use, and {title} draws anew; create one for each weight"
        )


def _meanings(site: Site, held: Weights) -> list[Initializer]:
    return [item for item in site.meanings({}, [layout for layout, _ in held]) if item is not None]


def is_sizeless(initializer: Initializer) -> bool:
    """Whether it draws alike whatever the sizes of the weight."""
    simple = canonical(initializer)
    return elementwise(simple) and not any(roles(value) for value in simple if isinstance(value, Scalar))
