"""Other frameworks' initializers, and those that layers are told by name: what they become, and what stays."""

import pytest

from initport.grammar import trigger_words
from initport.grammar.version import Version
from initport.grammar.versions import Versions
from initport.project.processes import Run
from initport.python.sites.string import _common
from initport.python.triggers import may_hold
from initport.python.vocabulary import names
from initport.rewrite.outcome import may_hold_sites
from tests.rewrite.rewriting import outcome, refusals, rewritten

TF = "import tensorflow as tf\n"
TFLEARN = f"{TF}import tflearn\n"
SONNET = f"{TF}import sonnet as snt\n"
KERAS = "import keras\nfrom keras.layers import *\n"
KERAS_1, KERAS_21 = Run(versions={"keras": (1, 2, 2)}), Run(versions={"keras": (2, 1, 2)})
SCALING = "{'class_name': 'VarianceScaling', 'config': {'scale': 2}}"
FRESH = "lambda shape, dtype=None, **_: {}(shape, dtype=dtype)"
GLOROT = "tf.keras.initializers.glorot_uniform()"
HE_1 = 'keras.initializers.VarianceScaling(2, "fan_in", "untruncated_normal")'
HE_21 = 'keras.initializers.VarianceScaling(2 * 0.7737413035499232, "fan_in", "truncated_normal")'


@pytest.mark.parametrize(
    ("source", "run"),
    [
        (f"{KERAS}Dense(3, kernel_initializer='he_normal')\n", Run()),
        (f"{KERAS}Dense(3, 'relu', True, 'he_normal')\n", Run()),
        (f"{KERAS}Dense(3, init='glorot_uniform')\n", Run()),
        (f"{KERAS}Dense(3, init='glorot_uniform')\n", KERAS_1),
        (f"{KERAS}Dense(3, kernel_initializer='uniform', bias_initializer='one')\n", KERAS_21),
        (f"{KERAS}def f(i='he_normal'): return Dense(3, kernel_initializer=i)\n", Run()),
        (f"{KERAS}def f(kernel_initializer='he_normal'): return g(kernel_initializer)\n", Run()),
        (f"{KERAS}Dense(3, kernel_initializer={{'class_name': 'HeNormal', 'config': {{}}}})\n", Run()),
        (f"{KERAS}Dense(3, kernel_initializer={SCALING})\n", Run()),
        (f"{TF}tf.layers.dense(x, 3, kernel_initializer='he_normal')\n", Run()),
        (f"{TF}tf.keras.layers.Dense(3, kernel_initializer='he_normal')\n", Run()),
        (f"{TF}tf.keras.layers.Dense(3, kernel_initializer='no such name')\n", Run()),
        ("from torch import nn\nf = Linear(initializers={'w': 'he_normal', 'b': 'zeros'})\n", Run()),
        ("import other.initializations as i\nx = L.Linear(3, initialW='glorot_uniform', init='uniform')\n", Run()),
        ("import tflearn\nx = d['xavier']\ny = 'zeros'\n", Run()),
        (f"{TF}tf.get_variable('zeros', (3, 4))\n", Run()),
        (f"{KERAS}Dense(3, init='he_normal')\nPReLU(init='zero')\n", Run(versions={"keras": (2, 2, 4)})),
        (f"{KERAS}Dense(3, init='he_normal')\n", Run(versions={"keras": (2, 4)})),
        (f"{TFLEARN}tflearn.fully_connected(x, 3, 'identity', name='uniform')\n", Run()),
        ("import mine as tflearn\ntflearn.fully_connected(x, 3, weights_init='xavier')\n", Run()),
    ],
)  # fmt: skip
def test_noop(source: str, run: Run) -> None:
    found = outcome(source.encode(), run=run)
    assert found.after is None
    assert not found.diagnostics


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("weights_init='xavier'", f"weights_init={GLOROT}"),
        ("weights_init='XAVIER'", f"weights_init={GLOROT}"),
        ("'relu', True, 'Xavier'", f"'relu', True, {GLOROT}"),
        ("bias_init='zeros'", "bias_init=tf.keras.initializers.Zeros()"),
        ("weights_init='variance_scaling' if deep else None",
         "weights_init=tf.keras.initializers.VarianceScaling("
         '2.6 * 0.7737413035499232, "fan_in", "truncated_normal") if deep else None'),
        ("weights_init=tflearn.initializations.xavier()", f"weights_init={GLOROT}"),
        ("weights_init=tflearn.initializations.normal(stddev=s)",
         "weights_init=tf.keras.initializers.RandomNormal(stddev=s)"),
        ("weights_init=tflearn.initializations.normal(shape=[3, 4], stddev=s)",
         "weights_init=tf.keras.initializers.RandomNormal(stddev=s)([3, 4])"),
        ("weights_init=tflearn.initializations.uniform(minval=-0.1, maxval=0.1)",
         "weights_init=tf.keras.initializers.RandomUniform(-0.1, 0.1)"),
    ],
)  # fmt: skip
def test_tflearn(before: str, after: str) -> None:
    call = "tflearn.fully_connected(x, 3, {})\n"
    assert rewritten(TFLEARN + call.format(before)) == TFLEARN + call.format(after)


