"""From the text of a Python 3 module to its sites."""

import ast
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from initport.diagnostics import Code
from initport.grammar.meaning import UnknownCallError
from initport.ir.initializers import equal
from initport.readers.python_source.arguments import UnreadableError, read_arguments
from initport.readers.python_source.draws import draw, drawn_shape
from initport.readers.python_source.fills import fill, recognize
from initport.readers.python_source.names import Scope, module_scope, resolve
from initport.readers.python_source.places import (
    PARTITIONER,
    is_instantiated,
    is_whole_number,
    layouts,
    place,
    reach,
    shape_of,
    uses,
)
from initport.readers.python_source.sites import Form, Left, Place, Reach, Site, Sites
from initport.readers.python_source.text import Text
from initport.readers.python_source.triggers import may_draw, may_fill
from initport.readers.python_source.vocabulary import Named, Names
from initport.readers.python_source.walk import Reference, references

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
    return any(word in data for word in names.triggers) or may_fill(data) or may_draw(data)


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
    wanted = {**names.functions, **names.getters, **names.draws}
    words, scope = names.words | names.drawing, module_scope(tree, text)
    fills: Mapping[str, Named] = {}
    ours: frozenset[ast.AST] = frozenset()
    if "torch" in text.content:
        fills, words, ours = names.fills, words | names.filling, recognize(tree, scope)
        wanted.update(fills)
    for reference in references(tree, scope, text, words, wanted, lines):
        if ours.intersection(reference.around):
            continue
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
    return Sites(tuple(found), tuple(left))


def _site(reference: Reference, text: Text, names: Names, fills: Mapping[str, Named]) -> Site | None:
    """Raises UnreadableError."""
    if reference.found in names.draws:
        return draw(reference, text, names)
    if reference.found in fills:
        return fill(reference, text, names)
    return _Reader(text, names, reference).site()


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
            raise UnreadableError("which initializer `getattr` gives is known only when the program runs")
        others = [path for path in sorted(reference.paths) if path not in names.functions and path not in names.getters]
        if others:
            raise UnreadableError(f"this may also be {others[0]}, of which nothing is known; import one of them only")
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
            return self._made(parent, named, parent.args, parent.keywords, around[:-1])
        if isinstance(parent, ast.Call) and parent.args and parent.args[0] is node and self._is_partial(parent):
            return self._made(parent, named, parent.args[1:], parent.keywords, around[:-1], Form.FACTORY)
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
                    return self._made(parent, Named(known, known.named(string)), (), (), self.reference.around[:-1])
                except UnknownCallError as error:
                    raise UnreadableError(str(error), Code.UNKNOWN_INITIALIZER) from error
            case ast.Call(func=func) if func is self.reference.node:
                raise UnreadableError("which initializer this gives is known only when the program runs")
        return None

    def _uncalled(self, parent: ast.AST, named: Named) -> Site | None:
        if isinstance(parent, ast.Assign) and all(isinstance(target, ast.Name) for target in parent.targets):
            return None
        if isinstance(parent, _CONTAINER):
            return self._made(self.reference.node, named, (), (), self.reference.around, Form.FACTORY)
        where = place(self.reference.node, self.reference.around, self.reference.scope, self.names.layers)
        if self.reference.found.rpartition(".")[2] in _CLASSES and is_instantiated(where):
            return self._made(self.reference.node, named, (), (), self.reference.around)
        if isinstance(parent, ast.keyword) and (parent.arg or "").endswith("initializer"):
            raise UnreadableError("the function itself is given, not an initializer; call it: add `()`")
        raise UnreadableError(
            "the function is not called here, so that its use cannot be told; call it where it stands"
        )

    def _made(
        self,
        node: ast.expr,
        named: Named,
        positional: Sequence[ast.expr],
        keywords: Sequence[ast.keyword],
        around: tuple[ast.AST, ...],
        form: Form = Form.INSTANCE,
    ) -> Site:
        scope: Scope = self.reference.scope
        arguments = read_arguments(named.name, named.function, positional, keywords, scope)
        if "dtype" in arguments.aside and is_whole_number(arguments.aside["dtype"]):
            raise UnreadableError(
                "whole numbers are drawn, and no initializer of PyTorch or Keras draws such", Code.INEXPRESSIBLE
            )
        holder = around[-1]
        outer = holder if form is Form.INSTANCE and isinstance(holder, ast.Call) and holder.func is node else None
        where = place(node, around, scope, self.names.layers)
        shape = shape_of(where) if outer is None else drawn_shape(outer)
        known, used = layouts(where, shape), reach(where)
        places: tuple[Place, ...] = ()
        if form is Form.INSTANCE and outer is None and where.call is None:
            used, places = uses(around, scope, self.text, self.names.layers)
            found = dict.fromkeys(layout for item in places for layout in layouts(item, shape_of(item)))
            known = tuple(found) or known
        if form is not Form.INSTANCE or outer is not None or PARTITIONER in self.text.content:
            used = Reach.MANY
        span = self.text.span(node)
        line, column = self.text.place(span.start)
        return Site(
            node=node,
            span=span,
            line=line,
            column=column,
            source=self.text.of(node),
            named=named,
            arguments=arguments,
            form=form if outer is None else Form.DRAW,
            reach=used,
            place=where,
            layouts=known,
            scope=scope,
            text=self.text,
            outer=outer,
            shape=shape if outer is not None else None,
            places=places,
        )
