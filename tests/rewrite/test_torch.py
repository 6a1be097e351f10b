"""What sites become in PyTorch: the function, the form that the place needs, layout and fans of the layer, imports."""

import pytest

from initport.grammar.version import Version
from initport.project.processes import Run
from tests.rewrite.rewriting import in_order, outcome, refusals, rewritten

TF = "import tensorflow as tf\n"
NN = "from torch import nn\n"
PARTIAL = f"import functools\n{NN}"
MATH = f"import math\n{NN}"
TORCH = f"import torch\n{NN}"
RUN = Run(target="torch")
NORMAL = "tf.random_normal_initializer(stddev=0.02)"
IN_TORCH = "functools.partial(nn.init.normal_, std=0.02)"


def after(body: str, *assumed: str) -> str:
    """What becomes of a module that keeps using TensorFlow."""
    return rewritten(f"{TF}{body}\n_ = tf\n", Run(target="torch", assume=frozenset(assumed)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("i = nn.init.xavier_uniform_", id="a function given on"),
        pytest.param("i = functools.partial(nn.init.normal_, std=s)", id="a partial"),
        pytest.param("i = lambda w: nn.init.uniform_(w, 0, math.sqrt(3 / w[0].numel()))", id="a lambda"),
        pytest.param("nn.init.kaiming_normal_(self.conv.weight, nonlinearity='relu')", id="a call"),
        pytest.param("nn.init.xavier_uniform_(torch.empty(3, 4))", id="a new tensor"),
        pytest.param("v = tf.Variable(np.random.normal(0, 0.1, (3, 4)))", id="NumPy's own"),
        pytest.param("nn.init.calculate_gain('relu')", id="no initializer"),
        pytest.param("nn.init.zeros_ = mine", id="a new definition"),
        pytest.param("nn.init.kaiming_normal_(w, mode=mode)", id="what only running would tell"),
        pytest.param("f(nn.init.constant_)", id="a function that lacks an argument"),
    ],
)
def test_modern_already(body: str) -> None:
    source = f"import functools, math, torch\n{NN}import numpy as np\n{TF}{body}\n"
    assert rewritten(source, RUN) == source
    assert not outcome(source.encode(), run=RUN).diagnostics


@pytest.mark.parametrize(
    ("call", "imports", "target"),
    [
        ("tf.zeros_initializer()", NN, "nn.init.zeros_"),
        ("tf.constant_initializer(0.1)", PARTIAL, "functools.partial(nn.init.constant_, val=0.1)"),
        ("tf.random_uniform_initializer(-0.1)", PARTIAL, "functools.partial(nn.init.uniform_, a=-0.1, b=1)"),
        ("tf.truncated_normal_initializer(stddev=0.1)", PARTIAL,
         "functools.partial(nn.init.trunc_normal_, mean=0, std=0.1, a=-0.2, b=0.2)"),
        ("tf.random_normal_initializer(0.0, next(stddevs))", PARTIAL,
         "functools.partial(nn.init.normal_, std=next(stddevs))"),
        ("tf.random_uniform_initializer(-s(), s())", PARTIAL, "functools.partial(nn.init.uniform_, a=-s(), b=s())"),
        ("tf.random_normal_initializer(seed=7)", TORCH,
         "lambda w: nn.init.normal_(w, std=1, generator=torch.Generator(w.device).manual_seed(7))"),
        ("tf.random_normal_initializer(stddev=2, seed=None)", PARTIAL, "functools.partial(nn.init.normal_, std=2)"),
        ("tf.zeros_initializer(dtype=tf.float64)", NN, "nn.init.zeros_"),
        ("getattr(tf, 'zeros_initializer')()", NN, "nn.init.zeros_"),
        ("tf.keras.initializers.get('zeros')", NN, "nn.init.zeros_"),
    ],
)  # fmt: skip
def test_the_function(call: str, imports: str, target: str) -> None:
    assert after(f"i = {call}") == in_order(imports + TF) + f"i = {target}\n_ = tf\n"


