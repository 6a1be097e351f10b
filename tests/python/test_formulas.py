"""Bounds and deviations computed by hand: the law that they follow, or the mistake that they hold."""

import pytest

from initport.grammar.versions import Versions
from initport.python import module_sites as reader
from initport.python.sites import Site
from initport.python.sites.formula import Formula, formula, starting_law
from initport.python.text import Text
from initport.python.vocabulary import names

HEAD = "import math\nimport numpy as np\nimport tensorflow as tf\nimport theano\n"


def only_site(source: str) -> Site:
    text = Text(HEAD + source + "\n")
    (site,) = reader.read_tree(reader.parse(text.content), text, names(Versions())).found
    return site


def found_in(source: str) -> tuple[str, str, str | None] | None:
    found: Formula | None = formula(only_site(source))
    if found is None:
        return None
    known = found.recognition
    return known.law.name, str(known.factor), known.mistake.code if known.mistake else None


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("v = tf.Variable(tf.truncated_normal([200, 10], stddev=0.1))", id="a number, not a formula"),
        pytest.param("v = tf.Variable(tf.random_normal([n, m], stddev=s))", id="a name"),
        pytest.param("v = tf.Variable(tf.random_normal([n, m], stddev=np.sqrt(2.0 / k)))", id="no size of the shape"),
        pytest.param("v = tf.Variable(tf.random_normal([n, m], stddev=np.sqrt(7.0 / n)))", id="no law"),
        pytest.param("v = tf.Variable(tf.random_normal([n, m], 1.0, np.sqrt(2.0 / n)))", id="not about zero"),
        pytest.param("v = tf.Variable(tf.random_uniform([n, m], 0, np.sqrt(2.0 / n)))", id="uniform, not about zero"),
        pytest.param("v = tf.Variable(tf.random_normal([m], stddev=np.sqrt(2.0 / n)))", id="a vector has no fans"),
        pytest.param("v = tf.Variable(tf.random_normal([n, m], stddev=np.sqrt(2.0 / n)) + 1)", id="more is computed"),
        pytest.param("i = tf.random_normal_initializer(stddev=2.0 / n)", id="a quotient without shape or root"),
        pytest.param("i = tf.variance_scaling_initializer(2.0 / 3)", id="a law of the framework's own"),
        pytest.param("v = tf.Variable(tf.random_normal([heads, n, m], stddev=n ** -0.5))", id="matrices side by side"),
        pytest.param("v = tf.Variable(tf.random_normal([heads, 1, n, m], stddev=n ** -0.5))", id="no square kernel"),
    ],
)
def test_nothing_is_said(source: str) -> None:
    assert found_in(source) is None


