"""Modules for the libraries on JAX, on real layers of each: the names and axes are theirs, and what is drawn is the
source's.

Needs jax and the libraries, which CI installs in an environment of their own; skipped where they are not.
"""

import itertools
import math
from typing import Any

import pytest

pytest.importorskip("flax")
pytest.importorskip("haiku")
pytest.importorskip("equinox")

import equinox as eqx
import haiku as hk
import jax
import jax.numpy as jnp
import numpy as np
from flax import linen, nnx

from benchmarks.jax_models import leaves
from initport.conversion import convert
from initport.emit.targets import target
from initport.formats.read_options import Options
from initport.grammar.layout import parse_layout
from initport.ir.weights import Kind, Role
from initport.verify.measure import Job, measure
from tests.emit.shapes import DIMS, sizes
from tests.fixtures import CASES, source

TARGETS = ("flax-linen", "flax-nnx", "haiku", "equinox")


def _linen() -> dict[Kind, tuple[linen.Module, tuple[int, ...]]]:
    d = DIMS
    sequence, image = (2, 9, d["in"]), (2, 9, 9, d["in"])
    return {
        Kind.DENSE: (linen.Dense(d["out"]), sequence),
        Kind.CONV: (linen.Conv(d["out"], (3, 5)), image),
        Kind.DEPTHWISE_CONV: (linen.Conv(d["in"] * d["mult"], (3, 5), feature_group_count=d["in"]), image),
        Kind.CONV_TRANSPOSE: (linen.ConvTranspose(d["out"], (3, 5)), image),
        Kind.EMBEDDING: (linen.Embed(d["vocabulary"], d["out"]), (2, 9)),
        Kind.LSTM: (linen.RNN(linen.LSTMCell(d["units"])), sequence),
        Kind.GRU_RESET_BEFORE: (linen.RNN(linen.GRUCell(d["units"])), sequence),
        Kind.SIMPLE_RNN: (linen.RNN(linen.SimpleCell(d["units"])), sequence),
        Kind.BATCH_NORM: (linen.LayerNorm(), (2, d["length"])),
        Kind.ATTENTION: (linen.MultiHeadDotProductAttention(d["heads"]), sequence),
    }


def _nnx() -> dict[Kind, Any]:
    d, rngs = DIMS, nnx.Rngs(0)
    return {
        Kind.DENSE: nnx.Linear(d["in"], d["out"], rngs=rngs),
        Kind.CONV: nnx.Conv(d["in"], d["out"], (3, 5), rngs=rngs),
        Kind.DEPTHWISE_CONV: nnx.Conv(d["in"], d["in"] * d["mult"], (3, 5), feature_group_count=d["in"], rngs=rngs),
        Kind.CONV_TRANSPOSE: nnx.ConvTranspose(d["in"], d["out"], (3, 5), rngs=rngs),
        Kind.EMBEDDING: nnx.Embed(d["vocabulary"], d["out"], rngs=rngs),
        Kind.LSTM: nnx.RNN(nnx.OptimizedLSTMCell(d["in"], d["units"], rngs=rngs)),
        Kind.GRU_RESET_BEFORE: nnx.RNN(nnx.GRUCell(d["in"], d["units"], rngs=rngs)),
        Kind.SIMPLE_RNN: nnx.RNN(nnx.SimpleCell(d["in"], d["units"], rngs=rngs)),
        Kind.BATCH_NORM: nnx.LayerNorm(d["length"], rngs=rngs),
        Kind.ATTENTION: nnx.MultiHeadAttention(d["heads"], d["in"], decode=False, rngs=rngs),
    }


