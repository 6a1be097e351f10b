"""Python's own functions, as far as their values are known."""

import ast
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from initport.ir.scalar import Scalar
from initport.program.calls import Calls
from initport.program.modules import keeps_parameters
from initport.program.mutations import lose_contents
from initport.program.parameters import parameter_names
from initport.program.values import (
    ANY,
    Class,
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

Builtin = Callable[[Calls, Sequence[Value], Mapping[str, Value], ast.AST], Value]

RANGE_LIMIT = 10_000
"""Elements of a range at most."""


def _range(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    ends = [arg.integer for arg in args if isinstance(arg, Known) and arg.integer is not None]
    if len(ends) < len(args) or not 0 < len(ends) <= 3 or (len(ends) == 3 and not ends[2]):
        return Unknown(node=node)
    return Items([number(index) for index in range(*ends)[:RANGE_LIMIT]], node=node)


def _len(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    items = _first(run, args)
    return Unknown(node=node) if items is None else number(len(items), node)


def _enumerate(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    items = _first(run, args)
    start = given.get("start", args[1] if len(args) > 1 else number(0))
    at = start.integer if isinstance(start, Known) else None
    if items is None or at is None:
        return Unknown(node=node)
    return Items([Items([number(at + index), item]) for index, item in enumerate(items)], node=node)


def _zip(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    columns = [items for arg in args if (items := run.items(arg)) is not None]
    if len(columns) < len(args):
        return Unknown(node=node)
    return Items([Items(list(row)) for row in zip(*columns, strict=False)], node=node)


def _list(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    items = _first(run, args) if args else []
    return Unknown(node=node) if items is None else Items(list(items), node=node)


def _reverse(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    items = _first(run, args)
    return Unknown(node=node) if items is None else Items(list(reversed(items)), node=node)


def _dict(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if not args:
        return Entries(dict(given), node=node)
    if isinstance(args[0], Entries):
        return Entries({**args[0].entries, **given}, args[0].open, node=node)
    pairs = [run.items(item) for item in run.items(args[0]) or [Unknown()]]
    entries: dict[str, Value] = {}
    for pair in pairs:
        if pair is None or len(pair) != 2 or not isinstance(pair[0], Known):
            return Unknown(node=node)
        entries[str(plain(pair[0]))] = pair[1]
    return Entries({**entries, **given}, node=node)


def _str(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    text = plain(args[0]) if args and isinstance(args[0], Known) else None
    return Unknown(node=node) if text is None else Known(str(text), node=node)


def _int(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    known = args[0].number if args and isinstance(args[0], Known) else None
    return Unknown(node=node) if known is None else number(int(known), node)


def _round(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """Without digits: an integer, of two as near the even one, as in Python 3."""
    known = args[0].number if len(args) == 1 and not given and isinstance(args[0], Known) else None
    return Unknown(node=node) if known is None else number(round(known), node)


def _abs(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    value = args[0] if args else None
    known = value.number if isinstance(value, Known) else None
    return Unknown(node=node) if known is None else number(abs(known), node)


def _float(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    value = args[0].value if args and isinstance(args[0], Known) else None
    return Known(value, node=node) if isinstance(value, Scalar) else Unknown(node=node)


def _bool(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    truth = run.truth(args[0]) if args else False
    return Unknown(node=node) if truth is None else Known(truth, node=node)


def _extreme(best: Callable[[Sequence[Fraction]], Fraction]) -> Builtin:
    def does(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
        values = run.items(args[0]) if len(args) == 1 else args
        values = None if given else values
        known = [value.number for value in values or () if isinstance(value, Known) and value.number is not None]
        if not values or len(known) < len(values):
            return Unknown(node=node)
        found = best(known)
        return number(int(found) if found.denominator == 1 else found, node)

    return does


def _sum(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    items, total, whole = _first(run, args), Scalar.of(0), True
    for item in items or ():
        if not isinstance(item, Known) or not isinstance(item.value, Scalar):
            return Unknown(node=node)
        total, whole = total + item.value, whole and item.whole
    return Unknown(node=node) if items is None else Known(total, whole, node=node)


def _isinstance(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if len(args) != 2:
        return Unknown(node=node)
    truths = [_is_of(args[0], cls) for cls in run.items(args[1]) or [args[1]]]
    if True in truths:
        return Known(True, node=node)
    return Unknown(node=node) if None in truths else Known(False, node=node)


def _is_of(value: Value, cls: Value) -> bool | None:
    """Whether a value is of a class; None where that is not known."""
    match value, cls:
        case Made(), Path():
            return _is_layer(value.path, cls.path)
        case Made(), Class():
            return False
        case Object(), Class():
            return value.cls is not None and cls in value.cls.lineage()
        case Object(), Path():
            libraries = [value.path] if value.cls is None else value.cls.libraries()
            return any(_short(path) == _short(cls.path) for path in libraries) or _short(cls.path) in _BASES
        case Known(), Path(path=path) if path in _PYTHON:
            return _PYTHON[path](value)
        case Items(), Path(path=path) if path in _PYTHON:
            return path in ("builtins.list", "builtins.tuple")
    return None


def _is_layer(path: str, cls: str) -> bool | None:
    """Whether a layer at a path is of a library's class; which of its classes are derived from others is known of
    PyTorch alone, and private bases are not."""
    mine, other = _short(path), _short(cls)
    if other in (mine, mine.removeprefix("Lazy"), _PARENTS.get(mine)) or other in _BASES:
        return True
    if other.startswith("_"):
        return None
    return False if path.startswith("torch.") or not (other in mine or other in _DERIVED) else None


_BASES = frozenset({"Module", "Layer"})

_PARENTS = {"RNN": "RNNBase", "LSTM": "RNNBase", "GRU": "RNNBase", "RNNCell": "RNNCellBase", "LSTMCell": "RNNCellBase",
            "GRUCell": "RNNCellBase", "SyncBatchNorm": "_BatchNorm"}  # fmt: skip
"""The classes from which layers of PyTorch are derived (torch/nn/modules)."""

_DERIVED = ("RNN", "Recurrent", "Wrapper")
"""Classes of Keras from which layers of other names are derived; others are in the names of those that are."""


def _short(path: str) -> str:
    return path.rpartition(".")[2]


_PYTHON: Mapping[str, Callable[[Known], bool]] = {
    "builtins.str": lambda value: isinstance(value.value, str),
    "builtins.int": lambda value: value.whole or isinstance(value.value, bool),
    "builtins.float": lambda value: isinstance(value.value, Scalar) and not value.whole,
    "builtins.bool": lambda value: isinstance(value.value, bool),
    "builtins.list": lambda value: False,
    "builtins.tuple": lambda value: False,
    "builtins.dict": lambda value: False,
}


def _hasattr(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    value, name = (args[0], _name(args)) if len(args) == 2 else (None, None)
    if isinstance(value, Made) and keeps_parameters(value):
        return Known(name in {held for held, *_ in parameter_names(value)}, node=node)
    if isinstance(value, Object) and name is not None:
        held = name in value.attributes or (value.cls is not None and value.cls.lookup(name) is not None)
        return Known(held, node=node)
    return Unknown(node=node)


def _getattr(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    name = _name(args)
    if name is None:
        layer = args[0] if args else None
        return (
            Parameter(layer, ANY, node=node)
            if isinstance(layer, Made) and keeps_parameters(layer)
            else Unknown(node=node)
        )
    if isinstance(args[0], Path):
        return Path(f"{args[0].path}.{name}", node=node)
    return run.attribute(args[0], name, node if isinstance(node, ast.expr) else ast.Constant(None))


def _setattr(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    if len(args) == 3:
        run.set_attribute(args[0], _name(args), args[2], node if isinstance(node, ast.expr) else ast.Constant(None))
    return Known(None, node=node)


def _name(args: Sequence[Value]) -> str | None:
    name: Any = args[1].value if len(args) > 1 and isinstance(args[1], Known) else None
    return name if isinstance(name, str) else None


def _map(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    rows = [items for arg in args[1:] if (items := run.items(arg)) is not None]
    if not rows or len(rows) < len(args) - 1:
        return Unknown(node=node)
    return Items([run.call(args[0], row, {}, node) for row in zip(*rows, strict=False)], node=node)


def _nothing(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Known(None, node=node)


def _first(run: Calls, args: Sequence[Value]) -> Sequence[Value] | None:
    return run.items(args[0]) if args else None


def _globals(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return Entries(run.module.values, open=True, node=node)


def _vars(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """The names of an object, or of the module; a function's own are a copy, which nothing is assigned by."""
    if args:
        return run.attribute(args[0], "__dict__", ast.Constant(None))
    return _globals(run, args, given, node) if not run.depth else Unknown(node=node)


def _exec(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    """Anything may be bound to the names that it sees."""
    where = [value for value in (*args[1:], *given.values()) if isinstance(value, Entries)]
    reason = f"`exec` on line {getattr(node, 'lineno', '?')} may bind it to something else"
    for names in where or [Entries(run.module.values)]:
        lose_contents(names, reason)
    return Known(None, node=node)


def _type(run: Calls, args: Sequence[Value], given: Mapping[str, Value], node: ast.AST) -> Value:
    return run.class_of(args[0], node) if len(args) == 1 else Unknown(node=node)


BUILTINS: Mapping[str, Builtin] = {
    "range": _range,
    "xrange": _range,
    "len": _len,
    "enumerate": _enumerate,
    "zip": _zip,
    "map": _map,
    "iter": _list,
    "set": _list,
    "list": _list,
    "tuple": _list,
    "reversed": _reverse,
    "dict": _dict,
    "str": _str,
    "int": _int,
    "float": _float,
    "round": _round,
    "abs": _abs,
    "bool": _bool,
    "max": _extreme(max),
    "min": _extreme(min),
    "sum": _sum,
    "isinstance": _isinstance,
    "hasattr": _hasattr,
    "getattr": _getattr,
    "setattr": _setattr,
    "print": _nothing,
    "globals": _globals,
    "locals": _vars,
    "vars": _vars,
    "exec": _exec,
    "execfile": _exec,
    "type": _type,
}
