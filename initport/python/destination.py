"""Which weights an expression comes to where it stands: the layers, scopes and variables that it is given to, by itself
or by a name, and for variables the operations that compute with them."""

from typing import NamedTuple

from initport.ir.weights import Kind
from initport.python.arg_scope import listed_layers
from initport.python.operations import Uses, uses_of
from initport.python.place import place, reach, uses, weights
from initport.python.sites import Place, Reach
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Names


class Destination(NamedTuple):
    """Where an expression stands (``place``), and the ``places`` of the weights that it comes to, if all are visible
    and there are others than that; ``partly`` are those of some of its weights, where others are not visible."""

    place: Place
    reach: Reach
    places: tuple[Place, ...] = ()
    partly: tuple[Place, ...] = ()


def destination(spot: Spot, syntax: Syntax, names: Names) -> Destination:
    """As far as the calls show that it is passed to."""
    where = place(spot, names.layers)
    if where.call is None:
        used, places = uses(spot, syntax, names.layers, lambda item: _list_items(item, names)[0])
        return Destination(where, used, places)
    if where.layer is None:
        return Destination(where, reach(where), *_list_items(where, names))
    return Destination(where, reach(where))


def with_operations(known: Destination, syntax: Syntax, names: Names) -> Destination:
    """The same with the operations that variables come to in place of the variables, if they are visible of all."""
    before = known.places or (known.place,)
    if known.partly or not any(map(_is_variable, before)):
        return known
    found: list[Place] = []
    is_whole = True
    for item in before:
        used = uses_of(item, syntax, names) if _is_variable(item) else Uses((item,), bool(weights(item)))
        found += used.places
        is_whole = is_whole and used.is_whole
    return known._replace(places=tuple(found)) if is_whole else known._replace(partly=tuple(found))


def _list_items(where: Place, names: Names) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The layers that an argument of a scope is for, if all are known; and those that are otherwise."""
    found, is_whole = listed_layers(where, names.layers)
    return (found, ()) if is_whole else ((), found)


def _is_variable(where: Place) -> bool:
    """Whether a call makes a variable of which only its uses show more."""
    return where.layer is not None and where.layer.row.kind is Kind.PARAMETER and bool(weights(where))
