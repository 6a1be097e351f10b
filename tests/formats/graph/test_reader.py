"""Graphs node by node: patterns of other versions, containers, options, and files that are damaged or hostile."""

import struct
import time
from typing import Any

import pytest

from initport.conversion import convert, read
from initport.diagnostics import Code, InputError
from initport.formats.format import Certainty
from initport.formats.graph import FORMAT
from initport.formats.graph.messages import message_class
from initport.grammar.layout import parse_layout
from initport.ir.initializers import (
    Blocks,
    Constant,
    DeltaOrthogonal,
    Identity,
    Initializer,
    Preset,
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
    Unsupported,
)
from initport.ir.scalar import Scalar
from initport.ir.weights import Kind
from tests.formats.graph.build import (
    const,
    dims,
    function,
    graph,
    node,
    reading,
    started,
    tensor,
    weights,
    with_functions,
)

NORMAL = [dims("shape", 6, 4), node("draw", "RandomStandardNormal", "shape", dtype="float")]
UNIFORM = [dims("shape", 6, 4), node("draw", "RandomUniform", "shape", dtype="float")]
QR = [*NORMAL, node("qr", "Qr", "draw"), node("diagonal", "DiagPart", "qr:1")]
SIGNS = [*QR, node("signs", "Sign", "diagonal"), node("value", "Mul", "qr", "signs")]


def n(text: str) -> Scalar:
    from fractions import Fraction

    return Scalar.of(Fraction(text))


def normal(mean: str, stddev: str) -> RandomNormal:
    return RandomNormal(n(mean), n(stddev))


WIDE = [dims("shape", 9, 9), node("draw", "RandomStandardNormal", "shape", dtype="float")]
"""More numbers than the variable takes."""

FOLDED: list[tuple[str, list[Any], Initializer]] = [
    ("a constant", [const("value", 0.1, (6, 4))], Constant(n("0.1"))),
    ("a filled one", [dims("shape", 6, 4), const("x", 2.0), node("value", "Fill", "shape", "x")], Constant(n("2"))),
    ("the last value again", [const("value", [1.0, 2.0], (6, 4))], Preset((n("1"), *[n("2")] * 23))),
    ("a normal", [*NORMAL, const("s", 0.02), node("value", "Mul", "draw", "s")], normal("0", "0.02")),
    ("a shifted one", [*NORMAL, const("s", 0.5), node("value", "AddV2", "s", "draw")], normal("0.5", "1")),
    ("less a number", [*NORMAL, const("s", 0.5), node("value", "Sub", "draw", "s")], normal("-0.5", "1")),
    ("a number less it", [*UNIFORM, const("s", 0.5), node("value", "Sub", "s", "draw")],
     RandomUniform(n("-0.5"), n("0.5"))),
    ("divided", [*NORMAL, const("s", 4.0), node("value", "RealDiv", "draw", "s")], normal("0", "0.25")),
    ("negated", [*UNIFORM, node("value", "Neg", "draw")], RandomUniform(n("-1"), n("0"))),
    ("a root as deviation",
     [*NORMAL, const("s", 0.0625), node("root", "Sqrt", "s"), node("value", "Mul", "draw", "root")],
     normal("0", "0.25")),
    ("identity of 1.15",
     [const("ones", 1.0, (4,)), node("value", "MatrixDiag", "ones")], Identity(n("1"), Scalar.of(0), Scalar.of(0))),
    ("identity of 2.21",
     [const("ones", 1.0, (4,)), const("k", 0, (), "int32"), dims("rows", -1), const("pad", 0.0),
      node("value", "MatrixDiagV3", "ones", "k", "rows", "rows", "pad")],
     Identity(n("1"), Scalar.of(0), Scalar.of(0))),
    ("cut, cast and laid out anew",
     [dims("flat", 24), node("draw", "TruncatedNormal", "flat", dtype="double"),
      node("cast", "Cast", "draw", DstT="float"), dims("shape", 6, -1), node("value", "Reshape", "cast", "shape")],
     TruncatedNormal(n("0"), n("1"))),
    ("times e", [*NORMAL, const("one", 1.0), node("e", "Exp", "one"), node("value", "Mul", "draw", "e")],
     normal("0", "2.7182817")),
    ("a part", [*WIDE, dims("b", 3, 5), dims("n", -1, 4), node("value", "Slice", "draw", "b", "n")], normal("0", "1")),
    ("a part in steps", [*WIDE, dims("b", 0, 1), dims("e", 6, 0), dims("by", 1, 2),
     node("value", "StridedSlice", "draw", "b", "e", "by", end_mask=2)], normal("0", "1")),
    ("turned round", [*UNIFORM, dims("axes", 0, -1), node("value", "ReverseV2", "draw", "axes")],
     RandomUniform(n("0"), n("1"))),
    ("a sum", [*NORMAL, const("s", 0.75), node("one", "Mul", "draw", "s"), const("two", 2.0, (6, 4)),
     node("more", "RandomStandardNormal", "shape", dtype="float"), node("value", "AddN", "one", "two", "more")],
     normal("2", "1.25")),
    ("a difference", [*NORMAL, node("more", "RandomStandardNormal", "shape", dtype="float"), const("s", 0.75),
     node("one", "Mul", "more", "s"), node("value", "Sub", "draw", "one")], normal("0", "1.25")),
    ("two parts of a draw", [*WIDE, dims("b", 0, 0), dims("c", 0, 4), dims("n", 6, 4), const("s", 0.75),
     node("one", "Slice", "draw", "b", "n"), node("more", "Slice", "draw", "c", "n"), node("two", "Mul", "more", "s"),
     node("value", "AddV2", "one", "two")], normal("0", "1.25")),
    ("by a logarithm", [*NORMAL, const("ten", 10.0), node("l", "Log", "ten"), node("value", "RealDiv", "draw", "l")],
     normal("0", "0.43429446")),
    ("a stateless draw of Keras 3",
     [const("seed", [7, 9], (2,), "int32"), node("key", "StatelessRandomGetKeyCounter", "seed"), dims("shape", 6, 4),
      const("alg", 1, (), "int32"),
      node("value", "StatelessRandomNormalV2", "shape", "key", "key:1", "alg", dtype="float")], normal("0", "1")),
]  # fmt: skip


