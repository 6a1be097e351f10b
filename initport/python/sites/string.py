"""Initializers that a layer is given by name: a string, or a dict with the name of a class and its configuration.

A layer makes an object of its own for each weight, so that a string that reaches many weights keeps them apart. What
takes its place must do so too. A string counts where it provably reaches layers that look it up: there, or where a name
that stands for it and for nothing else is given to one. Where it only looks as if it did (the default of a parameter
that is called like a layer's, an attribute, one of several values of a name), nothing may take its place.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from initport.diagnostics import Code
from initport.grammar import files, registry
from initport.grammar.load import vocabulary
from initport.grammar.meaning import UnknownCallError, Vocabulary
from initport.ir.weights import Layout
from initport.python.arguments import ASIDE as ARGUMENTS_ASIDE
from initport.python.arguments import UnreadableError
from initport.python.axes import axes, axes_of, rank
from initport.python.follow import (
    NAMES,
    Follower,
    Reference,
    Way,
    attributes,
    loads,
    outermost_value,
    parameter,
    quoted_pattern,
)
from initport.python.place import ADDING, place, uses, weights
from initport.python.reachable import ASIDE, may_reach
from initport.python.scope import Scope
from initport.python.sites import Place, Site
from initport.python.sites.make import check_used, make_site
from initport.python.syntax import Spot, Syntax
from initport.python.text import Text
from initport.python.vocabulary import Named, Names, Speech

_SET = "other code can set; give the layer an initializer there"
_OTHERS = "may be bound to something else too, so what its layer gets is not known; pass the layer an initializer"
UNPROVED = "whether this only reaches layers is not known; give the layer an initializer here, or the string there"


def may_reach_layer(text: Text, names: Names) -> bool:
    """Whether strings of a text can come to a layer, or to what is called like an argument of one."""
    if quoted_pattern(names.strings).search(text.content) is None:
        return False
    if _OF_A_WEIGHT in text.content and _NAMED_SO.search(text.content):
        return True
    ends = (
        at + len(word) for word in text.words_among(frozenset(names.initializer_arguments)) for at in text.places(word)
    )
    if text.words_among(ADDING) or any(_GIVES.match(text.content, end) for end in ends):
        return True
    return may_reach(text, names.paths_of_layers)


def string_references(reference: Reference, syntax: Syntax, names: Names) -> Iterator[Reference]:
    """The string, and the places where a name stands that is one for it and for nothing else."""
    for way in _Trail(syntax, names).ways(reference.spot):
        if not way.is_lost:
            yield Reference(way.spot, reference.found, frozenset())


class _Trail(Follower):
    """Follows a string to where layers of a function get it, or to its last name."""

    def __init__(self, syntax: Syntax, names: Names) -> None:
        super().__init__(syntax, lambda _: True, NAMES)
        self.names = names

    def _onward(self, way: Way) -> list[Way] | None:
        spot, _ = _whole(way.spot)
        held = _target_of(spot)
        if held is None or not held.only or uses(spot, self.syntax, self.names.layers)[1]:
            return None
        return self._by_lookups(held.name, held.home, _loads(held, self.syntax), way)


def string_site(reference: Reference, syntax: Syntax, names: Names) -> Site | None:
    """The site of a string that is the name of an initializer somewhere; None where no layer looks it up. Raises
    UnreadableError."""
    spot, config = _whole(reference.spot)
    where = place(spot, names.layers)
    places = (where,) if weights(where) else uses(spot, syntax, names.layers)[1]
    speakers = {item.layer.speaker for item in places if item.layer is not None}
    if len(speakers) > 1:
        raise UnreadableError("it is given to layers of several frameworks; write it once for each")
    check_used(where)
    if not places and where.layer is not None and where.layer.speaker and _is_looked_up(where, names):
        if where.argument not in where.layer.row.parameters:
            raise UnreadableError(
                f"which weights `{where.argument}` starts is not known of this layer; initialize them yourself"
            )
        raise UnreadableError(
            f"`{where.argument}` starts no weight of this layer in the version that is ported from; leave it out",
            Code.REFUSED_SITE,
        )
    if not speakers:
        return _unproved_site(reference, spot, where, syntax, names)
    (speaker,) = speakers
    if speaker is None or _is_newer(speaker, reference.found) or not _is_form_of(speaker, spot):
        return None
    try:
        named = Named(speaker, speaker.initializer_of(reference.found))
    except UnknownCallError as error:
        raise UnreadableError(str(error), Code.UNKNOWN_INITIALIZER) from error
    site = make_site(spot, syntax, names, named, (), _keywords(config))
    return site._replace(string=reference.found, package=places[0].callee.partition(".")[0])


@lru_cache(maxsize=1024)
def is_one_law(string: str, speeches: tuple[Speech, ...]) -> bool:
    """Whether a string without arguments means the same to all layers that know it, in all of these versions."""
    laws: set[tuple[str, ...]] = set()
    for name, speaker in (item for speech in speeches for item in speech.speakers()):
        if speaker.knows(string):
            function = speaker.function(speaker.initializer_of(string))
            telling = {name: value for name, value in function.parameters.items() if name not in ARGUMENTS_ASIDE}
            if not telling.keys().isdisjoint(_added_arguments(name)):
                return False
            fans = repr(speaker.fans) if "fan" in repr((function.means, function.requires)) else ""
            laws.add((repr(function.means), repr(function.requires), repr(telling), fans))
    return len(laws) == 1


def packages(scope: Scope) -> Iterator[str]:
    """The packages of which a block imports something, or one within that was read."""
    stack = [scope]
    while stack:
        scope = stack.pop()
        stack.extend(scope.children.values())
        paths = (path for bindings in scope.bindings.values() for path in bindings if isinstance(path, str))
        yield from (path.partition(".")[0] for path in (*paths, *scope.stars))


@cache
def _added_arguments(name: str) -> frozenset[str]:
    """The arguments that layers of a grammar hand to what they are given."""
    data = files.read(name)
    rows = (item for row in data.get("layers", {}).values() for item in (row if isinstance(row, list) else [row]))
    own = frozenset(key for row in rows for weight in row.get("weights", ()) for key in weight.get("passes", ()))
    return own | _added_arguments(data["base"]) if data.get("base") else own


def _is_looked_up(where: Place, names: Names) -> bool:
    """Whether layers of the package of a call look up what is given as an argument of that name."""
    package = where.callee.partition(".")[0]
    return any(root == package for root, _ in names.initializer_arguments.get(where.argument or "", ()))


def _is_form_of(speaker: Vocabulary, spot: Spot) -> bool:
    """Whether layers of a framework are given an initializer in this form: a pair, or else none."""
    return isinstance(spot.node, ast.Tuple) == (speaker.grammar.strings == "pair")


def _is_newer(speaker: Vocabulary, string: str) -> bool:
    """Whether only newer versions of the layer's framework know a string, so that nothing is to be ported."""
    return not speaker.knows(string) and vocabulary(speaker.framework).knows(string)


