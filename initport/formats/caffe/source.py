"""A text with its path, and the place of every offset in it."""

import re
from bisect import bisect_right

from initport.ir.location import Location


class Source:
    """Finds lines by bisection, and only for the offsets that are asked for."""

    def __init__(self, text: str, path: str) -> None:
        self.text, self.path = text, path
        self.breaks = [-1, *(found.start() for found in re.finditer("\n", text))]

    def place(self, offset: int) -> Location:
        line = bisect_right(self.breaks, offset - 1)
        return Location(self.path, line, offset - self.breaks[line - 1])
