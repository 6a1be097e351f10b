"""The shapes that a layer's inputs have, followed through sequences and graphs of every generation."""

import json
import math
from typing import Any

import pytest

from initport.conversion import read
from initport.formats.read_options import Options
from initport.ir.moments import moments
from initport.ir.weights import Role


def in_size(*layers: dict[str, Any], **options: Any) -> int | None:
    """The size by the role `in` of the last layer's kernel."""
    text = json.dumps({"class_name": "Sequential", "keras_version": "2.3.1", "config": list(layers)})
    model = read(text, path="m.json", options=Options(**options)).model
    return model.layers[-1].weights[0].dims.get("in")


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": config}


IMAGE = layer("InputLayer", batch_input_shape=[None, 9, 8, 3])
SEQUENCE = layer("InputLayer", batch_input_shape=[None, 10, 4])
DENSE = layer("Dense", units=2)


@pytest.mark.parametrize(
    ("layers", "size"),
    [
        ([IMAGE], 3),
        ([IMAGE, layer("Flatten")], 216),
        ([IMAGE, layer("Conv2D", filters=5, kernel_size=[3, 3]), layer("Flatten")], 7 * 6 * 5),
        ([IMAGE, layer("Conv2D", filters=5, kernel_size=3, padding="same", strides=[2, 2]), layer("Flatten")], 100),
        ([IMAGE, layer("Conv2D", filters=5, kernel_size=3, dilation_rate=[2, 2]), layer("Flatten")], 5 * 4 * 5),
        ([IMAGE, layer("DepthwiseConv2D", kernel_size=3, depth_multiplier=2), layer("Flatten")], 7 * 6 * 6),
        ([IMAGE, layer("MaxPooling2D", pool_size=[2, 2]), layer("Flatten")], 4 * 4 * 3),
        ([IMAGE, layer("AveragePooling2D", pool_size=[3, 3], strides=[1, 1]), layer("Flatten")], 7 * 6 * 3),
        ([IMAGE, layer("ZeroPadding2D", padding=[[1, 2], [0, 0]]), layer("Flatten")], 12 * 8 * 3),
        ([IMAGE, layer("ZeroPadding2D", padding=[1, 1]), layer("Flatten")], 11 * 10 * 3),
        ([IMAGE, layer("Cropping2D", cropping=[1, 1]), layer("Flatten")], 7 * 6 * 3),
        ([IMAGE, layer("UpSampling2D", size=[2, 2]), layer("Flatten")], 18 * 16 * 3),
        ([IMAGE, layer("GlobalAveragePooling2D")], 3),
        ([IMAGE, layer("Reshape", target_shape=[-1, 12])], 12),
        ([IMAGE, layer("Dropout", rate=0.5), layer("Activation", activation="relu")], 3),
        ([SEQUENCE, layer("LSTM", units=6)], 6),
        ([SEQUENCE, layer("Bidirectional", merge_mode="concat", layer=layer("GRU", units=6, reset_after=False))], 12),
        ([SEQUENCE, layer("TimeDistributed", layer=layer("Dense", units=7)), layer("Flatten")], 70),
        ([SEQUENCE, layer("Embedding", input_dim=9, output_dim=6)], 6),
        ([SEQUENCE, layer("Sequential", layers=[layer("Dense", units=8)])], 8),
        ([SEQUENCE, layer("RepeatVector", n=3)], 4),
        ([SEQUENCE, layer("SomethingNew")], None),
        ([layer("Flatten")], None),
    ],
)  # fmt: skip
def test_sequences(layers: list[dict[str, Any]], size: int | None) -> None:
    assert in_size(*layers, DENSE) == size


def test_the_user_completes_a_shape() -> None:
    named = layer("Dense", units=2, name="d")
    assert in_size(layer("Flatten"), named, inputs={"d": (None, 31)}) == 31


def node(name: str, kind: str, inbound: Any, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": inbound}


def tensor(name: str) -> dict[str, Any]:
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, 1], "keras_history": [name, 0, 0]}}


