"""Shapes that the user states: those that fit, those that name nothing, and those of another number of axes."""

import pytest

import initport
from initport import InputError, Options

CAFFE = """
layer { name: "data" type: "Data" top: "data" top: "label" }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "xavier" } } }
layer { name: "pool" type: "Pooling" bottom: "conv" top: "pool" pooling_param { kernel_size: 2 } }
layer { name: "ip" type: "InnerProduct" bottom: "pool" top: "ip" inner_product_param { num_output: 2 } }
"""
KERAS = """{"class_name": "Model", "keras_version": "2.1.6", "config": {"name": "m", "layers": [
  {"class_name": "InputLayer", "name": "x", "config": {"name": "x"}, "inbound_nodes": []},
  {"class_name": "Conv2D", "name": "conv", "inbound_nodes": [[["x", 0, 0, {}]]],
   "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3]}},
  {"class_name": "Dense", "name": "d", "inbound_nodes": [[["conv", 0, 0, {}]]],
   "config": {"name": "d", "units": 5, "batch_input_shape": [null, 6]}}],
  "input_layers": [["x", 0, 0]], "output_layers": [["d", 0, 0]]}}"""


@pytest.mark.parametrize(
    ("text", "inputs"),
    [
        (CAFFE, {}),
        (CAFFE, {"data": (1, 3, 8, 8)}),
        (CAFFE, {"data": (None, 3, None, None), "conv": (1, 4, 6, 6), "label": (1,)}),
        (CAFFE[: CAFFE.index('layer { name: "pool"')], {"data": (3, 8)}),  # whose number of axes nothing decides
        (KERAS, {"x": (None, 8, 8, 3)}),
        (KERAS, {"conv": (None, 8, 8, 3), "d": (1, 6)}),
    ],
)
def test_what_the_network_has(text: str, inputs: dict[str, tuple[int | None, ...]]) -> None:
    assert initport.read(text, source="auto", options=Options(inputs=inputs)).model.layers


@pytest.mark.parametrize(
    ("text", "inputs", "message"),
    [
        (CAFFE, {"dat": (1, 3, 8, 8)}, "`--input dat=...`: there is no blob `dat`; did you mean `data`?"),
        (CAFFE, {"zzz": (1,)}, "there is no blob `zzz`; there are `data`, `label`, `conv`, `pool`, `ip`"),
        (CAFFE, {"data": (3, 8)}, "`--input data=...` has 2 axes; the blob `data` has 4 here"),
        (CAFFE, {"data": (3,)}, "`--input data=...` has 1 axis; the blob `data` has 4 here"),
        (KERAS, {"con": (1, 8, 8, 3)}, "there is no layer `con`; did you mean `conv`?"),
        (KERAS, {"d": (1, 2, 6)}, "`--input d=...` has 3 axes; the layer `d` has 2 here"),
        ('layer { name: "p" type: "ReLU" }', {"x": (1,)}, "there are none whose shape can be stated"),
    ],
)
def test_what_it_has_not(text: str, inputs: dict[str, tuple[int | None, ...]], message: str) -> None:
    with pytest.raises(InputError) as raised:
        initport.read(text, source="auto", options=Options(inputs=inputs))
    assert raised.value.diagnostic.code.code == "IP111"
    assert message in raised.value.diagnostic.detail