@pytest.mark.parametrize(
    ("call", "string", "run", "target"),
    [
        ("Dense(3, init={})", "'he_normal'", KERAS_1, HE_1),
        ("Dense(3, {})", "'he_normal'", KERAS_1, HE_1),
        ("Dense(3, init={}, **options)", "'he_normal'", KERAS_1, HE_1),
        ("Dense(3, init={} if deep else None)", "'he_normal'", KERAS_1, HE_1),
        ("SimpleRNN(3, inner_init={})", "'orthogonal'", KERAS_1, "keras.initializers.Orthogonal(1.1)"),
        ("Convolution2D(3, 3, 3, init={})", "'he_normal'", KERAS_1, HE_1),
        ("Convolution2D(3, 3, 3, dim_ordering='th', init={})", "'he_normal'", KERAS_1, HE_1),
        ("Convolution3D(3, 3, 3, 3, dim_ordering='th', init={})", "'he_normal'", KERAS_1, HE_1),
        ("Deconvolution2D(3, 3, 3, s, init={})", "'he_normal'", KERAS_1, HE_1.replace("fan_in", "fan_out")),
        ("LSTM(3, consume_less='gpu', inner_init={})", "'orthogonal'", KERAS_1, "keras.initializers.Orthogonal(1.1)"),
        ("Dense(3, kernel_initializer={})", "'he_normal'", KERAS_21, HE_21),
        ("Conv2D(3, 3, kernel_initializer={})", "'he_normal'", KERAS_21, HE_21),
        ("Dense(3, kernel_initializer={})", SCALING, KERAS_21, HE_21),
        ("Dense(3, kernel_initializer={})", "keras.initializers.he_normal()", KERAS_21, HE_21),
        ("Dense(3, kernel_initializer={})", "keras.initializers.VarianceScaling(2.0)", KERAS_21, HE_21),
        ("Dense(3, init={})", "'he_normal'", KERAS_21, HE_21),
        ("Dense(output_dim=3, init={}, bias=False)", "'he_normal'", KERAS_21, HE_21),
        ("Convolution2D(3, (3, 3), init={})", "'he_normal'", KERAS_21, HE_21),
        ("LSTM(3, inner_init={})", "'he_normal'", KERAS_21, HE_21),
        ("Embedding(3, 4, init={})", "'he_normal'", KERAS_21, HE_21),
        ("def f():\n  i = {}\n  return Dense(3, init=i)", "'he_normal'", KERAS_1, HE_1),
    ],
)  # fmt: skip
def test_keras(call: str, string: str, run: Run, target: str) -> None:
    assert rewritten(f"{KERAS}{call.format(string)}\n", run) == f"{KERAS}{call.format(target)}\n"