@pytest.mark.parametrize(
    ("source", "law"),
    [
        ("v = tf.Variable(tf.random_normal([n, m], stddev=np.sqrt(2.0 / n)))", "He"),
        ("v = tf.Variable(tf.random_normal([n, m], stddev=(2.0 / n) ** 0.5))", "He"),
        ("v = tf.Variable(tf.random_normal([n, m], stddev=math.pow(2.0 / n, 0.5)))", "He"),
        ("v = tf.Variable(tf.random_normal((784, 256), stddev=1.0 / math.sqrt(float(784))))", "LeCun"),
        ("v = tf.Variable(tf.random_normal((n, m)) * tf.sqrt(2.0 / n))", "He"),
        ("v = tf.Variable(np.random.randn(n, m) / np.sqrt(n / 2.0))", "He"),
        ("v = tf.Variable(np.random.normal(0, np.sqrt(2.0 / (n + m)), size=[n, m]).astype('float32'))", "Glorot"),
        ("v = theano.shared(np.asarray(np.random.randn(n, m) / np.sqrt(n), dtype='f'))", "LeCun"),
        (
            "def f(n, m):\n  r = 4 * np.sqrt(6. / (n + m))\n  return tf.Variable(np.random.uniform(-r, r, (n, m)))",
            "Glorot for sigmoid units",
        ),
        (
            "def f(n, m):\n  r = np.sqrt(3)\n  s = np.sqrt(2. / (m + n))\n"
            "  return tf.Variable(tf.random_uniform([n, m], minval=-s * r, maxval=s * r))",
            "Glorot",
        ),
        (
            "def f(shape):\n  n, m = shape[0], shape[1]\n"
            "  return tf.Variable(tf.random_normal((n, m), stddev=np.sqrt(2. / shape[0])))",
            "He",
        ),
        (
            "def f(k, x, m):\n  shape = [k, k, int(x.get_shape()[-1]), m]\n  n = np.prod(shape[:-1])\n"
            "  w = tf.get_variable('w', shape, initializer=tf.random_normal_initializer(stddev=np.sqrt(2.0 / n)))",
            "He",
        ),
        (
            "def f(k, n, m):\n  c = k * k * m\n  w = tf.get_variable('w', [k, k, n, m], tf.float32,\n"
            "    initializer=tf.random_normal_initializer(stddev=np.sqrt(2.0 / c)))",
            "He by fan_out",
        ),
        (
            "def f(size):\n  n = size[0]\n  return tf.random_normal(size, stddev=1. / tf.sqrt(n / 2.))\n"
            "v = tf.Variable(f([3, 4]))",
            "He",
        ),
        (
            "def f(shape):\n  return tf.random_normal(shape, stddev=tf.sqrt(2. / (shape[0] + shape[1])))\n"
            "v = tf.Variable(f([3, 4]))",
            "Glorot",
        ),
        (
            "w = 1 / math.sqrt(k * j * x.get_shape()[-1])\n"
            "v = tf.Variable(tf.random_uniform([j, k, x.get_shape()[-1], m], -w, w))",
            "the customary uniform of 1 / sqrt(fan_in)",
        ),
    ],
)
def test_laws_that_are_followed(source: str, law: str) -> None:
    assert found_in(source) == (law, "1", None)


@pytest.mark.parametrize(
    ("source", "law", "factor", "code"),
    [
        ("v = tf.Variable(tf.random_uniform([n, m], -np.sqrt(2.0 / n), np.sqrt(2.0 / n)))", "He", "1 / 3", "IP601"),
        ("v = tf.Variable(tf.truncated_normal([n, m], stddev=np.sqrt(2 / n)))", "He", "truncated_variance", "IP602"),
        ("i = tf.truncated_normal_initializer(stddev=math.sqrt(2.0 / n))", "He", "truncated_variance", "IP602"),
        ("v = tf.Variable(tf.random_normal([n, m], stddev=np.sqrt(6.0 / (n + m))))", "Glorot", "3", "IP603"),
        ("i = tf.random_normal_initializer(stddev=np.sqrt(6.0 / (n + m)))", "Glorot", "3", "IP603"),
        ("v = tf.Variable(tf.random_normal([n, m], stddev=2.0 / n))", "He", "2 / n", "IP604"),
        ("v = tf.Variable(tf.random_normal([k, k, n, m], stddev=np.sqrt(2.0 / n)))", "He", "k ** 2", "IP605"),
    ],
)
def test_mistakes(source: str, law: str, factor: str, code: str) -> None:
    assert found_in(source) == (law, factor, code)


def test_what_is_taken_for_the_fan_is_told() -> None:
    taken = formula(only_site("i = tf.truncated_normal_initializer(stddev=math.sqrt(2.0 / n))"))
    told = formula(only_site("v = tf.Variable(tf.truncated_normal([n, m], stddev=math.sqrt(2.0 / n)))"))
    assert taken is not None
    assert taken.fans == ("n",)
    assert told is not None
    assert told.fans == ()


def test_a_name_that_is_changed_in_place_has_no_formula() -> None:
    source = "def f(n, m):\n  w = np.random.randn(n, m) / np.sqrt(n)\n  w *= 4\n  return tf.Variable(w)"
    assert only_site(source).scaling is None
    assert found_in(source) is None


def test_what_a_variable_starts_with() -> None:
    assert str(starting_law(only_site("v = tf.Variable(2 * tf.random_uniform([3], -1, 1) / 4)"))) == str(
        starting_law(only_site("v = tf.Variable(tf.random_uniform([3], -0.5, 0.5))"))
    )
    assert starting_law(only_site("v = tf.Variable(tf.random_uniform([3], -1, 1) + 4)")) is None
