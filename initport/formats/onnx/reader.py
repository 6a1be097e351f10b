"""From the `training_info` of an ONNX model to the shared model.

Authority: onnx/onnx.proto, TrainingInfoProto: running `initialization` gives the tensors that
`initialization_binding` puts in the places of the model's own.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, NoReturn

from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import DecodeError

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.descriptors import class_of, descriptor_pool, is_text, parse_message
from initport.formats.floats import NotFiniteError, shortest
from initport.formats.operators import Operator, Parameter, Refusal, network
from initport.formats.proto import read_schema
from initport.formats.read_options import Options
from initport.formats.wire import BYTES, WireError, fields
from initport.grammar.call import Argument, Call
from initport.grammar.load import vocabulary
from initport.grammar.meaning import Vocabulary
from initport.ir.location import Location
from initport.ir.model import Model
from initport.ir.scalar import Scalar

_GRAPH, _TRAINING, _NODE, _NAME = 7, 20, 1, 2
"""Numbers of fields: of ModelProto, and of GraphProto. The values of the graph's tensors are never copied."""

_DRAWN_SHAPE = frozenset({"shape", "dtype"})


def read(
    data: bytes, path: str, options: Options, read_file: Callable[[str], bytes | None] | None = None
) -> tuple[Model, tuple[Diagnostic, ...]]:
    """Read a model's initialization. It refers to no other file, so ``read_file`` is never called.

    Raises InputError where the whole input is unusable, and where it says nothing of how weights start.
    """
    try:
        name, nodes, training = _parts(memoryview(data))
    except (WireError, DecodeError):
        _refuse(
            Code.UNREADABLE, path, f"this seems to be an ONNX model that was cut short or damaged ({len(data)} bytes)"
        )
    words = vocabulary("onnx")
    parameters = [found for info in training for found in _parameters(info, words, path)]
    if not parameters:
        detail = (
            "this ONNX model holds values and no initializers (it has no `training_info` with an initialization): give "
            "the source code of the model, or its config"
        )
        _refuse(Code.UNREADABLE, path, detail)
    found = network(parameters, map(_operator, nodes), words)
    seeded = [node for info in training for node in info.initialization.node if "seed" in _attributes(node)]
    return Model(name, "onnx", Location(path), found.layers), (*found.findings, *_seeds(seeded, path))


def _refuse(code: Code, path: str, detail: str) -> NoReturn:
    raise InputError(Diagnostic(code, Location(path), detail))


@cache
def _pool() -> DescriptorPool:
    return descriptor_pool(read_schema("onnx.proto"))


@cache
def _message(name: str) -> Any:
    return class_of(_pool().FindMessageTypeByName(f"onnx.{name}"))


def _parts(view: memoryview) -> tuple[str, list[Any], list[Any]]:
    """The graph's name and nodes, and what is said of the training. Raises WireError or DecodeError."""
    name, nodes, training = "", [], []
    for field in fields(view):
        content = view[field.body : field.end]
        if (field.number, field.wire_type) == (_TRAINING, BYTES):
            training.append(parse_message(_message("TrainingInfoProto"), bytes(content)))
        elif (field.number, field.wire_type) == (_GRAPH, BYTES):
            for inner in fields(content):
                if inner.wire_type == BYTES and inner.number == _NODE:
                    nodes.append(parse_message(_message("NodeProto"), bytes(content[inner.body : inner.end])))
                elif inner.wire_type == BYTES and inner.number == _NAME:
                    name = bytes(content[inner.body : inner.end]).decode("utf-8", "replace")
    if not all(map(is_text, (*nodes, *training))):
        raise DecodeError("a name is not UTF-8")
    return name, nodes, training


def _attributes(node: Any) -> dict[str, Any]:
    return {attribute.name: attribute for attribute in node.attribute}


def _operator(node: Any) -> Operator:
    attributes = _attributes(node)
    groups = attributes["group"].i if "group" in attributes else 1
    settings = {name: attribute.i for name, attribute in attributes.items()}
    return Operator(node.name or (node.output[0] if node.output else ""), node.op_type, tuple(node.input), settings,
                    max(groups, 1), tuple(node.output))  # fmt: skip


def _parameters(info: Any, words: Vocabulary, path: str) -> Iterator[Parameter]:
    """One for each binding, of the node that makes its value."""
    made = {output: node for node in info.initialization.node for output in node.output}
    for binding in info.initialization_binding:
        node = made.get(binding.value)
        attributes = _attributes(node) if node is not None else {}
        shape = tuple(max(size, 0) for size in attributes["shape"].ints) if "shape" in attributes else None
        place = Location(path, key=binding.key)
        yield Parameter(binding.key, shape, place, "initialization", _call(node, attributes, words))


def _call(node: Any, attributes: Mapping[str, Any], words: Vocabulary) -> Call | Refusal:
    if node is None:
        return Refusal("nothing", "the initialization has no node that makes its value")
    if node.op_type not in words.initializers or node.domain not in ("", "ai.onnx"):
        return Refusal(
            node.op_type, f"{node.op_type}: initport has no rule for this operator; initialize the weight yourself"
        )
    known = words.initializers[node.op_type].parameters
    given: list[tuple[str, Argument]] = []
    for name, attribute in attributes.items():
        if name in _DRAWN_SHAPE or name == "seed":
            continue
        if name not in known or not attribute.HasField("f"):
            return Refusal(node.op_type, f"{node.op_type} has no number {name!r}", Code.REJECTED_INITIALIZER)
        try:
            given.append((name, Scalar.of(Fraction(shortest(attribute.f, "float")))))
        except NotFiniteError as error:
            return Refusal(node.op_type, f"`{name}`: {error}", Code.REJECTED_INITIALIZER)
    return Call(node.op_type, (), tuple(given))


def _seeds(seeded: list[Any], path: str) -> list[Diagnostic]:
    if not seeded:
        return []
    name = seeded[0].output[0] if seeded[0].output else ""
    detail = f"the draws of {name!r} are seeded; the target draws values of its own"
    return [Diagnostic(Code.SEED, Location(path, key=name), detail)]
