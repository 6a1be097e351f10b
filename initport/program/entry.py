"""Where a program's network is: what the module itself builds, or the one function or class that nothing else uses."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from initport.program.interpreter import Run
from initport.program.modules import is_module
from initport.program.values import Class, Function, Object, Unknown, Value
from initport.program.within import layers_within
from initport.python.follow import references


class NoEntryError(Exception):
    """Which network is meant is not known; the message lists what there is."""


@dataclass
class Entry:
    """``roots`` are the objects that hold the network's layers, ``premise`` what was assumed to call it."""

    roots: list[Value] = field(default_factory=list)
    premise: str = ""
    node: ast.AST | None = None


def find_entry(run: Run, network: str | None) -> Entry:
    """Go through the program up to its network. Raises NoEntryError."""
    run.program()
    if network is not None:
        return _choose(run, network)
    if run.made:
        return Entry(_objects(run))
    found = _candidates(run)
    if not found:
        return Entry()
    if len(found) > 1:
        raise NoEntryError(
            f"several networks are built here: {', '.join(found)}; pass `--network NAME` for one of them"
        )
    return _enter(run, found[0])


def every_entry(run: Run) -> Iterator[Entry]:
    """Go through the program, and where it builds no network by itself through each of those that it could."""
    run.program()
    if run.made:
        yield Entry(_objects(run))
        return
    for name in _candidates(run):
        run.start_again()
        yield _enter(run, name)


def _objects(run: Run) -> list[Value]:
    """The objects of the module that hold layers and that no other holds."""
    held = [value for value in run.module.values.values() if isinstance(value, Object) and any(layers_within(value))]
    inner = {id(part) for value in held for part in layers_within(value)}
    outer: dict[int, Value] = {id(value): value for value in held if id(value) not in inner}
    return list(outer.values())


def _choose(run: Run, network: str) -> Entry:
    name, _, method = network.partition(".")
    found = run.module.values.get(name)
    if isinstance(found, Object):
        _forget(run, found)
        return Entry([found])
    if not isinstance(found, Function | Class):
        raise NoEntryError(f"nothing that builds a network is called {network!r} here")
    run.start_again()
    return _enter(run, name, method)


def _forget(run: Run, kept: Object) -> None:
    """Leave out what another network holds."""
    inner = {id(part) for part in layers_within(kept)}
    run.made[:] = [made for made in run.made if id(made) in inner]


def _enter(run: Run, name: str, method: str = "") -> Entry:
    """What a function or a class of the module builds, with the defaults of its parameters."""
    target = run.module.values[name]
    parameters = list(_parameters(target))
    required = [unknown_parameter(item) for item, default in parameters if default is None]
    found = run.call(target, required, {}, target.node or ast.Pass())
    if isinstance(found, Function) and not run.made:  # one that builds it when it is called
        required = [unknown_parameter(item) for item, default in _parameters(found) if default is None]
        found = run.call(found, required, {}, target.node or ast.Pass())
    roots: list[Value] = [found] if isinstance(found, Object) else []
    if isinstance(found, Object) and isinstance(target, Class):
        _methods(run, found, method)
    stated = ", ".join(f"{item}={value}" for item, value in parameters if value is not None)
    call = f"`{name}({', '.join(item for item, value in parameters if value is None)})`"
    premise = f"read as what {call} builds, outside of any scope" + (f", with the defaults {stated}" if stated else "")
    return Entry(roots, premise, target.node)


def unknown_parameter(name: str) -> Unknown:
    """What a parameter stands for that the program's user gives."""
    return Unknown(f"the parameter `{name}` is known only when the program runs")


