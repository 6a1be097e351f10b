"""Functions that fill a tensor, a framework's and ours beside them: called on one, or given on as an initializer.

A call's arguments may depend on the sizes of the tensor, which its layout gives. Functions of ours are known by their
very text.
"""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache

from initport.grammar.call import Argument, Call
from initport.grammar.meaning import MeaningError, Vocabulary
from initport.ir.initializers import VarianceScaling
from initport.ir.scalar import Scalar
from initport.ir.symbols import Verbatim
from initport.ir.weights import Layout
from initport.python.arguments import (
    PLACEHOLDER,
    UNKNOWN,
    Arguments,
    UnreadableError,
    bind,
    branching_parameters,
    literal,
)
from initport.python.axes import axes, declared_layouts
from initport.python.follow import Reference
from initport.python.place import place, reach, uses
from initport.python.scope import Scope, constant, resolve
from initport.python.sites import Form, Place, Site
from initport.python.symbolic import SIZE, expand, operands, rename
from initport.python.syntax import Syntax
from initport.python.vocabulary import Named, Names

_ASIDE = frozenset({"tensor", "w", "generator"})


def fill(reference: Reference, syntax: Syntax, names: Names) -> Site | None:
    """The site of a reference to a function that fills a tensor; None where the reference is not a value. Raises
    UnreadableError."""
    spot, scope = reference.spot, reference.scope
    if (doubt := reference.doubt(names.fills)) is not None:
        raise UnreadableError(doubt)
    named, parent = names.fills[reference.found], spot.parent
    positional: Sequence[ast.expr] = ()
    keywords: Sequence[ast.keyword] = ()
    called = reference.call is not None
    partial = isinstance(parent, ast.Call) and (spot.field, spot.index) == ("args", 0) and _is_partial(parent, scope)
    if isinstance(parent, ast.Call) and (called or partial) and spot.holder is not None:
        spot = spot.holder
        positional, keywords = parent.args[partial:], parent.keywords
    arguments, tensor = read_fill(named, positional, keywords, scope, called=called)
    where = place(spot, names.layers)
    places: tuple[Place, ...] = ()
    used = reach(where)
    if tensor is not None:
        where = where._replace(what=f"fills {ast.unparse(tensor)}")
    elif where.call is None:
        used, places = uses(spot, syntax, names.layers)
    assert isinstance(spot.node, ast.expr)
    return Site(
        node=spot.node,
        named=named,
        arguments=arguments,
        form=Form.INSTANCE if tensor is None else Form.FILL,
        reach=used,
        place=where,
        layouts=_layouts(named, places or (where,)) if tensor is None else declared_layouts(named.vocabulary, None),
        spot=spot,
        syntax=syntax,
        places=places,
    )


def _is_partial(call: ast.Call, scope: Scope) -> bool:
    return "functools.partial" in resolve(call.func, scope)


def _layouts(named: Named, places: tuple[Place, ...]) -> tuple[Layout, ...]:
    return tuple(dict.fromkeys(layout for where in places for layout in axes(where, None, named.vocabulary)))


def read_fill(
    named: Named, positional: Sequence[ast.expr], keywords: Sequence[ast.keyword], scope: Scope, *, called: bool
) -> tuple[Arguments, ast.expr | None]:
    """The arguments, and the tensor, which a function that is given on (not ``called``) lacks.

    Raises UnreadableError."""
    function = named.function
    tensor = next(iter(function.parameters))
    if not called:
        keywords = [*keywords, ast.keyword(tensor, ast.Constant(None))]
    bound = bind(named.name, function, positional, keywords)
    filled = bound.pop(tensor)
    known = named.vocabulary
    spellings = tuple(spelling for spelling, _ in known.grammar.sizes)
    sizes = dict(_spellings(ast.unparse(filled), spellings)) if called else {}
    sizes.update(_gains((*positional, *keywords), scope, known))
    chosen = set(branching_parameters(function.means))
    verbatim: dict[str, ast.expr] = {}
    arguments: list[tuple[str, Argument]] = []
    for parameter, node in bound.items():
        if parameter in _ASIDE:
            continue
        value = literal(constant(node, scope)) if parameter in chosen else literal(node)
        if value is UNKNOWN and parameter in chosen:
            raise UnreadableError(
                f"`{parameter}` is `{ast.unparse(node)}`, and the distribution depends on what that is; write it out"
            )
        arguments.append(
            (parameter, _symbolic_argument(node, parameter, sizes, verbatim) if value is UNKNOWN else value)
        )
    aside = {name: node for name, node in bound.items() if name in _ASIDE}
    return Arguments(Call(named.name, (), tuple(arguments)), aside, verbatim), filled if called else None


