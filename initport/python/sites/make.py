"""A site from a call of something in the vocabulary: its arguments, its place, and what that tells of the weights."""

import ast
from collections.abc import Sequence

from initport.python.arg_scope import listed_layers
from initport.python.arguments import check_real, literal, read_arguments
from initport.python.axes import axes
from initport.python.follow import call_of
from initport.python.place import (
    PARTITIONER,
    passes,
    place,
    reach,
    shape_of,
    uses,
)
from initport.python.sites.site import Form, Place, Reach, Site
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Named, Names


def drawn_shape(call: ast.Call) -> ast.expr | None:
    """The shape that an initializer is called on."""
    named = next((item.value for item in call.keywords if item.arg == "shape"), None)
    return named or (call.args[0] if call.args else None)


def _of_fans(named: Named) -> frozenset[str]:
    """The parameters that the fans depend on, where the function's meaning does on these."""
    telling = frozenset(name for rule in named.vocabulary.fans for name in rule.where)
    return telling if "fan" in str(named.function.means) else frozenset()


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
    arguments = read_arguments(named.name, function, positional, keywords, spot, syntax, _of_fans(named))
    check_real(function, arguments, scope)
    outer = call_of(spot) if form is Form.INSTANCE else None
    given = arguments.aside.get("shape") if "shape" in function.parameters else None
    if isinstance(node, ast.Call) and given is not None and literal(given) is not None:
        outer = node  # a function that draws at once, as it is given a shape
    where = place(spot, names.layers)
    shape = given if outer is node else shape_of(where) if outer is None else drawn_shape(outer)
    places: tuple[Place, ...] = ()
    known, used = axes(where, shape, named.vocabulary, scope), reach(where)
    if form is Form.INSTANCE and outer is None and where.call is None:
        used, places = uses(spot, syntax, names.layers)
    elif form is Form.INSTANCE and outer is None and where.layer is None:
        places = listed_layers(where, names.layers)
    if places:
        found = dict.fromkeys(
            layout for item in places for layout in axes(item, shape_of(item), named.vocabulary, item.scope)
        )
        known = tuple(found) or known
    if form is not Form.INSTANCE or outer is not None or PARTITIONER in syntax.text.content:
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
        places=places,
        package=named.path.partition(".")[0],
        shape=shape if outer is not None else None,
        passes={name: value for item in places or (where,) for name, value in passes(item).items()},
    )
