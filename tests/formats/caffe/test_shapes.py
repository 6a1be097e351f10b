"""Shape inference, layer by layer: one row per rule. Whole nets are in test_shapes_nets.py."""

import pytest

from initport.formats.caffe import net, shapes

N = None


def tops_of(kind: str, params: str, bottoms: list[shapes.Shape], count: int) -> tuple[shapes.Shape, ...]:
    """The shapes of the ``count`` tops of one layer whose bottoms have the given shapes."""
    names = [f"b{i}" for i in range(len(bottoms))]
    inputs = {name: shape for name, shape in zip(names, bottoms, strict=True) if shape is not None}
    data = "".join(f' top: "{name}"' for name in names)
    bottom = "".join(f' bottom: "{name}"' for name in names)
    top = "".join(f' top: "t{i}"' for i in range(count))
    text = f'layer {{ name: "x" type: "{kind}"{bottom}{top} {params} }}\n'
    if bottoms:
        text = f'layer {{ name: "data" type: "Input"{data} }}\n' + text
    text += f'layer {{ name: "end" type: "Silence"{top.replace("top", "bottom")} }}\n'
    return list(shapes.infer(net.load(text.encode(), "net.prototxt"), inputs))[-1][1]


def conv(settings: str) -> str:
    return f"convolution_param {{ num_output: 8 {settings} }}"


def pool(settings: str) -> str:
    return f"pooling_param {{ {settings} }}"


def crop(size: int, more: str = "") -> str:
    return f"transform_param {{ crop_size: {size} {more} }}"


SOURCES = [
    ("Input", "input_param { shape { dim: 2 dim: 3 } }", [(2, 3)]),
    ("Input", "input_param { shape { dim: 2 dim: 3 } }", [(2, 3), (2, 3)]),
    ("Input", "input_param { shape { dim: 2 } shape { dim: 3 } }", [(2,), (3,)]),
    ("Input", "input_param { shape { dim: 2 } shape { dim: 3 } }", [N, N, N]),
    ("Input", "input_param { shape { } }", [()]),
    ("Input", "", [N]),
    ("DummyData", "dummy_data_param { shape { dim: 2 dim: 3 } }", [(2, 3)]),
    ("DummyData", "dummy_data_param { num: 1 channels: 2 height: 3 width: 4 }", [(1, 2, 3, 4), (1, 2, 3, 4)]),
    ("DummyData", "dummy_data_param { num: 1 num: 5 channels: 2 height: 3 width: 4 }", [(1, 2, 3, 4), (5, 2, 3, 4)]),
    ("DummyData", "dummy_data_param { num: 1 channels: 2 height: 3 }", [N]),
    ("Data", "data_param { batch_size: 7 }", [(7, N, N, N), (7,)]),
    ("Data", "data_param { batch_size: 7 } " + crop(227), [(7, N, 227, 227), (7,)]),
    ("Data", "data_param { batch_size: 7 } " + crop(2, "force_color: true"), [(7, 3, 2, 2), (7,)]),
    ("Data", "data_param { batch_size: 7 } " + crop(2, "force_gray: true"), [(7, 1, 2, 2), (7,)]),
    ("Data", "data_param { batch_size: 7 } " + crop(2, "force_color: true force_gray: true"), [(7, N, 2, 2)]),
    ("Data", "data_param { batch_size: 7 } " + crop(2, "mean_value: 1 mean_value: 2 mean_value: 3"), [(7, 3, 2, 2)]),
    ("Data", "data_param { batch_size: 7 } " + crop(2, "mean_value: 127"), [(7, N, 2, 2)]),
    ("Data", "", [(N, N, N, N), (N,)]),
    ("ImageData", "", [(1, 3, N, N), (1,)]),
    (
        "ImageData",
        "image_data_param { batch_size: 4 is_color: false new_height: 5 new_width: 6 }",
        [(4, 1, 5, 6), (4,)],
    ),
    ("ImageData", "image_data_param { batch_size: 4 new_height: 5 new_width: 6 } " + crop(2), [(4, 3, 2, 2)]),
    ("WindowData", "window_data_param { batch_size: 4 } " + crop(9), [(4, 3, 9, 9), (4,)]),
    ("MemoryData", "memory_data_param { batch_size: 4 channels: 1 height: 2 width: 3 }", [(4, 1, 2, 3), (4,)]),
    ("MemoryData", "memory_data_param { batch_size: 4 height: 2 width: 3 }", [(4, N, 2, 3), (4,)]),
    ("Parameter", "parameter_param { shape { dim: 5 dim: 6 } }", [(5, 6)]),
    ("HDF5Data", "hdf5_data_param { batch_size: 4 }", [N]),
    ("Python", "", [N]),
]


