"""Which layers a loop over a network's modules fills, by their classes."""

import pytest

from tests.program.reading import lines

NET = """
import torch.nn as nn

def start(m):
    {}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(60, 50)
        self.c = nn.Conv2d(8, 16, 3)
        self.l = nn.LSTM(20, 30)
        self.apply(start)
"""
FILLED = "nn.init.normal_(w, std=0.3)"


@pytest.mark.parametrize(
    ("test", "filled"),
    [
        ("m.__class__.__name__.find('Conv') != -1", "c"),
        ("'Linear' in m.__class__.__name__", "a"),
        ("m.__class__.__name__ == 'Conv2d'", "c"),
        ("m.__class__.__name__.startswith('Lin')", "a"),
        ("type(m) == nn.Linear", "a"),
        ("type(m) is nn.Conv2d", "c"),
        ("type(m) != nn.Linear and type(m) in (nn.Conv1d, nn.Conv2d)", "c"),
        ("type(m).__name__ == 'Linear'", "a"),
        ("isinstance(m, (nn.Conv1d, nn.Conv2d))", "c"),
    ],
)
def test_a_layer_is_chosen_by_its_class(test: str, filled: str) -> None:
    text = NET.format(f"if {test}:\n        nn.init.normal_(m.weight, std=0.3)")
    found = lines(text, versions={"torch": "2.9"})
    assert {name: found[f"{name} kernel"] == FILLED for name in "ac"} == {"a": filled == "a", "c": filled == "c"}
    assert None not in found.values()


@pytest.mark.parametrize("test", ["isinstance(m, nn.RNNBase)", "isinstance(m, nn.LSTM)"])
def test_a_base_class_of_pytorch_is_that_of_its_layers(test: str) -> None:
    text = NET.format(f"if {test}:\n        nn.init.normal_(m.weight_ih_l0, std=0.3)")
    assert lines(text, versions={"torch": "2.9"})["l kernel"] == FILLED


LAZY = """
import torch.nn as nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.LSTMCell(60, 50)
        if isinstance(self.a, {}):
            nn.init.normal_(self.a.weight_ih, std=0.3)
"""


@pytest.mark.parametrize(("base", "filled"), [("nn.RNNCellBase", True), ("nn.RNNBase", False), ("nn.LSTMCell", True)])
def test_the_same_of_cells(base: str, filled: bool) -> None:
    found = lines(LAZY.format(base), versions={"torch": "2.9"})
    assert ("std=0.3" in str(found["a kernel"])) == filled
