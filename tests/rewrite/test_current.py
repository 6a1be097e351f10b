"""Frameworks that people write for today: their code is rewritten where it is being ported, not in passing."""

import pytest

from initport.diagnostics import Code
from initport.project.processes import Run
from tests.rewrite.rewriting import outcome

LAYERS = {
    "flax": ("from flax import linen\nfrom jax.nn import initializers as init\n"
             "layer = linen.Dense(10, kernel_init=init.lecun_normal())\n", "jax", (0, 10)),
    "haiku": ("import haiku as hk\nlayer = hk.Linear(10, w_init=hk.initializers.RandomNormal(0.1))\n",
              "haiku", (0, 0, 17)),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("target", ["keras", "torch"])
def test_code_that_runs_today_stays_unless_its_version_is_stated(name: str, target: str) -> None:
    source, package, version = LAYERS[name]
    found = outcome(source.encode(), run=Run(target=target))
    (left,) = (item for item in found.findings if item.code is Code.REFUSED_SITE)
    assert not found.changes
    assert f"--source-version {package}=VERSION" in left.diagnostic.detail
    stated = Run(target=target, versions={package: version})
    assert outcome(source.encode(), run=stated).changes


def test_a_file_of_both_is_rewritten_where_it_is_legacy() -> None:
    legacy = (
        "import tensorflow as tf\nv = tf.get_variable('v', [3], initializer=tf.random_normal_initializer(stddev=1.0))\n"
    )
    (_, change) = sorted(
        outcome((legacy + LAYERS["flax"][0]).encode()).findings, key=lambda item: item.change is not None
    )
    assert change.subject == "tf.random_normal_initializer(stddev=1.0)"
