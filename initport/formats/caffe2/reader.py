"""From an init net, and the net beside it that reads its parameters, to the shared model."""

import os
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe2.net_def import parse, unreadable
from initport.formats.floats import NotFiniteError, shortest
from initport.formats.operators import Operator, Parameter, Refusal, network
from initport.formats.read_options import Options
from initport.grammar.call import Argument, Call
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.ir.location import Location
from initport.ir.model import Model
from initport.ir.scalar import Scalar

_DRAWN_SHAPE = frozenset({"shape", "extra_shape", "input_as_shape", "dtype", "run_once"})
"""Arguments of every filling operator that say nothing of the values. Authority: FillerOp in filler_op.h."""

_INTEGERS = frozenset({2, 3, 4, 5, 6, 7, 8, 9, 10})
"""TensorProto.DataType: what is not a floating-point number."""


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read an init net. The net that reads its parameters shows their axes: it is looked for beside the file, under
    the name that Caffe2's own tools give it.

    Raises InputError where the whole input is unusable, and where no operator fills a parameter.
    """
    net = parse(data, path)
    words = vocabulary("caffe2")
    try:
        parameters = list(_parameters(net, words, path))
        operators = list(_operators(net, words))
        name = _text(net.name)
    except _NoTextError as error:
        raise unreadable(data, path) from error
    if not parameters:
        detail = "no operator of the net fills a parameter; bring the init net (param_init_net, init_net.pb)"
        raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))
    found = network(parameters, [*operators, *_beside(path, read_file, words)], words)
    return Model(name, "caffe2", Location(path), found.layers), found.findings


class _NoTextError(Exception):
    """A name is no UTF-8: protobuf gives it as bytes."""


def _text(name: object) -> str:
    """Raises _NoTextError."""
    if type(name) is not str:
        raise _NoTextError
    return name


def _beside(path: str, read_file: Callable[[str], bytes | None] | None, words: Vocabulary) -> list[Operator]:
    """The operators of the net that an init net belongs to; none where it is not there, or cannot be read."""
    folder, name = os.path.split(path)
    other = name.replace("init_net", "predict_net") if "init_net" in name else name.replace("_init.", ".")
    data = read_file(os.path.join(folder, other)) if read_file is not None and other != name else None
    try:
        return [] if data is None else list(_operators(parse(data, other), words))
    except (InputError, _NoTextError):
        return []


def _operators(net: Any, words: Vocabulary) -> Iterator[Operator]:
    """Those that read something; of operators whose inputs are no weights, the arguments are not looked at."""
    variants = words.variants
    for op in net.op:
        read = tuple(op.input)
        if read:
            written, type_ = tuple(op.output), _text(op.type)
            names = (*read, *written, op.name)
            if not all(type(name) is str for name in names):
                raise _NoTextError
            settings, groups = _NCHW, 1
            if type_ in variants:
                arguments = {arg.name: arg for arg in op.arg}
                if "order" in arguments:
                    settings = {"order": arguments["order"].s.decode("ascii", "replace")}
                groups = max(arguments["group"].i, 1) if "group" in arguments else 1
            yield Operator(op.name or (written[0] if written else ""), type_, read, settings, groups, written)


_NCHW: Mapping[str, object] = {"order": "NCHW"}


class _Fill(NamedTuple):
    """What an operator that fills a parameter does, None in place of a call for one whose values are no weights."""

    call: Call | Refusal | None
    shape: tuple[int, ...] | None


def _parameters(net: Any, words: Vocabulary, path: str) -> Iterator[Parameter]:
    """A parameter for each output of an operator that fills it; counters and other whole numbers are none. Operators of
    one type with the same arguments are read once."""
    refused, initializers = words.grammar.refused, words.initializers
    fills: dict[tuple[object, ...], _Fill] = {}
    types: dict[str, bool] = {}
    for op in net.op:
        type_ = op.type
        known = types.get(type_)
        if known is None:
            known = types[type_] = _text(type_) in initializers or type_ in refused
        if not known:
            continue
        output = op.output
        if not output:
            continue
        key = (type_, bool(op.input), *_contents(op.arg, type_ in refused))
        fill = fills.get(key)
        if fill is None:
            fill = fills[key] = _fill(op, words, refused)
        if fill.call is not None:
            name = _text(output[0])
            yield Parameter(name, fill.shape, Location(path, None, None, name), "init op", fill.call)


def _contents(arguments: Any, given: bool) -> Iterator[object]:
    """What tells arguments apart: their bytes, without the values of a tensor that is ``given``."""
    for arg in arguments:
        yield arg.name if given and arg.name == "values" else arg.SerializeToString()


def _fill(op: Any, words: Vocabulary, refused: Mapping[str, str]) -> _Fill:
    arguments = {_text(arg.name): arg for arg in op.arg}
    if "dtype" in arguments and arguments["dtype"].i in _INTEGERS and op.type == "ConstantFill":
        return _Fill(None, None)
    shape = tuple(max(size, 0) for size in arguments["shape"].ints) if "shape" in arguments else None
    return _Fill(_call(op, arguments, words, refused), shape)


def _call(op: Any, arguments: Mapping[str, Any], words: Vocabulary, refused: Mapping[str, str]) -> Call | Refusal:
    if op.type in refused:
        return Refusal(op.type, refused[op.type])
    if op.input:
        return Refusal(op.type, "its shape is that of another tensor, which the net computes")
    known = words.initializers[op.type].parameters
    given: list[tuple[str, Argument]] = []
    for name, arg in arguments.items():
        if name in known:
            try:
                given.append((name, _number(arg)))
            except (NotFiniteError, ValueError) as error:
                return Refusal(op.type, f"`{name}`: {error}", Code.REJECTED_INITIALIZER)
        elif name not in _DRAWN_SHAPE:
            return Refusal(op.type, f"it has no argument {name!r}", Code.REJECTED_INITIALIZER)
    return Call(op.type, (), tuple(given))


def _number(arg: Any) -> Scalar:
    """An argument's number; one without any is 0. Raises ValueError, or NotFiniteError."""
    if arg.floats or arg.ints or arg.s or arg.strings:
        raise ValueError("the argument is not a number")
    return Scalar.of(Fraction(arg.i) if arg.HasField("i") else Fraction(shortest(arg.f, "float")))
