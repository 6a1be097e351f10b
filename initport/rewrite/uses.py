"""What a module does with an initializer besides starting weights with it: things that its replacement cannot do.

An initializer of TensorFlow 1 is an object with attributes, called with a shape, a dtype and a partition_info; what
makes one takes arguments. A function in its place has no attributes, and takes no more than it must.
"""

import ast
from collections.abc import Iterator

from initport.emit.decision import RefusedError
from initport.emit.forms import is_function
from initport.emit.terms import Term
from initport.python.follow import attributes, call_of, loads, parameter
from initport.python.scope import Scope
from initport.python.sites import Form, Site
from initport.python.syntax import Spot, Syntax

_GIVES_ON = ast.IfExp | ast.BoolOp | ast.Dict | ast.List | ast.Tuple
"""Expressions that hold what stands in them."""

_WIDTH = 60
"""Characters of source that a reason quotes at most."""

_OF_CONTAINERS = frozenset({*dir(dict), *dir(list), *dir(tuple)})
"""Attributes of what may hold an initializer."""


def check_uses(site: Site, replacement: Term) -> None:
    """Raises RefusedError where the module does with a site what cannot be done with its replacement."""
    if site.is_drawn:
        return
    spot = site.spot
    _check_use(site, replacement, spot)
    if site.form is Form.DRAW:
        return
    pending, begun = [spot], {spot.node}
    while pending:
        spot = pending.pop()
        while (around := _given_on(spot)) is not None:
            spot = around
            _check_use(site, replacement, spot)
        for use in _uses(spot, site.syntax):
            _check_use(site, replacement, use)
            if use.node not in begun and _given_on(use) is not None:
                begun.add(use.node)
                pending.append(use)


def _given_on(spot: Spot) -> Spot | None:
    """The expression around that gives it, or one of several that it is among: ``{"a": it}``, ``names[key]``,
    ``names.get(key)``."""
    holder = spot.holder
    if holder is None or isinstance(spot.parent, _GIVES_ON):
        return holder
    if isinstance(spot.parent, ast.Subscript) and spot.field == "value":
        return holder
    if isinstance(spot.parent, ast.Attribute) and spot.parent.attr == "get" and call_of(holder) is not None:
        return holder.holder
    return None


def _check_use(site: Site, replacement: Term, spot: Spot) -> None:
    """Raises RefusedError."""
    while spot.holder is not None and isinstance(spot.parent, ast.Subscript) and spot.field == "value":
        spot = spot.holder
    node, parent = spot.node, spot.parent
    call = spot.holder.parent if isinstance(parent, ast.keyword) and spot.holder is not None else parent
    uncalled = site.form is Form.FACTORY and isinstance(site.node, ast.Name | ast.Attribute)
    if uncalled and isinstance(call, ast.Call) and call.func is not node:
        raise RefusedError(
            f"`{_short(node)}` is handed to `{ast.unparse(call.func)}`, and how the function is called there is not "
            f"known; write `{site.source}()` or `lambda: {site.source}()` instead"
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


def _uses(spot: Spot, syntax: Syntax) -> Iterator[Spot]:
    """The places where a name, or an attribute of one, that an assignment, a parameter's default or a function's result
    gives the expression is looked up. A function stands for the calls of it."""
    scope = spot.scope
    match spot.parent:
        case ast.Assign(targets=targets):
            for target in targets:
                for part in target.elts if isinstance(target, ast.Tuple) else (target,):
                    yield from _lookups(part, scope, syntax)
        case ast.AnnAssign(target=target):
            yield from _lookups(target, scope, syntax)
        case ast.arguments():
            bound = parameter(spot)
            yield from loads(syntax, *bound) if bound is not None else ()
        case ast.Return() if scope.parent is not None and isinstance(scope.node, ast.FunctionDef):
            for load in _lookups(ast.Name(scope.node.name, ast.Load()), scope.parent, syntax):
                if call_of(load) is not None and load.holder is not None:
                    yield load.holder


def _lookups(target: ast.expr, scope: Scope, syntax: Syntax) -> Iterator[Spot]:
    match target:
        case ast.Name(id=name):
            home = scope.home(name)
            yield from loads(syntax, name, home) if home is not None else ()
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            for spot in attributes(syntax, name):
                node = spot.node
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner:
                    yield spot