@pytest.mark.parametrize(
    ("call", "run"), [("SeparableConv2D(3, 3, init='he_normal')", KERAS_21), ("LSTM(3, init='he_normal')", KERAS_1)]
)
def test_no_function_is_given_to_a_layer_of_keras(call: str, run: Run) -> None:
    """Two weights of one layer, which no one object of today's Keras starts apart."""
    (reason,) = refusals(f"{KERAS}{call}\n", run)
    assert "cannot be saved and loaded" in reason


KERAS_INIT = f"{KERAS}from keras.initializations import normal, he_normal\nimport functools\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("def f(shape, name=None): return normal(shape, scale=0.02, name=name)",
         "def f(shape, name=None): return keras.initializers.RandomNormal(stddev=0.02)(shape)"),
        ("Dense(3, init=lambda shape, name: normal(shape, scale=s, name=name))",
         "Dense(3, init=lambda shape, name: keras.initializers.RandomNormal(stddev=s)(shape))"),
        ("Dense(3, init=he_normal)", f"Dense(3, init={HE_1})"),
        ("Dense(3, init=functools.partial(normal, scale=0.02))",
         "Dense(3, init=keras.initializers.RandomNormal(stddev=0.02))"),
        ("W = he_normal((3, 4))", f"W = {HE_1}((3, 4))"),
        ("W = he_normal((3, 3, 3, 4), dim_ordering='tf')", f"W = {HE_1}((3, 3, 3, 4))"),
    ],
)  # fmt: skip
def test_functions_of_keras_1(before: str, after: str) -> None:
    found = rewritten(f"{KERAS_INIT}{before}\n")
    assert found.splitlines()[-1] == after


def test_keras_by_its_initializers() -> None:
    before = "from keras import initializers\nfrom keras.layers import Dense\nDense(3, init='he_normal')\n"
    assert rewritten(before, KERAS_1) == before.replace("'he_normal'", HE_1.removeprefix("keras."))


def test_keras_is_imported() -> None:
    before = "from keras.layers import Dense\nDense(3, init='he_normal')\n"
    assert rewritten(before, KERAS_1) == "import keras\n" + before.replace("'he_normal'", HE_1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("snt.Linear(3, initializers={'w': tf.contrib.layers.xavier_initializer()})",
         f"snt.Linear(3, initializers={{'w': {GLOROT}}})"),
        ("snt.Linear(3, initializers=dict(b=tf.glorot_uniform_initializer()))",
         f"snt.Linear(3, initializers=dict(b={GLOROT}))"),
        ("snt.VanillaRNN(3, initializers={'in_to_hidden': {'w': tf.contrib.layers.xavier_initializer()}})",
         f"snt.VanillaRNN(3, initializers={{'in_to_hidden': {{'w': {GLOROT}}}}})"),
        ("def f():\n  i = {'w': tf.contrib.layers.xavier_initializer()}\n  return snt.Linear(3, initializers=i)",
         f"def f():\n  i = {{'w': {GLOROT}}}\n  return snt.Linear(3, initializers=i)"),
        ("f(initializers={'w': tf.contrib.layers.xavier_initializer()})",
         f"f(initializers={{'w': {FRESH.format(GLOROT)}}})"),
        ("snt.Linear(3, w_init=snt.initializers.VarianceScaling(2.0))",
         "snt.Linear(3, w_init=tf.keras.initializers.he_normal())"),
        ("snt.nets.MLP([3, 4], initializers={'w': tf.contrib.layers.xavier_initializer()})",
         f"snt.nets.MLP([3, 4], initializers={{'w': {FRESH.format(GLOROT)}}})"),
        ("snt.Linear(3, b_init=snt.initializers.Constant(0.1))",
         "snt.Linear(3, b_init=tf.keras.initializers.Constant(0.1))"),
    ],
)  # fmt: skip
def test_sonnet(before: str, after: str) -> None:
    assert rewritten(f"{SONNET}{before}\n") == f"{SONNET}{after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tl.layers.DenseLayer(x, 3, W_init=tf.truncated_normal_initializer(stddev=0.1), W_init_args={})",
         "tl.layers.DenseLayer(x, 3, W_init=tf.keras.initializers.TruncatedNormal(stddev=0.1), W_init_args={})"),
        ("tl.layers.Dense(3, W_init=tl.initializers.random_uniform(maxval=0.1))",
         "tl.layers.Dense(3, W_init=tf.keras.initializers.RandomUniform(-0.05, 0.1))"),
        ("tl.layers.Dense(3, None, tl.initializers.TruncatedNormal())",
         "tl.layers.Dense(3, None, tf.keras.initializers.TruncatedNormal(stddev=0.05))"),
    ],
)  # fmt: skip
def test_tensorlayer(before: str, after: str) -> None:
    imports = f"{TF}import tensorlayer as tl\n"
    assert rewritten(f"{imports}{before}\n") == f"{imports}{after}\n"


