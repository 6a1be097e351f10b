"""Where a value goes in a module: to variables that start with it, or elsewhere.

It is followed through arithmetic, names, containers, and the functions and methods of the module. Where some ways lead
to a variable, and not all provably do, there is a doubt, in words.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass, field

from initport.ir.weights import Kind
from initport.python.place import defaults, fitting, place, weights
from initport.python.references import Reference, standing
from initport.python.scaling import (
    ATTRIBUTE,
    DECORATED,
    ELSEWHERE,
    NOWHERE,
    STARRED,
    Scaling,
    Start,
    doubted,
    joined,
    scaled_by,
    times,
    unscaled,
)
from initport.python.scope import Comprehension, Scope, bound_names, resolve
from initport.python.sites.site import Place
from initport.python.text import Text
from initport.python.vocabulary import Layers

_PASSING = (
    ast.BinOp | ast.UnaryOp | ast.IfExp | ast.Lambda | ast.List | ast.Tuple | ast.Dict | ast.Starred | Comprehension
)
"""What a value passes through, changed or not."""

_METHODS = ("astype", "reshape", "copy")
"""Methods of NumPy's arrays that give the values."""

_CONTENTS = ("items", "values")
"""Methods of containers that give what is in them."""

_ADDERS = ("append", "insert", "extend", "add", "update", "setdefault")
"""Methods of containers that put their arguments there."""

_LIBRARIES = ("tensorflow.", "numpy.")
"""Functions whose arguments become part of their value, as far as they are given one that was drawn."""

_BUILTINS = ("float", "dict", "list", "tuple", "zip", "enumerate")
"""The same of Python itself."""

_DEPTH = 4
"""Names of names that are followed at most."""


def makes_variable(where: Place) -> bool:
    """Whether the argument is what a variable starts with, by itself."""
    started = weights(where)
    return (
        where.layer is not None and where.layer.row.kind is Kind.PARAMETER and any(not item.shared for item in started)
    )