def _haiku() -> dict[Kind, tuple[Any, tuple[int, ...]]]:
    d = DIMS
    sequence, image, state = (9, d["in"]), (2, 9, 9, d["in"]), (d["in"],)
    return {
        Kind.DENSE: (lambda: hk.Linear(d["out"]), sequence),
        Kind.CONV: (lambda: hk.Conv2D(d["out"], (3, 5)), image),
        Kind.DEPTHWISE_CONV: (lambda: hk.DepthwiseConv2D(d["mult"], (3, 5)), image),
        Kind.CONV_TRANSPOSE: (lambda: hk.Conv2DTranspose(d["out"], (3, 5)), image),
        Kind.EMBEDDING: (lambda: hk.Embed(d["vocabulary"], d["out"]), (2, 9)),
        Kind.LSTM: (lambda: _step(hk.LSTM(d["units"])), state),
        Kind.GRU_RESET_BEFORE: (lambda: _step(hk.GRU(d["units"])), state),
        Kind.SIMPLE_RNN: (lambda: _step(hk.VanillaRNN(d["units"])), state),
        Kind.CUDNN_RNN: (lambda: _step(hk.VanillaRNN(d["units"])), state),
        Kind.CONV_LSTM: (lambda: _step(hk.Conv2DLSTM((9, 9), d["units"], (3, 5))), image[1:]),
        Kind.BATCH_NORM: (lambda: hk.InstanceNorm(True, True), (2, 9, d["length"])),
        Kind.SCALE: (lambda: _training(hk.BatchNorm(True, True, 0.9)), (2, 9, 9, d["length"])),
        Kind.RMS_NORM: (lambda: hk.RMSNorm(-1), (2, d["length"])),
        Kind.ATTENTION: (lambda: _on_itself(hk.MultiHeadAttention(2, 7, w_init=jnp.ones)), sequence),
    }


def _step(core: Any) -> Any:
    return lambda x: core(x, core.initial_state(None))


def _training(norm: Any) -> Any:
    return lambda x: norm(x, True)


def _on_itself(attention: Any) -> Any:
    return lambda x: attention(x, x, x)


def _equinox(key: Any) -> dict[Kind, Any]:
    d, nn = DIMS, eqx.nn
    return {
        Kind.DENSE: nn.Linear(d["in"], d["out"], key=key),
        Kind.CONV: nn.Conv2d(d["in"], d["out"], (3, 5), key=key),
        Kind.DEPTHWISE_CONV: nn.Conv2d(d["in"], d["in"] * d["mult"], (3, 5), groups=d["in"], key=key),
        Kind.CONV_TRANSPOSE: nn.ConvTranspose2d(d["in"], d["out"], (3, 5), key=key),
        Kind.EMBEDDING: nn.Embedding(d["vocabulary"], d["out"], key=key),
        Kind.LSTM: nn.LSTMCell(d["in"], d["units"], key=key),
        Kind.GRU_RESET_BEFORE: nn.GRUCell(d["in"], d["units"], key=key),
        Kind.BATCH_NORM: nn.LayerNorm(d["length"]),
        Kind.ATTENTION: nn.MultiheadAttention(
            d["heads"],
            d["in"],
            use_query_bias=True,
            use_key_bias=True,
            use_value_bias=True,
            use_output_bias=True,
            key=key,
        ),
    }


def built(name: str) -> dict[Kind, dict[str, Any]]:
    """The parameters of a layer of each kind."""
    if name == "flax-nnx":
        return {kind: leaves(nnx.state(layer, nnx.Param)) for kind, layer in nnx.eval_shape(_nnx).items()}
    if name == "equinox":
        return {kind: leaves(layer) for kind, layer in eqx.filter_eval_shape(_equinox, jax.random.key(0)).items()}
    if name == "haiku":
        return {kind: _parameters(make, shape, kind) for kind, (make, shape) in _haiku().items()}
    key = jax.random.key(0)
    found = {}
    for kind, (layer, shape) in _linen().items():
        given = jnp.ones(shape, int if kind is Kind.EMBEDDING else float)
        params = jax.eval_shape(layer.init, key, given)["params"]
        found[kind] = {path.removeprefix("cell/"): value for path, value in leaves(params).items()}
    return found


def _parameters(make: Any, shape: tuple[int, ...], kind: Kind) -> dict[str, Any]:
    """Of a Haiku module, without its own name."""
    given = jnp.ones(shape, int if kind is Kind.EMBEDDING else float)
    params, _ = jax.eval_shape(hk.transform_with_state(lambda x: make()(x)).init, jax.random.key(0), given)
    found = leaves(params)
    return {path.partition("/")[2]: value for path, value in found.items()}


