"""What the source of a layer or an initializer of JAX's libraries means, against figures measured on them; and
what initializers of other frameworks mean that were drawn in the same session.

Each case is a line of Python that is read as any source is: what starts the weight, on which axes, and how. Its moments
are the measured ones, within sampling error; where nothing has its law, the reader says why.
"""

import math
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from typing import NamedTuple

import pytest

from initport.diagnostics import Code
from initport.explain.any_input import explain
from initport.grammar.call import Call as GrammarCall
from initport.grammar.layout import parse_layout
from initport.grammar.load import vocabulary
from initport.grammar.meaning import RejectedError
from initport.grammar.version import parse_version
from initport.grammar.versions import Versions
from initport.ir.initializers import Blocks, DeltaOrthogonal, Initializer, Orthogonal, Preset, Unsupported
from initport.ir.moments import moments
from initport.ir.scalar import Scalar
from initport.ir.weights import Axis, Layout, Role
from initport.python import module_sites
from initport.python.implicit import default_layers
from initport.python.place import weights
from initport.python.text import Text
from initport.python.vocabulary import names
from initport.source_code import codemod
from tests.oracles import test_graphs as graphs
from tests.oracles.measured import CHANCE, Case, cases, scores, sizes_of, within_support

NEW = Versions({"jax": (0, 12), "flax": (0, 12), "haiku": (0, 0, 17), "equinox": (0, 13)})
OLD = Versions({"jax": (0, 4, 38), "flax": (0, 10, 2), "haiku": (0, 0, 13), "equinox": (0, 11, 10)})

IMPORTS = """\
import equinox as eqx
import flax.linen as nn
import haiku as hk
import jax.numpy as jnp
from flax import nnx
from jax.nn import initializers as init
layer = {code}
"""


class Call(NamedTuple):
    """A line of source, the sizes of its weights by role, and the roles of those that another name is given."""

    code: str
    sizes: Mapping[str, int]
    roles: Mapping[str, str]


_IN = {"in": 30, "out": 40}
_WINDOW = {"in": 16, "out": 24, "kernel": 15, "groups": 1}
_GROUPED = {**_WINDOW, "groups": 4}
_CELL = {"in": 20, "units": 12}
_HEADS = {"in": 24, "key_in": 24, "value_in": 24, "heads": 4, "head": 8, "value_head": 8, "out": 24}
_PLAIN = {"kernel": "kernel", "w": "kernel", "weight": "kernel", "bias": "bias", "b": "bias"}
_ATTENTION = {
    **{f"{part}/kernel": f"{part}_kernel" for part in ("query", "key", "value")},
    **{f"{part}/bias": f"{part}_bias" for part in ("query", "key", "value")},
    "out/kernel": "output_kernel", "out/bias": "output_bias",
    **{f"multi_head_attention/{part}/w": f"{part}_kernel" for part in ("query", "key", "value")},
    **{f"multi_head_attention/{part}/b": f"{part}_bias" for part in ("query", "key", "value")},
    **{f"{part}_proj/weight": f"{part}_kernel" for part in ("query", "key", "value")},
}  # fmt: skip
_GATES = {
    **{f"i{gate}/kernel": "kernel" for gate in "ifgorzn"},
    **{f"h{gate}/kernel": "recurrent_kernel" for gate in "ifgorzn"},
    **{f"h{gate}/bias": "bias" for gate in "ifgo"},
    "dense_i/kernel": "kernel", "dense_h/kernel": "recurrent_kernel", "dense_i/bias": "bias", "dense_h/bias": "bias",
    "h/kernel": "recurrent_kernel", "i/kernel": "kernel",
}  # fmt: skip
_LINEN_GRU = {**_GATES, **{f"i{gate}/bias": "biases" for gate in "rzn"}}

