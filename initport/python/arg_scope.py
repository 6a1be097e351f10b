"""What the scopes around a layer's call say of its initializers: `arg_scope`, and `variable_scope` with an initializer.

Authority: contrib/framework/python/ops/arg_scope.py (an inner scope stands before an outer one, a call's own argument
before both; the scope that ``with`` names holds the outer ones as well) and python/ops/variable_scope.py. The scopes
that are seen are those written around the call, in its own function, and those that a function of the module returns.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from initport.grammar.rows import SourceWeight
from initport.python.arguments import literal
from initport.python.follow import Part, definition, function_of, origins
from initport.python.place import weights
from initport.python.scope import Function, Scope, constant, resolve
from initport.python.sites import Place
from initport.python.syntax import Spot
from initport.python.vocabulary import Layers

_VARIABLE_SCOPES = ("tensorflow.variable_scope", "tensorflow.compat.v1.variable_scope",
                    "tensorflow.variable_op_scope", "tensorflow.compat.v1.variable_op_scope")  # fmt: skip

_ARG_SCOPED = ("tensorflow.contrib.", "tensorflow.compat.v1.contrib.", "tf_slim.",
               "caffe2.python.brew.")  # fmt: skip
"""Where the layers are whose arguments `arg_scope` sets, and `arg_scope` itself."""

_TENSORPACK = frozenset(
    ("tensorpack.argscope", "tensorpack.tfutils.argscope", "tensorpack.tfutils.argscope.argscope")
)  # fmt: skip
"""Its scope, of a layer or a list of layers (tensorpack 0.11, tfutils/argscope.py)."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The expression that a scope gives for an argument, and where its names are looked up; None where a scope may give
    one, and which is not known."""

    value: ast.expr | None
    scope: Scope


def setting(path: str, weight: SourceWeight, spot: Spot, layers: Layers) -> Setting | None:
    """What starts a weight of the layer at ``path`` whose call, at a spot, says nothing; None where no scope that is
    seen does."""
    for call, where in _calls(spot):
        found = _of_arg_scope(call, path, weight, where, layers) or _of_variable_scope(call, weight, where)
        if found is not None:
            return found
    return None


def _calls(spot: Spot) -> Iterator[tuple[ast.expr, Scope]]:
    """The expressions of the ``with`` statements around a node in its function, innermost first, those that a function
    of the module returns in place of its call."""
    for holder in spot.holders():
        if isinstance(holder.node, Function):
            return
        if isinstance(holder.node, ast.With):
            for item in reversed(holder.node.items):
                yield from _open_scopes(item.context_expr, spot.scope)


def _open_scopes(node: ast.expr, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """The scopes that an expression opens, innermost first."""
    return origins((node, scope), _scopes_of)


def _scopes_of(node: ast.expr, scope: Scope) -> list[Part] | None:
    if isinstance(node, ast.Call) and _is_arg_scope(node, scope) and len(node.args) == 1 and not node.keywords:
        node, scope = definition(node.args[0], scope)
    return _returned_scopes(node.func, scope) if isinstance(node, ast.Call) else None


def _returned_scopes(node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]] | None:
    """The scopes in what a function of the module returns, innermost first, as they are written; None where that is
    not known."""
    inner = function_of(node, scope)
    returns = [] if inner is None else list(_returns(inner.read().node))
    if inner is None or len(returns) != 1:
        return None
    statement, around = returns[0]
    found: list[tuple[ast.expr, Scope]] = []
    value = statement.value
    if isinstance(value, ast.Call) and _is_arg_scope(value, inner):
        found, value = [(value, inner)], None
    for holder in reversed(around):
        for item in reversed(holder.items if isinstance(holder, ast.With) else ()):
            named = item.optional_vars
            if isinstance(value, ast.Name) and isinstance(named, ast.Name) and named.id == value.id:
                value = None
            if value is None:
                found.append((item.context_expr, inner))
    return found if value is None else None


def _returns(node: ast.AST) -> Iterator[tuple[ast.Return, tuple[ast.AST, ...]]]:
    """The statements with which a function returns, and what holds each, outermost first."""
    stack: list[tuple[ast.AST, tuple[ast.AST, ...]]] = [(node, ())]
    while stack:
        node, around = stack.pop()
        if isinstance(node, ast.Return):
            yield node, around
            continue
        held = (*around, node) if isinstance(node, ast.With) else around
        inner = (child for child in ast.iter_child_nodes(node) if isinstance(child, _BLOCK))
        stack.extend((child, held) for child in inner if not isinstance(child, Function | ast.ClassDef))


_BLOCK = ast.stmt | ast.ExceptHandler | ast.match_case


def listed_layers(where: Place, layers: Layers) -> tuple[tuple[Place, ...], bool]:
    """The layers that an argument of `arg_scope` is for, each as the place of it, and whether they are all: one that is
    not known may be any. Those that have no such argument start nothing with it."""
    if where.call is None or where.scope is None or not _is_arg_scope(where.call, where.scope):
        return (), False
    found: list[Place] = []
    is_whole = True
    for node, scope in _list(where.call, where.scope):
        path = min(resolve(node, scope), default="")
        known = layers.get(path, ())
        is_whole = is_whole and bool(known)
        found += (item for item in (where._replace(layer=layer, call=None, callee=path) for layer in known)
                  if weights(item))  # fmt: skip
    return tuple(found), is_whole and bool(found)


def _list(call: ast.Call, scope: Scope) -> list[tuple[ast.expr, Scope]]:
    """The functions that a scope sets arguments of, as far as they are written out or under a name; one that is not a
    list stands for itself."""
    named = [item.value for item in call.keywords if item.arg == "list_ops_or_scope"]
    given = ast.Tuple([*call.args[:1], *named], ast.Load())
    return list(origins((given, scope), _items))


def _items(node: ast.expr, scope: Scope) -> list[Part] | None:
    bound, home = definition(node, scope)
    if bound is not node:
        return [(bound, home)]
    match node:
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [(item, scope) for item in items]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [(left, scope), (right, scope)]
    return None


def may_be_set(path: str, weight: SourceWeight, text: str) -> bool:
    """Whether a scope that is not seen here may set a weight's initializer."""
    scoped = "arg_scope" in text and path.startswith(_ARG_SCOPED)
    return weight.scoped or scoped or ("argscope" in text and path.startswith("tensorpack."))