@pytest.mark.parametrize("name", TARGETS)
def test_names_and_axes_are_those_of_the_layers(name: str) -> None:
    rows, compared = target(name).vocabulary.grammar.kinds, 0
    for kind, parameters in built(name).items():
        own = {**DIMS, "out": DIMS["in"]} if kind is Kind.ATTENTION else DIMS
        for role, place in rows[kind].weights.items():
            if place.name is None or place.layout in (None, "source"):
                continue
            for path in (place.name, *place.alike, *place.zero):
                if place.part and place.part[0] > 0:
                    continue  # with the first part, as which the parameter is named
                shape = parameters.pop(path.replace(".", "/")).shape
                layout = place.zero_layout if place.zero_layout and path in place.zero else place.layout
                wanted = sizes(parse_layout(str(layout)), own)
                if place.rows:
                    wanted = (sum(sizes(parse_layout(text), own)[0] for text in place.rows), *wanted[1:])
                if "*one" in str(place.layout):
                    shape, wanted = (tuple(size for size in axes if size > 1) for axes in (shape, wanted))
                assert shape == wanted, (kind, role)
                compared += 1
        assert not parameters, (kind, list(parameters))
    assert compared > 20


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_fixture_is_a_module(case: Any, name: str) -> None:
    result = convert(source(case).read_bytes(), path=source(case).name, target=name)
    if result.text is None:
        return
    namespace: dict[str, Any] = {}
    exec(compile(result.text, case.name, "exec"), namespace)
    assert namespace["INITIALIZERS"].keys() == namespace["EXPECTED"].keys()
    assert all(callable(item) for item in namespace["INITIALIZERS"].values())


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("case", ["lenet", "every_filler", "keras_recurrent", "fcn_upsampling"])
def test_what_is_drawn_is_the_source_s(case: str, name: str) -> None:
    path = next(source(item) for item in CASES if item.name == case)
    result = convert(path.read_bytes(), path=path.name, target=name)
    assert result.text is not None
    assert result.plan is not None
    (checks,) = measure([Job(path.name, result.text, result.plan)], name, effect=0.1)
    assert len(checks) > 4
    assert [(check.entry.module, check.name, check.verdict.problem) for check in checks if check.verdict.problem] == []


def emitted(name: str, net: str) -> dict[str, Any]:
    result = convert(net, path="net.prototxt", target=name)
    assert result.text is not None
    namespace: dict[str, Any] = {}
    exec(compile(result.text, "<emitted>", "exec"), namespace)
    return namespace


NET = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
  convolution_param { num_output: 64 kernel_size: 3 pad: 1 weight_filler { type: "msra" } } }
layer { name: "fc" type: "InnerProduct" bottom: "conv1" top: "fc"
  inner_product_param { num_output: 100 weight_filler { type: "xavier" } bias_filler { value: 0.5 } } }
"""
MORE = (
    NET.replace('bottom: "conv1" top: "fc"', 'bottom: "conv0" top: "fc"')
    + """
layer { name: "conv0" type: "Convolution" bottom: "conv1" top: "conv0"
  convolution_param { num_output: 64 kernel_size: 1 weight_filler { type: "xavier" } } }
"""
)


class Linen(linen.Module):
    """A port whose constructors take the initializers."""

    arguments: Any
    dtype: Any = jnp.float32

    @linen.compact
    def __call__(self, x: Any) -> Any:
        x = linen.Conv(64, (3, 3), name="conv1", param_dtype=self.dtype, **self.arguments.get("conv1", {}))(x)
        return linen.Dense(100, name="fc", **self.arguments.get("fc", {}))(x.reshape(len(x), -1))


class Nnx(nnx.Module):
    """The same."""

    def __init__(self, arguments: Any) -> None:
        rngs = nnx.Rngs(0)
        self.conv1 = nnx.Conv(3, 64, (3, 3), rngs=rngs, **arguments.get("conv1", {}))
        self.fc = nnx.Linear(64 * 64, 100, rngs=rngs, **arguments.get("fc", {}))


class Equinox(eqx.Module):
    """The same, whose constructors take none."""

    conv1: eqx.nn.Conv2d
    fc: eqx.nn.Linear

    def __init__(self) -> None:
        key = jax.random.key(0)
        self.conv1 = eqx.nn.Conv2d(3, 64, 3, padding=1, key=key)
        self.fc = eqx.nn.Linear(64 * 64, 100, key=key)


def _haiku_net(arguments: Any) -> Any:
    def net(x: Any) -> Any:
        x = hk.Conv2D(64, 3, name="conv1", **arguments.get("conv1", {}))(x)
        return hk.Linear(100, name="fc", **arguments.get("fc", {}))(x.reshape(len(x), -1))

    return hk.transform(net)


IMAGE = np.ones((1, 8, 8, 3), np.float32)


def parameters(name: str, arguments: Any) -> tuple[Any, dict[str, Any]]:
    """A model, or its parameters, as `init_weights` is given it; and the values, by Flax's names."""
    if name == "equinox":
        return Equinox(), values_of(Equinox())
    if name == "haiku":
        params = _haiku_net(arguments).init(jax.random.key(1), IMAGE)
        return params, values_of(params)
    if name == "flax-nnx":
        model = Nnx(arguments)
        return model, leaves(nnx.state(model, nnx.Param))
    params = Linen(arguments).init(jax.random.key(1), IMAGE)["params"]
    return params, leaves(params)


