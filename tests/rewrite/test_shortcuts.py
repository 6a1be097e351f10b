"""What is not read or parsed makes no difference: every example of the codemod both ways."""

from pathlib import Path

import pytest

from benchmarks.codemod import is_different
from initport.project.processes import Run

EXAMPLES = sorted((Path(__file__).parents[2] / "fixtures" / "codemod").glob("*.in.py"))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) > 50


@pytest.mark.parametrize("target", ["keras", "torch"])
def test_no_example_differs_when_everything_is_parsed(target: str) -> None:
    assert [path.name for path in EXAMPLES if is_different(str(path), Run(target=target))] == []


@pytest.mark.parametrize(
    "text",
    [
        "x = getattr(tf, name)\n",  # nothing that `getattr` could take
        "import numpy as np\nx = data.sample(3)\n",  # the last word of a path, and not those before it
        "'''tf.random_normal_initializer'''\nx = 1\n",
        "import tensorflow as tf\n# tf.random_normal_initializer()\n",
        "from tensorflow.keras import initializers\nx = getattr(initializers, name)()\n",
        "import numpy as np, tensorflow as tf\nr = np.random.RandomState(1)\nw = tf.Variable(r.normal(size=[3, 4]))\n",
        "import numpy.random as r, tensorflow as tf\nw = tf.Variable(r.normal(size=[3, 4]))\n",
        "from numpy import *\nimport tensorflow as tf\nw = tf.Variable(random.normal(size=[3, 4]))\n",
        "from mine import tf\nw = tf.Variable(tf.truncated_normal([3, 4]))\n",
        "import tensorflow as tf\nw = tf.Variable(getattr(tf, 'truncated_normal')([3, 4]))\n",
    ],
)
def test_small_texts_both_ways(text: str, tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text(text)
    assert not is_different(str(path), Run())
