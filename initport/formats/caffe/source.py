"""A text with its path, and the place of every offset in it."""

from functools import cached_property
from itertools import accumulate

from initport.ir.location import Location
from initport.lexis import Lines


class _Lines(Lines):
    """Those of protobuf's text format, whose tokenizer counts at ``\\n`` only."""

    @cached_property
    def starts(self) -> list[int]:
        return list(accumulate((len(line) + 1 for line in self.content.split("\n")[:-1]), initial=0))


class Source:
    """Finds lines by bisection, and only for the offsets that are asked for."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        self._lines = _Lines(text)

    def place(self, offset: int) -> Location:
        return Location(self.path, *self._lines.place(offset))