def values_of(tree: Any) -> dict[str, Any]:
    """What a model holds, by the names that Flax has for it."""
    words = {"w": "kernel", "weight": "kernel", "b": "bias"}
    split = ((path.rpartition("/"), value) for path, value in leaves(tree).items())
    return {f"{home}/{words.get(name, name)}": value for (home, _, name), value in split}


def check(values: dict[str, Any]) -> None:
    """Caffe's msra is normal, not cut, and its xavier divides by the fan_in."""
    kernel, weight = np.asarray(values["conv1/kernel"]), np.asarray(values["fc/kernel"])
    assert kernel.var() == pytest.approx(2 / 27, rel=0.15)
    assert np.abs(kernel).max() > 2.3 * math.sqrt(2 / 27)
    assert weight.var() == pytest.approx(1 / 4096, rel=0.02)
    assert np.abs(weight).max() < math.sqrt(3 / 4096) * (1 + 1e-6)
    assert (np.asarray(values["fc/bias"]) == 0.5).all()
    assert (np.asarray(values["conv1/bias"]) == 0).all()


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "equinox"])
def test_constructors_take_the_initializers(name: str) -> None:
    _, values = parameters(name, emitted(name, NET)["initializers"]())
    check(values)


@pytest.mark.parametrize("name", TARGETS)
def test_init_weights_returns_new_parameters(name: str) -> None:
    model, before = parameters(name, {})
    key = jax.random.key(7)
    started, left = emitted(name, NET)["init_weights"](model, key)
    assert left == []
    check(values_of(started))
    assert all((np.asarray(value) == np.asarray(before[path])).all() for path, value in parameters(name, {})[1].items())
    again, _ = emitted(name, NET)["init_weights"](model, key)
    more, left = emitted(name, MORE)["init_weights"](model, key, strict=False)
    for one, other in itertools.product([leaves(started)], [leaves(again), leaves(more)]):
        assert all((np.asarray(one[path]) == np.asarray(other[path])).all() for path in one)
    if name == "flax-nnx":
        nnx.update(model, started)
        check(leaves(nnx.state(model, nnx.Param)))


NAMES = {"flax-linen": "kernel", "flax-nnx": "kernel", "haiku": "w", "equinox": "weight"}


@pytest.mark.parametrize("name", TARGETS)
def test_what_does_not_fit_is_reported(name: str) -> None:
    namespace, (model, _) = emitted(name, NET), parameters(name, {})
    key = jax.random.key(0)
    with pytest.raises(KeyError, match=rf"not in the model: first/{NAMES[name]}"):
        namespace["init_weights"](model, key, {"conv1": "first"})
    shape = r"\(64, 3, 5, 5\)" if name == "equinox" else r"\(5, 5, 3, 64\)"
    with pytest.raises(ValueError, match=rf"conv1/{NAMES[name]}: its shape is {shape} in the source"):
        emitted(name, NET.replace("kernel_size: 3 pad: 1", "kernel_size: 5 pad: 2"))["init_weights"](model, key)
    _, left = namespace["init_weights"](model, key, {"fc": None})
    assert sorted(left) == sorted(f"fc/{part}" for part in (NAMES[name], "b" if name == "haiku" else "bias"))