@dataclass(frozen=True, slots=True)
class Flow:
    """One value in a module, ``text``, in which ``layers`` make variables; ``seen`` are the names that it has had."""

    text: Text
    layers: Layers
    seen: set[tuple[Scope | None, str, bool]] = field(default_factory=set)

    def start(self, node: ast.expr, around: Sequence[ast.AST], scope: Scope, depth: int = 0) -> Start | None:
        """What a variable starts with is made of an expression; None where the value comes to anything else.

        ``around`` are the nodes that hold it, outermost first."""
        child: ast.AST = node
        holders = list(around)
        scaling: Scaling = ()
        called = False  # whether the value is what a lambda gives when it is called
        while holders and depth <= _DEPTH:
            parent = holders[-1]
            found = self._ended(child, holders, scope, depth, called)
            if found is not None:
                return joined(found, scaling)
            if isinstance(parent, ast.Attribute):
                call = holders[-2]
                if parent.attr not in (*_METHODS, *_CONTENTS) or not isinstance(call, ast.Call):
                    return None
                scaling = scaling if parent.attr in _METHODS else None
                holders.pop()
            elif isinstance(parent, ast.Call) and parent.func is child:
                if not called:
                    return None
                called = False
            elif isinstance(parent, ast.Call | ast.keyword):
                if isinstance(parent, ast.keyword):
                    holders.pop()
                if not _passes(holders[-1], scope):
                    return None
                scaling = times(scaling, scaled_by(holders[-1], child))
            elif isinstance(parent, ast.Subscript) and parent.value is child:
                scaling = None
            elif not isinstance(parent, _PASSING) or (isinstance(parent, ast.IfExp) and parent.test is child):
                return None
            else:
                called = called or isinstance(parent, ast.Lambda)
                scaling = times(scaling, scaled_by(parent, child))
            scope = scope.parent if scope.node is parent and scope.parent is not None else scope
            child = holders.pop()
        return None

    def _ended(
        self, child: ast.AST, holders: list[ast.AST], scope: Scope, depth: int, called: bool
    ) -> "list[Start | None] | None":
        """What becomes of the value by each way that leads on from here; None where it goes on as part of what holds
        it."""
        match holders[-1]:
            case ast.Tuple(elts=values) | ast.List(elts=values):
                beside = _beside(holders, values, child)
                return None if beside is None else self._given(beside, child, scope, depth, called)
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                return self._given(target, child, scope, depth, called)
            case ast.Assign(targets=targets):
                return [start for item in targets for start in self._given(item, child, scope, depth, called)]
            case ast.NamedExpr(target=target):
                whole = self.start(holders[-1], holders[:-1], scope, depth)
                return [whole, *self._given(target, child, scope, depth, called)]
            case ast.Return():
                return self._returned(holders, scope, depth)
            case ast.For(target=target, iter=given) | ast.comprehension(target=target, iter=given) if given is child:
                inner = scope if scope.node is holders[-2] else scope.inside(holders[-2])
                names = [ast.Name(name) for name in bound_names(target)]
                alone = isinstance(target, ast.Name)
                found = [start for name in names for start in self._given(name, child, inner, depth, called)]
                return found if alone else [doubted(start, ELSEWHERE) for start in found]
            case ast.arguments() as arguments:
                return self._loads(_block(holders[-2], scope), defaults(arguments).get(child), depth, called)
            case ast.Call() | ast.keyword():
                return self._argument(child, holders, scope, depth, called)
        return None

    def _given(self, target: ast.expr, value: ast.AST, scope: Scope, depth: int, called: bool) -> "list[Start | None]":
        """The same for a value that an assignment gives to a target."""
        match target:
            case ast.Name(id=name) if not scope.is_class:
                return self._loads(scope.home(name), name, depth, called)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                doubt = ATTRIBUTE.format(ast.unparse(target))
                found = self._followed(scope.module, name, None, depth, called)
                if isinstance(target, ast.Name):
                    found += self._followed(scope.module, name, scope, depth, called)
                found = [doubted(start, doubt) for start in found]
                return [*found, None]  # other modules may use it
            case ast.Subscript(value=container):
                return self._given(container, value, scope, depth, called)
            case ast.Tuple() | ast.List():
                names = [ast.Name(name) for name in bound_names(target)]
                found = [start for name in names for start in self._given(name, value, scope, depth, called)]
                return [doubted(start, ELSEWHERE) for start in found]
        return []

    def _loads(self, home: Scope | None, name: str | None, depth: int, called: bool) -> "list[Start | None]":
        """The same for each place where a name of a block is looked up, but those where more is put into it."""
        if home is None or name is None:
            return [None]
        found = self._followed(home.module, name, home, depth, called)
        plain = len(found) == 1 and all(isinstance(binding, ast.expr) for binding in home.bindings.get(name, ()))
        return found if plain else [unscaled(start) for start in found]

    def _followed(self, module: Scope, name: str, home: Scope | None, depth: int, called: bool) -> "list[Start | None]":
        """The same for a name, or an attribute where there is no block: NOWHERE if the value has had it already."""
        if (home, name, called) in self.seen:
            return [NOWHERE]
        self.seen.add((home, name, called))
        loads = (load for load in standing(module, self.text, name, "", home) if not _puts_in(load))
        found = [self._follow(load, depth, called) for load in loads]
        return [None] if all(start is NOWHERE for start in found) else found

    def _follow(self, load: Reference, depth: int, called: bool) -> Start | None:
        node, around = load.node, load.around
        if called and isinstance(around[-1], ast.Call) and around[-1].func is node:
            node, around = around[-1], around[:-1]
        return self.start(node, around, load.scope, depth + 1)

    def _argument(
        self, child: ast.AST, holders: list[ast.AST], scope: Scope, depth: int, called: bool
    ) -> "list[Start | None] | None":
        call = holders[-2] if isinstance(holders[-1], ast.keyword) else holders[-1]
        if not isinstance(call, ast.Call) or call.func is child:
            return None
        where = place(child, tuple(holders), scope, self.layers) if isinstance(child, ast.expr) else None
        if where is not None and makes_variable(where):
            return [Start(where, ())]
        if isinstance(child, ast.Starred) or (isinstance(holders[-1], ast.keyword) and holders[-1].arg is None):
            layer = fitting(self.layers.get(min(resolve(call.func, scope), default=""), ()), call)
            variable = layer is not None and layer.row.kind is Kind.PARAMETER
            return [Start(Place("an argument"), None, STARRED)] if variable else None
        match call.func:
            case ast.Attribute(value=container, attr=name) if name in _ADDERS:
                return self._given(container, child, scope, depth, called)
        block = _defined(call.func, scope)
        if block is None or not isinstance(block.node, ast.FunctionDef):
            return None
        keyword = holders[-1].arg if isinstance(holders[-1], ast.keyword) else None
        positional = [item.arg for item in (*block.node.args.posonlyargs, *block.node.args.args)]
        index = call.args.index(child) if keyword is None else 0  # type: ignore[arg-type]
        given = keyword or (positional[index] if index < len(positional) else None)
        found = self._loads(block.read(), given, depth, called)
        return [doubted(start, DECORATED) for start in found] if block.node.decorator_list else found

    def _returned(self, holders: list[ast.AST], scope: Scope, depth: int) -> "list[Start | None]":
        """The same for what a function of the module returns, at each place that the function is named: all must call
        it."""
        inner: Scope | None = scope
        while inner is not None and not isinstance(inner.node, ast.FunctionDef | ast.Lambda):
            inner = inner.parent
        home = None if inner is None else inner.parent
        if inner is None or not isinstance(inner.node, ast.FunctionDef) or home is None:
            return [None]
        name, decorators = inner.node.name, {ast.unparse(item) for item in inner.node.decorator_list}
        loads = list(standing(scope.module, self.text, name, "", home))
        if home.is_class:
            loads += standing(scope.module, self.text, name, "", None)
        if not loads:
            return [None]  # other modules may call it
        calls = [self._follow(load, depth, True) if _is_called(load) else None for load in loads]
        doubt = DECORATED if decorators - {"staticmethod", "classmethod"} else ""
        doubt = doubt or (ELSEWHERE if len(home.bindings[name]) > 1 else "")
        whole = all(start is not None and start.scaling == () for start in calls)
        return [doubted(start if whole else unscaled(start), doubt) for start in calls]