LAYERS: Mapping[tuple[str, str], Call] = {
    ("linen", "Dense"): Call("nn.Dense(40)", _IN, _PLAIN),
    ("linen", "DenseGeneral"): Call("nn.DenseGeneral((4, 6), axis=(-2, -1))", {"in": 120, "out": 24}, _PLAIN),
    ("linen", "DenseGeneral glorot"): Call(
        "nn.DenseGeneral((4, 6), kernel_init=nn.initializers.glorot_uniform())", {"in": 30, "out": 24}, _PLAIN
    ),
    ("linen", "Einsum"): Call("nn.Einsum((3, 5, 6), '...a,abc->...bc')", {"in": 5, "kernel": 3, "out": 6}, _PLAIN),
    ("linen", "Conv"): Call("nn.Conv(24, (3, 5), feature_group_count=4)", _GROUPED, _PLAIN),
    ("linen", "Conv he_normal depthwise"): Call(
        "nn.Conv(32, (3, 5), feature_group_count=16, kernel_init=nn.initializers.he_normal())",
        {"in": 16, "groups": 16, "kernel": 15, "out": 32}, _PLAIN,
    ),
    ("linen", "ConvLocal"): Call("nn.ConvLocal(6, (3,))", {"in": 5, "kernel": 3, "positions": 8, "out": 6}, _PLAIN),
    ("linen", "ConvTranspose"): Call("nn.ConvTranspose(24, (3, 5))", _WINDOW, _PLAIN),
    ("linen", "ConvTranspose transpose_kernel"): Call(
        "nn.ConvTranspose(24, (3, 5), transpose_kernel=True)", _WINDOW, _PLAIN
    ),
    ("linen", "MHDPA"): Call("nn.MultiHeadDotProductAttention(4, qkv_features=32)", _HEADS, _ATTENTION),
    ("linen", "MHDPA glorot"): Call(
        "nn.MultiHeadDotProductAttention(4, qkv_features=32, kernel_init=nn.initializers.xavier_uniform())",
        _HEADS, _ATTENTION,
    ),
    ("linen", "LSTMCell"): Call("nn.LSTMCell(12)", _CELL, _GATES),
    ("linen", "OptimizedLSTMCell"): Call("nn.OptimizedLSTMCell(12)", _CELL, _GATES),
    ("linen", "GRUCell"): Call("nn.GRUCell(12)", _CELL, _LINEN_GRU),
    ("linen", "MGUCell"): Call(
        "nn.MGUCell(12)", _CELL, {**_GATES, "if/bias": "bias", "in/bias": "output_bias", "hn/bias": "output_bias"}
    ),
    ("linen", "SimpleCell"): Call("nn.SimpleCell(12)", _CELL, _GATES),
    ("linen", "ConvLSTMCell"): Call(
        "nn.ConvLSTMCell(6, (3, 3))", {"in": 5, "units": 6, "kernel": 9},
        {"ih/bias": "bias", "hh/kernel": "recurrent_kernel"},
    ),
    ("linen", "BatchNorm"): Call("nn.BatchNorm()", {}, {"batch_stats/mean": "moving_mean", "params/scale": "gamma"}),
    ("nnx", "Linear"): Call("nnx.Linear(30, 40, rngs=rngs)", _IN, _PLAIN),
    ("nnx", "LinearGeneral"): Call("nnx.LinearGeneral((3, 5), (4, 6), rngs=rngs)", {"in": 15, "out": 24}, _PLAIN),
    ("nnx", "Einsum"): Call(
        "nnx.Einsum('...a,abc->...bc', (3, 5, 6), (5, 6), rngs=rngs)", {"in": 5, "kernel": 3, "out": 6}, _PLAIN
    ),
    ("nnx", "Conv"): Call("nnx.Conv(16, 24, (3, 5), feature_group_count=4, rngs=rngs)", _GROUPED, _PLAIN),
    ("nnx", "ConvTranspose"): Call("nnx.ConvTranspose(16, 24, (3, 5), rngs=rngs)", _WINDOW, _PLAIN),
    ("nnx", "ConvTranspose transpose_kernel"): Call(
        "nnx.ConvTranspose(16, 24, (3, 5), transpose_kernel=True, rngs=rngs)", _WINDOW, _PLAIN
    ),
    ("nnx", "MultiHeadAttention"): Call("nnx.MultiHeadAttention(4, 24, 32, rngs=rngs)", _HEADS, _ATTENTION),
    ("nnx", "LSTMCell"): Call("nnx.LSTMCell(20, 12, rngs=rngs)", _CELL, _GATES),
    ("nnx", "OptimizedLSTMCell"): Call("nnx.OptimizedLSTMCell(20, 12, rngs=rngs)", _CELL, _GATES),
    ("nnx", "GRUCell"): Call("nnx.GRUCell(20, 12, rngs=rngs)", _CELL, _GATES),
    ("nnx", "SimpleCell"): Call("nnx.SimpleCell(20, 12, rngs=rngs)", _CELL, _GATES),
    ("nnx", "BatchNorm"): Call("nnx.BatchNorm(5, rngs=rngs)", {}, {"scale": "gamma"}),
    ("nnx", "LoRA"): Call(
        "nnx.LoRA(30, 4, 40, rngs=rngs)", {"in": 30, "low": 4, "out": 40},
        {"lora_a": "low_rank_in", "lora_b": "low_rank_out"},
    ),
    ("nnx", "PReLU"): Call("nnx.PReLU()", {}, {"negative_slope": "alpha"}),
    ("haiku", "Linear"): Call("hk.Linear(40)", _IN, _PLAIN),
    ("haiku", "Conv2D"): Call("hk.Conv2D(24, (3, 5), feature_group_count=4)", _GROUPED, _PLAIN),
    ("haiku", "Conv2DTranspose"): Call("hk.Conv2DTranspose(24, (3, 5))", _WINDOW, _PLAIN),
    ("haiku", "Conv2DTranspose VS"): Call(
        "hk.Conv2DTranspose(24, (3, 5), w_init=hk.initializers.VarianceScaling())", _WINDOW, _PLAIN
    ),
    ("haiku", "DepthwiseConv2D"): Call("hk.DepthwiseConv2D(2, (3, 5))", {"in": 16, "mult": 2, "kernel": 15}, _PLAIN),
    ("haiku", "DepthwiseConv2D VS"): Call(
        "hk.DepthwiseConv2D(2, (3, 5), w_init=hk.initializers.VarianceScaling())",
        {"in": 16, "mult": 2, "kernel": 15}, _PLAIN,
    ),
    ("haiku", "SeparableDepthwiseConv2D"): Call(
        "hk.SeparableDepthwiseConv2D(2, (3, 5))", {"in": 16, "mult": 2}, _PLAIN
    ),
    ("haiku", "Embed"): Call("hk.Embed(50, 20)", {}, {"embed/embeddings": "kernel"}),
    ("haiku", "LSTM"): Call("hk.LSTM(12)", _CELL, {"lstm/linear/w": "kernel", "lstm/linear/b": "bias"}),
    ("haiku", "GRU"): Call("hk.GRU(12)", _CELL, {"gru/w_i": "kernel", "gru/w_h": "recurrent_kernel", "gru/b": "bias"}),
    ("haiku", "VanillaRNN"): Call(
        "hk.VanillaRNN(12)", _CELL, {"vanilla_rnn/linear/b": "bias", "vanilla_rnn/linear_1/b": "bias",
                                     "vanilla_rnn/linear_1/w": "recurrent_kernel"},
    ),
    ("haiku", "Conv2DLSTM"): Call(
        "hk.Conv2DLSTM((8, 8, 5), 6, 3)", {"in": 5, "units": 6, "kernel": 9},
        {"conv2_dlstm/input_to_hidden/w": "kernel", "conv2_dlstm/hidden_to_hidden/w": "recurrent_kernel",
         "conv2_dlstm/input_to_hidden/b": "bias", "conv2_dlstm/hidden_to_hidden/b": "bias"},
    ),
    ("haiku", "LayerNorm"): Call("hk.LayerNorm(-1, True, True)", {}, {"layer_norm/scale": "gamma"}),
    ("haiku", "MultiHeadAttention"): Call(
        "hk.MultiHeadAttention(4, 8, w_init=hk.initializers.VarianceScaling(2.0), model_size=24)", _HEADS, _ATTENTION
    ),
    ("equinox", "Linear"): Call("eqx.nn.Linear(30, 40, key=key)", _IN, _PLAIN),
    ("equinox", "Conv2d"): Call("eqx.nn.Conv2d(16, 24, (3, 5), groups=4, key=key)", _GROUPED, _PLAIN),
    ("equinox", "ConvTranspose2d"): Call("eqx.nn.ConvTranspose2d(16, 24, (3, 5), key=key)", _WINDOW, _PLAIN),
    ("equinox", "ConvTranspose2d groups"): Call(
        "eqx.nn.ConvTranspose2d(16, 24, (3, 5), groups=4, key=key)", _GROUPED, _PLAIN
    ),
    ("equinox", "Embedding"): Call("eqx.nn.Embedding(50, 20, key=key)", {}, _PLAIN),
    ("equinox", "LSTMCell"): Call(
        "eqx.nn.LSTMCell(20, 12, key=key)", _CELL, {"weight_ih": "kernel", "weight_hh": "recurrent_kernel"}
    ),
    ("equinox", "GRUCell"): Call(
        "eqx.nn.GRUCell(20, 12, key=key)", _CELL,
        {"weight_ih": "kernel", "weight_hh": "recurrent_kernel", "bias": "bias", "bias_n": "recurrent_bias"},
    ),
    ("equinox", "MultiheadAttention"): Call("eqx.nn.MultiheadAttention(4, 24, qk_size=8, key=key)", _HEADS, _ATTENTION),
    ("equinox", "LayerNorm"): Call("eqx.nn.LayerNorm(5)", {}, {"weight": "gamma", "bias": "beta"}),
    ("equinox", "BatchNorm"): Call(
        "eqx.nn.BatchNorm(5, 'batch')", {}, {"weight": "gamma", "batch_state_index/init/1": "moving_variance"}
    ),
    ("equinox", "PReLU"): Call("eqx.nn.PReLU()", {}, {"negative_slope": "alpha"}),
}  # fmt: skip

