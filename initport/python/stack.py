"""The layers that one recurrent layer is: one on the other, each in one direction or both.

Authority: torch/nn/modules/rnn.py (RNNBase).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from initport.grammar.rows import Stack
from initport.ir.weights import Wrapper

MOST_CELLS = 1000
"""Layers that one is made of at most."""


class Cell(NamedTuple):
    """One of the layers that a layer is: in which direction it runs, and its number in the stack."""

    wrapper: Wrapper | None = None
    number: int | None = None


ALONE = Cell()


def cells(stack: Stack | None, number: int | None, both: bool | None) -> Sequence[Cell]:
    """The layers that a layer is: itself, or several in a stack of this ``number``, each in ``both`` directions or one;
    None for what is not known. Raises ValueError where that decides."""
    if stack is None:
        return (ALONE,)
    if number is None or not 0 < number <= MOST_CELLS or both is None:
        setting = stack.both if number is not None and 0 < number <= MOST_CELLS else stack.number
        raise ValueError(f"how many layers it is depends on `{setting}`, which is known only when the program runs")
    if number == 1 and not both:
        return (ALONE,)
    directions = (Wrapper.FORWARD, Wrapper.BACKWARD) if both else (None,)
    return [Cell(direction, index) for index in range(number) for direction in directions]


def sizes_in(stack: Stack | None, cell: Cell, stated: Mapping[str, int]) -> Mapping[str, int]:
    """The sizes by role of one of the layers: of the ``stated`` ones, the inputs are the first layer's alone."""
    if stack is None or not cell.number:
        return stated
    size = next((stated[name] for name in stack.gives if name in stated), None)
    inner = {name: value for name, value in stated.items() if name != "in"}
    return inner if size is None else {**inner, "in": (1 if cell.wrapper is None else 2) * size}
