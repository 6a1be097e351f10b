"""From the text of a Python 3 module to its sites."""

import ast
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from initport.diagnostics import Code
from initport.grammar.meaning import UnknownCallError
from initport.ir.initializers import equal
from initport.python.arguments import UnreadableError
from initport.python.lexer import is_code
from initport.python.place import is_instantiated, place, uses, weights
from initport.python.references import Reference, loads, quoted, references, spoken
from initport.python.scope import Scope, module_scope, resolve
from initport.python.sites.draw import draw
from initport.python.sites.inplace import fill, recognize
from initport.python.sites.make import made
from initport.python.sites.site import Form, Left, Site, Sites
from initport.python.sites.string import reached, said
from initport.python.text import Text
from initport.python.triggers import may_hold_any
from initport.python.vocabulary import Named, Names

_CONTAINER = ast.Dict | ast.List | ast.Tuple | ast.Return | ast.Lambda | ast.arguments
"""Where a function that is not called stands to be called later."""


_CLASSES = frozenset(
    f"{name}_initializer"
    for name in ("zeros", "ones", "constant", "random_uniform", "random_normal", "truncated_normal",
                 "uniform_unit_scaling", "variance_scaling", "orthogonal")
)  # fmt: skip
"""What is a class, and no function, in all of TensorFlow 1 (init_ops.py): get_variable makes an instance of it."""


def triggered(data: bytes, names: Names) -> bool:
    """Whether a file may hold a site: a byte search that most files end at."""
    return any(word in data for word in names.triggers) or may_hold_any(data, ("filled", "values", "strings"))


def may_hold(text: Text, names: Names) -> bool:
    """Whether a text may hold a site: what names something of the vocabulary in strings and comments only does not."""
    words = (*names.words_of(text), "getattr")
    if is_code(text.content, sorted(at for word in words for at in text.places(word))):
        return True
    return "torch" in text.content or quoted(names.strings).search(text.content) is not None


