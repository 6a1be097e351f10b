"""What sites become: the distribution, the form that the place needs, and the imports."""

import pytest

from initport.project.processes import Run
from tests.rewrite.rewriting import refusals, rewritten

TF = "import tensorflow as tf\n"
FRESH = "lambda shape, dtype=None, **_: {}(shape, dtype=dtype)"
GLOROT = FRESH.format("tf.keras.initializers.glorot_uniform()")
TRUNCATED = 'tf.keras.initializers.VarianceScaling(2.6 * 0.7737413035499232, "fan_in", "truncated_normal")'


@pytest.mark.parametrize(
    ("call", "target"),
    [
        ("tf.contrib.layers.xavier_initializer()", "glorot_uniform()"),
        ("tf.contrib.layers.xavier_initializer(False)",
         'VarianceScaling(1.3 * 0.7737413035499232, "fan_avg", "truncated_normal")'),
        ("tf.contrib.layers.variance_scaling_initializer(uniform=True)", "he_uniform()"),
        ("tf.contrib.slim.variance_scaling_initializer(1.5, 'FAN_OUT', True)",
         'VarianceScaling(1.5, "fan_out", "uniform")'),
        ("tf.variance_scaling_initializer(2.0)", "he_normal()"),
        ("tf.compat.v1.variance_scaling_initializer(distribution='Uniform')", "lecun_uniform()"),
        ("tf.initializers.variance_scaling(2.0, 'fan_avg', 'untruncated_normal')",
         'VarianceScaling(2, "fan_avg", "untruncated_normal")'),
        ("tf.random_normal_initializer(stddev=1e-3)", "RandomNormal(stddev=0.001)"),
        ("tf.random_normal_initializer(1.0, 0.02)", "RandomNormal(1, 0.02)"),
        ("tf.random_normal_initializer(stddev=1 / 3.)", "RandomNormal(stddev=1 / 3.0)"),
        ("tf.truncated_normal_initializer()", "TruncatedNormal(stddev=1)"),
        ("tf.random_uniform_initializer(-0.1)", "RandomUniform(-0.1, 1)"),
        ("tf.orthogonal_initializer(gain=1.1)", "Orthogonal(1.1)"),
        ("tf.keras.initializers.RandomNormal()", "RandomNormal(stddev=0.05)"),
        ("tf.keras.initializers.get('he_normal')", "he_normal()"),
        ("tf.glorot_normal_initializer(dtype=tf.float32)", "glorot_normal()"),
    ],
)  # fmt: skip
def test_the_distribution(call: str, target: str) -> None:
    assert rewritten(f"{TF}i = {call}\n") == f"{TF}i = {FRESH.format(f'tf.keras.initializers.{target}')}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "tf.get_variable('a', (3, 4), initializer=tf.contrib.layers.xavier_initializer())",
            "tf.get_variable('a', (3, 4), initializer=tf.keras.initializers.glorot_uniform())",
            id="one weight",
        ),
        pytest.param(
            "tf.get_variable('a', (3, 4), tf.float32, tf.contrib.layers.xavier_initializer())",
            "tf.get_variable('a', (3, 4), tf.float32, tf.keras.initializers.glorot_uniform())",
            id="one weight, by position",
        ),
        pytest.param(
            "tf.get_variable('a', (3, 4), initializer=tf.contrib.layers.xavier_initializer(), partitioner=p)",
            f"tf.get_variable('a', (3, 4), initializer={GLOROT}, partitioner=p)",
            id="a weight in several parts",
        ),
        pytest.param(
            "with tf.variable_scope('a', partitioner=p):\n"
            "  tf.get_variable('b', (3, 4), initializer=tf.contrib.layers.xavier_initializer())",
            f"with tf.variable_scope('a', partitioner=p):\n  tf.get_variable('b', (3, 4), initializer={GLOROT})",
            id="a scope that makes weights in several parts",
        ),
        pytest.param(
            "tf.get_variable('a', (3, 4), initializer=tf.uniform_unit_scaling_initializer(1.43))",
            "tf.get_variable('a', (3, 4), initializer="
            'tf.keras.initializers.VarianceScaling(2.0449, "fan_in", "uniform"))',
            id="the shape tells that it is a matrix",
        ),
        pytest.param(
            "with tf.variable_scope('a', initializer=tf.contrib.layers.xavier_initializer()): pass",
            f"with tf.variable_scope('a', initializer={GLOROT}): pass",
            id="a scope",
        ),
        pytest.param("f(tf.contrib.layers.xavier_initializer())", f"f({GLOROT})", id="a call of something unknown"),
        pytest.param(
            "x = tf.contrib.layers.xavier_initializer() if a else None",
            f"x = ({GLOROT}) if a else None",
            id="a conditional expression",
        ),
        pytest.param("x = {'w': tf.contrib.layers.xavier_initializer()}", f"x = {{'w': {GLOROT}}}", id="a dict"),
        pytest.param("x = lambda: tf.contrib.layers.xavier_initializer()", f"x = lambda: ({GLOROT})", id="a lambda"),
        pytest.param(
            "def f(i=tf.contrib.layers.xavier_initializer()): pass", f"def f(i={GLOROT}): pass", id="a default"
        ),
        pytest.param(
            "x = {'w': tf.contrib.layers.xavier_initializer}", f"x = {{'w': lambda: {GLOROT}}}", id="a factory"
        ),
        pytest.param(
            "class A:\n    i = tf.contrib.layers.xavier_initializer()",
            f"class A:\n    i = staticmethod({GLOROT})",
            id="a class attribute must not become a method",
        ),
        pytest.param(
            "class A:\n    i = tf.zeros_initializer()",
            "class A:\n    i = tf.keras.initializers.Zeros()",
            id="constants",
        ),
        pytest.param(
            "x = tf.contrib.layers.xavier_initializer()((3, 4))",
            "x = tf.keras.initializers.glorot_uniform()((3, 4))",
            id="drawn at once",
        ),
        pytest.param(
            "x = tf.contrib.layers.xavier_initializer(dtype=tf.float64)((3, 4))",
            "x = (lambda shape, dtype=tf.float64, **_: "
            "tf.keras.initializers.glorot_uniform()(shape, dtype=dtype))((3, 4))",
            id="drawn at once, of another type",
        ),
        pytest.param(
            "x = tf.contrib.layers.xavier_initializer(seed=7)",
            "x = tf.keras.initializers.glorot_uniform(seed=7)",
            id="a seed makes both weights the same in either framework",
        ),
        pytest.param(
            "x = tf.contrib.layers.xavier_initializer(seed=FLAGS.seed)",
            "x = lambda shape, dtype=None, seed=FLAGS.seed, **_: "
            "tf.keras.initializers.glorot_uniform(seed=seed)(shape, dtype=dtype)",
            id="a seed that may be None",
        ),
        pytest.param(
            "x = tf.random_normal_initializer(0.0, next(stddevs))",
            "x = lambda shape, dtype=None, stddev=next(stddevs), **_: "
            "tf.keras.initializers.RandomNormal(stddev=stddev)(shape, dtype=dtype)",
            id="an argument is evaluated once, where it stood",
        ),
        pytest.param(
            "tf.get_variable('a', (3, 4), initializer=tf.contrib.layers.variance_scaling_initializer(a + b))",
            "tf.get_variable('a', (3, 4), initializer=tf.keras.initializers.VarianceScaling("
            '1.3 * (a + b) * 0.7737413035499232, "fan_in", "truncated_normal"))',
            id="an argument in place",
        ),
        pytest.param(
            "tf.get_variable('a', (3, 4), initializer=tf.random_uniform_initializer(-s, n**-.5))",
            "tf.get_variable('a', (3, 4), initializer=tf.keras.initializers.RandomUniform(-s, n**-.5))",
            id="arguments as they are written",
        ),
        pytest.param(
            "M = 'FAN_AVG'\nx = tf.contrib.layers.variance_scaling_initializer(1.0, mode=M, uniform=True)",
            f"M = 'FAN_AVG'\nx = {GLOROT}",
            id="a name for a literal",
        ),
    ],
)
def test_the_form(before: str, after: str) -> None:
    assert rewritten(f"{TF}{before}\n") == f"{TF}{after}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("tf.get_variable('a', (3,), initializer=tf.zeros_initializer)",
         "tf.get_variable('a', (3,), initializer=tf.keras.initializers.Zeros())"),
        ("tf.layers.dense(x, 3, kernel_initializer=tf.truncated_normal_initializer)",
         "tf.layers.dense(x, 3, kernel_initializer=tf.keras.initializers.TruncatedNormal(stddev=1))"),
    ],
)  # fmt: skip
def test_a_class_that_get_variable_makes_an_instance_of(before: str, after: str) -> None:
    assert rewritten(f"{TF}{before}\n") == f"{TF}{after}\n"


