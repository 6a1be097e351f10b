"""From the text of a Python 3 module to its sites."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from initport.diagnostics import Code
from initport.grammar.meaning import UnknownCallError
from initport.ir.initializers import equal
from initport.lexis import is_code
from initport.python.arguments import UnreadableError
from initport.python.follow import Reference, call_of, loads, parameter, quoted_pattern, references, strings
from initport.python.place import is_instantiated, place, uses, weights
from initport.python.reachable import within_reach
from initport.python.scope import resolve
from initport.python.sites import Form, Left, Site, Sites
from initport.python.sites.draw import draw, may_start_any
from initport.python.sites.inplace import fill, recognize
from initport.python.sites.make import make_site
from initport.python.sites.number import number_references, number_site
from initport.python.sites.string import may_reach_layer, string_references, string_site
from initport.python.syntax import Spot, Syntax, parse
from initport.python.text import Text
from initport.python.triggers import may_hold_any
from initport.python.vocabulary import Named, Names

__all__ = ["has_trigger", "may_hold", "parse", "reaches_site", "read_again", "read_tree"]

_CONTAINER = ast.Dict | ast.List | ast.Tuple | ast.Return | ast.Lambda | ast.arguments
"""Where a function that is not called stands to be called later."""


_CLASSES = frozenset(
    f"{name}_initializer"
    for name in ("zeros", "ones", "constant", "random_uniform", "random_normal", "truncated_normal",
                 "uniform_unit_scaling", "variance_scaling", "orthogonal")
)  # fmt: skip
"""What is a class, and no function, in all of TensorFlow 1 (init_ops.py): get_variable makes an instance of it."""


def has_trigger(data: bytes, names: Names) -> bool:
    """Whether a file may hold a site: a byte search that most files end at."""
    if may_hold_any(data, _BESIDE):
        return True
    return may_hold_any(data, ("initializers",)) and any(word in data for word in names.triggers)


def reaches_any(data: bytes, text: Text, names: Names) -> bool:
    """The same for a file whose text's words are wanted anyway."""
    return may_hold_any(data, _BESIDE) or bool(text.words_among(frozenset(names.telling)))


_BESIDE = ("filled", "values", "numbers", "strings")
"""What a file may hold besides ``initializers``."""


def may_hold(text: Text, names: Names) -> bool:
    """Whether a text may hold a site: what names something of the vocabulary in strings and comments only does not."""
    words = names.words_of(text)
    words |= {"getattr"} if words or text.words_among(_COMPUTED) else frozenset()
    if is_code(text.content, sorted(at for word in words for at in text.places(word))):
        return True
    return (
        names.may_fill(text) or names.may_number(text) or quoted_pattern(names.strings).search(text.content) is not None
    )


def reaches_site(text: Text, names: Names, has_users: Callable[[], bool]) -> bool:
    """Whether what a text names can be a site, by what it imports; ``has_users`` is whether other files may use what
    its functions draw."""
    if names.may_fill(text) or names.may_number(text):
        return True
    is_computed = text.contains("getattr") and any(map(text.contains, _COMPUTED))
    found = within_reach(text, names.paths if is_computed else names.paths_for(text))
    first = next(found, None)
    if first is not None and not all(path in names.draws for path in chain((first,), found)):
        return True
    if first is not None and (may_start_any(text, names) or has_users()):
        return True
    return may_reach_layer(text, names)


_COMPUTED = frozenset({"initializers", "initializations"})
"""The modules of which `getattr` may take a name that is computed, and that the text need not have."""

TOO_DEEP = "its expressions are nested too deeply to be read; give parts of them names"


def read_tree(tree: ast.Module, text: Text, names: Names, lines: Collection[int] | None = None) -> Sites:
    """The sites of a parsed module, or of some of its lines."""
    found: list[Site] = []
    left: list[Left] = []
    draws: list[Reference] = []
    fills: Mapping[str, Named] = names.fills if names.may_fill(text) else {}
    syntax = Syntax.of(tree, text)
    for reference in _references(syntax, names, fills, lines):
        try:
            site = _site(reference, syntax, names, fills)
            if site is not None:
                _check_depth(site.outer or site.node, text)
        except (UnreadableError, RecursionError) as error:
            known = error if isinstance(error, UnreadableError) else UnreadableError(TOO_DEEP, Code.REFUSED_SITE)
            node = reference.node
            modern = fills[reference.found].vocabulary.framework if reference.found in fills else ""
            place = text.place(text.span(node).start)
            left.append(Left(*place, text.of(node), str(known), code=known.code, modern=modern))
            continue
        if site is not None:
            found.append(site._replace(reference=reference))
        elif reference.found in names.draws:
            draws.append(reference)
    return Sites(tuple(sorted(found, key=lambda site: site.span)), tuple(left), syntax, tuple(draws))