@pytest.mark.parametrize(("what", "nodes", "expected"), FOLDED, ids=[row[0] for row in FOLDED])
def test_folded(what: str, nodes: list[Any], expected: Initializer) -> None:
    shape = (4, 4) if isinstance(expected, Identity) else (6, 4)
    (weight,) = (item[1] for item in weights(reading(graph(*nodes, *started("value", shape)))).values())
    if isinstance(expected, Identity):
        assert isinstance(weight.initializer, Identity)
        assert weight.initializer.gain == expected.gain
    else:
        assert weight.initializer == expected


@pytest.mark.parametrize(
    "nodes",
    [
        SIGNS,
        [*QR, node("size", "Abs", "diagonal"), node("signs", "RealDiv", "diagonal", "size"),
         node("value", "Mul", "qr", "signs")],
        [*NORMAL, node("qr", "Qr", "draw"), node("diagonal", "MatrixDiagPartV3", "qr:1", "zero", "pad"),
         const("zero", 0, (), "int32"), const("pad", 0.0), node("signs", "Sign", "diagonal"),
         node("value", "Mul", "qr", "signs")],
    ],
    ids=["1.8 and later", "1.4", "2.21"],
)  # fmt: skip
def test_orthogonal_of_every_version(nodes: list[Any]) -> None:
    weight = weights(reading(graph(*nodes, *started("value", (6, 4)))))["v"][1]
    assert weight.source == "orthogonal"
    turned = [*nodes, dims("order", 1, 0), node("turned", "Transpose", "value", "order")]
    weight = weights(reading(graph(*turned, *started("turned", (4, 6)))))["v"][1]
    assert weight.source == "orthogonal"


def test_blocks() -> None:
    parts = [const("zero", 0.0, (3,)), const("one", 1.0, (3,)), const("rest", 0.0, (6,)), const("axis", 0, (), "int32")]
    nodes = [*parts, node("value", "ConcatV2", "zero", "one", "rest", "axis"), *started("value", (12,))]
    initializer = weights(reading(graph(*nodes)))["v"][1].initializer
    zero, one = Constant(n("0")), Constant(n("1"))
    assert initializer == Blocks((zero, one, zero, zero))


def delta(place: int = 1, rows: int = 4, root: bool = False, size: int = 3) -> list[Any]:
    """The delta-orthogonal initializer of 1.13 and later, or of 1.8 and 1.12, which take the root of the gain."""
    gain = [const("given", 4.0), node("gain", "Sqrt", "given")] if root else [const("gain", 2.0)]
    return [
        dims("shape", 6, 6), *SIGNS[1:], *gain, dims("begin", 0, 0), dims("end", rows, 0), dims("step", 1, 1),
        node("some", "StridedSlice", "value", "begin", "end", "step", begin_mask=3, end_mask=2),
        node("times", "Mul", "some", "gain"), const("zero", 0, (), "int32"), node("one", "ExpandDims", "times", "zero"),
        const("where", [place], (1, 2), "int32"), dims("whole", size, size, rows, 6),
        node("kernel", "ScatterNd", "where", "one", "whole"), *started("kernel", (size, size, rows, 6), "c"),
        node("x", "Placeholder"), node("y", "Conv2D", "x", "c/read"),
    ]  # fmt: skip


