"""What a module does with an initializer besides starting weights with it: things that its replacement cannot do.

An initializer of TensorFlow 1 is an object with attributes, called with a shape, a dtype and a partition_info; what
makes one takes arguments. A function in its place has no attributes, and takes no more than it must.
"""

import ast
from collections.abc import Iterator
from typing import NamedTuple

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
        for uses in _uses(spot, site.syntax):
            for use in _counting(uses, site, replacement):
                _check_use(site, replacement, use)
                if use.node not in begun and _given_on(use) is not None:
                    begun.add(use.node)
                    pending.append(use)


def _counting(uses: "_Uses", site: Site, replacement: Term) -> list[Spot]:
    """Those of the places that cannot do with the replacement, or that give it on; looked for once for all sites that
    one name stands for."""
    key = *uses[:2], site.form, _is_uncalled(site), is_function(replacement)
    known: dict[object, list[Spot]] = site.syntax.memo.setdefault("counting uses", {})
    if key not in known:
        known[key] = [use for use in uses.spots if _given_on(use) is not None or _has_obstacle(site, replacement, use)]
    return known[key]


def _has_obstacle(site: Site, replacement: Term, use: Spot) -> bool:
    try:
        _check_use(site, replacement, use)
    except RefusedError:
        return True
    return False


def _is_uncalled(site: Site) -> bool:
    return site.form is Form.FACTORY and isinstance(site.node, ast.Name | ast.Attribute)


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
    if _is_uncalled(site) and isinstance(call, ast.Call) and call.func is not node:
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


class _Uses(NamedTuple):
    """The places where a name is looked up: of the block ``home``, or an attribute of what that calls so."""

    name: str
    home: Scope | str
    spots: list[Spot]


def _uses(spot: Spot, syntax: Syntax) -> Iterator[_Uses]:
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
            if bound is not None:
                yield _Uses(*bound, loads(syntax, *bound))
        case ast.Return() if scope.parent is not None and isinstance(scope.node, ast.FunctionDef):
            for uses in _lookups(ast.Name(scope.node.name, ast.Load()), scope.parent, syntax):
                calls = [load.holder for load in uses.spots if call_of(load) is not None and load.holder is not None]
                yield _Uses(f"{uses.name}()", uses.home, calls)


def _lookups(target: ast.expr, scope: Scope, syntax: Syntax) -> Iterator[_Uses]:
    match target:
        case ast.Name(id=name):
            home = scope.home(name)
            if home is not None:
                yield _Uses(name, home, loads(syntax, name, home))
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            spots = (spot for spot in attributes(syntax, name) if _owner(spot.node) == owner)
            yield _Uses(name, owner, list(spots))


def _owner(node: ast.AST) -> str | None:
    return node.value.id if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) else None
