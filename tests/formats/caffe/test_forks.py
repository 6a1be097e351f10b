"""Layers of forks, and of no Caffe that is known: read by what tells the fork, or reported, never passed over."""

import pytest

from initport.conversion import read
from initport.diagnostics import Code
from initport.ir.initializers import Constant, Initializer, RandomNormal, Unsupported, VarianceScaling
from initport.ir.scalar import Scalar
from initport.ir.weights import Role

INPUT = 'layer { name: "d" type: "Input" top: "d" input_param { shape { dim: 1 dim: 3 dim: 9 dim: 9 } } }\n'


def layer(kind: str, body: str = "", name: str = "a", bottoms: str = 'bottom: "d"') -> str:
    return f'layer {{ name: "{name}" type: "{kind}" {bottoms} top: "{name}" {body} }}\n'


def constant(value: int) -> Constant:
    return Constant(Scalar.of(value))


def weights(text: str) -> dict[Role, Initializer]:
    return {
        weight.role: weight.initializer for layer in read(text, path="net").model.layers for weight in layer.weights
    }


def codes(text: str) -> list[tuple[str, str]]:
    return [(item.code.code, item.detail) for item in read(text, path="net").diagnostics]


ONE, TENTH = 'filler { type: "constant" value: 1 }', 'filler { type: "gaussian" std: 0.1 }'
STATISTICS = {Role.MOVING_MEAN, Role.MOVING_VARIANCE, Role.MOVING_WEIGHT}
NORMAL = RandomNormal(Scalar.of(0), Scalar.of(1) / Scalar.of(10))


@pytest.mark.parametrize(
    ("kind", "body", "gamma", "beta", "fork"),
    [
        ("BatchNorm", "", None, None, None),
        ("BatchNorm", "batch_norm_param { scale_bias: false }", None, None, None),
        ("BatchNorm", "batch_norm_param { scale_bias: true }", constant(1), constant(0), "NVIDIA"),
        (
            "BatchNorm",
            f"batch_norm_param {{ scale_bias: true scale_{TENTH} bias_{ONE} }}",
            NORMAL,
            constant(1),
            "NVIDIA",
        ),
        ("BatchNorm", f"batch_norm_param {{ scale_{TENTH} }}", NORMAL, constant(0), "NVIDIA"),
        ("BatchNorm", f"batch_norm_param {{ scale_{TENTH} shift_{ONE} }}", NORMAL, constant(1), "Intel"),
        ("BatchNorm", f"batch_norm_param {{ shift_{TENTH} }}", constant(1), NORMAL, "Intel"),
        ("BatchNorm", "batch_norm_param { use_weight_bias: true }", constant(1), constant(0), "Intel"),
        ("BatchNorm", f"batch_norm_param {{ {TENTH} bias_term: false }}", NORMAL, None, "Intel"),
        ("BatchNorm", f"batch_norm_param {{ {TENTH} use_weight_bias: false }}", None, None, "Intel"),
        ("BatchNorm", f"batch_norm_param {{ bias_{ONE} use_weight_bias: false }}", None, None, "Intel"),
        ("BatchNorm", f"batch_norm_param {{ {TENTH} }}", NORMAL, constant(0), "Intel"),
        ("BatchNorm", f"batch_norm_param {{ bias_{ONE} }}", constant(1), constant(1), "Intel"),
        ("BN", f"bn_param {{ scale_{ONE} shift_{TENTH} }}", constant(1), NORMAL, "SegNet"),
        ("BN", f"bn_param {{ slope_{ONE} bias_{TENTH} }}", constant(1), NORMAL, "yjxiong"),
        ("BN", f"bn_param {{ slope_{ONE} }}", constant(1), constant(0), "yjxiong"),
    ],
)
def test_batch_normalization_of_forks(
    kind: str, body: str, gamma: Initializer | None, beta: Initializer | None, fork: str | None
) -> None:
    text = INPUT + layer(kind, body)
    found = weights(text)
    assert (found.get(Role.GAMMA), found.get(Role.BETA)) == (gamma, beta)
    assert set(found) - {Role.GAMMA, Role.BETA} == (
        STATISTICS if kind == "BatchNorm" else STATISTICS - {Role.MOVING_WEIGHT} if fork == "yjxiong" else set()
    )
    assert not any(code == "IP403" for code, _ in codes(text))
    assumed = [detail for code, detail in codes(text) if code == "IP301"]
    assert len(assumed) == (fork is not None)
    assert fork is None or fork in assumed[0]
    unread = ["IP402"] if "use_weight_bias: false" in body else []
    assert [code for code, _ in codes(text) if code in ("IP206", "IP402")] == unread


