"""From a startup program, and the main program beside it that uses its parameters, to the shared model.

Authority: paddle/fluid/framework/framework.proto of PaddlePaddle 2.6.2; fluid/executor.py: a startup program is run
once, before the main one.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.descriptors import class_of, descriptor_pool, is_text, parse_message
from initport.formats.floats import NotFiniteError, shortest
from initport.formats.operators import Operator, Parameter, Refusal, network
from initport.formats.proto import read_schema
from initport.formats.read_options import Options
from initport.grammar.call import Argument, Call
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.grammar.version import Version, parse_version, version_text
from initport.ir.location import Location
from initport.ir.model import Model
from initport.ir.scalar import Scalar

_FLOATS = frozenset({4, 5, 6, 22})
"""VarType.Type: FP16, FP32, FP64 and BF16."""

_COPIES = frozenset({"coalesce_tensor", "c_broadcast", "broadcast"})
"""Operators that move what was drawn, and change none of it."""


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a startup program. The main program shows the axes of its parameters: it is looked for beside the file, with
    `main` in place of `startup` in its name.

    Raises InputError where the whole input is unusable, and where no operator starts a parameter.
    """
    program = _parse(data, path)
    version = _version(program, options.version, path)
    words = vocabulary("paddle_program", version)
    parameters = list(_parameters(program, words, version, path))
    if not parameters:
        detail = (
            "no operator of the program starts a parameter, as in a program for training or inference; save the "
            "startup program (`startup_program.desc.serialize_to_string()`), or give the Python source"
        )
        raise InputError(Diagnostic(Code.NO_NETWORK, Location(path), detail))
    found = network(parameters, _beside(path, read_file, words, {item.name for item in parameters}), words)
    return Model("", "paddle_program", Location(path), found.layers, version), found.findings


@cache
def _program_class() -> Any:
    pool = descriptor_pool(read_schema("paddle_program.proto"))
    return class_of(pool.FindMessageTypeByName("paddle.ProgramDesc"))


def _parse(data: bytes, path: str) -> Any:
    """The ProgramDesc. Raises InputError where the bytes are none."""
    try:
        program = parse_message(_program_class(), data)
        if not program.blocks or not is_text(program):
            raise DecodeError("no blocks, or a name that is not UTF-8")
    except DecodeError as error:
        detail = f"this seems to be a program of PaddlePaddle that was cut short or damaged ({len(data)} bytes)"
        raise InputError(Diagnostic(Code.UNREADABLE, Location(path), detail)) from error
    return program


