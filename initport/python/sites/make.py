"""A site from a call of something in the vocabulary: its arguments, its place, and what that shows of the weights."""

import ast
from collections.abc import Sequence
from functools import lru_cache

from initport.diagnostics import Code
from initport.ir.weights import Layout
from initport.python.arguments import Arguments, UnreadableError, check_real, literal, read_arguments
from initport.python.axes import axes
from initport.python.destination import Destination, destination, with_operations
from initport.python.follow import call_of
from initport.python.place import (
    PARTITIONER,
    given_arguments,
    passes,
    place,
    refusal,
    shape_of,
    stated_arguments,
    weights,
)
from initport.python.sites import Form, Place, Reach, Site
from initport.python.sites.bias import bias_in
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Named, Names


def check_used(where: Place) -> None:
    """Raises UnreadableError where a layer does not take an argument, or never uses it."""
    row = None if where.layer is None else where.layer.row
    if row is not None and where.call is not None:
        given = given_arguments(row, where.call)
        given.pop(where.argument or "", None)
        refused = refusal(row, stated_arguments(given))
        if refused is not None:
            raise UnreadableError(*refused)
    if row is not None and where.argument in row.rejects:
        raise UnreadableError(
            f"the layer takes no `{where.argument}` and raises TypeError; name the weight that it is for: "
            f"{' or '.join(f'`{item.argument}`' for item in row.weights if 'kernel' in item.role.value)}",
            Code.REJECTED_INITIALIZER,
        )
    if row is not None and where.argument in row.unused:
        raise UnreadableError(
            f"`{where.argument}` starts no weight of this layer, and today's Keras does not take it; drop it",
            Code.IGNORED_FILLER,
        )


def drawn_shape(call: ast.Call, called: Sequence[str]) -> ast.expr | None:
    """The shape that an initializer is called on, of what it is ``called`` with."""
    named = next((item.value for item in call.keywords if item.arg == "shape"), None)
    return named or dict(zip(called, call.args, strict=False)).get("shape")


@lru_cache(maxsize=1024)
def _of_fans(named: Named) -> frozenset[str]:
    """The parameters that the fans depend on, where the function's meaning does on these."""
    telling = frozenset(name for rule in named.vocabulary.fans for name in rule.where)
    return telling if "fan" in str(named.function.means) else frozenset()


@lru_cache(maxsize=1024)
def _of_axes(named: Named) -> frozenset[str]:
    """The parameters that are axes."""
    return frozenset(name for rule in named.vocabulary.fans for name in rule.axes)


def make_site(
    spot: Spot,
    syntax: Syntax,
    names: Names,
    named: Named,
    positional: Sequence[ast.expr],
    keywords: Sequence[ast.keyword],
    form: Form = Form.INSTANCE,
) -> Site:
    """Raises UnreadableError."""
    node, scope, function = spot.node, spot.scope, named.function
    assert isinstance(node, ast.expr)
    of_fans, of_axes = _of_fans(named), _of_axes(named)
    arguments = read_arguments(named.name, function, positional, keywords, spot, syntax, of_fans, of_axes)
    check_real(function, arguments, scope)
    outer = call_of(spot) if form is Form.INSTANCE else None
    given = arguments.aside.get("shape") if "shape" in function.parameters else None
    if isinstance(node, ast.Call) and given is not None and literal(given) is not None:
        outer = node  # a function that draws at once, as it is given a shape
    plain = form is Form.INSTANCE and outer is None
    found = destination(spot, syntax, names) if plain else Destination(place(spot, names.layers), Reach.MANY)
    check_used(found.place)
    where, used = found.place, found.reach
    shape = (
        given
        if outer is node
        else shape_of(where)
        if outer is None
        else drawn_shape(outer, named.vocabulary.grammar.called)
    )
    known = axes(where, shape, named.vocabulary, scope)
    known = _axes_of(found.places, named) or known
    added = {name: value for item in found.places or (where,) for name, value in passes(item).items()}
    if plain and named.depends_on_axes:
        found = with_operations(found, syntax, names)
        known = _axes_of(found.places, named) or known
    if not plain or syntax.text.contains(PARTITIONER):
        used = Reach.MANY
    return Site(
        node=node,
        named=named,
        arguments=arguments,
        form=form if outer is None else Form.DRAW,
        reach=used,
        place=where,
        layouts=known,
        spot=spot,
        syntax=syntax,
        outer=outer,
        places=found.places,
        partly=found.partly,
        package=named.path.partition(".")[0],
        shape=shape if outer is not None else None,
        passes=added,
        obstacle=_by_name(named)
        if plain and not found.places and not weights(where)
        else bias_in(named, where, _dtype(outer, arguments, named), scope),
    )


def _dtype(outer: ast.Call | None, arguments: Arguments, named: Named) -> ast.expr | None:
    """In what an initializer draws: what it is called with, else its own. A layer calls it with that of its weights."""
    if outer is None:
        return None
    called = named.vocabulary.grammar.called
    given = dict(zip(called, outer.args, strict=False)) | {item.arg: item.value for item in outer.keywords if item.arg}
    return given.get("dtype", arguments.aside.get("dtype"))


@lru_cache(maxsize=1024)
def _by_name(named: Named) -> str:
    """Why an initializer that is not given to a layer does not start all parameters, where their names decide."""
    calls: dict[str, list[str]] = {}
    for end, function in named.vocabulary.grammar.suffixes.items():
        calls.setdefault((function or "this").rpartition(".")[2], []).append(f"`{end}`")
    if not calls:
        return ""
    ends = ", ".join(f"in {' or '.join(ends)} by {call}" for call, ends in calls.items())
    return (
        f"it is not given to a layer, and a network starts its parameters by the ends of their names: {ends}; give "
        "each layer its own initializer, or set the weights of the port one by one"
    )


def _axes_of(places: Sequence[Place], named: Named) -> tuple[Layout, ...]:
    found = (layout for item in places for layout in axes(item, shape_of(item), named.vocabulary, item.scope))
    return tuple(dict.fromkeys(found))
