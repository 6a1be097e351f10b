"""What becomes of a site in Keras: a proved replacement, nothing because it is modern already, or a refusal.

The spelling is proved by the target's own grammar on every layout that the weight can have.
"""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from initport.codemod.forms import FormError, Proved, form, is_plain
from initport.codemod.settings import Settings
from initport.emitters.idioms import means, spell
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, RejectedError, Vocabulary
from initport.ir.initializers import TRUNCATED_VARIANCE, Constant, Initializer, Unsupported, canonical, equal
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout
from initport.readers.python_source.arguments import PLACEHOLDER, literal
from initport.readers.python_source.names import Scope, constant
from initport.readers.python_source.places import PARTITIONER
from initport.readers.python_source.sites import Form, Reach, Site

PREFIX = "keras.initializers."

OLD_NAMES = {
    "GlorotUniform": "glorot_uniform", "GlorotNormal": "glorot_normal", "HeUniform": "he_uniform",
    "HeNormal": "he_normal", "LecunUniform": "lecun_uniform", "LecunNormal": "lecun_normal",
}  # fmt: skip
"""Names that tf.keras of TensorFlow 1.15 has, for those that it has not. Keras 3 and tf_keras have both."""

MODERN = ("tensorflow.keras.initializers.", "tensorflow.compat.v1.keras.initializers.", "keras.initializers.",
          "tf_keras.initializers.", "tensorflow.compat.v2.keras.initializers.")  # fmt: skip
"""Where the target's functions are found in source that needs no change."""

_ASIDE = frozenset({"seed"})


@dataclass(frozen=True, slots=True)
class Replace:
    """``text`` takes the site's place."""

    text: str
    function: str


@dataclass(frozen=True, slots=True)
class Keep:
    """The site has the target's form already."""


@dataclass(frozen=True, slots=True)
class Refuse:
    reason: str


Decision = Replace | Keep | Refuse


def decide(site: Site, module: str, settings: Settings) -> Decision:
    """``module`` is how the source reaches the target's initializers."""
    target = vocabulary("keras")
    try:
        text = prove(site, target)
        if _is_modern(site, target):
            return Keep()
        short = text.removeprefix(PREFIX).partition("(")[0]
        kept = OLD_NAMES.get(short, short) if settings.old else short
        call = f"{module}.{kept}{_numbers(text[len(PREFIX) + len(short) :])}"
        _check_arguments(site, call, short, settings.assume)
        _check_whole(site, short, settings.assume)
        return Replace(form(site, Proved(call, short), _sources(site), settings.python2), kept)
    except RejectedError as error:
        return Keep() if _is_newer(site, target) else Refuse(str(error))
    except (MeaningError, FormError) as error:
        return Refuse(str(error))


def _numbers(text: str) -> str:
    """The arguments with the value of the truncation constant; whole numbers divide as floats, in Python 2 as well."""
    spelled = text.replace(TRUNCATED_VARIANCE.name, repr(TRUNCATED_VARIANCE.value))
    return re.sub(r" / (\d+)(?![\d.])", r" / \1.0", spelled)


def prove(site: Site, target: Vocabulary) -> str:
    """The target's call. Raises a MeaningError, its message saying why there is none."""
    text: str | None = None
    rejected: RejectedError | None = None
    for layout in site.layouts:
        try:
            initializer = site.meaning(layout)
        except RejectedError as error:
            rejected = error
            continue
        if isinstance(initializer, Unsupported):
            raise MeaningError(initializer.reason)
        if text is None:
            text = _spell(target, initializer, layout)
        elif not means(target, text, layout, initializer):
            rank = "one axis" if layout.rank == 1 else "no axes"
            raise MeaningError(
                f"on a weight of {rank} it means something else than on a matrix, and the shape is not told; "
                "say --assume matrix if it is one"
            )
    if text is None:
        raise rejected or MeaningError("nothing is known of the weight")
    return text


def _spell(target: Vocabulary, initializer: Initializer, layout: Layout) -> str:
    spelling = spell(target, initializer, layout, constants=True)
    if spelling is None or not spelling.text.startswith(PREFIX):
        raise MeaningError("Keras has no such initializer; set this weight by hand")
    return spelling.text


def _is_modern(site: Site, target: Vocabulary) -> bool:
    """Whether the site is a call of Keras that means there what it means here, in a form that keeps weights apart."""
    name = site.named.name
    short = name.rpartition(".")[2]
    if not name.startswith(MODERN) or f"{PREFIX}{short}" not in _offered(target):
        return False
    if site.form is Form.FACTORY or "dtype" in site.arguments.aside:
        return False
    return _same(site, target, f"{PREFIX}{short}") and (_keeps_apart(site) or site.form is Form.DRAW)


