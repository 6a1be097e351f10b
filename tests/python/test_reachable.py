"""What a text reaches by what it imports, and that what is not reached so is nothing."""

import ast
from contextlib import closing
from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from initport.grammar.versions import Versions
from initport.project.processes import Run, process
from initport.python import evidence
from initport.python import module_sites as reader
from initport.python.reachable import UNKNOWN, within_reach
from initport.python.text import Text
from initport.python.vocabulary import names

WANTED = frozenset({"a.b.w", "a.b.made().v", "other.w"})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", {UNKNOWN}),
        ("import a\n", set()),
        ("a.b.w()\n", {UNKNOWN}),
        ("import c\na.b.w()\n", set()),
        ("import a\nx = a.b.other()\n", set()),
        ("import a\nx = a.b.w()\n", {"a.b.w"}),
        ("import a\nx = a.b.w.more\n", {"a.b.w"}),
        ("import a\nx = 'a.b.w'  # a.b.w\n", set()),
        ("import a\nx = f'{a.b.w()}'\n", {"a.b.w"}),
        ("import a\nx = mine.a.b.w\n", set()),
        ("import a\nx = a.b\n", {UNKNOWN}),
        ("import a\nx = getattr(a, name)\n", {UNKNOWN}),
        ("import a\nx = (a if c else d).b.w\n", {UNKNOWN}),
        ("import a\nx = (a.  # why\n     b.w)\n", {UNKNOWN}),
        ("import a\nx = a. \\\n b.w\n", {UNKNOWN}),
        ("import a\nx = (a\n     .b\n     .w)\n", {"a.b.w"}),
        ("import a\nx = a.b.made().v\n", {UNKNOWN}),
        ("import a.b\nx = a.b.w\n", {"a.b.w"}),
        ("import a.b as c, other as o\nx = c.w, o.w\n", {"a.b.w", "other.w"}),
        ("import a.b.w\n", set()),
        ("from a import b\nx = b.w\n", {"a.b.w"}),
        ("from a import b as c\nx = b.w\n", set()),
        ("from a.b import (x,  # the first\n    w as u,\n)\nprint(u)\n", {"a.b.w"}),
        ("from a.b import (x,\r\n    w as u,\r\n)\r\nprint(u)\r\n", {"a.b.w"}),
        ("from a.b import w\n", set()),
        ("from a.b import w\n__all__ = ['w']\n", set()),
        ("from a.b import x; w = 1\n", set()),
        ("from .a.b import w\nw()\n", set()),
        ("'''\nfrom a.b import w\n'''\nw()\n", {"a.b.w"}),
        ("try:\n    import a\nexcept ImportError:\n    import other as a\nx = a.w\n", {"other.w"}),
        ("from a.b import *\nw()\n", {UNKNOWN}),
        ("from c import *\nw()\n", set()),
        ("from a.b import x, \\\n    w\nw()\n", {UNKNOWN}),
        ("if x: from a.b import w\nw()\n", {UNKNOWN}),
        ("import x; from a.b import w\nw()\n", {UNKNOWN}),
        ("from a.b import (x,  # it's\n    w)\nw()\n", {UNKNOWN}),
        ("import x\rfrom a.b import w\rw()\r", {UNKNOWN}),
        ("from a.b import \uff57\nw()\n", {UNKNOWN}),
        ("x = 'import'  # import\nimport a\nx = a.b.w\n", {"a.b.w"}),
    ],
)
def test_reached(content: str, expected: set[str]) -> None:
    assert set(within_reach(Text(content), WANTED)) == expected


def test_usual_names_of_tensorflow() -> None:
    wanted = frozenset({"tensorflow.zeros_initializer"})
    for content in ("from mine import tf\ntf.zeros_initializer()\n", "from mine import *\ntf.zeros_initializer()\n"):
        assert set(within_reach(Text(content), wanted)) == wanted


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("import tensorflow as tf\nx = tf.zeros_initializer()\n", True),
        ("import tensorflow as tf\nx = mine.zeros_initializer()\n", False),
        ("import tensorflow as tf\ndef zeros_initializer(): pass\n", False),
        ("from tensorflow import zeros_initializer as zeros\n", False),
        ("from tensorflow import zeros_initializer as zeros\nx = zeros()\n", True),
        ("from tensorflow import initializers\nx = getattr(initializers, name)()\n", True),
        ("import tensorflow as tf\nx = getattr(tf, 'zeros_initializer')\n", True),
        ("import tensorflow as tf\ndef noise(shape):\n    return tf.random_normal(shape)\n", False),
        ("import tensorflow as tf\ndef start(shape, partition_info):\n    return tf.random_normal(shape)\n", True),
        ("import tensorflow as tf\nv = tf.Variable(tf.random_normal([3]))\n", True),
        ("import keras\nf(name='zeros')\n", False),
        ("import keras\nf(kernel_initializer='zeros')\n", True),
        ("import keras\nkeras.layers.Dense(3, 'zeros')\n", True),
        ("import keras\nclass A(keras.Layer):\n    def build(self):\n        self.add_weight((3,), 'zeros')\n", True),
    ],
)
def test_reaches_site(content: str, expected: bool) -> None:
    assert reader.reaches_site(Text(content), names(Versions()), lambda: False) is expected


def test_what_functions_draw_is_reached_where_other_files_may_use_it() -> None:
    content = "import tensorflow as tf\ndef noise(shape):\n    return tf.random_normal(shape)\n"
    assert reader.reaches_site(Text(content), names(Versions()), lambda: True)