def test_a_partial_becomes_a_factory() -> None:
    source = f"{TF}from functools import partial\nMAKE = partial(tf.contrib.layers.xavier_initializer, uniform=True)\n"
    assert rewritten(source) == f"{TF}MAKE = lambda: {GLOROT}\n"


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("import tensorflow as tf\n", "tf.contrib.slim.variance_scaling_initializer()"),
        ("import tensorflow as tf\nslim = tf.contrib.slim\nx = slim.conv2d\n", "slim.variance_scaling_initializer()"),
        ("import tensorflow as tf\nfrom tensorflow.contrib.layers import *\n", "variance_scaling_initializer()"),
        ("import tensorflow as tf\nN = 'variance_scaling_initializer'\n", "getattr(tf.contrib.layers, N)()"),
        ("try:\n  import tensorflow.compat.v1 as tf\nexcept ImportError:\n  import tensorflow as tf\n",
         "tf.contrib.layers.variance_scaling_initializer()"),
    ],
)  # fmt: skip
def test_imports_that_stay(imports: str, call: str) -> None:
    assert rewritten(f"{imports}i = {call}\n") == f"{imports}i = {FRESH.format(TRUNCATED)}\n"


@pytest.mark.parametrize(
    ("unneeded", "call"),
    [
        ("import tensorflow.contrib.slim as slim\n", "slim.variance_scaling_initializer()"),
        ("from tensorflow.contrib import slim\n", "slim.variance_scaling_initializer()"),
        ("from tensorflow import contrib  # old\n", "contrib.layers.variance_scaling_initializer()"),
        ("from tensorflow.contrib.layers import variance_scaling_initializer as v\n", "v()"),
        ("from tensorflow.contrib.layers.python.layers import initializers\n",
         "initializers.variance_scaling_initializer()"),
        ("slim = tf.contrib.slim\n", "slim.variance_scaling_initializer()"),
        ("make = tf.contrib.slim.variance_scaling_initializer\n", "make()"),
        ("import tensorflow.contrib.slim as slim\n", "slim.initializers.variance_scaling_initializer()"),
        ("import tf_slim\n", "tf_slim.variance_scaling_initializer()"),
    ],
)  # fmt: skip
def test_imports_that_go(unneeded: str, call: str) -> None:
    assert rewritten(f"{TF}{unneeded}i = {call}\n") == f"{TF}i = {FRESH.format(TRUNCATED)}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "from tensorflow.contrib.layers import conv2d, xavier_initializer\n",
            "from tensorflow.contrib.layers import conv2d\n",
            id="last of two",
        ),
        pytest.param(
            "from tensorflow.contrib.layers import xavier_initializer, conv2d\n",
            "from tensorflow.contrib.layers import conv2d\n",
            id="first of two",
        ),
        pytest.param(
            "import os; from tensorflow.contrib.layers import xavier_initializer  # old\n",
            "import os  # old\n",
            id="behind another import",
        ),
        pytest.param(
            "from tensorflow.contrib.layers import xavier_initializer ; import os; import sys\n",
            "import os; import sys\n",
            id="before other imports",
        ),
        pytest.param(
            "if a:\n    import os; from tensorflow.contrib.layers import xavier_initializer;\n",
            "if a:\n    import os;\n",
            id="in a block",
        ),
        pytest.param(
            "from tensorflow.contrib.layers import (conv2d,\n    xavier_initializer)\n",
            "from tensorflow.contrib.layers import (conv2d)\n",
            id="in parentheses",
        ),
    ],
)
def test_a_name_among_others_goes(before: str, after: str) -> None:
    assert rewritten(f"{TF}{before}i = xavier_initializer()\n") == f"{TF}{after}i = {GLOROT}\n"


