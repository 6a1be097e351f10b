"""The axes of the weights that a call of a vocabulary draws: stated by the layer that is given it, else by its grammar.

The layer of another framework calls an initializer on axes of its own only where the initializer's grammar says so
(``hosts``); everywhere else the weight has the axes that such a layer has in the initializer's own framework
(``kinds``). Of a layer that is not visible, nothing is known but what the grammar declares (``axes``).
"""

import ast
from functools import lru_cache

from initport.grammar.expression import ExpressionError
from initport.grammar.layout import parse_layout, with_rank
from initport.grammar.meaning import Vocabulary
from initport.grammar.rows import SourceWeight
from initport.ir.weights import Layout
from initport.python.place import weights
from initport.python.scope import Scope, constant
from initport.python.sites import Place
from initport.python.vocabulary import Layer


def axes(
    place: Place, shape: ast.expr | None, vocabulary: Vocabulary, scope: Scope | None = None
) -> tuple[Layout, ...]:
    """Those that the weights can have: the layer's own, else those of the rank of a shape that is written out, or of a
    tuple that it is a name of in the block (``scope``)."""
    return axes_of(place, rank(shape, scope), vocabulary)


def axes_of(place: Place, number: int | None, vocabulary: Vocabulary) -> tuple[Layout, ...]:
    """The same of a shape that has a ``number`` of axes."""
    layer = place.layer
    stated = {layer_axes(vocabulary, layer, item) for item in weights(place)} if layer is not None else set()
    if stated and None not in stated:
        return tuple(sorted((item for item in stated if item is not None), key=repr))
    return declared_layouts(vocabulary, number)


def layer_axes(vocabulary: Vocabulary, layer: Layer, weight: SourceWeight) -> Layout | None:
    """The axes of a layer's weight, or of a part that is drawn alone, as the initializers of a vocabulary get it; None
    where they have no such weight as a whole, or where the layer does not show it."""
    kinds, text = vocabulary.grammar.kinds, weight.layout
    own = not kinds or layer.framework in vocabulary.grammar.hosts
    if kinds and own:
        text = weight.today or weight.layout
    elif not own:
        row = kinds[layer.row.kind].weights.get(weight.role) if layer.row.kind in kinds else None
        if row is None or row.layout is None or row.part or row.alike:
            return None
        text = weight.layout if row.layout == "source" else row.layout
    found = _bind(text, "groups" in weight.layout)
    return found.part(-1, len(weight.blocks)) if found is not None and weight.blocks and own else found


@lru_cache(maxsize=1024)
def _bind(text: str, grouped: bool) -> Layout | None:
    try:
        return parse_layout(text).bind({} if grouped else {"groups": 1})
    except ExpressionError:
        return None


def declared_layouts(vocabulary: Vocabulary, number: int | None) -> tuple[Layout, ...]:
    """What the grammar says of weights of which nothing is visible but the number of axes, or not even that; none where
    it says nothing."""
    known = vocabulary.grammar.axes
    layouts = [] if known is None else [parse_layout(text) for text in known.ranks]
    fitting = layouts if number is None else [with_rank(layout, number) for layout in layouts]
    return tuple(layout for layout in fitting if layout is not None)


def rank(shape: ast.expr | None, scope: Scope | None = None) -> int | None:
    """The number of axes of a shape that is written out; None where it is not."""
    named = constant(shape, scope) if scope is not None and shape is not None else None
    shape = named if isinstance(named, ast.Tuple) else shape
    if isinstance(shape, ast.List | ast.Tuple) and not any(isinstance(item, ast.Starred) for item in shape.elts):
        return len(shape.elts)
    return None
