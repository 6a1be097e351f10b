"""A number that nobody knows by sight is explained on its line, wherever a comment can stand there."""

import pytest

from initport.emit.code import CUT_NOTE
from tests.rewrite.rewriting import bytes_after

IMPORT = "import tensorflow as tf\n"
OLD = "tf.contrib.layers.variance_scaling_initializer()"
NEW = 'tf.keras.initializers.VarianceScaling(2.6 * 0.7737413035499232, "fan_in", "truncated_normal")'
NOTE = f"  # {CUT_NOTE}"
LAYER = "tf.layers.conv2d(x, 3, 3, kernel_initializer={})"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LAYER.format("tf.zeros_initializer()"), LAYER.format("tf.keras.initializers.Zeros()")),
        (LAYER.format(OLD) + "  # as in the paper", LAYER.format(NEW) + "  # as in the paper"),
        (LAYER.format(OLD), LAYER.format(NEW) + NOTE),
        (LAYER.format(OLD) + "; y = 1", LAYER.format(NEW) + "; y = 1" + NOTE),
        (f"({LAYER.format(OLD)},\n 2)", f"({LAYER.format(NEW)},{NOTE}\n 2)"),
        (LAYER.format(OLD) + " + \\\n  1", LAYER.format(NEW) + " + \\\n  1" + NOTE),
        (f'f({LAYER.format(OLD)}, """a\nb""")', f'f({LAYER.format(NEW)}, """a\nb"""){NOTE}'),
        (f"{LAYER.format(OLD)}, {LAYER.format(OLD)}", f"{LAYER.format(NEW)}, {LAYER.format(NEW)}{NOTE}"),
        (f"import os; {LAYER.format(OLD)}", f"import os; {LAYER.format(NEW)}{NOTE}"),
    ],
)
@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_where_it_stands(before: str, after: str, end: str) -> None:
    newline = end or "\n"
    before, after = (f"{IMPORT}{text}".replace("\n", newline) + end for text in (before, after))
    assert bytes_after(before.encode()).decode() == after
    assert bytes_after(after.encode()).decode() == after