def test_bfloat16_is_drawn_in_float32() -> None:
    """Uniform draws of JAX in bfloat16 lie 0.7 percent too low in variance; a cast of float32 does not."""
    arguments = emitted("flax-linen", NET.replace("msra", "xavier"))["initializers"]()
    shape = (3, 3, 3, 100_000)
    drawn = arguments["conv1"]["kernel_init"](jax.random.key(0), shape, jnp.bfloat16)
    assert drawn.dtype == jnp.bfloat16
    assert np.asarray(drawn, np.float32).var() == pytest.approx(1 / 27, rel=0.002)


GLOROT = """{"class_name": "VarianceScaling", "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"}}"""


def test_gates_start_apart() -> None:
    """Keras starts the forget gate's bias at 1: of Linen's four biases it is that of the forget gate."""
    text = """{"class_name": "Sequential", "keras_version": "2.3.1", "config": {"name": "n", "layers": [
      {"class_name": "LSTM", "config": {"name": "lstm", "units": 12, "batch_input_shape": [null, 9, 20],
       "recurrent_initializer": GLOROT, "kernel_initializer": GLOROT,
       "bias_initializer": {"class_name": "Zeros", "config": {}}, "unit_forget_bias": true}}]}}"""
    text = text.replace("GLOROT", GLOROT)
    result = convert(text, path="m.json", target="flax-linen", options=Options())
    assert result.text is not None
    namespace: dict[str, Any] = {}
    exec(compile(result.text, "<emitted>", "exec"), namespace)

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x: Any) -> Any:
            return linen.RNN(linen.LSTMCell(12, name="lstm"))(x)

    params = Net().init(jax.random.key(0), jnp.ones((1, 9, 20)))["params"]
    started, left = namespace["init_weights"](params, jax.random.key(1))
    values = leaves(started)
    assert left == []
    biases = {gate: np.asarray(values[f"lstm/h{gate}/bias"]).tolist() for gate in "ifgo"}
    assert biases == {"i": [0.0] * 12, "f": [1.0] * 12, "g": [0.0] * 12, "o": [0.0] * 12}
    kernels = np.stack([np.asarray(values[f"lstm/i{gate}/kernel"]) for gate in "ifgo"])
    assert kernels.var() == pytest.approx(2 / (20 + 48), rel=0.15)
    assert np.unique(kernels).size == kernels.size


STACK = """{"class_name": "Sequential", "keras_version": "2.3.1", "config": {"name": "n", "layers": [
  {"class_name": "RNN", "config": {"name": "stack", "batch_input_shape": [null, 9, 20], "cell":
   {"class_name": "StackedRNNCells", "config": {"cells": [CELL(12), CELL(7)]}}}}]}}"""
CELL = """{"class_name": "LSTMCell", "config": {"units": UNITS, "kernel_initializer": GLOROT, "unit_forget_bias": false,
  "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 2.0}},
  "bias_initializer": {"class_name": "Zeros", "config": {}}}}""".replace("GLOROT", GLOROT)
for _units in ("12", "7"):
    STACK = STACK.replace(f"CELL({_units})", CELL.replace("UNITS", _units))


class LinenStack(linen.Module):
    def setup(self) -> None:
        self.cells = [linen.LSTMCell(12), linen.LSTMCell(7)]

    def __call__(self, x: Any) -> Any:
        for cell in self.cells:
            _, x = cell(cell.initialize_carry(jax.random.key(0), x.shape), x)
        return x


class LinenStacked(linen.Module):
    @linen.compact
    def __call__(self, x: Any) -> Any:
        return LinenStack(name="stack")(x)


class NnxStack(nnx.Module):
    def __init__(self, rngs: Any) -> None:
        cells = [nnx.RNN(nnx.OptimizedLSTMCell(*sizes, rngs=rngs)) for sizes in ((20, 12), (12, 7))]
        self.cells = getattr(nnx, "List", list)(cells)  # 0.10 has lists alone


class NnxStacked(nnx.Module):
    def __init__(self) -> None:
        self.stack = NnxStack(nnx.Rngs(0))


class EquinoxStack(eqx.Module):
    cells: list[eqx.nn.LSTMCell]

    def __init__(self) -> None:
        self.cells = [eqx.nn.LSTMCell(*sizes, key=jax.random.key(0)) for sizes in ((20, 12), (12, 7))]


class EquinoxStacked(eqx.Module):
    stack: EquinoxStack

    def __init__(self) -> None:
        self.stack = EquinoxStack()


