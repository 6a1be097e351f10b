"""`init_weights` of emitted modules on models that differ from the source: reported before anything changes."""

import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import torch
from torch import nn

from initport.conversion import convert
from initport.formats.read_options import Options
from initport.grammar.versions import Versions

NET = """
name: "Net"
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 64 kernel_size: 3 pad: 1 weight_filler { type: "xavier" } } }
layer { name: "up" type: "Deconvolution" bottom: "conv1" top: "up"
  convolution_param { num_output: 8 kernel_size: 4 stride: 2 weight_filler { type: "xavier" } } }
layer { name: "fc" type: "InnerProduct" bottom: "up" top: "fc"
  inner_product_param { num_output: 10 weight_filler { type: "msra" } } }
"""
FC = 8 * 18 * 18


def emitted(target: str, net: str = NET) -> dict[str, Any]:
    result = convert(net, path="net.prototxt", target=target)
    assert result.text is not None
    namespace: dict[str, Any] = {}
    exec(compile(result.text, "<emitted>", "exec"), namespace)
    return namespace


TORCH, KERAS = emitted("torch"), emitted("keras")


def torch_model(**other: nn.Module) -> Any:
    own = {"conv1": nn.Conv2d(3, 64, 3), "up": nn.ConvTranspose2d(64, 8, 4), "fc": nn.Linear(FC, 10)}
    return nn.ModuleDict({**own, **other})


def keras_model(**other: keras.Layer) -> keras.Model:
    own: dict[str, keras.Layer] = {
        "conv1": keras.layers.Conv2D(64, 3, padding="same", name="conv1"),
        "up": keras.layers.Conv2DTranspose(8, 4, strides=2, name="up"),
        "fc": keras.layers.Dense(10, name="fc"),
    }
    layers = list({**own, **other}.values())
    return keras.Sequential([*layers[:2], keras.layers.Flatten(), *layers[2:]])


def built(model: keras.Model) -> keras.Model:
    model.build((None, 8, 8, 3))
    return model


def unchanged(model: nn.Module, namespace: dict[str, Any], error: type[Exception], **options: Any) -> str:
    """What `init_weights` raises, having changed nothing."""
    before = [value.detach().clone() for value in model.parameters()]
    with pytest.raises(error) as raised:
        namespace["init_weights"](model, **options)
    after = list(model.parameters())
    assert all(torch.equal(first, second) for first, second in zip(before, after, strict=True))
    return str(raised.value)


def proposed(text: str) -> Any:
    """The `rename` that an error prints."""
    namespace: dict[str, Any] = {}
    exec(text[text.index("rename = {") :], namespace)
    return namespace["rename"]


def test_the_model_that_the_source_describes() -> None:
    model = torch_model()
    assert TORCH["init_weights"](model) == []
    assert float(model["fc"].weight.detach().var()) == pytest.approx(2 / FC, rel=0.05)
    there = built(keras_model())
    there.get_layer("fc").kernel.assign(there.get_layer("fc").kernel * 0)
    assert KERAS["init_weights"](there) == []
    assert np.asarray(keras.ops.convert_to_numpy(there.get_layer("fc").kernel)).var() > 0


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"up": nn.Conv2d(64, 8, 3)}, "up.weight: the source has Deconvolution, which is ConvTranspose1d"),
        ({"up": nn.Linear(64, 8)}, "the model has Linear"),
        ({"up": nn.ConvTranspose2d(64, 8, 3)}, "is (64, 8, 4, 4) in the source (Deconvolution), (64, 8, 3, 3)"),
        ({"up": nn.ConvTranspose1d(64, 8, 4)}, "(64, 8, 4) in the model (ConvTranspose1d)"),
        ({"fc": nn.Linear(FC, 7)}, "(7, 2592) in the model (Linear)"),
        ({"fc": nn.utils.parametrizations.weight_norm(nn.Linear(FC, 10))}, "fc.weight: it is parametrized"),
    ],
)  # fmt: skip
def test_torch_layers_that_differ(other: dict[str, nn.Module], words: str) -> None:
    assert words in unchanged(torch_model(**other), TORCH, ValueError)


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"up": keras.layers.Conv2D(8, 3, name="up")}, "up.kernel: the source has Deconvolution"),
        ({"up": keras.layers.Conv2DTranspose(8, 3, name="up")}, "in the source (Deconvolution), (3, 3, 8, 64)"),
        ({"fc": keras.layers.Dense(7, name="fc")}, "fc.bias: its shape is (10) in the source (InnerProduct), (7)"),
    ],
)  # fmt: skip
def test_keras_layers_that_differ(other: dict[str, keras.Layer], words: str) -> None:
    with pytest.raises(ValueError, match=re.escape(words)):
        KERAS["init_weights"](built(keras_model(**other)))