INITIALIZERS: Mapping[tuple[str, str], str] = {
    ("jax", "zeros"): "init.zeros",
    ("jax", "he_normal in=-1 out=-2"): "init.he_normal(in_axis=-1, out_axis=-2)",
    ("jax", "he_normal multi-in"): "init.he_normal(in_axis=(0, 1), out_axis=2)",
    ("jax", "lecun_normal 1d in=0 out=0"): "init.lecun_normal(in_axis=0, out_axis=0)",
    ("jax", "orthogonal col=-2"): "init.orthogonal(column_axis=-2)",
    ("jax", "delta_orthogonal even"): "init.delta_orthogonal()",
    ("jax", "glorot_uniform bf16"): "init.glorot_uniform(dtype=jnp.bfloat16)",
    ("jax", "normal bf16"): "init.normal(0.02, dtype=jnp.bfloat16)",
    ("jax", "normal fp16"): "init.normal(0.02, dtype=jnp.float16)",
    ("jax", "uniform bf16"): "init.uniform(1.0, dtype=jnp.bfloat16)",
    ("haiku", "Constant"): "hk.initializers.Constant(0.1)",
    ("haiku", "Orthogonal tall"): "hk.initializers.Orthogonal()",
}
"""The calls that the measured arguments do not spell."""

