"""From the JSON of a symbol to the shared model.

Authority: nnvm's JSON of graphs (`nodes`, `heads`), python/mxnet/symbol.py (`Variable`, whose `__init__` and
`__shape__` are attributes) and python/mxnet/initializer.py, `Initializer.__call__`, of MXNet 1.9.1.
"""

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any, NoReturn

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.dimensions import Shape
from initport.formats.operators import Operator, Parameter, Refusal, Weights, network
from initport.formats.read_options import Options
from initport.grammar.call import Argument, Call
from initport.grammar.load import vocabulary
from initport.grammar.meaning import UnknownCallError, Vocabulary
from initport.ir.location import Location
from initport.ir.model import Model
from initport.ir.scalar import Scalar

TEXT_LIMIT = 64_000_000
"""Bytes of a symbol at most."""

Node = Mapping[str, Any]


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a symbol. It refers to no other file, so ``read_file`` is never called.

    Raises InputError where the whole input is unusable, and where it holds no variable that is a weight.
    """
    root = _parse(data, path)
    nodes = _nodes(root, path)
    words = vocabulary("mxnet")
    operators = list(_operators(nodes, path))
    parameters = list(_parameters(nodes, operators, words, path))
    if not parameters:
        _refuse(Code.NO_NETWORK, path, "the symbol has no variable that is a weight")
    found = network(parameters, operators, words)
    return Model("", "mxnet", Location(path), found.layers, _version(root)), found.findings


def _refuse(code: Code, path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(code, Location(path), detail))


def _parse(data: bytes, path: str) -> Any:
    if len(data) > TEXT_LIMIT:
        _refuse(Code.TOO_LARGE, path, f"the symbol has over {TEXT_LIMIT} bytes")
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        place = Location(path, error.lineno, error.colno)
        raise InputError(Diagnostic(Code.SYNTAX, place, f"the text is not JSON: {error.msg}")) from error
    except (UnicodeDecodeError, RecursionError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else "the text is not UTF-8"
        raise InputError(Diagnostic(Code.SYNTAX, Location(path), detail)) from error


def _nodes(root: Any, path: str) -> list[Node]:
    nodes = root.get("nodes") if isinstance(root, dict) else None
    whole = isinstance(nodes, list) and all(
        type(node) is dict and type(node.get("op")) is str and type(node.get("name")) is str for node in nodes
    )
    if not isinstance(nodes, list) or not whole:
        _refuse(Code.WRONG_VALUE, path, "`nodes` is not a list of nodes with an `op` and a `name`")
    return nodes


def _version(root: Mapping[str, Any]) -> tuple[int, ...] | None:
    """Of 10901, 1.9.1."""
    attrs = root.get("attrs")
    stated = attrs.get("mxnet_version") if isinstance(attrs, dict) else None
    number = stated[1] if isinstance(stated, list) and len(stated) == 2 else None
    if not isinstance(number, int) or not 0 < number < 1_000_000:
        return None
    return number // 10000, number // 100 % 100, number % 100


def _attrs(node: Node) -> dict[str, str]:
    """The attributes of a node: in old files `attr`, or `param` of an operator."""
    merged: dict[str, str] = {}
    for key in _ATTRS:
        found = node.get(key)
        if found and isinstance(found, dict):
            merged |= {name: value for name, value in found.items() if type(value) is str}
    return merged


_ATTRS = ("param", "attr", "attrs")


def _operators(nodes: list[Node], path: str) -> Iterator[Operator]:
    """What an operator writes goes by the operator's place among the nodes, as it does in the file."""
    names: list[str | int] = [node["name"] if node["op"] == "null" else place for place, node in enumerate(nodes)]
    number = len(nodes)
    for place, node in enumerate(nodes):
        if node["op"] == "null":
            continue
        inputs: list[str | int] = []
        for entry in node.get("inputs") or ():
            at = entry[0] if isinstance(entry, list) and entry else None
            if not isinstance(at, int) or not 0 <= at < number:
                _refuse(Code.WRONG_VALUE, path, f"{node['name']!r} has an input that is not a node of the symbol")
            inputs.append(names[at])
        attrs = _attrs(node)
        groups = attrs.get("num_group", "1")
        if not (groups.isdecimal() and len(groups) < 8 and int(groups)):
            _refuse(Code.WRONG_VALUE, path, f"{node['name']!r}: num_group={groups!r} is not a number of groups")
        yield Operator(node["name"], node["op"], tuple(inputs), attrs, int(groups), (place,))


