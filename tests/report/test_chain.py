"""Signals over depth, against what is known of them and against the real framework."""

from pathlib import Path
from typing import Any

import pytest

from initport.cli.inputs import Network
from initport.cli.report import _contents
from initport.compare.comparison import compare
from initport.compare.port import FactoryPort
from initport.conversion import read
from initport.formats.read_options import Options
from initport.report.chain import Link, depth
from initport.verify.worker import Limits
from tests.fixtures import CASES, source


def links(number: int, scale: float, fan: int = 100) -> list[Link]:
    return [Link(scale / fan, 0.0, fan, fan)] * number


def test_he_keeps_the_size_of_signals_through_relu() -> None:
    found = depth(links(30, 2), "relu")
    assert found.activations[:-1] == pytest.approx([1.0] * 29, rel=1e-6)
    assert found.gradients == pytest.approx([1.0] * 30, rel=1e-6)


def test_lecun_halves_the_mean_square_at_each_relu() -> None:
    found = depth(links(4, 1), "relu")
    assert [value**2 for value in found.activations[:-1]] == pytest.approx([1 / 2, 1 / 4, 1 / 8], rel=1e-6)


def test_a_linear_chain_multiplies() -> None:
    found = depth([Link(3 / 50, 0, 50, 10), Link(1 / 10, 0.25, 10, 5)], "linear")
    assert [value**2 for value in found.activations] == pytest.approx([3, 3.25])
    assert [value**2 for value in found.gradients] == pytest.approx([0.5, 1])


def test_tanh_shrinks_large_signals_to_one() -> None:
    assert depth(links(2, 1e4), "tanh").activations[0] == pytest.approx(1, abs=0.02)


def test_a_sigmoid_of_nothing_is_a_half() -> None:
    assert depth(links(2, 0), "sigmoid").activations[0] == pytest.approx(0.5)


@pytest.mark.slow
def test_pytorch_measures_what_the_laws_say() -> None:
    """Of LeNet, and of a port that has a gain of 2 too many: 16 draws of the chain, whose smallest layers have 20 and
    10 outputs."""
    lenet = str(source(next(case for case in CASES if case.name == "lenet")))
    network = Network(lenet, Path(lenet).read_bytes(), Options(), "caffe")
    chosen: dict[str, Any] = {"no_measure": False, "seed": 1, "activation": "relu", "port": "tests.compare.ports:he"}
    model = read(network.data, path=lenet).model
    with FactoryPort(chosen["port"], path=[str(Path(__file__).parents[2])]) as port:
        comparison = compare(model, port, source_name="lenet", port_name="he", effect=0.1)
    found, measured = _contents(network, comparison, Limits(), True, chosen)
    assert set(measured) == {"converted", "name for name", "port"}
    for name, depths in measured.items():
        for computed, drawn in zip(found.chains[name], depths, strict=True):
            assert drawn == pytest.approx(computed, rel=0.2), name