def _is_newer(site: Site, target: Vocabulary) -> bool:
    """Whether a call that its version of TensorFlow rejects is one of today's Keras, such as this tool writes."""
    short = site.named.name.rpartition(".")[2]
    if not site.named.name.startswith(MODERN) or f"{PREFIX}{short}" not in target.initializers:
        return False
    call = type(site.arguments.call)(f"{PREFIX}{short}", (), site.arguments.call.named)
    try:
        target.meaning(call, site.layouts[0])
    except MeaningError:
        return False
    return True


@lru_cache(maxsize=8)
def _offered(target: Vocabulary) -> frozenset[str]:
    return frozenset(target.initializers) | {f"{PREFIX}{old}" for old in OLD_NAMES.values()}


def _same(site: Site, target: Vocabulary, name: str) -> bool:
    new = {old: current for current, old in OLD_NAMES.items()}
    short = name.removeprefix(PREFIX)
    call = type(site.arguments.call)(f"{PREFIX}{new.get(short, short)}", (), site.arguments.call.named)
    for layout in site.layouts:
        try:
            meant = site.meaning(layout)
        except MeaningError:
            continue
        try:
            if not equal(target.meaning(call, layout), meant):
                return False
        except MeaningError:
            return False
    return True


def _keeps_apart(site: Site) -> bool:
    """Whether one object does for all weights of the site."""
    if site.reach is Reach.ONE or isinstance(site.arguments.aside.get("seed"), ast.Constant):
        seed = site.arguments.aside.get("seed")
        return site.reach is Reach.ONE or (isinstance(seed, ast.Constant) and seed.value is not None)
    return all(_is_constant(site, layout) for layout in site.layouts)


def _is_constant(site: Site, layout: Layout) -> bool:
    try:
        meant = canonical(site.meaning(layout))
    except MeaningError:
        return True
    return isinstance(meant, Constant) or type(meant).__name__ == "Identity"


def _sources(site: Site) -> dict[str, str]:
    nodes = dict(site.arguments.verbatim)
    nodes.update((name, node) for name, node in site.arguments.aside.items() if name in _ASIDE)
    return {name: site.words(node) for name, node in nodes.items()}


def _check_arguments(site: Site, text: str, short: str, assume: Collection[str]) -> None:
    """Arguments that the target does not get must be without effect, and a constant must be one number."""
    used = {*_ASIDE, *(name for name in site.arguments.verbatim if f"{PLACEHOLDER}{name}" in text)}
    for name, node in {**site.arguments.verbatim, **site.arguments.aside}.items():
        if name not in used and not is_plain(node):
            raise FormError(f"`{name}` is computed by `{ast.unparse(node)}` and would be lost; give it a name first")
    value = site.arguments.verbatim.get("value")
    if short == "Constant" and value is not None and not _is_number(value, site.scope) and "scalar" not in assume:
        raise FormError(
            f"the value `{ast.unparse(value)}` may be an array, which Keras lays out differently; say --assume scalar "
            "if it is one number"
        )


_SHAPELESS = frozenset({"Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal"})
"""Initializers that draw each element alike, whatever the shape."""


def _check_whole(site: Site, short: str, assume: Collection[str]) -> None:
    """A variable in parts is drawn part by part. TensorFlow's core looks at the whole shape then, all others do not."""
    core = site.named.vocabulary.framework == "tensorflow" and site.form is not Form.DRAW
    if core and short not in _SHAPELESS and "unpartitioned" not in assume and PARTITIONER in site.text.content:
        raise FormError(
            "the module speaks of partitioners, and Keras would take the shape of each part of a weight for the whole; "
            "say --assume unpartitioned if this weight is in one piece"
        )


def _is_number(node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is arithmetic on single numbers, as far as its names are bound to literals here."""
    match node:
        case ast.Name():
            bound = constant(node, scope)
            return bound is not node and isinstance(literal(bound), Scalar)
        case ast.BinOp(left=left, right=right):
            return _is_number(left, scope) and _is_number(right, scope)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand, scope)
        case ast.Call(func=ast.Name(id="float" | "int")) | ast.Call(func=ast.Attribute(value=ast.Name(id="math"))):
            return True
    return isinstance(literal(node), Scalar)
