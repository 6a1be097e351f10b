"""Every initializer in a source file as one row of plain values: those written out, and the defaults of layer calls."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from initport.emit import targets
from initport.emit.decision import Keep, Refuse, Replace
from initport.emit.settings import Settings
from initport.explain.defaults import unsaid
from initport.grammar.meaning import MeaningError
from initport.ir.describe import distribution, variance_formula
from initport.ir.initializers import Initializer, RandomNormal, RandomUniform, TruncatedNormal
from initport.python.sites.formula import formula, started
from initport.python.sites.site import Form, Site
from initport.python.text import Text
from initport.rewrite import netspec, premise
from initport.rewrite.decide import decide
from initport.rewrite.encoding import decode
from initport.rewrite.file import parse_any, unseen
from initport.rewrite.laws import law

COLUMNS = ("line", "place", "source", "distribution", "variance", "law", "target", "exact")


@dataclass(frozen=True, slots=True)
class Row:
    """``law`` is what a hand-written formula follows or misses. ``target`` is what takes the site's place, the reason
    where it is refused, or a dash where nothing is to do; ``exact`` is yes, REFUSED, or a dash."""

    line: int
    place: str
    source: str
    distribution: str
    variance: str
    target: str
    exact: str
    law: str = ""

    def cells(self) -> tuple[str, ...]:
        return tuple(str(getattr(self, name)) for name in COLUMNS)


def rows(data: bytes, settings: Settings, path: str) -> list[Row]:
    """In the order of the source. Raises EncodingError, SyntaxError."""
    if path.endswith(".ipynb"):
        from initport.rewrite.notebook import code, without_magics

        content = code(data)
        tree, python2 = parse_any(content, without_magics)
    else:
        content = decode(data).text
        tree, python2 = parse_any(content)
    text = Text(content)
    sites, settings = premise.read(tree, text, settings)
    found = [_row(site, settings, python2) for site in sites.found]
    left = [item for item in sites.left if item.modern != settings.target]
    left += unseen(content, settings) if python2 else ()
    found += [Row(item.line, "", item.source, "?", "?", item.reason, "REFUSED") for item in left]
    for item in unsaid(tree, text, settings.names, {site.node: site for site in sites.found}):
        found.append(Row(item.line, item.place, item.source, *_described(item.initializer), "-", "-"))
    found += _built(tree, text, settings.target)
    return sorted(found, key=lambda row: row.line)


def _row(site: Site, settings: Settings, python2: bool) -> Row:
    from dataclasses import replace

    decision = decide(site, replace(settings, python2=python2))
    match decision:
        case Keep():
            target, exact = "-", "yes"
        case Refuse(reason):
            target, exact = reason, "REFUSED"
        case Replace(text=text):
            target, exact = text, "yes"
    changed = ", then computed with" if site.scaling is None else ""
    drawn = f" (drawn at once{changed})" if site.form is Form.DRAW else ""
    computed = formula(site)
    meant = _meaning(site, settings)
    drawn_alike = isinstance(meant, RandomUniform | RandomNormal | TruncatedNormal)
    described = _described((started(site) if drawn_alike else None) or meant)
    return Row(site.line, f"{site.place.what}{drawn}", site.source, *described, target, exact, law(computed))


def _built(tree: ast.Module, text: Text, target: str) -> Iterator[Row]:
    """The weights of Caffe networks that the program builds."""
    for item in netspec.described(tree, text, target):
        source = f"(default: {item.weight.source})" if item.weight.implicit else item.weight.source
        line = item.weight.location.line or 0
        yield Row(line, item.place, source, *_described(item.weight.initializer), item.target, item.exact)


def _meaning(site: Site, settings: Settings) -> Initializer | None:
    held = targets.target(settings.target).weights(site, settings.assume)
    for layout in (source for source, _ in held):
        try:
            return site.meaning(layout)
        except MeaningError:
            continue
    return None


def _described(initializer: Initializer | None) -> tuple[str, str]:
    if initializer is None:
        return "?", "?"
    return distribution(initializer), (variance_formula(initializer) or "?").replace("_given_", "")