def _version(program: Any, stated: str | None, path: str) -> Version | None:
    """Of 2006002, 2.6.2. Raises InputError for a stated one that is none."""
    if stated is not None:
        try:
            return parse_version(stated)
        except ValueError as error:
            raise InputError(Diagnostic(Code.WRONG_VALUE, Location(path), f"{error} of PaddlePaddle")) from error
    number = program.version.version
    known = 1_000_000 <= number < 100_000_000
    return (number // 1_000_000, number // 1000 % 1000, number % 1000) if known else None


def _slots(named: Any) -> dict[str, list[str]]:
    return {slot.parameter: list(slot.arguments) for slot in named}


def _parameters(program: Any, words: Vocabulary, version: Version | None, path: str) -> Iterator[Parameter]:
    """A parameter for each variable that the program leaves behind, started by the last operator that writes it. One
    that is read before it is written was started elsewhere, and one that lies over others is none by itself."""
    block = program.blocks[0]
    kept = {var.name: var for var in block.vars if var.persistable and _is_float(var)}
    if any(var.is_parameter for var in kept.values()):
        kept = {name: var for name, var in kept.items() if var.is_parameter}
    started: dict[str, Any] = {}
    others: set[str] = set()
    for op in block.ops:
        read, written = _slots(op.inputs), _slots(op.outputs)
        if op.type in _COPIES:
            others |= set(written.get("FusedOutput", ()))
            continue
        others |= {name for names in read.values() for name in names if name not in started}
        started |= {name: op for names in written.values() for name in names if name in kept}
    for name, op in started.items():
        if name in others or _is_state(name, started):
            continue
        shape = tuple(max(size, 0) for size in kept[name].type.lod_tensor.tensor.dims)
        place = Location(path, key=name)
        yield Parameter(name, shape, place, "init op", _call(op, words, version))
    if started:
        yield from _elsewhere(program, {*started, *others}, path)


def _elsewhere(program: Any, known: set[str], path: str) -> Iterator[Parameter]:
    """Parameters that nothing of the first block starts: those of inner blocks, and those that only these write."""
    reason = "no operator of the program's first block starts it, and an inner one may not run; initialize it yourself"
    for at, block in enumerate(program.blocks):
        written = {name for op in block.ops for names in _slots(op.outputs).values() for name in names} if at else set()
        for var in block.vars:
            if (
                var.persistable
                and _is_float(var)
                and (var.is_parameter or var.name in written)
                and var.name not in known
            ):
                known.add(var.name)
                shape = tuple(max(size, 0) for size in var.type.lod_tensor.tensor.dims)
                yield Parameter(var.name, shape, Location(path, key=var.name), "init op", Refusal("none", reason))


def _is_float(var: Any) -> bool:
    return var.type.lod_tensor.tensor.data_type in _FLOATS


def _is_state(name: str, others: Mapping[str, Any]) -> bool:
    """Whether a variable is an optimizer's, which is named for the parameter that it belongs to, or a learning rate."""
    if name.startswith("learning_rate_"):
        return True
    start = name
    while start := start.rpartition("_")[0]:
        if start in others:
            return True
    return False


def _call(op: Any, words: Vocabulary, version: Version | None) -> Call | Refusal:
    if op.type in words.grammar.refused:
        return Refusal(op.type, words.grammar.refused[op.type])
    rows = words.grammar.initializers.get(op.type, ())
    if not rows:
        reason = f"the program works it out with `{op.type}`, for which there is no rule here; initialize it yourself"
        return Refusal(op.type, reason)
    if op.type not in words.initializers or (version is None and len(rows) > 1):
        which = "of an unknown version" if version is None else f"of version {version_text(version)}"
        measured = " and ".join(row.versions for row in rows)
        reason = f"what `{op.type}` draws depends on the version; it is known of {measured}, and the program is {which}"
        return Refusal(op.type, f"{reason}; pass `--source-version`", Code.NEEDS_VERSION)
    if any(slot.arguments for slot in op.inputs):
        return Refusal(op.type, "its shape is that of another tensor, which the program computes")
    known = words.initializers[op.type].parameters
    given: list[tuple[str, Argument]] = []
    for attribute in op.attrs:
        if attribute.name in known:
            try:
                given.append((attribute.name, _number(attribute)))
            except NotFiniteError as error:
                return Refusal(op.type, f"`{attribute.name}`: {error}", Code.REJECTED_INITIALIZER)
    return Call(op.type, (), tuple(given))


def _number(attribute: Any) -> Scalar:
    """Raises NotFiniteError."""
    if attribute.HasField("f"):
        return Scalar.of(Fraction(shortest(attribute.f, "float")))
    return Scalar.of(Fraction(attribute.i or attribute.l))


def _beside(
    path: str, read_file: Callable[[str], bytes | None] | None, words: Vocabulary, parameters: set[str]
) -> Iterator[Operator]:
    """The operators of the main program; none where it is not there, or cannot be read."""
    folder, name = os.path.split(path)
    other = name.replace("startup", "main")
    data = read_file(os.path.join(folder, other)) if read_file is not None and other != name else None
    if data is not None:
        try:
            yield from _operators(_parse(data, other), words, parameters)
        except InputError:
            return


def _operators(program: Any, words: Vocabulary, parameters: set[str]) -> Iterator[Operator]:
    """Those that have a rule, with the bias that is added to what they put out; any others as they are."""
    ops = program.blocks[0].ops
    biases: dict[str, str] = {}
    origin: dict[str, str] = {}
    for op in ops:
        firsts = {name: found[0] for name, found in _slots(op.inputs).items() if found}
        if op.type == "reshape2" and firsts.get("X") in parameters:
            origin |= dict.fromkeys(_slots(op.outputs).get("Out", ()), firsts["X"])
        elif op.type == "elementwise_add" and {"X", "Y"} <= firsts.keys():
            added = origin.get(firsts["Y"], firsts["Y"])
            if added in parameters:
                biases[firsts["X"]] = added
    for op in ops:
        slots = _slots(op.inputs)
        outputs = [name for names in _slots(op.outputs).values() for name in names]
        rows = words.variants.get(op.type, ())
        names = [name for found in slots.values() for name in found]
        if rows:
            added = next((biases[name] for name in outputs if name in biases), "")
            slots["Bias"] = slots.get("Bias") or [added]
            names = [(slots.get(slot) or [""])[0] for slot in rows[0].parameters]
        own = next((name for name in names if name in parameters), "")
        groups = next((attribute.i for attribute in op.attrs if attribute.name == "groups"), 1)
        yield Operator(own.rpartition(".")[0], op.type, names, {}, max(groups, 1), outputs)
