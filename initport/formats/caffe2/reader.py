"""From an init net, and the net beside it that reads its parameters, to the shared model."""

import os
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe2.net_def import parse
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
    parameters = list(_parameters(net, words, path))
    if not parameters:
        detail = "no operator of the net fills a parameter; bring the init net (param_init_net, init_net.pb)"
        raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))
    found = network(parameters, [*_operators(net), *_beside(path, read_file)], words)
    model = Model(net.name, "caffe2", Location(path), found.layers)
    return model, found.findings


def _beside(path: str, read_file: Callable[[str], bytes | None] | None) -> Iterator[Operator]:
    """The operators of the net that an init net belongs to; none where it is not there, or cannot be read."""
    folder, name = os.path.split(path)
    other = name.replace("init_net", "predict_net") if "init_net" in name else name.replace("_init.", ".")
    data = read_file(os.path.join(folder, other)) if read_file is not None and other != name else None
    if data is not None:
        try:
            yield from _operators(parse(data, other))
        except InputError:
            return


def _operators(net: Any) -> Iterator[Operator]:
    for op in net.op:
        if op.input:
            arguments = {arg.name: arg for arg in op.arg}
            order = arguments["order"].s.decode("ascii", "replace") if "order" in arguments else "NCHW"
            groups = arguments["group"].i if "group" in arguments else 1
            name = op.name or (op.output[0] if op.output else "")
            yield Operator(name, op.type, tuple(op.input), {"order": order}, max(groups, 1), tuple(op.output))


def _parameters(net: Any, words: Vocabulary, path: str) -> Iterator[Parameter]:
    """A parameter for each output of an operator that fills it; counters and other whole numbers are none."""
    refused = words.grammar.refused
    for op in net.op:
        if not (op.type in words.initializers or op.type in refused) or not op.output:
            continue
        arguments = {arg.name: arg for arg in op.arg}
        if "dtype" in arguments and arguments["dtype"].i in _INTEGERS and op.type == "ConstantFill":
            continue
        name = op.output[0]
        place = Location(path, key=name)
        shape = tuple(max(size, 0) for size in arguments["shape"].ints) if "shape" in arguments else None
        yield Parameter(name, shape, place, "init op", _call(op, arguments, words, refused))


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
