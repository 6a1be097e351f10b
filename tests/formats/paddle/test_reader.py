"""Startup programs of PaddlePaddle, in the form in which 1.8.5, 2.6.2 and 3.3.1 write them."""

from typing import Any

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code, InputError
from initport.formats.index import detect
from initport.formats.paddle.reader import _program_class
from initport.formats.read_options import Options
from initport.ir.initializers import Constant, RandomNormal, RandomUniform, TruncatedNormal, Unsupported, equal
from initport.ir.model import Layer, Weight
from initport.ir.scalar import Scalar

Op = tuple[str, dict[str, list[str]], dict[str, list[str]], dict[str, Any]]


def program(ops: list[Op], shapes: dict[str, tuple[int, ...]], version: int = 2006002, parameters: bool = True) -> Any:
    """Operators (type, inputs, outputs, attributes), and the shapes of the variables that are kept."""
    result = _program_class()()
    result.version.version = version
    block = result.blocks.add(idx=0)
    for name, shape in shapes.items():
        var = block.vars.add(name=name, persistable=True)
        if parameters and "moment" not in name and "learning" not in name:
            var.is_parameter = True
        var.type.type = 7
        var.type.lod_tensor.tensor.data_type = 3 if name == "step" else 5
        var.type.lod_tensor.tensor.dims.extend(shape)
    for kind, inputs, outputs, attributes in ops:
        op = block.ops.add(type=kind)
        for slots, given in ((op.inputs, inputs), (op.outputs, outputs)):
            for slot, names in given.items():
                slots.add(parameter=slot, arguments=names)
        for name, value in attributes.items():
            attribute = op.attrs.add(name=name)
            if isinstance(value, float):
                attribute.f = value
            else:
                attribute.i = value
    return result


def draw(kind: str, name: str, **attributes: Any) -> Op:
    return (kind, {"ShapeTensor": []}, {"Out": [name]}, attributes)


def data(built: Any) -> bytes:
    """With the parent's number, -1, which a block of PaddlePaddle always has."""
    whole = bytearray()
    for block in built.blocks:
        content = block.SerializeToString()
        content = content[:2] + b"\x10" + b"\xff" * 9 + b"\x01" + content[2:]
        size, encoded = len(content), bytearray()
        while size >= 0x80:
            encoded.append(size & 0x7F | 0x80)
            size >>= 7
        whole += b"\n" + bytes((*encoded, size)) + content
    rest = _program_class()(version=built.version)
    return bytes(whole) + bytes(rest.SerializeToString())


def weights(found: Reading) -> dict[str, tuple[Layer, Weight]]:
    return {weight.location.key or "": (layer, weight) for layer in found.model.layers for weight in layer.weights}


def start(op: Op, version: int = 2006002, stated: str | None = None) -> Reading:
    whole = data(program([op], {"a.w_0": (30, 40)}, version))
    return read(whole, path="startup_program", options=Options(version=stated))


ZERO, FIFTIETH = Scalar.of(0), Scalar.of(2) / 100
LAWS = [
    (draw("fill_constant", "a.w_0", value=0.5), Constant(Scalar.of(1) / 2)),
    (draw("gaussian_random", "a.w_0", mean=0.0, std=0.02), RandomNormal(ZERO, FIFTIETH)),
    (draw("uniform_random", "a.w_0", min=-0.02, max=0.02, diag_num=0), RandomUniform(-FIFTIETH, FIFTIETH)),
    (draw("truncated_gaussian_random", "a.w_0", mean=0.0, std=0.02), TruncatedNormal(ZERO, FIFTIETH)),
]


@pytest.mark.parametrize(("op", "law"), LAWS, ids=[op[0] for op, _ in LAWS])
def test_an_operator_is_what_it_draws(op: Op, law: Any) -> None:
    found = start(op)
    assert found.model.version == (2, 6, 2)
    assert detect("renamed", data(program([op], {"a.w_0": (30, 40)}))).name == "paddle"
    layer, weight = weights(found)["a.w_0"]
    assert (layer.kind, weight.shape) == ("parameter", (30, 40))
    assert equal(weight.initializer, law)
    assert found.diagnostics == ()


