"""Torchvision's names against Caffe's, without help: every layer is matched, and none with another."""

from functools import cache
from typing import Any

import pytest
import torch

from initport.compare.module_names import Naming, naming
from initport.compare.port import ModelPort
from initport.conversion import read
from initport.testing import program_of_ports
from tests.match.networks import NETWORKS, Network


def port(network: Network) -> ModelPort:
    with torch.device("meta"):
        described = program_of_ports().describe(network.model())

    def measure(*_: Any) -> dict[str, Any]:
        raise AssertionError("nothing is measured")

    return ModelPort(described, measure, single=True)


@cache
def matched(name: str) -> Naming:
    network = NETWORKS[name]
    model = read(network.source().text, source="caffe").model
    return naming(model, port(network), "torch")


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_is_matched_and_none_with_another(name: str) -> None:
    found = matched(name)
    assert found.rename == NETWORKS[name].source().truth
    assert len(found.lines) == NETWORKS[name].layers
    assert (found.extra, found.exit_code) == ((), 0)


@pytest.mark.parametrize("name", NETWORKS)
def test_none_had_to_be_taken_in_order_among_equal_ones(name: str) -> None:
    assert {line.alike for line in matched(name).lines} == {1}
