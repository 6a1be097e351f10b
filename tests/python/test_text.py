"""Where a text can name something of a module."""

import pytest

from initport.grammar.versions import Versions
from initport.python import module_sites as reader
from initport.python.text import Text
from initport.python.vocabulary import names

WORD = "zeros_initializer"


@pytest.mark.parametrize(
    ("content", "reached"),
    [
        ("", False),
        (f"# a {WORD}", False),
        (f"x = '{WORD}'", False),
        (f"def f({WORD}_of): pass", False),
        (f"make_{WORD}", False),
        (f"x = tf.{WORD}()", True),
        (f"x = tf. \t{WORD}()", True),
        (f"x = (tf.  # why\n   {WORD})()", True),
        (f"x = tf.\\\n{WORD}()", True),
        (f"x = tf.\\\r\n  {WORD}()", True),
        (f"from tensorflow import {WORD}", True),
        (f"from tensorflow import({WORD})", True),
        (f"from tensorflow import ones, {WORD} as z", True),
        (f"from tensorflow import (\n    {WORD},\n)", True),
        (f"from tensorflow import ones,\\\n  {WORD}", True),
        (f"import {WORD}", True),
        (f"from {WORD} import x", True),
        (f"\f{WORD}", True),
        (WORD, True),
        (f"from tensorflow import *\nx = {WORD}()", True),
        (f"from tensorflow import   *\nx = f(a + {WORD}())", True),
        (f"x = getattr(tf, '{WORD}')()", True),
    ],
)
def test_reaches(content: str, reached: bool) -> None:
    assert Text(content).reaches(WORD) is reached


@pytest.mark.parametrize(
    ("content", "stated"),
    [
        ("", False),
        ("x = 1  # global", False),
        ("globals()", False),
        ("'a global step'", False),
        ("global x", True),
        ("def f():\n\tglobal x", True),
        ("def f(): global x", True),
        ("def f(): pass; global x", True),
        ("def f():\r  global x", True),
    ],
)
def test_states(content: str, stated: bool) -> None:
    assert bool(Text(content).lines_stating("global")) is stated


def test_words_are_those_that_something_tells_of() -> None:
    known = names(Versions())
    assert not known.words_of(Text("x = a.get(b.zeros)"))
    assert "get" in known.words_of(Text("import keras\nx = keras.initializers.get(b)"))
    assert known.words_of(Text(f"x = tf.{WORD}()")) == {WORD}
    assert "random_normal" not in known.words_of(Text("x = tf.random_normal(shape)"))
    assert known.words_of(Text("x = tf.Variable(tf.random_normal(shape))")) == {"random_normal"}


def test_what_is_closed_refers_to_nothing_within() -> None:
    text = Text(f"import tensorflow as tf\ndef f():\n  def g():\n    return tf.{WORD}()\n")
    sites = reader.read_tree(reader.parse(text.content), text, names(Versions()))
    (site,) = sites.found
    assert sites.syntax.scope.children
    assert site.scope.parent is not None
    outer = site.scope.parent
    sites.close()
    assert not sites.syntax.scope.children
    assert not outer.children
    assert site.scope.module is sites.syntax.scope


@pytest.mark.parametrize("content", ["", "a", "a\nb\n", "é = 'ß'\r\nx = '😀' + é\r\n", "a\rb\n\n"])
def test_a_position_is_that_of_its_offset(content: str) -> None:
    text = Text(content)
    places = [at for at in range(len(content)) if content[at] not in "\r\n"]
    assert [text.offset(*text.position(at)) for at in places] == places


def test_what_a_text_contains_is_looked_for_once() -> None:
    class Content(str):
        looked = 0

        def __contains__(self, key: str) -> bool:  # type: ignore[override]
            Content.looked += 1
            return super().__contains__(key)

    text = Text(Content("a partitioner"))
    assert [text.contains(word) for word in ("partitioner", "partitioner", "none", "none")] == [
        True,
        True,
        False,
        False,
    ]
    assert Content.looked == 2