class HaikuStack(hk.Module):
    def __call__(self, x: Any) -> Any:
        for index, units in enumerate((12, 7)):
            core = hk.LSTM(units, name=f"cells_{index}")
            x, _ = core(x, core.initial_state(None))
        return x


def stacked(name: str) -> Any:
    match name:
        case "flax-linen":
            return LinenStacked().init(jax.random.key(0), jnp.ones(20))["params"]
        case "flax-nnx":
            return NnxStacked()
        case "equinox":
            return EquinoxStacked()
    return hk.transform(lambda x: HaikuStack(name="stack")(x)).init(jax.random.key(0), jnp.ones(20))


def recurrent_kernels(name: str, started: Any) -> list[Any]:
    """Of both cells, as (units, 4 * units)."""
    values = {path: np.asarray(value) for path, value in leaves(started).items()}
    match name:
        case "flax-linen":
            gates = [[values[f"stack/cells_{index}/h{gate}/kernel"] for gate in "ifgo"] for index in (0, 1)]
            return [np.concatenate(four, axis=-1) for four in gates]
        case "flax-nnx":
            return [values[f"stack/cells/{index}/cell/dense_h/kernel"] for index in (0, 1)]
        case "equinox":
            return [values[f"stack/cells/{index}/weight_hh"].T for index in (0, 1)]
    return [values[f"stack/cells_{index}/linear/w"][-units:] for index, units in enumerate((12, 7))]


@pytest.mark.parametrize("name", TARGETS)
def test_each_cell_of_a_stack_has_one_orthogonal_matrix(name: str) -> None:
    """Of Linen's cells each gate has its slice of it."""
    result = convert(STACK, path="m.json", target=name, options=Options())
    assert all(item.exit_code == 0 for item in result.diagnostics), result.diagnostics
    assert any("`cells" in item.detail for item in result.diagnostics)
    namespace: dict[str, Any] = {}
    exec(compile(str(result.text), "<emitted>", "exec"), namespace)
    started, left = namespace["init_weights"](stacked(name), jax.random.key(1))
    assert left == []
    first, second = recurrent_kernels(name, started)
    assert first @ first.T == pytest.approx(4 * np.eye(12), abs=1e-5)
    assert second @ second.T == pytest.approx(4 * np.eye(7), abs=1e-5)


BIDIRECTIONAL = (
    STACK[: STACK.index('{"class_name": "RNN"')]
    + """{"class_name": "Bidirectional", "config":
  {"name": "both", "batch_input_shape": [null, 9, 20], "layer": {"class_name": "LSTM", "config": {"name": "lstm",
   "units": 12, "unit_forget_bias": false, "recurrent_initializer": {"class_name": "Orthogonal", "config": {}}}}}}]}}"""
)


class LinenBoth(linen.Module):
    def setup(self) -> None:
        self.both = linen.Bidirectional(linen.RNN(linen.LSTMCell(12)), linen.RNN(linen.LSTMCell(12)))

    def __call__(self, x: Any) -> Any:
        return self.both(x)


class NnxBoth(nnx.Module):
    def __init__(self) -> None:
        ways = [nnx.RNN(nnx.OptimizedLSTMCell(20, 12, rngs=nnx.Rngs(0))) for _ in range(2)]
        self.both = nnx.Bidirectional(*ways)


@pytest.mark.parametrize("name", ["flax-linen", "flax-nnx"])
def test_both_directions_of_a_layer_start(name: str) -> None:
    result = convert(BIDIRECTIONAL, path="m.json", target=name, options=Options())
    assert all(item.exit_code == 0 for item in result.diagnostics), result.diagnostics
    namespace: dict[str, Any] = {}
    exec(compile(str(result.text), "<emitted>", "exec"), namespace)
    linen_params = LinenBoth().init(jax.random.key(0), jnp.ones((1, 9, 20)))["params"]
    model = linen_params if name == "flax-linen" else NnxBoth()
    _, left = namespace["init_weights"](model, jax.random.key(1))
    assert left == []