@pytest.mark.parametrize("nodes", [delta(), delta(root=True), delta(size=4), delta(rows=6)])
def test_delta_orthogonal_of_every_version(nodes: list[Any]) -> None:
    layer, weight = weights(reading(graph(*nodes)))["c"]
    assert (layer.kind, weight.source) == ("conv", "delta orthogonal gain 2")


@pytest.mark.parametrize("nodes", [delta(place=0), delta(size=5), delta(rows=7)])
def test_an_orthogonal_matrix_elsewhere_is_refused(nodes: list[Any]) -> None:
    assert isinstance(weights(reading(graph(*nodes)))["c"][1].initializer, Unsupported)


REFUSED: list[tuple[str, list[Any], str]] = [
    ("an op without a row", [node("value", "Cumsum")], "Cumsum: initport has no rule for this op"),
    ("a known one", [node("value", "Placeholder")], "Placeholder: the value is fed from outside"),
    ("an op that is missing", [node("value", "Identity", "nowhere")], "the graph has no node"),
    ("a circle", [node("value", "Identity", "b"), node("b", "Identity", "value")], "depends on itself"),
    ("two draws", [*NORMAL, node("value", "Add", "draw", "draw")], "joins two draws"),
    ("a square", [*NORMAL, node("value", "Square", "draw")], "no law that is known"),
    ("an array's multiple",
     [*NORMAL, const("s", [1.0, 2.0, 3.0, 4.0], (4,)), node("value", "Mul", "draw", "s")], "array of several values"),
    ("Q alone", [*QR, node("value", "Identity", "qr")], "a part of a QR decomposition"),
    ("Q of a cut normal",
     [dims("shape", 6, 4), node("draw", "TruncatedNormal", "shape", dtype="float"), node("qr", "Qr", "draw"),
      node("value", "Identity", "qr")], "not a normal matrix of mean 0"),
    ("another shape", [*NORMAL, node("value", "Identity", "draw")], "a value of shape (6, 4) is put into"),
    ("no number", [*NORMAL, const("s", 0.0), node("value", "RealDiv", "draw", "s")], "RealDiv"),
    ("not finite", [*NORMAL, const("s", float("inf")), node("value", "Mul", "draw", "s")], ""),
    ("too few inputs", [node("value", "Fill")], "Fill: the op does not take such inputs"),
    ("more values than elements", [const("value", [1.0, 2.0, 3.0], (2,))], "the tensor holds 3 values for 2"),
    ("a negative size", [const("value", 1.0, (-2,))], "Const: the tensor has no definite shape"),
    ("one draw beside itself",
     [dims("half", 6, 2), node("draw", "RandomStandardNormal", "half", dtype="float"), const("axis", 1, (), "int32"),
      node("value", "ConcatV2", "draw", "draw", "axis")], "some of the parts that are joined are the same draws"),
    ("turned round in steps",
     [*WIDE, dims("b", 5, 9), dims("e", 0, 0), dims("by", -1, 1),
      node("value", "StridedSlice", "draw", "b", "e", "by", begin_mask=3, end_mask=3)], "or turned round"),
    ("beyond the draw", [*WIDE, dims("b", 4, 0), dims("n", 6, 4), node("value", "Slice", "draw", "b", "n")],
     "not within it"),
    ("a part of a part", [*WIDE, dims("b", 0, 0), dims("n", 6, 9), node("cut", "Slice", "draw", "b", "n"),
     dims("m", 6, 4), node("value", "Slice", "cut", "b", "m")], "was cut or laid out anew"),
    ("parts of a number", [const("x", 1.0, (9, 9)), dims("b", 0, 0), dims("n", 6, 4),
     node("value", "Slice", "x", "b", "n")], "was made for the whole"),
    ("a part and its neighbour", [*WIDE, dims("b", 0, 0), dims("c", 1, 0), dims("n", 6, 4),
     node("one", "Slice", "draw", "b", "n"), node("two", "Slice", "draw", "c", "n"),
     node("value", "AddN", "one", "two")], "not known to be apart"),
    ("draws of one seed",
     [dims("s", 24), dims("t", 6, 4), node("flat", "RandomStandardNormal", "s", dtype="float", seed=1, seed2=2),
      node("one", "Reshape", "flat", "t"), node("two", "RandomStandardNormal", "t", dtype="float", seed=1, seed2=2),
      node("value", "AddV2", "one", "two")], "not known to be apart"),
    ("blocks of one seed and several sizes",
     [dims("s", 6, 1), dims("t", 6, 3), const("axis", 1, (), "int32"),
      node("one", "RandomStandardNormal", "s", dtype="float", seed=1, seed2=2),
      node("two", "RandomStandardNormal", "t", dtype="float", seed=1, seed2=2),
      node("value", "ConcatV2", "one", "two", "axis")], "some of the parts that are joined are the same draws"),
    ("a sum of very many",
     [*NORMAL, *[node(f"n{at}", "RandomStandardNormal", "shape", dtype="float") for at in range(99)],
      node("value", "AddN", *[f"n{at}" for at in range(99)])], "not known to be apart"),
    ("a draw's exponent", [*NORMAL, node("value", "Exp", "draw")], "no law that is known"),
    ("words", [node("value", "Const", value=message_class("TensorProto")(dtype=7))], "values of the type string"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "nodes", "detail"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(what: str, nodes: list[Any], detail: str) -> None:
    shape = (3, 3) if what == "another shape" else (6, 4)
    found = reading(graph(*nodes, *started("value", shape)))
    assert isinstance(weights(found)["v"][1].initializer, Unsupported)
    (finding,) = (item for item in found.diagnostics if item.code is Code.UNSUPPORTED_INITIALIZER)
    assert detail in finding.detail


def meta(nodes: list[Any], variables: list[Any] = (), version: str = "1.15.5") -> bytes:  # type: ignore[assignment]
    result = message_class("MetaGraphDef")()
    result.meta_info_def.tensorflow_version = version
    result.graph_def.node.extend(nodes)
    if variables:
        members = [item.SerializeToString() for item in variables]
        for key in ("variables", "trainable_variables"):
            result.collection_def.add(key=key).value.bytes_list.value.extend(members)
    data: bytes = result.SerializeToString()
    return data


def variable(name: str, initializer: str) -> Any:
    return message_class("VariableDef")(variable_name=f"{name}:0", initializer_name=initializer)


GOOD = [*NORMAL, *started("draw", (6, 4))]


def test_the_definition_decides_and_not_the_name() -> None:
    """`tf.train.init_from_checkpoint` leaves ``v/Assign`` as it was."""
    nodes = [
        *GOOD,
        node("prefix", "Const"),
        node("checkpoint_initializer", "RestoreV2", "prefix"),
        node("Assign", "Assign", "v", "checkpoint_initializer"),
    ]
    found = reading(meta(nodes, [variable("v", "Assign:0")]), "model.meta")
    weight = weights(found)["v"][1]
    assert isinstance(weight.initializer, Unsupported)
    assert weight.source == "from a checkpoint; the graph's own is normal stddev 1"
    assert found.model.version == (1, 15, 5)
    told = next(item.detail for item in found.diagnostics if item.code is Code.UNSUPPORTED_INITIALIZER)
    assert "started from a checkpoint" in told


def test_a_graph_alone_takes_the_first_that_is_no_checkpoint() -> None:
    nodes = [*NORMAL, node("restored", "RestoreV2"), node("save", "Assign", "v", "restored"), *started("draw", (6, 4))]
    assert weights(reading(graph(*nodes)))["v"][1].initializer == normal("0", "1")


def test_shared_draws_are_ties() -> None:
    found = reading(graph(*GOOD, *started("draw", (6, 4), "w")))
    repeats = {name: item[1].repeats for name, item in weights(found).items()}
    assert repeats == {"v": None, "w": ("v", "parameter")}
    codes = [item.code for item in convert(graph(*GOOD, *started("draw", (6, 4), "w")), path="g.pb").diagnostics]
    assert Code.REPEATED in codes


def saved_model(*metas: bytes) -> bytes:
    result = message_class("SavedModel")(saved_model_schema_version=1)
    for data in metas:
        result.meta_graphs.add().ParseFromString(data)
    written: bytes = result.SerializeToString()
    return written


def events(*payloads: bytes) -> bytes:
    first = b"\x09" + struct.pack("<d", 1.5) + b"\x1a\x0dbrain.Event:2"
    return b"".join(struct.pack("<Q", len(item)) + b"\0" * 4 + item + b"\0" * 4 for item in (first, *payloads))


def event(data: bytes, field: str = "graph_def") -> bytes:
    written: bytes = message_class("Event")(**{field: data}).SerializeToString()
    return written


def as_text(data: bytes, kind: str = "GraphDef") -> bytes:
    from google.protobuf import text_format

    return text_format.MessageToString(message_class(kind).FromString(data)).encode()


CONTAINERS = [
    ("model.ckpt.meta", meta(GOOD)),
    ("graph.pb", graph(*GOOD)),
    ("graph.pbtxt", as_text(graph(*GOOD))),
    ("meta.pbtxt", as_text(meta(GOOD), "MetaGraphDef")),
    ("saved_model.pb", saved_model(meta(GOOD))),
    ("events.out.tfevents.1500000000.host", events(event(graph(*GOOD)))),
    ("events.out.tfevents.1500000001.host", events(event(meta(GOOD), "meta_graph_def"), b"\x09")[:-3]),
]


@pytest.mark.parametrize(("path", "data"), CONTAINERS, ids=[path for path, _ in CONTAINERS])
def test_every_container_is_told_by_its_content(path: str, data: bytes) -> None:
    assert FORMAT.sniff(data, "x") is Certainty.SURE
    for name in (path, "renamed"):
        assert weights(reading(data, name))["v"][1].initializer == normal("0", "1")


def test_a_saved_model_may_begin_with_its_objects() -> None:
    """As those of TensorFlow 2 do that other tools wrote; it says what to bring in its place."""
    from initport.formats.graph.sniff import kind_of
    from initport.formats.wire import varint

    objects = b"\x3a\x02\x0a\x00"
    inside = objects + b"\x12" + varint(len(FROZEN)) + FROZEN
    data = b"\x08\x01\x12" + varint(len(inside)) + inside
    assert kind_of(data) == "SavedModel"
    with pytest.raises(InputError, match="use the graph that trained it"):
        read(data, path="saved_model.pb")


@pytest.mark.parametrize("data", [b"", b"layer { }", b'{"class_name": "Sequential"}', b"\x08\x0e:\x8b&\n", b"node"])
def test_what_is_no_graph_is_not_taken_for_one(data: bytes) -> None:
    assert FORMAT.sniff(data, "x") is Certainty.NONE


def test_of_several_graphs_the_one_for_training_is_read() -> None:
    other = meta([*UNIFORM, *started("draw", (6, 4))])
    train = message_class("MetaGraphDef").FromString(meta(GOOD))
    train.meta_info_def.tags.append("train")
    found = reading(saved_model(other, train.SerializeToString()), "saved_model.pb")
    assert weights(found)["v"][1].initializer == normal("0", "1")
    assert [item.code for item in found.diagnostics] == [Code.OTHER_GRAPHS]


FROZEN = graph(*NORMAL, node("y", "MatMul", "draw", "draw"))
UNUSABLE = [
    ("cut short", meta(GOOD)[:-9], "cut short"),
    ("cut within the first field", meta(GOOD)[:3], ""),
    ("text cut short", as_text(graph(*GOOD))[:-9], "not a graph of TensorFlow"),
    ("text of wrong types", b'node { name: 3 op: "Const" }', ""),
    ("text nested deeply", b"node {" * 5000, ""),
    ("frozen", FROZEN, "it was frozen"),
    ("variables without a start", graph(node("v", "VarHandleOp", shape=(6, 4))), "no op that starts them"),
    ("an event file without a graph", events(b"\x09" + b"\0" * 8), "holds no graph"),
    ("names that are not text", graph(*GOOD).replace(b"draw", b"\xff" * 4), "cut short or damaged"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "data", "detail"), UNUSABLE, ids=[row[0] for row in UNUSABLE])
def test_unusable(what: str, data: bytes, detail: str) -> None:
    with pytest.raises(InputError) as caught:
        read(data, path="model.meta", source="graph")
    assert detail in caught.value.diagnostic.detail
    assert "\n" not in caught.value.diagnostic.detail


def chain(length: int) -> bytes:
    links = [node(f"n{at}", "Identity", f"n{at - 1}" if at else "draw") for at in range(length)]
    return graph(*NORMAL, *links, *started(f"n{length - 1}", (6, 4)))


def backwards(length: int) -> bytes:
    """Each op stands before the one that it takes."""
    links = [node(f"n{at}", "Identity", f"n{at + 1}") for at in range(length)]
    return graph(*links, *GOOD, node(f"n{length}", "Identity", "v/read"))


def cycle(length: int) -> bytes:
    links = [node(f"n{at}", "Identity", f"n{(at + 1) % length}") for at in range(length)]
    return graph(*links, *started("n0", (6, 4)))


HOSTILE = {
    "a deep chain": chain(100_000),
    "a chain backwards": backwards(50_000),
    "a cycle": cycle(50_000),
    "no variables": graph(*[node(f"n{at}", "NoOp") for at in range(100_000)]),
    "a huge tensor": graph(const("value", [1.0, 2.0], (1 << 31, 1 << 31)), *started("value", (1 << 31, 1 << 31))),
    "a huge fill": graph(dims("s", 1 << 30, 1 << 30), const("x", 1.0), node("value", "Fill", "s", "x"),
                         *started("value", (1 << 30, 1 << 30))),
    "a large power": graph(const("a", 1e30), const("b", 60.0), node("value", "Pow", "a", "b"), *started("value", ())),
    "many inputs": graph(const("a", 1.0, (1,)), const("axis", 0, (), "int32"),
                         node("value", "ConcatV2", *["a"] * 100_000, "axis"), *started("value", (100_000,))),
    "a variable that starts as itself": graph(*started("v/read", (6, 4))),
    "many axes": graph(const("value", 1.0, (1,) * 300), *started("value", (1,) * 300)),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile(name: str) -> None:
    start = time.process_time()
    result = convert(HOSTILE[name], path="graph.pb")
    assert time.process_time() - start < 2
    assert result.exit_code in (0, 1, 2)
    assert len(result.diagnostics) <= 1


def test_paths_in_a_file_are_not_repeated() -> None:
    path = message_class("TensorProto")(dtype=7)
    nodes = [
        *GOOD,
        node("checkpoint/secret/prefix", "Const", value=path),
        node("restored", "RestoreV2", "checkpoint/secret/prefix"),
        node("Assign", "Assign", "v", "restored"),
    ]
    result = convert(meta(nodes, [variable("v", "Assign")]), path="model.meta")
    assert "secret" not in (result.text or "") + "".join(map(str, result.diagnostics))


SQUARE = [dims("shape", 32, 32), node("draw", "RandomUniform", "shape", dtype="float"), const("s", 0.61237246),
          node("value", "Mul", "draw", "s"), const("low", -0.30618623), node("v0", "Add", "value", "low"),
          *started("v0", (32, 32), "net/fc/kernel"), node("x", "Placeholder"),
          node("y", "MatMul", "x", "net/fc/kernel/read", transpose_b=False)]  # fmt: skip


def test_a_law_is_named_where_it_is_the_only_one_or_the_chosen_one() -> None:
    """Of 32 by 32, the bounds of three laws are one number."""
    plain = weights(reading(graph(*SQUARE)))["net/fc/kernel"][1]
    assert isinstance(plain.initializer, RandomUniform)
    assert plain.source == "uniform within 0.30618623; lecun_uniform or lecun_uniform_fan_out or glorot_uniform"
    chosen = weights(reading(graph(*SQUARE), laws=("glorot_uniform",)))["net/fc/kernel"][1]
    assert chosen.source == "uniform within 0.30618623; glorot_uniform"
    assert "xavier_uniform_" in (convert_text(laws=("glorot_uniform",)))
    assert "nn.init.uniform_(w, -0.30618623, 0.30618623)" in convert_text()


def convert_text(**options: Any) -> str:
    from initport.formats.read_options import Options

    text = convert(graph(*SQUARE), path="graph.pb", options=Options(**options)).text
    assert text is not None
    return text


def test_an_unknown_law_is_an_error() -> None:
    with pytest.raises(InputError, match="not a law; known: glorot_uniform"):
        reading(graph(*SQUARE), laws=("golrot",))


def test_scopes_are_kept_or_stripped() -> None:
    assert weights(reading(graph(*SQUARE)))["net/fc/kernel"][0].name == "net/fc"
    assert weights(reading(graph(*SQUARE), strip_scope="net"))["net/fc/kernel"][0].name == "fc"
    assert weights(reading(graph(*SQUARE), strip_scope="ne"))["net/fc/kernel"][0].name == "net/fc"


def test_a_tensors_bytes_are_read() -> None:
    value = tensor([], (2, 2))
    value.tensor_content = struct.pack("<4f", 1, 2, 3, 4.5)
    found = weights(reading(graph(node("value", "Const", value=value), *started("value", (2, 2)))))
    assert found["v"][1].initializer == Preset((n("1"), n("2"), n("3"), n("4.5")))


INNER = function("inner", ["x", "w"], node("y", "MatMul", "x", "w"))
OUTER = function("outer", ["w", "x"], node("same", "Identity", "w"), node("c", "PartitionedCall", "x", "same:output:0",
                 f="inner"))  # fmt: skip


@pytest.mark.parametrize(
    ("call", "functions", "kind"),
    [
        (node("c", "PartitionedCall", "v/read", "x", f="outer"), [INNER, OUTER], "dense"),
        (node("c", "outer", "v/read", "x"), [INNER, OUTER], "dense"),
        (node("c", "StatelessIf", "p", "x", "v/read", then_branch="inner", else_branch="other"), [INNER], "dense"),
        (node("c", "PartitionedCall", "v/read", "x", f="outer"), [OUTER], "parameter"),
        (node("c", "PartitionedCall", "x", "x", "v/read", f="inner"), [INNER], "parameter"),
        (node("c", "PartitionedCall", "v/read", "x", f="a"),
         [function("a", ["w"], node("y", "a", "w"), node("z", "PartitionedCall", "w", f="a"))], "parameter"),
    ],
)  # fmt: skip
def test_what_reads_a_variable_may_be_in_a_function(call: Any, functions: list[Any], kind: str) -> None:
    ((layer, _),) = weights(reading(with_functions(graph(*GOOD, node("x", "Placeholder"), call), *functions))).values()
    assert layer.kind == kind


def axis(at: int, name: str = "axis") -> Any:
    return const(name, at, (), "int32")


LOOKUP = function("lookup", ["w", "x"], axis(0), node("y", "GatherV2", "w", "x", "axis:output:0"))
COLUMNS = function("columns", ["w", "x"], axis(1), node("y", "GatherV2", "w", "x", "axis:output:0"))


@pytest.mark.parametrize(
    ("reader", "kind"),
    [
        ([axis(0), node("y", "GatherV2", "v/read", "x", "axis")], "embedding"),
        ([axis(1), node("y", "GatherV2", "v/read", "x", "axis")], "parameter"),
        ([node("y", "GatherV2", "v/read", "x", "elsewhere")], "parameter"),
        ([node("y", "lookup", "v/read", "x")], "embedding"),
        ([node("y", "columns", "v/read", "x")], "parameter"),
    ],
)
def test_a_table_is_looked_up_by_its_rows(reader: list[Any], kind: str) -> None:
    data = with_functions(graph(*GOOD, node("x", "Placeholder"), *reader), LOOKUP, COLUMNS)
    ((layer, _),) = weights(reading(data)).values()
    assert layer.kind == kind


def test_numbers_of_an_optimizer_are_left_out() -> None:
    """One that the update takes, and one that it takes by way of others."""
    zero, weight = const("zero", 0.0), [*NORMAL, *started("draw", (6, 4))]
    numbers = [*started("zero", (), "training/Ftrl/rate"), *started("zero", (), "training/Ftrl/beta"),
               *started("zero", (), "scale")]  # fmt: skip
    update = node("u", "ResourceApplyFtrl", "v", "training/Ftrl/rate/read")
    found = reading(graph(zero, *weight, *numbers, update))
    assert sorted(weights(found)) == ["scale", "v"]
    assert "2 of optimizers" in next(item.detail for item in found.diagnostics if item.code is Code.NO_WEIGHTS)


READS = function("reads", ["w", "x"], node("r", "ReadVariableOp", "w"), node("i", "Identity", "r:value:0"),
                 gives="i:output:0")  # fmt: skip
INITIAL = function("initial", ["w", "x"], node("i", "Identity", "x"), gives="i:output:0")
OTHER = function("other", ["w", "x"], node("i", "Neg", "x"), gives="i:y:0")
ENDLESS = function("endless", ["w", "x"], node("i", "Identity", "i:output:0"), gives="i:output:0")


@pytest.mark.parametrize(
    ("then", "otherwise", "start", "tied"),
    [
        ("reads", "initial", "draw", True),
        ("initial", "reads", "draw", True),
        ("reads", "initial", "another", False),
        ("reads", "other", "draw", False),
        ("reads", "endless", "draw", False),
        ("reads", "nowhere", "draw", False),
    ],
)
def test_a_copy_by_a_condition_is_a_tie(then: str, otherwise: str, start: str, tied: bool) -> None:
    """As `initialized_value` is in TensorFlow 2: the variable if it has a value, and else its first one."""
    handle = [node("v", "VarHandleOp", shape=(6, 4), dtype="float"), node("a", "AssignVariableOp", "v", "draw")]
    condition = node("copy", "If", "p", "v", start, then_branch=then, else_branch=otherwise)
    another = node("another", "RandomStandardNormal", "shape", dtype="float")
    data = graph(*NORMAL, another, node("p", "Placeholder"), *handle, condition, *started("copy", (6, 4), "w"))
    found = weights(reading(with_functions(data, READS, INITIAL, OTHER, ENDLESS)))["w"][1]
    assert found.repeats == (("v", "parameter") if tied else None)
    assert isinstance(found.initializer, Unsupported) is not tied


SPARSE = [
    (node("y", "SparseMatMul", "x", "v/read", b_is_sparse=True), "in, out"),
    (node("y", "SparseMatMul", "x", "v/read", transpose_b=True), "out, in"),
    (node("y", "SparseTensorDenseMatMul", "i", "n", "s", "v/read"), "in, out"),
    (node("y", "SparseTensorDenseMatMul", "i", "n", "s", "v/read", adjoint_b=True), "out, in"),
]


@pytest.mark.parametrize(("reader", "layout"), SPARSE)
def test_products_with_sparse_matrices(reader: Any, layout: str) -> None:
    ((layer, weight),) = weights(reading(graph(*GOOD, node("x", "Placeholder"), reader))).values()
    assert (layer.kind, weight.layout) == ("dense", parse_layout(layout))


def test_a_draw_laid_out_anew_is_a_tie() -> None:
    order = const("order", [1, 0], (2,), "int32")
    turned = [*started("draw", (6, 4)), order, node("turned", "Transpose", "draw", "order")]
    found = weights(reading(graph(*NORMAL, *turned, *started("turned", (4, 6), "w"))))
    assert found["w"][1].repeats == ("v", "parameter")


def test_orthogonal_kernels_of_five_axes() -> None:
    """Their axes are not visible here; the last two are a matrix all the same."""
    where, shape = const("where", [1, 1, 1], (1, 3), "int32"), dims("dims", 3, 3, 3, 4, 4)
    square = [dims("shape", 4, 4), node("draw", "RandomStandardNormal", "shape", dtype="float")]
    kernel = [*square, *SIGNS[len(NORMAL) : -1], node("q", "Mul", "qr", "signs")]
    at = const("at", 0, (), "int32")
    nodes = [*kernel, where, shape, at, node("row", "ExpandDims", "q", "at"),
             node("value", "ScatterNd", "where", "row", "dims")]  # fmt: skip
    (_, weight) = weights(reading(graph(*nodes, *started("value", (3, 3, 3, 4, 4)))))["v"]
    assert isinstance(weight.initializer, DeltaOrthogonal)


def test_functions_that_call_the_next_are_followed_so_far() -> None:
    chain = [function(f"f{at}", ["w"], node("y", f"f{at + 1}", "w")) for at in range(20_000)]
    data = with_functions(graph(*GOOD, node("c", "f0", "v/read")), *chain)
    start = time.process_time()
    ((layer, _),) = weights(reading(data)).values()
    assert layer.kind == "parameter"
    assert time.process_time() - start < 2


@pytest.mark.parametrize("step", [1, -1], ids=["behind what they take", "before it"])
def test_ops_that_hand_a_variable_on_may_stand_in_any_order(step: int) -> None:
    chain = [node(f"n{at}", "Identity", f"n{at - 1}" if at else "v/read") for at in range(5)]
    order = [const("start", 0.5, (6, 4)), *started("start", (6, 4)), *chain, node("m", "MatMul", "x", "n4")][::step]
    assert [layer.kind for layer, _ in weights(reading(graph(*order))).values()] == [Kind.DENSE]


@pytest.mark.parametrize("step", [1, -1], ids=["behind what they take", "before it"])
def test_parts_that_are_joined_may_stand_in_any_order(step: int) -> None:
    parts = [item for at in range(2) for item in started("start", (3, 4), f"w/part_{at}")]
    join = [const("axis", 0, kind="int32"), node("w", "ConcatV2", "w/part_0/read", "w/part_1/read", "axis"),
            node("w/read", "Identity", "w"), node("m", "MatMul", "x", "w/read")]  # fmt: skip
    order = [const("start", 0.5, (3, 4)), *parts, *join][::step]
    ((layer, weight),) = weights(reading(graph(*order))).values()
    assert (layer.kind, weight.shape) == (Kind.DENSE, (6, 4))


def cut(name: str, row: int) -> list[Any]:
    """A variable of six rows of a draw, from one on."""
    return [dims(f"{name}/b", row, 0), dims(f"{name}/n", 6, 9),
            node(f"{name}/cut", "Slice", "draw", f"{name}/b", f"{name}/n"),
            *started(f"{name}/cut", (6, 9), name)]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "tied", "refused"),
    [((0, 6), [False, False], [False, False]),
     ((0, 0), [False, True], [False, False]),
     ((0, 5), [False, False], [False, True])],
)  # fmt: skip
def test_parts_of_one_draw(rows: tuple[int, int], tied: list[bool], refused: list[bool]) -> None:
    """Apart they are drawn apart, the same are a tie, and what meets in part is refused."""
    source = [dims("shape", 12, 9), node("draw", "RandomStandardNormal", "shape", dtype="float")]
    found = weights(reading(graph(*source, *cut("v", rows[0]), *cut("w", rows[1]))))
    assert [weight.repeats is not None for _, weight in found.values()] == tied
    assert [isinstance(weight.initializer, Unsupported) for _, weight in found.values()] == refused


def test_sums_that_differ_in_names_draw_for_themselves() -> None:
    nodes = []
    for name in ("a", "b"):
        top = f"{name}/Initializer/sum"
        terms = [node(f"{top}/{at}", "RandomStandardNormal", f"{top}/shape", dtype="float") for at in range(2)]
        nodes += [dims(f"{top}/shape", 6, 4), *terms, node(top, "AddN", f"{top}/0", f"{top}/1"),
                  *started(top, (6, 4), name)]  # fmt: skip
    found = weights(reading(graph(*nodes)))
    assert [weight.repeats for _, weight in found.values()] == [None, None]
    assert [type(weight.initializer) for _, weight in found.values()] == [RandomNormal, RandomNormal]
