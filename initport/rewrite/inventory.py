"""Every initializer of a module in plain words: what is written, what it draws, and what becomes of it."""

import ast
from collections.abc import Iterable

from initport.emit.settings import Settings
from initport.emit.targets import target
from initport.grammar import registry
from initport.grammar.load import vocabulary
from initport.grammar.mistakes import rows
from initport.ir.describe import distribution, exact_law, variance_formula
from initport.ir.initializers import Initializer, RandomNormal, RandomUniform, TruncatedNormal
from initport.ir.scalar import Scalar
from initport.ir.weights import Layout
from initport.lexis import one_line
from initport.python.sites import Left, Place, Site, Sites
from initport.python.sites.formula import formula, starting_law
from initport.python.symbolic import operands
from initport.records import NamedTuple
from initport.rewrite.handwritten import PLAIN
from initport.rewrite.premise import doubt, package_of

CONVERTED, MODERN, REPORTED, SILENCED = "converted", "modern", "reported", "silenced"
"""What becomes of an initializer: it has an exact equal, needs no change, or is reported with a reason, or not."""

UNKNOWN, COMPUTED, BY_VERSION = "not known", "computed by the program", "depends on the version, which is not known"
"""The kinds of laws that are none."""


class Entry(NamedTuple):
    """An initializer at the offset ``start`` of the text, from which ``line`` and ``column`` follow.

    ``function`` is the name that it is imported by, or that a layer looks up; ``layer`` and ``weight`` are what it
    starts, as far as that is visible. ``law`` is what it draws, in the source's own expressions, None where that is not
    known; ``kind`` the same in few words, of which a corpus has few. ``state`` is ``modern`` for one that needs no
    change, ``converted``, ``reported``, or ``silenced``.
    """

    start: int
    source: str
    framework: str | None
    function: str | None
    layer: str | None
    weight: str | None
    law: str | None
    kind: str
    state: str
    line: int | None = None
    column: int | None = None


class States:
    """What became of the initializers of a module, of which ``loud`` is what is reported."""

    def __init__(self, converted: Iterable[Site], kept: Iterable[Site], loud: Iterable[Left]) -> None:
        self._known = {id(site): CONVERTED for site in converted} | {id(site): MODERN for site in kept}
        self._loud = {(item.line, item.column) for item in loud}

    def state_of(self, site: Site) -> str:
        return self._known.get(id(site)) or self.state_at(site.line, site.column)

    def state_at(self, line: int, column: int) -> str:
        return REPORTED if (line, column) in self._loud else SILENCED


def inventory(sites: Sites, hidden: Iterable[Left], settings: Settings, states: States) -> tuple[Entry, ...]:
    """In the order of the source; ``hidden`` is what else there is, in statements that could not be read."""
    text, there = sites.syntax.text, target(settings.target).grammar
    found = [_of_site(site, settings, states.state_of(site)) for site in sites.found]
    for item in (*sites.left, *hidden):
        known = None if item.meaning is None else exact_law(item.meaning)
        state = MODERN if item.modern == there else states.state_at(item.line, item.column)
        start = text.starts[item.line - 1] + item.column - 1
        found.append(
            Entry(start, one_line(item.source), _title(item.modern), None, None, None, known, known or UNKNOWN, state)
        )
    return tuple(sorted(found, key=lambda item: item.start))


def _of_site(site: Site, settings: Settings, state: str) -> Entry:
    known, _ = meaning(site, settings)
    kind = UNKNOWN if known is None or site.scaling is None else _kind(site, known)
    if state != CONVERTED and doubt(site, settings) is not None:
        kind = BY_VERSION
    layer, _, weight, _ = where(site.place)
    return Entry(
        site.span.start,
        one_line(site.source),
        site.named.vocabulary.grammar.title or registry.title(package_of(site)),
        site.named.path or site.string or site.named.name,
        layer or None,
        weight or None,
        None if known is None or kind in (UNKNOWN, BY_VERSION) else exact_law(known),
        kind,
        state,
    )


def meaning(site: Site, settings: Settings) -> tuple[Initializer | None, Layout | None]:
    """What a weight starts with, in the source's own expressions, and that weight's axes."""
    held = target(settings.target).sites.weights(site, settings.assume)
    layouts = [source for source, _ in held]
    found = zip(site.meanings({name: name for name in site.arguments.verbatim}, layouts), layouts, strict=True)
    meant, layout = next(((meant, layout) for meant, layout in found if meant is not None), (None, None))
    drawn_alike = isinstance(meant, RandomUniform | RandomNormal | TruncatedNormal)
    return (starting_law(site) if drawn_alike else None) or meant, layout


def where(place: Place) -> tuple[str, str, str, str]:
    """The layer, its kind, the weight's role, and the rest in words."""
    callee = "" if place.call is None else one_line(ast.unparse(place.call.func))
    weights = () if place.layer is None else place.layer.row.weights
    roles = [item.role.value for item in weights
             if item.argument == place.argument and (item.key or "") == place.key]  # fmt: skip
    kind = "" if place.layer is None else place.layer.row.kind
    if roles:
        return callee, kind, ", ".join(dict.fromkeys(roles)), ""
    return callee, kind, "", place.what.removesuffix(f" of {callee}" if callee else "")


def _kind(site: Site, known: Initializer) -> str:
    """The law in words that many initializers share, hand-written ones with those of libraries."""
    written = formula(site)
    if written is not None:
        law, mistake = written.recognition.law, written.recognition.mistake
        missed = "" if mistake is None else f", missed ({mistake.code})"
        return f"{distribution(known)}, {_variance_words(law.variance)}{missed}"
    if _is_computed(known):
        return f"{distribution(known)}, {COMPUTED}"
    variance = variance_formula(known)
    return exact_law(known) if variance in (None, "0") else f"{distribution(known)}, {_variance_words(variance)}"


def _variance_words(variance: str) -> str:
    """A variance, with the name that it is known by."""
    names = {_as_printed(law.variance): law.name for law in rows().laws[:PLAIN]}
    name = names.get(_as_printed(variance))
    return f"variance {_as_printed(variance)}" + (f" ({name})" if name else "")


def _as_printed(variance: str) -> str:
    return variance.replace("2 / (fan_in + fan_out)", "1 / fan_avg")


def _is_computed(known: Initializer) -> bool:
    """Whether it depends on an expression of the source."""
    scalars = (item for item in known if isinstance(item, Scalar))
    return any(next(operands(item), None) is not None for item in scalars)


def _title(framework: str) -> str | None:
    return vocabulary(framework).grammar.title if framework in registry.heads() else None