def test_values_are_looked_up_by_no_layer() -> None:
    content = b"import tensorflow as tf\nf(value='glorot_uniform')\nx = tf.keras.backend.variable(value='ones')\n"
    outcome = process(content, "a.py", Run())
    assert (outcome.findings, outcome.modern) == ((), 0)


IMPORTS = (
    *("import tensorflow as tf", "import tensorflow", "import numpy as np", "import keras", "import tensorflow.keras"),
    *("from tensorflow import keras as k, initializers", "from tensorflow.python.ops import init_ops, random_ops as r"),
    *("from keras.initializers import (Zeros,  # zero\n    glorot_uniform as xavier,\n)", "from mine import tf"),
    *(
        "from keras.initializers import *",
        "from mine import *",
        "if a: import tensorflow as tf",
        "import os; import keras",
    ),
    *(
        "from keras import \\\n    layers, initializers",
        "try:\n    import tensorflow as tf\nexcept Exception:\n    pass",
    ),
    *("'''\nimport tensorflow as tf\n'''", "def load():\n    from tensorflow import zeros_initializer as zeros"),
)
ROOTS = (
    *("tf", "tensorflow", "np", "keras", "k", "initializers", "init_ops", "r", "xavier", "Zeros", "zeros", "layers"),
    *(
        "other",
        "self",
        "tf.keras",
        "keras.layers",
        "np.random",
        "np.random.RandomState(1)",
        "f(tf)",
        "(tf if a else np)",
    ),
    *("getattr(tf, 'initializers')", "tf.random", "table[0]", "'{}'"),
)
LAST = (
    "zeros_initializer",
    "random_normal",
    "truncated_normal",
    "normal",
    "get('zeros')",
    "Dense",
    "Variable",
    "Zeros",
)
FRAMES = (
    *("x = {}()", "other = {}", "a, other = 1, {}", "(self, (other,)) = (1, ({},))", "f({}, x)", "return_ = [{}]"),
    *("w = tf.Variable({}([3, 4]))", "f(kernel_initializer={})", "def f(a, start={}): pass", "x = f'{{{}}}'"),
    *("x = '{}'", "# {}", "x = (1,\n{}([3]))", "tf.get_variable('w', [3], initializer={}())", "print(other := {})"),
    *(
        "def f(shape):\n    return {}(shape)",
        "class A({}):\n    pass",
        "for other in ({}, 1): pass",
        "x = f(init='zeros')",
    ),
    *(
        "keras.layers.Dense(3, 'zeros')",
        "def f(bias_initializer='ones'): pass",
        "x = {{'kernel_initializer': 'zeros'}}",
    ),
    *("x = 'zero'", "def f():\n    global other\n    other = {}", "del other", "other: int = {}", "x = {}(\\\n[3])"),
)


def module(random: Random) -> str:
    lines = [random.choice(IMPORTS) for _ in range(random.randint(0, 3))]
    for _ in range(random.randint(1, 4)):
        root, last = random.choice(ROOTS), random.choice(LAST)
        dot = random.choice((".", ".", ".", " . "))
        lines.append(random.choice(FRAMES).format(random.choice((root, f"{root}{dot}{last}", last))))
    if random.random() < 0.2:
        random.shuffle(lines)
    return random.choice(("\n", "\n", "\r\n")).join(lines) + "\n"


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_what_is_not_reached_is_nothing(random: Random) -> None:
    content = module(random)
    try:
        tree = ast.parse(content)
    except SyntaxError:
        return
    text, known = Text(content), names(Versions())
    with closing(reader.read_tree(tree, text, known)) as sites:
        found = [*(site.source for site in sites.found), *(left.source for left in sites.left)]
        if not reader.reaches_site(Text(content), known, lambda: False):
            assert found == [], content
        if not reader.reaches_site(Text(content), known, lambda: True):
            assert [*found, *sites.draws] == [], content


SHOWING = (
    *(
        "from tensorflow import contrib",
        "from tensorflow.contrib import *",
        "from tensorflow.contrib.a import *  # all",
    ),
    *(
        "import tensorflow.contrib.slim as slim",
        "import tensorflow.contrib",
        "from tensorflow.python.ops import random_ops",
    ),
    *("import tensorflow.python.ops.contrib", "from tensorflow.keras import layers", "import chainer", "import keras"),
    *("from tensorflow_addons import contrib", "from keras.layers.core import Dense", "from keras import ops"),
    *(
        "tf.contrib.layers",
        "tf.flags",
        "tf.keras.ops.f()",
        "tf = 3",
        "import tensorflow as tf, keras",
        "import x, chainer",
    ),
    *(
        "x = 1; from keras import ops",
        "from tensorflow \\\n import contrib",
        "from tensorflow import (\n    contrib,\n)",
    ),
    "'''\nfrom tensorflow import contrib\n'''",
)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.randoms(use_true_random=False))
def test_imports_that_show_no_version_are_passed_over(random: Random) -> None:
    lines = [random.choice((*SHOWING, *IMPORTS)) for _ in range(random.randint(1, 5))]
    content = random.choice(("\n", "\n", "\r\n")).join(lines) + "\n"
    evidence.evidence.cache_clear()
    found = evidence.evidence(content)
    evidence.evidence.cache_clear()
    with patch.object(evidence, "_may_show", return_value=True):
        assert found == evidence.evidence(content), content