def _check_depth(node: ast.expr, text: Text) -> None:
    """Raises RecursionError where an expression is so deep that what looks into it may take too many calls: none takes
    as many as `ast.unparse`, which takes at most three a character."""
    span = text.span(node)
    if span.end - span.start > _SHORT:
        ast.unparse(node)


_SHORT = 100
"""Characters that cannot nest too deeply."""


def read_again(site: Site, names: Names) -> Site | None:
    """A site as it reads under other names; None where it is none then."""
    try:
        return None if site.reference is None else _site(site.reference, site.syntax, names, names.fills)
    except UnreadableError:
        return None


def _references(
    syntax: Syntax, names: Names, fills: Mapping[str, Named], lines: Collection[int] | None
) -> Iterator[Reference]:
    words, ours = names.words_of(syntax.text) if lines is None else names.words | names.drawing, frozenset[ast.AST]()
    wanted = {**names.functions, **names.getters, **names.draws, **fills}
    if fills:
        words, ours = words | names.filling, recognize(syntax.tree, syntax.scope, fills)
    for reference in references(syntax, words, wanted, lines):
        if not ours or not any(holder.node in ours for holder in reference.spot.holders()):
            yield reference
    for reference in strings(syntax, names.strings, lines):
        yield from string_references(reference, syntax, names)
    yield from number_references(syntax, names, lines)


def _site(reference: Reference, syntax: Syntax, names: Names, fills: Mapping[str, Named]) -> Site | None:
    """Raises UnreadableError."""
    if not reference.paths:
        number = reference.found in names.functions
        return number_site(reference, syntax, names) if number else string_site(reference, syntax, names)
    if reference.found in names.draws:
        return draw(reference, syntax, names)
    if reference.found in fills:
        return fill(reference, syntax, names)
    return _Reader(syntax, names, reference).site()


def _target_names(spot: Spot) -> list[str]:
    """The names that a statement gives an expression, by itself or as one of several; none where it gives others."""
    given: list[ast.expr] = []
    match spot.parent, spot.holder.parent if spot.holder is not None else None:
        case ast.Assign(targets=targets), _:
            given = targets
        case ast.Tuple(elts=values), ast.Assign(targets=[ast.Tuple(elts=parts)]) if len(parts) == len(values):
            given = [parts[spot.index]]
    names = [target.id for target in given if isinstance(target, ast.Name)]
    return names if len(names) == len(given) else []


def _is_compared(spot: Spot) -> bool:
    """Whether a class stands there to be compared with: ``isinstance(x, it)``, ``isinstance(x, (it, other))``."""
    whole = spot.holder if isinstance(spot.parent, ast.Tuple) and spot.holder is not None else spot
    call = whole.parent
    known = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and whole.index == 1
    return known and isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _COMPARING


_COMPARING = ("isinstance", "issubclass")


