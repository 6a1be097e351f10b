"""Source code for a library on JAX: at the place of an initializer one of the library's, or a lambda that draws.

Authority: jax/_src/nn/initializers.py of JAX, whose initializers are called with a key, a shape and a type, and
haiku/_src/initializers.py, whose own take the key of the running transformation. All draw afresh for each key.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from initport.diagnostics import Code
from initport.emit.axis_pairs import differs, pairs
from initport.emit.decision import Keep, RefusedError, Replace, Weights
from initport.emit.forms import as_attribute, captures, factory, is_given, once, proved_call
from initport.emit.idioms import Spelling, spell
from initport.emit.proof import check_arguments, check_repeats, check_whole, prove
from initport.emit.route import library_route
from initport.emit.settings import Settings
from initport.emit.terms import Call, Function, Parameter, Term, Word, map_parts, name_sources
from initport.grammar.load import vocabulary
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.grammar.versions import Versions
from initport.ir.initializers import Constant, Initializer, canonical, elementwise
from initport.ir.weights import Layout
from initport.python.sites import Form, Site
from initport.python.vocabulary import Names, names

_WAYS = {
    "jax.nn.initializers": ("import jax", ("jax", "jax_module"),
                            (("jax.nn.initializers", ""), ("jax.nn", ".initializers"), ("jax", ".nn.initializers"))),
    "jax.random": ("import jax", ("jax", "jax_module"), (("jax.random", ""), ("jax", ".random"))),
    "hk.initializers": ("import haiku", ("hk", "haiku"), (("haiku.initializers", ""), ("haiku", ".initializers"))),
    "math.sqrt": ("import math", ("math",), (("math.sqrt", ""), ("math", ".sqrt"))),
}  # fmt: skip
"""What our spellings name: the import that it needs and the names to give it, and the paths that it can be reached by,
each with what follows."""

_NAMES = re.compile(rf"({'|'.join(map(re.escape, _WAYS))})\b")
_SIZE = re.compile(r"shape\[|math\.prod")


@dataclass(frozen=True, slots=True)
class Rewriter:
    """Of a library: the name of its grammar, the root of what is written, and the grammars whose initializers it takes
    as they are; ``instead`` are spellings that stand in a program for those that only emitted modules have."""

    grammar: str
    root: str
    own: frozenset[str]
    instead: Mapping[str, str] = field(default_factory=dict)

    def decide(self, site: Site, settings: Settings) -> Replace | Keep:
        """What takes the site's place. Raises RefusedError, MeaningError."""
        target = vocabulary(self.grammar)
        if site.named.vocabulary.framework in {*self.own, "numpy"}:
            return Keep()
        _check_form(site, target)
        held = pairs(site, target, settings.assume, settings.offered)
        spelling = prove(
            site,
            target,
            held,
            lambda initializer, layout: _spell(target, initializer, layout),
            lambda _: differs(site, target, settings.offered),
        )
        spelling = spelling._replace(text=self.instead.get(spelling.text, spelling.text))
        term = _term(site, spelling.text)
        check_arguments(site, term, settings.assume, constant=".constant" in spelling.text.lower())
        _check_seed(site, spelling, target)
        check_whole(site, held, settings.assume)
        check_repeats(site, held, target.grammar.title)
        term, statements = _reach(site, _form(site, spelling, term, target, settings.python2))
        return Replace(term, site.node, held, statements)

    def weights(self, site: Site, assumed: frozenset[str]) -> Weights:
        """The weights that a site may start, where this is assumed of them."""
        return pairs(site, vocabulary(self.grammar), assumed)

    def names_written(self) -> Names:
        """What rewritten source is read with."""
        return names(Versions(), roots=frozenset({"tensorflow", self.root}))


def _check_form(site: Site, target: Vocabulary) -> None:
    """Raises RefusedError where the site gives no initializer."""
    title = target.grammar.title
    if site.named.vocabulary.grammar.head.gives == "filled":
        raise RefusedError(
            f"it fills a tensor in place, and arrays of JAX do not change; give the layer of {title} an initializer of "
            "the same distribution",
            code=Code.FILLED,
        )
    if site.form is Form.DRAW:
        raise RefusedError("values are drawn at once, which takes a key in JAX; make a key and draw with it yourself")


def _spell(target: Vocabulary, initializer: Initializer, layout: Layout | None) -> Spelling:
    spelling = spell(target, initializer, layout)
    title = target.grammar.title
    if spelling is None:
        if layout is None and not elementwise(initializer):
            raise MeaningError(f"the layer of {title} has no such weight; initialize its weights yourself")
        raise MeaningError(f"{title} has no such initializer for a weight with these axes; initialize it yourself")
    known = target.initializers.get(spelling.function)
    if known is None or known.code is not None or _SIZE.search(spelling.text):
        raise RefusedError(
            f"{title} has no such initializer, and one expression does not make it; initialize this weight yourself",
            code=Code.INEXPRESSIBLE,
        )
    return spelling


def _term(site: Site, text: str) -> Term:
    """The call that a spelling is, or that its lambda makes; the name of a function that is an initializer itself."""
    body = text.partition(": ")[2] if text.startswith("lambda") else text
    return proved_call(site, body) if "(" in body else Word(body)


def _check_seed(site: Site, spelling: Spelling, target: Vocabulary) -> None:
    constant = all(
        isinstance(canonical(item), Constant) for item in site.meanings({}, site.layouts) if item is not None
    )
    if is_given(site.arguments.aside.get("seed")) and not constant:
        raise RefusedError(
            f"it is seeded, and {target.grammar.title} draws with the key that it is given; leave the seed out, and "
            "make the key of it"
        )


def _form(site: Site, spelling: Spelling, term: Term, target: Vocabulary, python2: bool) -> Term:
    """What stands at the site. Raises RefusedError."""
    if not once(term):
        raise RefusedError("an argument would be evaluated more than once; give it a name first")
    if site.form is Form.FACTORY:
        made = factory(term, name_sources(term), python2) if isinstance(term, Call) else Function((), term)
        if spelling.text.startswith("lambda"):
            raise RefusedError("it is called to make an initializer; call it at this place")
        return as_attribute(site, made)
    if not spelling.text.startswith("lambda"):
        return as_attribute(site, term)
    captured = captures(term)
    if captured and python2:
        raise RefusedError("it needs a function with keyword-only parameters, which Python 2 lacks; name a number")
    head = (Parameter("key"), Parameter("shape"), Parameter("dtype", Word("float")))
    tail = (Parameter("*"), *captured) if captured else ()
    return as_attribute(site, Function((*head, *tail), name_sources(term)))


def _reach(site: Site, term: Term) -> tuple[Term, tuple[str, ...]]:
    """The same in the names that the module has for the library, and the imports that it lacks."""
    statements: dict[str, None] = {}

    def reach(part: Term) -> Term:
        found = _NAMES.match(part.text) if isinstance(part, Word) else None
        if found is None or not isinstance(part, Word):
            return part
        statement, bound, paths = _WAYS[found[0]]
        route = library_route(site, statement, found[0], bound, paths)
        statements.update(dict.fromkeys(route.statements))
        return Word(route.name + part.text[found.end() :])

    return map_parts(term, reach), tuple(statements)