@pytest.mark.parametrize(
    ("layer", "imports", "target"),
    [
        ("tf.layers.dense(x, 3, kernel_initializer=tf.variance_scaling_initializer(2., 'fan_out', 'uniform'))", PARTIAL,
         'functools.partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="relu")'),
        ("tf.layers.conv2d(x, 3, 3, kernel_initializer=tf.contrib.layers.variance_scaling_initializer())", MATH,
         "lambda w: nn.init.trunc_normal_(w, mean=0, std=math.sqrt(2.6 / w[0].numel()), "
         "a=-math.sqrt(10.4 / w[0].numel()), b=math.sqrt(10.4 / w[0].numel()))"),
        ("tf.layers.conv2d_transpose(x, 3, 3, kernel_initializer=tf.initializers.he_uniform())", PARTIAL,
         'functools.partial(nn.init.kaiming_uniform_, nonlinearity="relu")'),
        ("tf.layers.separable_conv2d(x, 3, 3, depthwise_initializer=tf.initializers.he_uniform())", PARTIAL,
         'functools.partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="relu")'),
        ("tf.layers.separable_conv2d(x, 3, 3, depth_multiplier=2, depthwise_initializer=tf.initializers.he_uniform())",
         MATH, "lambda w: nn.init.uniform_(w, a=-math.sqrt(12 / w.numel()), b=math.sqrt(12 / w.numel()))"),
        ("tf.keras.layers.Embedding(9, 4, embeddings_initializer=tf.keras.initializers.he_uniform())", PARTIAL,
         'functools.partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="relu")'),
        ("tf.keras.layers.LSTM(4, recurrent_initializer=tf.keras.initializers.Orthogonal())", NN,
         "nn.init.orthogonal_"),
        ("tf.layers.dense(x, 3, bias_initializer=tf.glorot_uniform_initializer())", MATH,
         "lambda w: nn.init.uniform_(w, a=-math.sqrt(3 / w.numel()), b=math.sqrt(3 / w.numel()))"),
        ("tf.get_variable('a', (3, 4), initializer=tf.glorot_uniform_initializer())", NN, "nn.init.xavier_uniform_"),
    ],
)  # fmt: skip
def test_layout_and_fans_of_the_layer(layer: str, imports: str, target: str) -> None:
    head, _, rest = layer.rpartition("initializer=")
    assert rest.endswith(")")
    assert after(layer) == in_order(imports + TF) + f"{head}initializer={target})\n_ = tf\n"


@pytest.mark.parametrize(
    ("given", "target"),
    [
        ("s", "functools.partial(nn.init.uniform_, a=-s, b=s)"),
        ("f()", "lambda w, scale=f(): nn.init.uniform_(w, a=-scale, b=scale)"),
    ],
)
def test_a_call_that_is_needed_twice_runs_once(given: str, target: str) -> None:
    before = f"from chainer import initializers\ni = initializers.Uniform({given})\n"
    assert rewritten(before, RUN).endswith(f"i = {target}\n")
    made = "tf.keras.initializers.RandomUniform(-scale, scale)(shape, dtype=dtype)"
    assert rewritten(before).endswith(f"i = lambda shape, dtype=None, scale={given}, **_: {made}\n")


@pytest.mark.parametrize(
    ("call", "target"),
    [
        ("keras.initializers.HeUniform()", 'functools.partial(nn.init.kaiming_uniform_, nonlinearity="relu")'),
        ("tf_keras.initializers.RandomNormal()", "functools.partial(nn.init.normal_, std=0.05)"),
        ("tf.keras.initializers.RandomUniform()", "functools.partial(nn.init.uniform_, a=-0.05, b=0.05)"),
    ],
)
def test_modern_keras_is_a_source(call: str, target: str) -> None:
    layer = "import keras, tf_keras\ntf.keras.layers.Dense(3, kernel_initializer={})\n_ = keras, tf_keras"
    result = after(layer.format(call))
    assert result.replace(NN, "") == f"import functools\n\n{TF}{layer.format(target)}\n_ = tf\n"
    replaced = TF if call.startswith("tf.") else "import keras, tf_keras\n"
    assert f"{replaced}{NN}" in result


