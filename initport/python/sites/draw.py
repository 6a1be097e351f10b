"""Values that are drawn at once, with no initializer: sites where a variable provably starts with them.

``tf.Variable(tf.truncated_normal(shape))`` is one, by way of names and of arithmetic as well, and so is what a
hand-written initializer draws when it is called: a function that is given to a layer by name, or that takes what only
initializers are given. The same function also makes noise and data, which are nothing of ours: a value that comes to no
variable is left alone, without a word.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from initport.diagnostics import Code
from initport.grammar.call import Call
from initport.ir.weights import Kind
from initport.python.arguments import SIZE, Arguments, UnreadableError, check_real, read_arguments
from initport.python.axes import axes
from initport.python.follow import ARRAYS, ELSEWHERE, Follower, Reference, Scaling, Way, Ways, references
from initport.python.place import matching_layer, place, weights
from initport.python.reachable import ASIDE, may_reach
from initport.python.scope import Scope, resolve
from initport.python.sites import Form, Place, Reach, Site
from initport.python.sites.bias import bias_in
from initport.python.syntax import Spot, Syntax
from initport.python.text import Text
from initport.python.vocabulary import Layers, Named, Names

_SHAPES = ("shape", SIZE)


STARRED = "its values are given to a variable with `*` or `**`; write the argument out"


PARTIAL = (
    "`functools.partial` makes a function of it that draws what a variable starts with; give an initializer of the "
    "same distribution in its place, or call one on the shape"
)


ORTHOGONAL = (
    "a hand-written initializer makes an orthogonal matrix of it with `{}`; give an orthogonal initializer in its "
    "place, whose gain is what the matrix is multiplied by, and compare which axes of a kernel are its rows"
)

DECOMPOSITIONS = frozenset(f"{package}.linalg.{name}" for package in ("numpy", "scipy") for name in ("svd", "qr"))
"""What gives orthogonal matrices."""


def draw(reference: Reference, syntax: Syntax, names: Names, known: "Start | None" = None) -> Site | None:
    """The site of a reference to a function that draws; None where no variable is made of the values, nor ``known`` to
    be of those. Raises UnreadableError."""
    call, spot, scope = reference.call, reference.spot.holder, reference.scope
    start = None if call is None or spot is None else known or start_of(spot, syntax, names)
    if call is None and _starts_by_partial(reference.spot, syntax, names):
        raise UnreadableError(PARTIAL, Code.REFUSED_SITE)
    if call is None or spot is None or start is None:
        return None
    named = names.draws[reference.found]
    if start.on_call and (divides := _decomposition(spot.scope)) is not None:
        raise UnreadableError(ORTHOGONAL.format(ast.unparse(divides)), Code.REFUSED_SITE)
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
        obstacle=reference.doubt(names.draws)
        or start.doubt
        or bias_in(named, start.place, arguments.aside.get("dtype"), scope),
        on_call=start.on_call,
        package=named.path.partition(".")[0],
    )


def _starts_by_partial(spot: Spot, syntax: Syntax, names: Names) -> bool:
    """Whether variables start with what a partial application of a function gives."""
    parent = spot.parent
    if not isinstance(parent, ast.Call) or (spot.field, spot.index) != ("args", 0) or spot.holder is None:
        return False
    applied = "functools.partial" in resolve(parent.func, spot.scope)
    return applied and start_of(spot.holder, syntax, names, is_function=True) is not None


def _decomposition(scope: Scope) -> ast.expr | None:
    """The function with which the function around makes an orthogonal matrix."""
    body = scope.node if isinstance(scope.node, ast.FunctionDef) else ast.Pass()
    calls = (node.func for node in ast.walk(body) if isinstance(node, ast.Call))
    return next((called for called in calls if resolve(called, scope) & DECOMPOSITIONS), None)


class Start(NamedTuple):
    """The place of a variable's starting value, and what it multiplies the drawn value by: see `Site`.

    ``doubt`` is why the value may be used for other things as well, ``on_call`` whether an initializer draws it."""

    place: Place
    scaling: Scaling
    doubt: str
    on_call: bool


def start_of(spot: Spot, syntax: Syntax, names: Names, is_function: bool = False) -> Start | None:
    """What a variable starts with is made of a value, or of what a function gives; None where that comes to anything
    else."""
    written = None if is_function else _initializer_around(spot)
    if written is None and not _may_end(syntax, names):
        return None
    layers = names.layers
    ways, places = _ways(spot, syntax, layers, is_function)
    return ways.once((id(layers), written), lambda ways: _start(ways, places, layers, written))


def _start(ways: Ways, places: Mapping[Spot, Place | None], layers: Layers, written: str | None) -> Start | None:
    starts = [(way, where) for way in ways if (where := _end_of(way, places, layers)) is not None]
    if not starts:
        return None if written is None else Start(Place(f"`{written}`"), _scaling(ways), "", True)
    first, where = starts[0]
    lost = ELSEWHERE if len(starts) < len(ways) and written is None else ""
    starred = STARRED if where.layer is None and not first.is_result else ""
    doubt = starred or next((way.doubt for way, _ in starts if way.doubt), lost)
    return Start(where, first.scaling, doubt, first.is_result)


def returning_function(reference: Reference, syntax: Syntax, names: Names) -> str | None:
    """The function of the module that gives what is drawn to whoever calls it, which nothing in the module does."""
    spot = reference.spot.holder
    if reference.call is None or spot is None:
        return None
    return _ways(spot, syntax, names.layers)[0].once("returning function", _returning_function)


def _returning_function(ways: Ways) -> str | None:
    for way in ways:
        block: Scope | None = way.spot.scope if way.is_lost and isinstance(way.spot.parent, ast.Return) else None
        if block is not None and isinstance(block.node, ast.FunctionDef) and block.parent is block.module:
            return block.node.name
    return None


def _may_end(syntax: Syntax, names: Names) -> bool:
    """Whether a way can end at a weight at all: the module calls something that makes one, or gives an initializer."""
    known = syntax.memo.setdefault(f"ends {id(names.layers)}", {})
    if not known:
        words = syntax.text.words_among(names.making)
        makers = references(syntax, words, names.layers)
        known[""] = _GIVEN.search(syntax.text.content) is not None or any(
            not _is_argument(item.spot) for item in makers
        )
    return bool(known[""])


_GIVEN = re.compile(r"initializer\s*=(?!=)")


def may_start_any(text: Text, names: Names) -> bool:
    """Whether a drawn value can come to a weight in a text at all (`start_of`)."""
    in_class = text.contains("__call__") and text.contains("Initializer")
    is_keyed = all(map(text.contains, KEYED)) and _FIRST_KEY.search(text.content)
    if text.contains(PARTITION) or in_class or is_keyed or _GIVEN.search(text.content):
        return True
    return may_reach(text, names.paths_of_layers)


_FIRST_KEY = re.compile(rf"(?:\(|\blambda\b|/{ASIDE}*+,){ASIDE}*+key{ASIDE}*+[,:]")
"""Where the first parameter may be that of JAX's initializers."""


