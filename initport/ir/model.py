"""What a reader makes of an input: the layers of a network and the distribution of each of their weights."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from initport.ir.initializers import Initializer
from initport.ir.location import Location
from initport.ir.weights import Kind, Layout, Role, Wrapper
from initport.records import NamedTuple


class Weight(NamedTuple):
    """One weight.

    ``source`` is the initializer in the source's words, ``implicit`` whether the source left it to its framework's
    default. ``layout`` is None where the layer type is unknown; ``dims`` holds the sizes that are known by role and
    ``shape`` the shape in the source's layout, None where not even the rank is known. ``setting`` names the field of
    the layer that would set this initializer. ``owner`` is the weight whose memory this one shares: (layer, role),
    and ``repeats`` the one whose first values this one has too, though each is trained by itself.
    ``passed`` are the arguments that the layer itself hands to the initializer.
    """

    role: Role
    initializer: Initializer
    location: Location
    setting: str
    source: str
    implicit: bool
    layout: Layout | None
    dims: Mapping[str, int] = {}
    shape: tuple[int | None, ...] | None = None
    owner: "tuple[str, Role] | None" = None
    passed: "tuple[tuple[str, object], ...]" = ()
    repeats: "tuple[str, Role] | None" = None


class WeightsElsewhere(Sequence[Weight]):
    """The weights of a layer that equals another one (``like``) in all but its name and its ``place``: each is made
    when it is asked for, since most are never looked at. Both places are paths in nested data."""

    __slots__ = ("like", "place")

    def __init__(self, like: "Layer", place: Location) -> None:
        self.like, self.place = like, place

    def location(self, weight: Weight) -> Location:
        """Where one of the other layer's weights stands here."""
        path, _, _, key = self.place
        inside = (weight.location.key or "")[len(self.like.location.key or "") :]
        return Location(path, None, None, (key or "") + inside)

    def __iter__(self) -> Iterator[Weight]:
        return (Weight._make((*weight[:2], self.location(weight), *weight[3:])) for weight in self.like.weights)

    def __getitem__(self, index: Any) -> Any:
        return tuple(self)[index]

    def __len__(self) -> int:
        return len(self.like.weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)


class Layer(NamedTuple):
    """A layer that holds weights; ``type`` is its name in the source framework.

    The ``name`` is the wrapper's where the layer stands in one, and ``cell`` its number in a stack of recurrent cells.
    ``inputs`` names the layers here whose outputs reach this one past no other layer here, as far as the reader knows
    them and looks for them at once (`Model.inputs`). ``normalization`` is the one right before it whose output nothing
    else reads, where this layer only scales and shifts that: other frameworks have both as one layer.
    """

    name: str
    kind: Kind
    type: str
    location: Location
    weights: Sequence[Weight]
    wrapper: Wrapper | None = None
    cell: int | None = None
    inputs: tuple[str, ...] = ()
    normalization: str | None = None


class Model(NamedTuple):
    """A network as far as initialization goes; ``framework`` names the grammar that its source speaks, ``version`` the
    version of it, None for the newest. ``connections`` finds the inputs of the layers by their names, where the reader
    leaves that until they are asked for: few commands do."""

    name: str
    framework: str
    location: Location
    layers: tuple[Layer, ...]
    version: tuple[int, ...] | None = None
    connections: Callable[[], Mapping[str, tuple[str, ...]]] | None = None

    def inputs(self) -> dict[str, tuple[str, ...]]:
        """For each layer, by its name, the names of those whose outputs reach it past no other layer here."""
        if self.connections is None:
            return {layer.name: layer.inputs for layer in self.layers}
        found = self.connections()
        return {layer.name: found.get(layer.name, ()) for layer in self.layers}