def test_an_import_is_added_where_there_is_no_way_to_keras() -> None:
    source = '"""Doc."""\nfrom __future__ import division\nimport os\nfrom tensorflow.contrib.layers import *\n'
    source += "from tensorflow.contrib.layers import xavier_initializer\ntf = 1\ni = xavier_initializer()\n"
    expected = '"""Doc."""\nfrom __future__ import division\nimport os\nimport tensorflow\n'
    expected += f"from tensorflow.contrib.layers import *\ntf = 1\ni = {GLOROT.replace('tf.', 'tensorflow.')}\n"
    assert rewritten(source) == expected


@pytest.mark.parametrize(
    ("module", "added", "path"),
    [("keras", "import keras\n", "keras.initializers"), ("tf_keras", "import tf_keras\n", "tf_keras.initializers")],
)
def test_another_keras(module: str, added: str, path: str) -> None:
    after = rewritten(f"{TF}i = tf.glorot_uniform_initializer()\n", Run(module))
    assert after == f"{added}i = {FRESH.format(f'{path}.GlorotUniform()')}\n"


def test_comments_within_the_call_survive() -> None:
    call = "tf.contrib.layers.variance_scaling_initializer(\n    factor=2.0,  # He\n    # both\n    uniform=True)"
    source = f"{TF}i = {call}\n"
    assert rewritten(source) == (
        f"{TF}i = lambda shape, dtype=None, **_: tf.keras.initializers.he_uniform(\n"
        "    # He\n    # both\n    )(shape, dtype=dtype)\n"
    )


