"""How many axes blobs have whose shape the file does not give: a layer's demand says it.

A blob keeps its number of axes for life, since no layer that changes it may work in place, so a demand holds for every
use of the name. Most fan-ins behind a Python or fork's data layer become known only because some pooling follows.
"""

from collections.abc import Sequence

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes.tops import CONVOLUTIONS, FOUR_AXES, SAME_RANK
from initport.formats.caffe.shapes.windows import convolution_rank

_ALIKE = frozenset({"Concat", "Eltwise"})
"""The types all of whose bottoms have the top's number of axes; of the others only the first is sure to."""


def _bottoms(layer: NetLayer) -> tuple[str, ...]:
    """The bottoms of which a demand speaks."""
    return layer.bottoms if layer.type in _ALIKE else layer.bottoms[:1]


def _demand(layer: NetLayer, ranks: dict[str, int]) -> int | None:
    """The number of axes that the layer's bottoms must have."""
    if layer.type in FOUR_AXES:
        return 4
    if layer.type not in SAME_RANK:
        return None
    known = (ranks[name] for name in (*layer.tops, *_bottoms(layer)) if name in ranks)
    rank = next(known, None)
    return convolution_rank(layer) if rank is None and layer.type in CONVOLUTIONS else rank


def required_ranks(layers: Sequence[NetLayer]) -> dict[str, int]:
    """Blob name -> its number of axes. In reverse order every use of a blob is seen before the layer that makes it."""
    ranks: dict[str, int] = {}
    for layer in reversed(layers):
        rank = _demand(layer, ranks)
        if rank is not None:
            for name in _bottoms(layer):
                ranks.setdefault(name, rank)
    return ranks
