"""Methods of lists, dicts, texts and modules, as far as the network depends on them."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from initport.program.calls import CONTENTS, Calls, forces, is_variable
from initport.program.modules import attributes, keeps_parameters
from initport.program.mutations import lose_contents
from initport.program.parameters import fill, parameter_names
from initport.program.values import (
    ANY,
    Entries,
    Items,
    Known,
    Made,
    Object,
    Parameter,
    Path,
    Unknown,
    Value,
    number,
    plain,
)
from initport.program.within import layers_within

Method = Callable[[Calls, Any, Sequence[Value], Mapping[str, Value], ast.AST], Value]


def _append(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    of.items.extend(args[:1])
    return Known(None, node=node)


def _extend(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    more = run.items(args[0]) if args else None
    of.items.extend(more or ())
    of.open = of.open or more is None
    return Known(None, node=node)


def _reverse(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    of.items.reverse()
    return Known(None, node=node)


def _clear(run: Calls, of: Items | Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    (of.items if isinstance(of, Items) else of.entries).clear()
    of.open = False
    return Known(None, node=node)


def _take(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """dict.pop"""
    if not args or not isinstance(args[0], Known):
        lose_contents(of, CONTENTS.format(getattr(node, "lineno", "?")))
        return Unknown(parts=[of], node=node)
    found = _get(run, of, args, given, node)
    of.entries.pop(str(plain(args[0])), None)
    return found


def _insert(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    at = args[0].integer if len(args) == 2 and isinstance(args[0], Known) else None
    if at is not None:
        of.items.insert(at, args[1])
    else:
        lose_contents(of, CONTENTS.format(getattr(node, "lineno", "?")))
    return Known(None, node=node)


def _pop(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    at = args[0].integer if args and isinstance(args[0], Known) else -1
    if at is not None and -len(of.items) <= at < len(of.items) and not of.open:
        return of.items.pop(at)
    lose_contents(of, CONTENTS.format(getattr(node, "lineno", "?")))
    return Unknown(parts=[of], node=node)


def _copy(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Items(list(of.items), of.open, node=node)


def _get(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if not args or not isinstance(args[0], Known):
        return Unknown(node=node)
    missing = Unknown(node=node) if of.open else args[1] if len(args) > 1 else Known(None)
    return of.entries.get(str(plain(args[0])), missing)


def _setdefault(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if len(args) < 2 or not isinstance(args[0], Known) or of.open:
        return Unknown(node=node)
    return of.entries.setdefault(str(plain(args[0])), args[1])


def _update(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    for more in args:
        if not isinstance(more, Entries) or more.open:
            lose_contents(of, CONTENTS.format(getattr(node, "lineno", "?")))
        if isinstance(more, Entries):
            of.entries.update(more.entries)
    of.entries.update(given)
    return Known(None, node=node)


def _dict_copy(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Entries(dict(of.entries), of.open, node=node)


def _pairs(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if of.open:
        return Unknown(node=node)
    return Items([Items([Known(key), value]) for key, value in of.entries.items()], node=node)


def _values(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Unknown(node=node) if of.open else Items(list(of.entries.values()), node=node)


def _keys(run: Calls, of: Entries, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Unknown(node=node) if of.open else Items([Known(key) for key in of.entries], node=node)


def _text(does: Callable[[str], str]) -> Method:
    def method(run: Calls, of: Known, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        return Known(does(of.value), node=node) if isinstance(of.value, str) else Unknown(node=node)

    return method


def _tests(does: Callable[[str, str], bool]) -> Method:
    def method(run: Calls, of: Known, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        other = args[0].value if args and isinstance(args[0], Known) else None
        known = isinstance(of.value, str) and isinstance(other, str)
        return Known(does(str(of.value), str(other)), node=node) if known else Unknown(node=node)

    return method


def _find(run: Calls, of: Known, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    other = args[0].value if len(args) == 1 and isinstance(args[0], Known) else None
    known = isinstance(of.value, str) and isinstance(other, str)
    return number(str(of.value).find(str(other)), node) if known else Unknown(node=node)


def _join(run: Calls, of: Known, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    parts = run.items(args[0]) if args else None
    texts = [part.value for part in parts or () if isinstance(part, Known) and isinstance(part.value, str)]
    if parts is None or len(texts) < len(parts) or not isinstance(of.value, str):
        return Unknown(node=node)
    return Known(of.value.join(texts), node=node)


def _split(run: Calls, of: Known, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    mark = args[0].value if args and isinstance(args[0], Known) else None
    if not isinstance(of.value, str) or not isinstance(mark, str | None) or mark == "":
        return Unknown(node=node)
    return Items([Known(part) for part in of.value.split(mark)], node=node)


def _format(run: Calls, of: Known, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    texts = [plain(arg) if isinstance(arg, Known) else None for arg in args]
    named = {key: plain(value) if isinstance(value, Known) else None for key, value in given.items()}
    reason = "a part of the text is known only when the program runs"
    simple = str(of.value).replace("{}", "").replace("{{", "")
    if (
        not isinstance(of.value, str)
        or None in texts
        or None in named.values()
        or any(mark in simple for mark in "!.[")
    ):
        return Unknown(reason, node=node)
    try:
        return Known(of.value.format(*texts, **named), node=node)
    except (IndexError, KeyError, ValueError, TypeError):
        return Unknown(reason, node=node)


def _add(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """Of a container of a library, or of a class that is derived from one."""
    held = of.members if of.cls is None else of.attributes
    for value in args:
        held[str(len(held))] = value
        run.report_unknown(value)
    return Known(None, node=node)


def _add_all(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    for value in (run.items(args[0]) if args else None) or ():
        _add(run, of, [value], {}, node)
    return of


def _add_module(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """A name, and the layer that it is for; both may be keywords, of which the layer's differs between frameworks."""
    stated = next((given[key] for key in ("name", "child_name") if key in given), None)
    rest = [*args, *(value for key, value in given.items() if key not in ("name", "child_name"))]
    name = stated if stated is not None else (rest.pop(0) if rest else None)
    if len(rest) != 1 or name is None:
        return Known(None, node=node)
    if isinstance(name, Known):
        held = of.members if of.cls is None else of.attributes
        held[str(plain(name))] = rest[0]
    run.report_unknown(rest[0])
    return rest[0]