def _symbolic_argument(
    node: ast.expr, parameter: str, sizes: Mapping[str, Scalar], verbatim: dict[str, ast.expr]
) -> Scalar:
    """The argument in symbols of the tensor's sizes and of the parameter, which stand for what it is made of."""
    value = expand(node, sizes)
    names: dict[Verbatim, Scalar] = {}
    parts = {ast.unparse(part): part for part in ast.walk(node) if isinstance(part, ast.expr)}
    for operand in operands(value):
        if not operand.source.startswith(SIZE):
            known_names = {ast.unparse(known): name for name, known in verbatim.items()}
            plain = operand.source if operand.source.isidentifier() else parameter
            name = known_names.get(operand.source, plain if plain not in verbatim else f"{plain}{len(verbatim)}")
            verbatim.setdefault(name, parts.get(operand.source, node))
            names[operand] = Scalar.of(Verbatim(PLACEHOLDER + name))
    return rename(value, names)


def _gains(nodes: Iterable[ast.AST], scope: Scope, known: Vocabulary) -> dict[str, Scalar]:
    """The values of functions that compute a gain, as they are called."""
    found: dict[str, Scalar] = {}
    rows = {row.name: row for row in known.grammar.gains}
    for node in (part for item in nodes for part in ast.walk(item) if isinstance(part, ast.Call)):
        paths = resolve(node.func, scope) if rows else set()
        row = rows.get(next(iter(paths))) if len(paths) == 1 else None
        if row is not None:
            given = dict(zip(row.parameters, node.args, strict=False))
            given.update((item.arg or "", item.value) for item in node.keywords)
            values = {name: _argument(given.get(name), default) for name, default in row.parameters.items()}
            if given.keys() <= values.keys() and UNKNOWN not in values.values() and None not in values.values():
                named = tuple((row.passes[name], value) for name, value in values.items())
                found.update(_gain(ast.unparse(node), Call(row.of, (), named), known))
    return found


def _argument(node: ast.expr | None, default: object) -> Argument:
    """What is given, else the default as the grammar states it."""
    value = None if node is None else literal(node)
    return Scalar.of(Fraction(str(default))) if value is None and isinstance(default, int | float) else value


def _gain(written: str, call: Call, known: Vocabulary) -> dict[str, Scalar]:
    try:
        meant = known.meaning(call, declared_layouts(known, None)[0])
    except MeaningError:
        return {}
    return {written: meant.scale.sqrt()} if isinstance(meant, VarianceScaling) else {}


@lru_cache(maxsize=256)
def _spellings(tensor: str, spellings: tuple[str, ...]) -> Mapping[str, Scalar]:
    """The sizes of a tensor as they are written, each as a symbol."""
    found = {}
    for spelling in spellings:
        written = ast.parse(spelling, mode="eval").body
        for node in ast.walk(written):
            if isinstance(node, ast.Name) and node.id == "w":
                node.id = f"({tensor})"
        found[ast.unparse(ast.parse(ast.unparse(written), mode="eval").body)] = Scalar.of(Verbatim(SIZE + spelling))
    return found


def recognize(tree: ast.Module, scope: Scope, fills: Mapping[str, Named]) -> frozenset[ast.AST]:
    """Our own functions in a module, under whose names they are known from here on."""
    known = []
    for node in tree.body:
        named = fills.get(node.name) if isinstance(node, ast.FunctionDef) else None
        code = None if named is None else named.function.code
        if isinstance(node, ast.FunctionDef) and named is not None and code is not None:
            imports = named.vocabulary.grammar.imports
            if len(scope.bindings[node.name]) == 1 and _is_ours(node, code, scope, imports):
                known.append(node)
    for node in known:
        scope.bindings[node.name] = [node.name]
        scope.lines[node.name] = node.lineno
    return frozenset(known)


def other_name(path: str) -> str:
    """What our own functions call a module where the file has another thing under the usual name."""
    return path.replace(".", "_")


def with_other_name(code: str, name: str, path: str) -> str:
    """One of our own functions, which calls a module by its other name."""
    return re.sub(rf"\b{name}\.", f"{other_name(path)}.", code)


def _is_ours(node: ast.FunctionDef, code: str, scope: Scope, imports: Mapping[str, str]) -> bool:
    """Whether a function is one of ours, with the usual names of the modules or another for one of them."""
    written = _dump(node)
    if written == _parse_definition(code):
        return _means_the_same(node, scope, imports)
    return any(
        written == _parse_definition(with_other_name(code, name, path))
        and _means_the_same(node, scope, {**imports, other_name(path): path})
        for name, path in imports.items()
        if name != path
    )


def _means_the_same(node: ast.FunctionDef, scope: Scope, imports: Mapping[str, str]) -> bool:
    used = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)} & imports.keys()
    return all(resolve(ast.Name(name), scope) == {imports[name]} for name in used)


@cache
def _parse_definition(code: str) -> str:
    return _dump(ast.parse(code).body[0])


def _dump(node: ast.AST) -> str:
    return ast.dump(node)
