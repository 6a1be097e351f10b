"""Init nets of Caffe2 against what the Caffe2 in PyTorch 1.1.0 and 1.10.2 draws."""

from typing import Any

import pytest

from initport.conversion import convert, read
from initport.diagnostics import Code, InputError
from initport.formats.caffe2.net_def import _net_class
from initport.formats.index import detect
from initport.ir.initializers import Unsupported
from initport.ir.model import Weight
from initport.ir.moments import moments
from initport.verify.stub_shapes import complete

Op = tuple[str, str, tuple[int, ...], dict[str, Any]]
Reader = tuple[str, list[str], dict[str, Any]]


def net(ops: list[Op], readers: list[Reader] = ()) -> Any:  # type: ignore[assignment]
    """Filling operators (type, output, shape, arguments), and operators that read (type, inputs, arguments)."""
    result = _net_class()(name="net")
    for kind, output, shape, arguments in ops:
        op = result.op.add(type=kind, output=[output])
        op.arg.add(name="shape").ints.extend(shape)
        _give(op, arguments)
    for kind, inputs, arguments in readers:
        _give(result.op.add(type=kind, input=inputs, output=[f"{kind}_out"]), arguments)
    return result


def _give(op: Any, arguments: dict[str, Any]) -> None:
    for name, value in arguments.items():
        arg = op.arg.add(name=name)
        match value:
            case int():
                arg.i = value
            case float():
                arg.f = value
            case str():
                arg.s = value.encode()


def weights(data: bytes, path: str = "init_net.pb", beside: dict[str, bytes] | None = None) -> dict[str, Weight]:
    model = read(data, path=path, read_file=(beside or {}).get).model
    return {weight.location.key or "": weight for layer in model.layers for weight in layer.weights}


MEASURED: list[tuple[str, tuple[int, ...], dict[str, Any], float]] = [
    ("XavierFill", (40, 12, 5, 5), {}, 0.00333432),
    ("XavierFill", (200, 300), {}, 0.00333351),
    ("XavierFill", (300,), {}, 0.99932674),
    ("XavierFill", (40, 5, 5, 12), {}, 0.00333415),
    ("XavierFill", (12, 40, 5, 5), {}, 0.00099980),
    ("XavierFill", (48, 3, 5, 5), {}, 0.01333628),
    ("XavierFill", (400, 100), {}, 0.00999649),
    ("MSRAFill", (40, 12, 5, 5), {}, 0.00199869),
    ("MSRAFill", (200, 300), {}, 0.00998923),
    ("MSRAFill", (40, 5, 5, 12), {}, 0.00083262),
    ("MSRAFill", (12, 40, 5, 5), {}, 0.00666468),
    ("MSRAFill", (48, 3, 5, 5), {}, 0.00166634),
    ("GaussianFill", (40, 12, 5, 5), {}, 0.998418),
    ("GaussianFill", (40, 30), {"std": 0.02}, 0.0004),
    ("UniformFill", (40, 12, 5, 5), {}, 0.0833299),
    ("UniformFill", (40, 12, 5, 5), {"min": -0.1, "max": 0.1}, 0.00333091),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "shape", "arguments", "variance"), MEASURED)
def test_starts_as_measured(kind: str, shape: tuple[int, ...], arguments: dict[str, Any], variance: float) -> None:
    weight = weights(net([(kind, "w", shape, arguments)]).SerializeToString())["w"]
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    assert truth.variance == pytest.approx(variance, rel=0.01)


NHWC = [("XavierFill", "Conv", 0.00333415), ("MSRAFill", "Conv", 0.00083262)]


@pytest.mark.parametrize(("kind", "op", "variance"), NHWC)
def test_channels_last_changes_the_fans(kind: str, op: str, variance: float) -> None:
    data = net([(kind, "c_w", (40, 5, 5, 12), {})], [(op, ["x", "c_w"], {"order": "NHWC"})]).SerializeToString()
    weight = weights(data)["c_w"]
    assert weight.role == "kernel"
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    assert truth.variance == pytest.approx(variance, rel=0.01)
    for target in ("torch", "keras"):
        assert convert(data, path="init_net.pb", target=target).exit_code == 0