UNEVEN = "lower"
"""An argument of laws that nothing has: the reader says so."""

TENSORFLOW: Mapping[str, str] = {
    "constant": "tf.constant_initializer({value})",
    "identity": "tf.initializers.identity({gain})",
    "normal": "tf.random_normal_initializer({mean}, {stddev})",
    "orthogonal": "tf.orthogonal_initializer({gain})",
    "truncated_normal": "tf.truncated_normal_initializer({mean}, {stddev})",
    "uniform": "tf.random_uniform_initializer({low}, {high})",
    "uniform_int": "tf.random_uniform_initializer({low}, {high}, dtype=tf.int32)",
}
"""What programs of TensorFlow call the laws of their variables."""

WHOLE_NUMBERS = "tensorflow.uniform_int"
"""What has no law that is known."""

ARRAY = "tensorflow.array"
"""Values that a graph holds."""

UNREAD = "mlx."
"""A framework that is not read."""

ROUNDED = ("jax.glorot_uniform bf16", "jax.uniform bf16", "jax.normal bf16", "jax.normal fp16")
"""Draws whose grid is so coarse that they are not of their law, or end early; what is emitted draws in single
precision."""


CASES = list(cases("jax"))


def _key(case: Case) -> tuple[str, str]:
    framework, _, api = case.api.partition(".")
    return framework, api


