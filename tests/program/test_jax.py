"""Networks of Flax, Haiku and Equinox, out of the programs that build them."""

import pytest

from initport.diagnostics import Code
from initport.ir.describe import exact_law
from tests.program.reading import lines, reading, told

NEW = {"jax": "0.12", "flax": "0.12", "haiku": "0.0.17", "equinox": "0.13"}
GATE = "lambda w: nn.init.orthogonal_(w, gain=2)"
CUT = "truncated_normal_(w, variance={})"

NNX = """
from flax import nnx
init = nnx.initializers
class Net(nnx.Module):
    def __init__(self, rngs):
        self.conv = nnx.Conv(1, 20, (5, 5), kernel_init=init.he_normal(), rngs=rngs)
        self.lstm = nnx.OptimizedLSTMCell(20, 7, rngs=rngs)
        self.fc = nnx.Linear(7, 10, kernel_init=init.uniform(0.3), bias_init=init.ones, rngs=rngs)
    def __call__(self, x):
        return self.fc(nnx.relu(self.conv(x)))
"""
COMPACT = """
from flax import linen as nn
class Net(nn.Module):
    width: int = 20
    @nn.compact
    def __call__(self, x):
        x = nn.Conv(self.width, (5, 5), kernel_init=nn.initializers.he_normal(), name="conv")(x)
        x = nn.relu(nn.Dense(10, use_bias=False)(x))
        return nn.Dense(10, use_bias=False, kernel_init=nn.initializers.zeros)(x)
"""
SETUP = """
from flax import linen as nn
class Net(nn.Module):
    def setup(self):
        self.embed = nn.Embed(30, 16)
        self.cell = nn.LSTMCell(7, recurrent_kernel_init=nn.initializers.orthogonal(2.0))
    def __call__(self, x):
        return self.cell(self.embed(x))
"""
HAIKU = """
import haiku as hk
def net(x):
    x = hk.Conv2D(20, 5, with_bias=False, w_init=hk.initializers.VarianceScaling(2.0), name="conv")(x)
    return hk.Linear(10, with_bias=False)(hk.Flatten()(x))
model = hk.transform(net)
"""
EQUINOX = """
import equinox as eqx
import jax
class Net(eqx.Module):
    conv: eqx.nn.Conv2d
    layers: list
    def __init__(self, key):
        first, second = jax.random.split(key)
        self.conv = eqx.nn.Conv2d(2, 20, 5, groups=2, use_bias=False, key=first)
        self.layers = [eqx.nn.Linear(20, 10, key=second)]
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            NNX,
            {
                "conv kernel": CUT.format("2 / w[0].numel()"),
                "conv bias": "nn.init.zeros_(w)",
                "lstm kernel": CUT.format("1 / w.shape[1]"),
                "lstm recurrent_kernel": "nn.init.orthogonal_(w)",
                "lstm bias": "nn.init.zeros_(w)",
                "fc kernel": "nn.init.uniform_(w, 0, 0.3)",
                "fc bias": "nn.init.ones_(w)",
            },
        ),
        (
            COMPACT,
            {
                "conv kernel": CUT.format("2 / w[0].numel()"),
                "conv bias": "nn.init.zeros_(w)",
                "Dense_0 kernel": CUT.format("1 / w.shape[1]"),
                "Dense_1 kernel": "nn.init.zeros_(w)",
            },
        ),
        (
            SETUP,
            {
                "embed kernel": 'nn.init.kaiming_normal_(w, nonlinearity="linear")',
                "cell kernel": CUT.format("1 / w.shape[1]"),
                "cell recurrent_kernel": f"blocks_(w, {', '.join([GATE] * 4)})",
                "cell bias": "nn.init.zeros_(w)",
            },
        ),
        (
            HAIKU,
            {
                "conv kernel": CUT.format("2 / w[0].numel()"),
                "linear kernel": "nn.init.trunc_normal_(w, mean=0, std=math.sqrt(1 / w.shape[1]), "
                "a=-math.sqrt(4 / w.shape[1]), b=math.sqrt(4 / w.shape[1]))",
            },
        ),
        (
            EQUINOX,
            {
                "conv kernel": "nn.init.uniform_(w, -math.sqrt(1 / w[0].numel()), "
                "math.sqrt(1 / w[0].numel()))",
                "layers.0 kernel": "nn.init.uniform_(w, -math.sqrt(1 / w.shape[1]), "
                "math.sqrt(1 / w.shape[1]))",
                "layers.0 bias": "nn.init.uniform_(w, -math.sqrt(0.05), math.sqrt(0.05))",
            },
        ),
    ],
    ids=["nnx", "linen compact", "linen setup", "haiku", "equinox"],
)  # fmt: skip
def test_each_layer_starts_as_its_library_says(text: str, expected: dict[str, str]) -> None:
    assert lines(text, versions=NEW) == expected


@pytest.mark.parametrize("text", [NNX, COMPACT, SETUP, HAIKU, EQUINOX])
def test_nothing_that_makes_no_layers_is_reported(text: str) -> None:
    codes = {item.code for item in reading(text, versions=NEW).diagnostics}
    assert codes <= {Code.ASSUMED_CALL, Code.STATISTICS}


def test_modules_that_number_their_layers_each_by_itself_are_refused() -> None:
    text = """
        from flax import linen as nn
        class Block(nn.Module):
            @nn.compact
            def __call__(self, x):
                return nn.Dense(10)(x)
        class Net(nn.Module):
            @nn.compact
            def __call__(self, x):
                return nn.Dense(10)(Block()(x))
    """
    assert sum("each numbers its own" in line for line in told(text, versions=NEW)) == 2
    assert not any("each numbers its own" in line for line in told(text, network="Block", versions=NEW))


def test_what_differs_between_versions_is_asked_for() -> None:
    text = """
        from flax import nnx
        class Net(nnx.Module):
            def __init__(self, rngs):
                self.low = nnx.LoRA(30, 4, 40, rngs=rngs)
    """
    assert any("IP317" in line or "--source-version flax=VERSION" in line for line in told(text, versions={}))
    assert not any("--source-version" in line for line in told(text, versions=NEW))


def test_a_default_that_counts_inputs_and_state_is_that_of_both() -> None:
    text = """
        import haiku as hk
        def net(x):
            return hk.LSTM(7)(x)
    """
    found = lines(text, versions=NEW)
    assert found["lstm bias"] is not None
    assert "zeros_" in found["lstm bias"]
    assert "ones_" in found["lstm bias"]


def test_parameters_of_a_module_s_own_are_read() -> None:
    linen = """
        from flax import linen as nn
        class Net(nn.Module):
            @nn.compact
            def __call__(self, x):
                w = self.param("w", nn.initializers.lecun_normal(), (3, 4))
                return nn.Dense(3)(x @ w)
    """
    assert lines(linen, versions=NEW)["w kernel"] == CUT.format("1 / w.shape[1]")
    nnx = """
        from flax import nnx
        init = nnx.initializers
        class Net(nnx.Module):
            def __init__(self, rngs):
                self.v = nnx.Param(init.normal(0.1)(rngs.params(), (3, 4)))
                self.w = nnx.Param(init.lecun_normal()(rngs.params(), (3, 4)))
    """
    found = reading(nnx, versions=NEW).model.layers
    assert [layer.name for layer in found] == ["v", "w"]
    assert all(layer.weights[0].initializer for layer in found)
    assert not any("axes are not known" in line for line in told(nnx, versions=NEW))


@pytest.mark.parametrize(
    "text",
    [
        "@hk.transform\ndef net(x):\n    return hk.Linear(10, name='fc')(x)\n",
        "@hk.without_apply_rng\n@hk.transform\ndef net(x):\n    return hk.Linear(10, name='fc')(x)\n",
        "def net(x):\n    return hk.Linear(10, name='fc')(x)\nnet = hk.without_apply_rng(hk.transform(net))\n",
        "def net(x):\n    return hk.Linear(10, name='fc')(x)\nnet = hk.transform(f=net)\np = net.init(key, x)\n",
        "def make(n):\n    def net(x):\n        return hk.Linear(n, name='fc')(x)\n    return hk.transform(net)\n",
    ],
)
def test_a_transformed_function_builds_what_it_does(text: str) -> None:
    found = lines(f"import haiku as hk\nimport jax\n{text}", versions=NEW)
    assert found.keys() == {"fc kernel", "fc bias"}


LINEN = (
    "import jax\nimport jax.numpy as jnp\nfrom flax import linen as nn\ninit = nn.initializers\n"
    "def mine(key, shape, dtype=jnp.float32):\n    return jax.random.normal(key, shape, dtype) * 0.5\n"
    "class Net(nn.Module):\n    @nn.compact\n    def __call__(self, x):\n        p = {}\n        return x\n"
)
OF_NNX = (
    "import jax\nimport jax.numpy as jnp\nfrom flax import nnx\nclass Net(nnx.Module):\n"
    "    def __init__(self, rngs):\n        self.p = {}\n"
)
OF_HAIKU = (
    "import jax\nimport jax.numpy as jnp\nimport haiku as hk\nclass Net(hk.Module):\n    def __call__(self, x):\n"
    "        p = {}\n        return x\n"
)
OF_EQUINOX = (
    "import jax\nimport jax.numpy as jnp\nimport equinox as eqx\nclass Net(eqx.Module):\n    p: jax.Array\n"
    "    def __init__(self, key):\n        self.p = {}\n"
)
HALF, BIASED = "normal, variance 0.5 ** 2", "biased"


@pytest.mark.parametrize(
    ("source", "expression", "law"),
    [
        (LINEN, "self.param('p', mine, (3, 4))", HALF),
        (LINEN, "self.param('p', lambda key: jax.random.normal(key, (3, 4)) * 0.5)", HALF),
        (LINEN, "self.param('p', lambda k, s: 0.5 * jax.random.normal(k, s), (3, 4))", HALF),
        (LINEN, "self.param('p', lambda k, s, d: jax.random.normal(k, s, d) / 2, (3, 4), jnp.float32)", HALF),
        (LINEN, "self.param('p', lambda k, s: jax.random.truncated_normal(k, -2, 2, s) * 0.5, (3, 4))",
         "truncated normal, variance truncated_variance * 0.5 ** 2"),
        (LINEN, "self.param('p', lambda k, s: jax.random.truncated_normal(k, -1, 2, s), (3, 4))", "unknown"),
        (LINEN, "self.param('p', lambda k, s: jax.random.uniform(k, s, minval=-1, maxval=1) + 1, (3, 4))",
         "uniform, variance 2 ** 2 / 12"),
        (LINEN, "self.param('p', lambda k, s: init.lecun_normal()(k, s[::-1]).T, (3, 4))", "unknown"),
        (LINEN, "self.param('p', lambda k, s: jnp.full(s, 2.0), (3, 4))", "constant 2"),
        (LINEN, "nn.Dense(4, use_bias=False, kernel_init=mine)(x)", HALF),
        (LINEN, "nn.Dense(4, use_bias=False, dtype=jnp.bfloat16, kernel_init=mine)(x)", HALF),
        (LINEN, "nn.Dense(4, use_bias=False, kernel_init=init.normal(0.5, dtype=jnp.bfloat16))(x)", HALF),
        (LINEN, "nn.Dense(4, use_bias=False, param_dtype=jnp.bfloat16, kernel_init=mine)(x)", BIASED),
        (LINEN, "nn.Dense(4, use_bias=False, param_dtype='float16')(x)", BIASED),
        (LINEN, "nn.Dense(4, use_bias=False, param_dtype=jnp.bfloat16, kernel_init=init.ones)(x)", "constant 1"),
        (LINEN, "self.param('p', init.normal(0.5), (3, 4), jnp.bfloat16)", BIASED),
        (LINEN, "self.param('p', lambda k, s, d: jax.random.normal(k, s, d), (3, 4), jnp.bfloat16)", BIASED),
        (LINEN, "self.param('p', lambda k, s: jax.random.normal(k, s, 'bfloat16'), (3, 4))", BIASED),
        (OF_NNX, "nnx.Param(jax.random.normal(rngs.params(), (3, 4)) * .5)", HALF),
        (OF_NNX, "nnx.Param(jnp.ones((3, 4)))", "constant 1"),
        (OF_NNX, "nnx.Param(nnx.initializers.normal(0.5)(rngs.params(), (3, 4)))", HALF),
        (OF_NNX, "nnx.Param(nnx.initializers.normal(0.5)(rngs.params(), (3, 4), jnp.bfloat16))", BIASED),
        (OF_NNX, "nnx.Param(jax.random.normal(rngs.params(), (3, 4), jnp.bfloat16) * .5)", BIASED),
        (OF_NNX, "nnx.Linear(3, 4, use_bias=False, rngs=rngs, param_dtype=jnp.bfloat16)", BIASED),
        (OF_HAIKU, "hk.get_parameter('p', (3, 4), init=hk.initializers.RandomNormal(0.5))", HALF),
        (OF_HAIKU, "hk.get_parameter('p', (3, 4), jnp.bfloat16, init=hk.initializers.RandomNormal(0.5))", BIASED),
        (OF_HAIKU, "hk.get_parameter('p', (3, 4), init=lambda s, d: jax.random.normal(hk.next_rng_key(), s, d) * .5)",
         HALF),
        (OF_EQUINOX, "jax.random.normal(key, (3, 4)) * .5", HALF),
        (OF_EQUINOX, "jnp.zeros(4)", "constant 0"),
        (OF_EQUINOX, "jax.random.normal(key, (3, 4), jnp.float16)", BIASED),
        (OF_EQUINOX, "eqx.nn.Linear(3, 4, use_bias=False, key=key, dtype=jnp.bfloat16)", BIASED),
    ],
)  # fmt: skip
def test_draws_by_hand_and_in_few_bits(source: str, expression: str, law: str) -> None:
    """A function of the program's own is gone through; what is drawn in few bits has not the law of its function."""
    (layer,) = reading(source.format(expression), versions=NEW).model.layers
    (weight,) = layer.weights
    found = exact_law(weight.initializer)
    assert (BIASED if "biased" in getattr(weight.initializer, "reason", "") else found) == law