def _add_link(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """Of a chain, by its name; of a list of links, the next one."""
    return (_add_module if len(args) == 2 else _add)(run, of, args, given, node)


def _register_child(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    name = given.get("name", args[1] if len(args) == 2 else None)
    return _add(run, of, args[:1], {}, node) if name is None else _add_module(run, of, [name, *args[:1]], {}, node)


def _modules(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Items([of, *layers_within(of)], node=node)


def _named_modules(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    name = Unknown("the name of a module", node=node)
    return Items([Items([name, value]) for value in (of, *layers_within(of))], node=node)


def _all_named(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    found = [Items([Known(name), parameter]) for name, parameter in _parameters_within(of, "", set(), node)]
    return Items(list(found), node=node)


def _all_parameters(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Items([parameter for _, parameter in _parameters_within(of, "", set(), node)], node=node)


def _parameters_within(of: Value, prefix: str, begun: set[int], node: ast.AST) -> Iterator[tuple[str, Value]]:
    """The parameters of the layers below an object, each with its full name."""
    if isinstance(of, Made) and (keeps_parameters(of) or attributes(of)):
        yield from ((prefix + name, Parameter(of, name, node=node)) for name, *_ in parameter_names(of))
    elif isinstance(of, Made) and prefix:
        yield prefix.rstrip("."), of
    elif isinstance(of, Object) and id(of) not in begun:
        begun.add(id(of))
        for name, value in (*of.attributes.items(), *of.members.items()):
            yield from _parameters_within(value, f"{prefix}{name}.", begun, node)


def _children(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Items([value for value in (*of.attributes.values(), *of.members.values())
                  if not isinstance(value, Known | Items | Unknown)], node=node)  # fmt: skip


def _apply(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if len(args) != 1 or given or isinstance(args[0], Entries):  # a module of JAX, with its parameters
        return of
    within = (*layers_within(of), of)
    for value in within:
        run.call(args[0], [value], {}, node)
    if isinstance(args[0], Path | Unknown) and not (isinstance(args[0], Path) and run.is_known(args[0].path)):
        run.lose_parts(within, node)
    return of


def _initialize(
    run: Calls, of: Object | Made, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
) -> Value:
    """Of a network of Gluon, or a layer of it: what starts the weights that have no initializer of their own. The first
    counts, unless what comes later is forced."""
    start = given.get("init", args[0] if args else Known(None))
    if run.doubts:
        start = Unknown(run.doubts[0], node=node)
    for value in (of, *layers_within(of)):
        if isinstance(value, Made) and not is_variable(value) and (value.initializer is None or forces(given)):
            value.initializer = start
            value.fills.clear()
    return Known(None, node=node)


def _set_weights(
    run: Calls, of: Object | Made, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
) -> Value:
    """All weights of a layer, or of a network of Keras, are given other values."""
    for value in (of, *layers_within(of)):
        if isinstance(value, Made) and not is_variable(value):
            fill(Parameter(value, ANY, node=node), None, "", node)
    return Known(None, node=node)


def _initialize_all(run: Calls, of: Items, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    for value in of.items:
        if isinstance(node, ast.expr):
            run.call(run.attribute(value, "initialize", node), args, given, node)
    return Known(None, node=node)


def _collect(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """The parameters of a network of Gluon: of all its layers, or of those whose names match a pattern."""
    return of if not args and not given else _any_parameters(run, of, args, given, node)


def _any_parameters(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """The parameters of all layers, of which it is not known which is which."""
    found = [Parameter(value, ANY, node=node) for value in layers_within(of)
             if isinstance(value, Made) and attributes(value)]  # fmt: skip
    return Items(list(found), node=node)


def _any_named(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    name = Unknown("the name of a parameter", node=node)
    parameters = _any_parameters(run, of, args, given, node)
    return Items([Items([name, value]) for value in run.items(parameters) or ()], node=node)


def _is_collected(of: Object) -> bool:
    """Whether it stands for all parameters of a network of Gluon, and is no mapping of layers."""
    return of.cls is not None or of.path.startswith("mxnet.")


def _members(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if _is_collected(of):
        return _any_named(run, of, args, given, node)
    return Items([Items([Known(key), value]) for key, value in of.members.items()], node=node)


def _member_values(run: Calls, of: Object, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if _is_collected(of):
        return _any_parameters(run, of, args, given, node)
    return Items(list(of.members.values()), node=node)


METHODS: Mapping[tuple[type[Value], str], Method] = {
    (Items, "append"): _append,
    (Items, "extend"): _extend,
    (Items, "insert"): _insert,
    (Items, "pop"): _pop,
    (Items, "reverse"): _reverse,
    (Items, "clear"): _clear,
    (Entries, "clear"): _clear,
    (Entries, "pop"): _take,
    (Items, "copy"): _copy,
    (Entries, "get"): _get,
    (Entries, "setdefault"): _setdefault,
    (Entries, "update"): _update,
    (Entries, "copy"): _dict_copy,
    (Entries, "items"): _pairs,
    (Entries, "values"): _values,
    (Entries, "keys"): _keys,
    (Known, "format"): _format,
    (Known, "join"): _join,
    (Known, "find"): _find,
    (Known, "split"): _split,
    (Known, "lower"): _text(str.lower),
    (Known, "upper"): _text(str.upper),
    (Known, "strip"): _text(str.strip),
    (Known, "startswith"): _tests(str.startswith),
    (Known, "endswith"): _tests(str.endswith),
    (Object, "add"): _add,
    (Object, "append"): _add,
    (Object, "extend"): _add_all,
    (Object, "add_module"): _add_module,
    (Object, "register_module"): _add_module,
    (Object, "add_sublayer"): _add_module,
    (Object, "insert_child_to_cell"): _add_module,
    (Object, "add_link"): _add_link,
    (Object, "register_child"): _register_child,
    (Object, "modules"): _modules,
    (Object, "named_modules"): _named_modules,
    (Object, "children"): _children,
    (Object, "parameters"): _all_parameters,
    (Object, "named_parameters"): _all_named,
    (Object, "apply"): _apply,
    (Object, "initialize"): _initialize,
    (Made, "initialize"): _initialize,
    (Items, "initialize"): _initialize_all,
    (Made, "set_weights"): _set_weights,
    (Object, "set_weights"): _set_weights,
    (Object, "collect_params"): _collect,
    (Object, "sublayers"): _modules,
    (Object, "named_sublayers"): _named_modules,
    (Object, "cells_and_names"): _named_modules,
    (Object, "cells"): _children,
    (Object, "links"): _modules,
    (Object, "params"): _any_parameters,
    (Object, "namedparams"): _any_named,
    (Object, "get_parameters"): _any_parameters,
    (Object, "trainable_params"): _any_parameters,
    (Object, "parameters_and_names"): _any_named,
    (Object, "items"): _members,
    (Object, "values"): _member_values,
}
