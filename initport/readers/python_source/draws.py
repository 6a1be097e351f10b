"""Values that are drawn at once, with no initializer: sites where a variable provably starts with them.

``tf.Variable(tf.truncated_normal(shape))`` is one, by way of a name and of arithmetic as well. The same function also
makes noise and data, which are nothing of ours: a value that goes anywhere else is left alone, without a word.
"""

import ast
from dataclasses import dataclass

from initport.grammar.call import Call
from initport.ir.weights import Kind
from initport.readers.python_source.arguments import SIZE, Arguments, UnreadableError, check_real, read_arguments
from initport.readers.python_source.names import Scope, resolve
from initport.readers.python_source.places import layouts, place, weights
from initport.readers.python_source.sites import Form, Place, Reach, Site
from initport.readers.python_source.text import Text
from initport.readers.python_source.vocabulary import Layers, Named, Names
from initport.readers.python_source.walk import Reference, loads

_PASSING = ast.BinOp | ast.UnaryOp | ast.IfExp | ast.Lambda | ast.List | ast.Tuple
"""What a value passes through, changed or not."""

_METHODS = ("astype", "reshape", "copy")
"""Methods of NumPy's arrays that give the values."""

_LIBRARIES = ("tensorflow.", "numpy.")
"""Functions whose arguments become part of their value, as far as they are given one that was drawn."""

_COPIES = ("cast", "to_float", "asarray", "array", "identity", "convert_to_tensor", "constant", "reshape", "float32")
"""Those of them that give the values unchanged, as far as their distribution goes."""

_DEPTH = 4
"""Names of names that are followed at most."""

_SHAPES = ("shape", SIZE)

Scaling = tuple[tuple[int, ast.expr], ...] | None


@dataclass(frozen=True, slots=True)
class Start:
    """The place of a variable's starting value, and what it multiplies the value that was asked for by: see `Site`."""

    place: Place
    scaling: Scaling


def draw(reference: Reference, text: Text, names: Names) -> Site | None:
    """The site of a reference to a function that draws; None where no variable is made of the values. Raises
    UnreadableError."""
    call = reference.around[-1]
    if not isinstance(call, ast.Call) or call.func is not reference.node:
        return None
    around, scope = reference.around[:-1], reference.scope
    start = variable(call, around, scope, text, names.layers)
    if start is None:
        return None
    if (doubt := reference.doubt(names.draws)) is not None:
        raise UnreadableError(doubt)
    named = names.draws[reference.found]
    arguments = _arguments(named, call, scope)
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
        layouts=layouts(start.place, shape, scope),
        scope=scope,
        text=text,
        outer=call,
        shape=shape,
        scaling=start.scaling,
    )


def _arguments(named: Named, call: ast.Call, scope: Scope) -> Arguments:
    function = named.function
    if "d0" in function.parameters:  # randn and rand: every argument is a size
        shape = ast.copy_location(ast.Tuple(list(call.args), ast.Load()), call)
        return Arguments(Call(named.name), {SIZE: shape}, {})
    return read_arguments(named.name, function, call.args, call.keywords, scope)


def variable(
    node: ast.expr, around: tuple[ast.AST, ...], scope: Scope, text: Text, layers: Layers, depth: int = 0
) -> Start | None:
    """What a variable starts with is made of an expression; None where the value comes to anything else. ``around`` are
    the nodes that hold it, outermost first."""
    child: ast.AST = node
    holders = list(around)
    scaling: Scaling = ()
    while holders:
        parent = holders[-1]
        if isinstance(parent, ast.Assign | ast.AnnAssign):
            named = _named(parent, scope, text, layers, depth)
            return None if named is None else Start(named.place, _times(scaling, named.scaling))
        if isinstance(parent, ast.Return):
            given = _returned(holders, scope, text, layers, depth)
            return None if given is None else Start(given.place, _times(scaling, given.scaling))
        if isinstance(parent, ast.Attribute):
            call = holders[-2]
            if parent.attr not in _METHODS or not isinstance(call, ast.Call) or call.func is not parent:
                return None
            holders.pop()
        elif isinstance(parent, ast.Call | ast.keyword):
            where = place(child, tuple(holders), scope, layers) if isinstance(child, ast.expr) else None
            if where is None:
                return None
            if makes_variable(where):
                return Start(where, scaling)
            if isinstance(parent, ast.keyword):
                holders.pop()
            if not _passes(holders[-1], child, scope):
                return None
            scaling = _times(scaling, _scaled_by(holders[-1], child))
        elif not isinstance(parent, _PASSING) or (isinstance(parent, ast.IfExp) and parent.test is child):
            return None
        else:
            scaling = _times(scaling, _scaled_by(parent, child))
        child = holders.pop()
    return None