def test_the_version_decides() -> None:
    source = f"{TF}i = tf.keras.initializers.RandomUniform()\n"
    old = rewritten(source, Run(versions={"tensorflow": (1, 4)}))
    assert "RandomUniform(0, 1)" in old
    assert "RandomUniform(-0.05, 0.05)" in rewritten(source)


def test_the_result_is_left_alone_under_the_old_version_too() -> None:
    rewritten(f"{TF}i = tf.contrib.layers.variance_scaling_initializer()\n", Run(versions={"tensorflow": (1, 4)}))
    rewritten(f"{TF}i = tf.glorot_normal_initializer()\n", Run(versions={"tensorflow": (1, 4)}))


@pytest.mark.parametrize("assumed", ["matrix", "scalar", "unpartitioned"])
def test_assumptions(assumed: str) -> None:
    calls = {
        "matrix": "tf.uniform_unit_scaling_initializer()",
        "scalar": "tf.constant_initializer(bias)",
        "unpartitioned": "tf.glorot_uniform_initializer()  # partitioner",
    }
    after = rewritten(f"{TF}i = {calls[assumed]}\n", Run(assume=frozenset({assumed})))
    expected = {"matrix": "lecun_uniform()", "scalar": "Constant(bias)", "unpartitioned": "glorot_uniform()"}
    assert expected[assumed] in after


ONE = "tf.keras.initializers.glorot_uniform()"


