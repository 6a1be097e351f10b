"""Ports of a small Caffe network to the libraries on JAX, right and wrong; imported in the process that builds them."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import haiku as hk
import jax
import jax.numpy as jnp
from flax import linen, nnx

INPUT = jnp.zeros((1, 6, 6, 2))
UNIFORM = jax.nn.initializers.lecun_uniform()
FILLED = jax.nn.initializers.constant(0.1)


class Nnx(nnx.Module):
    def __init__(self, rngs: nnx.Rngs, kernel: Callable[..., jax.Array] = UNIFORM) -> None:
        self.conv = nnx.Conv(2, 30, (3, 3), kernel_init=kernel, bias_init=FILLED, rngs=rngs)
        self.fc = nnx.Linear(480, 20, kernel_init=kernel, rngs=rngs)


def nnx_wrong(rngs: nnx.Rngs) -> Nnx:
    return Nnx(rngs, jax.nn.initializers.he_normal())


def nnx_default(rngs: nnx.Rngs) -> Nnx:
    return Nnx(rngs, jax.nn.initializers.lecun_normal())


def nnx_one_seed() -> Nnx:
    return Nnx(nnx.Rngs(0))


class Linen(linen.Module):
    kernel: Callable[..., jax.Array] = UNIFORM

    @linen.compact
    def __call__(self, x: Any) -> Any:
        x = linen.Conv(30, (3, 3), padding="VALID", kernel_init=self.kernel, bias_init=FILLED)(x)
        return linen.Dense(20, kernel_init=self.kernel)(x.reshape((1, -1)))


def linen_right(key: Any) -> Any:
    model = Linen()
    return model, model.init(key, INPUT)


def linen_compiled(key: Any) -> Any:
    return jax.jit(Linen().init)(key, INPUT)


def linen_wrong(key: Any) -> Any:
    model = Linen(jax.nn.initializers.glorot_uniform())
    return model, model.init(key, INPUT)


def linen_alone() -> Any:
    return Linen()


def _haiku(x: Any, kernel: Any = None, filled: Any = None) -> Any:
    x = hk.Conv2D(30, 3, padding="VALID", w_init=kernel, b_init=filled, name="conv")(x)
    return hk.Linear(20, w_init=kernel, name="fc")(hk.Flatten()(x))


def _haiku_right(x: Any) -> Any:
    init = hk.initializers
    kernel = init.VarianceScaling(1.0, "fan_in", "uniform")  # type: ignore[no-untyped-call, unused-ignore]
    return _haiku(x, kernel, init.Constant(0.1))


def haiku_right(key: Any) -> Any:
    net = hk.transform(_haiku_right)
    return net, net.init(key, INPUT)


def haiku_default(rng: Any) -> Any:
    return hk.transform(_haiku).init(rng, INPUT)


def haiku_alone() -> Any:
    return hk.transform(_haiku)


class Equinox(eqx.Module):
    conv: eqx.nn.Conv2d
    layers: list[Any]

    def __init__(self, key: Any) -> None:
        first, second = jax.random.split(key)
        self.conv = eqx.nn.Conv2d(2, 30, 3, key=first)
        self.layers = [jax.nn.relu, eqx.nn.Linear(480, 20, key=second)]


def equinox_right(key: Any) -> Equinox:
    keys = jax.random.split(key, 3)
    draw = jax.nn.initializers.lecun_uniform(in_axis=1, out_axis=0)
    values = [draw(keys[0], (30, 2, 3, 3)), jnp.full((30, 1, 1), 0.1), draw(keys[1], (20, 480)), jnp.zeros(20)]
    model: Equinox = eqx.tree_at(
        lambda m: [m.conv.weight, m.conv.bias, m.layers[1].weight, m.layers[1].bias], Equinox(keys[2]), values
    )
    return model


def needs_more(rngs: nnx.Rngs, width: int) -> Nnx:
    return Nnx(rngs)
