"""Caffe's BatchNorm and the Scale right behind it are one layer elsewhere, under the name of either."""

from typing import Any

import pytest
import torch
from torch import nn

from initport.compare.comparison import Compared
from initport.conversion import convert, read

HEAD = """
layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 8 dim: 8 } } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "msra" } } }
"""

BN = 'layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" }\n'


def scale(bottom: str = "bn", said: str = "bias_term: true") -> str:
    return (f'layer {{ name: "scale" type: "Scale" bottom: "{bottom}" top: "scale" scale_param {{ {said} '
            'filler { type: "gaussian" mean: 1 std: 0.02 } } }\n')  # fmt: skip


RELU = 'layer { name: "relu" type: "ReLU" bottom: "bn" top: "bn" }\n'
TWO = (
    BN
    + """layer { name: "scale" type: "Scale" bottom: "bn" bottom: "conv" top: "scale"
  scale_param { bias_term: true } }\n"""
)
FORK = """layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn"
  batch_norm_param { filler { type: "constant" value: 1 } } }\n"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BN + RELU + scale(), None),
        (scale("conv"), None),
        (BN + scale("conv"), None),
        (BN + scale() + 'layer { name: "r" type: "ReLU" bottom: "bn" top: "r" }', None),
        (BN + scale(said="axis: 2"), None),
        (BN + scale(said="num_axes: 2"), None),
        (TWO, None),
        (FORK + scale(), None),
        (BN + scale(), "bn"),
        (BN.replace('top: "bn"', 'top: "conv"') + scale("conv"), "bn"),
        (BN + scale().replace('top: "scale"', 'top: "bn"') + RELU, "bn"),
        (BN + scale() + 'layer { name: "r" type: "ReLU" bottom: "scale" top: "r" }', "bn"),
    ],
)
def test_only_a_scale_that_alone_reads_it_is_one_with_a_normalization(text: str, expected: str | None) -> None:
    layers = {layer.name: layer.normalization for layer in read(HEAD + text, source="caffe").model.layers}
    assert layers["scale"] == expected


class Port(nn.Module):
    def __init__(self, name: str) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.add_module(name, nn.BatchNorm2d(4))


def started(model: Any, text: str, **options: Any) -> Any:
    emitted = convert(text, source="caffe").text
    assert emitted is not None
    namespace: dict[str, Any] = {}
    exec(compile(emitted, "init.py", "exec"), namespace)
    return namespace["init_weights"](model, **options)


@pytest.mark.parametrize("name", ["bn", "scale"])
def test_init_weights_finds_it_under_either_name(name: str) -> None:
    model = Port(name)
    assert started(model, HEAD + BN + scale()) == []
    gamma = model.get_submodule(name).weight
    assert isinstance(gamma, torch.Tensor)
    assert not torch.equal(gamma, torch.ones(4))


@pytest.mark.parametrize("rename", [{"bn": "norm"}, {"scale": "norm"}, lambda name: name.replace("bn", "norm")])
def test_it_is_renamed_under_either_name(rename: Any) -> None:
    assert started(Port("norm"), HEAD + BN + scale(), rename=rename) == []


def test_a_model_with_both_has_the_scale_set() -> None:
    model = Port("bn")
    model.scale = nn.BatchNorm2d(4)
    assert started(model, HEAD + BN + scale()) == ["bn.weight", "bn.bias"]


def test_without_such_a_pair_the_name_of_the_normalization_is_none_of_the_scale() -> None:
    with pytest.raises(KeyError, match=r"not in the model: scale\.weight"):
        started(Port("bn"), HEAD + BN + RELU + scale())


def test_keras_finds_it_under_either_name() -> None:
    keras = pytest.importorskip("keras")
    emitted = convert(HEAD + BN + scale(), source="caffe", target="keras").text
    assert emitted is not None
    namespace: dict[str, Any] = {}
    exec(compile(emitted, "init.py", "exec"), namespace)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="conv"),
                              keras.layers.BatchNormalization(name="bn")])  # fmt: skip
    assert [weight.path for weight in namespace["init_weights"](model)] == []


def test_compare_pairs_it_under_the_name_of_the_normalization() -> None:
    layers = Compared(read(HEAD + BN + scale(), source="caffe").model, "torch").layers()
    assert {layer.name: layer.aliases for layer in layers} == {"conv": (), "scale": ("bn",)}