def _is_argument(spot: Spot) -> bool:
    """Whether an expression is given to a call by position, so that what calls it is not seen."""
    while isinstance(spot.parent, ast.Tuple) and spot.holder is not None:
        spot = spot.holder
    return isinstance(spot.parent, ast.Call) and spot.field == "args"


def _ways(
    spot: Spot, syntax: Syntax, layers: Layers, is_function: bool = False
) -> tuple[Ways, Mapping[Spot, Place | None]]:
    """Where a value goes, and the places of the arguments that it comes to on the way."""
    gone = syntax.memo.setdefault(f"ways {id(layers)}", {})
    if (spot.node, is_function) not in gone:
        gone[spot.node, is_function] = _find_ways(spot, syntax, layers, is_function)
    found: tuple[Ways, Mapping[Spot, Place | None]] = gone[spot.node, is_function]
    return found


def _find_ways(
    spot: Spot, syntax: Syntax, layers: Layers, is_function: bool
) -> tuple[Ways, Mapping[Spot, Place | None]]:
    places: dict[Spot, Place | None] = syntax.memo.setdefault(f"variables {id(layers)}", {})

    def is_end(argument: Spot) -> bool:
        if argument not in places:
            places[argument] = _weight_place(argument, layers)
        return places[argument] is not None

    known = syntax.memo.setdefault(f"draws {id(layers)}", {})
    return Follower(syntax, is_end, ARRAYS, known).ways(spot, is_function), places


