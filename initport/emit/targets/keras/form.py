"""The text that takes the place of a site: Keras's initializer in the form that its place needs.

Authority for the forms: an initializer object of TensorFlow 1 draws afresh at each call (unless it has a seed), one of
Keras 3 and tf_keras repeats itself. Where an object can start several weights, a lambda makes a new one for each; it
takes the ``partition_info`` that TensorFlow 1.15 passes to it. Arguments that are no literals stay where they were
evaluated: in the call itself, or as defaults of the lambda.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from initport.emit.forms import as_attribute, captures, closed, factory, filled, is_given, named, once, with_argument
from initport.python.arguments import PLACEHOLDER, literal
from initport.python.sites.site import Form, Reach, Site

_UNSEEDED = frozenset({"Zeros", "Ones", "Constant", "Identity"})
"""Initializers of Keras that draw nothing."""


@dataclass(frozen=True, slots=True)
class Proved:
    """A call of the target's vocabulary that was proved equal, such as ``X(scale, "fan_in")``, with the placeholders of
    the source's own expressions in it; ``short`` is the function's name without its module."""

    text: str
    short: str


def form(site: Site, proved: Proved, sources: Mapping[str, str], python2: bool) -> str:
    """The replacement, on one line. ``sources`` are the source's expressions by parameter. Raises RefusedError."""
    text = _form(site, proved, sources, python2)
    if site.is_drawn:
        return _drawn(site, text)
    return as_attribute(site, text) if text.startswith("lambda") else text


def _form(site: Site, proved: Proved, sources: Mapping[str, str], python2: bool) -> str:
    seed = site.arguments.aside.get("seed")
    if proved.short in _UNSEEDED or not is_given(seed):
        seed = None
    repeats = site.repeats or proved.short in _UNSEEDED or (seed is not None and isinstance(seed, ast.Constant))
    dtype = _dtype(site)
    text = proved.text if seed is None else with_argument(proved.text, f"seed={PLACEHOLDER}seed")
    simple = (repeats or site.reach is Reach.ONE) and (dtype is None or site.reach is Reach.ONE)
    if site.form is Form.DRAW:
        simple = site.is_drawn or dtype is None or _has_dtype(site)
    if site.form is Form.FACTORY:
        return _factory(text, sources, dtype, repeats and dtype is None, python2)
    if simple and once(text, sources, site):
        return filled(text, sources)
    return _fresh(text, sources, dtype)


def _drawn(site: Site, text: str) -> str:
    """The initializer called on what the function that draws was given."""
    given = site.arguments.aside
    arguments = [closed(site.words(given["shape"]))]
    if "dtype" in given:
        arguments.append(f"dtype={closed(site.words(given['dtype']))}")
    return f"{text}({', '.join(arguments)})"


def _fresh(text: str, sources: Mapping[str, str], dtype: str | None) -> str:
    """A function that makes an initializer for each weight it is called for."""
    captured = captures(text, sources)
    parameters = ", ".join(("shape", f"dtype={dtype}", *(f"{name}={source}" for name, source in captured.items())))
    return f"lambda {parameters}, **_: {named(text)}(shape, dtype=dtype)"


def _factory(text: str, sources: Mapping[str, str], dtype: str | None, simple: bool, python2: bool) -> str:
    inner = named(text)
    made = inner if simple else f"lambda shape, dtype={dtype}, **_: {inner}(shape, dtype=dtype)"
    return factory(text, made, sources, python2)


def _dtype(site: Site) -> str | None:
    """The dtype that weights get where the caller of the initializer names none; None for single precision."""
    node = site.arguments.aside.get("dtype")
    if not is_given(node):
        return None
    last = node.attr if isinstance(node, ast.Attribute) else literal(node)
    return None if last == "float32" else site.words(node)


def _has_dtype(site: Site) -> bool:
    call = site.outer
    return call is not None and (len(call.args) > 1 or any(item.arg == "dtype" for item in call.keywords))
