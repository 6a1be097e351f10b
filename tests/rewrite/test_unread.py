"""Frameworks that are not read are named, once a file."""

import pytest

from initport.diagnostics import Code
from tests.rewrite.rewriting import outcome


@pytest.mark.parametrize(
    "source",
    [
        "import haiku as hk\nx = hk.Linear(3)\n",
        "import flaxen\ninitializers.he(1)\n",
        "# import haiku\n# hk.initializers.Constant(1)\n",
        "import haiku as hk\ns = 'hk.initializers.Constant(1)'\n",
    ],
)
def test_noop(source: str) -> None:
    assert not outcome(source.encode()).findings


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("Flax", "from flax import linen as nn\na = nn.Dense(3, kernel_init=nn.initializers.he_normal())\n"),
        ("Haiku", "import haiku as hk\na = hk.Linear(3, w_init=hk.initializers.Constant(1))\n"),
        ("Caffe2", "from caffe2.python import brew\na = brew.fc(m, weight_init=('MSRAFill', {}))\n"),
        ("CNTK", "import cntk as C\na = C.layers.Dense(3, init=C.glorot_uniform())\n"),
    ],
)
def test_named_once(title: str, source: str) -> None:
    (found,) = outcome(source.encode()).findings
    assert found.code is Code.UNREAD_FRAMEWORK
    assert found.diagnostic.detail.startswith(f"{title}'s initializers")
    assert found.location.line in (1, 2)
    assert found.exit_code == 0