def _whole(spot: Spot) -> tuple[Spot, ast.expr | None]:
    """The string, the dict whose ``class_name`` it is, and the dict's ``config``, or the pair that it is the first of,
    and the second."""
    holder = spot.holder
    match holder.node if holder is not None else None:
        case ast.Tuple(elts=[first, config]) if first is spot.node and _is_dict(config):
            return holder or spot, config
    if holder is not None and isinstance(holder.node, ast.Dict) and spot.field == "values":
        key = holder.node.keys[spot.index]
        if isinstance(key, ast.Constant) and key.value == "class_name":
            entries = {
                key.value: value
                for key, value in zip(holder.node.keys, holder.node.values, strict=True)
                if isinstance(key, ast.Constant)
            }
            if entries["class_name"] is spot.node:
                return holder, entries.get("config")
    return spot, None


def _is_dict(node: ast.expr) -> bool:
    match node:
        case ast.Dict() | ast.Call(func=ast.Name(id="dict"), args=[]):
            return True
    return False


def _keywords(config: ast.expr | None) -> list[ast.keyword]:
    """The configuration of a class as the arguments that it stands for."""
    if config is None:
        return []
    if isinstance(config, ast.Call) and _is_dict(config) and all(item.arg is not None for item in config.keywords):
        return config.keywords
    if not isinstance(config, ast.Dict):
        raise UnreadableError("its `config` is known only when the program runs; write it out")
    names = [key.value if isinstance(key, ast.Constant) else None for key in config.keys]
    if not all(isinstance(name, str) for name in names):
        raise UnreadableError("its `config` is known only when the program runs; write it out")
    return [ast.keyword(str(name), value) for name, value in zip(names, config.values, strict=True)]


