"""Keras, of any version since TensorFlow 1.15's: a call of its initializers, or a function that makes one each time.

Authority: Keras 3, tf_keras, and tf.keras of TensorFlow 1.15.
"""

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache

from initport.diagnostics import Code
from initport.emit import terms
from initport.emit.axis_pairs import ASSUMED, differs, pairs, visible_pairs
from initport.emit.decision import Keep, RefusedError, Replace, Weights
from initport.emit.forms import is_given, proved_call
from initport.emit.idioms import Spelling, spell
from initport.emit.proof import check_arguments, prove
from initport.emit.route import Route, import_route, visible
from initport.emit.settings import Settings
from initport.emit.targets.keras.form import form, plain
from initport.emit.targets.keras.fresh import is_fresh
from initport.grammar.call import Call
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, RejectedError, Vocabulary
from initport.grammar.versions import Versions
from initport.ir.initializers import Constant, Identity, Initializer, canonical, equal
from initport.ir.weights import Layout
from initport.python.place import PARTITIONER
from initport.python.scope import resolve
from initport.python.sites import Form, Reach, Site
from initport.python.vocabulary import Names, names

PREFIX = "keras.initializers."

OLD_NAMES = {
    "GlorotUniform": "glorot_uniform", "GlorotNormal": "glorot_normal", "HeUniform": "he_uniform",
    "HeNormal": "he_normal", "LecunUniform": "lecun_uniform", "LecunNormal": "lecun_normal",
}  # fmt: skip
"""Names that tf.keras of TensorFlow 1.15 has, for those that it has not. Keras 3 and tf_keras have both."""

MODERN = ("tensorflow.keras.initializers.", "tensorflow.compat.v1.keras.initializers.", "keras.initializers.",
          "tf_keras.initializers.", "tensorflow.compat.v2.keras.initializers.")  # fmt: skip
"""Where the target's functions are found in source that needs no change."""

NEWEST = (3, 15, 1)
"""The Keras that what is written is read with."""

LASTING = (
    "numpy.",
    "keras.random.",
    "tensorflow.random.",
    "tensorflow.compat.v1.random.",
    "tensorflow.compat.v2.random.",
)
"""Functions that draw the same in TensorFlow 2, under the same names."""

_TENSORFLOW = frozenset({"tensorflow", "tensorflow.compat.v1", "tensorflow.compat.v2"})


def decide(site: Site, settings: Settings) -> Replace | Keep:
    """Raises RefusedError, MeaningError."""
    if site.named.name.startswith(LASTING) or (site.string and _is_understood(site)):
        return Keep()
    target = vocabulary("keras")
    _check_visible(site)
    held = pairs(site, target, settings.assume, settings.offered)
    try:
        text = prove(
            site,
            target,
            held,
            lambda initializer, layout: _spell(target, initializer, layout),
            lambda _: differs(site, target, settings.offered),
        ).text
    except RejectedError:
        if _is_newer(site, target):
            return Keep()
        raise
    if _is_modern(site, target, settings):
        return Keep()
    way = _route(site, settings.module)
    short = text.removeprefix(PREFIX).partition("(")[0]
    kept = OLD_NAMES.get(short, short) if settings.module in _OLD else short
    call = terms.Call(terms.Word(f"{way.name}.{kept}"), plain(proved_call(site, text)).arguments)
    check_arguments(site, call, settings.assume, constant=short == "Constant", arrays=True)
    _check_whole(site, short, settings.assume)
    written = form(site, call, short, settings)
    return Replace(written.term, written.node, held, way.statements, also=written.also)


def weights(site: Site, assumed: frozenset[str]) -> Weights:
    return pairs(site, vocabulary("keras"), assumed)


def names_written() -> Names:
    return names(Versions({"keras": NEWEST}), roots=frozenset({"tensorflow", "keras", "tf_keras"}))


