"""Which layer of a net reads what which other writes. A blob is what the last layer before the reader has written."""

from collections import Counter
from collections.abc import Collection, Sequence

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes.params import fork_param
from initport.formats.connections import inputs, writers
from initport.ir.model import Layer
from initport.ir.weights import Kind, Role

Wires = tuple[tuple[str, ...], tuple[str, ...]]
"""The blobs that a layer reads and writes."""

_STATISTICS = {Role.MOVING_MEAN, Role.MOVING_VARIANCE, Role.MOVING_WEIGHT}


def connect(wires: Sequence[Wires], found: dict[int, Layer], scaled: Collection[int]) -> list[Layer]:
    """The layers ``found`` at these places of the net, by the blobs that each layer reads and writes, with their inputs
    and normalizations, in place of those that were there; those at the places ``scaled`` scale channels
    (`scales_channels`)."""
    sources = writers(wires)
    readers = Counter(source for read in sources for source in read)
    named = inputs(sources, {place: layer.name for place, layer in found.items()})
    for place, read in enumerate(sources):
        own = found.get(place)
        if own is not None:
            only = read[0] if len(read) == 1 and readers[read[0]] == 1 else None
            normalization = found.get(only) if only is not None else None
            one = place in scaled and normalization is not None and _normalizes_only(normalization)
            name = normalization.name if one and normalization is not None else None
            found[place] = own._replace(inputs=named[place], normalization=name)
    return list(found.values())


def _normalizes_only(layer: Layer) -> bool:
    """Whether a layer normalizes, and has no weights beside statistics."""
    return layer.kind is Kind.BATCH_NORM and {weight.role for weight in layer.weights} == _STATISTICS


def scales_channels(found: Layer, layer: NetLayer) -> bool:
    """Whether a layer scales and shifts each channel."""
    if found.kind is not Kind.SCALE:
        return False
    message = fork_param(layer, "scale_param")
    return message.integer("axis") == 1 and message.integer("num_axes") == 1
