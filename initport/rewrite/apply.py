"""One module's text: its sites replaced, its imports put right, and the result checked by reading it again."""

import ast
import re
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache

from initport.diagnostics import Code
from initport.emit.code import number_note
from initport.emit.decision import Keep, Refuse, RefusedError, Replace, Weights
from initport.emit.settings import Settings
from initport.emit.target import Target
from initport.emit.targets import target
from initport.findings.comments import comments_behind
from initport.ir.initializers import Initializer, equal
from initport.ir.weights import Layout
from initport.python import module_sites as reader
from initport.python.follow import remaining
from initport.python.scope import Scope
from initport.python.sites import Form, Left, Site, Sites
from initport.python.syntax import Spot, Syntax
from initport.python.text import Span, Text
from initport.rewrite import premise
from initport.rewrite.caffe_programs import kept_fillers
from initport.rewrite.decide import decide_in_file
from initport.rewrite.edits import Edit, move, splice
from initport.rewrite.equal import equal_weights
from initport.rewrite.filter import Filter
from initport.rewrite.handwritten import mistaken
from initport.rewrite.imports import edits
from initport.rewrite.inventory import Entry, States, inventory
from initport.rewrite.outline import Outline
from initport.rewrite.replacement import replacement
from initport.rewrite.reread import agree
from initport.rewrite.shared_draws import with_library_draws
from initport.rewrite.skeleton import Part, skeleton
from initport.rewrite.uses import check_uses

_NAME = re.compile(r"(?<![\w.])[^\W\d]\w*")

UNREAD = "the replacement does not read back as what it was; initialize this weight yourself"

Parse = Callable[[str], ast.Module]
"""Text to tree, with all positions those of the text. Raises SyntaxError."""

Beside = Callable[[Sites, Settings], None]
"""Takes the sites of a text, and the settings that they were read with, as long as the tree is there."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """A site, what is to take its place, and ``text``, which is the text of that with the comments of the site;
    ``premise`` is what the version was taken from."""

    site: Site
    decision: Replace
    text: str
    premise: str

    @property
    def span(self) -> Span:
        """What the text takes the place of."""
        return self.site.text.span(self.decision.node)


@dataclass(frozen=True, slots=True)
class Converted:
    """What took the place of a site. Nothing here refers to the tree, which need not stay in memory for it.

    ``source`` is the site's text, at ``place``, ``line`` and ``column``; ``text`` took the place of ``span``, and
    ``premise`` is what the version was taken from. ``meant`` is what the site means on each of the ``weights``, and
    ``read`` what it and the replacement mean, as they read, on the first that both can start."""

    source: str
    place: Span
    line: int
    column: int
    span: Span
    text: str
    code: Code
    assumed: frozenset[str]
    weights: Weights
    form: Form
    framework: str
    depends_on_axes: bool
    meant: tuple[Initializer | None, ...]
    premise: str
    read: tuple[Initializer, Initializer] | None = None

    @classmethod
    def of(cls, item: Chosen) -> "Converted":
        site, decision = item.site, item.decision
        return cls(
            source=site.source,
            place=site.span,
            line=site.line,
            column=site.column,
            span=item.span,
            text=item.text,
            code=decision.code,
            assumed=decision.assumed,
            weights=decision.weights,
            form=site.form,
            framework=site.named.vocabulary.framework,
            depends_on_axes=site.named.depends_on_axes,
            meant=_meanings(site, (source for source, _ in decision.weights)),
            premise=item.premise,
        )


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A module before and after the codemod, and the edits that made it so: none where nothing changed. ``modern``
    counts the sites that are right as they are, ``left`` is the findings of the rest, and ``silenced`` counts those
    that are not reported, by comment or selection; ``entries`` is every initializer, where the settings ask for that.
    """

    before: Text
    text: str
    edits: tuple[Edit, ...] = ()
    modern: int = 0
    left: tuple[Left, ...] = ()
    converted: tuple[Converted, ...] = ()
    silenced: int = 0
    entries: tuple[Entry, ...] = ()


class CheckError(Exception):
    """The rewritten text does not read as it should. Without the replacements at these ``spans`` it may."""

    def __init__(self, reason: str, spans: Collection[Span] = ()) -> None:
        super().__init__(reason)
        self.spans = frozenset(spans)


