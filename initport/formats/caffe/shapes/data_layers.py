"""Layers without bottoms: what the file says about the data that enters the net.

Authority: BVLC/caffe src/caffe/layers/{data,image_data,window_data,memory_data,dummy_data,input}_layer.cpp and
src/caffe/data_transformer.cpp. What only the data files themselves say stays unknown.
"""

from collections.abc import Callable, Sequence

from initport.formats.caffe.net import NetLayer
from initport.formats.caffe.shapes.dims import Dim, Shape, size, sizes
from initport.formats.caffe.shapes.params import blob_shapes, param
from initport.formats.caffe.tree import Message

Source = Callable[[NetLayer], Sequence[Shape]]


def _per_top(layer: NetLayer, shapes: list[Shape]) -> Sequence[Shape]:
    """Shapes given once for all tops or once for each."""
    return shapes * len(layer.tops) if len(shapes) == 1 else shapes if len(shapes) == len(layer.tops) else ()


def _images(layer: NetLayer, batch: int, channels: Dim, height: Dim = None, width: Dim = None) -> Sequence[Shape]:
    """(batch, channels, height, width) and labels (batch); cropping, where asked for, decides the size."""
    crop = size(param(layer, "transform_param").integer("crop_size"))
    return sizes((batch, channels, crop or height, crop or width)), sizes((batch,))


def _channels(transform: Message) -> Dim:
    """What a database's channels must be: forced, or one for each of several mean values."""
    color, gray = transform.flag("force_color"), transform.flag("force_gray")
    if color != gray:
        return 3 if color else 1
    means = len(transform.numbers("mean_value"))
    return means if means > 1 else None


def data(layer: NetLayer) -> Sequence[Shape]:
    transform = param(layer, "transform_param")
    return _images(layer, param(layer, "data_param").integer("batch_size"), _channels(transform))


def image_data(layer: NetLayer) -> Sequence[Shape]:
    message = param(layer, "image_data_param")
    channels = 3 if message.flag("is_color") else 1
    batch, height, width = map(message.integer, ("batch_size", "new_height", "new_width"))
    return _images(layer, batch, channels, height, width)


def window_data(layer: NetLayer) -> Sequence[Shape]:
    """Every image is decoded in colour."""
    return _images(layer, param(layer, "window_data_param").integer("batch_size"), 3)


def memory_data(layer: NetLayer) -> Sequence[Shape]:
    message = param(layer, "memory_data_param")
    batch, *image = map(message.integer, ("batch_size", "channels", "height", "width"))
    return sizes((batch, *image)), sizes((batch,))


def dummy_data(layer: NetLayer) -> Sequence[Shape]:
    """``shape``, or the old ``num``, ``channels``, ``height`` and ``width``, each once or once per top."""
    message = param(layer, "dummy_data_param")
    if message.has("shape"):
        return _per_top(layer, blob_shapes(message))
    count = len(layer.tops)
    columns = []
    for name in ("num", "channels", "height", "width"):
        given = message.integers(name)
        if len(given) not in (1, count):
            return ()
        columns.append(given * count if len(given) == 1 else given)
    return [sizes(row) for row in zip(*columns, strict=True)]


def input_blobs(layer: NetLayer) -> Sequence[Shape]:
    return _per_top(layer, blob_shapes(param(layer, "input_param")))


def parameter(layer: NetLayer) -> Sequence[Shape]:
    return blob_shapes(param(layer, "parameter_param"))[-1:]


SOURCES: dict[str, Source] = {
    "Data": data,
    "DummyData": dummy_data,
    "ImageData": image_data,
    "Input": input_blobs,
    "MemoryData": memory_data,
    "Parameter": parameter,
    "WindowData": window_data,
}
