"""Weights that start with the same values, as one initializer object that repeats itself starts them.

Authority: keras/src/initializers/random_initializers.py of Keras 2.10 and later, RandomInitializer: a seed is drawn
once for the object, so that each call of it gives the same values for the same shape.
"""

import ast
from collections.abc import Iterable, Iterator

from initport.diagnostics import Code
from initport.grammar.meaning import MeaningError
from initport.ir.initializers import Constant, Identity, canonical
from initport.python.destination import destination
from initport.python.follow import call_of, loads, outermost_value
from initport.python.place import out_of_dicts, place, weights
from initport.python.scope import Comprehension
from initport.python.sites import Form, Left, Place, Site
from initport.python.syntax import Spot
from initport.python.vocabulary import Names

_LOOPS = ast.For | ast.AsyncFor | ast.While | Comprehension


def equal_weights(sites: Iterable[Site], names: Names) -> Iterator[Left]:
    """The objects that provably start several weights, all of which are equal where they have the same shape."""
    for site in sites:
        if not site.repeats or site.form is not Form.INSTANCE or not _is_random(site):
            continue
        places = list(_places(site, names))
        if len(places) > 1 or any(_is_repeated(spot, site) for _, spot in places):
            calls = dict.fromkeys(_words(where) for where, _ in places)
            yield Left(
                site.line,
                site.column,
                site.source,
                f"it starts weights of {' and '.join(calls)}: those of equal shape start with equal values, as this "
                "object draws once; give each an object of its own",
                code=Code.EQUAL_WEIGHTS,
            )


def _words(where: Place) -> str:
    """The layer, or the call of the object itself."""
    call = where.call
    return "" if call is None else f"`{ast.unparse(call.func if weights(where) else call)}`"


def _is_random(site: Site) -> bool:
    try:
        return not isinstance(canonical(site.meaning(site.layouts[0])), Constant | Identity)
    except MeaningError:
        return False


def _places(site: Site, names: Names) -> Iterator[tuple[Place, Spot]]:
    """The arguments of layers that a name for the object is, where that is bound to nothing else, and the calls of
    it."""
    whole, keys = out_of_dicts(outermost_value(site.spot), names.layers)
    match whole.parent:
        case ast.Assign(targets=[ast.Name(id=name)]):
            home = whole.scope.home(name)
            found = loads(site.syntax, name, home) if home and len(home.bindings[name]) == 1 else []
            if keys and not all(_is_unpacked(spot) for spot in found):
                return
            for spot in found:
                where, called = place(spot, names.layers, keys), call_of(spot)
                if weights(where):
                    yield where, spot
                elif called is not None:  # on a shape, at once
                    yield Place("a call", call=called), spot
        case _:
            where = destination(site.spot, site.syntax, names).place
            if weights(where) and not site.string:
                yield where, site.spot


def _is_unpacked(spot: Spot) -> bool:
    """Whether a dict is given as arguments there (``**``), and so stays what it is."""
    return isinstance(spot.parent, ast.keyword) and spot.parent.arg is None


def _is_repeated(spot: Spot, site: Site) -> bool:
    """Whether a loop that does not make the object anew goes over a place."""
    around = set(map(id, (holder.node for holder in site.spot.holders())))
    return any(isinstance(holder.node, _LOOPS) and id(holder.node) not in around for holder in spot.holders())
