"""A saved graph as the source of a comparison, and a port that is named by its file."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.compare.port import is_factory

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("port:Net", True), ("package.port:Net", True), ("port.py:Net", True), ("some/where/port.py:Net", True),
        ("port.py", False), ("some/where/port:Net", False), ("net.prototxt", False), (None, False),
    ],
)  # fmt: skip
def test_what_names_a_factory(name: str | None, expected: bool) -> None:
    assert is_factory(name) is expected


def test_a_checkpoints_graph_against_a_port_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("torch")
    shutil.copy(ROOT / "fixtures" / "graphs" / "by_hand.meta", tmp_path / "model.ckpt.meta")
    (tmp_path / "ports").mkdir()
    shutil.copy(ROOT / "fixtures" / "guide" / "by_hand_port.py", tmp_path / "ports" / "port.py")
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(main, ["compare", "model.ckpt.meta", "ports/port.py:Net", "--effect", "0.2"])
    assert ran.exit_code == 1, ran.output
    assert "2 of 4 weights start as the source says, 2 start differently" in ran.output
    assert "PyTorch's own default: this weight was never set" in ran.output