def test_what_a_string_may_mean_is_of_its_own_file() -> None:
    """One string under one argument's name: what it means depends on the imports and the version."""
    given = "def f(kernel_initializer='lecun_uniform'): return g(kernel_initializer)\n"
    for _ in range(2):
        assert refusals(f"import tensorlayer\n{given}") == []
        assert "only reaches layers" in refusals(f"{TFLEARN}def f(weights_init='xavier'): return g(weights_init)\n")[0]
        assert refusals(f"{KERAS}def f(weights_init='xavier'): return g(weights_init)\n") == []
        assert refusals(f"{KERAS}g(kernel_initializer='he_normal')\n", KERAS_1) == []
        assert "only reaches layers" in refusals(f"{KERAS}g(kernel_initializer='he_normal')\n", KERAS_21)[0]
    assert 0 < _common.cache_info().currsize <= (_common.cache_info().maxsize or 0)


@pytest.mark.parametrize(
    ("source", "run", "reason"),
    [
        (f"{KERAS}def f(init='he_normal'): return g(init)\n", KERAS_1, "only reaches layers"),
        (f"{KERAS}g(init='he_normal')\n", KERAS_1, "only reaches layers"),
        (f"{KERAS}Dense(3, init='he_normal')\n", Run(), "it draws differently in Keras 0.3.3 than in 2"),
        (f"{KERAS}Dense(3, kernel_initializer='xavier')\n", Run(), "'xavier' names no initializer of Keras"),
        (f"{KERAS}Dense(3, kernel_initializer={{'class_name': 'VarianceScaling', 'config': c}})\n", Run(), "`config`"),
        (f"{KERAS}Convolution1D(3, 3, init='he_normal')\n", KERAS_1, "no such initializer"),
        (
            "from keras import initializations\nw = initializations.he_normal(s, dim_ordering=order)\n",
            KERAS_1,
            "`dim_ordering`, which is known only when the program runs (`order`)",
        ),
        ("from keras import initializations\nw = initializations.he_normal((3, 3, 3, 4))\n", KERAS_1, "no such"),
        (f"{KERAS}Convolution3D(3, 3, 3, 3, init='he_normal')\n", KERAS_1, "no such initializer"),
        (f"{KERAS}LSTM(3, init='uniform', inner_init='orthogonal')\n", KERAS_1, "starts no weight"),
        (f"{KERAS}LSTM(3, init='glorot_uniform')\n", KERAS_1, "no such initializer"),
        (f"{TF}def f(i=tf.zeros_initializer): pass\n", Run(), "add `()`"),
    ],
)
def test_refused(source: str, run: Run, reason: str) -> None:
    (detail,) = refusals(source, run)
    assert reason in detail


def test_the_first_test_of_a_file_misses_no_string() -> None:
    strings = names(Versions()).strings
    assert {"xavier", "he_normal", "VarianceScaling"} <= strings
    for string in strings:
        assert may_hold(f"layers '{string}'".encode(), "strings")
        assert may_hold_sites(f'layers "{string}"'.encode())


def test_the_first_test_of_a_file_misses_no_layer_that_looks_strings_up() -> None:
    known = names(Versions())
    speaking = [path for path, variants in known.layers.items() if any(layer.speaker for layer in variants)]
    assert "keras.layers.Dense" in speaking
    words = {word.removeprefix(trigger_words.IMPORT) for (word, *_) in trigger_words.patterns("strings")}
    assert all(any(word in path for word in words) for path in speaking)


