"""What of a file stays in memory: its own tree is gone before that of the result is made."""

import ast
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from initport import codemod
from initport.rewrite import apply

SITES = 50
LINE = "w{n} = tf.get_variable('w', [{n}, 4], initializer=tf.contrib.layers.xavier_initializer())\n"
TEXT = "import tensorflow as tf\n" + "".join(LINE.format(n=n) for n in range(SITES))


@contextmanager
def no_collection() -> Iterator[None]:
    """Nothing that only a collection would free is freed."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def calls() -> int:
    return sum(type(item) is ast.Call for item in gc.get_objects())


def test_the_tree_of_a_file_is_gone_before_the_result_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    codemod(TEXT, target="keras", path="a.py")  # fills the caches
    parse, alive = apply._parse, []

    def count(*given: Any) -> ast.Module:
        alive.append(calls())
        return parse(*given)

    monkeypatch.setattr(apply, "_parse", count)
    with no_collection():
        before = calls()
        assert len(codemod(TEXT, target="keras", path="a.py").findings) == SITES
    assert len(alive) == 1
    assert alive[0] - before < SITES / 5
