"""Named tuples that are equal to those of their own class only.

What the IR is made of is compared by value, and a value of one class never means what another class means. They are
named tuples and no dataclasses because a command starts with dozens of such classes, and a frozen dataclass takes five
times as long to define.
"""

from typing import TypeVar

Kind = TypeVar("Kind", bound=tuple[object, ...])


def distinct(kind: type[Kind]) -> type[Kind]:
    """The class, of whose values none equals a value of another class: ``Dim("x")`` is not a ``Verbatim("x")``."""
    kind.__eq__ = _equal  # type: ignore[method-assign]
    kind.__ne__ = _differ  # type: ignore[method-assign, assignment]
    return kind


def _equal(self: tuple[object, ...], other: object) -> bool:
    return self is other or (type(self) is type(other) and tuple.__eq__(self, other))


def _differ(self: tuple[object, ...], other: object) -> bool:
    return not _equal(self, other)
