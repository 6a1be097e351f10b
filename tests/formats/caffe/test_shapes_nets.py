"""Shape inference over whole nets: those whose shapes the literature gives, then what `infer` is told and not told."""

from collections.abc import Mapping

import pytest

from initport.formats.caffe import net, shapes

N = None


def infer(found: net.Net, inputs: Mapping[str, tuple[int | None, ...]]) -> tuple[tuple[shapes.Shape, ...], ...]:
    """The shapes of the bottoms of each layer."""
    return tuple(bottoms for _, bottoms in shapes.infer(found, inputs))


class Sketch:
    """A net in a line per layer: each takes the previous top unless told otherwise; ``k`` is what fc layers see."""

    def __init__(self, *shape: int) -> None:
        dims = " ".join(f"dim: {dim}" for dim in shape)
        self.lines = [f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ {dims} }} }} }}']
        self.last = "data"

    def add(self, kind: str, params: str = "", bottoms: tuple[str, ...] = (), in_place: bool = False) -> str:
        name = f"layer{len(self.lines)}"
        bottom = "".join(f' bottom: "{name}"' for name in bottoms or (self.last,))
        top = self.last if in_place else name
        self.lines.append(f'layer {{ name: "{name}" type: "{kind}"{bottom} top: "{top}" {params} }}')
        self.last = top
        return top

    def conv(self, outputs: int, kernel: int, stride: int = 1, pad: int = 0, bottom: str = "", group: int = 1) -> str:
        settings = f"num_output: {outputs} kernel_size: {kernel} stride: {stride} pad: {pad} group: {group}"
        top = self.add("Convolution", f"convolution_param {{ {settings} }}", (bottom,) if bottom else ())
        self.add("ReLU", in_place=True)
        return top

    def pool(self, kernel: int, stride: int = 1, pad: int = 0, bottom: str = "") -> str:
        settings = f"kernel_size: {kernel} stride: {stride} pad: {pad}"
        return self.add("Pooling", f"pooling_param {{ {settings} }}", (bottom,) if bottom else ())

    def fc(self, outputs: int) -> str:
        return self.add("InnerProduct", f"inner_product_param {{ num_output: {outputs} }}")

    def seen(self) -> list[shapes.Shape]:
        """The shape of every layer's first bottom; the last entry is the net's output."""
        text = "\n".join([*self.lines, f'layer {{ name: "end" type: "Silence" bottom: "{self.last}" }}\n'])
        found = infer(net.load(text.encode(), "net.prototxt"), {})
        return [bottoms[0] for bottoms in found[1:]]


def test_lenet() -> None:
    """LeCun et al. 1998 as in BVLC/caffe examples/mnist."""
    lenet = Sketch(64, 1, 28, 28)
    lenet.add("Convolution", "convolution_param { num_output: 20 kernel_size: 5 }")
    lenet.pool(2, 2)
    lenet.add("Convolution", "convolution_param { num_output: 50 kernel_size: 5 }")
    lenet.pool(2, 2)
    lenet.fc(500)
    lenet.fc(10)
    assert lenet.seen() == [
        (64, 1, 28, 28), (64, 20, 24, 24), (64, 20, 12, 12), (64, 50, 8, 8), (64, 50, 4, 4), (64, 500), (64, 10)
    ]  # fmt: skip
    assert shapes.count_from(lenet.seen()[4], 1) == 800


def test_alexnet() -> None:
    """Krizhevsky et al. 2012 as in BVLC/caffe models/bvlc_alexnet, crop 227."""
    alexnet = Sketch(10, 3, 227, 227)
    alexnet.conv(96, 11, 4)
    alexnet.add("LRN")
    alexnet.pool(3, 2)
    alexnet.conv(256, 5, 1, 2, group=2)
    alexnet.add("LRN")
    alexnet.pool(3, 2)
    alexnet.conv(384, 3, 1, 1)
    alexnet.conv(384, 3, 1, 1, group=2)
    alexnet.conv(256, 3, 1, 1, group=2)
    alexnet.pool(3, 2)
    alexnet.fc(4096)
    seen = alexnet.seen()
    assert seen[1] == (10, 96, 55, 55)
    assert (10, 256, 27, 27) in seen
    assert (10, 256, 13, 13) in seen
    assert seen[-2] == (10, 256, 6, 6)
    assert shapes.count_from(seen[-2], 1) == 9216


def test_vgg16() -> None:
    """Simonyan & Zisserman 2014, configuration D."""
    vgg = Sketch(1, 3, 224, 224)
    for outputs, repeats in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
        for _ in range(repeats):
            vgg.conv(outputs, 3, 1, 1)
        vgg.pool(2, 2)
    vgg.fc(4096)
    assert vgg.seen()[-2] == (1, 512, 7, 7)
    assert shapes.count_from(vgg.seen()[-2], 1) == 25088


