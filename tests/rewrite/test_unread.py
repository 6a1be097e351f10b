"""Frameworks that are not read are named, once a file."""

import pytest

from initport.diagnostics import Code
from tests.rewrite.rewriting import outcome


@pytest.mark.parametrize(
    "source",
    [
        "import haiku as hk\nx = hk.Linear(3)\n",
        "import flaxen\ninitializers.he(1)\n",
        "# import mlx.nn as nn\n# nn.init.he_normal()\n",
        "import mlx.nn as nn\ns = 'nn.init.he_normal()'\n",
        "import mxnet as mx\narg_params = {}\nprint(arg_params['w'])\n",
    ],
)
def test_noop(source: str) -> None:
    assert not outcome(source.encode()).findings


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("MLX", "import mlx.nn as nn\na = nn.init.he_normal()\n"),
        ("tinygrad", "from tinygrad import Tensor\na = Tensor.kaiming_uniform(3, 4)\n"),
    ],
)
def test_named_once(title: str, source: str) -> None:
    (found,) = outcome(source.encode()).findings
    assert found.code is Code.UNREAD_FRAMEWORK
    assert found.diagnostic.detail.startswith(f"{title}'s initializers")
    assert found.location.line in (1, 2)
    assert found.exit_code == 0


def test_draws_that_fill_parameters_by_name_are_named() -> None:
    source = b"import mxnet as mx\narg_params = {}\narg_params['w'] = mx.random.normal(0, 0.01, shape=(3, 4))\n"
    (found,) = outcome(source).findings
    assert found.code is Code.UNREAD_FRAMEWORK
    assert found.diagnostic.detail.startswith("MXNet's draws that fill `arg_params` by name are not read")
    assert found.location.line == 3


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_python_counts_them(end: str) -> None:
    source = end.join(("x = 1", "import mlx.nn as nn", "a = nn.init.he_normal()", ""))
    (found,) = outcome(source.encode()).findings
    assert found.location.line == 3
