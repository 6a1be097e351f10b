"""Results that are remembered by the identity of their arguments: layers that are alike share their parts, and
comparing these by value again and again costs more than most functions of them."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

Result = TypeVar("Result")

LIMIT = 1024
"""Results that a function remembers at most, before it forgets all of them."""


def by_identity(function: Callable[..., Result]) -> Callable[..., Result]:
    """The function, whose result for the very same objects is computed once; none of them may change."""
    known: dict[tuple[int, ...], tuple[tuple[object, ...], Result]] = {}

    @wraps(function)
    def remembering(*arguments: object) -> Result:
        key = tuple(map(id, arguments))
        found = known.get(key)
        if found is None:
            if len(known) >= LIMIT:
                known.clear()
            found = known[key] = (arguments, function(*arguments))  # which keeps the arguments, and so their ids
        return found[1]

    return remembering