@pytest.mark.parametrize(("arguments", "value"), [({}, 0), ({"value": 0.1}, 0.1), ({"value": 1.0}, 1)])
def test_constants(arguments: dict[str, Any], value: float) -> None:
    weight = weights(net([("ConstantFill", "w", (5,), arguments)]).SerializeToString())["w"]
    truth = moments(weight.initializer, complete(weight))
    assert truth is not None
    assert truth.mean == pytest.approx(value)
    assert truth.variance == 0
    assert float(weight.source.partition("=")[2].rstrip(")") or 0) == value


PREDICT: list[tuple[str, list[str], dict[str, Any], dict[str, str]]] = [
    ("FC", ["x", "a_w", "a_b"], {}, {"a_w": "out, in", "a_b": "out"}),
    ("Conv", ["x", "a_w", "a_b"], {}, {"a_w": "out, in / groups, *kernel", "a_b": "out"}),
    ("Conv", ["x", "a_w", "a_b"], {"order": "NHWC"}, {"a_w": "out, *kernel, in / groups"}),
    ("ConvTranspose", ["x", "a_w", "a_b"], {}, {"a_w": "in, out / groups, *kernel"}),
    ("ConvTranspose", ["x", "a_w"], {"order": "NHWC"}, {"a_w": "in, *kernel, out / groups"}),
]


@pytest.mark.parametrize(("kind", "inputs", "arguments", "layouts"), PREDICT)
def test_the_net_beside_tells_the_axes(
    kind: str, inputs: list[str], arguments: dict[str, Any], layouts: dict[str, str]
) -> None:
    from initport.grammar.layout import parse_layout

    shape = (40, 12) if kind == "FC" else (40, 12, 5, 5)
    fills: list[Op] = [("XavierFill", "a_w", shape, {}), ("ConstantFill", "a_b", (40,), {})]
    beside = {"predict_net.pb": net([], [(kind, inputs, arguments)]).SerializeToString()}
    data = net(fills).SerializeToString()
    found = weights(data, beside=beside)
    assert {name: found[name].layout for name in layouts} == {
        name: parse_layout(text) for name, text in layouts.items()
    }
    names = {layer.name for layer in read(data, path="init_net.pb", read_file=beside.get).model.layers}
    assert "a" in names
    assert {str(weight.layout) for weight in weights(data).values()} != {str(w.layout) for w in found.values()}


def test_groups_and_norms_are_read() -> None:
    fills: list[Op] = [
        ("MSRAFill", "g_w", (24, 4, 3, 3), {}), ("ConstantFill", "g_b", (24,), {}),
        ("ConstantFill", "bn_s", (24,), {"value": 1.0}), ("ConstantFill", "bn_b", (24,), {}),
        ("ConstantFill", "bn_rm", (24,), {}), ("ConstantFill", "bn_riv", (24,), {"value": 1.0}),
    ]  # fmt: skip
    readers: list[Reader] = [
        ("Conv", ["x", "g_w", "g_b"], {"group": 4}),
        ("SpatialBN", ["y", "bn_s", "bn_b", "bn_rm", "bn_riv"], {}),
    ]
    model = read(net(fills, readers).SerializeToString(), path="net.pb").model
    assert [(layer.name, layer.kind) for layer in model.layers] == [("g", "conv"), ("bn", "normalization")]
    assert model.layers[0].weights[0].dims == {"groups": 4, "out": 24, "in": 16, "height": 3, "kernel": 9}


def test_a_parameter_that_two_layers_read_is_shared() -> None:
    readers: list[Reader] = [("FC", ["x", "a_w", "a_b"], {}), ("FC", ["y", "a_w", "a_b"], {})]
    fills: list[Op] = [("XavierFill", "a_w", (4, 3), {}), ("ConstantFill", "a_b", (4,), {})]
    result = convert(net(fills, readers).SerializeToString(), path="net.pb")
    assert [item.code for item in result.diagnostics] == [Code.SHARED, Code.SHARED]


REFUSED: list[tuple[Op, str]] = [
    (("GivenTensorFill", "w", (4,), {}), "bring the net that the training script made before it ran"),
    (("UniqueUniformFill", "w", (4,), {"min": 0, "max": 1000}), "integers are drawn without replacement"),
    (("MSRAFill", "w", (4,), {}), "second size"),
    (("GaussianFill", "w", (4,), {"mean": 1}), "the argument is not a float"),
    (("UniformFill", "w", (4,), {"min": float("inf")}), "not finite"),
    (("UniformFill", "w", (4,), {"min": "low"}), "the argument is not a number"),
]