KERAS, TF_KERAS = "import keras\ni = keras.initializers.{}\n", "import tensorflow as tf\ni = tf.keras.initializers.{}\n"


@pytest.mark.parametrize(
    ("source", "versions"),
    [
        (KERAS.format("HeUniform()"), {}),
        (KERAS.format("HeUniform(seed=None)"), {}),
        (KERAS.format("RandomNormal()"), {"keras": (3, 3)}),
        (KERAS.format("RandomNormal()"), {"keras": (2, 10)}),
        (TF_KERAS.format("RandomNormal()"), {"tensorflow": (2, 10)}),
    ],
)
def test_an_object_that_repeats_itself(source: str, versions: dict[str, Version]) -> None:
    run = Run(target="torch", assume=frozenset({"dense"}), versions=versions)
    (detail,) = refusals(source, run)
    assert "the same values at every use" in detail


@pytest.mark.parametrize(
    ("source", "versions"),
    [
        (KERAS.format("RandomNormal()"), {"keras": (2, 2, 4)}),
        (KERAS.format("RandomNormal()"), {"keras": (2, 9)}),
        (TF_KERAS.format("RandomNormal()"), {"tensorflow": (2, 9)}),
        (KERAS.format("RandomNormal(seed=1)"), {"keras": (3, 3)}),
        (
            "import keras\ndef f(x):\n    i = keras.initializers.Identity()\n"
            "    return [keras.layers.Dense(n, kernel_initializer=i)(x) for n in x]\n",
            {"keras": (3, 3)},
        ),
        (KERAS.format("Zeros()"), {"keras": (3, 3)}),
    ],
)
def test_an_object_that_does_not_or_has_a_seed(source: str, versions: dict[str, Version]) -> None:
    assert "nn.init" in rewritten(source, Run(target="torch", assume=frozenset({"dense", "matrix"}), versions=versions))


def test_a_name_used_by_layers_of_one_kind() -> None:
    source = "def f(x):\n    i = tf.initializers.he_uniform()\n"
    source += "    tf.layers.dense(x, 3, kernel_initializer=i)\n    tf.layers.conv2d(x, 3, 3, kernel_initializer=i)"
    assert 'i = functools.partial(nn.init.kaiming_uniform_, nonlinearity="relu")' in after(source)


@pytest.mark.parametrize(
    ("before", "written"),
    [
        ("with tf.variable_scope('a', initializer={}): pass", "with tf.variable_scope('a', initializer={}): pass"),
        ("class A:\n    i = {}", "class A:\n    i = staticmethod({})"),
        ("def f(i={}): pass", "def f(i={}): pass"),
        ("x = lambda: {}", "x = lambda: {}"),
        ("x = {{'w': {}}}", "x = {{'w': {}}}"),
        ("x = {} if a else None", "x = {} if a else None"),
        ("@d({})\ndef f(): pass", "@d({})\ndef f(): pass"),
    ],
)
def test_the_place(before: str, written: str) -> None:
    assert after(before.format(NORMAL)) == f"{in_order(PARTIAL + TF)}{written.format(IN_TORCH)}\n_ = tf\n"


@pytest.mark.parametrize(
    ("before", "written"),
    [
        ("class A:\n    i = tf.zeros_initializer()", "class A:\n    i = staticmethod(nn.init.zeros_)"),
        ("x = {'b': lambda: tf.zeros_initializer()}", "x = {'b': lambda: nn.init.zeros_}"),
        ("x = tf.zeros_initializer(  # nothing\n)", "x = (\n    # nothing\n    nn.init.zeros_)"),
    ],
)
def test_the_place_of_a_bare_function(before: str, written: str) -> None:
    assert after(before) == f"{TF}{NN}{written}\n_ = tf\n"


def test_a_partial_becomes_a_factory() -> None:
    source = f"from functools import partial\n{TF}MAKE = partial(tf.random_normal_initializer, stddev=s)\n"
    expected = f"from functools import partial\n{NN}MAKE = lambda *, stddev=s: partial(nn.init.normal_, std=stddev)\n"
    assert rewritten(source, RUN) == expected


