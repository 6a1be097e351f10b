"""From an init net, and the net beside it that reads its parameters, to the shared model."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe2.net_def import parse, unreadable
from initport.formats.dimensions import Shape
from initport.formats.floats import NotFiniteError, shortest
from initport.formats.operators import Operator, Parameter, Refusal, Weights, network
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
        filled = _Filled(net, words, path)
        operators = [*_operators(net, words), *_beside(path, read_file, words)]
        name = _text(net.name)
    except _NoTextError as error:
        raise unreadable(data, path) from error
    if not filled.parameters:
        detail = "no operator of the net fills a parameter; bring the init net (param_init_net, init_net.pb)"
        raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))
    found = network(filled.read_by(operators), operators, words)
    return Model(name, "caffe2", Location(path), found.layers), (*filled.findings, *found.findings)


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


def _operators(net: Any, words: Vocabulary, deep: int = 0) -> Iterator[Operator]:
    """Those that read something, and those of the nets that they run; of operators whose inputs are no weights, the
    arguments are not looked at."""
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
            if type_ in _RUNNERS and deep < _DEPTH:
                for arg in op.arg:
                    for inner in (arg.n, *arg.nets):
                        yield from _operators(inner, words, deep + 1)


_RUNNERS = frozenset({"RecurrentNetwork", "If", "While", "Do", "AsyncIf", "StepWorkspace"})
"""Operators that run a net which is one of their arguments. Authority: recurrent_network_op.h, if_op.h, while_op.h."""

_DEPTH = 8
"""Nets within nets at most."""

_NCHW: Mapping[str, object] = {"order": "NCHW"}


class _Fill(NamedTuple):
    """What an operator that fills a parameter does, None in place of a call for one whose values are no weights, and
    the arguments that it does not read."""

    call: Call | Refusal | None
    shape: Shape
    ignored: tuple[str, ...] = ()


_COPIES = frozenset({"Copy", "FloatToHalf", "HalfToFloat", "CopyCPUToGPU", "CopyGPUToCPU", "EnsureCPUOutput"})
"""Operators whose output has the values of their input."""


_WORKED_OUT = "the net works it out with {}; initialize it yourself"


class _Filled:
    """A parameter for each output of an operator that fills it, by its name; counters and other whole numbers are
    none. Operators of one type with the same arguments are read once."""

    def __init__(self, net: Any, words: Vocabulary, path: str) -> None:
        self.words, self.path = words, path
        self.parameters: dict[str, Parameter] = {}
        self.findings: list[Diagnostic] = []
        self.worked_out: dict[str, str] = {}
        self.copies: dict[str, str] = {}
        self._shapes: dict[str, Shape] = {}
        self._fills: dict[tuple[object, ...], _Fill] = {}
        self._read(net)

    def _read(self, net: Any) -> None:
        refused, initializers = self.words.grammar.refused, self.words.initializers
        shapes, fills, parameters = self._shapes, self._fills, self.parameters
        types: dict[str, bool] = {}
        for op in net.op:
            type_, output = op.type, op.output
            known = types.get(type_)
            if known is None:
                known = types[type_] = _text(type_) in initializers or type_ in refused
            if not output:
                continue
            if not known:
                self._compute(op)
                continue
            like = shapes.get(op.input[0], ()) if op.input else None
            key = (type_, like, *_contents(op.arg, type_ in refused))
            fill = fills.get(key)
            if fill is None:
                fill = fills[key] = _fill(op, like, self.words, refused)
            name = _text(output[0])
            shapes[name] = fill.shape
            if fill.call is not None:
                parameters[name] = Parameter(name, fill.shape, Location(self.path, None, None, name), "init op",
                                             fill.call)  # fmt: skip
                for argument in fill.ignored:
                    detail = f"{name!r}: {type_} has no argument {argument!r}, and Caffe2 ignores it"
                    self.findings.append(Diagnostic(Code.IGNORED_FIELD, parameters[name].location, detail))

    def _compute(self, op: Any) -> None:
        """What an operator that fills nothing makes of parameters alone."""
        read = tuple(op.input)
        if read and all(name in self.parameters or name in self.worked_out for name in read):
            for output in op.output:
                name = _text(output)
                self.worked_out[name] = op.type
                if name in self.parameters and op.type not in _COPIES:
                    changed = Refusal(op.type, _WORKED_OUT.format(op.type))
                    self.parameters[name] = self.parameters[name]._replace(call=changed)
            if op.type in _COPIES and read[0] in self.parameters:
                self.copies[_text(op.output[0])] = read[0]

    def read_by(self, operators: Sequence[Operator]) -> Iterator[Parameter]:
        """The parameters of a net with these operators: each under the name that they read, and with a reason those
        that they read as weights although no operator fills them."""
        which = Weights(self.words)
        read = {str(name): operator for operator in operators for name, _ in which.inputs_of(operator)}
        computed = {name for operator in operators for name in operator.outputs}
        moved = {source: copy for copy, source in self.copies.items() if copy in read and source not in read}
        for name, parameter in self.parameters.items():
            yield parameter._replace(name=moved[name]) if name in moved else parameter
        for name, operator in read.items():
            if name in self.parameters or name in moved.values():
                continue
            if name in self.copies:
                reason = f"it starts with the values of {self.copies[name]!r}; copy them after that one is initialized"
            elif name in self.worked_out:
                reason = _WORKED_OUT.format(self.worked_out[name])
            elif name not in computed:
                reason = f"{operator.type} reads it as a weight, and no operator fills it; initialize it yourself"
            else:
                continue
            yield Parameter(name, None, Location(self.path, None, None, name), "init op", Refusal("none", reason))


def _contents(arguments: Any, given: bool) -> Iterator[object]:
    """What tells arguments apart: their bytes, without the values of a tensor that is ``given``."""
    for arg in arguments:
        yield arg.name if given and arg.name == "values" else arg.SerializeToString()


def _fill(op: Any, like: Shape | tuple[()], words: Vocabulary, refused: Mapping[str, str]) -> _Fill:
    """``like`` is the shape of the operator's input, empty where that is not known, None where it has none."""
    arguments = {_text(arg.name): arg for arg in op.arg}
    if op.type == "ConstantFill" and _is_whole(arguments):
        return _Fill(None, None)
    shape = tuple(max(size, 0) for size in arguments["shape"].ints) if "shape" in arguments else None
    if op.input and like and shape is None and not _flag(arguments, "input_as_shape"):
        more = arguments["extra_shape"].ints if "extra_shape" in arguments else ()
        shape = (*like, *(max(size, 0) for size in more))
    known = words.initializers[op.type].parameters if op.type in words.initializers else arguments
    ignored = tuple(name for name in arguments if name not in known and name not in _DRAWN_SHAPE)
    return _Fill(_call(op, arguments, shape, words, refused), shape, ignored)


