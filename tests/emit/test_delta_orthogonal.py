"""The functions that modules of code define for delta-orthogonal kernels, run."""

from pathlib import Path
from typing import Any

import pytest

from initport.conversion import convert

GRAPH = Path(__file__).parents[2] / "fixtures" / "graphs" / "orthogonal.meta"


def defined(target: str, name: str) -> Any:
    text = convert(GRAPH.read_bytes(), path=GRAPH.name, target=target).text
    assert text is not None
    module: dict[str, Any] = {"__name__": "emitted"}
    exec(compile(text, GRAPH.name, "exec"), module)
    return module[name]


@pytest.mark.parametrize("kernel", [(3, 3), (4, 2), (5,), (1, 1, 3)])
def test_torch(kernel: tuple[int, ...]) -> None:
    torch = pytest.importorskip("torch")
    weight = defined("torch", "delta_orthogonal_")(torch.full((9, 8, *kernel), torch.nan), gain=2)
    centre = weight[(..., *((size - 1) // 2 for size in kernel))]
    assert torch.allclose(centre.T @ centre, 4 * torch.eye(8), atol=1e-5)
    assert torch.isclose((weight**2).sum(), (centre**2).sum())


@pytest.mark.parametrize("kernel", [(3, 3), (4, 2), (5,)])
def test_keras(kernel: tuple[int, ...]) -> None:
    keras = pytest.importorskip("keras")
    numpy = pytest.importorskip("numpy")
    weight = keras.ops.convert_to_numpy(defined("keras", "delta_orthogonal")((*kernel, 8, 9), 2))
    assert weight.shape == (*kernel, 8, 9)
    centre = weight[tuple((size - 1) // 2 for size in kernel)]
    assert numpy.allclose(centre @ centre.T, 4 * numpy.eye(8), atol=1e-5)
    assert numpy.isclose((weight**2).sum(), (centre**2).sum())