def test_what_is_checked() -> None:
    seven = torch_model(fc=nn.Linear(FC, 7))
    assert TORCH["init_weights"](seven, check="kind") == []
    convolution = torch_model(up=nn.Conv2d(8, 64, 4))
    assert "Deconvolution" in unchanged(convolution, TORCH, ValueError, check="kind")
    assert TORCH["init_weights"](convolution, check=None) == []
    assert "'size'" in unchanged(seven, TORCH, ValueError, check="size")


def test_swapped_layers_and_two_layers_of_one_name() -> None:
    model = torch_model()
    swapped = unchanged(model, TORCH, ValueError, rename={"conv1": "up", "up": "conv1"})
    assert "up.weight: the source has Convolution" in swapped
    twice = unchanged(model, TORCH, ValueError, rename={"up": "conv1"})
    assert "conv1.weight: 'conv1' and 'up' are renamed to the same" in twice
    with pytest.raises(ValueError, match="'conv1' and 'up' are renamed to the same"):
        KERAS["init_weights"](built(keras_model()), rename={"up": "conv1"})


class Own(nn.Module):
    """A convolution of one's own, of whose type nothing is known."""

    def __init__(self, *shape: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))
        self.bias = nn.Parameter(torch.zeros(shape[0]))


def test_layers_of_one_s_own_are_checked_by_their_sizes() -> None:
    assert TORCH["init_weights"](torch_model(conv1=Own(64, 3, 3, 3))) == []
    assert "(3, 64, 3, 3) in the model (Own)" in unchanged(torch_model(conv1=Own(3, 64, 3, 3)), TORCH, ValueError)


def test_no_weights_to_fill() -> None:
    with torch.device("meta"):
        meta = torch_model()
    with pytest.raises(ValueError, match=r"meta device; call model\.to_empty"):
        TORCH["init_weights"](meta)
    lazy = torch_model(fc=nn.LazyLinear(10))
    before = lazy["conv1"].weight.detach().clone()
    with pytest.raises(ValueError, match="run the model once first"):
        TORCH["init_weights"](lazy)
    assert torch.equal(before, lazy["conv1"].weight)
    with pytest.raises(ValueError, match="call or build the model first"):
        KERAS["init_weights"](keras_model())


def test_keras_weights_without_values() -> None:
    """One layer on the meta device, or not built: the others, which come before it, are left as they are."""
    with keras.device("meta"):
        meta = keras.layers.Dense(10, name="fc")
        meta.build((None, FC))
    for last, words in ((meta, "meta device"), (keras.layers.Dense(10, name="fc"), "call or build the model first")):
        model = keras.Model()
        model.conv1 = keras.layers.Conv2D(64, 3, name="conv1")
        model.up = keras.layers.Conv2DTranspose(8, 4, name="up")
        model.conv1.build((None, 8, 8, 3))
        model.up.build((None, 8, 8, 64))
        model.fc = last
        before = np.array(keras.ops.convert_to_numpy(model.conv1.kernel))
        with pytest.raises(ValueError, match=words):
            KERAS["init_weights"](model)
        assert np.array_equal(before, keras.ops.convert_to_numpy(model.conv1.kernel))


def test_one_reason_for_many_weights_is_one_line() -> None:
    with torch.device("meta"):
        meta = torch_model()
    with pytest.raises(ValueError, match="does not match") as raised:
        TORCH["init_weights"](meta)
    assert len(str(raised.value).splitlines()) == 2
    assert "conv1.weight, conv1.bias and 4 others: it is on the meta device" in str(raised.value)


def test_partial_models() -> None:
    part = nn.ModuleDict({"conv1": nn.Conv2d(3, 64, 3)})
    assert TORCH["init_weights"](part, strict=False) == []
    assert TORCH["init_weights"](part, rename={"up": None, "fc": None}) == []
    rest = KERAS["init_weights"](built(keras_model()), rename={"fc": None})
    assert [path.partition("/")[2] for path in rest] == ["fc/kernel", "fc/bias"]


