"""Our named tuples are those of `typing` in everything that is used of them."""

import pickle
import typing
from collections.abc import Callable
from typing import Any

import pytest

from initport.records import NamedTuple


class Ours(NamedTuple):
    """A tuple."""

    first: int
    second: "Ours | None" = None
    third: str = "x"

    @property
    def double(self) -> int:
        return 2 * self.first


class Theirs(typing.NamedTuple):
    """A tuple."""

    first: int
    second: "Ours | None" = None
    third: str = "x"

    @property
    def double(self) -> int:
        return 2 * self.first


class One(NamedTuple):
    only: int


class Empty(NamedTuple):
    pass


USES: list[Callable[[Any], object]] = [
    lambda kind: kind(1),
    lambda kind: kind(1, None, "y"),
    lambda kind: kind(1, third="y"),
    lambda kind: kind(first=1) == (1, None, "x"),
    lambda kind: hash(kind(1)),
    lambda kind: kind(1)._replace(third="z"),
    lambda kind: kind._make([1, None, "w"]),
    lambda kind: kind(1)._asdict(),
    lambda kind: kind(2).double,
    lambda kind: (kind._fields, kind._field_defaults, kind.__match_args__, kind.__doc__),
    lambda kind: list(kind.__annotations__),
    lambda kind: pickle.loads(pickle.dumps(kind(3))) == kind(3),
    lambda kind: kind(4)[1:],
    lambda kind: hasattr(kind(1), "__dict__"),
    lambda kind: [repr(kind(1)).removeprefix(kind.__name__)],
]
MISUSES: list[Callable[[Any], object]] = [
    lambda kind: kind(),
    lambda kind: kind(1, None, "x", 4),
    lambda kind: kind(1, fourth=4),
    lambda kind: kind(1)._replace(fourth=4),
    lambda kind: kind._make([1]),
    lambda kind: setattr(kind(1), "first", 2),
    lambda kind: setattr(kind(1), "fourth", 2),
]


@pytest.mark.parametrize("use", USES)
def test_use(use: Callable[[Any], object]) -> None:
    assert use(Ours) == use(Theirs)


@pytest.mark.parametrize("use", MISUSES)
def test_misuse(use: Callable[[Any], object]) -> None:
    errors = []
    for kind in (Ours, Theirs):
        with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
            use(kind)
        errors.append((caught.type, str(caught.value).replace("Ours", "Theirs")))
    assert errors[0] == errors[1]


def test_few_fields() -> None:
    assert (One(1), One(1).only, Empty()) == ((1,), 1, ())
    match Ours(1, None, "y"):
        case Ours(first, None, third):
            assert (first, third) == (1, "y")
        case _:
            pytest.fail("it does not match its own pattern")


def test_a_default_before_a_field_without_one_is_an_error() -> None:
    def define(base: Any) -> None:
        class Wrong(base):  # type: ignore[misc]
            first: int = 1
            second: int

    for base in (NamedTuple, typing.NamedTuple):
        with pytest.raises(TypeError):
            define(base)
