"""What a module does with an initializer besides starting weights with it: things that its replacement cannot do.

An initializer of TensorFlow 1 is an object with attributes, called with a shape, a dtype and a partition_info; what
makes one takes arguments. A function in its place has no attributes, and takes no more than it must.
"""

import ast
from collections.abc import Iterator

from initport.emit.decision import RefusedError
from initport.emit.forms import is_function
from initport.emit.terms import Term
from initport.python.place import defaults
from initport.python.references import Found, is_load, lines_with, loads, nodes
from initport.python.scope import Scope
from initport.python.sites.site import Form, Site

_GIVES_ON = ast.IfExp | ast.BoolOp | ast.Dict | ast.List | ast.Tuple
"""Expressions that hold what stands in them."""

_WIDTH = 60
"""Characters of source that a reason quotes at most."""

_OF_CONTAINERS = frozenset({*dir(dict), *dir(list), *dir(tuple)})
"""Attributes of what may hold an initializer."""


def check_uses(site: Site, replacement: Term, tree: ast.Module) -> None:
    """Raises RefusedError where the module does with a site what cannot be done with its replacement."""
    if site.is_drawn:
        return
    node, around = next(nodes(tree, [site.node.lineno], lambda node: node is site.node))
    _check_use(site, replacement, node, around)
    if site.form is Form.DRAW:
        return
    while isinstance(around[-1], _GIVES_ON):
        node, around = around[-1], around[:-1]
        _check_use(site, replacement, node, around)
    for target, scope in _targets(node, around, site.scope):
        for use in _uses(site, target, scope, tree):
            _check_use(site, replacement, *use)


def _check_use(site: Site, replacement: Term, node: ast.AST, around: tuple[ast.AST, ...]) -> None:
    """Raises RefusedError."""
    parent = around[-1]
    while isinstance(parent, ast.Subscript) and parent.value is node:
        node, around = parent, around[:-1]
        parent = around[-1]
    call = around[-2] if isinstance(parent, ast.keyword) else parent
    uncalled = site.form is Form.FACTORY and isinstance(site.node, ast.Name | ast.Attribute)
    if uncalled and isinstance(call, ast.Call) and call.func is not node:
        raise RefusedError(
            f"`{_short(node)}` is handed to `{ast.unparse(call.func)}`, and how the function is called there cannot be "
            f"told; write `{site.source}()` or `lambda: {site.source}()` instead"
        )
    function = is_function(replacement)
    if isinstance(parent, ast.Call) and parent.func is node:
        given = len(parent.args), {item.arg for item in parent.keywords}
        if site.form is Form.FACTORY and given != (0, set()):
            raise RefusedError(f"`{_short(parent)}` gives it arguments; write the initializer out there")
        if given[0] > 2 or ("partition_info" in given[1] and not function):
            raise RefusedError(
                f"`{_short(parent)}` gives it more than a shape and a dtype, which later Keras does not take; "
                "leave the rest out"
            )
    if function and isinstance(parent, ast.Attribute) and parent.attr not in _OF_CONTAINERS:
        raise RefusedError(f"`{_short(parent)}` is used, which the function that it becomes has not")


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."


def _targets(node: ast.AST, around: tuple[ast.AST, ...], scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """What an assignment, a parameter's default or a function's result gives the expression to, and the block from
    which that is seen. A function stands for the calls of it."""
    match around[-1]:
        case ast.Assign(targets=targets):
            for target in targets:
                for part in target.elts if isinstance(target, ast.Tuple) else (target,):
                    yield part, scope
        case ast.AnnAssign(target=target):
            yield target, scope
        case ast.arguments() as arguments:
            yield ast.Name(defaults(arguments)[node], ast.Load()), scope.inside(around[-2])
        case ast.Return() if scope.parent is not None and isinstance(scope.node, ast.FunctionDef):
            yield ast.Call(ast.Name(scope.node.name, ast.Load()), [], []), scope.parent


def _uses(site: Site, target: ast.expr, scope: Scope, tree: ast.Module) -> Iterator[Found]:
    """The places where a name, or an attribute of one, is looked up, or a function is called."""
    match target:
        case ast.Call(func=function):
            for node, around in _uses(site, function, scope, tree):
                if isinstance(around[-1], ast.Call) and around[-1].func is node:
                    yield around[-1], around[:-1]
        case ast.Name(id=name):
            home = scope.home(name)
            yield from loads(tree if home is None else home.node, site.text, name)
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            lines = lines_with(site.text, (name,))
            yield from nodes(tree, lines, lambda node: _is_attribute(node, owner, name))


def _is_attribute(node: ast.AST, owner: str, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.ctx, ast.Load)
        and is_load(node.value, owner)
    )
