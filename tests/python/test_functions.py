"""What is found out of a function of a vocabulary once, for all calls of it in all files."""

import ast
from collections.abc import Callable
from functools import _lru_cache_wrapper
from typing import Any

import pytest

from initport.grammar.load import vocabulary
from initport.grammar.version import parse_version
from initport.grammar.versions import _string_ranges
from initport.python import vocabulary as named_functions
from initport.python.place import spelling
from initport.python.sites import make
from initport.python.sites.string import _common, is_one_law
from initport.python.vocabulary import Named

REMEMBERED: tuple[Callable[..., Any], ...] = (
    named_functions._depends_on_axes, named_functions._function_of,
    make._of_fans, make._of_axes, make._by_name, _common, is_one_law, _string_ranges,
)  # fmt: skip


@pytest.mark.parametrize("function", REMEMBERED)
def test_bounded(function: Callable[..., Any]) -> None:
    assert isinstance(function, _lru_cache_wrapper)
    assert function.cache_info().maxsize is not None


def test_each_version_has_its_own() -> None:
    name = "tensorflow.compat.v1.keras.initializers.RandomNormal"
    stddev = [
        Named(vocabulary("tensorflow", parse_version(version)), name).function.parameters["stddev"]
        for version in ("1.10", "1.11", "1.10")
    ]
    assert list(map(str, stddev)) == ["1", "0.05", "1"]


def test_each_function_has_its_own() -> None:
    known = vocabulary("tensorflow", parse_version("1.15.5"))
    names = ["zeros_initializer", "glorot_uniform_initializer", "zeros_initializer"]
    assert [Named(known, f"tensorflow.compat.v1.{name}").depends_on_axes for name in names] == [False, True, False]


def test_parameters_in_front() -> None:
    known = vocabulary("tensorflow", parse_version("1.15.5"))
    plain = Named(known, "tensorflow.compat.v1.zeros_initializer")
    called = plain._replace(before=("shape",))
    assert [*called.function.parameters] == ["shape", *plain.function.parameters]
    assert plain.function is known.function(plain.name)


@pytest.mark.parametrize("text", ["f", "a.b.c", "f().b", "(a or b).c", "x[0].y", "(1).real", "'a'.b", "a . b"])
def test_spelling(text: str) -> None:
    node = ast.parse(text, mode="eval").body
    assert spelling(node) == ast.unparse(node)
