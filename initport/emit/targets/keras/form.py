"""What takes the place of a site: Keras's initializer in the form that its place needs.

Authority for the forms: an initializer object of TensorFlow 1 draws afresh at each call (unless it has a seed), one of
Keras 3 and tf_keras repeats itself. Where an object can start several weights, a lambda makes a new one for each; it
takes the ``partition_info`` that TensorFlow 1.15 passes to it. Arguments that are no literals stay where they were
evaluated: in the call itself, or as defaults of the lambda.
"""

import ast
import re

from initport.emit.decision import RefusedError
from initport.emit.forms import argument_of, as_attribute, captures, factory, is_given, once
from initport.emit.terms import Argument, Call, Function, Operation, Parameter, Term, Word, map_parts, name_sources
from initport.python.arguments import literal
from initport.python.follow import loads, outermost_value, parameter
from initport.python.scope import Scope, resolve
from initport.python.sites import Form, Place, Reach, Site
from initport.python.syntax import Spot

_UNSEEDED = frozenset({"Zeros", "Ones", "Constant", "Identity"})
"""Initializers of Keras that draw nothing."""


def plain(call: Call) -> Call:
    """The same in what every Python has: whole numbers divide as floats, and roots need no import."""

    def change(part: Term) -> Term:
        match part:
            case Operation(left, "/", Word(text)) if text.isdecimal():
                return Operation(left, "/", Word(f"{text}.0"))
            case Call(Word("math.sqrt"), (Argument(value),)):
                return Operation(value, "**", Word("0.5"))
        return part

    return Call(call.function, tuple(Argument(map_parts(item.value, change), item.name) for item in call.arguments))


def form(site: Site, call: Call, short: str, python2: bool) -> Term:
    """The replacement. ``call`` is of the function called ``short`` in Keras. Raises RefusedError."""
    term = _form(site, call, short, python2)
    if site.is_drawn:
        return _draw(site, term)
    if not isinstance(term, Function):
        return term
    if any(map(_is_of_keras, site.places)) or _is_within_keras(site) or _reaches_keras(site):
        raise RefusedError(
            "layers of Keras share it, and a model that holds the function that it would become "
            "cannot be saved and loaded; give each layer an initializer of its own"
        )
    return as_attribute(site, term)


_OF_KERAS = re.compile(r"(tf_)?keras\.|tensorflow\.(compat\.v\d\.|python\.)?keras\.")
"""The paths of what Keras has, by any of its names."""


def _is_within_keras(site: Site) -> bool:
    """Whether it stands in a class that is derived from one of Keras's, whose objects are saved with it."""
    scope: Scope | None = site.scope
    while scope is not None:
        if isinstance(scope.node, ast.ClassDef) and scope.parent is not None:
            paths = (path for base in scope.node.bases for path in resolve(base, scope.parent))
            if any(_OF_KERAS.match(path) for path in paths):
                return True
        scope = scope.parent
    return False


def _reaches_keras(site: Site) -> bool:
    """Whether a name for it is given to a layer of Keras, besides other things."""
    whole = outermost_value(site.spot)
    bound = parameter(whole)
    match whole.parent:
        case ast.Assign(targets=[ast.Name(id=name)]):
            home = whole.scope.home(name)
            bound = None if home is None else (name, home)
    if bound is None:
        return False
    known: dict[object, bool] = site.syntax.memo.setdefault("names given to Keras", {})
    if bound not in known:
        known[bound] = any(_is_given_to_keras(spot) for spot in loads(site.syntax, *bound))
    return known[bound]


def _is_given_to_keras(spot: Spot) -> bool:
    """Whether an expression is an argument of a call of Keras's."""
    call = spot.holder.parent if spot.holder is not None and isinstance(spot.parent, ast.keyword) else spot.parent
    if not isinstance(call, ast.Call) or spot.field == "func":
        return False
    return any(_OF_KERAS.match(path) for path in resolve(call.func, spot.scope))


def _is_of_keras(place: Place) -> bool:
    """Whether a place is an argument of a Keras layer, which is saved with it."""
    return place.layer is not None and _OF_KERAS.match(place.callee) is not None


def _form(site: Site, call: Call, short: str, python2: bool) -> Term:
    seed = site.arguments.aside.get("seed")
    if short in _UNSEEDED or not is_given(seed):
        seed = None
    repeats = site.repeats or short in _UNSEEDED or (seed is not None and isinstance(seed, ast.Constant))
    dtype = _dtype(site)
    if seed is not None:
        call = call.plus(argument_of(site, "seed", seed), "seed")
    simple = (repeats or site.reach is Reach.ONE) and (dtype is None or site.reach is Reach.ONE)
    if site.form is Form.DRAW:
        simple = site.is_drawn or dtype is None or _has_dtype(site)
    if site.form is Form.FACTORY:
        return factory(call, name_sources(call) if repeats and dtype is None else _fresh(call, dtype, ()), python2)
    return call if simple and once(call) else _fresh(call, dtype, captures(call))


def _draw(site: Site, term: Term) -> Call:
    """The initializer called on what the function that draws was given."""
    known = site.arguments.aside
    arguments = [Argument(argument_of(site, "shape", known["shape"]))]
    if "dtype" in known:
        arguments.append(Argument(argument_of(site, "dtype", known["dtype"]), "dtype"))
    return Call(term, tuple(arguments))


def _fresh(call: Call, dtype: Term | None, captured: tuple[Parameter, ...]) -> Function:
    """A function that makes an initializer for each weight it is called for."""
    parameters = (Parameter("shape"), Parameter("dtype", dtype or Word("None")), *captured, Parameter("**_"))
    drawn = Call(name_sources(call), (Argument(Word("shape")), Argument(Word("dtype"), "dtype")))
    return Function(parameters, drawn)


def _dtype(site: Site) -> Term | None:
    """The dtype that weights get where the caller of the initializer names none; None for single precision."""
    node = site.arguments.aside.get("dtype")
    if not is_given(node):
        return None
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    return None if last == "float32" else argument_of(site, "dtype", node)


def _has_dtype(site: Site) -> bool:
    call = site.outer
    return call is not None and (len(call.args) > 1 or any(item.arg == "dtype" for item in call.keywords))
