"""The benchmark of ports by names, on two small networks: each wrong weight is found and named, no right one is.

Biases are wrong wherever a port leaves them to PyTorch, as the sources leave them to their own framework.
"""

import json
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.naive_ports import BUILDS, EFFECT, Network, builder, judge, networks
from initport.compare.comparison import compare
from initport.testing import _port

CAFFE = """
layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: 16 dim: 8 dim: 8 } } }
layer { name: "conv" type: "Convolution" bottom: "x" top: "x"
  convolution_param { num_output: 64 kernel_size: 3 weight_filler { type: "msra" } } }
layer { name: "fc" type: "InnerProduct" bottom: "x" top: "x"
  inner_product_param { num_output: 32 weight_filler { type: "xavier" } } }
"""


def keras() -> str:
    layers = (
        ("InputLayer", {"name": "x", "batch_shape": [None, 8, 8, 16]}),
        ("Conv2D", {"name": "conv", "filters": 64, "kernel_size": [3, 3], "kernel_initializer": "he_normal"}),
        ("GlobalAveragePooling2D", {"name": "pool"}),
        ("Dense", {"name": "fc", "units": 256, "kernel_initializer": "lecun_uniform"}),
    )
    items = [{"class_name": kind, "config": config} for kind, config in layers]
    return json.dumps({"class_name": "Sequential", "keras_version": "3.0.0", "config": {"name": "n", "layers": items}})


def network(path: Path, text: str) -> Network:
    path.write_text(text)
    (found,) = networks(iter([path]), 10**6)
    return found


@pytest.mark.parametrize(
    ("name", "text", "port", "wrong"),
    [
        ("net.prototxt", CAFFE, "exact", 0),
        ("net.prototxt", CAFFE, "by names", 4),
        pytest.param("net.prototxt", CAFFE, "never set", 4, marks=pytest.mark.slow),
        ("net.json", keras(), "exact", 0),
        ("net.json", keras(), "by names", 3),
        pytest.param("net.json", keras(), "never set", 4, marks=pytest.mark.slow),
        ("net.json", keras(), "shapes untransposed", 4),
    ],
)
def test_what_is_wrong_is_found_and_named(tmp_path: Path, name: str, text: str, port: str, wrong: int) -> None:
    one, counts = network(tmp_path / name, text), Counter[str]()
    ways = one.ways(port)
    comparison = compare(one.model, _port(builder(ways, one.names), 0), source_name=name, port_name=port,
                         effect=EFFECT, builds=BUILDS)  # fmt: skip
    assert judge(ways, comparison, counts) == []
    assert counts["right"] == 4 - wrong
    assert counts["wrong"] == counts["found"] == counts["named"] == wrong
    assert counts["false"] == counts["undecided"] == 0