def graph(legacy: bool) -> str:
    def call(*names: str) -> Any:
        if legacy:
            return [[[name, 0, 0, {}] for name in names]]
        tensors = [tensor(name) for name in names]
        return [{"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {}}]

    layers = [
        node("a", "InputLayer", [], batch_input_shape=[None, 3]),
        node("b", "InputLayer", [], batch_input_shape=[None, 4]),
        node("wide", "Dense", call("a"), units=5),
        node("both", "Concatenate", call("wide", "b"), axis=-1),
        node("last", "Dense", call("both"), units=2),
        node("sum", "Add", call("last", "last")),
        node("end", "Dense", call("sum"), units=1),
    ]
    return json.dumps({"class_name": "Model", "keras_version": "2.3.1", "config": {"name": "m", "layers": layers}})


@pytest.mark.parametrize("legacy", [True, False])
def test_graphs(legacy: bool) -> None:
    model = read(graph(legacy), path="m.json").model
    assert [item.weights[0].shape for item in model.layers] == [(3, 5), (9, 2), (2, 1)]


def test_what_the_layer_itself_was_built_with_wins() -> None:
    built = {**layer("Dense", units=2), "build_config": {"input_shape": [None, 77]}}
    assert in_size(SEQUENCE, built) == 77


@pytest.mark.parametrize(
    "stated",
    [
        pytest.param([None, 12, 12, 5], id="the same"),
        pytest.param([None, 12, 12, 1], id="another number of channels"),
        pytest.param([None, None, None, None], id="no number"),
        pytest.param([None, None], id="another number of axes, none known"),
        pytest.param([None, 77], id="another number of axes"),
    ],
)
@pytest.mark.parametrize("called", [False, True], ids=["a Sequential", "a graph"])
def test_a_shape_that_contradicts_the_layer_before_counts_nothing(stated: list[int | None], called: bool) -> None:
    """In a Sequential as in a graph: the second kernel has 5 inputs in Keras 2.3.1, in tf.keras of TensorFlow 1.15.5,
    in tf_keras 2.21 and (as ``input_shape``) in Keras 3.15, whatever the layer states."""
    layers: list[dict[str, object]] = [
        {"class_name": "Conv2D", "name": name,
         "config": {"name": name, "filters": filters, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid",
                    "dilation_rate": [1, 1], "batch_input_shape": shape}}
        for name, filters, shape in (("a", 5, [None, 14, 14, 3]), ("b", 7, stated))
    ]  # fmt: skip
    if called:
        layers[0]["inbound_nodes"], layers[1]["inbound_nodes"] = [], [[["a", 0, 0, {}]]]
    kind = "Model" if called else "Sequential"
    model = {"class_name": kind, "config": {"name": "s", "layers": layers}, "keras_version": "2.3.1"}
    found = read(json.dumps(model), path="m.json", options=Options()).model
    assert [item.weights[0].shape for item in found.layers] == [(3, 3, 3, 5), (3, 3, 5, 7)]


@pytest.mark.parametrize(
    ("before", "kind", "axes"),
    [
        (SEQUENCE, "LocallyConnected1D", (8, 5)),
        (IMAGE, "LocallyConnected2D", (7, 6, 5)),
    ],
)
def test_a_bias_of_a_locally_connected_layer_has_the_positions_on_their_own_axes(
    before: dict[str, Any], kind: str, axes: tuple[int, ...]
) -> None:
    """Keras 2.3.1 counts the fans of a bias on its axes: 2 / (8 + 5) and 2 / (7 * 6 + 7 * 5) of glorot_uniform."""
    settings = {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
    glorot = {"class_name": "VarianceScaling", "config": settings}
    local = layer(kind, filters=5, kernel_size=3, bias_initializer=glorot)
    text = json.dumps({"class_name": "Sequential", "keras_version": "2.3.1", "config": [before, local]})
    weights = {weight.role: weight for weight in read(text, path="m.json").model.layers[-1].weights}
    bias = weights[Role.BIAS]
    assert bias.shape == axes
    fans = (axes[-2] + axes[-1]) * math.prod(axes[:-2])
    assert moments(bias.initializer, bias.dims).variance == pytest.approx(2 / fans)  # type: ignore[union-attr]
