"""Where in a source something was said."""

from initport.records import NamedTuple


class Location(NamedTuple):
    """A place in an input; ``line`` and ``column`` count from 1, ``None`` where the input has no lines (binary).

    ``key`` is the path of a value in nested data (``config.layers[3].config.units``), None where there is no such path.
    """

    path: str
    line: int | None = None
    column: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column, self.key) if part is not None)
