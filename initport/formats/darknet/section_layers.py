"""The layers of a section: what of it holds weights, with their sizes by role.

Authority: the `make_*_layer` functions of pjreddie/darknet and AlexeyAB/darknet; recurrent sections are made of others.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from initport.formats.darknet.images import Image
from initport.formats.darknet.sections import Section


class Part(NamedTuple):
    """One layer: the ``type`` of the section that makes such a layer by itself, its sizes by role, and those of its
    kernel; whether the bias is the one of a normalization behind it; and whether it reads what the section reads."""

    name: str
    type: str
    sizes: Mapping[str, int | None]
    kernel: tuple[int, ...] = ()
    normalized: bool = False
    outer: bool = True


_FULL = {"conv": "convolutional", "deconv": "deconvolutional", "conn": "connected"}

_GATES = {"gru": ("z", "r", "h"), "lstm": ("f", "i", "g", "o")}


def parts(section: Section, place: int, given: Image, out: Image) -> Iterator[Part]:
    """Those of the section with this number, which takes ``given`` and puts ``out`` out. Raises SettingError."""
    type_ = _FULL.get(section.type, section.type)
    name = f"{type_}_{place}"
    normalized = section.number("batch_normalize", 0) != 0 or section.number("cbn", 0) != 0
    outputs = out.channels
    match type_:
        case "convolutional":
            groups = 1 if section.number("xnor", 0) else max(section.number("groups", 1), 1)
            yield from _convolution(name, section, given.channels, outputs, groups, normalized)
        case "deconvolutional":
            size = section.number("size", 1, 1)
            areas = {"out_area": out.area, "area": given.area}
            sizes = {"in": given.channels, "out": outputs, "kernel": size * size, **areas}
            yield Part(name, type_, sizes, (size, size), normalized)
            yield from _normalization(name, outputs, normalized)
        case "local":
            size = section.number("size", 1, 1)
            sizes = {"in": given.channels, "out": outputs, "kernel": size * size, "length": out.area}
            yield Part(name, type_, sizes, (size, size))
        case "connected":
            yield from _dense(name, given.values, outputs, normalized)
        case "rnn":
            hidden = section.number("hidden", outputs or 1, 1)
            yield from _dense(f"{name}.input_layer", given.values, hidden, normalized)
            yield from _dense(f"{name}.self_layer", hidden, hidden, normalized, outer=False)
            yield from _dense(f"{name}.output_layer", hidden, outputs, normalized, outer=False)
        case "gru" | "lstm":
            for gate in _GATES[type_]:
                yield from _dense(f"{name}.u{gate}", given.values, outputs, normalized)
                yield from _dense(f"{name}.w{gate}", outputs, outputs, normalized, outer=False)
        case "crnn":
            hidden = section.number("hidden_filters", section.number("hidden", 1, 1), 1)
            inner = section._replace(settings={"size": "3", **section.settings})
            for suffix, read, written in (("input", given.channels, hidden), ("self", hidden, hidden),
                                          ("output", hidden, outputs)):  # fmt: skip
                groups = max(section.number("groups", 1), 1)
                outer = suffix == "input"
                yield from _convolution(f"{name}.{suffix}_layer", inner, read, written, groups, normalized, outer=outer)
        case "batchnorm":
            yield Part(name, type_, {"length": given.channels})
        case "implicit":
            yield Part(name, type_, {"out": outputs, "length": out.height})
        case "shortcut":
            addends = len(section.numbers("from")) + 1
            yield Part(name, type_, {"length": addends, "in": given.channels})


def _convolution(
    name: str,
    section: Section,
    channels: int | None,
    filters: int | None,
    groups: int,
    normalized: bool,
    *,
    outer: bool = True,
) -> Iterator[Part]:
    size = section.number("size", 1, 1)
    sizes = {"in": channels, "out": filters, "groups": groups, "kernel": size * size}
    yield Part(name, "convolutional", sizes, (size, size), normalized, outer)
    yield from _normalization(name, filters, normalized)


def _dense(
    name: str, inputs: int | None, outputs: int | None, normalized: bool, *, outer: bool = True
) -> Iterator[Part]:
    yield Part(name, "connected", {"in": inputs, "out": outputs}, (), normalized, outer)
    yield from _normalization(name, outputs, normalized)


def _normalization(name: str, length: int | None, normalized: bool) -> Iterator[Part]:
    """The one behind a layer that has one, which Darknet counts to the same section."""
    if normalized:
        section, dot, part = name.partition(".")
        number = section.rpartition("_")[2]
        yield Part(f"{section}.{part}_batchnorm" if dot else f"batchnorm_{number}", "batchnorm", {"length": length},
                   outer=False)  # fmt: skip
