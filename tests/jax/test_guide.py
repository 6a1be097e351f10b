"""The example of the page on Flax."""

import importlib
import sys
from pathlib import Path

import pytest

pytest.importorskip("flax")

from initport.conversion import convert

ROOT = Path(__file__).parent.parent.parent
LENET = ROOT / "fixtures" / "convert" / "lenet" / "input.prototxt"


def test_lenet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "init_weights.py").write_text(convert(LENET.read_text(), target="flax-linen").text or "")
    (tmp_path / "lenet_flax.py").write_text((ROOT / "fixtures" / "guide" / "lenet_flax.py").read_text())
    monkeypatch.syspath_prepend(str(tmp_path))
    try:
        _, params = importlib.import_module("lenet_flax").build(0)
    finally:
        for name in ("lenet_flax", "init_weights"):
            sys.modules.pop(name, None)
    assert float(params["ip1"]["kernel"].var()) == pytest.approx(1 / 800, rel=0.02)
    assert float(params["conv2"]["bias"].min()) == pytest.approx(0.1)
