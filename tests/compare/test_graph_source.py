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


KERAS = """
import keras

def build(mean="zeros"):
    return keras.Sequential([
        keras.Input((16, 16, 3)),
        keras.layers.Conv2D(10, 3, kernel_initializer="he_normal", name="first"),
        keras.layers.BatchNormalization(moving_mean_initializer=mean, name="normalize"),
        keras.layers.Conv2D(14, 3, name="second"),
        keras.layers.Flatten(),
        keras.layers.Dense(11, bias_initializer=keras.initializers.Constant(0.1), name="last"),
    ])

def moved():
    return build("ones")
"""


@pytest.mark.parametrize(("factory", "expected"), [("build", 0), ("moved", 1)])
def test_what_keras_keeps_beside_the_parameters_is_compared(
    factory: str, expected: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A layer is matched by its parameters; its running statistics are then those of the same layer."""
    pytest.importorskip("keras")
    (tmp_path / "port.py").write_text(KERAS)
    monkeypatch.chdir(tmp_path)
    source = str(ROOT / "fixtures" / "graphs" / "layers_cnn.meta")
    ran = CliRunner().invoke(main, ["compare", source, "port.py:" + factory, "--effect", "0.3"])
    assert ran.exit_code == expected, ran.output
    different = "9 of 10 weights start as the source says, 1 start" in " ".join(ran.output.split())
    assert ("10 of 10 weights" in ran.output, different) == (expected == 0, expected == 1)
    rows = {
        line.split()[2]: line.split() for line in ran.output.splitlines() if "moving_" in line and "normalize." in line
    }
    assert rows["moving_mean"][0] == ("differs" if expected else "same")
    assert rows["moving_variance"][:4] == ["same", "norm", "moving_variance", "normalize.moving_variance"]
