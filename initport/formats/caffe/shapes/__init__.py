"""The shapes of a Caffe net's blobs, as far as its file decides them; they serve reported numbers only.

Every layer type has a pure rule (``rules``). What the file does not decide stays unknown, as does a size that no
valid layer could have: these functions never guess, and never raise on a net, whatever it holds. They do not judge
either: whether Caffe accepts the net is others' business.
"""

from collections.abc import Iterator, Mapping, Sequence

from initport.formats.caffe.net import Net, NetLayer
from initport.formats.caffe.shapes.data_layers import SOURCES
from initport.formats.caffe.shapes.dims import MAX_AXES, Dim, Shape, count_from, sizes, unknown
from initport.formats.caffe.shapes.ranks import required_ranks
from initport.formats.caffe.shapes.tops import RULES

__all__ = ["Dim", "Shape", "blob_ranks", "count_from", "infer", "unknown_blobs"]


def infer(net: Net, inputs: Mapping[str, tuple[Dim, ...]]) -> Iterator[tuple[NetLayer, tuple[Shape, ...]]]:
    """The layers of the net, in order, and the shapes of their bottoms. A layer is let go when the next is asked for.

    ``inputs`` gives the shapes of any blobs by name; they count more than what the file says, and an unknown size in
    them is completed from it.
    """
    return ((layer, bottoms) for layer, bottoms, _ in _walk(net, inputs))


def unknown_blobs(net: Net, inputs: Mapping[str, tuple[Dim, ...]]) -> tuple[str, ...]:
    """The blobs at which knowledge is lost: not fully known, though made from nothing or from known blobs only.

    They are the names worth giving in ``inputs``.
    """
    found = [name for name, shape in net.inputs if not _complete(_declaration(name, shape, inputs))]
    for layer, bottoms, tops in _walk(net, inputs):
        if all(map(_complete, bottoms)):
            found += [name for name, shape in zip(layer.tops, tops, strict=True) if not _complete(shape)]
    return tuple(dict.fromkeys(found))


def blob_ranks(net: Net) -> dict[str, int | None]:
    """Every name that may be given in ``inputs``, in order, with its number of axes where something decides it."""
    found: dict[str, int | None] = {name: None if shape is None else len(shape) for name, shape in net.inputs}
    found |= {name: None for layer in net.layers for name in layer.tops if name not in found}
    return found | {name: rank for name, rank in required_ranks(net.layers).items() if found.get(name, 0) is None}


def _complete(shape: Shape) -> bool:
    return shape is not None and None not in shape


def _declaration(name: str, shape: Shape, inputs: Mapping[str, tuple[Dim, ...]]) -> Shape:
    """The shape given in ``inputs`` for the blob, completed from ``shape``; if none is given, ``shape``."""
    if name not in inputs:
        return shape
    given = sizes(inputs[name])
    if given is None or shape is None or len(given) != len(shape):
        return given
    return tuple(theirs or ours for theirs, ours in zip(given, shape, strict=True))


def _tops(layer: NetLayer, bottoms: tuple[Shape, ...]) -> Sequence[Shape]:
    """One shape for each top."""
    if not layer.bottoms:
        source = SOURCES.get(layer.type)
        found = () if source is None else source(layer)
    else:
        rule = RULES.get(layer.type)
        found = () if rule is None else rule(layer, bottoms)
    missing = len(layer.tops) - len(found)
    return (*found, *(None,) * missing) if missing > 0 else found[: len(layer.tops)]


def _walk(
    net: Net, inputs: Mapping[str, tuple[Dim, ...]]
) -> Iterator[tuple[NetLayer, tuple[Shape, ...], tuple[Shape, ...]]]:
    """(layer, shapes of its bottoms, shapes of its tops), in order. A blob's shape is that of its latest version."""
    least: dict[str, Shape] = {name: unknown(rank) for name, rank in required_ranks(net.layers).items()}
    return _follow(net.inputs, list(reversed(net.layers)), least, inputs)


def _follow(
    declarations: Sequence[tuple[str, tuple[int, ...] | None]],
    rest: list[NetLayer],
    least: Mapping[str, Shape],
    inputs: Mapping[str, tuple[Dim, ...]],
) -> Iterator[tuple[NetLayer, tuple[Shape, ...], tuple[Shape, ...]]]:
    """The same; ``rest`` are the layers, last first, and ``least`` is what is known of blobs at any rate."""
    blobs = dict(least)

    def put(name: str, shape: Shape) -> None:
        shape = _declaration(name, shape, inputs)
        blobs[name] = shape if shape is not None and len(shape) <= MAX_AXES else least.get(name)

    for name, declared in declarations:
        put(name, None if declared is None else sizes(declared))
    while rest:
        layer = rest.pop()
        bottoms = tuple(map(blobs.get, layer.bottoms))
        for name, shape in zip(layer.tops, _tops(layer, bottoms), strict=True):
            put(name, shape)
        yield layer, bottoms, tuple(map(blobs.get, layer.tops))