def inception(sketch: Sketch, one: int, three: tuple[int, int], five: tuple[int, int], pool: int) -> None:
    source = sketch.last
    branches = [sketch.conv(one, 1, bottom=source)]
    for (reduce, outputs), kernel in ((three, 3), (five, 5)):
        sketch.conv(reduce, 1, bottom=source)
        branches.append(sketch.conv(outputs, kernel, 1, kernel // 2))
    sketch.pool(3, 1, 1, bottom=source)
    branches.append(sketch.conv(pool, 1))
    sketch.add("Concat", bottoms=tuple(branches))


def test_googlenet() -> None:
    """Szegedy et al. 2014, table 1."""
    google = Sketch(1, 3, 224, 224)
    google.conv(64, 7, 2, 3)
    google.pool(3, 2)
    google.conv(64, 1)
    google.conv(192, 3, 1, 1)
    google.pool(3, 2)
    outputs = []
    for stage in (
        [(64, (96, 128), (16, 32), 32), (128, (128, 192), (32, 96), 64)],
        [
            (192, (96, 208), (16, 48), 64),
            (160, (112, 224), (24, 64), 64),
            (128, (128, 256), (24, 64), 64),
            (112, (144, 288), (32, 64), 64),
            (256, (160, 320), (32, 128), 128),
        ],
        [(256, (160, 320), (32, 128), 128), (384, (192, 384), (48, 128), 128)],
    ):
        for block in stage:
            inception(google, *block)
            outputs.append(google.seen()[-1])
        google.pool(*((3, 2) if stage[0][0] != 256 else (7, 1)))
    channels = [256, 480, 512, 512, 512, 528, 832, 832, 1024]
    sides = [28, 28, 14, 14, 14, 14, 14, 7, 7]
    assert outputs == [(1, c, side, side) for c, side in zip(channels, sides, strict=True)]
    assert google.seen()[-1] == (1, 1024, 1, 1)


def resnet(blocks: tuple[int, ...]) -> Sketch:
    """He et al. 2015 as in KaimingHe/deep-residual-networks."""
    sketch = Sketch(1, 3, 224, 224)

    def unit(outputs: int, kernel: int, stride: int, bottom: str = "") -> str:
        sketch.conv(outputs, kernel, stride, kernel // 2, bottom)
        sketch.add("BatchNorm", in_place=True)
        return sketch.add("Scale", in_place=True)

    unit(64, 7, 2)
    sketch.pool(3, 2)
    for stage, count in enumerate(blocks):
        width = 64 * 2**stage
        for block in range(count):
            stride = 2 if block == 0 and stage > 0 else 1
            source = sketch.last
            shortcut = unit(4 * width, 1, stride, source) if block == 0 else source
            unit(width, 1, stride, source)
            unit(width, 3, 1)
            sketch.add("Eltwise", bottoms=(shortcut, unit(4 * width, 1, 1)))
    sketch.add("Pooling", "pooling_param { pool: AVE kernel_size: 7 stride: 1 }")
    sketch.fc(1000)
    return sketch


def test_resnet_50() -> None:
    seen = resnet((3, 4, 6, 3)).seen()
    assert seen[-3:] == [(1, 2048, 7, 7), (1, 2048, 1, 1), (1, 1000)]
    assert {shape[2] for shape in seen if shape and len(shape) == 4} == {224, 112, 56, 28, 14, 7, 1}


def chain(*layers: str) -> net.Net:
    return net.load("\n".join(layers).encode() + b"\n", "net.prototxt")


def layer(kind: str, bottom: str, top: str, params: str = "") -> str:
    return f'layer {{ name: "{kind} {top}" type: "{kind}" bottom: "{bottom}" top: "{top}" {params} }}'


DATA = 'layer { name: "data" type: "Python" top: "data" top: "label" }'
CONV = layer("Convolution", "data", "conv", "convolution_param { num_output: 8 kernel_size: 3 pad: 1 }")
RELU = layer("ReLU", "conv", "conv")
POOL = layer("Pooling", "conv", "pool", "pooling_param { kernel_size: 2 stride: 2 }")
FC = layer("InnerProduct", "pool", "fc", "inner_product_param { num_output: 2 }")
OTHER = layer("Convolution", "data", "other", "convolution_param { num_output: 8 kernel_size: 1 }")


def test_a_later_pooling_says_how_many_axes_the_data_has() -> None:
    found = infer(chain(DATA, OTHER, CONV, RELU, POOL, FC), {})
    assert found == ((), ((N, N, N, N),), ((N, N, N, N),), ((N, 8, N, N),), ((N, 8, N, N),), ((N, 8, N, N),))


def test_a_scale_factor_may_have_fewer_axes_than_what_it_scales() -> None:
    scale = 'layer { name: "scale" type: "Scale" bottom: "data" bottom: "label" top: "scaled" }'
    pool = layer("Pooling", "label", "pool", "pooling_param { kernel_size: 2 }")
    assert infer(chain(DATA, scale, pool), {})[1] == (None, (N, N, N, N))


def test_without_any_demand_the_number_of_axes_stays_unknown() -> None:
    assert infer(chain(DATA, CONV, RELU), {}) == ((), (None,), (None,))


@pytest.mark.parametrize(
    ("inputs", "conv_sees", "pool_sees"),
    [
        ({"data": (1, 3, 10, 10)}, (1, 3, 10, 10), (1, 8, 10, 10)),
        ({"data": (1, 3, N, 10)}, (1, 3, N, 10), (1, 8, N, 10)),
        ({"data": (3, 10)}, (3, 10), (3, 8)),
        ({"data": (0, -3, 2**40, 10)}, (N, N, N, 10), (N, 8, N, 10)),
        ({"conv": (N, N, 6, 6)}, (N, N, N, N), (N, 8, 6, 6)),
        ({"conv": (5, 4)}, (N, N, N, N), (5, 4)),
        ({"data": (1,) * 33}, (N, N, N, N), (N, 8, N, N)),
        ({"nothing": (1, 2)}, (N, N, N, N), (N, 8, N, N)),
    ],
)
def test_given_shapes(
    inputs: dict[str, tuple[shapes.Dim, ...]], conv_sees: shapes.Shape, pool_sees: shapes.Shape
) -> None:
    found = infer(chain(DATA, CONV, RELU, POOL), inputs)
    assert found[1] == (conv_sees,)
    assert found[3] == (pool_sees,)


def test_net_inputs() -> None:
    fields = 'input: "data" input_dim: 1 input_dim: 3 input_dim: 10 input_dim: 10'
    assert infer(chain(fields, CONV, RELU), {})[-1] == ((1, 8, 10, 10),)


def test_a_fork_layer_of_format_v1() -> None:
    found = infer(
        chain(
            'input: "data" input_dim: 1 input_dim: 512 input_dim: 30 input_dim: 40',
            'input: "rois" input_dim: 9 input_dim: 5 input_dim: 1 input_dim: 1',
            'layers { name: "roi" type: ROI_POOLING bottom: "data" bottom: "rois" top: "pool"',
            "  roi_pooling_param { pooled_w: 7 pooled_h: 6 spatial_scale: 0.0625 } }",
            'layers { name: "fc6" type: INNER_PRODUCT bottom: "pool" top: "fc6" }',
        ),
        {},
    )
    assert found[-1] == ((9, 512, 6, 7),)


def test_a_crop_in_the_data_message_of_format_v1() -> None:
    data = 'layers { name: "data" type: DATA top: "data" data_param { batch_size: 4 crop_size: 9 } }'
    relu = 'layers { name: "relu" type: RELU bottom: "data" top: "relu" }'
    assert infer(chain(data, relu), {})[-1] == ((4, N, 9, 9),)


def test_undetermined_blobs_and_all_names() -> None:
    loaded = chain(DATA, CONV, RELU, POOL, FC)
    assert shapes.unknown_blobs(loaded, {}) == ("data", "label")
    assert shapes.unknown_blobs(loaded, {"data": (1, 3, 9, 9), "label": (1,)}) == ()
    assert shapes.blob_ranks(loaded) == {"data": 4, "label": None, "conv": 4, "pool": None, "fc": None}


def test_a_layer_of_unknown_type_loses_its_bottoms_shape() -> None:
    unknown = layer("NoSuchLayer", "conv", "conv")
    given = {"data": (1, 3, 9, 9)}
    assert infer(chain(DATA, CONV, unknown, POOL), given)[-1] == ((N, N, N, N),)
    assert shapes.unknown_blobs(chain(DATA, CONV, unknown, POOL), given) == ("label", "conv")


@pytest.mark.parametrize(
    "growing",
    [
        'type: "Embed" bottom: "{0}" top: "{1}" embed_param {{ num_output: 9 input_dim: 9 }}',
        'type: "Tile" bottom: "{0}" top: "{1}" tile_param {{ tiles: 2000000000 axis: 0 }}',
        'type: "Concat" bottom: "{0}" bottom: "{0}" top: "{1}" concat_param {{ axis: 0 }}',
        'type: "Reshape" bottom: "{0}" top: "{1}" reshape_param {{ shape {{ dim: 0 dim: 1 }} num_axes: 1 }}',
    ],
)
def test_growth_is_bounded(growing: str) -> None:
    lines = [f'layer {{ name: "l{i}" {growing.format(f"b{i}", f"b{i + 1}")} }}' for i in range(200)]
    loaded = chain('layer { name: "l" type: "Input" top: "b0" input_param { shape { dim: 3 } } }', *lines)
    for shape, *_ in infer(loaded, {})[1:]:
        assert shape is None or (len(shape) <= 32 and all(dim is None or dim < 2**31 for dim in shape))
