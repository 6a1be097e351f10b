"""What the names in a module stand for, as far as imports and plain aliases tell.

Authority: the Python Language Reference, 4.2 "Naming and binding": a name belongs to the innermost function or module
that binds it (class bodies do not enclose functions), and every binding in that block counts, wherever it stands.
What anything but imports and aliases binds (a parameter, a call's result) is unknown here; None and `del` do not count.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from initport.python.text import Text

OPAQUE = None
"""A binding to something that only running the program would tell."""

Binding = str | ast.expr | None
"""A dotted path that an import brings, the value that an assignment gives, or OPAQUE."""

GENERATORS = frozenset({"numpy.random.RandomState", "numpy.random.default_rng", "numpy.random.Generator"})
"""Calls whose result has a path of its own: that of the function, with ``()`` behind it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

_CUSTOMARY = ("tf", "tfv1", "tf1")
"""What modules of a project call TensorFlow, for others to import from them."""

DOUBT = "?"
"""The path of what a name stands for besides what is known; one that only stands for such has none."""

WITHIN = frozenset({"body", "elt", "key", "value", "generators"})
"""The parts of a node that opens a scope which see its names."""


@dataclass(eq=False)
class Scope:
    """A block of names; ``parent`` is the block around it. ``lines`` are those of the first imports and assignments;
    ``outer`` are the names that belong to a block further out. ``unread`` are statements that nobody asked of yet: only
    those of blocks that hold something of interest are ever looked at."""

    node: ast.AST
    parent: "Scope | None" = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    children: "dict[ast.AST, Scope]" = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)
    lines: dict[str, int] = field(default_factory=dict)
    unread: Sequence[ast.stmt] = ()

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def module(self) -> "Scope":
        return self if self.parent is None else self.parent.module

    def bind(self, name: str, binding: Binding, line: int = 0) -> None:
        block: Scope = self
        while name in block.outer and block.parent is not None:
            block = block.parent
        block.bindings.setdefault(name, []).append(binding)
        block.lines.setdefault(name, line)

    def home(self, name: str) -> "Scope | None":
        """The block whose name this is, seen from here; None where no block binds it."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.bindings and (scope is self or not scope.is_class):
                return scope
            scope = scope.parent
        return None

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that is bound here or in a block within."""
        return frozenset(self.bindings).union(*(child.read().names for child in self.children.values()))

    def read(self) -> "Scope":
        """This block, with the names that its statements bind."""
        statements, self.unread = self.unread, ()
        for statement in statements:
            _statement(statement, self)
        return self

    def read_all(self) -> "Scope":
        """The same, and all blocks within."""
        for child in self.read().children.values():
            child.read_all()
        return self

    def close(self) -> None:
        """Let go of the blocks within, and so of the module's tree: it is freed at once then, not when the garbage
        collector has found that nothing but the blocks refer to each other (a tenth of the codemod's time)."""
        for child in self.children.values():
            child.close()
        self.children.clear()

    def inside(self, node: ast.AST) -> "Scope":
        """The scope that a child node opens, or this one."""
        if node not in self.children:
            if isinstance(node, ast.Lambda):
                self.children[node] = _opened(self, node, (argument.arg for argument in _parameters(node.args)))
            elif isinstance(node, Comprehension):
                names = (name for part in node.generators for name in bound_names(part.target))
                self.children[node] = _opened(self, node, names)
            else:
                return self
        return self.children[node].read()


def _opened(parent: Scope, node: ast.AST, names: Iterable[str], unread: Sequence[ast.stmt] = ()) -> Scope:
    scope = Scope(node, parent, unread=unread)
    for name in names:
        scope.bind(name, OPAQUE)
    return scope


def module_scope(tree: ast.Module, text: Text) -> Scope:
    """The scope of a module, in which are those of all functions and classes in it."""
    scope = Scope(tree, unread=tree.body).read()
    if ":=" in text.content:
        _name_within(tree, scope)
    return scope.read_all() if text.states("global") or text.states("nonlocal") else scope


def _name_within(node: ast.AST, scope: Scope) -> None:
    """Read the names that expressions give (``:=``), which belong to the block around a comprehension."""
    for name in node._fields:
        value = getattr(node, name, None)
        block = scope.inside(node) if name in WITHIN else scope
        for child in value if isinstance(value, list) else (value,):
            if isinstance(child, ast.NamedExpr):
                home = block
                while isinstance(home.node, Comprehension) and home.parent is not None:
                    home = home.parent
                home.bind(child.target.id, child.value, child.lineno)
            if isinstance(child, ast.AST):
                _name_within(child, block)


