"""Networks of Darknet, against what a build of pjreddie's draws, and by the rules of AlexeyAB's."""

import math
from collections.abc import Iterator

import pytest

from initport.conversion import Reading, convert, read
from initport.diagnostics import Code, InputError
from initport.formats.index import detect
from initport.formats.read_options import Options
from initport.ir.initializers import Unsupported
from initport.ir.model import Layer, Weight
from initport.ir.moments import moments

NET = "[net]\nwidth={0}\nheight={0}\nchannels={1}\n"


def cfg(*sections: str, size: int = 7, channels: int = 3) -> str:
    return NET.format(size, channels) + "".join(f"[{one.replace(' ', chr(10))}\n" for one in sections)


def reading(*sections: str, version: str | None = "0", size: int = 7, channels: int = 3) -> Reading:
    text = cfg(*sections, size=size, channels=channels)
    return read(text, path="n.cfg", options=Options(version=version))


def weights(found: Reading) -> Iterator[tuple[str, Layer, Weight]]:
    for layer in found.model.layers:
        for weight in layer.weights:
            yield f"{layer.name}.{weight.role}", layer, weight


MEASURED = [
    ("convolutional] filters=200 size=10", 7, 100, 0.000200078),
    ("convolutional] filters=1200 size=30 groups=4", 7, 12, 0.000740686),
    ("convolutional] filters=40000 size=5 groups=40000", 7, 40000, 0.0799268),
    ("deconvolutional] filters=40 size=4 stride=2 padding=1", 7, 2000, 0.00641054),
    ("deconvolutional] filters=40 size=4 stride=1 pad=0 padding=1", 7, 2000, 0.000683364),
    ("connected] output=900", 10, 12, 0.000556413),
]
"""A section, the height, width and channels of what it takes, and the variance measured of its weights."""


@pytest.mark.parametrize(("section", "size", "channels", "variance"), MEASURED, ids=[row[0] for row in MEASURED])
def test_starts_as_measured(section: str, size: int, channels: int, variance: float) -> None:
    (layer,) = reading(section, channels=channels, size=size).model.layers
    kernel = layer.weights[0]
    truth = moments(kernel.initializer, kernel.dims)
    assert truth is not None
    assert kernel.shape is not None
    assert abs(variance / truth.variance - 1) < 5 * (2 / math.prod(filter(None, kernel.shape))) ** 0.5


def test_later_versions_draw_from_a_uniform_distribution() -> None:
    section = "convolutional] filters=40 size=5"
    normal, uniform = (reading(section, version=version).model.layers[0].weights[0] for version in "01")
    first, second = (moments(weight.initializer, weight.dims) for weight in (normal, uniform))
    assert first is not None
    assert second is not None
    assert second.variance == pytest.approx(first.variance / 3)
    assert second.high == pytest.approx((2 / 75) ** 0.5)


def test_which_version_it_is_for_is_asked_where_it_decides() -> None:
    found = reading("convolutional] filters=4", "convolutional] filters=4", "connected] output=2", version=None)
    (asked,) = found.diagnostics
    assert asked.code is Code.NEEDS_VERSION
    assert "(and 1 more layers)" in asked.detail
    assert "`--source-version 0`" in asked.detail
    kernels = [layer.weights[0].initializer for layer in found.model.layers]
    assert [isinstance(kernel, Unsupported) for kernel in kernels] == [True, True, False]


@pytest.mark.parametrize(
    ("section", "version"),
    [("deconvolutional] filters=4", (0,)), ("convolutional] activation=mish", (1,)), ("sam] from=-1", (1,)),
     ("yolo] scale_x_y=1.05", (1,)), ("route] layers=-1 group_id=1", (1,)), ("convolutional] activation=leaky", None)],
)  # fmt: skip
def test_what_only_one_version_reads_shows_it(section: str, version: tuple[int, ...] | None) -> None:
    found = reading("convolutional] filters=4", section, version=None)
    assert found.model.version == version
    assert any(item.code is Code.ASSUMED_VERSION for item in found.diagnostics) is (version is not None)


def test_words_of_several_versions_show_none() -> None:
    found = reading("deconvolutional] filters=4", "convolutional] activation=mish", version=None)
    assert found.model.version is None


