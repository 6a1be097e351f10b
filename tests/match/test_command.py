"""`initport match`: what it shows, what it writes, and that `init_weights` and `verify --model` take it."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from initport.cli import main
from initport.compare.module_names import FORMATS, naming
from initport.compare.port import ModelPort
from initport.conversion import convert, read
from initport.testing import program_of_ports
from tests.compare import ports
from tests.fixtures import CASES, source
from tests.formats.graph.build import const, graph, reading, started

LENET = source(next(case for case in CASES if case.name == "lenet"))
MODEL = read(LENET.read_bytes(), path=str(LENET)).model
IN_ORDER = {"conv1": "0", "conv2": "2", "ip1": "3", "ip2": "4"}


def run(*arguments: str) -> tuple[int, str, str]:
    found = CliRunner().invoke(main, list(arguments))
    return found.exit_code, found.stdout, found.stderr


def port(model: Any) -> ModelPort:
    def measure(*_: Any) -> dict[str, Any]:
        raise AssertionError("nothing is measured")

    return ModelPort(program_of_ports().describe(model), measure, single=True)


def test_the_file_is_what_init_weights_takes(tmp_path: Path) -> None:
    path = tmp_path / "rename.json"
    code, out, err = run("match", str(LENET), "tests.compare.ports:in_order", "--write", str(path))
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["layer", *IN_ORDER]
    assert "4 of 4 layers are matched; pass rename=json.load(open(" in err
    rename = json.loads(path.read_text())
    assert rename == IN_ORDER
    emitted = convert(LENET.read_bytes(), path=str(LENET), target="torch").text
    assert emitted is not None
    namespace: dict[str, Any] = {}
    exec(compile(emitted, "init.py", "exec"), namespace)
    model = ports.in_order()
    assert namespace["init_weights"](model, rename=rename) == []
    assert torch.all(model.get_parameter("2.bias") == 0.1)


def test_verify_initializes_a_model_of_other_names() -> None:
    code, out, _ = run("verify", str(LENET), "--model", "tests.compare.ports:in_order", "--effect", "0.05",
                       "--only", "ip*", "--output-format", "json")  # fmt: skip
    rows = json.loads(out)["weights"]
    assert code == 0
    assert {(row["weight"], row["port"], row["verdict"]) for row in rows} == {
        ("ip1 kernel", "3.weight", "same"), ("ip1 bias", "3.bias", "same"),
        ("ip2 kernel", "4.weight", "same"), ("ip2 bias", "4.bias", "same"),
    }  # fmt: skip


def test_a_port_that_is_none_is_bad_usage(tmp_path: Path) -> None:
    assert run("match", str(LENET), str(LENET))[0] == 2
    assert run("match", str(LENET), "tests.compare.ports:breaks")[0] == 2


class Wrapped(nn.Module):
    """The same names behind another's."""

    def __init__(self) -> None:
        super().__init__()
        self.net = ports.LeNet()

    def forward(self, x: Any) -> Any:
        for layer in self.net.children():
            x = layer(x)
        return x


def parametrized() -> nn.Module:
    model = ports.LeNet()
    nn.utils.parametrizations.weight_norm(model.conv1)
    return model


def renamed(model: nn.Module) -> nn.Module:
    """Names but for punctuation."""
    changed = nn.Module()
    for name, layer in model.named_children():
        changed.add_module(name[:-1].title() + "_" + name[-1], layer)
    return changed


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize(
    ("model", "how", "rename"),
    [
        (ports.LeNet, "name", "{}"),
        (parametrized, "name", "{}"),
        (lambda: renamed(ports.LeNet()), "name but for punctuation", None),
        (Wrapped, "name behind 'net.'", "net.{}"),
        (lambda: nn.DataParallel(ports.LeNet()), "name behind 'module.'", "module.{}"),
        (lambda: nn.DataParallel(Wrapped()), "name behind 'module.net.'", "module.net.{}"),
        (lambda: torch.compile(ports.LeNet()), "name behind '_orig_mod.'", "_orig_mod.{}"),
    ],
)
def test_names_and_wrappers(model: Any, how: str, rename: str | None) -> None:
    found = naming(MODEL, port(model()), "torch")
    assert {line.how for line in found.lines} == {how}
    if rename is not None:
        assert found.rename == {name: rename.format(name) for name in IN_ORDER}
    assert (found.extra, found.exit_code) == ((), 0)


def test_the_places_in_a_wrapped_model_are_those_in_it() -> None:
    found = naming(MODEL, port(nn.DataParallel(ports.in_order())), "torch")
    assert found.rename == {name: f"module.{place}" for name, place in IN_ORDER.items()}
    assert {line.how for line in found.lines} == {"place in the graph and shape"}


