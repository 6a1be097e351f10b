"""What the names in a module stand for, as far as imports and plain aliases show.

Authority: the Python Language Reference, 4.2 "Naming and binding": a name belongs to the innermost function or module
that binds it (class bodies do not enclose functions), and every binding in that block counts, wherever it stands.
What anything but imports and aliases binds (a parameter, a call's result) is unknown here; None and `del` do not count.
"""

import ast
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from initport.grammar import registry
from initport.lexis import code, is_code
from initport.python.text import Text
from initport.regex import Pattern

OPAQUE = None
"""A binding to something that is known only at run time."""

Binding = str | ast.expr | None
"""A dotted path that an import brings, the value that an assignment gives, or OPAQUE."""

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp

CUSTOMARY = ("tf", "tfv1", "tf1")
"""What modules of a project call TensorFlow, for others to import from them."""

DOUBT = "?"
"""The path of what a name stands for besides what is known; one that only stands for such has none."""

PATCHED = DOUBT + "="
"""That path beside it where the module itself sets an attribute of what it imports (``tf.zeros_initializer = ...``)."""

_MOST = 64
_LONGEST = 300
"""What a name stands for besides so many paths, or by one of more characters, is taken for unknown."""

WITHIN = frozenset({"body", "elt", "key", "value", "generators"})
"""The parts of a node that opens a scope which see its names."""

OPENING = frozenset(
    {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda,
     ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp}
)  # fmt: skip
"""The kinds of nodes that open a scope."""

KINDS = tuple(kind for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST))
"""The kinds of nodes."""

BLOCKS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(name for name in ("body", "handlers", "cases", "orelse", "finalbody") if name in kind._fields)
    for kind in KINDS
    if issubclass(kind, ast.Module | ast.stmt | ast.ExceptHandler | ast.match_case)
}
"""The fields of each kind of statement, handler or case that hold statements, in the order of the source."""


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
    paths: dict[str, frozenset[str]] = field(default_factory=dict)
    """What its names stand for, as far as they were resolved."""
    calls: dict[ast.Call, Any] = field(default_factory=dict)
    """What its calls make, as far as that was found out."""
    functions: "dict[str, Scope]" = field(default_factory=dict)
    """The blocks of its functions, the last of each name."""
    is_entered: bool = False
    patched: frozenset[str] = frozenset()
    """Of a module, the paths that it binds anew in what it imports (``tf.zeros_initializer = ...``)."""

    @property
    def is_class(self) -> bool:
        return isinstance(self.node, ast.ClassDef)

    @property
    def module(self) -> "Scope":
        scope = self
        while scope.parent is not None:
            scope = scope.parent
        return scope

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
        return frozenset().union(*(scope.bindings for scope in self.read().within()))

    def within(self) -> "Iterator[Scope]":
        """This block and all within, those being read."""
        stack = [self]
        while stack:
            scope = stack.pop()
            yield scope.read()
            stack.extend(reversed(scope.children.values()))

    def binds_within(self, name: str) -> bool:
        """Whether this block or one within binds a name, as far as they were read."""
        stack = [self]
        while stack:
            scope = stack.pop()
            if name in scope.bindings:
                return True
            stack.extend(scope.children.values())
        return False

    def read(self) -> "Scope":
        """This block, with the names that its statements bind."""
        statements, self.unread = self.unread, ()
        if statements:
            if isinstance(self.node, ast.FunctionDef | ast.AsyncFunctionDef):
                for parameter in _parameters(self.node.args):
                    self.bind(parameter.arg, OPAQUE)
            _read(statements, self)
        return self

    def read_all(self) -> "Scope":
        """The same, and all blocks within."""
        for _ in self.within():
            pass
        return self

    def close(self) -> None:
        """Let go of the blocks within, and so of the module's tree: it is freed at once then, not when the garbage
        collector has found that nothing but the blocks refer to each other (a tenth of the codemod's time)."""
        stack = [self]
        while stack:
            scope = stack.pop()
            stack.extend(scope.children.values())
            scope.children.clear()
            scope.functions.clear()
            scope.calls.clear()

    def release(self) -> None:
        """Let go of what its names and those of the blocks within are bound to."""
        stack = [self]
        while stack:
            scope = stack.pop()
            stack.extend(scope.children.values())
            scope.bindings.clear()
            scope.unread = ()

    def inside(self, node: ast.AST) -> "Scope":
        """The scope that a child node opens, or this one."""
        if node not in self.children:
            if isinstance(node, ast.Lambda):
                self.children[node] = _open_scope(self, node, (argument.arg for argument in _parameters(node.args)))
            elif isinstance(node, Comprehension):
                names = (name for part in node.generators for name in bound_names(part.target))
                self.children[node] = _open_scope(self, node, names)
            else:
                return self
        return self.children[node].read()


