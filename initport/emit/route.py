"""How a module reaches something of a target: by a name that it has already, or over a new import."""

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import dropwhile, takewhile
from weakref import WeakKeyDictionary

from initport.python.scope import BLOCKS, Function, Scope, resolve
from initport.python.sites import Site


@dataclass(frozen=True, slots=True)
class Route:
    """``name`` is how something of the target is written, ``statements`` an import that this needs."""

    name: str
    statements: tuple[str, ...] = ()


def visible(site: Site, paths: Collection[str]) -> Iterator[str]:
    """Names that stand for one of the paths at the site, the name that the site itself starts with first."""
    first = site.source.partition(".")[0].strip()
    if "tensorflow" in paths and first == "tf" and site.scope.home("tf") is None:
        yield "tf"
    scope: Scope | None = site.scope
    found: list[str] = []
    deferred = False
    while scope is not None:
        bound = () if scope.is_class else {name for path in paths for name in _import_names(scope).get(path, ())}
        for name in sorted(bound, key=lambda name: scope.lines.get(name, 0)):
            if (deferred or scope.lines.get(name, 0) <= site.line) and _leads(name, scope, site, paths):
                found.append(name)
        deferred = deferred or isinstance(scope.node, Function)
        scope = scope.parent
    yield from sorted(found, key=lambda name: name != first)


_IMPORTED: WeakKeyDictionary[Scope, Mapping[str, Sequence[str]]] = WeakKeyDictionary()


def _import_names(scope: Scope) -> Mapping[str, Sequence[str]]:
    """The names that imports in a block give to each dotted path; blocks do not change once a module is read."""
    if scope not in _IMPORTED:
        found: dict[str, list[str]] = {}
        for name, bindings in scope.bindings.items():
            for path in {binding for binding in bindings if isinstance(binding, str)}:
                found.setdefault(path, []).append(name)
        _IMPORTED[scope] = found
    return _IMPORTED[scope]


def _leads(name: str, scope: Scope, site: Site, paths: Collection[str]) -> bool:
    """Whether a name of a block is seen at the site, and always stands for one of the paths there."""
    return site.scope.home(name) is scope and resolve(ast.Name(name, ast.Load()), scope) <= set(paths)


def import_route(site: Site, statement: str, module: str, names: Collection[str], pattern: str) -> Route:
    """The way over a new import, under the first of the names that nothing else in the module has."""
    free = (name for name in (*names, f"{module}_initport") if not _is_taken(name, site))
    name = next(free)
    return Route(pattern.format(name), (statement if name == module else f"{statement} as {name}",))


def library_route(
    site: Site, statement: str, plain: str, names: Collection[str], paths: Iterable[tuple[str, str]]
) -> Route:
    """The way to something that is called ``plain`` after the import: over a name that stands for one of the ``paths``,
    each with what follows it, or over the import under one of the ``names``."""
    for path, after in paths:
        for found in visible(site, frozenset({path})):
            return Route(f"{found}{after}")
    _, dot, rest = plain.partition(".")
    module = statement.rpartition(" ")[2]
    return import_route(site, statement, module, names, f"{{}}{dot}{rest}")


def _is_taken(name: str, site: Site) -> bool:
    """Whether a module binds a name, or looks one up that something else binds for it."""
    return site.syntax.speaks_of(name)


def leading_imports(tree: ast.Module, line: int) -> list[ast.stmt]:
    """The imports that come before all else in a module, and before a line."""
    later = dropwhile(lambda node: comes_first(node, tree), tree.body)
    return list(takewhile(lambda node: _imports(node) and (node.end_lineno or 0) < line, later))


def comes_first(node: ast.stmt, tree: ast.Module) -> bool:
    docstring = node is tree.body[0] and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__")


def _imports(node: ast.stmt) -> bool:
    """Whether a statement does nothing but import, or give another name to what was imported."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Try | ast.If):
            pending.extend(statement for body in _own_bodies(node) for statement in body)
        elif not isinstance(node, ast.Import | ast.ImportFrom | ast.Pass) and not (
            isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute)
        ):
            return False
    return True


def bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every block of statements within a statement or module."""
    pending = [node]
    while pending:
        for body in _own_bodies(pending.pop()):
            yield body
            pending.extend(statement for statement in body if BLOCKS[type(statement)])


def _own_bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list):
            yield body
    for part in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield part.body
