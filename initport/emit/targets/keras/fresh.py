"""What several layers of Keras share, as something that Keras saves: a new object at every place instead of a function.

Authority: keras/src/saving/serialization_lib.py of Keras 3: a lambda is saved as its marshaled code, which
`model_from_json` and `load_model` refuse; an initializer is saved as its class and its settings.
"""

import ast
from collections.abc import Iterable
from typing import NamedTuple

from initport.emit.decision import RefusedError
from initport.emit.forms import factory
from initport.emit.settings import Settings
from initport.emit.terms import Call, Term, Word, name_sources, print_term, sources
from initport.grammar.load import vocabulary
from initport.python.follow import OBJECTS, ends, parameter
from initport.python.place import OF_KERAS, classes_of_keras, weights
from initport.python.scope import resolve
from initport.python.sharing import is_given_none, own_function, own_name
from initport.python.sites import Place, Site
from initport.python.syntax import Spot

UNSAVED = (
    "layers of Keras share it, and a model that holds the function that it would become cannot be saved and loaded; "
    "give each layer an initializer of its own"
)


class Written(NamedTuple):
    """The ``term`` that takes the place of ``node``, and what takes that of others then."""

    term: Term
    node: ast.expr
    also: tuple[tuple[ast.expr, str], ...] = ()


def reaches_keras(site: Site) -> bool:
    """Whether an object at a site comes to a layer of Keras, which saves it, or to an object of a class derived from
    one of Keras's."""
    if any(map(_is_of_keras, site.places)) or next(classes_of_keras(site.scope), None) is not None:
        return True
    return bool(ends(site.spot, site.syntax, OBJECTS, _is_given_to_keras, lambda way: _is_given_to_keras(way.spot)))


def _is_of_keras(place: Place) -> bool:
    """Whether a place is an argument of a Keras layer, which is saved with it."""
    return place.layer is not None and OF_KERAS.match(place.callee) is not None


def _is_given_to_keras(spot: Spot) -> bool:
    """Whether an expression is an argument of a call of Keras's, or of one that is prepared (``functools.partial``)."""
    call = spot.holder.parent if spot.holder is not None and isinstance(spot.parent, ast.keyword) else spot.parent
    if not isinstance(call, ast.Call) or spot.field == "func":
        return False
    paths = resolve(call.func, spot.scope)
    if "functools.partial" in paths and call.args:
        paths = resolve(call.args[0], spot.scope)
    return any(OF_KERAS.match(path) for path in paths)


def starts_one_weight(site: Site) -> bool:
    """Whether it is an argument of a layer of Keras that starts several weights in the source, and a single one in
    today's Keras, as one kernel has all gates."""
    where = site.place
    roles = {weight.role for weight in weights(where)}
    if site.places or where.layer is None or not _is_of_keras(where) or len(roles) != 1:
        return False
    kinds = vocabulary("keras").grammar.kinds
    return where.layer.row.kind in kinds and roles <= kinds[where.layer.row.kind].weights.keys()


def is_fresh(site: Site, settings: Settings) -> bool:
    """Whether it is what a function gives whose every call starts one weight."""
    known = own_function(site.spot, site.syntax, settings.names.layers)
    return known is not None and not any(map(settings.is_used_elsewhere, known.names))


def fresh(site: Site, call: Call, settings: Settings) -> Written:
    """A new object at every place. Raises RefusedError where no spelling of that is exact."""
    result = own_function(site.spot, site.syntax, settings.names.layers)
    known = result or own_name(site.spot, site.syntax, settings.names.layers)
    if known is None:
        raise RefusedError(UNSAVED)
    for name in filter(settings.is_used_elsewhere, known.names):
        raise RefusedError(f"{UNSAVED} (other files may use `{name}`; run on all files of the project to find out)")
    if result is not None:
        return Written(call, site.node)
    if parameter(site.spot) is None:
        term = factory(call, name_sources(call), settings.python2)
        return Written(term, site.node, tuple((node, f"{site.words(node)}()") for node in _expressions(known.uses)))
    name = known.name
    if (
        known.home is None
        or is_given_none(known.home, name, site.syntax)
        or sources(call)
        or not _reads_alike(call, site, known.uses)
    ):
        raise RefusedError(f"{UNSAVED}: make `None` the default of `{name}`, and an initializer where it is used")
    words = f"{print_term(call)} if {name} is None else {name}"
    texts = [words if isinstance(use.parent, ast.Call | ast.keyword) else f"({words})" for use in known.uses]
    (node, text), *others = zip(_expressions(known.uses), texts, strict=True)
    return Written(Word(text), node, (*others, (site.node, "None")))


def _expressions(spots: Iterable[Spot]) -> list[ast.expr]:
    return [spot.node for spot in spots if isinstance(spot.node, ast.expr)]


def _reads_alike(call: Call, site: Site, uses: Iterable[Spot]) -> bool:
    """Whether the name that a call begins with is the same where it is used."""
    assert isinstance(call.function, Word)
    root = call.function.root
    return all(use.scope.home(root) is site.scope.home(root) for use in uses)