def parse(content: str) -> ast.Module:
    """Raises SyntaxError for whatever is no Python 3 (or too deep for the parser)."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(content)
    except (ValueError, RecursionError, MemoryError) as error:
        raise SyntaxError(str(error)) from error


def read_tree(tree: ast.Module, text: Text, names: Names, lines: Collection[int] | None = None) -> Sites:
    """The sites of a parsed module, or of some of its lines."""
    found: list[Site] = []
    left: list[Left] = []
    fills: Mapping[str, Named] = names.fills if "torch" in text.content else {}
    module = module_scope(tree, text)
    for reference in _references(tree, module, text, names, fills, lines):
        try:
            site = _site(reference, text, names, fills)
        except UnreadableError as error:
            node, modern = reference.node, "torch" if reference.found in fills else ""
            left.append(
                Left(*text.place(text.span(node).start), text.of(node), str(error), code=error.code, modern=modern)
            )
            continue
        if site is not None:
            found.append(site)
    return Sites(tuple(sorted(found, key=lambda site: site.span)), tuple(left), module)


def _references(
    tree: ast.Module,
    module: Scope,
    text: Text,
    names: Names,
    fills: Mapping[str, Named],
    lines: Collection[int] | None,
) -> Iterator[Reference]:
    words, ours = names.words_of(text) if lines is None else names.words | names.drawing, frozenset[ast.AST]()
    wanted = {**names.functions, **names.getters, **names.draws, **fills}
    if fills:
        words, ours = words | names.filling, recognize(tree, module)
    for reference in references(tree, module, text, words, wanted, lines):
        if not ours.intersection(reference.around):
            yield reference
    for reference in spoken(tree, module, text, names.strings, lines):
        yield from reached(reference, text, names)


def _site(reference: Reference, text: Text, names: Names, fills: Mapping[str, Named]) -> Site | None:
    """Raises UnreadableError."""
    if not reference.paths:
        return said(reference, text, names)
    if reference.found in names.draws:
        return draw(reference, text, names)
    if reference.found in fills:
        return fill(reference, text, names)
    return _Reader(text, names, reference).site()


def _given_names(node: ast.expr, around: Sequence[ast.AST]) -> list[str]:
    """The names that a statement gives an expression, by itself or as one of several; none where it gives others."""
    match around[-2:]:
        case [*_, ast.Assign(targets=targets)]:
            given = targets
        case [ast.Assign(targets=[ast.Tuple(elts=parts)]), ast.Tuple(elts=values)] if len(parts) == len(values):
            given = [parts[values.index(node)]]
        case _:
            given = []
    names = [target.id for target in given if isinstance(target, ast.Name)]
    return names if len(names) == len(given) else []


def _alike(site: Site, other: Site | None) -> bool:
    """Whether two readings of one expression come to the same."""
    if other is None:
        return False
    pairs = zip(site.meanings({}, site.layouts), other.meanings({}, site.layouts), strict=True)
    return all(first is second is None or (first and second and equal(first, second)) for first, second in pairs)


@dataclass(frozen=True, slots=True)
class _Reader:
    """One reference to something of the vocabulary. Its methods raise UnreadableError."""

    text: Text
    names: Names
    reference: Reference

    def site(self) -> Site | None:
        """None where the reference only gives a function another name."""
        reference, names = self.reference, self.names
        if reference.found not in names.functions and reference.found not in names.getters:
            raise UnreadableError(
                "which initializer `getattr` gives is known only when the program runs; choose from a table instead"
            )
        if (doubt := reference.doubt(names.functions, names.getters)) is not None:
            raise UnreadableError(doubt)
        if any(isinstance(part, ast.NamedExpr) for part in ast.walk(reference.node)):
            raise UnreadableError("a name is given within it (`:=`); do that before", Code.REFUSED_SITE)
        if any(isinstance(holder, ast.JoinedStr) for holder in reference.around):
            raise UnreadableError("it stands within an f-string; give it a name outside of it", Code.REFUSED_SITE)
        if reference.found in names.getters:
            return self._looked_up(reference.around[-1])
        site = self._called(names.functions[reference.found])
        for path in sorted(reference.paths - {reference.found}):
            if site is not None and path in names.functions and not _alike(site, self._called(names.functions[path])):
                raise UnreadableError(f"this may also be {path}, which means something else here; use two names")
        return site

    def _called(self, named: Named) -> Site | None:
        node, around = self.reference.node, self.reference.around
        parent = around[-1]
        if isinstance(parent, ast.Call) and parent.func is node:
            return self._make(parent, named, parent.args, parent.keywords, around[:-1])
        if isinstance(parent, ast.Call) and parent.args and parent.args[0] is node and self._is_partial(parent):
            form = Form.INSTANCE if named.before else Form.FACTORY
            return self._make(parent, named, parent.args[1:], parent.keywords, around[:-1], form)
        return self._uncalled(parent, named)

    def _is_partial(self, call: ast.Call) -> bool:
        return "functools.partial" in resolve(call.func, self.reference.scope)

    def _looked_up(self, parent: ast.AST) -> Site | None:
        """``initializers.get("he_normal")``."""
        known = self.names.getters[self.reference.found]
        match parent:
            case ast.Call(func=func, args=[ast.Constant(value=str() as string)], keywords=[]):
                if func is not self.reference.node:
                    return None
                try:
                    return self._make(parent, Named(known, known.named(string)), (), (), self.reference.around[:-1])
                except UnknownCallError as error:
                    raise UnreadableError(str(error), Code.UNKNOWN_INITIALIZER) from error
            case ast.Call(func=func) if func is self.reference.node:
                raise UnreadableError(
                    "which initializer this gives is known only when the program runs; write it out, or check what can "
                    "come here (a name may mean something else today, an object may repeat itself) and ignore this"
                )
        return None

    def _uncalled(self, parent: ast.AST, named: Named) -> Site | None:
        node, around, scope = self.reference.node, self.reference.around, self.reference.scope
        targets = _given_names(node, around)
        if targets:
            self._check_used(targets)
            return None
        if named.before:  # the function is an initializer, to be called on a shape
            return self._make(node, named, (), (), around)
        if isinstance(parent, ast.ClassDef):
            raise UnreadableError("a class is derived from it, and what that draws cannot be told; convert it by hand")
        if named.vocabulary.framework == "tensorflow" and self.reference.found.rpartition(".")[2] in _CLASSES:
            where = place(node, around, scope, self.names.layers)
            places = (where,) if weights(where) else uses(node, around, scope, self.text, self.names.layers)[1]
            if places and all(is_instantiated(item) for item in places):
                return self._make(node, named, (), (), around)
            if isinstance(parent, _CONTAINER):
                raise UnreadableError("the class itself is given, which may be called or not; call it: add `()`")
        if isinstance(parent, _CONTAINER):
            return self._make(node, named, (), (), around, Form.FACTORY)
        if isinstance(parent, ast.keyword) and (parent.arg or "").endswith("initializer"):
            raise UnreadableError("the function itself is given, not an initializer; call it: add `()`")
        raise UnreadableError(
            "the function is not called here, so that its use cannot be told; call it where it stands"
        )

    def _check_used(self, targets: Sequence[str]) -> None:
        """Of other names for a function: what becomes of it is told where they stand."""
        for name in targets:
            home = self.reference.scope.home(name)
            if home is None or home.is_class or next(loads(home.node, self.text, name), None) is None:
                raise UnreadableError(
                    f"no use of `{name}` is found in this module, so that what becomes of the function cannot be told; "
                    "name the function itself where it is called"
                )

    def _make(
        self,
        node: ast.expr,
        named: Named,
        positional: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
        around: tuple[ast.AST, ...],
        form: Form = Form.INSTANCE,
    ) -> Site:
        return made(self.reference.scope, self.text, self.names, node, named, positional, keywords, around, form)