def _parameters(nodes: list[Node], operators: list[Operator], words: Vocabulary, path: str) -> Iterator[Parameter]:
    """Every variable with an initializer, at a weight's place in an operator, or with the end of a weight's name; the
    others are inputs, which a network is fed."""
    taken: set[object] = set()
    fixed: set[object] = set()
    which = Weights(words)
    for operator in operators:
        weights = which.inputs_of(operator)
        taken.update([name for name, _ in weights])
        if operator.type.startswith("BatchNorm") and operator.settings.get("fix_gamma", "True") in _TRUE:
            fixed.update([name for name, weight in weights if weight.argument == "gamma"])
    ends = words.grammar.suffixes
    calls = _Calls(words)
    for node in nodes:
        if node["op"] != "null":
            continue
        name, attrs = node["name"], _attrs(node)
        last = name[name.rfind("_") + 1 :]
        end = last if last in ends else next((end for end in ends if name.endswith(end)), None)
        stated = attrs.get("__init__", "")
        if stated or name in taken or end is not None:
            call = calls.ones if name in fixed else calls.call(stated, end, "__storage_type__" in attrs)
            place = Location(path, None, None, name)
            yield Parameter(name, _shape(attrs.get("__shape__", "")), place, "__init__", call, not stated)


_TRUE = ("True", "1", "true")


class _Calls:
    """What variables start with, one object for each thing that they say."""

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self.known: dict[tuple[str, str | None, bool], Call | Refusal] = {}
        self.ones = Call(words.initializer_of("ones"))
        """Of a scale that BatchNorm keeps at 1, whatever its variable starts with: fix_gamma, which is the default."""

    def call(self, stated: str, end: str | None, gluon: bool) -> Call | Refusal:
        key = (stated, end, gluon)
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = _call(stated, end, gluon, self.words)
        return found


@lru_cache(maxsize=1024)
def _shape(text: str) -> Shape:
    """The sizes, None for 0: such a size is found out when the network is first run."""
    try:
        sizes = ast.literal_eval(text) if text and len(text) < 1000 else None
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not isinstance(sizes, tuple | list) or not all(type(size) is int for size in sizes):
        return None
    return tuple(size if size > 0 else None for size in sizes)


_LOST = (
    "the symbol does not state its initializer, which was passed to the network, in `init_params` or "
    "`initialize`, and is not saved; give the Python file that builds the network, or initialize the weight yourself"
)


def _call(stated: str, end: str | None, gluon: bool, words: Vocabulary) -> Call | Refusal:
    """What a variable carries, or what the end of its name means: Gluon's own variables have no such rule."""
    if stated:
        return _read_call(stated, words)
    if end is None:
        ends = ", ".join(words.grammar.suffixes)
        reason = f"it has no initializer, and MXNet rejects a name that does not end with one of {ends}"
        return Refusal("none", reason, Code.REJECTED_INITIALIZER)
    function = None if gluon else words.grammar.suffixes[end]
    return Call(function) if function is not None else Refusal("not saved", _LOST)


def _read_call(text: str, words: Vocabulary) -> Call | Refusal:
    """`["xavier", {"magnitude": 2}]`, or the name alone. Authority: initializer.py, `dumps` and registry.create."""
    name, given = text, {}
    if text[:1] == "[":
        try:
            loaded = json.loads(text)
        except (ValueError, RecursionError):
            loaded = None
        if not (isinstance(loaded, list) and len(loaded) == 2 and isinstance(loaded[0], str)):
            return Refusal("__init__", "the initializer is not a name with its arguments", Code.REJECTED_INITIALIZER)
        name, given = loaded
        if not isinstance(given, dict):
            return Refusal(name, "the initializer's arguments are not a mapping", Code.REJECTED_INITIALIZER)
    try:
        function = words.initializer_of(name.lower())
    except UnknownCallError:
        return Refusal(name, f"{name!r} is not an initializer of MXNet", Code.UNKNOWN_INITIALIZER)
    arguments: list[tuple[str, Argument]] = []
    for key, value in given.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            try:
                arguments.append((key, Scalar.of(Fraction(repr(value)))))
            except ValueError:
                return Refusal(name, f"`{key}` is {value}, which is not a finite number", Code.REJECTED_INITIALIZER)
        elif isinstance(value, str | bool) or value is None:
            arguments.append((key, value))
        else:
            return Refusal(name, f"`{key}` is an array, whose values you must set yourself")
    return Call(function, (), tuple(arguments))