@pytest.mark.parametrize(
    ("call", "imports", "target"),
    [
        ("tf.glorot_uniform_initializer()((3, 4))", TORCH, "nn.init.xavier_uniform_(torch.empty((3, 4)))"),
        ("tf.glorot_uniform_initializer()(shape=[3, 4], dtype=tf.float64)", TORCH,
         "nn.init.xavier_uniform_(torch.empty([3, 4], dtype=torch.float64))"),
        ("tf.initializers.he_uniform()((3, 4))", TORCH,
         'nn.init.kaiming_uniform_(torch.empty((3, 4)), mode="fan_out", nonlinearity="relu")'),
        ("tf.initializers.he_uniform()((3, 3, 4, 5))", f"import math\n{TORCH}",
         "(lambda w: nn.init.uniform_(w, a=-math.sqrt(6 / w[..., 0].numel()), b=math.sqrt(6 / w[..., 0].numel())))"
         "(torch.empty((3, 3, 4, 5)))"),
        ("tf.random_normal_initializer(stddev=s())(shape())", f"import functools\n{TORCH}",
         "functools.partial(nn.init.normal_, std=s())(torch.empty(shape()))"),
        ("tf.random_normal_initializer(stddev=s())([n, 4])", TORCH, "nn.init.normal_(torch.empty([n, 4]), std=s())"),
    ],
)  # fmt: skip
def test_drawn_at_once(call: str, imports: str, target: str) -> None:
    assert after(f"x = {call}") == in_order(imports + TF) + f"x = {target}\n_ = tf\n"


@pytest.mark.parametrize(
    ("call", "target"),
    [
        ("tf.truncated_normal_initializer(m, s)", "functools.partial(truncated_normal_or_mean_, std=s, mean=m)"),
        ("tf.truncated_normal_initializer(stddev=a+b)", "functools.partial(truncated_normal_or_mean_, std=a+b)"),
        ("tf.truncated_normal_initializer(stddev=s())", "functools.partial(truncated_normal_or_mean_, std=s())"),
        ("tf.truncated_normal_initializer(stddev=s, seed=7)",
         "lambda w, stddev=s: truncated_normal_or_mean_(w, std=stddev, "
         "generator=torch.Generator(w.device).manual_seed(7))"),
        ("tf.Variable(tf.truncated_normal([3, 4], stddev=s))",
         "tf.Variable(truncated_normal_or_mean_(torch.empty([3, 4]), std=s))"),
        ("tf.initializers.variance_scaling(s)",
         "lambda w, scale=s: truncated_normal_or_zeros_(w, variance=scale / w.shape[1])"),
    ],
)  # fmt: skip
def test_a_deviation_that_only_running_tells_is_guarded(call: str, target: str) -> None:
    line = f"x = {call}" if "Variable" in call else f"x = tf.layers.dense(y, 3, kernel_initializer={call})"
    text = rewritten(f"{TF}{line}\n_ = tf\n", RUN)
    assert line.replace(call, target) in text.splitlines()
    assert text.count("def truncated_normal_or_") == 1


HELPER = (
    "\n\ndef truncated_normal_(w: torch.Tensor, variance: float) -> torch.Tensor:\n"
    '    """Normal draws cut at two deviations; the `variance` is that of what is left."""\n'
    "    # 0.7737... is the variance of a standard normal truncated at 2 deviations\n"
    "    std = math.sqrt(variance / 0.7737413035499232)\n"
    "    return nn.init.trunc_normal_(w, std=std, a=-2 * std, b=2 * std)\n"
)


def test_a_function_of_ours_is_added_once() -> None:
    call = "tf.get_variable('{}', (3, 4), initializer=tf.glorot_normal_initializer())"
    made = call.replace(
        "tf.glorot_normal_initializer()", "lambda w: truncated_normal_(w, variance=2 / (w.shape[0] + w.shape[1]))"
    )
    first = rewritten(
        f'"""Doc."""\nfrom __future__ import division\n{TF}slim = tf.contrib.slim\n\n\n{call.format("a")}\nslim.f()\n',
        RUN,
    )
    head = (
        '"""Doc."""\nfrom __future__ import division\n'
        + f"import math\n\n{TF}{TORCH}slim = tf.contrib.slim\n{HELPER}\n\n"
    )
    assert first == f"{head}{made.format('a')}\nslim.f()\n"
    again = rewritten(f"{first}{call.format('b')}\n", RUN)
    assert again == f"{first}{made.format('b')}\n"


