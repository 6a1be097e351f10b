"""What a module does with an initializer besides starting weights with it: things that its replacement cannot do.

An initializer of TensorFlow 1 is an object with attributes, called with a shape, a dtype and a partition_info; what
makes one takes arguments. A function in its place has no attributes, and takes no more than it must.
"""

import ast
from dataclasses import replace

from initport.emit.decision import RefusedError
from initport.emit.forms import is_function
from initport.emit.target import Target
from initport.emit.terms import Term
from initport.python.follow import OBJECTS, Way, ends
from initport.python.sites import Form, Site
from initport.python.syntax import Spot

_WIDTH = 60
"""Characters of source that a reason quotes at most."""

_OF_CONTAINERS = frozenset({*dir(dict), *dir(list), *dir(tuple)})
"""Attributes of what may hold an initializer."""


def check_uses(site: Site, replacement: Term, target: Target) -> None:
    """Raises RefusedError where the module does with a site what cannot be done with its replacement."""
    if site.is_drawn:
        return
    _check_use(site, replacement, target, site.spot)
    if site.form is not Form.DRAW:
        for spot in _ends(site, replacement, target):
            _check_use(site, replacement, target, spot)


_POLICY = replace(OBJECTS, one_owner=True)


def _ends(site: Site, replacement: Term, target: Target) -> list[Spot]:
    """The places that the site comes to and that cannot do with the replacement."""

    def counts(way: Way) -> bool:
        return not way.is_result and _has_obstacle(site, replacement, target, way.spot)

    given = site.form, _is_uncalled(site), is_function(replacement), target.name, site.named.vocabulary.framework
    return ends(site.spot, site.syntax, _POLICY, _is_end, counts, *given)


def _is_end(argument: Spot) -> bool:
    """What the module's own functions are given is followed there."""
    return False


def _has_obstacle(site: Site, replacement: Term, target: Target, use: Spot) -> bool:
    try:
        _check_use(site, replacement, target, use)
    except RefusedError:
        return True
    return False


def _is_uncalled(site: Site) -> bool:
    return site.form is Form.FACTORY and isinstance(site.node, ast.Name | ast.Attribute)


def _check_use(site: Site, replacement: Term, target: Target, spot: Spot) -> None:
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
            raise RefusedError(f"`{_short(parent)}` passes it arguments; write the initializer out there")
        if site.form is Form.INSTANCE and given != (0, set()) and not _is_called_alike(site, target):
            called = "a tensor that they fill" if target.fills else f"`{target.vocabulary.grammar.called[0]}` first"
            raise RefusedError(
                f"`{_short(parent)}` calls it, and initializers of {target.title} are called with {called}; write the "
                "call of that yourself"
            )
        if given[0] > 2 or ("partition_info" in given[1] and not function):
            raise RefusedError(
                f"`{_short(parent)}` passes it more than a shape and a dtype, which later Keras does not take; "
                "leave the rest out"
            )
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "type":
        raise RefusedError(f"the class is asked for (`{_short(parent)}`), and what it becomes has another")
    known = _OF_CONTAINERS if function else _OF_CONTAINERS | target.methods
    if isinstance(parent, ast.Attribute) and parent.attr not in known:
        raise RefusedError(f"`{_short(parent)}` is used, which what it becomes does not have")


def _is_called_alike(site: Site, target: Target) -> bool:
    """Whether the target's initializers are called with what the source's are."""
    here, there = (known.grammar.called[0] for known in (site.named.vocabulary, target.vocabulary))
    return here == there and not target.fills


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _WIDTH else f"{text[: _WIDTH - 3]}..."