def rewrite(
    source: str | Text,
    settings: Settings,
    parse: Parse = reader.parse,
    hidden: tuple[Left, ...] = (),
    beside: Beside | None = None,
) -> Rewritten:
    """``hidden`` is what else there is to report of the text, and ``beside`` looks at its sites too. Raises SyntaxError
    where the text cannot be read, CheckError where the result does not hold.

    Of the text's tree and the result's there is never more than one in memory: the first is released before the other
    is made. Where the result shows that some replacements do not hold, the text is read again without them."""
    text, awkward = Text.of_source(source), frozenset[Span]()
    while True:
        try:
            return _without(text, settings, parse, hidden, awkward, beside)
        except CheckError as error:
            if error.spans <= awkward:
                raise
            awkward |= error.spans


def _without(
    text: Text,
    settings: Settings,
    parse: Parse,
    hidden: tuple[Left, ...],
    awkward: frozenset[Span],
    beside: Beside | None,
) -> Rewritten:
    """All but the replacements at some spans, which are ``awkward``. Raises SyntaxError, CheckError."""
    tree = parse(text.content)
    sites, settings = premise.read(tree, text, settings)
    syntax = sites.syntax
    try:
        if beside is not None:
            beside(sites, settings)
        chosen, rewritten = _choose(tree, with_library_draws(sites, settings), settings, hidden, awkward)
        if not chosen:
            return rewritten
        del sites  # which holds the tree
        result, everything, checked = _apply(chosen, syntax, settings, parse)
        return replace(rewritten, text=result, edits=everything, converted=checked)
    finally:
        syntax.release()


def _choose(
    tree: ast.Module, sites: Sites, settings: Settings, hidden: tuple[Left, ...], awkward: frozenset[Span]
) -> tuple[list[Chosen], Rewritten]:
    """What is to be replaced, and the text as it is with all that there is to report of the rest."""
    text = sites.syntax.text
    filtered = Filter(text.content, tree, settings.codes)
    shown, kept, left, silenced = _decisions(tree, sites, settings, filtered)
    left = [*(item for item in (*sites.left, *hidden) if item.modern != target(settings.target).grammar), *left]
    chosen = [item for item in shown if item.span not in awkward]
    unchecked = (
        Left(item.site.line, item.site.column, item.site.source, UNREAD, code=Code.UNCHECKED)
        for item in shown
        if item.span in awkward
    )
    left = [*unchecked, *left]
    loud = [item for item in left if filtered.reports(item.code, item.line, item.source)]
    silenced += len(left) - len(loud)
    entries: tuple[Entry, ...] = ()
    if settings.inventory:
        entries = inventory(sites, hidden, settings, States((item.site for item in chosen), kept, loud))
    reported = (*loud, *filtered.unused_comments())
    return chosen, Rewritten(text, text.content, (), len(kept), reported, silenced=silenced, entries=entries)


def _decisions(
    tree: ast.Module, sites: Sites, settings: Settings, filtered: Filter
) -> tuple[list[Chosen], list[Site], list[Left], int]:
    """What can be converted and is to be, what is right as it is, what is left, with the reason, and how many are
    silenced: of those nothing is printed."""
    left = [
        *mistaken(sites.found),
        *equal_weights(sites.found, settings.names),
        *kept_fillers(tree, sites.syntax.text),
    ]
    kept: list[Site] = []
    decisions = [(site, decide_in_file(site, settings)) for site in sites.found]
    starts = [site.span.start for site, decision in decisions if not (isinstance(decision, Keep) and site.is_drawn)]
    chosen: list[Chosen] = []
    silenced = 0
    for site, decision in decisions:
        if isinstance(decision, Keep):
            kept.append(site)
            continue
        try:
            proved = _check_site(site, decision, starts, target(settings.target))
            if filtered.reports(proved.code, site.line, site.source):
                chosen.append(_convert(site, proved, premise.premise(site, settings)))
            else:
                silenced += 1
        except RefusedError as error:
            known = (item for item in site.meanings(_expressions(site), site.layouts) if item is not None)
            meant = None if error.code is Code.NEEDS_VERSION else next(known, None)
            left.append(Left(site.line, site.column, site.source, str(error), error.assume, error.code, meant))
    return chosen, kept, left, silenced