def test_a_bias_of_zeros_may_be_left_out() -> None:
    assert TORCH["init_weights"](torch_model(conv1=nn.Conv2d(3, 64, 3, bias=False))) == []
    without = keras.layers.Conv2D(64, 3, padding="same", use_bias=False, name="conv1")
    assert KERAS["init_weights"](built(keras_model(conv1=without))) == []
    started = emitted("torch", NET.replace("pad: 1", 'pad: 1 bias_filler { type: "constant" value: 0.1 }'))
    text = unchanged(torch_model(conv1=nn.Conv2d(3, 64, 3, bias=False)), started, KeyError)
    assert "conv1 has no parameter bias\npass strict=False to skip" in text
    assert "rename" not in text


def test_a_rename_to_a_name_that_is_not_there() -> None:
    text = unchanged(torch_model(), TORCH, KeyError, rename={"conv1": "conv_1"})
    assert "not in the model: conv_1.weight, conv_1.bias\nnot in the source: conv1\n" in text
    assert proposed(text) == {"conv1": "conv1"}


def test_names_come_before_kinds_and_shapes() -> None:
    """Within a wrapper that has one layer fewer, and beside a layer that fits as well."""
    inner = torch_model(other=nn.Conv2d(3, 64, 3))
    del inner["fc"]
    text = unchanged(nn.ModuleDict({"net": inner}), TORCH, KeyError)
    assert proposed(text) == {"conv1": "net.conv1", "up": "net.up"}
    assert "# 'fc': nothing fits" in text


@pytest.mark.parametrize(
    ("wrap", "words"),
    [
        (nn.DataParallel, "pass model.module"),
        (lambda model: nn.ModuleDict({"_orig_mod": model}), "pass model._orig_mod"),
        (lambda model: nn.ModuleDict({"net": model}), "pass rename=lambda name: 'net.' + name"),
    ],
)
def test_prefixes_and_wrappers(wrap: Callable[[nn.Module], nn.Module], words: str) -> None:
    text = unchanged(wrap(torch_model()), TORCH, KeyError)
    assert words in text
    assert "not in the source: " in text


def test_nested_names() -> None:
    nested = emitted("torch", NET.replace('"conv1"', '"enc/c1"'))
    model = nn.ModuleDict({"enc": nn.ModuleDict({"c1": nn.Conv2d(3, 64, 3)}), **dict(torch_model().named_children())})
    del model["conv1"]
    text = unchanged(model, nested, KeyError)
    assert "pass rename=lambda name: name.replace('/', '.')" in text
    assert nested["init_weights"](model, rename=lambda name: name.replace("/", ".")) == []


def test_a_rename_is_proposed() -> None:
    """By kind and shape; two layers that are alike by their order, and none where they are more."""
    model = nn.Sequential(nn.Conv2d(3, 64, 3), nn.ConvTranspose2d(64, 8, 4), nn.Flatten(), nn.Linear(FC, 10))
    text = unchanged(model, TORCH, KeyError)
    assert proposed(text) == {"conv1": "0", "up": "1", "fc": "3"}
    assert TORCH["init_weights"](model, rename=proposed(text)) == []
    more = unchanged(nn.Sequential(*model, nn.Linear(FC, 10)), TORCH, KeyError)
    assert "# 'fc': one of '3', '4'" in more


def test_layers_within_layers_of_one_s_own() -> None:
    @keras.saving.register_keras_serializable()
    class Block(keras.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="block")
            self.inner = keras.layers.Conv2D(64, 3, padding="same", name="conv1")

        def build(self, shape: Any) -> None:
            self.inner.build(shape)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    model = built(keras_model(conv1=Block()))
    with pytest.raises(KeyError) as raised:
        KERAS["init_weights"](model)
    assert proposed(str(raised.value)) == {"conv1": "block/conv1"}  # a prefix for all would lose `up` and `fc`
    assert KERAS["init_weights"](model, rename={"conv1": "block/conv1"}) == []


