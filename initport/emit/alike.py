"""The lines of layers that are alike, which are written once, with gaps for the name of each and for its place."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from initport.emit.code import COMMENT_LIMIT, WIDTH, statement
from initport.emit.plan import Entry, Outcomes, Plan
from initport.ir.model import Layer, WeightsElsewhere
from initport.records import NamedTuple

Write = Callable[[Sequence[Entry]], Iterable[str]]
"""Writes the lines of some weights."""

_GAPS = "@~^`|$!?&;%"
"""Characters that a gap may be: those that do not occur in the lines otherwise."""


class _Template(NamedTuple):
    """The text of a layer's lines. Names and places up to these lengths change no line's layout."""

    text: str
    name: str
    place: str
    longest_name: int
    longest_place: int

    def fill(self, name: str, place: str) -> str | None:
        """The lines of a layer; None where the template does not do for it."""
        fits = len(name) <= self.longest_name and len(place) <= self.longest_place
        plain = name.isascii() and name.isprintable() and '"' not in name and "\\" not in name
        plain = plain and place.isprintable() and self.name not in place
        return self.text.replace(self.place, place).replace(self.name, name) if fits and plain else None


def lines_of(plan: Plan, file: str, write: Write) -> Iterator[str]:
    """What is written of all weights of a plan, layer by layer where no two share a module of the target; ``file`` is
    what was converted."""
    if not plan.has_own_modules:
        yield from write(plan.entries)
        return
    templates: dict[tuple[int, int], _Template | None] = {}
    for layer, outcomes in plan.layers:
        weights = layer.weights
        if isinstance(weights, WeightsElsewhere):
            alike = id(weights.like), id(outcomes)
            if alike not in templates:
                templates[alike] = _template(layer, weights, outcomes, file, write)
            template = templates[alike]
            filled = None if template is None else template.fill(layer.name, layer.location.key or "")
            if filled is not None:
                yield filled
                continue
        yield from write(outcomes.of(layer))


def _template(layer: Layer, weights: WeightsElsewhere, outcomes: Outcomes, file: str, write: Write) -> _Template | None:
    """The template of a layer and all that are like it; None where it cannot be one."""
    lines = "".join(write(outcomes.of(layer)))
    free = [gap for gap in _GAPS if gap not in lines]
    if len(free) < 2:
        return None
    name, place, *_ = free
    where = layer.location._replace(key=place)
    entries = outcomes.of(layer._replace(name=name, location=where, weights=WeightsElsewhere(weights.like, where)))
    gaps = list(write(entries))
    longest = max((len(line) for line in gaps if name in line), default=0)
    statements = max((len(statement(entry.weight, file)) for entry in entries), default=0)
    found = _Template("".join(gaps), name, place, WIDTH + 2 - longest, COMMENT_LIMIT + 1 - statements)
    single = all(line.count(name) < 2 for line in gaps)
    return found if single and found.fill(layer.name, layer.location.key or "") == lines else None