def _route(site: Site, chosen: str) -> Route:
    """How Keras's initializers are reached from a site, by a name that is there already if there is one."""
    if chosen == "auto" and site.package == "keras":
        chosen = "keras"
    if chosen in ("keras", "tf_keras"):
        for name in visible(site, frozenset({chosen})):
            return Route(f"{name}.initializers")
        for name in visible(site, frozenset({f"{chosen}.initializers"})):
            return Route(name)
        return import_route(site, f"import {chosen}", chosen, (chosen, f"{chosen}_module"), "{}.initializers")
    for name in visible(site, _TENSORFLOW):
        return Route(f"{name}.keras.initializers")
    for name in visible(site, frozenset(f"{path}.keras" for path in _TENSORFLOW)):
        return Route(f"{name}.initializers")
    names = ("tf", "tensorflow", "tensorflow_module")
    return import_route(site, "import tensorflow", "tensorflow", names, "{}.keras.initializers")


def _fills(site: Site) -> bool:
    return site.named.vocabulary.grammar.head.gives == "filled"


def _check_visible(site: Site) -> None:
    """A function that fills a tensor becomes an initializer only where a layer of TensorFlow or Keras is given it;
    elsewhere it fills a tensor in place, which no initializer of Keras can. Raises RefusedError."""
    if not _fills(site):
        return
    if is_given(site.arguments.aside.get("generator")):
        raise RefusedError("it draws from a generator of PyTorch, which Keras has not; initialize this weight yourself")
    if site.form is Form.FILL or not visible_pairs(site, vocabulary("keras")):
        code = Code.FILLED if site.form is Form.FILL else Code.REFUSED_SITE
        reason = f"it fills a tensor in place, and the layers of Keras do that themselves; {_advice(site)}"
        raise RefusedError(reason, code=code)


def _advice(site: Site) -> str:
    """What to give the layer instead."""
    target = vocabulary("keras")
    try:
        text = prove(
            site,
            target,
            pairs(site._replace(form=Form.INSTANCE), target, frozenset(ASSUMED)),
            lambda meant, layout: _spell(target, meant, layout),
            lambda _: differs(site, target, frozenset()),
        ).text
    except (MeaningError, RefusedError):
        return "give the layer an initializer of the same distribution"
    written = terms.print_term(plain(proved_call(site, text)))
    arguments = _tested_arguments(site, target)
    if arguments:
        return f"give the layer `{' or '.join(arguments)}={written}`"
    return f"give the layer `{written}`, if it is dense or a convolution"


def _tested_arguments(site: Site, target: Vocabulary) -> list[str]:
    """What layers of Keras call the weight's initializer, where an `isinstance` around the site tells the layer."""
    filled = site.node.args[0] if isinstance(site.node, ast.Call) and site.node.args else None
    filled = filled or (site.node.func if isinstance(site.node, ast.Call) else None)
    names = [part.attr for part in ast.walk(filled) if isinstance(part, ast.Attribute)] if filled is not None else []
    found: dict[str, None] = {}
    for holder in site.spot.holders():
        test = holder.node.test if isinstance(holder.node, ast.If) else None
        if not (isinstance(test, ast.Call) and ast.unparse(test.func) == "isinstance" and len(test.args) == 2):
            continue
        classes = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
        for path in (path for item in classes for path in resolve(item, site.scope)):
            found.update(dict.fromkeys(_arguments_of(path, names, target)))
        break
    return list(found)


def _arguments_of(path: str, names: Collection[str], target: Vocabulary) -> Iterator[str]:
    """What Keras calls the initializers of a PyTorch layer's parameters of these names."""
    source = vocabulary("torch").grammar.kinds
    for kind, row in source.items():
        if any(f"torch.{name}" == path for name in row.classes) and kind in target.grammar.kinds:
            for role, place in row.weights.items():
                there = target.grammar.kinds[kind].weights.get(role)
                if place.name in names and there is not None and there.argument is not None:
                    yield there.argument


def _spell(target: Vocabulary, initializer: Initializer, layout: Layout | None) -> Spelling:
    spelling = spell(target, initializer, layout, constants=True)
    if spelling is None or not spelling.text.startswith(PREFIX):
        raise RefusedError("Keras has no such initializer; initialize this weight yourself", code=Code.INEXPRESSIBLE)
    return spelling


