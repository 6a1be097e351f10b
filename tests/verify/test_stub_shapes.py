"""Sizes of stub layers: as many axes of a kernel as the source's layout has."""

import pytest

from initport.grammar.layout import parse_layout
from initport.ir.initializers import Constant
from initport.ir.location import Location
from initport.ir.model import Weight
from initport.ir.scalar import Scalar
from initport.ir.weights import Role
from initport.verify.stub_shapes import complete


@pytest.mark.parametrize(
    ("layout", "dims", "sizes"),
    [
        ("in, out", {}, {}),
        ("out, in, *kernel", {}, {"kernel": 9, "height": 3}),
        ("out, in, kernel, 1", {}, {"kernel": 3}),
        ("kernel, 1, in, out", {"kernel": 5}, {"kernel": 5}),
        ("out, in, height, kernel / height", {}, {"kernel": 9, "height": 3}),
        ("out, in, height, kernel / height", {"kernel": 25}, {"kernel": 25, "height": 5}),
        ("out, in, height, kernel / height", {"kernel": 25, "height": 25}, {"kernel": 25, "height": 25}),
        ("out, in, height, kernel / height", {"kernel": 7}, {"kernel": 7, "height": 1}),
        ("out, in, depth, height, kernel / depth / height", {}, {"kernel": 27, "height": 3, "depth": 3}),
        ("out, in, depth, height, kernel / depth / height", {"kernel": 27}, {"kernel": 27, "height": 3, "depth": 3}),
    ],
)
def test_sizes_of_a_kernel(layout: str, dims: dict[str, int], sizes: dict[str, int]) -> None:
    weight = Weight(Role.KERNEL, Constant(Scalar.of(0)), Location("a", 1, 1), "", "", True, parse_layout(layout), dims)
    found = complete(weight)
    assert {name: found[name] for name in sizes} == sizes
    for axis in parse_layout(layout).axes:
        size = axis.size.evaluate(found)
        assert size is not None
        assert size == round(size) > 0