TRUNCATED = [(1008005, {}, 2), (2006002, {}, 2), (3003001, {"a": -2.0, "b": 2.0}, 100), (3003001, {}, 100)]


@pytest.mark.parametrize(("version", "bounds", "deviations"), TRUNCATED)
def test_where_a_normal_is_cut_depends_on_the_version(version: int, bounds: Any, deviations: int) -> None:
    op = draw("truncated_gaussian_random", "a.w_0", mean=0.0, std=0.02, **bounds)
    (_, weight) = weights(start(op, version))["a.w_0"]
    assert equal(weight.initializer, TruncatedNormal(ZERO, FIFTIETH, Scalar.of(deviations)))


@pytest.mark.parametrize("version", [0, 3000000, 2007000])
def test_a_version_that_decides_and_is_not_known_is_asked_for(version: int) -> None:
    op = draw("truncated_gaussian_random", "a.w_0", mean=0.0, std=0.02)
    found = start(op, version)
    assert isinstance(weights(found)["a.w_0"][1].initializer, Unsupported)
    assert [item.code for item in found.diagnostics] == [Code.NEEDS_VERSION]
    assert start(op, version, stated="2.6.2").diagnostics == ()
    assert start(draw("gaussian_random", "a.w_0", std=0.5), version).diagnostics == ()


def test_a_normal_that_is_cut_unevenly_is_refused() -> None:
    op = draw("truncated_gaussian_random", "a.w_0", mean=1.0, std=2.0, a=-2.0, b=2.0)
    assert "cut unevenly" in start(op, 3003001).diagnostics[0].detail


@pytest.mark.parametrize("parameters", [True, False], ids=["marked", "not marked"])
def test_what_is_an_optimizers_is_left_out(parameters: bool) -> None:
    names = ["a.w_0", "a.w_0_moment1_0", "learning_rate_0", "step"]
    ops = [draw("fill_constant", name, value=0.5) for name in names]
    found = read(data(program(ops, dict.fromkeys(names, (3,)), parameters=parameters)), path="startup_program")
    assert list(weights(found)) == ["a.w_0"]


def test_the_last_operator_that_writes_a_variable_decides() -> None:
    ops = [draw("fill_constant", "a.w_0", value=1.0), draw("gaussian_random", "a.w_0", std=0.5)]
    (_, weight) = weights(read(data(program(ops, {"a.w_0": (3,)})), path="startup_program"))["a.w_0"]
    assert isinstance(weight.initializer, RandomNormal)


def test_weights_that_lie_side_by_side_keep_their_draws() -> None:
    copy: Op = ("coalesce_tensor", {"Input": ["a.w_0"]}, {"Output": ["a.w_0"], "FusedOutput": ["flat"]}, {})
    ops = [draw("uniform_random", "a.w_0"), draw("fill_constant", "flat"), copy]
    found = read(data(program(ops, {"a.w_0": (3,), "flat": (12,)})), path="startup_program")
    assert {name: type(weight.initializer) for name, (_, weight) in weights(found).items()} == {"a.w_0": RandomUniform}


REFUSED = [
    (draw("assign_value", "a.w_0"), "the values are given"),
    (("scale", {"X": ["q"]}, {"Out": ["a.w_0"]}, {}), "the program works it out with `scale`"),
    (("gaussian_random", {"ShapeTensor": ["s"]}, {"Out": ["a.w_0"]}, {}), "its shape is that of another tensor"),
    (draw("gaussian_random", "a.w_0", std=float("nan")), "not finite"),
    (draw("uniform_random", "a.w_0", diag_num=3), "on a diagonal"),
]


@pytest.mark.parametrize(("op", "detail"), REFUSED, ids=[detail for _, detail in REFUSED])
def test_refused(op: Op, detail: str) -> None:
    found = start(op)
    assert isinstance(weights(found)["a.w_0"][1].initializer, Unsupported)
    assert detail in found.diagnostics[0].detail


