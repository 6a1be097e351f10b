"""Mistakes of whole ports, by name: each is made on a real model, and must be called what it is."""

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from initport.cli import main
from initport.compare.comparison import Outcome, compare, compare_models
from initport.conversion import read
from initport.testing import _port, compare_initialization

GRAPHS = Path(__file__).parent.parent.parent / "fixtures" / "graphs"

INPUT = 'layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 64 dim: 9 dim: 9 } } }\n'


def caffe(kind: str, said: str, filler: str) -> str:
    weights = f'weight_filler {{ type: "{filler}" }} bias_term: false'
    param = f"convolution_param {{ num_output: 96 kernel_size: 3 {said} {weights} }}"
    return f'{INPUT}layer {{ name: "layer" type: "{kind}" bottom: "data" top: "y" {param} }}\n'


def keras(kind: str, shape: list[int], **config: object) -> str:
    layer = {"class_name": kind, "config": {"name": "layer", **config}}
    head = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, *shape]}}
    return json.dumps({"class_name": "Sequential", "keras_version": "3.0.0",
                       "config": {"name": "net", "layers": [head, layer]}})  # fmt: skip


def module(make: Callable[[], nn.Module], start: Callable[[nn.Module], object]) -> Callable[[], nn.Module]:
    """A factory of a model whose one layer starts so."""

    def build() -> nn.Module:
        model = nn.Module()
        model.layer = make()
        with torch.no_grad():
            start(model.layer)
        return model

    return build


def of_weight(start: Callable[[torch.Tensor], object]) -> Callable[[nn.Module], object]:
    return lambda layer: start(layer.weight)  # type: ignore[arg-type]


def normal(variance: float) -> Callable[[nn.Module], object]:
    return of_weight(lambda w: nn.init.normal_(w, std=math.sqrt(variance)))


def forget(layer: nn.Module, both: bool) -> None:
    """As PyTorch users set Keras's LSTM up: the forget gate's bias in one of the two, or in both."""
    assert isinstance(layer, nn.LSTM)
    nn.init.xavier_uniform_(layer.get_parameter("weight_ih_l0"))
    nn.init.orthogonal_(layer.get_parameter("weight_hh_l0"))
    for name in ("bias_ih_l0", "bias_hh_l0"):
        bias = nn.init.zeros_(layer.get_parameter(name))
        if both or name == "bias_ih_l0":
            bias[50:100] = 1.0


CASES: dict[str, tuple[str, str, Callable[[], nn.Module], str]] = {
    "groups": (
        "net.prototxt", caffe("Convolution", "group: 4", "msra"),
        module(lambda: nn.Conv2d(64, 96, 3, groups=4, bias=False), normal(2 / (64 * 9))),
        "groups forgotten in fan_in for fan_in",
    ),
    "He of the transposed kernel": (
        "net.prototxt", caffe("Deconvolution", "", "msra"),
        module(lambda: nn.ConvTranspose2d(64, 96, 3, bias=False),
               of_weight(lambda w: nn.init.kaiming_normal_(w, mode="fan_out", nonlinearity="relu"))),
        "the transposed kernel's fan_out for fan_in",
    ),
    "depthwise fans": (
        "net.json", keras("DepthwiseConv2D", [9, 9, 64], kernel_size=[3, 3], depth_multiplier=2, use_bias=False,
                          depthwise_initializer="he_normal"),
        module(lambda: nn.Conv2d(64, 128, 3, groups=64, bias=False),
               of_weight(lambda w: nn.init.trunc_normal_(w, std=(s := math.sqrt(2 / 9) / 0.8796256610342398),
                                                         a=-2 * s, b=2 * s))),
        "depthwise fan_in for fan_in",
    ),
    "forget bias twice": (
        "net.json", keras("LSTM", [5, 30], units=50),
        module(lambda: nn.LSTM(30, 50, batch_first=True), lambda layer: forget(layer, True)),
        "forget bias twice: both biases of the layer hold it, and they add up",
    ),
}  # fmt: skip


def found(name: str, text: str, factory: Callable[[], nn.Module], folder: Path) -> dict[str, str | None]:
    """What differs, and as what."""
    path = folder / name
    path.write_text(text)
    rows = compare_initialization(factory, path, effect=0.02).rows
    return {row.source: row.diagnosis for row in rows if row.outcome is Outcome.DIFFERS}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_called_what_it_is(case: str, tmp_path: Path) -> None:
    name, text, factory, words = CASES[case]
    told = found(name, text, factory, tmp_path)
    assert set(told.values()) == {words}, told


def test_one_forget_bias_is_none(tmp_path: Path) -> None:
    factory = module(lambda: nn.LSTM(30, 50, batch_first=True), lambda layer: forget(layer, False))
    assert found("net.json", keras("LSTM", [5, 30], units=50), factory, tmp_path) == {}


def slim(factor: float) -> Callable[[], nn.Module]:
    """The dense layer of the graph of a network of slim's, as a port that cuts at two deviations starts it."""

    def build() -> nn.Module:
        model, net = nn.Module(), nn.Module()
        model.net, net.fc = net, nn.Linear(3584, 9)
        stddev = math.sqrt(factor / 3584)
        nn.init.trunc_normal_(net.fc.weight, std=stddev, a=-2 * stddev, b=2 * stddev)
        nn.init.zeros_(net.fc.bias)
        return model

    return build


