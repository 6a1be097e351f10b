"""Initializers that a layer is told by name: a string, or a dict with the name of a class and its configuration.

A layer makes an object of its own for each weight, so that a string that reaches many weights keeps them apart. What
takes its place must do so too. A string counts where it provably reaches layers that look it up; where it only looks as
if it did (the default of a parameter that is called like a layer's), nothing may take its place.
"""

import ast
from dataclasses import replace

from initport.diagnostics import Code
from initport.grammar.load import vocabulary
from initport.grammar.meaning import UnknownCallError, Vocabulary
from initport.readers.python_source.arguments import UnreadableError
from initport.readers.python_source.making import made
from initport.readers.python_source.names import Scope
from initport.readers.python_source.places import defaults, layouts, place, uses, weights
from initport.readers.python_source.sites import Place, Site
from initport.readers.python_source.text import Text
from initport.readers.python_source.vocabulary import Named, Names
from initport.readers.python_source.walk import Reference

UNPROVED = "whether this only reaches layers cannot be told; give the layer an initializer here, or the string there"


def said(reference: Reference, text: Text, names: Names) -> Site | None:
    """The site of a string that is the name of an initializer somewhere; None where no layer looks it up. Raises
    UnreadableError."""
    node, around, config = _whole(reference)
    where = place(node, around, reference.scope, names.layers)
    places = (where,) if weights(where) else uses(node, around, reference.scope, text, names.layers)[1]
    speakers = {item.layer.speaker for item in places if item.layer is not None}
    if len(speakers) > 1:
        raise UnreadableError("it is given to layers of several frameworks; write it once for each")
    if not places and where.layer is not None and where.layer.speaker and where.argument in names.fillers:
        raise UnreadableError(
            f"`{where.argument}` starts no weight of this layer in this version; leave it out", Code.REFUSED_SITE
        )
    if not speakers:
        return _unproved(reference, node, around, where, text, names)
    (speaker,) = speakers
    if speaker is None or _is_newer(speaker, reference.found):
        return None
    try:
        named = Named(speaker, speaker.named(reference.found))
    except UnknownCallError as error:
        raise UnreadableError(str(error), Code.UNKNOWN_INITIALIZER) from error
    site = made(reference.scope, text, names, node, named, (), _keywords(config), around)
    return replace(site, spoken=reference.found, package=places[0].callee.partition(".")[0])


def _is_newer(speaker: Vocabulary, string: str) -> bool:
    """Whether only newer versions of the layer's framework know a string, so that nothing is to be ported."""
    return not speaker.knows(string) and vocabulary(speaker.framework).knows(string)


def _whole(reference: Reference) -> tuple[ast.expr, tuple[ast.AST, ...], ast.expr | None]:
    """The string, or the dict whose ``class_name`` it is, what is around that, and the dict's ``config``."""
    parent = reference.around[-1]
    if isinstance(parent, ast.Dict):
        entries = {
            key.value: value
            for key, value in zip(parent.keys, parent.values, strict=True)
            if isinstance(key, ast.Constant)
        }
        if entries.get("class_name") is reference.node:
            return parent, reference.around[:-1], entries.get("config")
    return reference.node, reference.around, None


def _keywords(config: ast.expr | None) -> list[ast.keyword]:
    """The configuration of a class as the arguments that it stands for."""
    if config is None:
        return []
    if not isinstance(config, ast.Dict):
        raise UnreadableError("its `config` is known only when the program runs; write it out")
    names = [key.value if isinstance(key, ast.Constant) else None for key in config.keys]
    if not all(isinstance(name, str) for name in names):
        raise UnreadableError("its `config` is known only when the program runs; write it out")
    return [ast.keyword(str(name), value) for name, value in zip(names, config.values, strict=True)]


def _unproved(
    reference: Reference, node: ast.expr, around: tuple[ast.AST, ...], where: Place, text: Text, names: Names
) -> Site | None:
    """The site of a string that is called like an argument of a layer; None where it is not, or means nothing there."""
    argument = _called(node, around)
    roots = _imported(reference.scope.module) if argument in names.fillers else ()
    layers = [
        layer
        for root, layer in names.fillers.get(argument or "", ())
        if root in roots and layer.speaker is not None and layer.speaker.knows(reference.found)
    ]
    if not layers or node is not reference.node or layers[0].speaker is None:
        return None
    speaker, shape = layers[0].speaker, _shape(around)
    places = [replace(where, layer=layer, argument=argument) for layer in layers if layer.speaker is speaker]
    told = [item for item in places if shape is not None or not any(held.layout == "source" for held in weights(item))]
    known = dict.fromkeys(layout for item in told or places for layout in layouts(item, shape))
    named = Named(speaker, speaker.named(reference.found))
    site = made(reference.scope, text, names, node, named, (), (), around)
    return replace(site, layouts=tuple(known), spoken=reference.found, obstacle=UNPROVED)


def _imported(module: Scope) -> set[str]:
    """The packages of which a module imports something."""
    paths = (path for bindings in module.bindings.values() for path in bindings if isinstance(path, str))
    return {path.partition(".")[0] for path in (*paths, *module.stars)}


def _called(node: ast.expr, around: tuple[ast.AST, ...]) -> str | None:
    """The name of the argument that an expression is, or whose default it is."""
    match around[-1]:
        case ast.keyword(arg=name):
            return name
        case ast.arguments() as arguments:
            return defaults(arguments).get(node)
    return None


def _shape(around: tuple[ast.AST, ...]) -> ast.expr | None:
    """The shape that is given beside an argument."""
    call = around[-2] if len(around) > 1 else None
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return next((item.value for item in keywords if item.arg == "shape"), None)