def _times(first: Scaling, second: Scaling) -> Scaling:
    return None if first is None or second is None else (*first, *second)


def _scaled_by(parent: ast.AST, child: ast.AST) -> Scaling:
    """What an expression multiplies a part of it by."""
    match parent:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return ((1, right if left is child else left),)
        case ast.BinOp(left=left, op=ast.Div(), right=right) if left is child:
            return ((-1, right),)
        case ast.IfExp() | ast.Lambda():
            return ()
        case ast.Call(func=ast.Attribute(attr="multiply" | "scalar_mul"), args=[first, second]):
            return ((1, second if first is child else first),)
        case ast.Call(func=ast.Attribute(attr=name), args=[first, *_]) if first is child and name in _COPIES:
            return ()
    return None


def makes_variable(where: Place) -> bool:
    """Whether the argument is what a variable starts with, by itself."""
    started = weights(where)
    return (
        where.layer is not None and where.layer.row.kind is Kind.PARAMETER and any(not item.shared for item in started)
    )


def _passes(call: ast.AST, child: ast.AST, scope: Scope) -> bool:
    """Whether a call gives a value made of what it is given."""
    if not isinstance(call, ast.Call) or call.func is child:
        return False
    if isinstance(call.func, ast.Name) and call.func.id == "float":
        return True
    paths = resolve(call.func, scope)
    return bool(paths) and all(path.startswith(_LIBRARIES) for path in paths)


def _named(statement: ast.Assign | ast.AnnAssign, scope: Scope, text: Text, layers: Layers, depth: int) -> Start | None:
    """The same for an expression that a statement gives a name: every use of the name must come to a variable."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    home = scope.home(targets[0].id) if isinstance(targets[0], ast.Name) else None
    if len(targets) > 1 or not isinstance(targets[0], ast.Name) or home is None or home.is_class or depth >= _DEPTH:
        return None
    found: list[Start] = []
    for node, holders in loads(home.node, text, targets[0].id):
        start = variable(node, holders, home, text, layers, depth + 1)
        if start is None:
            return None
        found.append(start)
    if not found:
        return None
    plain = len(found) == 1 and _only_assigned(targets[0].id, home)
    return Start(found[0].place, found[0].scaling if plain else None)


def _returned(holders: list[ast.AST], scope: Scope, text: Text, layers: Layers, depth: int) -> Start | None:
    """The same for what a function of the module returns: every use of the function must be a call that comes to a
    variable."""
    inner: Scope | None = scope
    while inner is not None and not isinstance(inner.node, ast.FunctionDef):
        inner = inner.parent
    home = None if inner is None else inner.parent
    if inner is None or not isinstance(inner.node, ast.FunctionDef) or home is None or home.is_class or depth >= _DEPTH:
        return None
    name = inner.node.name
    found: list[Start] = []
    for node, around in loads(home.node, text, name):
        call = around[-1]
        if not isinstance(call, ast.Call) or call.func is not node:
            return None
        start = variable(call, around[:-1], home, text, layers, depth + 1)
        if start is None:
            return None
        found.append(start)
    if not found or len(home.bindings[name]) > 1:
        return None
    return Start(found[0].place, found[0].scaling if all(start.scaling == () for start in found) else None)


def _only_assigned(name: str, home: Scope) -> bool:
    """Whether a name is given whole values only, and not changed in place."""
    return all(isinstance(binding, ast.expr) for binding in home.bindings[name])
