"""What takes the place of a site: Keras's initializer in the form that its place needs.

Authority for the forms: an initializer object of TensorFlow 1 draws afresh at each call (unless it has a seed), one of
Keras 3 and tf_keras repeats itself. Where an object can start several weights, a lambda makes a new one for each; it
takes the ``partition_info`` that TensorFlow 1.15 passes to it. Arguments that are not literals stay where they were
evaluated: in the call itself, or as defaults of the lambda.
"""

import ast

from initport.emit.decision import RefusedError
from initport.emit.forms import argument_of, as_attribute, captures, factory, is_given, once
from initport.emit.settings import Settings
from initport.emit.targets.keras.fresh import UNSAVED, Written, fresh, reaches_keras, starts_one_weight
from initport.emit.terms import Argument, Call, Function, Operation, Parameter, Term, Word, map_parts, name_sources
from initport.python.arguments import literal
from initport.python.sites import Form, Reach, Site

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


def form(site: Site, call: Call, short: str, settings: Settings) -> Written:
    """The replacement. ``call`` is of the function called ``short`` in Keras. Raises RefusedError."""
    term = _form(site, call, short, settings.python2)
    if site.is_drawn:
        return Written(_draw(site, term), site.node)
    if not isinstance(term, Function):
        return Written(term, site.node)
    if not reaches_keras(site):
        return Written(as_attribute(site, term), site.node)
    seed = site.arguments.aside.get("seed") if short not in _UNSEEDED else None
    if site.form is Form.INSTANCE and _dtype(site) is None and not is_given(seed):
        return fresh(site, call, settings)
    raise RefusedError(UNSAVED)


def _form(site: Site, call: Call, short: str, python2: bool) -> Term:
    seed = site.arguments.aside.get("seed")
    if short in _UNSEEDED or not is_given(seed):
        seed = None
    repeats = site.repeats or short in _UNSEEDED or (seed is not None and isinstance(seed, ast.Constant))
    dtype = _dtype(site)
    if seed is not None:
        call = call.plus(argument_of(site, "seed", seed), "seed")
    simple = (repeats or site.reach is Reach.ONE or starts_one_weight(site)) and (
        dtype is None or site.reach is Reach.ONE
    )
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