@cache
def _laws(code: str, old: bool = False) -> Mapping[Role, tuple[Initializer, Layout | None]]:
    """What starts the weights of a layer, by role; an initializer alone starts a role that is unknown."""
    text = Text(IMPORTS.format(code=code))
    known = names(OLD if old else NEW)
    found: dict[Role, tuple[Initializer, Layout | None]] = {}
    tree = module_sites.parse(text.content)
    with closing(module_sites.read_tree(tree, text, known)) as sites:
        assert not sites.left
        for site in sites.found:
            for weight in weights(site.place):
                (layout,) = axes_of(weight.layout)
                found[weight.role] = site.meaning(layout), layout
        given = {site.node: site for site in sites.found}
        for layer, _ in default_layers(tree, text, known, given, "layer.py"):
            found.update((weight.role, (weight.initializer, weight.layout)) for weight in layer.weights)
    return found


def axes_of(layout: str) -> tuple[Layout, ...]:
    return (parse_layout(layout).bind({"groups": 1} if "groups" not in layout else {}),)


@cache
def _initializer(code: str, shape: tuple[int, ...], version: str = "") -> Initializer:
    """What an initializer means on a weight of a shape, in a version of TensorFlow or of the others."""
    text = Text(IMPORTS.format(code=f"use(init={code})"))
    versions = OLD if version == "old" else NEW
    if "tensorflow" in code:
        versions = Versions({"tensorflow": parse_version(version)})
        text = Text(f"import tensorflow\nimport tensorflow.compat.v1\nuse(init={code})\n")
    with closing(module_sites.read_tree(module_sites.parse(text.content), text, names(versions))) as sites:
        (site,) = sites.found
        plain = Layout(tuple(Axis(Scalar.of(size)) for size in shape))
        return site.meaning(parse_layout("in, out") if len(shape) == 2 else plain)


def _code(case: Case) -> str:
    framework, api = _key(case)
    if framework == "tensorflow":
        module = "tensorflow.compat.v1" if case.version.startswith("2.") else "tensorflow"
        return TENSORFLOW[api].format(**case.kwargs).replace("tf.", f"{module}.")
    if (framework, api) in INITIALIZERS:
        return INITIALIZERS[framework, api]
    module = {"jax": "init", "haiku": "hk.initializers"}[framework]
    return f"{module}.{api}({', '.join(f'{name}={value!r}' for name, value in case.kwargs.items())})"


def _law(case: Case) -> tuple[Initializer, Mapping[str, int]]:
    """The law of a case, and the sizes that it depends on."""
    if case.api.startswith("caffe2."):
        caffe2, layout = vocabulary("caffe2"), parse_layout("out, in, *kernel" if case.shape[2:] else "out, in")
        known = sizes_of(layout, case.shape)
        assert known is not None
        return caffe2.meaning(GrammarCall(case.api.partition(".")[2], (), ()), layout), known
    if _key(case) not in LAYERS:
        return _initializer(_code(case), case.shape, case.version), _sizes(case)
    call = LAYERS[_key(case)]
    name = case.layout if case.layout in call.roles else case.layout.rpartition("/")[2]
    law, _ = _laws(call.code)[Role(call.roles[name])]
    sizes = call.sizes
    if "Separable" in call.code:
        sizes = {**sizes, "kernel": math.prod(case.shape[:-2])}
    return law.parts[0] if isinstance(law, Blocks) else law, sizes


def _sizes(case: Case) -> Mapping[str, int]:
    return dict(zip(("in", "out"), case.shape, strict=True)) if len(case.shape) == 2 else {}


def _kind(case: Case) -> str:
    if case.api.startswith(UNREAD):
        return "unread"
    if UNEVEN in case.kwargs or case.api == WHOLE_NUMBERS:
        return "refused"
    if case.api == ARRAY:
        return "values"
    return "rounded" if case.api in ROUNDED else "law"


