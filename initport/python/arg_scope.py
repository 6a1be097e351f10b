"""What the scopes around a layer's call say of its initializers: `arg_scope`, and `variable_scope` with an initializer.

Authority: contrib/framework/python/ops/arg_scope.py (an inner scope stands before an outer one, a call's own argument
before both; the scope that ``with`` names holds the outer ones as well) and python/ops/variable_scope.py. The scopes
that are seen are those written around the call, in its own function, and those that a function of the module returns.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from initport.grammar.rows import SourceWeight
from initport.python.arguments import literal
from initport.python.scope import Function, Scope, constant, resolve
from initport.python.vocabulary import Layers

_VARIABLE_SCOPES = ("tensorflow.variable_scope", "tensorflow.compat.v1.variable_scope",
                    "tensorflow.variable_op_scope", "tensorflow.compat.v1.variable_op_scope")  # fmt: skip

_ARG_SCOPED = ("tensorflow.contrib.", "tensorflow.compat.v1.contrib.", "tf_slim.")
"""Where the layers are whose arguments `arg_scope` sets, and `arg_scope` itself."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The expression that a scope gives for an argument, and where its names are looked up; None where a scope may give
    one, and which cannot be told."""

    value: ast.expr | None
    scope: Scope


def setting(path: str, weight: SourceWeight, around: Sequence[ast.AST], scope: Scope, layers: Layers) -> Setting | None:
    """What starts a weight of the layer at ``path`` whose call says nothing; None where no scope that is seen does.

    ``around`` are the nodes that hold the call, outermost first."""
    for call, where in _calls(around, scope):
        found = _of_arg_scope(call, path, weight, where, layers) or _of_variable_scope(call, weight, where)
        if found is not None:
            return found
    return None


def _calls(around: Sequence[ast.AST], scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """The expressions of the ``with`` statements around a node in its function, innermost first, those that a function
    of the module returns in place of its call."""
    for node in reversed(around):
        if isinstance(node, Function):
            return
        if isinstance(node, ast.With):
            for item in reversed(node.items):
                yield from _opened(item.context_expr, scope)


def _opened(node: ast.expr, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    inner = node
    if isinstance(node, ast.Call) and _is_arg_scope(node, scope) and len(node.args) == 1 and not node.keywords:
        inner = constant(node.args[0], scope)
    returned = _returned(inner.func, scope) if isinstance(inner, ast.Call) else None
    yield from returned if returned is not None else [(node, scope)]


def _returned(node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]] | None:
    """The scopes in what a function of the module returns, innermost first; None where that cannot be told."""
    home = scope.home(node.id) if isinstance(node, ast.Name) else None
    if home is None or not isinstance(node, ast.Name) or len(home.bindings[node.id]) != 1:
        return None
    function = {item.name: item for item in home.children if isinstance(item, ast.FunctionDef)}.get(node.id)
    returns = [] if function is None else list(_returns(function, ()))
    if function is None or len(returns) != 1:
        return None
    inner, (statement, around) = home.children[function], returns[0]
    found: list[tuple[ast.expr, Scope]] = []
    value = statement.value
    if isinstance(value, ast.Call) and _is_arg_scope(value, inner):
        found, value = [(value, inner)], None
    for node_around in reversed(around):
        for item in reversed(node_around.items if isinstance(node_around, ast.With) else ()):
            named = item.optional_vars
            if isinstance(value, ast.Name) and isinstance(named, ast.Name) and named.id == value.id:
                value = None
            if value is None:
                found.extend(_opened(item.context_expr, inner))
    return found if value is None else None


def _returns(node: ast.AST, around: tuple[ast.AST, ...]) -> Iterator[tuple[ast.Return, tuple[ast.AST, ...]]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Return):
            yield child, around
        elif isinstance(child, ast.stmt) and not isinstance(child, Function | ast.ClassDef):
            yield from _returns(child, (*around, child))


def may_be_set(path: str, weight: SourceWeight, text: str) -> bool:
    """Whether a scope that is not seen here may set a weight's initializer."""
    return weight.scoped or ("arg_scope" in text and path.startswith(_ARG_SCOPED))


def _is_arg_scope(node: ast.expr, scope: Scope) -> bool:
    paths = resolve(node.func, scope) if isinstance(node, ast.Call) else ()
    return any(path.endswith(".arg_scope") and path.startswith(_ARG_SCOPED) for path in paths)


def _of_arg_scope(node: ast.expr, path: str, weight: SourceWeight, scope: Scope, layers: Layers) -> Setting | None:
    if not isinstance(node, ast.Call) or not _is_arg_scope(node, scope):
        return None
    listed = constant(node.args[0], scope) if node.args else None
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
    """Whether an expression is the layer at a path; None where that cannot be told."""
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