def _is_called(load: Reference) -> bool:
    parent = load.around[-1]
    return isinstance(parent, ast.Call) and parent.func is load.node


def _puts_in(load: Reference) -> bool:
    """Whether something is added to a container there."""
    match load.around[-1]:
        case ast.Attribute(attr=name):
            return name in _ADDERS
        case ast.Subscript(ctx=ast.Store() | ast.Del()):
            return True
    return False


def _beside(holders: list[ast.AST], values: list[ast.expr], value: ast.AST) -> ast.expr | None:
    """What an assignment gives one of several values to."""
    match holders[-2]:
        case ast.Assign(targets=[ast.Tuple(elts=targets) | ast.List(elts=targets)]) if len(targets) == len(values):
            plain = not any(isinstance(item, ast.Starred) for item in (*targets, *values))
            return targets[values.index(value)] if plain and value in values else None
    return None


def _block(node: ast.AST, scope: Scope) -> Scope | None:
    """The block of a function that is defined in a scope, or around it."""
    outer: Scope | None = scope
    while outer is not None:
        if node in outer.children:
            return outer.children[node].read()
        outer = outer.parent
    return None


def _defined(function: ast.expr, scope: Scope) -> Scope | None:
    """The block of a function of the module that a name stands for."""
    home = scope.home(function.id) if isinstance(function, ast.Name) else None
    if home is None or not isinstance(function, ast.Name) or len(home.bindings[function.id]) > 1:
        return None
    blocks = (block for node, block in home.children.items() if getattr(node, "name", None) == function.id)
    return next(blocks, None)


def _passes(call: ast.AST, scope: Scope) -> bool:
    """Whether a call gives a value made of what it is given."""
    if not isinstance(call, ast.Call):
        return False
    if isinstance(call.func, ast.Name) and call.func.id in _BUILTINS:
        return True
    paths = resolve(call.func, scope)
    return bool(paths) and all(path.startswith(_LIBRARIES) for path in paths)