LAW = [case for case in CASES if _kind(case) == "law"]


@pytest.mark.parametrize("case", LAW, ids=[case.name for case in LAW])
def test_moments_are_the_measured_ones(case: Case) -> None:
    law, sizes = _law(case)
    true = moments(law, sizes)
    assert true is not None
    assert isinstance(law, Orthogonal | DeltaOrthogonal) or within_support(case, true)
    assert max(map(abs, scores(case, law, true))) < CHANCE


@pytest.mark.parametrize("case", [case for case in CASES if _kind(case) == "refused"], ids=lambda case: case.name)
def test_a_law_that_nothing_has_is_refused(case: Case) -> None:
    if case.api == WHOLE_NUMBERS:
        (found,) = codemod(f"import tensorflow\nuse(init={_code(case)})\n").findings
        assert found.diagnostic.code is Code.INEXPRESSIBLE
        assert "integers are drawn" in found.diagnostic.detail
        return
    law, _ = _law(case)
    assert isinstance(law, Unsupported)
    assert "cut unevenly" in law.reason


@pytest.mark.parametrize("case", [case for case in CASES if _kind(case) == "values"], ids=lambda case: case.name)
def test_numbers_of_a_graph_are_its_own(case: Case) -> None:
    file, _, variable = case.layout.partition(":")
    law = graphs.found((file, variable))[1].initializer
    assert isinstance(law, Preset)
    values = [value.evaluate({}) for value in law.values]
    assert values == [1, 2, 3]
    assert (case.low, case.mean, case.high) == (1, 2, 3)


@pytest.mark.parametrize("case", [case for case in CASES if _kind(case) == "unread"], ids=lambda case: case.name)
def test_a_framework_that_is_not_read_is_named_and_no_layer_is_read(case: Case) -> None:
    _, call = _key(case)
    layer = f"nn.{call}" if call.startswith("init.") else call.partition(" ")[0]
    text = f"import mlx.nn as nn\nlayer = {layer}(3, 4)\nvalue = nn.init.constant(0.5)\n"
    result = codemod(text)
    assert result.text == text
    assert [item.diagnostic.code for item in result.findings] == [Code.UNREAD_FRAMEWORK]
    assert not explain(text, path="net.py").rows


@pytest.mark.parametrize("case", [case for case in CASES if case.api in ROUNDED], ids=lambda case: case.name)
def test_draws_of_half_the_digits_are_not_of_their_law(case: Case) -> None:
    law = _initializer(_code(case), case.shape)
    true = moments(law, _sizes(case))
    assert true is not None
    assert not within_support(case, true) or max(map(abs, scores(case, law, true))) > CHANCE


def test_every_case_is_one_of_these() -> None:
    assert Counter(map(_kind, CASES)) == {"law": 229, "values": 2, "refused": 3, "rounded": 4, "unread": 13}


def test_all_cases_together_scatter_as_chance_does() -> None:
    squares = []
    for case in LAW:
        law, sizes = _law(case)
        true = moments(law, sizes)
        assert true is not None
        squares += [score * score for score in scores(case, law, true) if score]
    assert len(squares) > 150
    assert abs(sum(squares) - len(squares)) < CHANCE * (2 * len(squares)) ** 0.5


def test_versions_differ_where_the_libraries_do() -> None:
    assert _initializer("init.variance_scaling(1.0, 'fan_geo_avg', 'uniform')", (3, 4)) is not None
    with pytest.raises(RejectedError, match="fan_geo_avg"):
        _initializer("init.variance_scaling(1.0, 'fan_geo_avg', 'uniform')", (3, 4), "old")
    with pytest.raises(RejectedError, match="fan_in"):
        _initializer("init.lecun_normal(in_axis=0, out_axis=0)", (50,), "old")
    old = _laws("nnx.LoRA(30, 4, 40, rngs=rngs)", old=True)
    new = _laws("nnx.LoRA(30, 4, 40, rngs=rngs)")
    assert moments(new[Role.LOW_RANK_OUT][0], {"low": 4}) != moments(old[Role.LOW_RANK_OUT][0], {"low": 4})
