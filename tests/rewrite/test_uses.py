"""What a module does with an initializer, other than starting weights with it, decides whether it can be replaced."""

import pytest

from initport.diagnostics import Code
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome, refusals, rewritten

TF = "import functools\nimport tensorflow as tf\n"
XAVIER = "tf.contrib.layers.xavier_initializer"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(f"i = {XAVIER}()\ni((3, 4))\n", id="called with a shape"),
        pytest.param(f"i = {XAVIER}()\ni((3, 4), tf.float32)\n", id="called with a shape and a dtype"),
        pytest.param(f"i = {XAVIER}()\ni((3, 4), partition_info=p)\n", id="a function takes a partition_info by name"),
        pytest.param(f"i = {XAVIER}()\ndef f():\n  i = 1\n  return x.i.name\n", id="another thing's attribute"),
        pytest.param(f"t = {{'a': {XAVIER}}}\nt['a']()\nt.items()\n", id="a table called with nothing"),
        pytest.param(f"self.i = {XAVIER}()\nother.i.dtype\n", id="an attribute of another"),
        pytest.param(
            f"try:\n  i = {XAVIER}\nexcept E:\n  i = tf.glorot_uniform_initializer\nf(i())\n",
            id="a name for two functions that mean the same",
        ),
        pytest.param(f"i = {XAVIER}\nj = i\nf(j())\n", id="a name of a name"),
        pytest.param(f"i, j = {XAVIER}, tf.zeros_initializer\nf(i(), j())\n", id="names for several functions"),
        pytest.param(f"try:\n  i = {XAVIER}\nexcept E:\n  i = None\nf(i())\n", id="a name for a function or None"),
        pytest.param(f"i = {XAVIER}\nj = i(uniform=False)\ndel i\n", id="a name that is deleted"),
        pytest.param("if (t := tf):\n  i = t.glorot_normal_initializer()\n", id="a name that an expression gives"),
        pytest.param(
            "t = {'a': tf.contrib.layers.variance_scaling_initializer}\nt['a']()\n",
            id="a table of contrib's functions",
        ),
        pytest.param(f"def f(i={XAVIER}):\n  return i()\n", id="a parameter called with nothing"),
        pytest.param(f"def f():\n  return {XAVIER}\nf()()\n", id="a function's result called with nothing"),
        pytest.param(f"m = functools.partial({XAVIER}, False)\nm()\n", id="a partial called with nothing"),
    ],
)
def test_replaced(source: str) -> None:
    assert "tf.keras.initializers" in rewritten(f"{TF}{source}")


def test_a_name_for_a_part_of_itself_leads_to_the_target() -> None:
    source = "import tensorflow as tf\ntf = tf.compat.v1\ni = tf.zeros_initializer()\n"
    assert rewritten(source) == source.replace("tf.zeros_initializer", "tf.keras.initializers.Zeros")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param(f"m = functools.partial({XAVIER})\nm(uniform=False)\n", "`m(uniform=False)` passes it arguments",
                     id="a partial called with more"),
        pytest.param(f"t = {{'a': {XAVIER}}}\nt[k](False)\n", "`t[k](False)` passes it arguments",
                     id="a table's function called with more"),
        pytest.param(f"i = {XAVIER}()\ni(s, d, p)\n", "`i(s, d, p)` passes it more than a shape and a dtype",
                     id="partition_info by position"),
        pytest.param(f"f = {{'a': {XAVIER}}}[k]\nf(s)\n", "`f(s)` passes it arguments", id="one of a table, by a name"),
        pytest.param(f"t = {{'a': {XAVIER}}}\nf = t[k]\nf(seed=s)\n", "`f(seed=s)` passes it arguments",
                     id="one of a table's name, by a name"),
        pytest.param(f"t = {{'a': {XAVIER}}}\ndef g(k):\n  return t.get(k)\ng(k)(s)\n", "`g(k)(s)` passes it arguments",
                     id="what a function gets from a table"),
        pytest.param(f"t = [{XAVIER}]\nf(t[0])\n", "`t[0]` is handed to `f`", id="handed on uncalled"),
        pytest.param(f"t = {{'a': {XAVIER}}}\nfor k in sorted(t): t[k]()\n", "`t` is handed to `sorted`",
                     id="a table handed on"),
        pytest.param(f"{{'a': {XAVIER}}}[k](uniform=False)\n", "passes it arguments",
                     id="a table called at once with more"),
        pytest.param(f"for i in [{XAVIER}]:\n  i(uniform=False)\n", "`i(uniform=False)` passes it arguments",
                     id="each of a list"),
        pytest.param(f"l = []\nl.append({XAVIER}())\nl[0].dtype\n", "`l[0].dtype` is used", id="put into a list"),
        pytest.param(f"f = lambda: {XAVIER}()\nf().dtype\n", "`f().dtype` is used", id="a lambda's result"),
        pytest.param(f"def g(i): return i.dtype\ng({XAVIER}())\n", "`i.dtype` is used", id="a function's argument"),
        pytest.param(f"def f(i={XAVIER}):\n  return i(uniform=False)\n", "`i(uniform=False)` passes it arguments",
                     id="a parameter called with more"),
        pytest.param(f"def f():\n  return {XAVIER}\nf()(uniform=False)\n", "`f()(uniform=False)` passes it arguments",
                     id="a function's result called with more"),
        pytest.param(f"def f(i={XAVIER}()):\n  return i.dtype\n", "`i.dtype` is used", id="a parameter's attribute"),
        pytest.param(f"def f():\n  return {XAVIER}()\nf().get_config()\n", "is used", id="a result's attribute"),
        pytest.param(f"i = {XAVIER}\nf(i())\ni = tf.glorot_normal_initializer\n", "this may also be",
                     id="a name for two functions"),
        pytest.param(f"{XAVIER}()(s, d, p)\n", "passes it more than a shape and a dtype", id="at once"),
        pytest.param(f"{XAVIER}()(s, partition_info=p)\n", "passes it more than a shape and a dtype",
                     id="at once, by name"),
        pytest.param(f"i = {XAVIER}()\nprint(i.get_config())\n", "`i.get_config` is used", id="its attribute"),
        pytest.param(f"a, b = {XAVIER}(), 1\nprint(a.dtype)\n", "`a.dtype` is used", id="one of several"),
        pytest.param(f"class A:\n  def f(self):\n    self.i = {XAVIER}()\n  def g(self): return self.i.dtype\n",
                     "`self.i.dtype` is used", id="an attribute's attribute"),
    ],
)  # fmt: skip
def test_refused(source: str, reason: str) -> None:
    (found,) = refusals(f"{TF}{source}")
    assert reason in found


