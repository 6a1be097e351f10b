"""A Caffe network file of any kind as one list of layers in the terms of the format V2.

Text or binary, a net or a solver that names one, V0, V1 or V2: whatever the file is, the layers come out as Caffe
itself would see them after its upgrades and its choice by phase, stage and level.
Authority: BVLC/caffe, src/caffe/util/upgrade_proto.cpp and src/caffe/net.cpp.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache

from initport.diagnostics import Code, Diagnostic, InputError
from initport.formats.caffe.schema import message_type
from initport.formats.caffe.solver import ReadFile, find_net
from initport.formats.caffe.state import State
from initport.formats.caffe.tree import Message, Unknown
from initport.grammar.load import vocabulary
from initport.ir.location import Location
from initport.records import NamedTuple

HARMLESS: Mapping[str, frozenset[str]] = {
    "ConvolutionParameter": frozenset({"quantization_param", "cudnn_worspace_allow_on_groups"}),
    "InnerProductParameter": frozenset({"quantization_param", "enable_noise", "sigma_init"}),
    "PoolingParameter": frozenset({"ceil_mode"}),
    "EltwiseParameter": frozenset(),
}
"""Messages of which a fork's field may change the sizes behind the layer, and the fields that are known not to, or
whose effect is known."""


class Param(NamedTuple):
    """What a layer says of one of its blobs; ``name`` is the share name, empty where the blob is not shared."""

    name: str
    share_mode: str
    lr_mult: Decimal
    location: Location


class NetLayer(NamedTuple):
    """One layer; ``message`` is a LayerParameter whatever the file's format, and ``params`` stand in blob order."""

    name: str
    type: str
    bottoms: tuple[str, ...]
    tops: tuple[str, ...]
    message: Message
    params: tuple[Param, ...]

    @property
    def location(self) -> Location:
        return self.message.location


class Net(NamedTuple):
    """The layers that the net state keeps, in net order; ``inputs`` are those of `input`, not of Input layers.

    ``format`` is "V0", "V1" or "V2". An input's shape is None where the file gives none.
    """

    name: str
    location: Location
    format: str
    inputs: tuple[tuple[str, tuple[int, ...] | None], ...]
    layers: tuple[NetLayer, ...]
    diagnostics: tuple[Diagnostic, ...]


def load(
    data: bytes,
    path: str,
    *,
    phase: str = "TRAIN",
    level: int = 0,
    stages: frozenset[str] = frozenset(),
    read_file: ReadFile | None = None,
    root: str | None = None,
) -> Net:
    """The net in ``data``, or the one that the solver in ``data`` names; raises InputError.

    ``path`` names the input in every Location. ``read_file`` gives the content of a file that a solver names, or None
    where there is none; it is asked for files below ``root`` only, by default the solver's directory. Stages, and a
    level where none is asked for, are taken from the file too; its phase is not.
    """
    source = find_net(data, path, read_file, root)
    net = source.net
    state = State(phase, level, stages).merge(net.message("state")).merge(source.state)
    version, messages, dropped = _upgrade(net)
    layers = tuple(_layer(message) for message in messages if state.keeps(message))
    findings = (*source.diagnostics, *dropped, *_unknown_fields(net))
    return Net(net.string("name"), net.location, version, tuple(_inputs(net)), layers, findings)


def _upgrade(net: Message) -> tuple[str, list[Message], list[Diagnostic]]:
    """The format, the layers as LayerParameters, and what the upgrade dropped."""
    v2, old = net.messages("layer"), net.messages("layers")
    if v2 and old:
        detail = "the net has both `layer` (V2) and `layers` (V1); Caffe refuses that, so write all of them as `layer`"
        raise InputError(Diagnostic(Code.REJECTED_NET, max(v2[0].location, old[0].location), detail))
    if any(layer.has("layer") for layer in old):
        from initport.formats.caffe.upgrade_v0 import v0_layers

        return "V0", *v0_layers(net)
    if old:
        from initport.formats.caffe.upgrade import v1_layer

        return "V1", [v1_layer(layer) for layer in old], []
    return "V2", list(v2), []


def _layer(message: Message) -> NetLayer:
    name, kind = message.string("name"), message.string("type")
    if not kind:
        detail = f"the layer `{name}` has no type; Caffe refuses that"
        raise InputError(Diagnostic(Code.REJECTED_NET, message.location, detail))
    params = tuple(
        Param(spec.string("name"), spec.enum("share_mode"), spec.number("lr_mult"), spec.location)
        for spec in message.messages("param")
    )
    return NetLayer(name, kind, message.strings("bottom"), message.strings("top"), message, params)


def _inputs(net: Message) -> Iterator[tuple[str, tuple[int, ...] | None]]:
    """`input_shape` counts where it is given, otherwise four `input_dim` for each input (UpgradeNetInput)."""
    shapes, dims = net.messages("input_shape"), net.integers("input_dim")
    for index, name in enumerate(net.strings("input")):
        shape: tuple[int, ...] | None = None
        if index < len(shapes):
            shape = shapes[index].integers("dim")
        elif not shapes and len(dims) >= 4 * index + 4:
            shape = dims[4 * index : 4 * index + 4]
        yield name, shape


def _unknown_fields(net: Message) -> Iterator[Diagnostic]:
    """One finding for each name outside the schema; fillers are left to those who know the layer."""
    first: dict[str, Location] = {}
    count: Counter[str] = Counter()
    holding: set[str] = set()
    sizing: set[str] = set()
    for message, entry in _unknown(net):
        if (message, entry.name) in _read_of_forks():
            continue
        if isinstance(entry.value, Message) and any(entry.value.stray_fillers()):
            holding.add(entry.name)
        if entry.name not in HARMLESS.get(message, (entry.name,)):
            sizing.add(entry.name)
        first.setdefault(entry.name, entry.location)
        count[entry.name] += 1
    for name, location in first.items():
        times = f" ({count[name]} times)" if count[name] > 1 else ""
        read = ", but for its fillers" if name in holding else ""
        lost = "; sizes behind it are not inferred" if name in sizing else ""
        detail = f"`{name}`{times} is outside Caffe's schema and was skipped{read}{lost}"
        yield Diagnostic(Code.UNKNOWN_FIELD, location, detail)


def _unknown(message: Message) -> Iterator[tuple[str, Unknown]]:
    """The fields outside the schema, and the type of the message that each stands in."""
    if message.descriptor is None or message.descriptor.name in ("Ignored", "FillerParameter"):
        return
    for entry in message.unknown:
        if not (isinstance(entry.value, Message) and entry.name.endswith("filler")):
            yield message.descriptor.name, entry
    for _, inner in message.inner():
        yield from _unknown(inner)


@cache
def _read_of_forks() -> frozenset[tuple[str, str]]:
    """Fields outside the schema that the grammar reads, each with the type of the message that it stands in: those by
    which it distinguishes forks, those on which weights depend, and the messages of forks' layers as wholes."""
    schema = message_type("LayerParameter").fields_by_name
    found: set[tuple[str, str]] = set()
    for row in (row for rows in vocabulary("caffe").variants.values() for row in rows):
        message = schema[row.message].message_type if row.message in schema else None
        if message is None:
            found.add(("LayerParameter", row.message))
        else:
            found.update((message.name, name) for name in (*row.where, *row.defaults))
    return frozenset(found)
