"""`compare`, `match` and `verify` on real models of the libraries on JAX.

Needs jax and the libraries, which CI installs in an environment of their own; skipped where they are not.
"""

from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("flax")
pytest.importorskip("haiku")
pytest.importorskip("equinox")

from click.testing import CliRunner

from initport.cli import main
from initport.compare.comparison import Comparison, Outcome, compare
from initport.compare.module_names import Naming, naming
from initport.compare.port import FactoryPort
from initport.conversion import read
from initport.testing import assert_same_initialization
from initport.verify.worker import FrameworkError
from tests.jax import ports

ROOT = str(Path(__file__).parent.parent.parent)
SOURCE = """
name: "small"
input: "data" input_shape { dim: 1 dim: 2 dim: 6 dim: 6 }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 30 kernel_size: 3
    weight_filler { type: "xavier" } bias_filler { type: "constant" value: 0.1 } } }
layer { name: "relu" type: "ReLU" bottom: "conv" top: "conv" }
layer { name: "fc" type: "InnerProduct" bottom: "conv" top: "fc"
  inner_product_param { num_output: 20 weight_filler { type: "xavier" } } }
"""
RIGHT = ("Nnx", "linen_right", "linen_compiled", "haiku_right", "equinox_right")


@cache
def matched(name: str) -> tuple[Comparison, Naming]:
    """What `compare` and `match` say of a port, which is built in one process for both."""
    model = read(SOURCE.encode()).model
    with FactoryPort(f"tests.jax.ports:{name}", path=[ROOT]) as port:
        names = naming(model, port, port.framework or "")
        return compare(model, port, source_name="small", port_name=name, effect=0.1), names


def compared(name: str) -> Comparison:
    return matched(name)[0]


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_port_is_the_same(name: str) -> None:
    found = compared(name)
    assert [row.outcome for row in found.rows] == [Outcome.SAME] * 4
    assert (found.exit_code, found.extra, found.dependent) == (0, (), ())


@pytest.mark.parametrize(
    ("name", "differing", "diagnosis", "mend"),
    [
        ("nnx_wrong", 2, "a gain of 2 too many", "kernel_init=jax.nn.initializers.lecun_uniform()"),
        ("nnx_default", 2, "Flax NNX's own default", "kernel_init=jax.nn.initializers.lecun_uniform()"),
        ("linen_wrong", 2, "Glorot where the source has LeCun", "kernel_init=jax.nn.initializers.lecun_uniform()"),
        ("haiku_default", 3, "Haiku's own default", "w_init=hk.initializers.VarianceScaling("),
        ("Equinox", 4, "Equinox's own default", "lecun_uniform(in_axis=1, out_axis=0) for conv.weight"),
    ],
)  # fmt: skip
def test_a_wrong_port_is_diagnosed(name: str, differing: int, diagnosis: str, mend: str) -> None:
    rows = [row for row in compared(name).rows if row.outcome is Outcome.DIFFERS]
    assert len(rows) == differing
    kernel = next(row for row in rows if row.source == "conv kernel")
    assert diagnosis in (kernel.diagnosis or "")
    assert mend in (kernel.mend or "")


def test_a_port_of_one_seed_is_no_sample_of_many() -> None:
    assert any("fixes a seed" in note for note in compared("nnx_one_seed").notes)


@pytest.mark.parametrize(
    ("name", "homes"),
    [
        ("Nnx", ["conv", "fc"]),
        ("linen_right", ["Conv_0", "Dense_0"]),
        ("haiku_right", ["conv", "fc"]),
        ("equinox_right", ["conv", "layers.1"]),
    ],
)
def test_layers_are_matched(name: str, homes: list[str]) -> None:
    found = matched(name)[1]
    assert [line.module for line in found.lines] == homes
    assert found.exit_code == 0


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("flax-nnx", "nnx_wrong"),
        ("flax-linen", "linen_wrong"),
        ("flax-linen", "linen_compiled"),
        ("haiku", "haiku_default"),
        ("equinox", "Equinox"),
    ],
)
def test_a_model_is_started_by_the_converted_lines(tmp_path: Path, target: str, name: str) -> None:
    file = tmp_path / "small.prototxt"
    file.write_text(SOURCE, encoding="utf-8")
    factory = f"{Path(ports.__file__)}:{name}"
    arguments = ["verify", str(file), "--to", target, "--model", factory, "--effect", "0.1"]
    found = CliRunner().invoke(main, arguments)
    assert found.exit_code == 0, found.output
    assert "4 of 4 weights start as the source says" in found.output


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("linen_alone", "a Linen module holds no parameters"),
        ("haiku_alone", "a transformed function holds no parameters"),
        ("needs_more", "the factory needs `width`"),
    ],
)
def test_what_is_no_model_is_reported(name: str, words: str) -> None:
    with pytest.raises(FrameworkError, match=words):
        FactoryPort(f"tests.jax.ports:{name}", path=[ROOT])


def test_the_assertion_takes_factories_that_ask_for_a_seed(tmp_path: Path) -> None:
    file = tmp_path / "small.prototxt"
    file.write_text(SOURCE, encoding="utf-8")
    assert_same_initialization(ports.Nnx, file, effect=0.1)
    with pytest.raises(AssertionError, match="a gain of 2 too many"):
        assert_same_initialization(ports.nnx_wrong, file, effect=0.1)
