"""Values that are drawn at once, with no initializer: sites where a variable provably starts with them.

``tf.Variable(tf.truncated_normal(shape))`` is one, by way of names and of arithmetic as well. The same
function also makes noise and data, which are nothing of ours: a value that comes to no variable is left alone,
without a word.
"""

import ast
from typing import NamedTuple

from initport.grammar.call import Call
from initport.ir.weights import Kind
from initport.python.arguments import SIZE, Arguments, UnreadableError, check_real, read_arguments
from initport.python.axes import axes
from initport.python.follow import ARRAYS, ELSEWHERE, Follower, Reference, Scaling
from initport.python.place import matching_layer, place, weights
from initport.python.scope import resolve
from initport.python.sites import Form, Place, Reach, Site
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Layers, Named, Names

_SHAPES = ("shape", SIZE)


STARRED = "its values are given to a variable with `*` or `**`; write the argument out"


def draw(reference: Reference, syntax: Syntax, names: Names) -> Site | None:
    """The site of a reference to a function that draws; None where no variable is made of the values. Raises
    UnreadableError."""
    call, spot, scope = reference.call, reference.spot.holder, reference.scope
    start = None if call is None or spot is None else _start(spot, syntax, names.layers)
    if call is None or spot is None or start is None:
        return None
    named = names.draws[reference.found]
    arguments = _arguments(named, call, spot, syntax)
    check_real(named.function, arguments, scope)
    shape = next((arguments.aside[name] for name in _SHAPES if name in arguments.aside), None)
    if shape is None and named.vocabulary.framework != "numpy":
        raise UnreadableError(f"{named.name.rpartition('.')[2]} needs `shape`")
    return Site(
        node=call,
        named=named,
        arguments=arguments,
        form=Form.DRAW,
        reach=Reach.MANY,
        place=start.place,
        layouts=axes(start.place, shape, named.vocabulary, scope),
        spot=spot,
        syntax=syntax,
        outer=call,
        shape=shape,
        scaling=start.scaling,
        obstacle=reference.doubt(names.draws) or start.doubt,
    )


class _Start(NamedTuple):
    """The place of a variable's starting value, and what it multiplies the drawn value by: see `Site`.

    ``doubt`` is why the value may be used for other things as well."""

    place: Place
    scaling: Scaling
    doubt: str


def _start(spot: Spot, syntax: Syntax, layers: Layers) -> _Start | None:
    """What a variable starts with is made of a value; None where the value comes to anything else."""
    places: dict[Spot, Place | None] = syntax.memo.setdefault(f"variables {id(layers)}", {})

    def is_end(argument: Spot) -> bool:
        if argument not in places:
            places[argument] = _variable_place(argument, layers)
        return places[argument] is not None

    ways = Follower(syntax, is_end, ARRAYS, syntax.memo.setdefault(f"draws {id(layers)}", {})).ways(spot)
    starts = [(way, where) for way in ways if (where := places.get(way.spot)) is not None and not way.is_lost]
    if not starts:
        return None
    first, where = starts[0]
    lost = ELSEWHERE if len(starts) < len(ways) else ""
    starred = STARRED if where.layer is None else ""
    doubt = starred or next((way.doubt for way, _ in starts if way.doubt), lost)
    return _Start(where, first.scaling, doubt)


def _variable_place(argument: Spot, layers: Layers) -> Place | None:
    """The place of the argument of a call that makes a variable of it, by itself or unpacked."""
    holder = argument.holder
    unpacked = holder is not None and isinstance(holder.node, ast.keyword) and holder.node.arg is None
    if isinstance(argument.node, ast.Starred) or unpacked:
        whole = holder.holder if holder is not None and unpacked else holder
        if whole is None or not isinstance(whole.node, ast.Call):
            return None
        layer = matching_layer(layers.get(min(resolve(whole.node.func, whole.scope), default=""), ()), whole.node)
        return Place("an argument") if layer is not None and layer.row.kind is Kind.PARAMETER else None
    where = place(argument, layers)
    if where.layer is None or where.layer.row.kind is not Kind.PARAMETER:
        return None
    return where if any(not item.shared for item in weights(where)) else None


def _arguments(named: Named, call: ast.Call, spot: Spot, syntax: Syntax) -> Arguments:
    function = named.function
    if "d0" in function.parameters:  # randn and rand: every argument is a size
        shape = ast.copy_location(ast.Tuple(list(call.args), ast.Load()), call)
        return Arguments(Call(named.name), {SIZE: shape}, {})
    return read_arguments(named.name, function, call.args, call.keywords, spot, syntax)