@pytest.mark.parametrize(("factor", "words"), [(2.6, set()), (2.0, {"the 1.3 is missing"})])
def test_the_deviation_of_slim_is_not_the_root_of_its_factor(factor: float, words: set[str]) -> None:
    rows = compare_initialization(slim(factor), GRAPHS / "slim_cnn.meta", effect=0.02, only=["net/fc*"]).rows
    assert {row.diagnosis for row in rows if row.outcome is Outcome.DIFFERS} == words
    assert len(rows) == 2


DENSE = INPUT.replace("dim: 9 dim: 9", "dim: 1 dim: 1") + (
    'layer { name: "layer" type: "InnerProduct" bottom: "data" top: "y" '
    'inner_product_param { num_output: 96 weight_filler { type: "xavier" } } }\n'
)


@pytest.mark.parametrize(
    ("initializer", "words"),
    [
        ("lecun_uniform", None),
        ("glorot_uniform", "Glorot where the source has LeCun (Caffe's xavier)"),
        ("he_uniform", "a gain of 2 too many"),
        ("lecun_normal", "truncated normal where the source is uniform"),
        ("zeros", "zero: this weight was never set, or set to zero"),
    ],
)
def test_mistakes_between_two_descriptions_have_the_same_names(initializer: str, words: str | None) -> None:
    source = read(DENSE, source="caffe").model
    port = read(keras("Dense", [64], units=96, kernel_initializer=initializer), path="net.json").model
    rows = compare_models(source, port, source_name="net.prototxt", port_name="net.json").rows
    assert {row.source: row.diagnosis for row in rows} == {"layer kernel": words, "layer bias": None}


def test_the_words_are_those_of_the_source_that_is_compared() -> None:
    """Keras counts a dense kernel's axes from the other end."""
    source = read(keras("Dense", [64], units=96, kernel_initializer="glorot_uniform"), path="net.json").model
    port = read(DENSE, source="caffe").model
    rows = compare_models(source, port, source_name="net.json", port_name="net.prototxt").rows
    assert {row.diagnosis for row in rows} == {"LeCun where the source has Glorot", None}


def test_axes_that_were_not_transposed_are_called_so_and_nothing_else(tmp_path: Path) -> None:
    text = keras("Conv2D", [9, 9, 64], filters=96, kernel_size=[3, 3], use_bias=False,
                 kernel_initializer="glorot_uniform")  # fmt: skip
    factory = module(
        lambda: nn.Conv2d(64, 96, 3, bias=False),
        of_weight(lambda w: w.copy_(nn.init.xavier_uniform_(torch.empty(3, 3, 64, 96)).permute(3, 2, 0, 1))),
    )
    (words,) = found("net.json", text, factory, tmp_path).values()
    assert words == "fan_avg counted on the source's axes, before they are transposed"


PROGRAM = """import tensorflow as tf

def net():
    x = tf.keras.Input((64,))
    return tf.keras.Model(x, tf.keras.layers.Dense(96, name="layer")(x))
"""


def run(folder: Path, *arguments: str) -> tuple[int, dict[str, str | None]]:
    (folder / "net.prototxt").write_text(DENSE)
    (folder / "net.py").write_text(PROGRAM)
    paths = [str(folder / name) for name in arguments]
    found = CliRunner().invoke(main, ["compare", *paths, "--source-version", "tf=2.15", "--output-format", "json"])
    assert found.exit_code in (0, 1), found.output
    return found.exit_code, {row["weight"]: row["diagnosis"] for row in json.loads(found.stdout)["weights"]}


def test_source_code_is_a_source_and_a_port(tmp_path: Path) -> None:
    """A version of a package counts for the side that is code."""
    assert run(tmp_path, "net.py", "net.py") == (0, {"layer kernel": None, "layer bias": None})
    glorot, lecun = "Glorot where the source has LeCun (Caffe's xavier)", "LeCun where the source has Glorot"
    assert run(tmp_path, "net.prototxt", "net.py") == (1, {"layer kernel": glorot, "layer bias": None})
    assert run(tmp_path, "net.py", "net.prototxt") == (1, {"layer kernel": lecun, "layer bias": None})


def test_a_model_is_asserted_to_start_as_source_code_says(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(PROGRAM.replace("Dense(96, ", "Dense(96, kernel_initializer='zeros', "))
    factory = module(lambda: nn.Linear(64, 96), lambda layer: [nn.init.zeros_(own) for own in layer.parameters()])
    rows = compare_initialization(factory, tmp_path / "net.py").rows
    assert [row.outcome for row in rows] == [Outcome.SAME] * 2


NEVER_SET = "Keras's own default: this weight was never set; or Glorot where the source has LeCun (Caffe's xavier)"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("initializer", "words"),
    [
        ("lecun_uniform", set()),
        ("glorot_uniform", {NEVER_SET}),
        ("he_uniform", {"a gain of 2 too many"}),
    ],
)
def test_a_port_to_keras(initializer: str, words: set[str]) -> None:
    library = pytest.importorskip("keras")

    def build() -> object:
        dense = library.layers.Dense(96, kernel_initializer=initializer, name="layer")
        return library.Sequential([library.Input((64,)), dense])

    source = read(DENSE, source="caffe").model
    rows = compare(source, _port(build, 0), source_name="net", port_name="port", effect=0.02).rows
    assert {row.port for row in rows} == {"layer.kernel", "layer.bias"}
    assert {row.diagnosis for row in rows if row.outcome is Outcome.DIFFERS} == words
    assert all(row.outcome is not Outcome.UNKNOWN for row in rows)