def _unproved_site(reference: Reference, spot: Spot, where: Place, syntax: Syntax, names: Names) -> Site | None:
    """The site of a string that may reach a layer, or that is called like an argument of one; None where it does not,
    or means nothing there."""
    held = _target_of(spot)
    given = [] if held is None else [place for _, place in _layer_uses(held, syntax, names)]
    if held is None or not given:
        return _alike(reference, spot, where, syntax, names)
    speakers = {item.layer.speaker for item in given if item.layer is not None}
    speaker = speakers.pop()
    if held.only or speakers or speaker is None or not speaker.knows(reference.found) or not _is_form_of(speaker, spot):
        return None
    config = _whole(reference.spot)[1]
    named = Named(speaker, speaker.initializer_of(reference.found))
    known = dict.fromkeys(layout for item in given for layout in axes(item, None, speaker))
    site = make_site(spot, syntax, names, named, (), _keywords(config))
    return site._replace(layouts=tuple(known), string=reference.found, obstacle=held.obstacle)


@dataclass(frozen=True, slots=True)
class _Target:
    """What a string is given to: a name of the block ``home``, or of an attribute where that is None. It is ``only``
    that string, or ``obstacle`` says why this is not known."""

    name: str
    home: Scope | None
    obstacle: str = ""

    @property
    def only(self) -> bool:
        return not self.obstacle


def _target_of(spot: Spot) -> _Target | None:
    child, scope = outermost_value(spot), spot.scope
    match child.parent:
        case ast.Assign(targets=[ast.Attribute() as target]) | ast.AnnAssign(target=ast.Attribute() as target):
            return _Target(target.attr, None, f"it reaches a layer as `{ast.unparse(target)}`, which {_SET}")
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if scope.is_class:
            return _Target(name, None, f"it reaches a layer as an attribute `{name}`, which {_SET}")
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            home = scope.home(name)
            alone = home is not None and len(home.bindings[name]) == 1 and not _may_be_imported(scope.module)
            only = alone and child is spot and isinstance(spot.node, ast.Constant | ast.Name)
            return _Target(name, home, "" if only else f"`{name}` {_OTHERS}")
        case ast.arguments():
            bound = parameter(child)
            return None if bound is None else _Target(*bound, UNPROVED)
    return None


def _may_be_imported(module: Scope) -> bool:
    """Whether any name of a module may come from elsewhere too: with all that a module of nobody knows has."""
    return any(star.partition(".")[0] not in registry.packages() for star in module.stars)


def _layer_uses(held: _Target, syntax: Syntax, names: Names) -> Iterator[tuple[Spot, Place]]:
    """The arguments of layers that look up what a name stands for."""
    for load in _loads(held, syntax):
        where = place(load, names.layers)
        if weights(where) and where.layer is not None and where.layer.speaker is not None:
            yield load, where


def _loads(held: _Target, syntax: Syntax) -> list[Spot]:
    return attributes(syntax, held.name) if held.home is None else loads(syntax, held.name, held.home)