def _parameters(target: Value) -> Iterator[tuple[str, str | None]]:
    """The parameters that a call gives, each with its default as it is written."""
    function: Value | None = target.lookup("__init__") if isinstance(target, Class) else target
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda):
        return
    arguments = function.node.args  # type: ignore[union-attr]
    positional = [item.arg for item in (*arguments.posonlyargs, *arguments.args)][isinstance(target, Class) :]
    stated = [None] * (len(positional) - len(arguments.defaults)) + [ast.unparse(item) for item in arguments.defaults]
    yield from zip(positional, stated[-len(positional) :] if positional else [], strict=False)
    for item, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        if default is not None:
            yield item.arg, ast.unparse(default)


def _methods(run: Run, of: Object, method: str) -> None:
    """Build what methods of an object build: those of Keras's protocol, else those that make layers and that nothing
    has called yet, in the order of the source. Those that keep their layers as attributes make none."""
    cls = of.cls
    if cls is None or is_module(cls.libraries()):
        return
    if run.is_keras(of):
        run.call(of, [Unknown()], {}, of.node or ast.Pass())
        return
    making = _makers(run)
    names = [method] if method else list(cls.attributes)
    for name in names:
        function = cls.attributes.get(name)
        if not isinstance(function, Function) or function.node in run.entered:
            continue
        if method or (function.node in making and not name.startswith("__")) or name == "__call__":
            bound = run.bind_method(function, of)
            required = [unknown_parameter(item) for item, default in _required_of(function) if default is None]
            run.run_function(bound, required, {}, function.node)


def _required_of(function: Function) -> Iterator[tuple[str, str | None]]:
    found = list(_parameters(function))
    yield from found[1:] if found else ()


def _makers(run: Run) -> set[ast.AST]:
    """The functions and classes in which a layer is made, by themselves or by what they use by name."""
    words = frozenset(path.rpartition(".")[2] for path in run.layers)
    direct: set[ast.AST] = set()
    for reference in references(run.syntax, words, run.layers):
        if reference.found in run.layers:
            direct.update(holder.node for holder in reference.spot.holders() if isinstance(holder.node, _DEFINED))
    defined = [node for node in ast.walk(run.syntax.tree) if isinstance(node, _DEFINED)]
    uses = {node: _names_in(node) for node in defined}
    known, size = {node.name for node in direct}, -1  # type: ignore[attr-defined]
    while size != len(known):
        size = len(known)
        for node in defined:
            if uses[node] & known:
                direct.add(node)
                known.add(node.name)
    return direct


_DEFINED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _parameter_makers(run: Run) -> set[ast.AST]:
    """The classes that make parameters and no layers: by methods of the libraries' classes, or as their fields."""
    methods = {last for path in run.layers for *_, owner, last in [path.split(".")] if owner[:1].isupper()}
    classes = [value for value in run.module.values.values() if isinstance(value, Class)]
    return {
        value.node for value in classes if isinstance(value.node, ast.ClassDef)
        and (any(f"{path}.field" in run.layers for path in value.libraries())
             or any(_calls_own(part) & methods for part in value.node.body))
    }  # fmt: skip


def _calls_own(node: ast.AST) -> set[str]:
    """The methods that a function calls on its first parameter."""
    parameters = node.args.args if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else []
    own = {parameters[0].arg} if parameters else set()
    called = (item.func for item in ast.walk(node) if isinstance(item, ast.Call) and own)
    return {item.attr for item in called if isinstance(item, ast.Attribute) and getattr(item.value, "id", "") in own}


def _names_in(node: ast.AST) -> set[str]:
    found = {item.id for item in ast.walk(node) if isinstance(item, ast.Name)}
    return found | {item.attr for item in ast.walk(node) if isinstance(item, ast.Attribute)}


def _candidates(run: Run) -> Sequence[str]:
    """The functions and classes of the module that make layers and that no other of them uses."""
    making = _makers(run) or _parameter_makers(run)
    top = [node for node in run.syntax.tree.body if isinstance(node, _DEFINED) and node in making]
    named = [node for node in top if isinstance(run.module.values.get(node.name), Function | Class)]
    used = {name for node in top for name in _names_in(node) - {node.name}}
    return [node.name for node in named if node.name not in used]