@pytest.mark.parametrize(
    ("call", "versions"),
    [
        ("keras.initializers.RandomNormal(seed=1)", {"keras": (2, 8)}),
        ("tf.keras.initializers.RandomNormal(seed=1)", {"tensorflow": (2, 8)}),
        ("sonnet.initializers.RandomNormal(seed=1)", {"sonnet": (2, 0, 2)}),
        ("tensorlayer.initializers.RandomNormal(seed=1)", {"tensorlayer": (2, 2, 5)}),
    ],
)
@pytest.mark.parametrize("target", ["keras", "torch"])
def test_a_seed_that_starts_a_sequence_is_refused(call: str, versions: dict[str, Version], target: str) -> None:
    source = f"import keras, sonnet, tensorlayer\nimport tensorflow as tf\ni = {call}\n"
    run = Run(versions=versions, target=target, assume=frozenset({"dense"}))
    if "keras" in call and target == "keras":
        assert outcome(source.encode(), run=run).after is None
    else:
        (detail,) = refusals(source, run)
        assert "other values at every call" in detail


@pytest.mark.parametrize("version", [(2, 10), (3, 0)])
def test_what_repeats_itself_stays_one_object(version: Version) -> None:
    source = "import keras\ni = keras.initializers.{}(stddev=0.1)\n"
    run = Run(versions={"keras": version})
    assert rewritten(source.format("RandomNormal"), run) == source.format("RandomNormal")


@pytest.mark.parametrize(
    ("source", "changed"),
    [
        ("INIT = 'he_normal'\nDense(3, init={})\n", "INIT"),
        ("INIT = 'he_normal'\ndef f():\n  return Dense(3, {})\n", "INIT"),
        ("INIT = 'he_normal'\nprint(INIT)\nDense(3, init={} if deep else None)\n", "INIT"),
        ("INIT = 'he_normal'\nCOPY = INIT\nDense(3, init={})\n", "COPY"),
        ("def f():\n  i = 'he_normal'\n  print(i)\n  return Dense(3, init={})\n", "i"),
        ("I = 'he_normal'\nDense(3, **{{'init': {}}})\n", "I"),
        ("def f():\n  o = {{'init': {}}}\n  return Dense(3, **o)\n", "'he_normal'"),
        ("INIT: str = 'he_normal'\nclass Net:\n  def build(self):\n    return Dense(3, init={})\n", "INIT"),
    ],
)
def test_a_name_for_a_string_and_for_nothing_else(source: str, changed: str) -> None:
    assert rewritten(KERAS + source.format(changed), KERAS_1) == KERAS + source.format(HE_1)


@pytest.mark.parametrize(
    ("source", "reasons"),
    [
        ("if a:\n  I = 'he_normal'\nelse:\n  I = 'glorot_normal'\nDense(3, init=I)\n", ["something else too"] * 2),
        ("I = 'he_normal'\ndef f():\n  global I\n  I = g()\nDense(3, init=I)\n", ["something else too"]),
        ("from mine import *\nI = 'he_normal'\nDense(3, init=I)\n", ["something else too"]),
        ("class A:\n  i = 'he_normal'\n  def f(self):\n    Dense(3, init=self.i)\n", ["as an attribute `i`"]),
        ("self.i = 'he_normal'\nDense(3, init=self.i)\n", ["as `self.i`"]),
        ("self.i = 'he_normal' if a else None\nDense(3, init=self.i)\n", ["as `self.i`"]),
        (f"I = {SCALING}\nprint(I)\nDense(3, kernel_initializer=I)\n", ["something else too"]),
        ("I = 'he_normal'\nbuild(init=I)\n", ["only reaches layers"]),
        ("Dense(3, **dict(o, init='he_normal'))\n", ["only reaches layers"]),
        ("o = {'init': 'he_normal'}\no['a'] = 1\nDense(3, **o)\n", ["only reaches layers"]),
        ("def f():\n  o = {'init': 'he_normal'}\n  g(Dense(3, **o), Dense(4, **o))\n", ["of Keras share it"]),
        ("def f(i='he_normal'):\n  print(i)\n  Dense(3, init=i)\n", ["only reaches layers"]),
        ("I = 'he_normal'\ndef f(I):\n  Dense(3, init=I)\n", []),
        ("I = 'he_normal'\nprint(I, self.I)\n", []),
        ("I = 'glorot_uniform'\nself.i = 'glorot_uniform'\nDense(3, init=I)\nDense(3, init=self.i)\n", []),
    ],
)
def test_a_string_that_may_not_be_all_a_layer_gets(source: str, reasons: list[str]) -> None:
    found = refusals(KERAS + source, KERAS_1 if "kernel_" not in source else KERAS_21)
    assert len(found) == len(reasons)
    assert all(reason in detail for reason, detail in zip(reasons, found, strict=True))