def test_all_layers_within_one_of_one_s_own() -> None:
    """Also those that it keeps in lists and dicts; a prefix fits them all, and is proposed as a function."""

    class Net(keras.Layer):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(name="net")
            self.listed = [keras.layers.Conv2D(64, 3, padding="same", name="conv1")]
            self.named = {"up": keras.layers.Conv2DTranspose(8, 4, strides=2, name="up")}
            self.fc = keras.layers.Dense(10, name="fc")

        def call(self, x: Any) -> Any:
            x = self.named["up"](self.listed[0](x))
            return self.fc(keras.ops.reshape(x, (-1, FC)))

    inputs = keras.Input((8, 8, 3))
    model = keras.Model(inputs, Net()(inputs))
    with pytest.raises(KeyError) as raised:
        KERAS["init_weights"](model)
    assert "pass rename=lambda name: 'net/' + name" in str(raised.value)
    assert KERAS["init_weights"](model, rename=lambda name: "net/" + name) == []


def test_a_model_that_is_a_class_of_one_s_own() -> None:
    class Net(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv1 = keras.layers.Conv2D(64, 3, padding="same", name="conv1")
            self.up = keras.layers.Conv2DTranspose(8, 4, strides=2, name="up")
            self.fc = keras.layers.Dense(10, name="fc")

        def call(self, x: Any) -> Any:
            return self.fc(keras.ops.reshape(self.up(self.conv1(x)), (-1, FC)))

    model = Net()
    with pytest.raises(ValueError, match="call or build the model first"):
        KERAS["init_weights"](model)
    model(np.zeros((1, 8, 8, 3), np.float32))
    assert KERAS["init_weights"](model) == []


@pytest.mark.parametrize(
    ("source", "versions", "model"),
    [
        ("keras.layers.GRU(4, reset_after=True)", {}, lambda: nn.GRU(3, 4)),
        ("keras.layers.GRU(4)", {"keras": (2, 3, 1)}, lambda: nn.GRU(3, 4)),
        ("torch.nn.LSTM(3, 8, 2, bidirectional=True, proj_size=2)", {"torch": (2, 13)},
         lambda: nn.LSTM(3, 8, 2, bidirectional=True, proj_size=2)),
        ("torch.nn.MultiheadAttention(8, 2)", {"torch": (2, 13)}, lambda: nn.MultiheadAttention(8, 2)),
        ("torch.nn.MultiheadAttention(8, 2, bias=False)", {"torch": (2, 13)},
         lambda: nn.MultiheadAttention(8, 2, bias=False)),
    ],
    ids=["gru", "gru_before", "lstm", "attention", "attention_without_bias"],
)  # fmt: skip
def test_layers_of_code_with_several_parameters_of_a_kind(
    source: str, versions: dict[str, tuple[int, ...]], model: Callable[[], nn.Module]
) -> None:
    """Every parameter of PyTorch's layer starts: none keeps a value that cannot be drawn."""
    base = "torch.nn.Module" if source.startswith("torch") else "keras.Model"
    text = f"import keras, torch\nclass Net({base}):\n    def __init__(self):\n        self.rnn = {source}\n"
    options = Options(versions=Versions(versions))
    result = convert(text, source="python", target="torch", path="net.py", options=options)
    assert result.text is not None
    namespace: dict[str, Any] = {}
    exec(compile(result.text, "<emitted>", "exec"), namespace)
    network = nn.ModuleDict({"rnn": model()})
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.fill_(torch.nan)
    assert namespace["init_weights"](network) == []
    assert not any(parameter.isnan().any() for parameter in network.parameters())


SHARED_SLOPE = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 16 dim: 8 dim: 8 } } }
layer { name: "prelu" type: "PReLU" bottom: "data" top: "prelu"
  prelu_param { channel_shared: true filler { value: 0.3 } } }
"""


def test_a_slope_that_all_channels_share_is_one_element() -> None:
    result = convert(SHARED_SLOPE, path="net.prototxt", target="torch")
    assert not result.diagnostics
    prelu = nn.PReLU()
    emitted("torch", SHARED_SLOPE)["init_weights"](nn.ModuleDict({"prelu": prelu}))
    assert prelu.weight.tolist() == pytest.approx([0.3])
    with pytest.raises(ValueError, match=r"its shape is \(1\) in the source"):
        emitted("torch", SHARED_SLOPE)["init_weights"](nn.ModuleDict({"prelu": nn.PReLU(16)}))
    slope = keras.layers.PReLU(shared_axes=[1, 2, 3], name="prelu")
    other = keras.Sequential([keras.Input((8, 8, 16)), slope])
    emitted("keras", SHARED_SLOPE)["init_weights"](other)
    assert keras.ops.convert_to_numpy(slope.alpha) == pytest.approx(np.full((1, 1, 1), 0.3))