def _is_modern(site: Site, target: Vocabulary, settings: Settings) -> bool:
    """Whether the site is a call of Keras that means there what it means here, in a form that keeps weights apart."""
    name = site.named.path
    short = name.rpartition(".")[2]
    if not name.startswith(MODERN) or f"{PREFIX}{short}" not in _offers(target):
        return False
    if site.form is Form.FACTORY or "dtype" in site.arguments.aside:
        return False
    apart = site.form is Form.DRAW or _keeps_apart(site) or is_fresh(site, settings)
    return apart and _same(site, target, f"{PREFIX}{short}")


def _is_newer(site: Site, target: Vocabulary) -> bool:
    """Whether a call that its version of TensorFlow rejects is one of today's Keras, such as this tool writes."""
    short = site.named.path.rpartition(".")[2]
    if not site.named.path.startswith(MODERN) or f"{PREFIX}{short}" not in target.initializers:
        return False
    call = Call(f"{PREFIX}{short}", (), site.arguments.call.named)
    try:
        target.meaning(call, site.layouts[0])
    except MeaningError:
        return False
    return True


_OLD = ("auto", "tf.keras")
"""What is imported where TensorFlow 1.15 must know the names that are written."""

_SPEAKERS = frozenset({"keras_config", "tf_keras", "tensorflow"})
"""Vocabularies of strings that today's Keras understands, in its own way."""


def _is_understood(site: Site) -> bool:
    """Whether today's Keras makes the same of a string or a dict, and its layers an object of their own; of one that
    standalone Keras looks up (``get``), an object that keeps its weights apart."""
    today = vocabulary("keras_config")
    if isinstance(site.node, ast.Call) and not (_keeps_apart(site) and site.package == "keras"):
        return False
    if site.named.vocabulary.framework not in _SPEAKERS or not today.knows(site.string):
        return False
    call = Call(today.initializer_of(site.string), (), site.arguments.call.named)
    return all(_means(today, call, site, *held) for held in weights(site, frozenset()))


def _means(today: Vocabulary, call: Call, site: Site, layout: Layout, there: Layout | None) -> bool:
    """Whether a call means on a weight what the site means, or the site's framework rejects the weight."""
    try:
        meant = site.meaning(layout)
    except RejectedError:
        return True
    except MeaningError:
        return False
    try:
        return equal(today.meaning(call, there), meant)
    except MeaningError:
        return False


@lru_cache(maxsize=8)
def _offers(target: Vocabulary) -> frozenset[str]:
    return frozenset(target.initializers) | {f"{PREFIX}{old}" for old in OLD_NAMES.values()}


def _same(site: Site, target: Vocabulary, name: str) -> bool:
    new = {old: current for current, old in OLD_NAMES.items()}
    short = name.removeprefix(PREFIX)
    call = Call(f"{PREFIX}{new.get(short, short)}", (), site.arguments.call.named)
    return all(_means(target, call, site, *held) for held in weights(site, frozenset()))


def _keeps_apart(site: Site) -> bool:
    """Whether one object does for all weights of the site, as it did before."""
    if site.repeats:
        return True
    if site.reach is Reach.ONE or isinstance(site.arguments.aside.get("seed"), ast.Constant):
        seed = site.arguments.aside.get("seed")
        return site.reach is Reach.ONE or (isinstance(seed, ast.Constant) and seed.value is not None)
    return all(_is_constant(site, layout) for layout in site.layouts)


def _is_constant(site: Site, layout: Layout) -> bool:
    try:
        meant = canonical(site.meaning(layout))
    except MeaningError:
        return True
    return isinstance(meant, Constant | Identity)


_SHAPELESS = frozenset({"Zeros", "Ones", "Constant", "RandomNormal", "RandomUniform", "TruncatedNormal"})
"""Initializers that draw each element alike, whatever the shape."""


def _check_whole(site: Site, short: str, assume: Collection[str]) -> None:
    """A variable in parts is drawn part by part. TensorFlow's core looks at the whole shape then, all others do not."""
    core = site.named.vocabulary.framework == "tensorflow" and site.form is not Form.DRAW
    if core and short not in _SHAPELESS and "unpartitioned" not in assume and site.text.contains(PARTITIONER):
        raise RefusedError(
            "the module names partitioners, and Keras would take the shape of each part of a weight for the whole; "
            "pass `--assume unpartitioned` if this weight is in one piece",
            assume="unpartitioned",
        )