@pytest.mark.parametrize(
    ("body", "role", "value"),
    [
        ("BatchNorm batch_norm_param { }", Role.MOVING_WEIGHT, 0),
        ("BatchNorm batch_norm_param { scale_bias: true }", Role.MOVING_WEIGHT, 1),
        (f"BN bn_param {{ slope_{ONE} }}", Role.MOVING_VARIANCE, 0),
        (f"BN bn_param {{ slope_{ONE} frozen: false }}", Role.MOVING_VARIANCE, 0),
        (f"BN bn_param {{ slope_{ONE} frozen: true }}", Role.MOVING_VARIANCE, 1),
    ],
)
def test_statistics_of_forks(body: str, role: Role, value: int) -> None:
    kind, _, message = body.partition(" ")
    assert weights(INPUT + layer(kind, message))[role] == constant(value)


def test_every_blob_of_a_fork_may_have_its_param() -> None:
    """As the networks of PSPNet give them."""
    four = "param { lr_mult: 1 } param { lr_mult: 1 } param { lr_mult: 0 } param { lr_mult: 0 }"
    text = INPUT + layer("BN", f"{four} bn_param {{ slope_{ONE} bias_{TENTH} frozen: true momentum: 0.95 }}")
    assert [code for code, _ in codes(text)] == ["IP301"]


def test_locally_connected_layers() -> None:
    """A filler counts the positions with the inputs: 3 channels, 3 x 3, and 7 x 7 or 4 x 4 positions."""
    fields = 'num_output: 5 kernel_size: 3 weight_filler { type: "xavier" }'
    for more, positions in (("", 49), ("stride: 2 pad: 1 bias_term: true", 25)):
        (found,) = read(INPUT + layer("Local", f"local_param {{ {fields} {more} }}"), path="net").model.layers
        kernel, bias = found.weights
        assert (kernel.shape, bias.shape) == ((5, 1, 27, positions), (1, 1, 5, positions))
        assert isinstance(kernel.initializer, VarianceScaling)
        assert kernel.initializer.fan.evaluate(kernel.dims) == 27 * positions
        assert bias.initializer == constant(0)
    assert set(weights(INPUT + layer("Local", f"local_param {{ {fields} bias_term: false }}"))) == {Role.KERNEL}
    assert [code for code, _ in codes(INPUT + layer("Local", f"local_param {{ {fields} }}"))] == ["IP301"]


@pytest.mark.parametrize("kind", ["local", "bn"])
def test_fillers_of_types_of_forks_in_the_oldest_format(kind: str) -> None:
    inner = f'layer {{ name: "a" type: "{kind}" num_output: 3 weight_{ONE} bias_filler {{ type: "xavier" }} }}'
    text = f'layers {{ bottom: "d" top: "a" {inner} }}'
    (found,) = read(text, path="net").model.layers
    first = found.weights[0]
    assert (first.setting, first.initializer) == ("weight_filler", constant(1))
    assert [code for code, _ in codes(text)] == ["IP203"]


def test_a_field_that_is_read_is_not_called_skipped() -> None:
    assert [code for code, _ in codes(INPUT + layer("BatchNorm", "batch_norm_param { scale_bias: true }"))] == ["IP301"]
    found = codes(INPUT + layer("BatchNorm", "batch_norm_param { other: true }"))
    assert [code for code, _ in found] == ["IP403"]


def test_parameters_that_are_filled() -> None:
    text = layer("Parameter", f"parameter_param {{ shape {{ dim: 3 dim: 4 }} blob_{TENTH} }}", bottoms="")
    assert weights(text) == {Role.PARAMETER: NORMAL}
    assert "NormFace" in codes(text)[0][1]
    plain = layer("Parameter", "parameter_param { shape { dim: 3 } }", bottoms="")
    assert weights(plain) == {Role.PARAMETER: constant(0)}


def test_an_inner_product_of_two_bottoms() -> None:
    two = 'bottom: "d" bottom: "w"'
    assert set(weights(INPUT + layer("InnerProduct", "inner_product_param { num_output: 3 }"))) == {
        Role.KERNEL,
        Role.BIAS,
    }
    body = "inner_product_param { num_output: 3 bias_term: false }"
    assert weights(INPUT + layer("InnerProduct", body, bottoms=two)) == {}
    biased = INPUT + layer("InnerProduct", f"inner_product_param {{ num_output: 3 bias_{ONE} }}", bottoms=two)
    assert weights(biased) == {Role.BIAS: constant(1)}
    ((code, said),) = codes(biased)
    assert code == "IP301"
    assert "NormFace's, where the second bottom is the weight, and its rows are as many as the bias is long" in said
    three = INPUT + layer("InnerProduct", "inner_product_param { num_output: 3 }", bottoms=f'{two} bottom: "b"')
    assert weights(three) == {}