def _is_arg_scope(node: ast.expr, scope: Scope) -> bool:
    paths = resolve(node.func, scope) if isinstance(node, ast.Call) else ()
    return any(path.endswith(".arg_scope") and path.startswith(_ARG_SCOPED) for path in paths) or _is_of_tensorpack(
        paths
    )


def _is_of_tensorpack(paths: Collection[str]) -> bool:
    return not _TENSORPACK.isdisjoint(paths)


def _of_arg_scope(node: ast.expr, path: str, weight: SourceWeight, scope: Scope, layers: Layers) -> Setting | None:
    if not isinstance(node, ast.Call) or not _is_arg_scope(node, scope):
        return None
    listed = constant(node.args[0], scope) if node.args else None
    if listed is not None and not isinstance(listed, ast.List | ast.Tuple) and resolve(node.args[0], scope):
        listed = ast.List([node.args[0]]) if _is_of_tensorpack(resolve(node.func, scope)) else listed
    if not isinstance(listed, ast.List | ast.Tuple):
        return Setting(None, scope)
    given = {item.arg: item.value for item in node.keywords}
    if weight.argument not in given and None not in given:
        return None
    alike = [_same(path, item, scope, layers) for item in listed.elts]
    if True in alike:
        return Setting(given.get(weight.argument), scope)
    return Setting(None, scope) if None in alike else None


def _same(path: str, node: ast.expr, scope: Scope, layers: Layers) -> bool | None:
    """Whether an expression is the layer at a path; None where that is not known."""
    paths = resolve(node, scope)
    if not paths:
        return None
    other = min(paths)
    if other not in layers or layers[other][0].row is not layers[path][0].row:
        return False
    return True if other.rpartition(".")[2] == path.rpartition(".")[2] else None


def _of_variable_scope(node: ast.expr, weight: SourceWeight, scope: Scope) -> Setting | None:
    if not isinstance(node, ast.Call) or not weight.scoped or not resolve(node.func, scope) & set(_VARIABLE_SCOPES):
        return None
    given = {item.arg: item.value for item in node.keywords}
    if len(node.args) > 3 or None in given:
        return Setting(node.args[3] if len(node.args) > 3 else None, scope)
    value = given.get("initializer")
    return None if value is None or literal(value) is None else Setting(value, scope)