def test_an_object_of_equinox_that_keeps_no_array_has_no_parameter() -> None:
    for kept in ("jax.random.PRNGKey(0)", "jax.random.split(key)", "jax.nn.relu", "3"):
        text = OF_EQUINOX.format(kept) + "        self.q = jnp.zeros(4)\n"
        assert [layer.name for layer in reading(text, versions=NEW).model.layers] == ["q"]


@pytest.mark.parametrize(
    ("layer", "kernel"),
    [
        ("nn.DenseGeneral(8)", CUT.format("1 / w.shape[1]")),
        ("nn.DenseGeneral((4, 8), axis=(-2, -1))", CUT.format("1 / w.shape[1]")),
        ("nn.DenseGeneral(8, kernel_init=nn.initializers.glorot_uniform())", "nn.init.xavier_uniform_(w)"),
        ("nn.Einsum((3, 5, 6), 'abc,bcd->ad')", CUT.format("1 / w[..., 0].numel()")),
        ("nn.Einsum(sizes, 'abc,bcd->ad')", None),
    ],
)
def test_layers_that_draw_a_matrix_or_a_shape_have_plain_forms(layer: str, kernel: str | None) -> None:
    """A general dense layer draws a matrix of all inputs by all outputs: what a dense layer of these sizes has. Flax
    0.12.12, Einsum of (3, 5, 6): 1/15; DenseGeneral of (24, 4, 8): 1/24 (lecun_normal)."""
    text = f"from flax import linen as nn\nclass Net(nn.Module):\n    def setup(self):\n        self.d = {layer}\n"
    assert lines(text, versions=NEW)["d kernel"] == kernel
