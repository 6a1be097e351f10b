"""The layers of PyTorch: their parameters are those of the classes themselves."""

import inspect

import pytest

from initport.grammar.load import vocabulary
from initport.grammar.rows import SourceLayer

torch = pytest.importorskip("torch")

LAYERS = [(path, row) for path, rows in vocabulary("torch_layers").variants.items() for row in rows]


@pytest.mark.parametrize(("path", "row"), LAYERS, ids=[path for path, _ in LAYERS])
def test_parameters(path: str, row: SourceLayer) -> None:
    layer = getattr(torch.nn, path.rpartition(".")[2])
    owner = torch.nn.modules.rnn.RNNBase if layer in (torch.nn.LSTM, torch.nn.GRU, torch.nn.RNN) else layer
    makes = owner.__init__ if issubclass(owner, torch.nn.Module) else owner.__new__
    signature = inspect.signature(makes).parameters
    known = [name for name in signature if name not in ("self", "cls", "mode")]
    assert list(row.parameters) == known[: len(row.parameters)]
    flags = {name for weight in row.weights for name in (weight.when or "").split(" and ") if name}
    for flag in flags - {"proj_size"} | flags & signature.keys():
        assert bool(signature[flag].default) == bool(row.defaults.get(flag, True))
    assert {weight.unless for weight in row.weights} - {None} <= set(known)
