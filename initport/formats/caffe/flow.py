"""Which layer of a net reads what which other writes. A blob is what the last layer before the reader has written."""

from collections import Counter
from collections.abc import Mapping, Sequence

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes.params import fork_param
from initport.formats.connections import inputs, writers
from initport.ir.model import Layer
from initport.ir.weights import Kind, Role

_STATISTICS = {Role.MOVING_MEAN, Role.MOVING_VARIANCE, Role.MOVING_WEIGHT}


def connect(layers: Sequence[NetLayer], found: Mapping[int, Layer]) -> list[Layer]:
    """The layers ``found`` at these places of the net, with their inputs and normalizations."""
    sources = writers((layer.bottoms, layer.tops) for layer in layers)
    readers = Counter(source for read in sources for source in read)
    named = inputs(sources, {place: layer.name for place, layer in found.items()})
    found_layers = []
    for place, (layer, read) in enumerate(zip(layers, sources, strict=True)):
        own = found.get(place)
        if own is not None:
            only = read[0] if len(read) == 1 and readers[read[0]] == 1 else None
            normalization = found.get(only) if only is not None else None
            one = normalization is not None and _are_one(normalization, own, layer)
            name = normalization.name if one and normalization is not None else None
            found_layers.append(own._replace(inputs=named[place], normalization=name))
    return found_layers


def _are_one(normalization: Layer, scale: Layer, layer: NetLayer) -> bool:
    """Whether the second scales and shifts each channel that the first, which has no weights beside statistics,
    normalizes."""
    statistics = {weight.role for weight in normalization.weights} == _STATISTICS
    if normalization.kind is not Kind.BATCH_NORM or not statistics or scale.kind is not Kind.SCALE:
        return False
    message = fork_param(layer, "scale_param")
    return message.integer("axis") == 1 and message.integer("num_axes") == 1