KINDS = [
    ("conv2d", "Filter", (8, 3, 5, 5), "conv", {"out": 8, "in": 3}),
    ("conv2d_transpose", "Filter", (8, 3, 5, 5), "conv_transpose", {"in": 8, "out": 3}),
    ("mul", "Y", (30, 40), "dense", {"in": 30, "out": 40}),
    ("matmul_v2", "Y", (30, 40), "dense", {"in": 30, "out": 40}),
    ("lookup_table_v2", "W", (30, 40), "embedding", {"vocabulary": 30, "out": 40}),
    ("batch_norm", "Scale", (8,), "batch_norm", {"length": 8}),
    ("layer_norm", "Scale", (8,), "normalization", {"length": 8}),
    ("prelu", "Alpha", (8,), "prelu", {"length": 8}),
]


@pytest.mark.parametrize(("kind", "slot", "shape", "expected", "dims"), KINDS, ids=[row[0] for row in KINDS])
def test_the_main_program_shows_the_axes(
    kind: str, slot: str, shape: tuple[int, ...], expected: str, dims: dict[str, int]
) -> None:
    draws = [draw("uniform_random", "a.w_0"), draw("fill_constant", "a.b_0")]
    begun = data(program(draws, {"a.w_0": shape, "a.b_0": (8,)}))
    ops: list[Op] = [
        (kind, {"X": ["x"], slot: ["a.w_0"], **({} if slot == "Scale" else {"Bias": []})}, {"Output": ["y"]}, {}),
        ("reshape2", {"X": ["a.b_0"]}, {"Out": ["r"]}, {}),
        ("elementwise_add", {"X": ["y"], "Y": ["r"]}, {"Out": ["z"]}, {}),
    ]
    beside = {"startup_program": begun, "main_program": data(program(ops, {"a.w_0": shape, "a.b_0": (8,)}))}
    found = weights(read(begun, path="startup_program", read_file=beside.get))
    layer, weight = found["a.w_0"]

    assert layer.kind == expected
    assert dims.items() <= dict(weight.dims).items()
    if slot in ("Filter", "Y"):
        assert found["a.b_0"][0].name == layer.name == "a"
        assert found["a.b_0"][1].role == "bias"


def test_a_program_that_starts_nothing_is_refused_with_what_to_bring() -> None:
    ops: list[Op] = [
        ("mul", {"X": ["x"], "Y": ["a.w_0"]}, {"Out": ["y"]}, {}),
        ("sgd", {"Param": ["a.w_0"]}, {"ParamOut": ["a.w_0"]}, {}),
    ]
    with pytest.raises(InputError, match="save the startup program"):
        read(data(program(ops, {"a.w_0": (3, 4)})), path="__model__")


@pytest.mark.parametrize("cut", [1, 20])
def test_damaged(cut: int) -> None:
    whole = data(program([draw("uniform_random", "a.w_0")], {"a.w_0": (3, 4)}))
    with pytest.raises(InputError, match="cut short"):
        read(whole[:-cut] + b"\xff", path="startup_program", source="paddle")


@pytest.mark.parametrize("target", ["torch", "keras", "flax-nnx"])
def test_converts(target: str) -> None:
    begun = data(program([draw("gaussian_random", "a.w_0", std=0.02)], {"a.w_0": (3, 4)}))
    main = data(program([("mul", {"X": ["x"], "Y": ["a.w_0"]}, {"Out": ["y"]}, {})], {"a.w_0": (3, 4)}))
    beside = {"main_program": main}
    text = convert(begun, path="startup_program", target=target, read_file=beside.get).text
    assert text is not None
    assert "0.02" in text
    assert "PaddlePaddle 2.6.2" in text
    compile(text, "init.py", "exec")


def test_a_parameter_that_only_an_inner_block_starts_is_named() -> None:
    built = program([draw("gaussian_random", "w", std=0.02)], {"w": (3, 4), "never": (5,)})
    inner = program([draw("gaussian_random", "inner_w", std=0.02)], {"inner_w": (3, 4)}).blocks[0]
    built.blocks.add().CopyFrom(inner)
    found = convert(data(built), path="startup_program")
    assert [item.detail.partition(":")[0] for item in found.diagnostics] == ["'never' parameter", "'inner_w' parameter"]
    assert "an inner one may not run" in found.diagnostics[0].detail
