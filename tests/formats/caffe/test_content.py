"""A layer that says what one before says is not read again: what counts as the same, and where its weights then are."""

import pytest

from initport.conversion import read
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.textformat import parse

CONV = 'convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "gaussian" std: %s } }'


def layer(name: str, inside: str = "") -> str:
    return f'layer {{ name: "{name}" type: "Convolution" bottom: "data" top: "{name}"\n  {inside or CONV % "0.1"} }}\n'


def content(inside: str) -> object:
    net = parse(layer("x", inside), "x.prototxt", message_type("NetParameter"))
    return net.messages("layer")[0].content(("name", "bottom", "top"))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (CONV % "0.1", f"\n# a comment\n{CONV % '0.1'}", True),
        (CONV % "1", CONV % "1.0", False),
        (CONV % "0.1", CONV % "0.2", False),
        ("convolution_param { kernel_size: 3 }", "convolution_param { kernel_size: 3 kernel_size: 3 }", False),
        ("convolution_param { bias_term: true }", "convolution_param { bias_term: false }", False),
        ("convolution_param {}", "inner_product_param {}", False),
    ],
)
def test_content(one: str, other: str, same: bool) -> None:
    assert (content(one) == content(other)) == same


def test_a_field_outside_the_schema_has_no_content() -> None:
    assert content("convolution_param { unheard_of: 1 }") is None
    assert content("unheard_of { a: 1 }") is None


def test_like_layers_have_like_weights_at_their_own_places() -> None:
    first, second = read(layer("a") + "\n" + layer("second"), path="x.prototxt").model.layers
    assert [weight[:2] + weight[3:] for weight in first.weights] == [
        weight[:2] + weight[3:] for weight in second.weights
    ]
    assert [str(weight.location) for weight in first.weights] == ["x.prototxt:2:52", "x.prototxt:1:1"]
    assert [str(weight.location) for weight in second.weights] == ["x.prototxt:5:52", "x.prototxt:4:1"]


def test_what_is_reported_is_reported_of_each() -> None:
    wrong = CONV.replace("gaussian", "gausian") % "0.1"
    found = [item.detail for item in read(layer("a", wrong) + layer("b", wrong), path="x.prototxt").diagnostics]
    assert sum("gausian" in detail for detail in found) == 2


def test_other_bottoms_are_other_layers() -> None:
    shapes = "".join(
        f'layer {{ name: "{name}" type: "Input" top: "{name}" input_param {{ shape {{ dim: 1 dim: {size} dim: 8 '
        "dim: 8 } } }\n"
        for name, size in (("data", 3), ("other", 5))
    )
    like = layer("a") + layer("b").replace('"data"', '"other"')
    first, second = read(shapes + like, path="x.prototxt").model.layers
    assert (first.weights[0].dims["in"], second.weights[0].dims["in"]) == (3, 5)
