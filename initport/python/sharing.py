"""Names by which several weights come to share one initializer, where each could be given one of its own instead."""

import ast
from typing import NamedTuple

from initport.python.follow import attributes, call_of, first_parameter, loads, parameter
from initport.python.place import place, reach, weights
from initport.python.scope import Comprehension, Scope, resolve
from initport.python.sites import Reach
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Layers

_LOOPS = ast.For | ast.AsyncFor | ast.While | Comprehension


class Sharing(NamedTuple):
    """What stands for an initializer, or gives one, and for nothing else: a ``name`` of the block ``home``, or an
    ``attribute`` of an object, or both. ``uses`` are all places where it is looked up, each an argument that starts one
    weight."""

    uses: tuple[Spot, ...]
    name: str = ""
    home: Scope | None = None
    attribute: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What other files could use as well."""
        is_global = self.home is not None and self.home.parent is None
        return (*((self.name,) if is_global else ()), *((self.attribute,) if self.attribute else ()))


def own_name(spot: Spot, syntax: Syntax, layers: Layers) -> Sharing | None:
    """What an assignment or a parameter's default makes stand for an expression; None where more becomes of it."""
    kept = _attribute(spot)
    if kept is not None:
        found = _uses_of_attribute(kept, syntax)
        return Sharing(found, attribute=kept) if found and all(_starts_one(use, layers) for use in found) else None
    bound = _target(spot) or parameter(spot)
    found = _uses(bound, syntax)
    if bound is None or not found:
        return None
    if all(_starts_one(use, layers) for use in found):
        return Sharing(found, *bound)
    kept = _attribute(_looked_up(found[0]))
    if len(found) > 1 or kept is None or parameter(spot) is None:
        return None
    used = [use for use in _uses_of_attribute(kept, syntax) if not _is_written_down(use)]
    alone = len(used) == 1 and _starts_one(used[0], layers)
    if not alone or any(isinstance(holder.node, _LOOPS) for holder in used[0].holders()):
        return None
    return Sharing(found, *bound, kept)


def own_function(spot: Spot, syntax: Syntax, layers: Layers) -> Sharing | None:
    """The function of the module whose result an expression is, where each call of it is an argument that starts one
    weight."""
    holder, bound = spot.holder, None
    if holder is None:
        return None
    if isinstance(holder.node, ast.Lambda) and spot.field == "body" and not _takes_arguments(holder.node.args):
        bound = _target(holder)
    elif isinstance(holder.node, ast.Return):
        block, node = spot.scope, spot.scope.node
        plain = isinstance(node, ast.FunctionDef) and not node.decorator_list
        if plain and isinstance(node, ast.FunctionDef) and block.parent is not None and not block.parent.is_class:
            bound = node.name, block.parent
    found = _uses(bound, syntax)
    calls = tuple(use.holder for use in found if call_of(use) is not None and use.holder is not None)
    if bound is None or not found or len(calls) < len(found):
        return None
    return Sharing(calls, *bound) if all(_starts_one(call, layers) for call in calls) else None


def is_given_none(function: Scope, name: str, syntax: Syntax) -> bool:
    """Whether a call in the module gives a parameter None."""
    node, home = function.node, function.parent
    if not isinstance(node, ast.FunctionDef) or home is None:
        return True
    owner = home.node.name if node.name == "__init__" and isinstance(home.node, ast.ClassDef) else node.name
    names = [item.arg for item in (*node.args.posonlyargs, *node.args.args)]
    index = names.index(name) - home.is_class if name in names else len(names)
    block = home.parent if home.is_class and home.parent is not None else home
    spots = [*loads(syntax, owner, block), *attributes(syntax, owner), *attributes(syntax, node.name)]
    for call in filter(None, map(call_of, spots)):
        given = [item.value for item in call.keywords if item.arg == name] + call.args[index : index + 1]
        if any(isinstance(item, ast.Constant) and item.value is None for item in given):
            return True
    return False


def _target(spot: Spot) -> tuple[str, Scope] | None:
    match spot.parent:
        case ast.Assign(targets=[ast.Name(id=name)]) if not spot.scope.is_class:
            home = spot.scope.home(name)
            return None if home is None else (name, home)
    return None


def _uses(bound: tuple[str, Scope] | None, syntax: Syntax) -> tuple[Spot, ...]:
    """Where a name is looked up; nothing where it stands for something else besides, or is exported by a string."""
    if bound is None or len(bound[1].bindings.get(bound[0], ())) != 1:
        return ()
    name, home = bound
    literals = syntax.strings(syntax.text.lines_of(name)) if home.parent is None else ()
    if any(isinstance(spot.node, ast.Constant) and spot.node.value == name for spot in literals):
        return ()
    return tuple(loads(syntax, name, home))


def _takes_arguments(arguments: ast.arguments) -> bool:
    """Whether a function must be given something."""
    positional = len(arguments.posonlyargs) + len(arguments.args)
    return positional > len(arguments.defaults) or None in arguments.kw_defaults


def _starts_one(spot: Spot, layers: Layers) -> bool:
    """Whether what stands there starts one weight each time."""
    where = place(spot, layers)
    return bool(weights(where)) and reach(where) is Reach.ONE


def _attribute(spot: Spot) -> str | None:
    """The attribute that an assignment in a method gives an expression, where it gives it nothing else."""
    match spot.parent:
        case ast.Assign(targets=[ast.Attribute(value=ast.Name(id=owner), attr=name)]):
            block = spot.scope.home(owner)
            is_method = block is not None and block.parent is not None and block.parent.is_class
            node = block.node if block is not None and is_method else None
            return name if isinstance(node, ast.FunctionDef) and first_parameter(node) == owner else None
    return None


def _uses_of_attribute(name: str, syntax: Syntax) -> tuple[Spot, ...]:
    """Where an attribute is looked up; nothing where several assignments give one of this name."""
    found = [spot for spot in syntax.spots(name) if isinstance(spot.node, ast.Attribute)]
    loaded = attributes(syntax, name)
    return tuple(loaded) if len(found) == len(loaded) + 1 else ()


def _looked_up(spot: Spot) -> Spot:
    """The call of ``initializers.get`` that an expression is the argument of; else the expression."""
    call, holder = spot.parent, spot.holder
    if not isinstance(call, ast.Call) or holder is None or spot.field != "args":
        return spot
    return holder if any(path.endswith(".initializers.get") for path in resolve(call.func, spot.scope)) else spot


def _is_written_down(spot: Spot) -> bool:
    """Whether a config is made of it there."""
    node, call = spot.scope.node, spot.parent
    if isinstance(node, ast.FunctionDef) and node.name == "get_config":
        return True
    return isinstance(call, ast.Call) and any(
        path.endswith(".initializers.serialize") for path in resolve(call.func, spot.scope)
    )