@pytest.mark.parametrize(
    ("imports", "target"),
    [
        ("import torch.nn as tnn\n", "tnn.init.zeros_"),
        ("import torch.nn.init as I\n", "I.zeros_"),
        ("from torch.nn import init\n", "init.zeros_"),
        ("import torch\n", "torch.nn.init.zeros_"),
        ("import torch.nn\n", "torch.nn.init.zeros_"),
        (NN, "nn.init.zeros_"),
    ],
)
def test_a_name_that_is_there_is_used(imports: str, target: str) -> None:
    assert (
        rewritten(f"{imports}{TF}i = tf.zeros_initializer()\n_ = tf\n", RUN) == f"{imports}{TF}i = {target}\n_ = tf\n"
    )


def test_a_name_that_is_taken() -> None:
    assert after("nn = 3\ni = tf.zeros_initializer()") == (
        f"{TF}from torch import nn as torch_nn\nnn = 3\ni = torch_nn.init.zeros_\n_ = tf\n"
    )


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("i = tf.glorot_uniform_initializer()", "--assume conv"),
        ("tf.get_variable('a', (3, 4), initializer=tf.initializers.he_uniform())", "--assume dense"),
        ("tf.get_variable('a', (3, 3, 3, 4), initializer=tf.glorot_uniform_initializer())", "--assume conv"),
        ("x = tf.initializers.he_uniform()(shape)", "--assume matrix"),
        ("i = tf.random_normal_initializer(seed=FLAGS.seed)", "is known only when the program runs"),
        ("i = tf.constant_initializer(values)", "--assume scalar"),
        ("f(partitioner=p)\ntf.layers.dense(x, 3, kernel_initializer=tf.contrib.layers.xavier_initializer())",
         "--assume unpartitioned"),
        ("tf.nn.rnn_cell.LSTMCell(3, initializer=tf.glorot_uniform_initializer())", "no such initializer"),
        ("tf.layers.separable_conv2d(x, 3, 3, depth_multiplier=m, depthwise_initializer=tf.initializers.he_normal())",
         "no such initializer"),
        ("x = tf.zeros_initializer()((3, 4), tf.int32)", "type `tf.int32`"),
        ("x = tf.zeros_initializer()((3, 4), tf.float32, None)", "more than a shape"),
        ("x = tf.zeros_initializer()(*shape)", "write it out"),
        ("nn, torch_nn = 3, 4\ntf.get_variable('a', (3, 4), initializer=tf.glorot_normal_initializer())",
         "uses the name `nn`"),
        ("def truncated_normal_(): pass\ntf.get_variable('a', (3, 4), initializer=tf.glorot_normal_initializer())",
         "another `truncated_normal_`"),
        ("def f(x):\n    i = tf.initializers.he_uniform()\n    tf.layers.dense(x, 3, kernel_initializer=i)\n"
         "    tf.keras.layers.Embedding(9, 4, embeddings_initializer=i)", "different ways"),
    ],
)  # fmt: skip
def test_refused(body: str, reason: str) -> None:
    assert any(reason in detail for detail in refusals(f"{TF}{body}\n", RUN))


@pytest.mark.parametrize(
    ("assumed", "target"),
    [
        (("dense",), 'functools.partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="linear")'),
        (("conv",), 'functools.partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="linear")'),
        (("dense", "conv"), 'functools.partial(nn.init.kaiming_uniform_, mode="fan_out", nonlinearity="linear")'),
    ],
)
def test_assumptions(assumed: tuple[str, ...], target: str) -> None:
    call = "tf.variance_scaling_initializer(1., 'fan_out', 'uniform')"
    assert after(f"i = {call}", *assumed) == f"{in_order(PARTIAL + TF)}i = {target}\n_ = tf\n"