@pytest.mark.parametrize("body", ["type: 1", 'value: "x"', "type { }"])
@pytest.mark.parametrize(
    ("kind", "message", "name"),
    [
        ("BN", "bn_param", "slope_filler"),
        ("Mine", "mine_param", "weight_filler"),
        ("BatchNorm", "batch_norm_param", "filler"),
        ("Convolution", "mine_param", "weight_filler"),
    ],
)
def test_a_filler_that_is_none_of_caffes(kind: str, message: str, name: str, body: str) -> None:
    found = codes(INPUT + layer(kind, f"{message} {{ {name} {{ {body} }} }} convolution_param {{ num_output: 1 }}"))
    assert any(code in ("IP202", "IP206") for code, _ in found)


@pytest.mark.parametrize(
    ("kind", "nearest"),
    [
        ("Convolutoin", "'Convolution'"),
        ("PReLu", "'PReLU'"),
        ("PRELU", "'PReLU'"),
        ("Batchnorm", "'BatchNorm'"),
        ("TransformerBlock", None),
        ("InnerProduct2D", None),
    ],
)
@pytest.mark.parametrize("body", ["", "convolution_param { num_output: 3 kernel_size: 3 }", "mine_param { size: 3 }"])
def test_a_type_that_nobody_knows_is_reported(kind: str, nearest: str | None, body: str) -> None:
    text = INPUT + layer(kind, body) + layer("ReLU", name="r") + layer(kind, body, name="b")
    (detail,) = [detail for code, detail in codes(text) if code == "IP207"]
    assert detail.startswith(f"'a' (and 1 more layer): {kind!r} is not a layer type that is known")
    assert (f"did you mean {nearest}?" in detail) if nearest else ("did you mean" not in detail)


@pytest.mark.parametrize("kind", ["ReLU", "ROIPooling", "Permute", "PriorBox", "Interp"])
def test_layers_without_weights_are_no_finding(kind: str) -> None:
    assert not any(code == "IP207" for code, _ in codes(INPUT + layer(kind)))


def test_bn_without_fillers_tells_no_fork() -> None:
    ((code, detail),) = codes(INPUT + layer("BN"))
    assert code == "IP207"
    assert "several forks" in detail


@pytest.mark.parametrize(
    "text",
    [
        'layers { name: "a" type: PRELU bottom: "d" top: "a" }',
        'layers { bottom: "d" top: "a" layer { name: "a" type: "prelu" } }',
    ],
)
def test_types_of_forks_in_the_old_formats(text: str) -> None:
    (detail,) = [detail for code, detail in codes(text) if code == "IP207"]
    assert "did you mean 'PReLU'?" in detail


def test_fillers_that_are_not_looked_at_are_reported_once_a_type_and_field() -> None:
    body = 'inner_product_param { weight_filler { type: "xavier" } }'
    text = INPUT + "".join(layer("ReLU", body, name=f"r{index}") for index in range(5)) + layer("TanH", body, name="t")
    assert [detail for code, detail in codes(text) if code == "IP402"] == [
        "'r0' (and 4 more layers): layers of type ReLU do not look at inner_product_param.weight_filler",
        "'t': layers of type TanH do not look at inner_product_param.weight_filler",
    ]


def test_a_stray_filler_is_sent_only_where_there_is_a_place() -> None:
    stray = 'weight_filler { type: "xavier" }'
    conv = INPUT + layer("Convolution", f"{stray} convolution_param {{ num_output: 1 kernel_size: 1 }}")
    assert "put it in `convolution_param`" in codes(conv)[0][1]
    norm = INPUT + layer("PReLU", f"prelu_param {{ {stray} }}")
    assert "initialize its weights yourself" in codes(norm)[0][1]


@pytest.mark.parametrize(
    ("name", "suggested"),
    [("Xavier", "xavier"), ("guassian", "gaussian"), ("gaussian_unitball", None), ("unitball", None), ("he", None)],
)
def test_only_names_of_the_same_law_are_suggested(name: str, suggested: str | None) -> None:
    text = INPUT + layer("InnerProduct", f'inner_product_param {{ num_output: 2 weight_filler {{ type: "{name}" }} }}')
    ((code, detail),) = codes(text)
    assert code == Code.UNKNOWN_INITIALIZER.code
    assert (f"did you mean {suggested!r}?" in detail) if suggested else ("did you mean" not in detail)


def test_layers_that_are_rejected_for_one_reason_are_reported_once() -> None:
    stray = 'weight_filler { type: "xavier" }'
    text = INPUT + "".join(layer("PReLU", f"prelu_param {{ {stray} }}", name=name) for name in ("a", "b", "c"))
    text += layer("Convolution", f"{stray} convolution_param {{ num_output: 1 kernel_size: 1 }}", name="e")
    text += layer("Convolution", "convolution_param { kernel_size: 1 }", name="f")
    assert [detail.partition(": ")[0] for code, detail in codes(text) if code == "IP206"] == [
        "'a' (and 2 more layers)",
        "'e'",
        "'f'",
    ]
    model = read(text, path="net").model
    assert all(isinstance(item.initializer, Unsupported) for layer in model.layers for item in layer.weights)
