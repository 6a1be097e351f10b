"""The last look at a text before it is parsed."""

import ast

import pytest

from initport.grammar.versions import Versions
from initport.project.processes import Run, process
from initport.python import module_sites as reader
from initport.python.text import Text
from initport.python.vocabulary import names


@pytest.mark.parametrize(
    ("content", "held"),
    [
        ("", False),
        ("import tensorflow as tf\n", False),
        ('"""Like tf.zeros_initializer()."""\n', False),
        ("x = 1  # tf.zeros_initializer()\n", False),
        ("# getattr\n'''import tensorflow.zeros_initializer, tf.zeros_initializer'''\n", False),
        ("x = tf.Variable(3)  # not tf.random_normal(shape)\n", False),
        ("x = tf.zeros_initializer()\n", True),
        ("'''tf.zeros_initializer'''\nfrom tensorflow import zeros_initializer\n", True),
        ("x = tf.Variable(tf.random_normal(shape))\n", True),
        ("x = getattr(tf, 'zeros_initializer')()\n", True),
        ("x = keras.layers.Dense(3, kernel_initializer='he_normal')\n", True),
        ("from torch import nn\n", True),
        ("x = f'{tf.zeros_initializer()}'\n", True),
        ("x = 'tf.zeros_initializer\n", True),
    ],
)
def test_may_hold(content: str, held: bool) -> None:
    assert reader.may_hold(Text(content), names(Versions())) is held


def test_what_holds_nothing_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed, parse = [], reader.parse

    def noted(content: str) -> ast.Module:
        parsed.append(content)
        return parse(content)

    monkeypatch.setattr(reader, "parse", noted)
    assert process(b"import tensorflow as tf  # tf.zeros_initializer\n", "a.py", Run()).findings == ()
    assert not parsed
    assert process(b"import tensorflow as tf\nx = tf.zeros_initializer()\n", "a.py", Run()).findings
    assert parsed