def _alike(reference: Reference, spot: Spot, where: Place, syntax: Syntax, names: Names) -> Site | None:
    """The site of a string that is called like an argument of a layer, or of a dict with a class's name, which Keras
    alone takes; None where it is not, or means nothing there. An argument of a layer of nobody knows whom, called like
    `chain_initializer`, is looked up as the kernel's is."""
    argument, config = _argument_name(spot), _whole(reference.spot)[1]
    if argument not in names.initializer_arguments and (argument or "").endswith(_OF_A_WEIGHT):
        argument = _OF_KERNEL
    if argument not in names.initializer_arguments or (spot is not reference.spot and config is None):
        return None
    roots = names.speech.roots & {*_imported_packages(syntax), *(_KERAS if config is not None else ())}
    shape, is_pair = _shape(spot), isinstance(spot.node, ast.Tuple)
    known = _common(names, argument or "", roots, reference.found, is_pair, shape is not None, rank(shape))
    if known is None:
        return None
    speaker, layouts = known
    named = Named(speaker, speaker.initializer_of(reference.found))
    site = make_site(spot, syntax, names, named, (), _keywords(config))
    return site._replace(layouts=layouts, string=reference.found, obstacle=UNPROVED)


@lru_cache(maxsize=1024)
def _common(
    names: Names, argument: str, roots: frozenset[str], string: str, is_pair: bool, is_sized: bool, number: int | None
) -> tuple[Vocabulary, tuple[Layout, ...]] | None:
    """What looks up a string that is an argument of this name in layers of some packages, and the axes that the weights
    can have: their ``number`` where a shape shows it, and ``is_sized`` is whether one is given; None where nothing
    does."""
    layers = [
        layer
        for root, layer in names.initializer_arguments[argument]
        if root in roots and layer.speaker is not None and layer.speaker.knows(string)
        if (layer.speaker.grammar.strings == "pair") is is_pair
    ]
    if not layers or layers[0].speaker is None:
        return None
    speaker = layers[0].speaker
    places = [Place("", layer, argument) for layer in layers if layer.speaker is speaker]
    sized = [item for item in places if is_sized or not any(held.layout == "source" for held in weights(item))]
    known = dict.fromkeys(layout for item in sized or places for layout in axes_of(item, number, speaker))
    return speaker, tuple(known)


_KERAS = ("keras", "tf_keras", "tensorflow")
_OF_A_WEIGHT, _OF_KERNEL = "_initializer", "kernel_initializer"
_GIVES = re.compile(rf"[\"']?+(?:\)|{ASIDE})*+[=:](?!=)")
"""What stands behind the name of an argument, a parameter, or a key."""
_NAMED_SO = re.compile(rf"{_OF_A_WEIGHT}{_GIVES.pattern}")


def _imported_packages(syntax: Syntax) -> Iterable[str]:
    """The packages of which a module imports something."""
    known = syntax.memo.setdefault("imported packages", {})
    if not known:
        module = syntax.scope
        paths = (path for bindings in module.bindings.values() for path in bindings if isinstance(path, str))
        known.update(dict.fromkeys(path.partition(".")[0] for path in (*paths, *module.stars)))
    return known


def _argument_name(spot: Spot) -> str | None:
    """The name of the argument that an expression is, or whose default it is, or its key."""
    match spot.parent:
        case ast.keyword(arg=name):
            return name
        case ast.arguments():
            bound = parameter(spot)
            return None if bound is None else bound[0]
        case ast.Dict(keys=keys) if spot.field == "values":
            key = keys[spot.index]
            return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
    return None


def _shape(spot: Spot) -> ast.expr | None:
    """The shape that is given beside an argument."""
    call = spot.holder.parent if spot.holder is not None else None
    keywords = call.keywords if isinstance(call, ast.Call) else []
    return next((item.value for item in keywords if item.arg == "shape"), None)