@pytest.mark.parametrize(
    ("body", "result"),
    [
        pytest.param("i = {}\n    USE", ONE, id="one use"),
        pytest.param("i = {}\n    with s:\n        USE", ONE, id="deeper"),
        pytest.param("for j in k:\n        i = {}\n        USE", ONE, id="made in a loop"),
        pytest.param("i = {}\n    for j in k:\n        USE", GLOROT, id="loop"),
        pytest.param("i = {}\n    f(i)", GLOROT, id="handed on"),
        pytest.param("i = {}\n    USE\n    return i", GLOROT, id="returned too"),
        pytest.param("if a:\n        i = {}\n    USE", GLOROT, id="not always made"),
        pytest.param("i = {}\n    g = lambda: USE", GLOROT, id="within a function"),
        pytest.param(
            "i = {}\n    return [tf.get_variable(n, (3,), initializer=i) for n in m]", GLOROT, id="comprehension"
        ),
        pytest.param("global i\n    i = {}\n    USE", GLOROT, id="a global name"),
        pytest.param(
            "i = {}\n    tf.layers.separable_conv2d(x, 3, 3, depthwise_initializer=i)", ONE, id="one of two kernels"
        ),
        pytest.param(
            "i = {}\n    tf.nn.rnn_cell.LSTMCell(3, initializer=i)", GLOROT, id="several weights of one layer"
        ),
    ],
)
def test_a_local_name(body: str, result: str) -> None:
    body = body.replace("USE", "tf.get_variable('a', (3, 4), initializer=i)")
    source = f"{TF}def f(x):\n    {body}\n"
    assert rewritten(source.format("tf.glorot_uniform_initializer()")) == source.format(result)


def test_the_uses_of_a_name_tell_the_shape() -> None:
    use = "tf.get_variable('{}', (3, 4), initializer=i)"
    source = f"{TF}def f():\n    i = {{}}\n    {use.format('a')}\n    {use.format('b')}\n"
    after = FRESH.format("tf.keras.initializers.lecun_uniform()")
    assert rewritten(source.format("tf.uniform_unit_scaling_initializer()")) == source.format(after)


def test_statements_on_one_line_go_together() -> None:
    imports = "from tensorflow.contrib.layers import xavier_initializer; from tensorflow.contrib import slim"
    source = f"{TF}{imports}\ni = xavier_initializer(), slim.xavier_initializer()\n"
    assert rewritten(source) == f"{TF}i = {GLOROT}, {GLOROT}\n"


def test_what_is_all_of_a_block_stays() -> None:
    block = "try:\n  from tensorflow.contrib import slim\n  from tensorflow.contrib import layers\nexcept E: pass\n"
    source = f"{TF}{block}i = slim.xavier_initializer(), layers.xavier_initializer()\n"
    assert rewritten(source) == f"{TF}{block}i = {GLOROT}, {GLOROT}\n"


def test_several_names_go_together() -> None:
    source = (
        f"{TF}a, b = tf.contrib.layers.xavier_initializer, tf.contrib.layers.xavier_initializer\ni = a()\nj = b()\n"
    )
    assert rewritten(source) == f"{TF}i = {GLOROT}\nj = {GLOROT}\n"


def test_the_name_of_a_shape_tells_it() -> None:
    source = f"{TF}S = (3, 4)\ntf.get_variable('a', S, initializer={{}})\ntf.Variable({{}}(S))\n"
    old, new = "tf.uniform_unit_scaling_initializer()", "tf.keras.initializers.lecun_uniform()"
    assert rewritten(source.format(old, old)) == source.format(new, new)


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("S = [3, 4]\nS.pop()\ntf.get_variable('a', S, initializer={})\n", id="a list may change"),
        pytest.param("S = (3, 4)\nS = f()\ntf.get_variable('a', S, initializer={})\n", id="another shape too"),
        pytest.param(
            "S = (3, 4)\ndef f(x):\n    i = {}\n    def g(S): tf.get_variable('a', S, initializer=i)\n    g(x)\n",
            id="another name of the same spelling",
        ),
    ],
)
def test_a_name_that_may_stand_for_another_shape(source: str) -> None:
    (reason,) = refusals(f"{TF}{source.format('tf.uniform_unit_scaling_initializer()')}")
    assert "the shape is not known here" in reason


def test_arguments_spread_from_a_dict() -> None:
    source = f"{TF}ARGS = {{{{'factor': 1.0, 'mode': 'FAN_AVG', 'uniform': True}}}}\ni = {{}}\n"
    for given in (
        "**ARGS",
        "**{'factor': 1.0, 'mode': 'FAN_AVG', 'uniform': True}",
        "1., **dict(mode='FAN_AVG', uniform=True)",
    ):
        before = source.format(f"tf.contrib.layers.variance_scaling_initializer({given})")
        assert rewritten(before) == source.format(GLOROT)
