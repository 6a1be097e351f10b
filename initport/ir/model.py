"""What a reader makes of an input: the layers of a network and the distribution of each of their weights."""

from collections.abc import Mapping

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


class Layer(NamedTuple):
    """A layer that holds weights; ``type`` is its name in the source framework.

    The ``name`` is the wrapper's where the layer stands in one, and ``cell`` its number in a stack of recurrent cells.
    ``inputs`` names the layers here whose outputs reach this one past no other layer here, as far as the reader knows
    them. ``normalization`` is the one right before it whose output nothing else reads, where this layer only scales and
    shifts that: other frameworks have both as one layer.
    """

    name: str
    kind: Kind
    type: str
    location: Location
    weights: tuple[Weight, ...]
    wrapper: Wrapper | None = None
    cell: int | None = None
    inputs: tuple[str, ...] = ()
    normalization: str | None = None


class Model(NamedTuple):
    """A network as far as initialization goes; ``framework`` names the grammar that its source speaks, ``version`` the
    version of it, None for the newest."""

    name: str
    framework: str
    location: Location
    layers: tuple[Layer, ...]
    version: tuple[int, ...] | None = None