def _apply(
    chosen: list[Chosen], syntax: Syntax, settings: Settings, parse: Parse
) -> tuple[str, tuple[Edit, ...], tuple[Converted, ...]]:
    """The text with all replacements, the edits, and what was converted with what it reads as. The statements of the
    syntax are released, and so is what was chosen. Raises CheckError."""
    text = syntax.text
    converted = [Converted.of(item) for item in chosen]
    others = {Edit(text.span(node), words): None for item in chosen for node, words in item.decision.also}
    changes = (*(Edit(item.span, item.text) for item in converted), *others, *_imports(chosen, syntax, settings))
    everything = tuple(sorted((*changes, *_notes(converted, changes, text))))
    result = Text(splice(text.content, everything))
    outline = Outline.of(syntax.tree, text, everything)
    chosen.clear()
    syntax.release()
    parsed = _parse(result, outline.parts, parse)
    if not outline.agrees(parsed, result, parse):
        raise CheckError("a literal beside the replacements would change")
    return result.content, everything, _check(result, parsed, everything, converted, settings)


def _notes(converted: Sequence[Converted], changes: Sequence[Edit], text: Text) -> Iterator[Edit]:
    """The comments that say what a number is which nobody knows by sight."""
    notes = {text.line(item.place.end): note for item in converted if (note := number_note(item.text))}
    for end, comment in comments_behind(text.content, notes) if notes else ():
        if not any(edit.span.start < end < edit.span.end or edit.span == Span(end, end) for edit in changes):
            yield Edit(Span(end, end), comment)


def _check_site(site: Site, decision: Replace | Refuse, starts: Sequence[int], there: Target) -> Replace:
    """``starts`` are those of all sites, in order. Raises RefusedError."""
    span = site.text.span(decision.node if isinstance(decision, Replace) else site.node)
    inside = bisect_left(starts, span.end) - bisect_left(starts, span.start)
    if inside > (span.start <= site.span.start < span.end):
        raise RefusedError("another initializer is inside it; assign that one to a name first")
    if isinstance(decision, Refuse):
        raise RefusedError(decision.reason, decision.assume, decision.code)
    check_uses(site, decision.term, there)
    return decision


def _convert(site: Site, decision: Replace, version: str) -> Chosen:
    """``version`` is what it was taken from. Raises RefusedError."""
    replaced = site.text.of(decision.node)
    text = replacement(decision.term, replaced, site.text.newline, _indent(site, replaced), site.place.bare)
    return Chosen(site, decision, text, version)


def _indent(site: Site, replaced: str) -> str:
    """The indentation of the replaced call's second line, else one step more than that of its first."""
    text, lines = site.text, replaced.splitlines()
    if len(lines) > 1 and lines[1].strip(" \t)"):
        return _indent_of(lines[1])
    return f"{_indent_of(text.content[text.starts[site.line - 1] : site.span.start])}    "