def bound_names(target: ast.AST) -> Iterator[str]:
    """The names that an assignment's target binds."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)


_BINDING_NOTHING = (ast.Expr, ast.Return, ast.Raise, ast.Assert, ast.Pass, ast.Break, ast.Continue)


def _statement(node: ast.stmt, scope: Scope) -> None:
    if isinstance(node, _BINDING_NOTHING):
        return
    match node:
        case ast.Assign():
            for target in node.targets:
                _assign(target, node.value, scope)
        case ast.AnnAssign(target=target, value=value) if value is not None:
            _assign(target, value, scope)
        case ast.Global() | ast.Nonlocal():
            # Python wants it before any use of the name in the block, so that nothing was bound here yet.
            scope.outer.update(node.names)
        case ast.Import():
            for alias in node.names:
                root = alias.name.partition(".")[0]
                scope.bind(alias.asname or root, alias.name if alias.asname else root, node.lineno)
        case ast.ImportFrom():
            _import_from(node, scope)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            scope.bind(node.name, OPAQUE)
            parameters = (argument.arg for argument in _parameters(node.args))
            scope.children[node] = _opened(scope, node, parameters, node.body)
        case ast.ClassDef():
            scope.bind(node.name, OPAQUE)
            scope.children[node] = Scope(node, scope, unread=node.body)
        case _:
            for target in _targets(node):
                _opaque(target, scope)
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        _blocks(node, scope)


def _targets(node: ast.stmt) -> list[ast.expr]:
    """What a statement binds that is neither an import nor an assignment of a value."""
    match node:
        case ast.AugAssign(target=target) | ast.For(target=target) | ast.AsyncFor(target=target):
            return [target]
        case ast.With(items=items) | ast.AsyncWith(items=items):
            return [item.optional_vars for item in items if item.optional_vars is not None]
    return []


def _blocks(node: ast.stmt, scope: Scope) -> None:
    """Read the statements within a statement that share its names."""
    for name in ("body", "orelse", "finalbody"):
        for statement in getattr(node, name, ()):
            _statement(statement, scope)
    for handler in getattr(node, "handlers", ()):
        if handler.name is not None:
            scope.bind(handler.name, OPAQUE)
        for statement in handler.body:
            _statement(statement, scope)
    for case in getattr(node, "cases", ()):
        _opaque(case.pattern, scope)
        for statement in case.body:
            _statement(statement, scope)


def _import_from(node: ast.ImportFrom, scope: Scope) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(module)
        else:
            name = alias.asname or alias.name
            scope.bind(name, f"{module}.{alias.name}", node.lineno)
            if alias.name in _CUSTOMARY and not module.startswith("tensorflow"):
                scope.bind(name, "tensorflow", node.lineno)


def _assign(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, value, target.lineno)
    elif isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List):
        starred = any(isinstance(item, ast.Starred) for item in (*target.elts, *value.elts))
        if starred or len(target.elts) != len(value.elts):
            _opaque(target, scope)
        else:
            for part, item in zip(target.elts, value.elts, strict=True):
                _assign(part, item, scope)
    else:
        _opaque(target, scope)


def _opaque(target: ast.AST, scope: Scope) -> None:
    for name in bound_names(target):
        scope.bind(name, OPAQUE)


def resolve(node: ast.expr, scope: Scope, seen: frozenset[ast.expr] = frozenset()) -> frozenset[str]:
    """The dotted paths that an expression may stand for: several after try/except imports, one that starts with DOUBT
    where it may also be something unknown, none where that is all. ``seen`` are aliases that are being resolved.

    ``getattr(module, "name")`` with a literal name, or one that stands for a literal, is that attribute.
    """
    match node:
        case ast.Name(id=name):
            return _name(name, scope, seen)
        case ast.NamedExpr(value=value):
            return resolve(value, scope, seen)
        case ast.IfExp(body=first, orelse=second):
            both = resolve(first, scope, seen), resolve(second, scope, seen)
            return both[0] | both[1] | ({DOUBT} if any(both) and not all(both) else set())
        case ast.Attribute(value=value, attr=attribute):
            return frozenset(f"{path}.{attribute}" for path in resolve(value, scope, seen))
        case ast.Call(func=ast.Name(id="getattr"), args=[value, name], keywords=[]):
            chosen = constant(name, scope)
            if isinstance(chosen, ast.Constant) and isinstance(chosen.value, str):
                return frozenset(f"{path}.{chosen.value}" for path in resolve(value, scope, seen))
        case ast.Call(func=function):
            return frozenset(f"{path}()" for path in resolve(function, scope, seen) if path in GENERATORS)
    return frozenset()


def constant(node: ast.expr, scope: Scope) -> ast.expr:
    """The expression that a name is bound to, if it is bound to nothing else; else the node itself."""
    home = scope.home(node.id) if isinstance(node, ast.Name) else None
    if home is None or not isinstance(node, ast.Name):
        return node
    bindings = home.bindings[node.id]
    return bindings[0] if len(bindings) == 1 and isinstance(bindings[0], ast.expr) else node


def _name(name: str, scope: Scope, seen: frozenset[ast.expr]) -> frozenset[str]:
    home = scope.home(name)
    if home is None:
        stars = scope.module.stars  # one may bring the usual alias of TensorFlow, or something of the module itself
        return frozenset({"tensorflow"}) if name == "tf" and stars else frozenset(f"{star}.{name}" for star in stars)
    paths: set[str] = set()
    for binding in home.bindings[name]:
        if isinstance(binding, str):
            paths.add(binding)
        elif binding is None:
            paths.add(DOUBT)
        elif binding not in seen and not (isinstance(binding, ast.Constant) and binding.value is None):
            paths |= resolve(binding, home, seen | {binding}) or {DOUBT}
    return frozenset() if paths == {DOUBT} else frozenset(paths)
