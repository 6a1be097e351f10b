"""What each section puts out, as far as the cfg gives it.

Authority: src/parser.c and the `make_*_layer` functions of pjreddie/darknet and AlexeyAB/darknet.
"""

from collections.abc import Sequence
from typing import NamedTuple

from initport.formats.darknet.sections import Section


class Image(NamedTuple):
    """The sizes of what a section puts out, None for those that are not known; ``values`` is their product, or the
    number of values that are not an image."""

    height: int | None
    width: int | None
    channels: int | None
    values: int | None

    @property
    def area(self) -> int | None:
        return _product(self.height, self.width)


def _product(*sizes: int | None) -> int | None:
    result = 1
    for size in sizes:
        if size is None:
            return None
        result *= size
    return result


def image(height: int | None, width: int | None, channels: int | None) -> Image:
    return Image(height, width, channels, _product(height, width, channels))


UNKNOWN = image(None, None, None)


def first(net: Section) -> Image:
    """What the network takes. Raises SettingError."""
    height, width, channels = (net.number(name, 0, 0) or None for name in ("height", "width", "channels"))
    found = image(height, width, channels)
    return found._replace(values=net.number("inputs", 0, 0) or found.values)


def references(section: Section, place: int) -> list[int]:
    """The sections, by their number, whose output one reads that does not read the last. Raises SettingError."""
    name = "layers" if section.type == "route" else "from"
    if section.type not in ("route", "shortcut", "scale_channels", "sam"):
        return []
    return [index + place if index < 0 else index for index in section.numbers(name)]


def after(section: Section, given: Image, earlier: Sequence[Image], place: int) -> Image:
    """What the section puts out, given what the one before it does. Raises SettingError."""
    match section.type:
        case "convolutional" | "conv":
            stride = section.number("stride", 1, 1)
            across, down = section.number("stride_x", stride), section.number("stride_y", stride)
            size, pad = _kernel(section), _padding(section)
            height = _windows(given.height, 2 * pad - size, down if down > 0 else stride)
            width = _windows(given.width, 2 * pad - size, across if across > 0 else stride)
            known = section.number("antialiasing", 0) == 0
            return image(height if known else None, width if known else None, section.number("filters", 1, 1))
        case "deconvolutional" | "deconv":
            stride, more = section.number("stride", 1, 1), _kernel(section) - 2 * _padding(section)
            height, width = (size and (size - 1) * stride + more for size in (given.height, given.width))
            return image(height, width, section.number("filters", 1, 1))
        case "local":
            less = 1 if section.number("pad", 0) else _kernel(section)
            stride = section.number("stride", 1, 1)
            height, width = (_windows(size, -less, stride) for size in (given.height, given.width))
            return image(height, width, section.number("filters", 1, 1))
        case "connected" | "conn" | "rnn" | "gru" | "lstm":
            return image(1, 1, section.number("output", 1, 1))
        case "crnn":
            return given._replace(
                channels=section.number("output_filters", section.number("output", 1, 1), 1), values=None
            )
        case "maxpool" | "max" | "local_avgpool" | "local_avg":
            return _pool(section, given)
        case "avgpool" | "avg":
            return image(1, 1, given.channels)
        case "crop":
            return image(section.number("crop_height", 1, 1), section.number("crop_width", 1, 1), given.channels)
        case "reorg" | "reorg3d":
            return _reorganize(section, given)
        case "upsample":
            stride = section.number("stride", 2)
            height, width = (size and _scale(size, stride) for size in (given.height, given.width))
            return image(height, width, given.channels)
        case "route":
            return _join(section, [_of(earlier, index) for index in references(section, place)])
        case "scale_channels" | "sam":
            return _of(earlier, references(section, place)[0])
        case "implicit":
            return image(section.number("atoms", 1, 1), 1, section.number("filters", 128, 1))
        case "conv_lstm" | "history":
            return UNKNOWN
        case _:
            return given


def _kernel(section: Section) -> int:
    return section.number("size", 1, 1)


def _padding(section: Section) -> int:
    return _kernel(section) // 2 if section.number("pad", 0) else section.number("padding", 0)


def _windows(size: int | None, more: int, stride: int) -> int | None:
    """How many windows there are: ``more`` is what the padding adds to the size, without the window's own."""
    return None if size is None or size + more < 0 else (size + more) // stride + 1


def _pool(section: Section, given: Image) -> Image:
    if section.number("maxpool_depth", 0):
        return image(given.height, given.width, section.number("out_channels", 1, 1))
    stride = section.number("stride", 1, 1)
    size = section.number("size", stride, 1)
    more = section.number("padding", size - 1) - size
    down, across = section.number("stride_y", stride, 1), section.number("stride_x", stride, 1)
    return image(_windows(given.height, more, down), _windows(given.width, more, across), given.channels)


def _reorganize(section: Section, given: Image) -> Image:
    stride, extra = section.number("stride", 1, 1), section.number("extra", 0)
    if extra:
        return Image(None, None, None, None if given.values is None else given.values + extra)
    channels, reverse = given.channels, section.number("reverse", 0)
    height, width = (size and _scale(size, stride if reverse else -stride) for size in (given.height, given.width))
    return image(height, width, channels and (channels // stride**2 if reverse else channels * stride**2))


def _join(section: Section, read: Sequence[Image]) -> Image:
    """Channels side by side, of which a route may keep one of several groups."""
    alike = len({each[:2] for each in read}) == 1
    channels = [each.channels for each in read]
    total = sum(size for size in channels if size is not None) if alike and None not in channels else None
    found = image(read[0].height, read[0].width, total and total // section.number("groups", 1, 1))
    values = [each.values for each in read]
    return (
        found if alike or None in values else Image(None, None, None, sum(size for size in values if size is not None))
    )


def _of(earlier: Sequence[Image], index: int) -> Image:
    return earlier[index] if 0 <= index < len(earlier) else UNKNOWN


def _scale(size: int, stride: int) -> int:
    """As many times larger, or smaller where it is negative."""
    return size * stride if stride > 0 else size // max(-stride, 1)