@pytest.mark.parametrize(("op", "detail"), REFUSED)
def test_refused(op: Op, detail: str) -> None:
    result = convert(net([op]).SerializeToString(), path="init_net.pb")
    assert result.exit_code == 1
    assert detail in result.diagnostics[0].detail
    assert isinstance(weights(net([op]).SerializeToString())["w"].initializer, Unsupported)


@pytest.mark.parametrize("arguments", [{"dtype": 10}, {"value": 1}, {"dtype": 2, "value": 1}])
def test_counters_are_no_weights(arguments: dict[str, Any]) -> None:
    """A constant without a type has the type of its value: Caffe2 makes an int64 tensor of an integer."""
    with pytest.raises(InputError) as caught:
        weights(net([("ConstantFill", "iter", (1,), arguments)]).SerializeToString())
    assert caught.value.diagnostic.code is Code.NO_NETWORK


def test_an_argument_that_the_operator_does_not_have_is_ignored_and_reported() -> None:
    """Measured: MSRAFill(std=0.001) of (300, 200) draws a deviation of 0.0814. Detectron passes it in its heads."""
    result = convert(net([("MSRAFill", "w", (300, 200), {"std": 0.001})]).SerializeToString(), path="init_net.pb")
    assert [(item.code, item.detail) for item in result.diagnostics] == [
        (Code.IGNORED_FIELD, "'w': MSRAFill has no argument 'std', and Caffe2 ignores it")
    ]
    weight = weights(net([("MSRAFill", "w", (300, 200), {"std": 0.001})]).SerializeToString())["w"]
    truth = moments(weight.initializer, weight.dims)
    assert truth is not None
    assert truth.variance == pytest.approx(2 / 300)


def like(of: str, **arguments: Any) -> Any:
    """An init net whose second operator fills ``s`` with the shape of another tensor."""
    result = net([("XavierFill", "w", (4, 3), {}), ("ConstantFill", "s", (7,), {"value": 1.0})])
    op = result.op.add(type="ConstantFill", input=[of], output=["s"])
    _give(op, {"value": 0.5})
    for name, sizes in arguments.items():
        op.arg.add(name=name).ints.extend(sizes)
    return result.SerializeToString()


LIKE: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("s", {}, (7,)),
    ("w", {}, (4, 3)),
    ("w", {"extra_shape": [2]}, (4, 3, 2)),
]


@pytest.mark.parametrize(("of", "arguments", "shape"), LIKE)
def test_a_shape_may_be_that_of_another_parameter(of: str, arguments: dict[str, Any], shape: tuple[int, ...]) -> None:
    """The last operator that fills a parameter decides, as in nets whose blocks' last normalizations start at zero."""
    weight = weights(like(of, **arguments))["s"]
    assert weight.shape == shape
    truth = moments(weight.initializer, weight.dims)
    assert truth is not None
    assert (truth.mean, truth.variance) == (0.5, 0)


@pytest.mark.parametrize(
    ("data", "detail"),
    [(like("unknown"), "its shape is that of another tensor"), (like("w", shape=[7]), "both an input and a `shape`")],
)
def test_a_shape_that_is_not_known_is_refused(data: bytes, detail: str) -> None:
    result = convert(data, path="init_net.pb")
    assert result.exit_code == 1
    assert detail in result.diagnostics[0].detail


def test_a_net_within_an_operator_tells_the_axes() -> None:
    result = net([("XavierFill", "lstm/gates_t_w", (40, 10), {}), ("ConstantFill", "lstm/gates_t_b", (40,), {})])
    inner = net([], [("FC", ["lstm/hidden", "lstm/gates_t_w", "lstm/gates_t_b"], {})])
    result.op.add(type="RecurrentNetwork", input=["x"], output=["y"]).arg.add(name="step_net").n.CopyFrom(inner)
    model = read(result.SerializeToString(), path="net.pb").model
    assert [(layer.name, layer.kind, len(layer.weights)) for layer in model.layers] == [("lstm/gates_t", "dense", 2)]