def _open_scope(parent: Scope, node: ast.AST, names: Iterable[str]) -> Scope:
    scope = Scope(node, parent)
    for name in names:
        scope.bind(name, OPAQUE)
    return scope


def module_scope(tree: ast.Module, text: Text) -> Scope:
    """The scope of a module, in which are those of all functions and classes in it."""
    scope = Scope(tree, unread=tree.body).read()
    if ":=" in text.content and is_code(text.content, text.every(":=")):
        _name_within(tree, scope)
    _read_at(scope, sorted({*text.lines_stating("global"), *text.lines_stating("nonlocal")}))
    scope.patched = frozenset(_patches(text.content, scope))
    return scope


def _patches(content: str, scope: Scope) -> Iterator[str]:
    """The attributes of imported things that a module sets, in any of its blocks; of one whose name is computed, what
    it is an attribute of."""
    content = f"\n{content}"
    for pattern in (_ASSIGNED, _SET) if "setattr" in content else (_ASSIGNED,):
        found = [match for match in pattern.finditer(content) if _is_imported(match[1], scope)]
        shown = set(code(content, [match.start(1) for match in found]))
        for match in found:
            if match.start(1) in shown:
                roots = resolve(ast.Name(match[1], ast.Load()), scope)
                yield from (".".join(filter(None, (root, *match.groups()[1:]))) for root in roots)


def _is_imported(name: str, scope: Scope) -> bool:
    return any(isinstance(binding, str) for binding in scope.bindings.get(name, ()))


_ASSIGNED = Pattern(r"\n[ \t]*+(?!self\b)([^\W\d]\w*+)\.(\w++(?:\.\w++)*+)[ \t]*+=(?!=)")
"""A statement that assigns an attribute of something that is no `self`: what it is one of, and which."""

_SET = Pattern(r"""setattr(?<!\wsetattr)\([ \t]*+(\w++)(?:\.([\w.]++))?[ \t]*+,[ \t]*+(?:["'](\w++)["'])?""")
"""The same by a call, with the name in quotes, if it is one."""


def _read_at(scope: Scope, lines: Sequence[int]) -> None:
    """Read the blocks that hold some lines, which are in order."""
    pending = [(scope, lines)] if lines else []
    while pending:
        scope, lines = pending.pop()
        for node, child in scope.children.items():
            begin = bisect_left(lines, node.lineno)  # type: ignore[attr-defined]
            within = lines[begin : bisect_right(lines, node.end_lineno, begin)]  # type: ignore[attr-defined]
            if within:
                pending.append((child.read(), within))


def _name_within(tree: ast.Module, module: Scope) -> None:
    """Read the names that expressions give (``:=``), which belong to the block around a comprehension."""
    stack: list[tuple[ast.AST, Scope]] = [(tree, module)]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, ast.NamedExpr):
            home = scope
            while isinstance(home.node, Comprehension) and home.parent is not None:
                home = home.parent
            home.bind(node.target.id, node.value, node.lineno)
        inside = scope.inside(node)
        inner: list[tuple[ast.AST, Scope]] = []
        for name in node._fields:
            value = getattr(node, name, None)
            block = inside if name in WITHIN else scope
            children = value if isinstance(value, list) else (value,)
            inner.extend((child, block) for child in children if isinstance(child, ast.AST))
        stack.extend(reversed(inner))


def bound_names(target: ast.AST) -> Iterator[str]:
    """The names that an assignment's target binds."""
    owner = target
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    if owner is not target and isinstance(owner, ast.Name):
        return  # most targets that are no names: attributes of `self`
    for node in ast.walk(target) if type(target) is not ast.Name else (target,):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
            yield node.id
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest


def _parameters(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (extra for extra in (arguments.vararg, arguments.kwarg) if extra is not None)


def _read(statements: Sequence[ast.stmt], scope: Scope) -> None:
    """Bind what the statements bind, in their order."""
    stack: list[ast.AST] = list(reversed(statements))
    while stack:
        node = stack.pop()
        kind = type(node)
        bind = _BINDING.get(kind)
        if bind is not None:
            bind(node, scope)
        if kind not in OPENING:
            for name in reversed(BLOCKS[kind]):
                stack.extend(reversed(getattr(node, name)))


def _bind_values(node: ast.Assign, scope: Scope) -> None:
    for target in node.targets:
        _assign(target, node.value, scope)


def _bind_value(node: ast.AnnAssign, scope: Scope) -> None:
    if node.value is not None:
        _assign(node.target, node.value, scope)


def _bind_outside(node: ast.Global | ast.Nonlocal, scope: Scope) -> None:
    # Python wants it before any use of the name in the block, so that nothing was bound here yet.
    scope.outer.update(node.names)


def _bind_modules(node: ast.Import, scope: Scope) -> None:
    for alias in node.names:
        root = alias.name.partition(".")[0]
        scope.bind(alias.asname or root, alias.name if alias.asname else root, node.lineno)


def _bind_function(node: ast.FunctionDef | ast.AsyncFunctionDef, scope: Scope) -> None:
    scope.bind(node.name, OPAQUE)
    scope.children[node] = scope.functions[node.name] = Scope(node, scope, unread=node.body)


def _bind_class(node: ast.ClassDef, scope: Scope) -> None:
    scope.bind(node.name, OPAQUE)
    scope.children[node] = Scope(node, scope, unread=node.body)


def _bind_target(node: ast.AugAssign | ast.For | ast.AsyncFor, scope: Scope) -> None:
    _opaque(node.target, scope)


def _bind_items(node: ast.With | ast.AsyncWith, scope: Scope) -> None:
    for item in node.items:
        if item.optional_vars is not None:
            _opaque(item.optional_vars, scope)


def _bind_error(node: ast.ExceptHandler, scope: Scope) -> None:
    if node.name is not None:
        scope.bind(node.name, OPAQUE)


def _bind_pattern(node: ast.match_case, scope: Scope) -> None:
    _opaque(node.pattern, scope)


def _bind_imported(node: ast.ImportFrom, scope: Scope) -> None:
    module = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            scope.stars.append(module)
        else:
            name = alias.asname or alias.name
            scope.bind(name, f"{module}.{alias.name}", node.lineno)
            if alias.name in CUSTOMARY and not module.startswith("tensorflow"):
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


_BINDING: dict[type[ast.AST], Callable[[Any, Scope], None]] = {
    ast.Assign: _bind_values,
    ast.AnnAssign: _bind_value,
    ast.Global: _bind_outside,
    ast.Nonlocal: _bind_outside,
    ast.Import: _bind_modules,
    ast.ImportFrom: _bind_imported,
    ast.FunctionDef: _bind_function,
    ast.AsyncFunctionDef: _bind_function,
    ast.ClassDef: _bind_class,
    ast.AugAssign: _bind_target,
    ast.For: _bind_target,
    ast.AsyncFor: _bind_target,
    ast.With: _bind_items,
    ast.AsyncWith: _bind_items,
    ast.ExceptHandler: _bind_error,
    ast.match_case: _bind_pattern,
}
"""What binds names, by the kind of statement, handler or case."""


def resolve(node: ast.expr, scope: Scope) -> frozenset[str]:
    """The dotted paths that an expression may stand for: several after try/except imports, one that starts with DOUBT
    where it may also be something unknown, none where that is all.

    ``getattr(module, "name")`` with a literal name, or one that stands for a literal, is that attribute. A name is
    resolved once in a block. Where names stand for each other in a circle, those that lead back into it are what
    imports make of them.
    """
    for name, home in _roots(node, scope):
        if name not in home.paths:
            _resolve(name, home)
    found = _paths(node, scope, {})
    if found and (patched := scope.module.patched) and any(_is_patched(path, patched) for path in found):
        return found | {DOUBT, PATCHED}
    return found


def _is_patched(path: str, patched: frozenset[str]) -> bool:
    """Whether a module may have put something else in a path's place: there, at the start of it, or in its class."""
    is_class = path.rpartition(".")[2][:1].isupper()
    return any(
        path == other or path.startswith(f"{other}.") or (is_class and other.startswith(f"{path}."))
        for other in patched
    )


def constant(node: ast.expr, scope: Scope) -> ast.expr:
    """The expression that a name is bound to, if it is bound to nothing else; else the node itself."""
    home = scope.home(node.id) if isinstance(node, ast.Name) else None
    if home is None or not isinstance(node, ast.Name):
        return node
    bindings = home.bindings[node.id]
    return bindings[0] if len(bindings) == 1 and isinstance(bindings[0], ast.expr) else node


def _roots(node: ast.expr, scope: Scope) -> Iterator[tuple[str, Scope]]:
    """The names, with their blocks, that the paths of an expression are made of."""
    stack = [node]
    while stack:
        match stack.pop():
            case ast.Name(id=name):
                home = scope.home(name)
                if home is not None:
                    yield name, home
            case ast.NamedExpr(value=value) | ast.Attribute(value=value):
                stack.append(value)
            case ast.IfExp(body=first, orelse=second):
                stack += (second, first)
            case ast.Call(func=ast.Name(id="getattr"), args=[value, _], keywords=[]):
                stack.append(value)
            case ast.Call(func=function):
                stack.append(function)


_Circle = dict[tuple[str, Scope], frozenset[str]]
"""What is made of the names that are being resolved."""


def _resolve(name: str, home: Scope) -> None:
    """Resolve a name of a block, and first the names that it stands for."""
    pending: list[tuple[str, Scope, Iterator[tuple[str, Scope]]]] = [(name, home, _behind(name, home))]
    circle: _Circle = {(name, home): _imports(name, home)}
    depth = {(name, home): 0}
    lowest = [0]  # for each that is pending, the outermost of them that it leads back to
    while pending:
        name, home, behind = pending[-1]
        for key in behind:
            if key in depth:
                lowest[-1] = min(lowest[-1], depth[key])
            elif key not in circle and key[0] not in key[1].paths:
                depth[key] = len(pending)
                lowest.append(len(pending))
                circle[key] = _imports(*key)
                pending.append((*key, _behind(*key)))
                break
        else:
            pending.pop()
            circle[name, home] = found = _resolved_paths(name, home, circle, depth)
            del depth[name, home]
            back = lowest.pop()
            if back >= len(pending):
                home.paths[name] = found
            else:  # it is resolved anew where it is asked for, with another name as the first of the circle
                lowest[-1] = min(lowest[-1], back)


def _behind(name: str, home: Scope) -> Iterator[tuple[str, Scope]]:
    for binding in home.bindings[name]:
        if isinstance(binding, ast.expr):
            yield from _roots(binding, home)


def _imports(name: str, home: Scope) -> frozenset[str]:
    return frozenset(binding for binding in home.bindings[name] if isinstance(binding, str))


def _resolved_paths(name: str, home: Scope, circle: _Circle, begun: Container[tuple[str, Scope]]) -> frozenset[str]:
    paths: set[str] = set()
    for binding in home.bindings[name]:
        if isinstance(binding, str):
            paths.add(binding)
        elif binding is None:
            paths.add(DOUBT)
        elif not (isinstance(binding, ast.Constant) and binding.value is None):
            known = _paths(binding, home, circle)
            back = not known and any(key in begun for key in _roots(binding, home))
            paths |= known or (frozenset() if back and paths else {DOUBT})
    kept = set(sorted(path for path in paths if len(path) <= _LONGEST)[:_MOST])
    if len(kept) < len(paths):
        kept.add(DOUBT)
    return frozenset() if kept == {DOUBT} else frozenset(kept)


def _paths(node: ast.expr, scope: Scope, circle: _Circle) -> frozenset[str]:
    """The paths of an expression whose names are resolved, or in the circle."""
    behind: list[str] = []
    while True:
        match node:
            case ast.NamedExpr(value=value):
                node = value
            case ast.Attribute(value=value, attr=attribute):
                behind.append(attribute)
                node = value
            case ast.Call(func=ast.Name(id="getattr"), args=[value, name], keywords=[]):
                chosen = constant(name, scope)
                if not isinstance(chosen, ast.Constant) or not isinstance(chosen.value, str):
                    return frozenset()
                behind.append(chosen.value)
                node = value
            case _:
                break
    ending = "".join(f".{part}" for part in reversed(behind))
    return frozenset(f"{path}{ending}" for path in _innermost(node, scope, circle))


def _innermost(node: ast.expr, scope: Scope, circle: _Circle) -> frozenset[str]:
    match node:
        case ast.Name(id=name):
            home = scope.home(name)
            if home is None:
                stars = scope.module.stars  # one may bring the usual alias of TensorFlow, or something of the module
                return frozenset({"tensorflow"}) if name == "tf" and stars else frozenset(f"{s}.{name}" for s in stars)
            known = home.paths.get(name)
            return circle.get((name, home), frozenset()) if known is None else known
        case ast.IfExp(body=first, orelse=second):
            both = _paths(first, scope, circle), _paths(second, scope, circle)
            return both[0] | both[1] | ({DOUBT} if any(both) and not all(both) else set())
        case ast.Call(func=function):
            return frozenset(f"{path}()" for path in _paths(function, scope, circle) if path in registry.objects())
    return frozenset()
