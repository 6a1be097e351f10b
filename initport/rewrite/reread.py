"""The axes that a replacement's weights have in the target, as the rewritten text gives them.

They are found out from where the replacement stands there, and not from the weights that it was proved on: a proof on
the wrong axes does not agree with them.
"""

from collections.abc import Iterable, Iterator

from initport.emit.axis_pairs import multiplier
from initport.grammar.layout import parse_layout, with_rank
from initport.grammar.meaning import Vocabulary
from initport.ir.weights import Layout
from initport.python.axes import declared_layouts, layer_axes
from initport.python.destination import destination, with_operations
from initport.python.place import weights
from initport.python.syntax import Spot, Syntax
from initport.python.vocabulary import Names


def agree(given: Iterable[Layout], spot: Spot, syntax: Syntax, names: Names, target: Vocabulary, sized: bool) -> bool:
    """Whether the weights that an expression was proved on are all those that it starts where it stands, or, where no
    layer is visible there, such as the target has; ``names`` are those that the text can speak of, and ``sized`` is
    whether it draws differently on other axes."""
    wanted, found = set(given), visible(spot, syntax, names, target, sized)
    return wanted == found if found else wanted <= set(_possible(target, wanted))


def visible(spot: Spot, syntax: Syntax, names: Names, target: Vocabulary, sized: bool) -> set[Layout]:
    """The axes of the weights of visible layers that an expression starts; nothing where one is not visible, or where
    no layer shows."""
    known = destination(spot, syntax, names)
    known = with_operations(known, syntax, names) if sized else known
    found: set[Layout] = set()
    for item in known.places or (known.place,):
        if item.layer is None or not weights(item):
            return set()
        axes = (layer_axes(target, item.layer, weight) for weight in weights(item))
        found |= {layout.bind(multiplier(item)) for layout in axes if layout is not None}
    return found


def _possible(target: Vocabulary, wanted: Iterable[Layout]) -> Iterator[Layout | None]:
    """All that a weight can be in the target of which no more than its number of axes is known."""
    kinds = {} if target.grammar.axes is None else target.grammar.axes.kinds
    for number in {layout.rank for layout in wanted}:
        yield from declared_layouts(target, number)
        for text in kinds.values():
            layout = parse_layout(text)
            yield layout if number is None else with_rank(layout, number)