NAMES = [
    ("conv] filters=4 batch_normalize=1", ["convolutional_0.kernel", "batchnorm_0.gamma", "batchnorm_0.beta",
                                           "batchnorm_0.moving_mean", "batchnorm_0.moving_variance"]),
    ("conv] filters=4", ["convolutional_0.kernel", "convolutional_0.bias"]),
    ("local] filters=4 size=3", ["local_0.kernel", "local_0.bias"]),
    ("rnn] output=4", [f"rnn_0.{name}_layer.{role}" for name in ("input", "self", "output")
                       for role in ("kernel", "bias")]),
    ("gru] output=4", [f"gru_0.{m}{g}.{role}" for g in "zrh" for m in "uw" for role in ("kernel", "bias")]),
    ("lstm] output=4", [f"lstm_0.{m}{g}.{role}" for g in "figo" for m in "uw" for role in ("kernel", "bias")]),
    ("crnn] output_filters=4", [f"crnn_0.{name}_layer.{role}" for name in ("input", "self", "output")
                                for role in ("kernel", "bias")]),
    ("batchnorm]", ["batchnorm_0.gamma", "batchnorm_0.beta", "batchnorm_0.moving_mean", "batchnorm_0.moving_variance"]),
]  # fmt: skip


@pytest.mark.parametrize(("section", "names"), NAMES, ids=[row[0] for row in NAMES])
def test_the_weights_of_a_section(section: str, names: list[str]) -> None:
    assert [name for name, _, _ in weights(reading(section))] == names


SHAPES = [
    (["maxpool] size=2 stride=2", "connected] output=5"], (5, 3 * 4 * 4)),
    (["maxpool] size=2 stride=2 padding=0", "connected] output=5"], (5, 3 * 3 * 3)),
    (["avgpool]", "connected] output=5"], (5, 3)),
    (["crop] crop_width=4 crop_height=5", "connected] output=5"], (5, 60)),
    (["reorg] stride=2", "convolutional] filters=5"], (5, 12, 1, 1)),
    (["upsample] stride=2", "connected] output=5"], (5, 3 * 14 * 14)),
    (["convolutional] filters=8", "route] layers=-1,0", "convolutional] filters=5"], (5, 16, 1, 1)),
    (["convolutional] filters=8", "route] layers=0 groups=2 group_id=1", "convolutional] filters=5"], (5, 4, 1, 1)),
    (["convolutional] filters=3", "shortcut] from=-1", "convolutional] filters=5"], (5, 3, 1, 1)),
    (["convolutional] size=3 stride=2 pad=1 filters=2", "connected] output=5"], (5, 32)),
    (["deconvolutional] size=4 stride=2 padding=1 filters=2", "connected] output=5"], (5, 2 * 14 * 14)),
    (["local] size=3 filters=2", "connected] output=5"], (5, 2 * 5 * 5)),
    (["lstm] output=6", "connected] output=5"], (5, 6)),
    (["conv_lstm] output=6", "connected] output=5"], (5, None)),
]


@pytest.mark.parametrize(("sections", "shape"), SHAPES)
def test_sizes_go_through_the_network(sections: list[str], shape: tuple[int | None, ...]) -> None:
    version = "1" if "groups" in str(sections) else "0"
    assert [layer.weights[0].shape for layer in reading(*sections, version=version).model.layers][-1] == shape


def test_only_values_where_the_network_takes_no_image() -> None:
    (layer,) = read("[net]\ninputs=30\n[connected]\noutput=5\n", path="n.cfg").model.layers
    assert layer.weights[0].shape == (5, 30)


def test_layers_are_connected() -> None:
    found = reading("conv] filters=3 batch_normalize=1", "maxpool] size=2", "conv] filters=3", "route] layers=0,2",
                    "conv] filters=2", "shortcut] from=-3", "connected] output=2")  # fmt: skip
    assert {layer.name: layer.inputs for layer in found.model.layers} == {
        "convolutional_0": (),
        "batchnorm_0": ("convolutional_0",),
        "convolutional_2": ("batchnorm_0",),
        "convolutional_4": ("batchnorm_0", "convolutional_2"),
        "connected_6": ("convolutional_4", "convolutional_2"),
    }