def test_an_assumption_of_one_kind_says_nothing_of_another() -> None:
    source = f"{TF}tf.get_variable('a', (3, 3, 3, 4), initializer=tf.glorot_uniform_initializer())\n"
    (detail,) = refusals(source, Run(target="torch", assume=frozenset({"dense"})))
    assert "--assume conv" in detail


@pytest.mark.parametrize(
    ("before", "written"),
    [
        ("tf.keras.layers.Dense(3, kernel_initializer=partial(nn.init.kaiming_uniform_, nonlinearity='relu'))",
         "tf.keras.layers.Dense(3, kernel_initializer=tf.keras.initializers.he_uniform())"),
        ("tf.layers.conv2d(x, 3, 3, kernel_initializer=nn.init.xavier_uniform_)",
         "tf.layers.conv2d(x, 3, 3, kernel_initializer=tf.keras.initializers.glorot_uniform())"),
        ("tf.layers.conv2d(x, 3, 3, kernel_initializer=partial(nn.init.normal_, std=s()))",
         "tf.layers.conv2d(x, 3, 3, kernel_initializer=tf.keras.initializers.RandomNormal(stddev=s()))"),
    ],
)  # fmt: skip
def test_functions_of_pytorch_that_a_layer_is_given_become_keras(before: str, written: str) -> None:
    head = f"{NN}{TF}from functools import partial\n"
    tail = "\n_ = nn, partial\n"
    assert rewritten(f"{head}{before}{tail}") == f"{head}{written}{tail}"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("nn.init.kaiming_uniform_(m.weight, nonlinearity='relu')", "give the layer `keras.initializers.HeUniform()`"),
        ("nn.init.normal_(m.weight, 0, math.sqrt(2. / n))", "RandomNormal(stddev=(2 / n) ** 0.5)`"),
        ("nn.init.trunc_normal_(m.weight, std=.02)", "`keras.initializers.RandomNormal(stddev=0.02)`"),
        ("i = functools.partial(nn.init.xavier_uniform_, gain=2)", 'VarianceScaling(4, "fan_avg", "uniform")'),
        ("nn.init.xavier_uniform_(m.weight, gain=nn.init.calculate_gain('relu'))",
         '`keras.initializers.VarianceScaling(2, "fan_avg", "uniform")`'),
        ("nn.init.xavier_normal_(m.weight, nn.init.calculate_gain('leaky_relu'))",
         'VarianceScaling(20000 / 10001.0, "fan_avg", "untruncated_normal")'),
        ("nn.init.xavier_normal_(m.weight, nn.init.calculate_gain(name))", "calculate_gain(name) ** 2"),
        ("nn.init.dirac_(m.weight)", "an initializer of the same distribution"),
        ("nn.init.kaiming_normal_(w, nonlinearity=name)", "write it out"),
        ("nn.init.normal_(*arguments)", "write them out"),
        ("tf.keras.layers.Dense(3, kernel_initializer=functools.partial(nn.init.normal_, generator=g))", "a generator"),
    ],
)  # fmt: skip
def test_functions_of_pytorch_that_stay(body: str, reason: str) -> None:
    (detail,) = refusals(f"import functools, math\n{NN}{TF}{body}\n")
    assert reason in detail


def test_python_2() -> None:
    source = f"{TF}print 1\ntf.layers.dense(x, 3, kernel_initializer={{}})\n"
    details = refusals(source.format("tf.glorot_normal_initializer()"), RUN)
    assert any("Python 2" in detail for detail in details)
    expected = source.replace(TF, f"{TF}{NN}").format("nn.init.xavier_uniform_")
    assert rewritten(source.format("tf.glorot_uniform_initializer()"), RUN) == expected


def test_look_alikes_of_ours_are_none() -> None:
    source = f"import math\n{TORCH}{HELPER.replace('std / 0.77', 'std')}\n\ntruncated_normal_(w, variance=2)\n"
    changed = source.replace("variance / 0.7737413035499232", "variance")
    assert outcome(source.encode()).diagnostics
    details = [item.detail for item in outcome(changed.encode()).diagnostics]
    assert all(not detail.startswith("truncated_normal_(w") for detail in details)