def _is_whole(arguments: Mapping[str, Any]) -> bool:
    """Whether a constant is an integer: by its type, or without one by its value."""
    if "dtype" in arguments:
        return arguments["dtype"].i in _INTEGERS
    return "value" in arguments and arguments["value"].HasField("i")


def _flag(arguments: Mapping[str, Any], name: str) -> bool:
    return name in arguments and bool(arguments[name].i)


def _call(
    op: Any, arguments: Mapping[str, Any], shape: Shape, words: Vocabulary, refused: Mapping[str, str]
) -> Call | Refusal:
    if op.type in refused:
        return Refusal(op.type, refused[op.type])
    if op.input and "shape" in arguments:
        return Refusal(op.type, "it has both an input and a `shape`", Code.REJECTED_INITIALIZER)
    if op.input and shape is None:
        return Refusal(op.type, "its shape is that of another tensor, which the net computes")
    given: list[tuple[str, Argument]] = []
    for name in words.initializers[op.type].parameters:
        if name in arguments:
            try:
                given.append((name, _number(arguments[name])))
            except (NotFiniteError, ValueError) as error:
                return Refusal(op.type, f"`{name}`: {error}", Code.REJECTED_INITIALIZER)
    return Call(op.type, (), tuple(given))


def _number(arg: Any) -> Scalar:
    """Raises ValueError for what the operator, which asks for a float, does not take, or NotFiniteError."""
    if arg.floats or arg.ints or arg.s or arg.strings:
        raise ValueError("the argument is not a number")
    if not arg.HasField("f"):
        raise ValueError("the argument is not a float, and Caffe2 converts none")
    return Scalar.of(Fraction(shortest(arg.f, "float")))