def test_what_a_layer_reads_and_no_operator_fills_is_named() -> None:
    fills = net([("XavierFill", "a_w_fp32", (4, 3), {}), ("ConstantFill", "a_b", (4,), {}),
                 ("XavierFill", "b_w0", (4, 3), {})])  # fmt: skip
    fills.op.add(type="FloatToHalf", input=["a_w_fp32"], output=["a_w"])
    fills.op.add(type="Scale", input=["b_w0"], output=["b_w"])
    readers: list[Reader] = [
        ("FC", ["x", "a_w", "a_b"], {}), ("FC", ["y", "b_w", "b_b"], {}), ("FC", ["z", "FC_out"], {}),
    ]  # fmt: skip
    beside = {"predict_net.pb": net([], readers).SerializeToString()}
    result = convert(fills.SerializeToString(), path="init_net.pb", read_file=beside.get)
    assert [item.detail for item in result.diagnostics] == [
        "'b' kernel: the net works it out with Scale; initialize it yourself",
        "'b' bias: FC reads it as a weight, and no operator fills it; initialize it yourself",
    ]
    assert result.text is not None
    assert '("a", "weight"): lambda' in result.text
    assert [layer.name for layer in read(fills.SerializeToString(), path="net.pb").model.layers] == [
        "a_w_fp32",
        "a_b",
        "b_w0",
    ]


def test_text_and_binary_are_the_same() -> None:
    from google.protobuf import text_format

    message = net([("XavierFill", "w", (40, 30), {}), ("GaussianFill", "v", (4,), {"std": 0.02})])
    binary, text = message.SerializeToString(), text_format.MessageToString(message).encode()
    for data in (binary, text):
        assert detect("renamed", data).name == "caffe2"
    assert [weight[:4] for weight in weights(text).values()] == [weight[:4] for weight in weights(binary).values()]


@pytest.mark.parametrize("cut", [1, 9])
def test_damaged(cut: int) -> None:
    data = net([("XavierFill", "w", (40, 30), {})] * 3).SerializeToString()
    with pytest.raises(InputError):
        weights(data[:-cut])


@pytest.mark.parametrize("target", ["torch", "keras"])
def test_converts(target: str) -> None:
    fills: list[Op] = [("MSRAFill", "a_w", (40, 12, 3, 3), {}), ("ConstantFill", "a_b", (40,), {})]
    data = net(fills, [("Conv", ["x", "a_w", "a_b"], {})]).SerializeToString()
    text = convert(data, path="init_net.pb", target=target).text
    assert text is not None
    compile(text, "init.py", "exec")


def test_a_name_that_is_no_text_is_refused() -> None:
    data = net([("XavierFill", "name", (8, 8), {})]).SerializeToString().replace(b"name", b"\xff\xfe\xfd\xfc")
    with pytest.raises(InputError, match="cut short or damaged"):
        read(data, path="init_net.pb", source="caffe2")


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 3, 5, 5)])
@pytest.mark.parametrize("filler", ["XavierFill", "MSRAFill", "ConstantFill"])
def test_a_weight_of_no_elements(filler: str, shape: tuple[int, ...]) -> None:
    result = convert(net([(filler, "w", shape, {})]).SerializeToString(), path="init_net.pb")
    assert result.text is not None
    compile(result.text, "init.py", "exec")
    refused = [item.detail for item in result.diagnostics if item.code is Code.UNKNOWN_SHAPE]
    assert all("a size of the weight is 0" in detail for detail in refused)
    assert len(refused) <= (filler != "ConstantFill")


def test_fans_of_no_elements_are_refused() -> None:
    found = [convert(net([("XavierFill", "w", shape, {})]).SerializeToString(), path="init_net.pb").diagnostics
             for shape in ((0, 3), (3, 0))]  # fmt: skip
    assert any("a size of the weight is 0" in item.detail for items in found for item in items)


def test_a_parameter_that_the_net_changes_in_place_is_refused() -> None:
    result = net([("XavierFill", "a_w", (4, 3), {}), ("XavierFill", "b_w", (4, 3), {})])
    result.op.add(type="Scale", input=["a_w"], output=["a_w"])
    result.op.add(type="WeightedSum", input=["b_w", "gradient"], output=["b_w"])  # a step of training
    found = convert(result.SerializeToString(), path="init_net.pb")
    assert [item.detail for item in found.diagnostics] == [
        "'a_w' parameter: the net works it out with Scale; initialize it yourself"
    ]
