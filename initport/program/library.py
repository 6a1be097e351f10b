"""The functions of libraries that shape the program: scopes, repetitions, branches of graphs."""

import ast
from collections.abc import Callable, Mapping, Sequence

from initport.program.calls import CONTRIB, Calls, is_given, is_variable
from initport.program.values import (
    ANY,
    RESHAPED,
    Bound,
    Called,
    Class,
    Computed,
    Function,
    Items,
    Known,
    Object,
    Path,
    Scoped,
    Unknown,
    Value,
    VariableScope,
)

Special = Callable[[Calls, str, Sequence[Value], Mapping[str, Value], ast.AST], Value | None]


def _arg_scope(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    functions = args[0] if args else given.get("list_ops_or_scope", Unknown())
    if isinstance(functions, Scoped):
        return functions
    more = {name: value for name, value in given.items() if name != "list_ops_or_scope"}
    items = run.items(functions)
    if items is None and not more:
        return unknown_arguments(_SCOPE.format(getattr(node, "lineno", "?")), node)
    keys = [None] if items is None else [run.key(item) for item in items]
    held = dict(run.scopes.arguments[-1].arguments)
    if None in keys:  # it may be for any function
        doubt = Unknown(_FUNCTIONS.format(getattr(node, "lineno", "?")), node=node)
        held = {key: {name: value for name, value in old.items() if name not in more} for key, old in held.items()}
        held[ANY] = {**held.get(ANY, {}), **dict.fromkeys(more, doubt)}
    for key in keys:
        if key is not None:
            held[key] = more if ANY in more else {**held.get(key, {}), **more}
    return Scoped(held, node=node)


def unknown_arguments(problem: str, node: ast.AST) -> Scoped:
    """A scope that may give any function any argument."""
    return Scoped({ANY: {ANY: Unknown(problem, node=node)}}, node=node)


_SCOPE = "the arg_scope of line {} is known only when the program runs, and may set it"
_FUNCTIONS = "which functions the arg_scope of line {} is for is known only when the program runs"


def _current_scope(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return run.scopes.current


def _repeat(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    """slim.repeat: the layer so often, in scopes with numbers behind the name, all in a scope of that name."""
    times = args[1].integer if len(args) > 2 and isinstance(args[1], Known) else None
    if times is None or not path.startswith(CONTRIB):
        return None
    return _in_scopes(run, args[2], [list(args[3:])] * times, given, node)


def _stack(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    """slim.stack: the layer once for each of several arguments."""
    rows = run.items(args[2]) if len(args) > 2 else None
    if rows is None or not path.startswith(CONTRIB):
        return None
    every = [list(run.items(row) or [row]) for row in rows]
    return _in_scopes(run, args[1], every, given, node)


def _in_scopes(
    run: Calls, function: Value, rows: Sequence[list[Value]], given: Mapping[str, Value], node: ast.AST
) -> Value:
    stated = given.get("scope")
    more = {name: value for name, value in given.items() if name != "scope"}
    name = stated.value if isinstance(stated, Known) and isinstance(stated.value, str) else None
    if name is None:
        default = function.last if isinstance(function, Path) else getattr(function, "name", "Repeat")
        name = run.scopes.unique_name(default) if not is_given(stated) else None
    full = None if name is None else run.scopes.full_name(name)
    with run.scopes.inside(VariableScope(full, run.scopes.current.reuse, run.scopes.current.initializer)):
        for index, row in enumerate(rows):
            inner = Known(f"{name}_{index + 1}") if name is not None else Unknown()
            run.call(function, [Unknown(), *row], {**more, "scope": inner}, node)
    return Unknown("it is the output of a layer", node=node)


def _partial(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    if path != "functools.partial" or not args:
        return None
    first, rest, own = args[0], list(args[1:]), dict(given)
    return Bound(lambda more, named: run.call(first, [*rest, *more], {**own, **named}, node), node=node)


def _reduce(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    items = run.items(args[1]) if path == "functools.reduce" and len(args) in (2, 3) else None
    if items is None:
        return None
    rest = [*args[2:], *items]
    if not rest:
        return Unknown(node=node)
    result = rest[0]
    for item in rest[1:]:
        result = run.call(args[0], [result, item], {}, node)
    return result


def _is_function(
    run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
) -> Value | None:
    if path != "inspect.isfunction" or len(args) != 1:
        return None
    match args[0]:
        case Function(owner=owner):
            return Known(owner is None, node=node)
        case Known() | Items() | Class() | Object():
            return Known(False, node=node)
    return None


def _chainer_initializer(
    run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
) -> Value | None:
    """What Chainer itself makes of an initializer argument: the same, where there is one."""
    known = path == "chainer.initializers._get_initializer" and len(args) == 1 and isinstance(args[0], Known | Called)
    return args[0] if known and is_given(args[0]) else None


def _main(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    """tf.app.run: the function `main`, or the one that it is given."""
    if not path.endswith("app.run"):
        return None
    main = given.get("main", args[0] if args else None)
    if main is None:
        main = getattr(run, "module").get("main")  # noqa: B009 - `Run` has it
    return run.call(main, [Unknown()], {}, node) if isinstance(main, Function) else None


def _branches(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    """tf.cond and tf.while_loop: a graph holds every branch, and the body once."""
    if not path.startswith("tensorflow."):
        return None
    for value in (*args, *given.values()):
        if isinstance(value, Function):
            arguments = getattr(value.node, "args", None)
            number_of = len(arguments.args) if isinstance(arguments, ast.arguments) else 0
            run.call(value, [Unknown()] * number_of, {}, node)
    return Unknown("it is the output of a layer", node=node)


def _keras_input(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Unknown("it is the output of a layer", node=node)


def _keras_model(
    run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST
) -> Value | None:
    """A network from its inputs to its outputs: any layer may be in it."""
    if not any(root in path.split(".") for root in ("keras", "tf_keras")):
        return None
    return Called(path, [Items(list(run.made))], node=node)


def _copies(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    """Functions that give their argument, as another type or under another name."""
    if not args or not path.startswith(("tensorflow.", "numpy.")):
        return None
    value = args[0]
    kept = is_variable(value)
    if path.startswith("tensorflow."):
        run.scopes.op(path.rpartition(".")[2])
    return value if kept or isinstance(value, Called | Computed | Items) or run.scalars(value) is not None else None


def _reshape(run: Calls, path: str, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value | None:
    """The same values in another shape."""
    drawn = args[0] if len(args) == 2 and path.startswith(("tensorflow.", "numpy.")) else None
    return Called(RESHAPED, args, {}, node=node) if isinstance(drawn, Called | Computed) else None


SPECIAL: Mapping[str, Special] = {
    "arg_scope": _arg_scope,
    "get_variable_scope": _current_scope,
    "repeat": _repeat,
    "stack": _stack,
    "partial": _partial,
    "reduce": _reduce,
    "isfunction": _is_function,
    "_get_initializer": _chainer_initializer,
    "run": _main,
    "Model": _keras_model,
    "Input": _keras_input,
    "InputLayer": _keras_input,
    "cond": _branches,
    "while_loop": _branches,
    "map_fn": _branches,
    "cast": _copies,
    "array": _copies,
    "reshape": _reshape,
    "identity": _copies,
    "convert_to_tensor": _copies,
    "asarray": _copies,
    "stop_gradient": _copies,
}