def _end_of(way: Way, places: Mapping[Spot, Place | None], layers: Layers) -> Place | None:
    """The place of a weight that a way ends at: a variable is made of the value, or a layer is given what draws it."""
    where = places.get(way.spot)
    if way.is_lost:
        return None
    if where is None:
        return place(way.spot, layers) if way.is_result and _is_named_initializer(way.spot) else None
    made = where.layer is None or where.layer.row.kind is Kind.PARAMETER
    return where if made or way.is_result else None


def _is_named_initializer(spot: Spot) -> bool:
    """Whether an argument is called an initializer, of whatever call."""
    return isinstance(spot.parent, ast.keyword) and (spot.parent.arg or "").endswith("initializer")


def _scaling(ways: Sequence[Way]) -> Scaling:
    """What the value is multiplied by, where all ways agree."""
    return ways[0].scaling if len(ways) == 1 else None


def _initializer_around(spot: Spot) -> str | None:
    """The function around a spot that is an initializer by what it takes (`PARTITION`, `KEYED`), or by its class."""
    scope: Scope | None = spot.scope
    while scope is not None:
        node, owner = scope.node, scope.parent
        if isinstance(node, ast.Lambda | ast.FunctionDef) and [item.arg for item in node.args.args[:3]] == KEYED:
            return "lambda" if isinstance(node, ast.Lambda) else node.name
        if isinstance(node, ast.FunctionDef):
            taken = {item.arg for item in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
            if PARTITION in taken:
                return node.name
            if node.name == "__call__" and owner is not None and isinstance(owner.node, ast.ClassDef):
                bases = (path for base in owner.node.bases for path in resolve(base, owner))
                if any(path.rpartition(".")[2] == "Initializer" for path in bases):
                    return owner.node.name
        scope = owner
    return None


KEYED = ["key", "shape", "dtype"]
"""What JAX's initializers take, and nothing else does (jax/_src/nn/initializers.py, Initializer)."""

PARTITION = "partition_info"
"""What TensorFlow 1 gives initializers alone (init_ops.py, Initializer.__call__)."""


def _weight_place(argument: Spot, layers: Layers) -> Place | None:
    """The place of the argument of a call that makes a weight of it, by itself or, of a variable, unpacked."""
    holder = argument.holder
    unpacked = holder is not None and isinstance(holder.node, ast.keyword) and holder.node.arg is None
    if isinstance(argument.node, ast.Starred) or unpacked:
        whole = holder.holder if holder is not None and unpacked else holder
        if whole is None or not isinstance(whole.node, ast.Call):
            return None
        layer = matching_layer(layers.get(min(resolve(whole.node.func, whole.scope), default=""), ()), whole.node)
        return Place("an argument") if layer is not None and layer.row.kind is Kind.PARAMETER else None
    where = place(argument, layers)
    return where if any(not item.shared for item in weights(where)) else None


def _arguments(named: Named, call: ast.Call, spot: Spot, syntax: Syntax) -> Arguments:
    function = named.function
    if "d0" in function.parameters:  # randn and rand: every argument is a size
        shape = ast.copy_location(ast.Tuple(list(call.args), ast.Load()), call)
        return Arguments(Call(named.name), {SIZE: shape}, {})
    return read_arguments(named.name, function, call.args, call.keywords, spot, syntax)
