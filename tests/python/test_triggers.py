"""The first look at bytes: what is left out because something else is known."""

import time

import pytest

from initport.python import triggers
from initport.python.triggers import KINDS, import_words, may_hold


@pytest.mark.parametrize(
    ("pattern", "stem"),
    [
        ("", ""),
        ("word", "word"),
        ("word *=", "word"),
        ("words?", "word"),
        ("words+", "words"),
        ("w{2}", ""),
        ("word(?:a|b)", "word"),
        ("word[ab|]c", "word"),
        (r"word\|x", "word"),
        ("(?:word)", ""),
        (r"\bword", ""),
    ],
)
def test_the_word_in_all_that_a_pattern_matches(pattern: str, stem: str) -> None:
    assert triggers._stem(pattern) == stem


@pytest.mark.parametrize(
    ("pattern", "alternatives"),
    [
        ("", [""]),
        ("word", ["word"]),
        (r"word\|x", [r"word\|x"]),
        ("word[ab|]c", ["word[ab|]c"]),
        ("word(?:a|b(?:c|d))", ["word(?:a|b(?:c|d))"]),
        ("(?m:^a|b)", ["(?m:^a|b)"]),
        ("word|other", ["word", "other"]),
        (r"word(a|b)|other[|(]|\(more\||", ["word(a|b)", "other[|(]", r"\(more\|", ""]),
    ],
)
def test_the_alternatives_of_a_pattern(pattern: str, alternatives: list[str]) -> None:
    assert triggers._alternatives(pattern) == tuple(alternatives)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", []),
        (b"x = 1\ny = 2", []),
        (b"from a import b\nc", ["a", "b", "from"]),
        (b"x\nimport a, b; import c  # d\nz", ["a", "b", "c", "d"]),
        (b"if x: import a\nz", ["a", "if", "x"]),
        (b"z\nfrom \\\n a\\\n.b import \\\n c, \\\n d\nz", ["a", "b", "c", "d", "from"]),
        (b"z\r\nfrom \\\r\n a import \\\r\n b\r\nz", ["a", "b", "from"]),
        (b"\\\n\\\nimport a\\\n", ["a"]),
        (b"from a (\nb)", []),
    ],
)
def test_the_words_of_statements_that_import(text: bytes, words: list[str]) -> None:
    assert sorted(import_words(text)) == [word.encode() for word in words]


def test_signs_are_few() -> None:
    """The words that must occur, none of which holds another, and all packages that need but be imported."""
    packages, words = triggers._signs(KINDS)
    assert sorted(words) == ["_orthogonal", "init_ops", "keras", "layers", "nitializ", "random", "truncated_normal"]
    assert {b"chainer", b"caffe", b"torch", b"mxnet", b"tinygrad"} < packages
    assert b"tensorflow" not in packages


def test_what_has_no_sign_holds_nothing() -> None:
    for kind in KINDS:
        packages, words = triggers._signs((kind,))
        for first, _ in triggers._ways(kind)[1]:
            package = first.removeprefix("import ").encode()
            assert package in packages or any(word in first for word in words)


def test_parts_are_in_what_they_are_parts_of() -> None:
    for kind in KINDS:
        for pattern in triggers._patterns_of(triggers._ways(kind)[1]):
            assert all(part in triggers._stem(pattern) for part in triggers._parts(pattern))


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        (b"", "initializers", False),
        (b"x = tf.zeros_initializer()", "initializers", True),
        (b"x = tf.zeros_initialize()", "initializers", False),
        (b"import cntk as C", "initializers", True),
        (b"from \\\n cntk.layers import (Dense,\n Embedding)", "initializers", True),
        (b"cntk = 1", "initializers", False),
        (b"from torch.nn import init", "filled", True),
        (b"import torch, numpy\ntorch.nn.init.ones_(x)", "filled", True),
        (b"'torch' + init", "filled", False),
        (b"tf.Variable(tf.truncated_normal([3]))", "values", True),
        (b"tf.Variabl(tf.truncated_norma([3]))", "values", False),
        (b"initializer = 'zeros'", "strings", True),
        (b"initialize = 'zeros'", "strings", False),
    ],
)
def test_may_hold(text: bytes, kind: str, expected: bool) -> None:
    assert may_hold(text, kind) is expected


WORDS = b"x = random, normal, variables, uniform, layers, keras, truncated_normals, backend\n"
"""Enough for most patterns to be looked for, and too little for anything to be found."""


@pytest.mark.parametrize(
    "part",
    [
        b"\n",
        b" ",
        b"\\\n",
        b"import ",
        b"import \\\n",
        b"initialize ",
        b"variables ",
        b"import variables ",
        b"\nimport",
    ],
)
def test_a_look_takes_time_in_proportion(part: bytes) -> None:
    for kind in KINDS:
        may_hold(b"", kind)
    start = time.process_time()
    held = [may_hold(WORDS + part * 100_000, kind) for kind in KINDS]
    assert time.process_time() - start < 2
    assert not any(held)