def test_a_model_that_cannot_be_traced_is_matched_by_order() -> None:
    class Untraceable(nn.Sequential):
        def forward(self, x: Any) -> Any:
            return x if x.sum() > 0 else -x

    found = naming(MODEL, port(Untraceable(*ports.in_order().children())), "torch")
    assert found.rename == IN_ORDER
    assert {line.how for line in found.lines} == {"order and shape"}


def test_what_is_on_one_side_only_is_reported() -> None:
    model = nn.Sequential(nn.Conv2d(1, 20, 5), nn.Conv2d(7, 9, 2), nn.Linear(800, 500), nn.Linear(500, 10))
    found = naming(MODEL, port(model), "torch")
    assert found.rename == {"conv1": "0", "ip1": "2", "ip2": "3"}
    assert (found.extra, found.exit_code) == (("1",), 1)
    assert "not in the model" in FORMATS["text"](found)
    assert "in the model and not in the source: 1" in FORMATS["text"](found)
    assert json.loads(FORMATS["json"](found))["layers"][1]["module"] is None


def test_equal_layers_on_one_side_more_are_marked() -> None:
    text = "".join(
        f'layer {{ name: "{name}" type: "InnerProduct" bottom: "x" top: "{name}" '
        "inner_product_param { num_output: 8 } }"
        for name in ("a", "b")
    )
    head = 'layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: 8 } } }'
    twins = nn.ModuleDict({"first": nn.Linear(8, 8), "second": nn.Linear(8, 8)})
    found = naming(read(head + text, source="caffe").model, port(twins), "torch")
    assert [(line.module, line.evidence) for line in found.lines] == [
        ("first", "order and shape, one of 2 alike"), ("second", "order and shape, one of 2 alike"),
    ]  # fmt: skip


def test_a_keras_model_is_matched_by_its_graph() -> None:
    keras = pytest.importorskip("keras")
    inner = keras.Sequential([keras.Input((8, 8, 50)), keras.layers.Flatten(), keras.layers.Dense(500)], name="inner")
    x = keras.Input((28, 28, 1))
    y = keras.layers.MaxPooling2D()(keras.layers.Conv2D(20, 5, name="first")(x))
    model = keras.Model(x, keras.layers.Dense(10, name="last")(inner(keras.layers.Conv2D(50, 5, name="second")(y))))
    found = naming(MODEL, port(model), "keras")
    modules = [line.module for line in found.lines]
    assert (modules[0], modules[1], modules[3]) == ("first", "second", "last")
    assert {found.lines[index].how for index in (0, 1, 3)} == {"place in the graph and shape"}


def test_the_layers_within_a_layer_of_the_models_own_are_seen() -> None:
    keras = pytest.importorskip("keras")

    class Block(keras.layers.Layer):  # type: ignore[misc, name-defined]
        def __init__(self, name: str) -> None:
            super().__init__(name=name)
            self.conv1, self.conv2 = keras.layers.Conv2D(20, 5, name="conv1"), keras.layers.Conv2D(50, 5, name="conv2")
            self.pool = keras.layers.MaxPooling2D()

        def build(self, shape: Any) -> None:
            self.scale = self.add_weight(shape=(), name="scale")

        def call(self, x: Any) -> Any:
            return self.scale * self.pool(self.conv2(self.pool(self.conv1(x))))

    x = keras.Input((28, 28, 1))
    y = keras.layers.Dense(500, name="ip1")(keras.layers.Flatten()(Block("block")(x)))
    model = keras.Model(x, keras.layers.Dense(10, name="ip2")(y))
    found = naming(MODEL, port(model), "keras")
    assert {line.layer: line.module for line in found.lines} == {
        "conv1": "block/conv1", "conv2": "block/conv2", "ip1": "ip1", "ip2": "ip2",
    }  # fmt: skip
    assert found.extra == ("block",)
    text = convert(LENET.read_bytes(), path=str(LENET), target="keras").text
    assert text is not None
    namespace: dict[str, Any] = {}
    exec(compile(text, "init.py", "exec"), namespace)
    left = namespace["init_weights"](model, rename=found.rename)
    assert [name for name in left if "conv" in name or "ip" in name] == []


class Bare(nn.Module):
    """Parameters in no module."""

    def __init__(self) -> None:
        super().__init__()
        self.scale, self.shift = nn.Parameter(torch.zeros(2)), nn.Parameter(torch.zeros(3))


def test_parameters_in_no_module_are_matched_by_name_and_shape() -> None:
    zeros = const("zeros", 0.0, (2,))
    started_at_zero = [item for name in ("scale", "shift", "offset") for item in started("zeros", (2,), name)]
    found = naming(reading(graph(zeros, *started_at_zero)).model, port(Bare()), "torch")
    assert [(line.layer, line.module) for line in found.lines] == [
        ("scale", "scale"), ("shift", None), ("offset", None)
    ]  # fmt: skip
