"""What `--with` finds in a program: the laws that its initializers, and those of its layers' defaults, are."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from initport.cli import main
from initport.diagnostics import InputError
from initport.explain.source_laws import laws_in

GRAPH = Path(__file__).parents[2] / "fixtures" / "graphs" / "seeds.meta"
TF = "import tensorflow as tf\n"

SOURCES = [
    ("import os\n", ()),
    (TF + "w = tf.Variable(tf.truncated_normal([3, 4], stddev=0.1))\n", ()),
    (TF + "i = tf.initializers.lecun_normal()\n", ("lecun_normal", "lecun_normal_uncorrected")),
    (TF + "i = tf.glorot_uniform_initializer()\n", ("glorot_uniform",)),
    (TF + "y = tf.layers.dense(x, 20)\n", ("glorot_uniform",)),
    (TF + "i = tf.variance_scaling_initializer(scale=2.0, mode='fan_out', distribution='uniform')\n",
     ("he_uniform_fan_out",)),
    (TF + "i = tf.contrib.layers.variance_scaling_initializer()\n", ("contrib_variance_scaling",)),
]  # fmt: skip


@pytest.mark.parametrize(("source", "laws"), SOURCES, ids=range(len(SOURCES)))
def test_laws(source: str, laws: tuple[str, ...]) -> None:
    assert laws_in(source.encode(), "model.py") == laws


def test_what_cannot_be_read_is_an_error() -> None:
    with pytest.raises(InputError):
        laws_in(b"# coding: klingon\n\xff", "model.py")


def explained(*arguments: str) -> str:
    ran = CliRunner().invoke(main, ["explain", str(GRAPH), *arguments])
    return ran.stdout + ran.stderr


def test_the_program_chooses_among_laws_of_one_number(tmp_path: Path) -> None:
    program = tmp_path / "model.py"
    program.write_text(TF + "i = tf.initializers.lecun_normal()\n")
    assert "stddev 0.25420678; lecun_normal or glorot_normal " in explained()
    assert "stddev 0.25420678; lecun_normal " in explained("--with", str(program))
    assert "stddev 0.25420678; glorot_normal " in explained("--laws", "glorot_normal")


def test_a_program_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    assert "`--with" in explained("--with", str(tmp_path / "none.py"))