@pytest.mark.parametrize(("kind", "params", "expected"), SOURCES)
def test_source(kind: str, params: str, expected: list[shapes.Shape]) -> None:
    assert tops_of(kind, params, [], len(expected)) == tuple(expected)


WINDOWS: list[tuple[str, str, list[shapes.Shape], list[shapes.Shape]]] = [
    ("Convolution", conv("kernel_size: 1"), [(1, 3, 5, 6)], [(1, 8, 5, 6)]),
    ("Convolution", conv("kernel_size: 3"), [(1, 3, 5, 6)], [(1, 8, 3, 4)]),
    ("Convolution", conv("kernel_size: 3 pad: 1 stride: 2"), [(1, 3, 6, 7)], [(1, 8, 3, 4)]),
    ("Convolution", conv("kernel_size: 3 kernel_size: 1 pad: 1 pad: 0 stride: 2"), [(1, 3, 6, 7)], [(1, 8, 3, 4)]),
    ("Convolution", conv("kernel_h: 3 kernel_w: 5 stride_h: 2 stride_w: 1 pad_h: 1"), [(1, 3, 6, 7)], [(1, 8, 3, 3)]),
    ("Convolution", conv("kernel_size: 3 dilation: 2"), [(1, 3, 7, 8)], [(1, 8, 3, 4)]),
    ("Convolution", conv("kernel_size: 3 group: 3"), [(1, 3, 5, 5), (1, 3, 5, 5)], [(1, 8, 3, 3)] * 2),
    ("Convolution", conv("kernel_size: 3"), [(2, 3, 9)], [(2, 8, 7)]),
    ("Convolution", conv("kernel_size: 3"), [(2, 3, 9, 8, 7)], [(2, 8, 7, 6, 5)]),
    ("Convolution", conv("kernel_size: 3 axis: 2"), [(2, 3, 9, 8, 7)], [(2, 3, 8, 6, 5)]),
    ("Convolution", conv("kernel_size: 3 axis: -3"), [(2, 3, 9, 8, 7)], [(2, 3, 8, 6, 5)]),
    ("Convolution", conv("kernel_size: 3"), [(2, 3)], [(2, 8)]),
    ("Convolution", conv("kernel_size: 3"), [(1, N, 5, N)], [(1, 8, 3, N)]),
    ("Convolution", conv("kernel_size: 3"), [N], [N]),
    ("Convolution", conv("kernel_size: 3 kernel_size: 3"), [N], [(N, 8, N, N)]),
    ("Convolution", conv("kernel_h: 3 kernel_w: 1"), [N], [(N, 8, N, N)]),
    ("Convolution", "convolution_param { kernel_size: 3 }", [(1, 3, 5, 5)], [(1, N, 3, 3)]),
    ("Convolution", "", [(1, 3, 5, 5)], [(1, N, N, N)]),
    # C++ division: a 3-wide window over 2 pixels with stride 2 overhangs by less than a stride.
    ("Convolution", conv("kernel_size: 3 stride: 2"), [(1, 3, 2, 1)], [(1, 8, 1, N)]),
    ("Convolution", conv("kernel_size: 0"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("Convolution", conv("kernel_size: 3 stride: 0"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("Convolution", conv("kernel_size: 3 kernel_h: 3 kernel_w: 3"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("Convolution", conv("kernel_size: 3 kernel_size: 3 kernel_size: 3"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("Convolution", conv("kernel_size: 3 dilation: 1 dilation: 1 dilation: 1"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("Convolution", conv("kernel_size: 3 axis: 4"), [(1, 3, 5, 5)], [N]),
    ("Convolution", conv("kernel_size: 1 pad: 4294967295"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("Convolution", conv("kernel_size: 3 hole: 2"), [(1, 3, 5, 5)], [(1, 8, N, N)]),
    ("ConvolutionDepthwise", conv("kernel_size: 3"), [(1, 8, 5, 5)], [(1, 8, 3, 3)]),
    ("Deconvolution", conv("kernel_size: 4 stride: 2 pad: 1"), [(1, 3, 5, 6)], [(1, 8, 10, 12)]),
    ("Deconvolution", conv("kernel_size: 3 dilation: 2"), [(1, 3, 5, N)], [(1, 8, 9, N)]),
    ("Deconvolution", conv("kernel_size: 1 pad: 3"), [(1, 3, 5, 7)], [(1, 8, N, 1)]),
    ("Im2col", conv("kernel_size: 3"), [(1, 2, 5, 6)], [(1, 18, 3, 4)]),
    ("Im2col", conv("kernel_size: 3"), [N], [N]),
    ("Pooling", pool("kernel_size: 2 stride: 2"), [(1, 3, 24, 24)], [(1, 3, 12, 12)]),
    ("Pooling", pool("kernel_size: 1"), [(1, 3, 5, 6)], [(1, 3, 5, 6)]),
    # Ceil rounding: a last, partial window counts ...
    ("Pooling", pool("kernel_size: 3 stride: 2"), [(1, 3, 6, 7)], [(1, 3, 3, 3)]),
    # ... even one that starts at the very end of an image without padding ...
    ("Pooling", pool("kernel_size: 1 stride: 3"), [(1, 3, 6, 7)], [(1, 3, 3, 3)]),
    # ... but with padding not one that starts beyond the image and its leading padding.
    ("Pooling", pool("kernel_size: 3 stride: 2 pad: 1"), [(1, 3, 6, 7)], [(1, 3, 4, 4)]),
    ("Pooling", pool("kernel_size: 2 stride: 2 pad: 1"), [(1, 3, 6, 5)], [(1, 3, 4, 3)]),
    ("Pooling", pool("kernel_size: 3 stride: 5 pad: 2"), [(1, 3, 8, 7)], [(1, 3, 2, 2)]),
    (
        "Pooling",
        pool("kernel_h: 3 kernel_w: 2 stride_h: 2 stride_w: 1 pad_h: 1 pad_w: 0"),
        [(1, 3, 6, 7)],
        [(1, 3, 4, 6)],
    ),
    ("Pooling", pool("kernel_size: 3 stride: 2 round_mode: FLOOR"), [(1, 3, 6, 7)], [(1, 3, 2, 3)]),
    ("Pooling", pool("kernel_size: 3 stride: 2 ceil_mode: false"), [(1, 3, 6, 7)], [(1, 3, 2, 3)]),
    ("Pooling", pool("kernel_size: 3 stride: 2 ceil_mode: true"), [(1, 3, 6, 7)], [(1, 3, 3, 3)]),
    ("Pooling", pool("kernel_size: 3 stride: 2 ceil_mode: maybe"), [(1, 3, 6, 7)], [(1, 3, N, 3)]),
    ("Pooling", pool("kernel_size: 3 stride: 2 pad_type: 1"), [(1, 3, 6, 7)], [(1, 3, N, N)]),
    ("Pooling", pool("pool: AVE global_pooling: true"), [(1, 3, N, 7)], [(1, 3, 1, 1)]),
    ("Pooling", pool("pool: AVE global_pooling: true"), [N], [(N, N, 1, 1)]),
    ("Pooling", pool("kernel_size: 2"), [N], [(N, N, N, N)]),
    ("Pooling", pool("kernel_size: 2"), [(1, 3, 5, 5)], [(1, 3, 4, 4), (1, 3, 4, 4)]),
    ("Pooling", pool("kernel_size: 2"), [(1, 3, 5)], [N]),
    ("Pooling", pool("kernel_size: 0"), [(1, 3, 5, 5)], [(1, 3, N, N)]),
    ("Pooling", pool("kernel_size: 2 stride: 0"), [(1, 3, 5, 5)], [(1, 3, N, N)]),
    ("Pooling", pool("kernel_size: 2 pad: 2"), [(1, 3, 5, 5)], [(1, 3, N, N)]),
    ("Pooling", pool("kernel_size: 9"), [(1, 3, 5, 5)], [(1, 3, N, N)]),
    ("Pooling", "", [(1, 3, 5, 5)], [(1, 3, N, N)]),
    ("SPP", "spp_param { pyramid_height: 1 }", [(1, 3, 9, N)], [(1, 3, 1, 1)]),
    ("SPP", "spp_param { pyramid_height: 3 }", [(1, 2, 8, 12)], [(1, 42)]),
    ("SPP", "spp_param { pyramid_height: 3 }", [(1, 2, 5, 5)], [(1, N)]),
    ("SPP", "spp_param { pyramid_height: 3 }", [(1, 2, N, 5)], [(1, N)]),
    ("SPP", "spp_param { pyramid_height: 4000000000 }", [(1, 2, 8, 8)], [(1, N)]),
    ("SPP", "", [(1, 2, 8, 8)], [N]),
    ("ROIPooling", "roi_pooling_param { pooled_h: 7 pooled_w: 6 }", [(1, 512, N, N), (N, 5)], [(N, 512, 7, 6)]),
    ("ROIPooling", "roi_pooling_param { pooled_h: 7 pooled_w: 6 }", [(1, 512, N, N), N], [(N, 512, 7, 6)]),
    ("ROIPooling", "roi_pooling_param { pooled_h: 7.5 pooled_w: -6 }", [(1, 512, N, N), N], [(N, 512, N, N)]),
    ("ROIPooling", "", [N, (9, 5)], [(9, N, N, N)]),
    (
        "PSROIPooling",
        "psroi_pooling_param { output_dim: 8 group_size: 7 spatial_scale: 0.0625 }",
        [(1, 392, 9, 9), (2, 5)],
        [(2, 8, 7, 7)],
    ),
    ("PSROIPooling", "psroi_pooling_param { output_dim: 8 group_size: x }", [N, N], [(N, 8, N, N)]),
    ("PSROIPooling", "", [N], [(N, N, N, N)]),
    ("Interp", "interp_param { height: 9 width: 9 }", [(1, 5, 3, 3)], [(1, 5, N, N)]),
]

SAME = (
    "AbsVal BatchNorm Bias Dropout ELU Exp LRN Log MVN PReLU Power ReLU Scale Sigmoid Softmax Split TanH Threshold "
    "BN Normalize ShuffleChannel"
)

OTHERS: list[tuple[str, str, list[shapes.Shape], list[shapes.Shape]]] = [
    ("ReLU", "", [N], [N]),
    ("Split", "", [(2, 3)], [(2, 3)] * 3),
    ("Scale", "", [(2, 3, 4), (3,)], [(2, 3, 4)]),
    ("InnerProduct", "inner_product_param { num_output: 9 }", [(2, 3, N, 5)], [(2, 9)]),
    ("InnerProduct", "inner_product_param { num_output: 9 }", [N], [(N, 9)]),
    ("InnerProduct", "inner_product_param { num_output: 9 axis: 2 }", [(2, 3, 4, 5)], [(2, 3, 9)]),
    ("InnerProduct", "inner_product_param { num_output: 9 axis: -1 }", [(2, 3, 4, 5)], [(2, 3, 4, 9)]),
    ("InnerProduct", "inner_product_param { num_output: 9 axis: -1 }", [N], [N]),
    ("InnerProduct", "inner_product_param { num_output: 9 axis: 2000000000 }", [N], [N]),
    ("InnerProduct", "inner_product_param { num_output: 9 axis: 4 }", [(2, 3, 4, 5)], [N]),
    ("InnerProduct", "inner_product_param { num_output: 9 min_top_axes: 4 }", [(2, 3)], [N]),
    ("InnerProduct", "", [(2, 3)], [(2, N)]),
    ("Embed", "embed_param { num_output: 9 input_dim: 5 }", [(2, N)], [(2, N, 9)]),
    ("Embed", "embed_param { num_output: 9 input_dim: 5 }", [()], [(9,)]),
    ("Embed", "embed_param { num_output: 9 input_dim: 5 }", [N], [N]),
    ("LSTM", "recurrent_param { num_output: 9 }", [(5, 2, 7), (5, 2)], [(5, 2, 9)]),
    ("LSTM", "recurrent_param { num_output: 9 }", [N, (5, 2)], [(5, 2, 9)]),
    ("LSTM", "recurrent_param { num_output: 9 }", [N, N], [(N, N, 9)]),
    (
        "LSTM",
        "recurrent_param { num_output: 9 expose_hidden: true }",
        [(5, 2, 7), (5, 2), (1, 2, 9), (1, 2, 9)],
        [(5, 2, 9), (1, 2, 9), (1, 2, 9)],
    ),
    ("RNN", "", [(5, 2, 7), (5, 2)], [(5, 2, N)]),
    ("SoftmaxWithLoss", "", [(2, 3), (2,)], [()]),
    ("SoftmaxWithLoss", "", [(2, 3), (2,)], [(), (2, 3)]),
    ("EuclideanLoss", "", [N, N], [()]),
    ("Accuracy", "", [(2, 3), (2,)], [(), N]),
    ("Concat", "", [(2, 3, 4, 5), (2, 7, 4, 5)], [(2, 10, 4, 5)]),
    ("Concat", "", [(2, 3)], [(2, 3)]),
    ("Concat", "", [(N, 3, N, N), (2, 7, 4, N)], [(2, 10, 4, N)]),
    ("Concat", "", [(2, 3, 4, 5), (2, N, 4, 5)], [(2, N, 4, 5)]),
    ("Concat", "", [N, (2, 3, 4, 5)], [(2, N, 4, 5)]),
    ("Concat", "", [N, N], [N]),
    ("Concat", "", [(2, 3), (2, 3, 4)], [N]),
    ("Concat", "", [(2, 3, 4), (2, 3, 5)], [(2, 6, N)]),
    ("Concat", "concat_param { axis: 0 }", [(2, 3), (5, 3)], [(7, 3)]),
    ("Concat", "concat_param { axis: -1 }", [(2, 3, 4), (2, 3, 5)], [(2, 3, 9)]),
    ("Concat", "concat_param { concat_dim: 0 }", [(2, 3), (5, 3)], [(7, 3)]),
    ("Concat", "concat_param { axis: 9 }", [(2, 3), (2, 3)], [(N, N)]),
    ("Concat", "concat_param { axis: 0 concat_dim: 0 }", [(2, 3), (2, 3)], [(N, N)]),
    ("Concat", "", [(2, 2**31 - 1), (2, 2**31 - 1)], [(2, N)]),
    ("Slice", "", [(2, 6, 4)], [(2, 3, 4), (2, 3, 4)]),
    ("Slice", "", [(2, 6, 4)], [(2, 6, 4)]),
    ("Slice", "", [(2, 7, 4)], [(2, N, 4), (2, N, 4)]),
    ("Slice", "slice_param { slice_point: 1 slice_point: 3 }", [(2, 7)], [(2, 1), (2, 2), (2, 4)]),
    ("Slice", "slice_param { slice_point: 1 slice_point: 3 }", [(2, N)], [(2, 1), (2, 2), (2, N)]),
    ("Slice", "slice_param { slice_point: 3 slice_point: 1 }", [(2, 7)], [(2, N), (2, N), (2, N)]),
    ("Slice", "slice_param { slice_point: 7 }", [(2, 7)], [(2, N), (2, N)]),
    ("Slice", "slice_param { slice_point: 1 }", [(2, 7)], [(2, N)] * 3),
    ("Slice", "slice_param { slice_point: 1 axis: 0 }", [(2, 7)], [(1, 7), (1, 7)]),
    ("Slice", "slice_param { slice_point: 1 slice_dim: 0 }", [(2, 7)], [(1, 7), (1, 7)]),
    ("Slice", "", [N], [N, N]),
    ("Eltwise", "", [(2, 3, N, 5), (2, N, 4, N)], [(2, 3, 4, 5)]),
    ("Eltwise", "", [N, (2, 3)], [(2, 3)]),
    ("Eltwise", "", [(2, 3), (2, 4)], [(2, N)]),
    ("Eltwise", "", [(2, 3), (2, 3, 4)], [N]),
    ("Eltwise", "eltwise_param { allow_single_batch_input: true }", [(2, 3), (1, 3)], [N]),
    ("Flatten", "", [(2, 3, 4, 5)], [(2, 60)]),
    ("Flatten", "", [(2, 60)], [(2, 60)]),
    ("Flatten", "", [(2, 3, N, 5)], [(2, N)]),
    ("Flatten", "", [N], [(N, N)]),
    ("Flatten", "flatten_param { axis: 0 end_axis: 1 }", [(2, 3, 4, 5)], [(6, 4, 5)]),
    ("Flatten", "flatten_param { axis: -2 }", [(2, 3, 4, 5)], [(2, 3, 20)]),
    ("Flatten", "flatten_param { axis: 2 end_axis: 1 }", [(2, 3, 4, 5)], [(2, 3, 1, 4, 5)]),
    ("Flatten", "flatten_param { axis: 3 end_axis: 1 }", [(2, 3, 4, 5)], [N]),
    ("Flatten", "flatten_param { axis: 7 }", [(2, 3, 4, 5)], [N]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }", [(2, 3, 4, 5)], [(2, 60)]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: -1 } }", [(N, 3, 4, 5)], [(N, 60)]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: 0 dim: 2 dim: -1 } }", [(N, N, 4, 5)], [(N, N, 2, 10)]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: 2 dim: -1 dim: 0 } }", [(1, 18, 14, N)], [(1, 2, 126, N)]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: 0 } axis: 1 num_axes: 2 }", [(2, 3, 4, 5)], [(2, 3, 4, 5)]),
    ("Reshape", "reshape_param { shape { dim: 2 dim: -1 } axis: -1 num_axes: 0 }", [(6, 5)], [(6, 5, 2, N)]),
    ("Reshape", "reshape_param { shape { dim: 1 dim: -1 } axis: 1 }", [(2, 3, N)], [(2, 1, N)]),
    ("Reshape", "reshape_param { shape { dim: 4 dim: -1 } axis: 1 }", [(2, 3, 5)], [(2, 4, N)]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: 10 } }", [N], [(N, 10)]),
    ("Reshape", "reshape_param { shape { dim: 0 dim: 10 } axis: 1 }", [N], [N]),
    ("Reshape", "reshape_param { shape { dim: -1 dim: -1 } }", [(2, 3)], [N]),
    ("Reshape", "reshape_param { shape { dim: 6 dim: 1 dim: 0 } }", [(2, 3)], [N]),
    ("Reshape", "reshape_param { shape { dim: -2 dim: -1 } }", [(2, 3)], [N]),
    ("Reshape", "reshape_param { shape { dim: 6 } axis: 3 }", [(2, 3)], [N]),
    ("Reshape", "reshape_param { num_axes: -9 }", [(2, 3)], [N]),
    ("Crop", "crop_param { offset: 5 }", [(1, 21, 100, 100), (1, 3, 64, N)], [(1, 21, 64, N)]),
    ("Crop", "crop_param { axis: 1 }", [(1, 21, 100), (1, 3, 64)], [(1, 3, 64)]),
    ("Crop", "crop_param { axis: 9 }", [(1, 21, 100), (1, 3, 64)], [N]),
    ("Crop", "", [(1, 21, 9, 9), N], [(1, 21, N, N)]),
    ("Crop", "", [(1, 21, 9, 9)], [N]),
    ("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", [(1, 2, 3, N)], [(1, 3, N, 2)]),
    ("Permute", "permute_param { order: 1 }", [(1, 2, 3, 4)], [(2, 1, 3, 4)]),
    ("Permute", "", [(1, 2)], [(1, 2)]),
    ("Permute", "permute_param { order: 1 order: 1 }", [(1, 2)], [N]),
    ("Permute", "permute_param { order: 7 }", [(1, 2)], [N]),
    ("PriorBox", "", [(1, 2, 3, 4), (1, 3, 300, 300)], [(1, 2, N)]),
    ("Reduction", "", [(2, 3)], [()]),
    ("Reduction", "reduction_param { axis: 1 }", [(2, 3, 4)], [(2,)]),
    ("Reduction", "reduction_param { axis: -1 }", [(2, 3, 4)], [(2, 3)]),
    ("Reduction", "reduction_param { axis: -9 }", [(2, 3, 4)], [N]),
    ("Reduction", "", [N], [()]),
    ("ArgMax", "", [(2, 3, 4, 5)], [(2, 1, 1, 1)]),
    ("ArgMax", "argmax_param { out_max_val: true top_k: 5 }", [(2, 30)], [(2, 2, 5)]),
    ("ArgMax", "argmax_param { axis: 1 top_k: 2 }", [(2, 3, N)], [(2, 2, N)]),
    ("ArgMax", "argmax_param { axis: 3 }", [(2, 3, 4)], [N]),
    ("ArgMax", "", [N], [N]),
    ("Tile", "tile_param { tiles: 3 }", [(2, 3, N)], [(2, 9, N)]),
    ("Tile", "tile_param { tiles: 3 axis: -1 }", [(2, 3, N)], [(2, 3, N)]),
    ("Tile", "tile_param { tiles: -3 }", [(2, 3)], [(2, N)]),
    ("Tile", "", [N], [N]),
    ("BatchReindex", "", [(10, 3, 4), (6,)], [(6, 3, 4)]),
    ("BatchReindex", "", [(10, 3, 4), N], [(N, 3, 4)]),
    ("BatchReindex", "", [(10, 3, 4)], [N]),
    ("Filter", "", [(10, 3, 4), N, (10,), (10,)], [(N, 3, 4), N, (N,)]),
    ("Python", "", [(2, 3)], [N]),
    ("NoSuchLayer", "", [(2, 3)], [N]),
]


@pytest.mark.parametrize("kind", SAME.split())
def test_layers_that_keep_the_shape(kind: str) -> None:
    assert tops_of(kind, "", [(2, N, 4, 5)], 1) == ((2, N, 4, 5),)
    assert tops_of(kind, "", [N], 1) == ((N, N, N, N) if kind == "LRN" else N,)


@pytest.mark.parametrize(("kind", "params", "bottoms", "expected"), [*WINDOWS, *OTHERS])
def test_rule(kind: str, params: str, bottoms: list[shapes.Shape], expected: list[shapes.Shape]) -> None:
    assert tops_of(kind, params, bottoms, len(expected)) == tuple(expected)


@pytest.mark.parametrize(
    "kind", ["Convolution", "Crop", "BatchReindex", "Filter", "ROIPooling", "LSTM", "Concat", "Slice", "Eltwise"]
)
def test_a_layer_without_bottoms_or_tops(kind: str) -> None:
    assert tops_of(kind, "", [], 1) == (N,)
    assert tops_of(kind, "", [(1, 2, 3, 4)], 0) == ()
