"""What `codemod` reports of weights that nothing in the source starts, and of seeds that no longer reach the draws."""

import pytest

from initport.diagnostics import Code
from initport.source_code import codemod

TF = "import tensorflow as tf\n"
NET = f"""{TF}slim = tf.contrib.slim
def net(x):
    x = slim.conv2d(x, 3, [3, 3])
    x = tf.layers.batch_normalization(x)
"""


def told(source: str, code: Code, target: str) -> list[str]:
    found = codemod(source, target=target, path="net.py", versions=("tf=1.15.5",)).findings
    return [f"{item.location.line} {item.diagnostic.detail}" for item in found if item.diagnostic.code is code]


@pytest.mark.parametrize(
    "source",
    [
        "import torch\nfrom torch import nn\nfc = nn.Linear(3, 4)\n",
        f"{TF}x = tf.layers.batch_normalization(x)\n",
        f"{TF}x = tf.layers.flatten(x)\n",
        f"{TF}w = tf.get_variable('w', [3, 4])\n",
        "x = 1\n",
        "import tensorflow as tf\nx = (\n",
    ],
)
def test_nothing_is_reported(source: str) -> None:
    assert told(source, Code.DEFAULTS, "torch") == []


def test_defaults_of_the_keras_target_are_not_reported() -> None:
    assert told(NET, Code.DEFAULTS, "keras") == []


def test_defaults_that_differ_are_counted_by_kind() -> None:
    advice = "`initport explain --to torch` prints the lines that keep it in PyTorch"
    source = f"{NET}    return tf.layers.dense(tf.layers.dense(x, 4), 3)\n"
    assert told(source, Code.DEFAULTS, "torch") == [
        "4 the kernel of 1 conv layer starts by default as uniform, variance 1 / fan_avg, there as uniform, variance "
        f"1 / (3 * fan_in); {advice}",
        "4 the bias of 1 conv layer starts by default as constant 0, there as uniform, variance "
        f"groups / (3 * in * kernel); {advice}",
        "6 the kernel of 2 dense layers starts by default as uniform, variance 1 / fan_avg, there as uniform, variance "
        f"1 / (3 * fan_in); {advice}",
        "6 the bias of 2 dense layers starts by default as constant 0, there as uniform, variance 1 / (3 * in); "
        f"{advice}",
    ]


@pytest.mark.parametrize(
    ("call", "reported"),
    [
        ("tf.set_random_seed(1)", True),
        ("tf.random.set_random_seed(seed)", True),
        ("tf.compat.v1.set_random_seed(1)", True),
        ("set_random_seed(1)", False),
        ("print('tf.set_random_seed')", False),
    ],
)
def test_a_seed_that_does_not_reach_keras(call: str, reported: bool) -> None:
    source = f'{TF}{call}\nw = tf.get_variable("w", [3, 4], initializer=tf.contrib.layers.xavier_initializer())\n'
    found = told(source, Code.SEED, "keras")
    advice = "add `keras.utils.set_random_seed(SEED)`"
    assert [item.startswith("2 `") and advice in item for item in found] == [True] * reported


def test_a_seed_counts_only_where_the_file_changes() -> None:
    assert told(f"{TF}tf.set_random_seed(1)\n", Code.SEED, "keras") == []