OPTIONS = """\
def conv(x, **params):
    params.setdefault('kernel_initializer', {})
    return tf.layers.conv2d(x, 3, 3, **params)
"""
CHAIN = "import tensorflow as tf\nfrom crf import CRF\ny = CRF(10, chain_initializer={})\n"


@pytest.mark.parametrize("source", [TF + OPTIONS, CHAIN], ids=["a default of options", "a layer of another package"])
def test_arguments_that_are_no_argument_of_a_known_layer(source: str) -> None:
    """What is called there is not seen, so that a new object is made at each call."""
    written = "tf.keras.initializers.TruncatedNormal(stddev=0.02)"
    after = rewritten(source.format("tf.truncated_normal_initializer(stddev=0.02)"))
    assert after == source.format(f"lambda shape, dtype=None, **_: {written}(shape, dtype=dtype)")


@pytest.mark.parametrize("string", ["glorot_uniform", "orthogonal", "lecun_uniform"])
def test_a_string_for_a_layer_of_another_package(string: str) -> None:
    found = outcome(CHAIN.format(f'"{string}"').encode(), run=Run(target="torch")).findings
    assert [item.code for item in found] == [Code.UNDECIDED]
    assert "whether this only reaches layers is not known" in found[0].diagnostic.detail


@pytest.mark.parametrize("string", ["a name of their own", "relu"])
def test_a_string_that_is_no_initializer_is_nothing(string: str) -> None:
    assert not outcome(CHAIN.format(f'"{string}"').encode(), run=Run(target="torch")).findings


@pytest.mark.parametrize(
    ("target", "use", "reason"),
    [
        ("keras", "i([3, 4])", None),
        ("keras", "2 * i([3, 4], dtype=tf.float32)", None),
        ("haiku", "i([3, 4])", None),
        ("torch", "f(i)", None),
        ("torch", "i([3, 4])", "called with a tensor that they fill"),
        ("torch", "2 * i([3, 4], dtype=tf.float32)", "called with a tensor that they fill"),
        ("flax-nnx", "i([3, 4])", "called with `key` first"),
        ("keras", "class A(type(i)): pass", "the class is asked for"),
        ("torch", "print(type(i))", "the class is asked for"),
        ("torch", "i.get_config()", "which what it becomes does not have"),
        ("flax-nnx", "i.get_config()", "which what it becomes does not have"),
    ],
)
def test_calls_and_attributes_that_the_target_has_otherwise(target: str, use: str, reason: str | None) -> None:
    source = f"import tensorflow as tf\ni = tf.random_normal_initializer(stddev=0.1)\n{use}\n"
    found = outcome(source.encode(), run=Run(target=target))
    assert (found.after is None) == (reason is not None)
    assert reason is None or any(reason in item.message for item in found.findings)