def _indent_of(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _imports(chosen: Sequence[Chosen], syntax: Syntax, settings: Settings) -> list[Edit]:
    """The edits of the imports and definitions: of those that the replacements need, and those that the replaced
    expressions alone needed, here and in other modules."""
    statements = dict.fromkeys(statement for item in chosen for statement in item.decision.statements)
    definitions = dict.fromkeys(code for item in chosen for code in item.decision.definitions)
    others = [other for item in chosen for other in item.decision.also]
    replaced = {*(item.decision.node for item in chosen), *(node for node, _ in others)}
    before = {node.id for item in replaced for node in ast.walk(item) if isinstance(node, ast.Name)}
    written = " ".join((*(item.text for item in chosen), *(words for _, words in others), *statements, *definitions))
    candidates = before - set(_NAME.findall(written))
    unused = candidates - remaining(syntax, candidates, replaced)
    unused = {name for name in unused if not settings.is_used_elsewhere(name)}
    line = min(item.site.line for item in chosen)
    return edits(syntax.tree, syntax.text, unused, statements, definitions, line, before)


def _parse(result: Text, parts: Sequence[Part], parse: Parse) -> ast.Module:
    """The tree of the result, of which the parts that no edit touches are parsed when something asks for them."""
    try:
        return skeleton(result, parts) if parse is reader.parse else parse(result.content)
    except SyntaxError as error:
        raise CheckError(f"the result would not parse: {error}") from error


def _check(
    text: Text,
    tree: ast.Module,
    edits: tuple[Edit, ...],
    converted: Sequence[Converted],
    settings: Settings,
) -> tuple[Converted, ...]:
    """What was converted with what it reads as. Raises CheckError where a replacement is not one expression of the
    result, or does not mean there what the site meant on each weight that it can start."""
    starts = [span.start for span in move((item.span for item in converted), edits)]
    spans = [Span(start, start + len(item.text)) for start, item in zip(starts, converted, strict=True)]
    lines = {line for span in spans for line in range(text.line(span.start), text.line(span.end) + 1)}
    checked: list[Converted] = []
    wrong: list[Converted] = []
    with closing(reader.read_tree(tree, text, settings.written, lines)) as again:
        begun = [other.span.start for other in again.found]
        for item, span in zip(converted, spans, strict=True):
            within = again.found[bisect_left(begun, span.start) : bisect_left(begun, span.end)]
            found = [other for other in within if other.span.end <= span.end]
            whole = _whole(found[0], span) if len(found) == 1 else None
            if whole is None or not _is_one(item.text, whole) or not _agrees(item, found[0], whole, settings):
                wrong.append(item)
                continue
            after = _meanings(found[0], (there for _, there in item.weights))
            read = list(zip(item.meant, after, strict=True))
            if not all(_equal(first, second) for first, second in read):
                wrong.append(item)
                continue
            both = ((first, second) for first, second in read if first is not None and second is not None)
            checked.append(replace(item, read=next(both, None)))
    if wrong:
        raise CheckError(UNREAD, [item.span for item in wrong])
    return tuple(checked)


def _agrees(item: Converted, other: Site, whole: Spot, settings: Settings) -> bool:
    """Whether what was proved of the weights is so where the replacement stands. A value that is drawn of a shape in
    the code, and an initializer of the target itself, have the axes that they had."""
    known = target(settings.target).vocabulary
    if item.form is Form.DRAW or item.framework == known.framework:
        return True
    proved = (there for _, there in item.weights if there is not None)
    return agree(proved, whole, other.syntax, settings.names, known, item.depends_on_axes)


def _whole(found: Site, span: Span) -> Spot:
    """The outermost expression around a site that lies within a span."""
    spot = found.spot
    for holder in found.spot.holders():
        node = holder.node
        if isinstance(node, ast.stmt):
            break
        if isinstance(node, ast.expr):
            place = found.text.span(node)
            if not (span.start <= place.start and place.end <= span.end):
                break
            spot = holder
    return spot


def _is_one(written: str, whole: Spot) -> bool:
    """Whether what was written is one expression of the text, parentheses around it aside."""
    return ast.dump(whole.node) == _dump(written)


@lru_cache(maxsize=256)
def _dump(written: str) -> str:
    return ast.dump(ast.parse(f"({written})", mode="eval").body)


def _meanings(site: Site, weights: Iterable[Layout | None]) -> tuple[Initializer | None, ...]:
    return site.meanings(_expressions(site), weights)


def _equal(first: Initializer | None, second: Initializer | None) -> bool:
    return first is None or (second is not None and equal(first, second))


def _expressions(site: Site) -> Mapping[str, str]:
    """The source's expressions by parameter, seen through the defaults of the functions that hold the site."""
    given: Mapping[str, ast.expr] = site.arguments.verbatim
    if any(isinstance(holder.node, ast.Lambda) for holder in site.spot.holders()):
        through = _Defaults(site.scope)
        given = {name: through.visit(deepcopy(node)) for name, node in given.items()}
    return {name: ast.unparse(node) for name, node in given.items()}


class _Defaults(ast.NodeTransformer):
    """Puts the defaults of the functions that hold a site in the place of their parameters."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return _default(node, self.scope)


def _default(node: ast.Name, scope: Scope) -> ast.expr:
    home = scope.home(node.id)
    if home is None or not isinstance(home.node, ast.Lambda):
        return node
    arguments = home.node.args
    named = dict(zip(reversed([item.arg for item in arguments.args]), reversed(arguments.defaults), strict=False))
    named.update(
        {
            item.arg: default
            for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
            if default
        }
    )
    return named.get(node.id, node)