def _alike(site: Site, other: Site | None) -> bool:
    """Whether two readings of one expression come to the same."""
    if other is None:
        return False
    pairs = zip(site.meanings({}, site.layouts), other.meanings({}, site.layouts), strict=True)
    return all(first is second is None or (first and second and equal(first, second)) for first, second in pairs)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One reference to something of the vocabulary. Its methods raise UnreadableError."""

    syntax: Syntax
    names: Names
    reference: Reference

    def site(self) -> Site | None:
        """None where the reference only gives a function another name."""
        reference, names = self.reference, self.names
        if reference.found not in names.functions and reference.found not in names.getters:
            raise UnreadableError(
                "which initializer `getattr` returns is known only when the program runs; choose from a table instead"
            )
        if (doubt := reference.doubt(names.functions, names.getters)) is not None:
            raise UnreadableError(doubt)
        if self.syntax.text.contains(":=") and any(
            isinstance(part, ast.NamedExpr) for part in ast.walk(reference.node)
        ):
            raise UnreadableError("it assigns a name (`:=`); assign it in a statement before", Code.REFUSED_SITE)
        if any(isinstance(holder.node, ast.JoinedStr) for holder in reference.spot.holders()):
            raise UnreadableError("it is inside an f-string; assign it to a name outside of it", Code.REFUSED_SITE)
        if reference.found in names.getters:
            return self._from_getter()
        site = self._from_call(names.functions[reference.found])
        for path in sorted(reference.paths - {reference.found}):
            if (
                site is not None
                and path in names.functions
                and not _alike(site, self._from_call(names.functions[path]))
            ):
                raise UnreadableError(f"this may also be {path}, which means something else here; use two names")
        return site

    def _from_call(self, named: Named) -> Site | None:
        spot = self.reference.spot
        parent = spot.parent
        if isinstance(parent, ast.Call) and spot.holder is not None:
            if spot.field == "func":
                return self._make(spot.holder, named, parent.args, parent.keywords)
            if (spot.field, spot.index) == ("args", 0) and self._is_partial(parent):
                form = Form.INSTANCE if named.before else Form.FACTORY
                return self._make(spot.holder, named, parent.args[1:], parent.keywords, form)
        return self._from_function(named)

    def _is_partial(self, call: ast.Call) -> bool:
        return "functools.partial" in resolve(call.func, self.reference.scope)

    def _from_getter(self) -> Site | None:
        """``initializers.get("he_normal")``."""
        known, spot = self.names.getters[self.reference.found], self.reference.spot
        match self.reference.call:
            case ast.Call(args=[ast.Constant(value=str() as string)], keywords=[]) if spot.holder is not None:
                try:
                    site = self._make(spot.holder, Named(known, known.initializer_of(string)), (), ())
                    return site._replace(string=string, package=self.reference.found.partition(".")[0])
                except UnknownCallError as error:
                    raise UnreadableError(str(error), Code.UNKNOWN_INITIALIZER) from error
            case ast.Call():
                raise UnreadableError(
                    "which initializer this returns is known only when the program runs; write it out, or check what "
                    "can come here (a name may mean something else today, an object may repeat itself) and ignore this"
                )
        return None

    def _from_function(self, named: Named) -> Site | None:
        spot = self.reference.spot
        parent = spot.parent
        targets = _target_names(spot)
        if targets:
            self._check_lookups(targets)
            return None
        if named.before:  # the function is an initializer, to be called on a shape
            return self._make(spot, named, (), ())
        if _is_compared(spot):
            raise UnreadableError(
                "an object is compared with this class, and the replacement is not an instance of it; compare with the "
                "class of the replacement",
                Code.REFUSED_SITE,
            )
        if isinstance(parent, ast.ClassDef):
            raise UnreadableError("a class is derived from it, and what that draws is not known; convert it yourself")
        if named.vocabulary.framework == "tensorflow" and self.reference.found.rpartition(".")[2] in _CLASSES:
            where = place(spot, self.names.layers)
            places = (where,) if weights(where) else uses(spot, self.syntax, self.names.layers)[1]
            if places and all(is_instantiated(item) for item in places):
                return self._make(spot, named, (), ())
            if isinstance(parent, _CONTAINER) and not self._is_only_called():
                raise UnreadableError("the class itself is given, which may be called or not; call it: add `()`")
        if isinstance(parent, _CONTAINER):
            return self._make(spot, named, (), (), Form.FACTORY)
        if isinstance(parent, ast.keyword) and (parent.arg or "").endswith("initializer"):
            raise UnreadableError("the function itself is given, not an initializer; call it: add `()`")
        raise UnreadableError("the function is not called here, so its use is not known; call it at this place")

    def _is_only_called(self) -> bool:
        """Whether the default of a parameter is called wherever that is looked up."""
        bound = parameter(self.reference.spot)
        found = [] if bound is None else loads(self.syntax, *bound)
        return bool(found) and all(call_of(spot) is not None for spot in found)

    def _check_lookups(self, targets: Sequence[str]) -> None:
        """Of other names for a function: what becomes of it is reported where they stand."""
        for name in targets:
            home = self.reference.scope.home(name)
            if home is None or home.is_class or not loads(self.syntax, name, home):
                raise UnreadableError(
                    f"no use of `{name}` is found in this module, so that what becomes of the function is not known; "
                    "name the function itself where it is called"
                )

    def _make(
        self,
        spot: Spot,
        named: Named,
        positional: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
        form: Form = Form.INSTANCE,
    ) -> Site:
        return make_site(spot, self.syntax, self.names, named, positional, keywords, form)