def test_keras_on_jax_draws_the_source_s(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second backend of the target Keras."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    path = next(source(item) for item in CASES if item.name == "every_filler")
    result = convert(path.read_bytes(), path=path.name, target="keras")
    assert result.text is not None
    assert result.plan is not None
    (checks,) = measure([Job(path.name, result.text, result.plan)], "keras", effect=0.1)
    assert len(checks) > 10
    assert [(check.entry.module, check.verdict.problem) for check in checks if check.verdict.problem] == []


LSTM = """{"class_name": "Sequential", "keras_version": "2.3.1", "config": {"name": "n", "layers": [
  {"class_name": "LSTM", "config": {"name": "lstm", "units": 12, "batch_input_shape": [null, 9, 20],
   "recurrent_initializer": {"class_name": "Orthogonal", "config": {}}, "kernel_initializer": GLOROT,
   "bias_initializer": BIAS, "unit_forget_bias": UNIT}}]}}""".replace("GLOROT", GLOROT)
ZEROS, HALF = '{"class_name": "Zeros", "config": {}}', '{"class_name": "Constant", "config": {"value": 0.5}}'


def emitted_lstm(name: str, bias: str, unit_forget_bias: str) -> dict[str, Any]:
    text = LSTM.replace("BIAS", bias).replace("UNIT", unit_forget_bias)
    result = convert(text, path="m.json", target=name, options=Options())
    assert result.text is not None
    namespace: dict[str, Any] = {}
    exec(compile(result.text, "<emitted>", "exec"), namespace)
    return namespace


def _lstm_net(x: Any) -> Any:
    core = hk.LSTM(12, name="lstm")
    return core(x, core.initial_state(None))


@pytest.mark.parametrize(
    ("bias", "unit_forget_bias", "starts"),
    [
        (ZEROS, "true", [0.0, 0.0, 0.0, 0.0]),  # Keras starts it at 1, Haiku adds 1 when it runs
        (ZEROS, "false", [0.0, 0.0, -1.0, 0.0]),
        (HALF, "true", [0.5, 0.5, 0.0, 0.5]),
    ],
)
def test_haiku_s_lstm_computes_what_the_source_s_does(bias: str, unit_forget_bias: str, starts: list[float]) -> None:
    """Its gates are the input's, the cell's, the forget and the output's."""
    namespace = emitted_lstm("haiku", bias, unit_forget_bias)
    params = hk.transform(_lstm_net).init(jax.random.key(0), jnp.ones(20))
    started, left = namespace["init_weights"](params, jax.random.key(1))
    assert left == []
    weight, found = (np.asarray(started["lstm/linear"][name]) for name in ("w", "b"))
    assert found.tolist() == [start for start in starts for _ in range(12)]
    assert weight[:20].var() == pytest.approx(2 / (20 + 48), rel=0.15)
    assert weight[20:] @ weight[20:].T == pytest.approx(np.eye(12), abs=1e-5)


def test_haiku_s_creator_starts_modules_that_take_no_initializers() -> None:
    namespace = emitted_lstm("haiku", ZEROS, "false")

    def net(x: Any) -> Any:
        with hk.custom_creator(namespace["creator"]({"lstm": "core"})):
            core = hk.LSTM(12, name="core")
            return core(x, core.initial_state(None))

    started: Any = hk.transform(net).init(jax.random.key(0), jnp.ones(20))
    weight, bias = (started["core/linear"][name] for name in ("w", "b"))
    assert np.asarray(bias).tolist() == [start for start in (0.0, 0.0, -1.0, 0.0) for _ in range(12)]
    state = np.asarray(weight)[20:]
    assert state @ state.T == pytest.approx(np.eye(12), abs=1e-5)
    with pytest.raises(
        ValueError, match=r"lstm/linear/w: its shape is \(32, 48\) in the source, \(42, 48\) in the model"
    ):
        hk.transform(lambda x: _created(namespace, x)).init(jax.random.key(0), jnp.ones(30))


def _created(namespace: dict[str, Any], x: Any) -> Any:
    with hk.custom_creator(namespace["creator"]()):
        return _lstm_net(x)


def test_equinox_s_weights_have_its_axes_and_the_model_stays_callable() -> None:
    started, left = emitted("equinox", NET)["init_weights"](Equinox(), jax.random.key(3))
    assert left == []
    assert isinstance(started, Equinox)
    assert started.conv1(jnp.ones((3, 8, 8))).shape == (64, 8, 8)


def test_roles_are_covered() -> None:
    rows = target("flax-linen").vocabulary.grammar.kinds
    assert rows[Kind.LSTM].weights[Role.BIAS].alike