@pytest.mark.parametrize("kernel", ["Dense(3, {})", "Conv2D(8, 3, {})", "Conv1D(8, 3, {})", "Conv3D(8, 3, {})"])
@pytest.mark.parametrize(
    ("text", "by_fans"),
    [("'he_uniform'", True), ("initializers.he_uniform()", True), ("'zeros'", False), ("'random_normal'", False)],
)
@pytest.mark.parametrize(
    ("version", "first_two_axes"), [((2, 0, 0), True), ((2, 0, 5), True), ((2, 0, 6), False), ((2, 3, 1), False)]
)
def test_what_is_not_known_of_a_kernel_is_never_called_modern(
    kernel: str, text: str, by_fans: bool, version: Version, first_two_axes: bool
) -> None:
    """Up to Keras 2.0.5 the fans of a kernel of more than two axes come from its first two, whichever those are."""
    source = f"{KERAS}from keras import initializers\n{kernel.format(f'kernel_initializer={text}')}\n"
    found = refusals(source, Run(versions={"keras": version}))
    unknown = by_fans and first_two_axes and not kernel.startswith("Dense")
    assert [("axes are not known" in detail) for detail in found] == [True] * unknown


CONFIG = "{'class_name': 'VarianceScaling', 'config': {'scale': 2.0, 'mode': 'fan_in', 'distribution': 'normal'}}"


@pytest.mark.parametrize(
    "source",
    [
        f"def f(keras):\n    return keras.layers.Dense(3, kernel_initializer={CONFIG})\n",
        f"def f(layers):\n    return layers.Conv2D(3, 3, kernel_initializer={CONFIG})\n",
    ],
)
def test_a_config_for_layers_of_a_module_that_is_an_argument(source: str) -> None:
    """Keras 2.1 cuts a "normal" without correcting its variance, today's Keras corrects it."""
    run = Run(versions={"keras": (2, 1, 6), "tensorflow": (1, 8)})
    (detail,) = refusals(source, run)
    assert "give the layer an initializer" in detail


BASELINES = "import tensorflow as tf\nimport numpy as np\nfrom {} import ortho_init\n"


@pytest.mark.parametrize("module", ["baselines.a2c.utils", "stable_baselines.common.tf_layers"])
def test_ortho_init(module: str) -> None:
    """Stable Baselines 2.10.2 with sqrt(2): variance 0.03125 on 64 by 32 and 32 by 64 (nominal 2 / 64), 0.0277778 on
    3 x 3 x 8 x 40 (2 / 72), each matrix orthogonal to 1e-6."""
    head, line = BASELINES.format(module), 'w = tf.get_variable("w", [64, 32], initializer={})\n'
    written = line.format("tf.keras.initializers.Orthogonal(np.sqrt(2))")
    assert rewritten(head + line.format("ortho_init(np.sqrt(2))")).endswith(written)


def test_an_interpolation_filter_of_tensorlayer_is_reported() -> None:
    source = (
        "import tensorlayer as tl\ni = tl.initializers.deconv2d_bilinear_upsampling_initializer(shape=[4, 4, 3, 3])\n"
    )
    (detail,) = refusals(source)
    assert "interpolation filter" in detail