def test_a_convolution_may_share_its_weights() -> None:
    found = reading("conv] filters=3", "conv] filters=3 share_index=-1", version="1")
    first, second = found.model.layers
    assert [weight.owner for weight in first.weights] == [None, None]
    assert [weight.owner for weight in second.weights] == [("convolutional_0", role) for role in ("kernel", "bias")]


def test_what_states_its_deviation_is_not_implicit() -> None:
    shortcut = "shortcut] from=-1 weights_type=per_channel"
    found = reading("implicit] mean=1 std=0.02 filters=5", shortcut, "implicit]", version="1")
    stated, weighted, default = found.model.layers
    assert [layer.weights[0].implicit for layer in (stated, weighted, default)] == [False, True, True]
    truth = moments(stated.weights[0].initializer, {})
    assert truth is not None
    assert (truth.low, truth.high) == pytest.approx((0.98, 1.02))
    assert weighted.weights[0].shape == (2, 5)


REFUSED = [
    ("local] filters=2 size=3", Code.UNSUPPORTED_INITIALIZER, "only the weights of the first location are drawn"),
    ("conv_lstm] output=3", Code.OPAQUE_LAYER, "initialize its weights yourself"),
    ("transformer] heads=3", Code.OPAQUE_LAYER, "[transformer] is not a section that this version of Darknet knows"),
    ("conv] filters=$N", Code.REJECTED_LAYER, "`filters` is '$N', and an integer is expected"),
    ("conv] filters=0", Code.REJECTED_LAYER, "`filters` is 0, and 1 or more is expected"),
    ("conv] size=99999999999", Code.REJECTED_LAYER, "an integer is expected"),
    ("route] layers=a,b", Code.REJECTED_LAYER, "numbers are expected"),
    ("conv] share_index=-5", Code.REJECTED_LAYER, "not a section with weights"),
]


@pytest.mark.parametrize(("section", "code", "detail"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused(section: str, code: Code, detail: str) -> None:
    found = [item for item in reading(section).diagnostics if item.code is code]
    assert detail in found[0].detail
    assert found[0].location.line in (5, 6, 7)


def test_a_deconvolution_of_images_of_unknown_size_is_refused() -> None:
    found = reading("conv_lstm] output=3", "deconvolutional] filters=2 size=4")
    assert [item.code for item in found.diagnostics] == [Code.OPAQUE_LAYER, Code.UNKNOWN_SHAPE]
    assert "state `width` and `height`" in found.diagnostics[1].detail


@pytest.mark.parametrize(
    ("text", "code"),
    [("", Code.NO_NETWORK), ("[convolutional]\nfilters=3\n", Code.NO_NETWORK), ("filters=3\n", Code.SYNTAX),
     ("[net]\nwidth\n", Code.SYNTAX), ("[net]\nwidth=x\n", Code.WRONG_VALUE), ("[net]\nwidth=3\n", Code.NO_NETWORK)],
)  # fmt: skip
def test_unusable(text: str, code: Code) -> None:
    with pytest.raises(InputError) as caught:
        read(text, path="n.cfg", source="darknet")
    assert caught.value.diagnostic.code is code


def test_blanks_comments_and_repeated_settings() -> None:
    text = "; a comment\n\n[ net ]\ninputs = 4 # values\n[connected]\n  output = 3\r\noutput=9\n#output=8\n"
    assert detect("renamed", text.replace("[ net ]", "[net]").encode()).name == "darknet"
    (layer,) = read(text, path="n.cfg", source="darknet").model.layers
    assert layer.weights[0].shape == (3, 4)


@pytest.mark.parametrize("target", ["torch", "keras", "flax-nnx", "flax-linen"])
def test_converts(target: str) -> None:
    text = cfg("conv] filters=4 size=3 batch_normalize=1", "deconvolutional] filters=2 size=4", "connected] output=2")
    result = convert(text, path="n.cfg", target=target)
    assert result.text is not None
    compile(result.text, "init.py", "exec")
    assert {item.code for item in result.diagnostics} <= {Code.ASSUMED_VERSION, Code.STATISTICS, Code.ASSUMED_MODULE}


def test_an_image_of_no_pixels_gives_a_layer_no_inputs() -> None:
    """A stride larger than the image: Darknet's connected layer has a weight of no elements."""
    result = convert(cfg("reorg] stride=4", "connected] output=3", size=1), path="net.cfg", source="darknet")
    assert result.text is not None
    compile(result.text, "net.py", "exec")
